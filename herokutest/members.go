package herokutest

import (
	"cmp"
	"errors"
	"net/http"
	"time"
)

var members = children[*Team, Member]{
	path: "/teams/{team}/members", kind: "team member",
	parent: (*call).team,
	of:     func(t *Team) *[]Member { return &t.Members },
	is:     func(m *Member, ref string) bool { return m.Email == ref || m.ID == ref },
	fill:   (*Server).fillMember,
	wire:   (*Server).wireMember,
	// The schema names email alone; the provider's data source
	// heroku_team_members has always asked by id.
	fields: []field[*Member]{
		{name: "email", key: func(m *Member) string { return m.Email }},
		{name: "id", key: func(m *Member) string { return m.ID }},
	},
	updated: func(m *Member) time.Time { return m.UpdatedAt },
}

// AddMember adds a member to a team. It panics if there is no such team.
func (s *Server) AddMember(team string, m Member) Member {
	return addChild(s, "AddMember", members, (*Server).mustTeam, team, m)
}

func (s *Server) fillMember(t *Team, m *Member) error {
	if m.Email == "" {
		return errors.New("a member without email")
	}
	if err := s.ident(&m.ID, "team-member", t.ID+" "+m.Email); err != nil {
		return err
	}
	s.date(&m.CreatedAt, &m.UpdatedAt)
	def(&m.Role, "member")
	return nil
}

func (s *Server) wireMember(_ *Team, m *Member) obj {
	return obj{
		"created_at":                wireTime(m.CreatedAt),
		"email":                     m.Email,
		"federated":                 m.Federated,
		"id":                        m.ID,
		"identity_provider":         nil,
		"role":                      wordOrNull(m.Role),
		"two_factor_authentication": m.TwoFactor,
		"updated_at":                wireTime(m.UpdatedAt),
		"user":                      obj{"email": m.Email, "id": s.fixedID("user", m.Email), "name": orNull(m.Name)},
	}
}

func memberRoutes() {
	members.list()
	members.remove()
	for _, method := range []string{"PUT", "POST", "PATCH"} {
		handle(method+" "+members.path, (*call).putMember)
	}
}

// putMember changes a member; PUT and POST add one that isn't there.
func (c *call) putMember() (int, any, error) {
	t, err := c.team()
	if err != nil {
		return 0, nil, err
	}
	var in struct {
		Email     string `json:"email"`
		Role      string `json:"role"`
		Federated bool   `json:"federated"`
	}
	if err := c.bind(&in); err != nil {
		return 0, nil, err
	}
	if m := findIn(t.Members, func(m *Member) bool { return m.Email == in.Email }); m != nil {
		m.Role, m.UpdatedAt = cmp.Or(in.Role, m.Role), c.stamp()
		return http.StatusOK, c.wireMember(t, m), nil
	}
	if c.r.Method == http.MethodPatch {
		return 0, nil, notFound(members.kind)
	}
	m, err := members.add(c.Server, t, Member{Email: in.Email, Role: in.Role, Federated: in.Federated})
	if err != nil {
		return 0, nil, err
	}
	return http.StatusCreated, c.wireMember(t, &m), nil
}
