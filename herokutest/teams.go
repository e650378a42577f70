package herokutest

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// AddTeam adds a team with its members. It panics if it can't be: a name or
// an id that is taken.
func (s *Server) AddTeam(t Team) Team {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, err := s.addTeam(clone(t))
	must("AddTeam", err)
	return clone(*v)
}

// AddMember adds a member to a team. It panics if there is no such team.
func (s *Server) AddMember(team string, m Member) Member {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.state.findTeam(team)
	if t == nil {
		panic(fmt.Sprintf("herokutest: AddMember: no team %q", team))
	}
	m = clone(m)
	must("AddMember", s.fillMember(t, &m))
	t.Members = append(t.Members, m)
	return m
}

func (s *Server) addTeam(t Team) (*Team, error) {
	if t.Name == "" {
		return nil, errors.New("a team without name")
	}
	if err := s.ident(&t.ID, "team", t.Name); err != nil {
		return nil, err
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
	for i := range t.Members {
		if err := s.fillMember(&t, &t.Members[i]); err != nil {
			return nil, fmt.Errorf("team %q: %w", t.Name, err)
		}
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

func (s *Server) wireMember(m *Member) obj {
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

// What every account sees alike.

type region struct {
	name, locale, country, description, provider string
	private                                      bool
}

var regions = []region{
	{"eu", "Ireland", "Ireland", "Europe", "eu-west-1", false},
	{"frankfurt", "Frankfurt", "Germany", "Frankfurt, Germany", "eu-central-1", true},
	{"dublin", "Dublin", "Ireland", "Dublin, Ireland", "eu-west-1", true},
	{"oregon", "Oregon", "United States", "Oregon, United States", "us-west-2", true},
	{"sydney", "Sydney", "Australia", "Sydney, Australia", "ap-southeast-2", true},
	{"tokyo", "Tokyo", "Japan", "Tokyo, Japan", "ap-northeast-1", true},
	{"us", "Virginia", "United States", "United States", "us-east-1", false},
	{"virginia", "Virginia", "United States", "Virginia, United States", "us-east-1", true},
}

func regionNames() []string {
	var names []string
	for _, r := range regions {
		names = append(names, r.name)
	}
	return names
}

// epoch dates what was always there.
var epoch = time.Date(2014, 1, 1, 0, 0, 0, 0, time.UTC)

func (s *Server) wireRegion(r region) obj {
	return obj{
		"country":         r.country,
		"created_at":      wireTime(epoch),
		"description":     r.description,
		"id":              s.fixedID("region", r.name),
		"locale":          r.locale,
		"name":            r.name,
		"private_capable": r.private,
		"provider":        obj{"name": "amazon-web-services", "region": r.provider},
		"updated_at":      wireTime(epoch),
	}
}

var stacks = []string{"cnb", "container", "heroku-22", "heroku-24"}

func (s *Server) wireStack(name string) obj {
	return obj{
		"created_at": wireTime(epoch),
		"default":    name == "heroku-24",
		"id":         s.fixedID("stack", name),
		"name":       name,
		"state":      "public",
		"updated_at": wireTime(epoch),
	}
}

func (s *Server) wireGeneration(name string) obj {
	return obj{
		"created_at": wireTime(epoch),
		"id":         s.fixedID("generation", name),
		"name":       name,
		"updated_at": wireTime(epoch),
	}
}

func (s *Server) wireAccount() obj {
	return obj{
		"allow_tracking":            false,
		"beta":                      false,
		"country_of_residence":      nil,
		"created_at":                wireTime(epoch),
		"default_organization":      nil,
		"default_team":              nil,
		"delinquent_at":             nil,
		"email":                     s.opts.Email,
		"federated":                 false,
		"id":                        s.fixedID("user", s.opts.Email),
		"identity_provider":         nil,
		"last_login":                nil,
		"name":                      nil,
		"sms_number":                nil,
		"suspended_at":              nil,
		"two_factor_authentication": true,
		"updated_at":                wireTime(epoch),
		"verified":                  true,
	}
}

func teamRoutes() {
	list("/teams", func(c *call) (listing[*Team], error) {
		l := listing[*Team]{
			fields:  byIDAndName(func(t *Team) string { return t.ID }, func(t *Team) string { return t.Name }),
			wire:    c.wireTeam,
			updated: func(t *Team) time.Time { return t.UpdatedAt },
		}
		for _, t := range c.state.teams {
			if _, denied := c.state.denied[t.ID]; !denied {
				l.items = append(l.items, t)
			}
		}
		return l, nil
	})
	get("/teams/{team}", func(c *call) (any, error) {
		t, err := c.team()
		if err != nil {
			return nil, err
		}
		c.modified = t.UpdatedAt
		return c.wireTeam(t), nil
	})
	handle("PATCH /teams/{team}", func(c *call) (int, any, error) {
		t, err := c.team()
		if err != nil {
			return 0, nil, err
		}
		var in struct {
			Name string `json:"name"`
		}
		if err := c.bind(&in); err != nil {
			return 0, nil, err
		}
		if other := c.state.findTeam(in.Name); other != nil && other != t {
			return 0, nil, errTaken(in.Name)
		}
		if in.Name != "" {
			c.renameTeam(t, in.Name)
		}
		t.UpdatedAt = c.stamp()
		return http.StatusOK, c.wireTeam(t), nil
	})
	list("/teams/{team}/members", func(c *call) (listing[*Member], error) {
		t, err := c.team()
		if err != nil {
			return listing[*Member]{}, err
		}
		l := listing[*Member]{
			// The schema names email alone; the provider's data source
			// heroku_team_members has always asked by id.
			fields: []field[*Member]{
				{name: "email", key: func(m *Member) string { return m.Email }},
				{name: "id", key: func(m *Member) string { return m.ID }},
			},
			wire:    c.wireMember,
			updated: func(m *Member) time.Time { return m.UpdatedAt },
		}
		for i := range t.Members {
			l.items = append(l.items, &t.Members[i])
		}
		return l, nil
	})
	for _, method := range []string{"PUT", "POST", "PATCH"} {
		handle(method+" /teams/{team}/members", func(c *call) (int, any, error) {
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
				if in.Role != "" {
					m.Role = in.Role
				}
				m.UpdatedAt = c.stamp()
				return http.StatusOK, c.wireMember(m), nil
			}
			if method == "PATCH" {
				return 0, nil, notFound("team_member", "team member")
			}
			m := Member{Email: in.Email, Role: in.Role, Federated: in.Federated}
			if err := c.fillMember(t, &m); err != nil {
				return 0, nil, refused(err)
			}
			t.Members = append(t.Members, m)
			return http.StatusCreated, c.wireMember(&m), nil
		})
	}
	handle("DELETE /teams/{team}/members/{id}", func(c *call) (int, any, error) {
		t, err := c.team()
		if err != nil {
			return 0, nil, err
		}
		is := func(m *Member) bool { return m.Email == c.args["id"] || m.ID == c.args["id"] }
		m := findIn(t.Members, is)
		if m == nil {
			return 0, nil, notFound("team_member", "team member")
		}
		o := c.wireMember(m)
		t.Members = slices.DeleteFunc(t.Members, func(m Member) bool { return is(&m) })
		return http.StatusOK, o, nil
	})

	get("/account", func(c *call) (any, error) { return c.wireAccount(), nil })
	get("/users/{user}", func(c *call) (any, error) { return c.wireAccount(), c.selfOnly() })
	list("/account/features", func(c *call) (listing[obj], error) { return objects(c.accountFeatures(), "id", "name"), nil })
	one := func(c *call) (obj, error) {
		for _, o := range c.accountFeatures() {
			if o["id"] == c.args["id"] || o["name"] == c.args["id"] {
				return o, nil
			}
		}
		return nil, notFound("account_feature", "account feature")
	}
	get("/account/features/{id}", func(c *call) (any, error) { return one(c) })
	handle("PATCH /account/features/{id}", func(c *call) (int, any, error) {
		o, err := one(c)
		if err != nil {
			return 0, nil, err
		}
		var in struct {
			Enabled bool `json:"enabled"`
		}
		if err := c.bind(&in); err != nil {
			return 0, nil, err
		}
		c.state.features[o["name"].(string)] = in.Enabled
		o["enabled"] = in.Enabled
		return http.StatusOK, o, nil
	})

	catalog("regions", "region", regionNames(), func(s *Server, name string) obj {
		return s.wireRegion(regions[slices.IndexFunc(regions, func(r region) bool { return r.name == name })])
	})
	catalog("stacks", "stack", stacks, (*Server).wireStack)
	catalog("generations", "generation", []string{Cedar, Fir}, (*Server).wireGeneration)
}

// catalog registers the list of something that is the same for all, and the
// read of one of them.
func catalog(path, kind string, names []string, wire func(*Server, string) obj) {
	list("/"+path, func(c *call) (listing[obj], error) {
		var all []obj
		for _, name := range names {
			all = append(all, wire(c.Server, name))
		}
		return objects(all, "id", "name"), nil
	})
	get("/"+path+"/{id}", func(c *call) (any, error) {
		for _, name := range names {
			if o := wire(c.Server, name); name == c.args["id"] || o["id"] == c.args["id"] {
				return o, nil
			}
		}
		return nil, notFound(kind, kind)
	})
}
