package herokutest

import (
	"errors"
	"net/http"
)

var spaceMembers = children[*Space, SpaceMember]{
	path: "/spaces/{space}/members", kind: "space app access",
	parent: (*call).space,
	of:     func(x *Space) *[]SpaceMember { return &x.Members },
	is:     func(m *SpaceMember, ref string) bool { return m.ID == ref || m.Email == ref },
	fill:   (*Server).fillSpaceMember,
	wire:   (*Server).wireSpaceMember,
	fields: byID(func(m *SpaceMember) string { return m.ID }),
}

func (s *Server) fillSpaceMember(x *Space, m *SpaceMember) error {
	if m.Email == "" {
		return errors.New("a space member without email")
	}
	if m.Permissions == nil {
		m.Permissions = []string{"create_apps"}
	}
	s.date(&m.CreatedAt, &m.UpdatedAt)
	return s.ident(&m.ID, "space-app-access", x.ID+" "+m.Email)
}

func (s *Server) wireSpaceMember(x *Space, m *SpaceMember) obj {
	perms := []obj{}
	for _, p := range m.Permissions {
		perms = append(perms, obj{"name": p, "description": "Can " + p + "."})
	}
	return obj{
		"created_at":  wireTime(m.CreatedAt),
		"id":          m.ID,
		"permissions": perms,
		"space":       obj{"id": x.ID, "name": x.Name},
		"updated_at":  wireTime(m.UpdatedAt),
		"user":        s.user(m.Email),
	}
}

func spaceMemberRoutes() {
	spaceMembers.read()
	type body struct {
		Permissions []struct {
			Name string `json:"name"`
		} `json:"permissions"`
	}
	// A member that isn't there yet is added.
	write("PATCH "+spaceMembers.path+"/{id}", http.StatusOK, (*call).space, func(c *call, x *Space, in body) (any, error) {
		ref := c.args["id"]
		m := findIn(x.Members, func(m *SpaceMember) bool { return spaceMembers.is(m, ref) })
		if m == nil {
			if _, err := spaceMembers.add(c.Server, x, SpaceMember{Email: ref}); err != nil {
				return nil, err
			}
			m = &x.Members[len(x.Members)-1]
		}
		m.Permissions, m.UpdatedAt = []string{}, c.stamp()
		for _, p := range in.Permissions {
			m.Permissions = append(m.Permissions, p.Name)
		}
		return c.wireSpaceMember(x, m), nil
	})
}
