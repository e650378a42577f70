package herokutest

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
)

// AddSpace adds a Private Space and returns it with everything filled in. It
// panics if it is invalid: an unknown team, a name that is taken.
func (s *Server) AddSpace(x Space) Space {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, err := s.addSpace(clone(x))
	must("AddSpace", err)
	return clone(*v)
}

func (s *Server) addSpace(x Space) (*Space, error) {
	if x.Name == "" {
		return nil, errors.New("a space without name")
	}
	t := s.state.findTeam(x.Team)
	if t == nil {
		return nil, fmt.Errorf("space %q: no team %q", x.Name, x.Team)
	}
	x.Team = t.ID
	if err := s.ident(&x.ID, "space", x.Name); err != nil {
		return nil, fmt.Errorf("space %q: %w", x.Name, err)
	}
	if s.state.findSpace(x.ID) != nil || s.state.findSpace(x.Name) != nil {
		return nil, fmt.Errorf("space %q: name or id is taken", x.Name)
	}
	s.date(&x.CreatedAt, &x.UpdatedAt)
	def(&x.Generation, Cedar)
	def(&x.Region, "virginia")
	def(&x.State, "allocated")
	def(&x.CIDR, "10.0.0.0/16")
	def(&x.DataCIDR, "10.1.0.0/16")
	if x.NAT == nil {
		x.NAT = []string{"203.0.113.1", "203.0.113.2", "203.0.113.3", "203.0.113.4"}
	}
	if x.Rulesets == nil {
		x.Rulesets = []Ruleset{{Rules: []Rule{{Action: "allow", Source: "0.0.0.0/0"}}}}
	}
	err := errors.Join(
		oneOf("generation", x.Generation, Cedar, Fir),
		oneOf("region", x.Region, regionNames()...),
		oneOf("state", x.State, "allocating", "allocated", "deleting"),
		rulesets.fillAll(s, &x),
		spaceMembers.fillAll(s, &x),
		vpns.fillAll(s, &x),
		peerings.fillAll(s, &x),
		telemetryOfSpaces.fillAll(s, &x),
	)
	if err != nil {
		return nil, fmt.Errorf("space %q: %w", x.Name, err)
	}
	s.state.spaces = append(s.state.spaces, &x)
	return &x, nil
}

func (s *Server) wireSpace(x *Space) obj {
	t := s.state.findTeam(x.Team)
	return obj{
		"cidr":         x.CIDR,
		"created_at":   wireTime(x.CreatedAt),
		"data_cidr":    x.DataCIDR,
		"generation":   s.named("generation", x.Generation),
		"id":           x.ID,
		"name":         x.Name,
		"organization": obj{"name": t.Name},
		"region":       s.named("region", x.Region),
		"shield":       x.Shield,
		"state":        x.State,
		"team":         obj{"id": t.ID, "name": t.Name},
		"updated_at":   wireTime(x.UpdatedAt),
	}
}

func spaceRoutes() {
	list("/spaces", (*call).account, func(c *call, st *state) listing[*Space] {
		return visible(c, st.spaces, c.wireSpace, nil)
	})
	list("/teams/{team}/spaces", (*call).team, func(c *call, t *Team) listing[*Space] {
		return visible(c, c.state.spaces, c.wireSpace, func(x *Space) bool { return x.Team == t.ID })
	})
	getResource("/spaces/{space}", (*call).space, (*Server).wireSpace)
	type body struct {
		Name       string `json:"name"`
		Team       ref    `json:"team"`
		Region     ref    `json:"region"`
		Shield     bool   `json:"shield"`
		CIDR       string `json:"cidr"`
		DataCIDR   string `json:"data_cidr"`
		Generation ref    `json:"generation"`
	}
	write("POST /spaces", http.StatusCreated, (*call).account, func(c *call, _ *state, in body) (any, error) {
		x, err := c.addSpace(Space{Name: in.Name, Team: string(in.Team), Region: c.catalogName("region", in.Region), Shield: in.Shield,
			CIDR: in.CIDR, DataCIDR: in.DataCIDR, Generation: string(in.Generation)})
		if err != nil {
			return nil, err
		}
		return c.wireSpace(x), nil
	})
	renameResource("/spaces/{space}", (*call).space, (*Server).wireSpace, func(c *call, x *Space, name string) error {
		if other := c.state.findSpace(name); other != nil && other != x {
			return errTaken(name)
		}
		x.Name = name
		return nil
	})
	remove("/spaces/{space}", (*call).space, func(c *call, x *Space) any { return c.wireSpace(x) }, func(c *call, x *Space) error {
		for _, a := range c.state.apps {
			if a.Space == x.ID {
				return invalid("The space %s still has apps", x.Name)
			}
		}
		c.state.spaces = slices.DeleteFunc(c.state.spaces, func(y *Space) bool { return y == x })
		return nil
	})
	get("/spaces/{space}/nat", (*call).space, func(_ *call, x *Space) any {
		return obj{
			"created_at": wireTime(x.CreatedAt),
			"sources":    nonNil(x.NAT),
			"state":      "enabled",
			"updated_at": wireTime(x.UpdatedAt),
		}
	})
}
