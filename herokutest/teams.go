package herokutest

import (
	"errors"
	"fmt"
)

// AddTeam adds a team with its members. It panics if it is invalid: a name or
// an id that is taken.
func (s *Server) AddTeam(t Team) Team {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, err := s.addTeam(clone(t))
	must("AddTeam", err)
	return clone(*v)
}

func (s *Server) addTeam(t Team) (*Team, error) {
	if t.Name == "" {
		return nil, errors.New("a team without name")
	}
	if err := s.ident(&t.ID, "team", t.Name); err != nil {
		return nil, fmt.Errorf("team %q: %w", t.Name, err)
	}
	if s.state.findTeam(t.ID) != nil || s.state.findTeam(t.Name) != nil {
		return nil, fmt.Errorf("team %q: name or id is taken", t.Name)
	}
	s.date(&t.CreatedAt, &t.UpdatedAt)
	def(&t.Type, "team")
	def(&t.Role, "admin")
	if err := oneOf("type of team", t.Type, "team", "enterprise"); err != nil {
		return nil, err
	}
	if err := errors.Join(members.fillAll(s, &t), invitations.fillAll(s, &t)); err != nil {
		return nil, fmt.Errorf("team %q: %w", t.Name, err)
	}
	s.state.teams = append(s.state.teams, &t)
	return &t, nil
}

// renameTeam gives a team another name, which the address that owns its apps
// follows.
func (s *Server) renameTeam(t *Team, name string) {
	old, owner := t.Name+"@herokumanager.com", name+"@herokumanager.com"
	for _, a := range s.state.apps {
		if a.Team != t.ID || a.Owner != old {
			continue
		}
		a.Owner = owner
		if v := findIn(a.Collaborators, func(v *Collaborator) bool { return v.Email == old }); v != nil {
			v.Email = owner
		}
	}
	t.Name = name
}

func (s *Server) wireTeam(t *Team) obj {
	return obj{
		"created_at":              wireTime(t.CreatedAt),
		"credit_card_collections": true,
		"default":                 false,
		"enterprise_account":      nil,
		"id":                      t.ID,
		"identity_provider":       nil,
		"membership_limit":        nil,
		"name":                    t.Name,
		"provisioned_licenses":    t.Type == "enterprise",
		"role":                    wordOrNull(t.Role),
		"type":                    t.Type,
		"updated_at":              wireTime(t.UpdatedAt),
	}
}

func teamRoutes() {
	list("/teams", (*call).account, func(c *call, st *state) listing[*Team] {
		return visible(c, st.teams, c.wireTeam, nil)
	})
	getResource("/teams/{team}", (*call).team, (*Server).wireTeam)
	renameResource("/teams/{team}", (*call).team, (*Server).wireTeam, func(c *call, t *Team, name string) error {
		if other := c.state.findTeam(name); other != nil && other != t {
			return errTaken(name)
		}
		c.renameTeam(t, name)
		return nil
	})
}
