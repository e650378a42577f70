package herokutest

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// AddSpace adds a Private Space and returns it with everything filled in. It
// panics if it can't be: an unknown team, a name that is taken.
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
		return nil, err
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
	errs := []error{
		oneOf("generation", x.Generation, Cedar, Fir),
		oneOf("region", x.Region, regionNames()...),
		oneOf("state", x.State, "allocating", "allocated", "deleting"),
	}
	if x.Rulesets == nil {
		x.Rulesets = []Ruleset{{Rules: []Rule{{Action: "allow", Source: "0.0.0.0/0"}}}}
	}
	for i := range x.Rulesets {
		errs = append(errs, s.fillRuleset(&x, &x.Rulesets[i]))
	}
	for i := range x.Members {
		errs = append(errs, s.fillSpaceMember(&x, &x.Members[i]))
	}
	for i := range x.VPNs {
		errs = append(errs, s.fillVPN(&x, &x.VPNs[i]))
	}
	for i := range x.Peerings {
		p := &x.Peerings[i]
		def(&p.ID, "pcx-"+s.newHex("peering", x.ID, 12))
		def(&p.Type, "customer-managed")
		def(&p.Status, "active")
		def(&p.VPC, "vpc-"+fmt.Sprintf("%x", s.digest("vpc", p.ID, 0))[:12])
		def(&p.AWSRegion, "us-east-1")
		def(&p.AWSAccount, "123456789012")
		if p.CIDRs == nil {
			p.CIDRs = []string{"10.2.0.0/16"}
		}
		if p.Expires.IsZero() {
			p.Expires = s.stamp().AddDate(0, 0, 7)
		}
		errs = append(errs, oneOf("type of peering", p.Type, "heroku-managed", "customer-managed", "unknown"))
	}
	for i := range x.TelemetryDrains {
		errs = append(errs, s.fillTelemetryDrain(x.ID, &x.TelemetryDrains[i]))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("space %q: %w", x.Name, err)
	}
	s.state.spaces = append(s.state.spaces, &x)
	return &x, nil
}

func (s *Server) fillRuleset(x *Space, r *Ruleset) error {
	if err := s.ident(&r.ID, "inbound-ruleset", x.ID); err != nil {
		return err
	}
	s.date(&r.CreatedAt, &r.CreatedAt)
	def(&r.CreatedBy, s.opts.Email)
	r.Rules = nonNil(r.Rules)
	for _, rule := range r.Rules {
		if err := oneOf("action of rule", rule.Action, "allow", "deny"); err != nil {
			return err
		}
	}
	return nil
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

func (s *Server) fillVPN(x *Space, v *VPN) error {
	if v.Name == "" {
		return errors.New("a VPN connection without name")
	}
	if err := s.ident(&v.ID, "vpn-connection", x.ID+" "+v.Name); err != nil {
		return err
	}
	def(&v.Status, "active")
	def(&v.IKEVersion, 1)
	v.RoutableCIDRs = nonNil(v.RoutableCIDRs)
	if v.Tunnels == nil {
		v.Tunnels = []Tunnel{{IP: "198.51.100.1", CustomerIP: v.PublicIP}, {IP: "198.51.100.2", CustomerIP: v.PublicIP}}
	}
	for i := range v.Tunnels {
		t := &v.Tunnels[i]
		def(&t.Status, "UP")
		def(&t.PreSharedKey, fmt.Sprintf("%x", s.digest("pre-shared-key", v.ID, i))[:32])
		if t.LastStatusChange.IsZero() {
			t.LastStatusChange = s.stamp()
		}
		if err := oneOf("status of tunnel", t.Status, "UP", "DOWN"); err != nil {
			return err
		}
	}
	return oneOf("status of VPN connection", v.Status, "pending", "provisioning", "active", "deprovisioning", "failed")
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

func wireRuleset(x *Space, r *Ruleset) obj {
	rules := []obj{}
	for _, rule := range r.Rules {
		rules = append(rules, obj{"action": rule.Action, "source": rule.Source})
	}
	return obj{
		"created_at": wireTime(r.CreatedAt),
		"created_by": r.CreatedBy,
		"id":         r.ID,
		"rules":      rules,
		"space":      obj{"id": x.ID, "name": x.Name},
	}
}

func wireVPN(x *Space, v *VPN) obj {
	tunnels := []obj{}
	for _, t := range v.Tunnels {
		tunnels = append(tunnels, obj{
			"customer_ip":        t.CustomerIP,
			"ip":                 t.IP,
			"last_status_change": wireTime(t.LastStatusChange),
			"pre_shared_key":     t.PreSharedKey,
			"status":             t.Status,
			"status_message":     t.StatusMessage,
		})
	}
	return obj{
		"id":               v.ID,
		"ike_version":      v.IKEVersion,
		"name":             v.Name,
		"public_ip":        v.PublicIP,
		"routable_cidrs":   v.RoutableCIDRs,
		"space_cidr_block": x.CIDR,
		"status":           v.Status,
		"status_message":   v.StatusMessage,
		"tunnels":          tunnels,
	}
}

func wirePeering(p *Peering) obj {
	return obj{
		"aws_account_id": p.AWSAccount,
		"aws_region":     p.AWSRegion,
		"aws_vpc_id":     p.VPC,
		"cidr_blocks":    nonNil(p.CIDRs),
		"expires":        wireTime(p.Expires),
		"pcx_id":         p.ID,
		"status":         p.Status,
		"type":           p.Type,
	}
}

func (c *call) spaceList(keep func(*Space) bool) listing[*Space] {
	l := listing[*Space]{
		fields:  byIDAndName(func(x *Space) string { return x.ID }, func(x *Space) string { return x.Name }),
		wire:    c.wireSpace,
		updated: func(x *Space) time.Time { return x.UpdatedAt },
	}
	for _, x := range c.state.spaces {
		if _, denied := c.state.denied[x.ID]; !denied && keep(x) {
			l.items = append(l.items, x)
		}
	}
	return l
}

// inSpace finds one of the things a space holds.
func inSpace[T any](c *call, kind string, all func(*Space) []T, is func(v *T, ref string) bool) (*Space, *T, error) {
	x, err := c.space()
	if err != nil {
		return nil, nil, err
	}
	v := findIn(all(x), func(v *T) bool { return is(v, c.args["id"]) })
	if v == nil {
		return nil, nil, notFound(kind, kind)
	}
	return x, v, nil
}

// spaceChildren registers the list of the things of one kind that a space
// holds, and the read of one of them.
func spaceChildren[T any](path, kind string, all func(*Space) []T, is func(*T, string) bool, wire func(*Server, *Space, *T) obj, key string) {
	list("/spaces/{space}/"+path, func(c *call) (listing[obj], error) {
		x, err := c.space()
		if err != nil {
			return listing[obj]{}, err
		}
		var out []obj
		items := all(x)
		for i := range items {
			out = append(out, wire(c.Server, x, &items[i]))
		}
		return objects(out, key), nil
	})
	get("/spaces/{space}/"+path+"/{id}", func(c *call) (any, error) {
		x, v, err := inSpace(c, kind, all, is)
		if err != nil {
			return nil, err
		}
		return wire(c.Server, x, v), nil
	})
}

func spaceRoutes() {
	list("/spaces", func(c *call) (listing[*Space], error) {
		return c.spaceList(func(*Space) bool { return true }), nil
	})
	list("/teams/{team}/spaces", func(c *call) (listing[*Space], error) {
		t, err := c.team()
		return c.spaceList(func(x *Space) bool { return t != nil && x.Team == t.ID }), err
	})
	get("/spaces/{space}", func(c *call) (any, error) {
		x, err := c.space()
		if err != nil {
			return nil, err
		}
		c.modified = x.UpdatedAt
		return c.wireSpace(x), nil
	})
	handle("POST /spaces", func(c *call) (int, any, error) {
		var in struct {
			Name       string `json:"name"`
			Team       string `json:"team"`
			Region     string `json:"region"`
			Shield     bool   `json:"shield"`
			CIDR       string `json:"cidr"`
			DataCIDR   string `json:"data_cidr"`
			Generation string `json:"generation"`
		}
		if err := c.bind(&in); err != nil {
			return 0, nil, err
		}
		x, err := c.addSpace(Space{Name: in.Name, Team: in.Team, Region: in.Region, Shield: in.Shield,
			CIDR: in.CIDR, DataCIDR: in.DataCIDR, Generation: in.Generation})
		if err != nil {
			return 0, nil, refused(err)
		}
		return http.StatusCreated, c.wireSpace(x), nil
	})
	handle("PATCH /spaces/{space}", func(c *call) (int, any, error) {
		x, err := c.space()
		if err != nil {
			return 0, nil, err
		}
		var in struct {
			Name string `json:"name"`
		}
		if err := c.bind(&in); err != nil {
			return 0, nil, err
		}
		if other := c.state.findSpace(in.Name); other != nil && other != x {
			return 0, nil, errTaken(in.Name)
		}
		x.Name, x.UpdatedAt = cmp.Or(in.Name, x.Name), c.stamp()
		return http.StatusOK, c.wireSpace(x), nil
	})
	handle("DELETE /spaces/{space}", func(c *call) (int, any, error) {
		x, err := c.space()
		if err != nil {
			return 0, nil, err
		}
		for _, a := range c.state.apps {
			if a.Space == x.ID {
				return 0, nil, invalid("The space %s still has apps", x.Name)
			}
		}
		o := c.wireSpace(x)
		c.state.spaces = slices.DeleteFunc(c.state.spaces, func(y *Space) bool { return y == x })
		return http.StatusOK, o, nil
	})
	get("/spaces/{space}/nat", func(c *call) (any, error) {
		x, err := c.space()
		if err != nil {
			return nil, err
		}
		return obj{
			"created_at": wireTime(x.CreatedAt),
			"sources":    nonNil(x.NAT),
			"state":      "enabled",
			"updated_at": wireTime(x.UpdatedAt),
		}, nil
	})

	spaceMembers := func(x *Space) []SpaceMember { return x.Members }
	isMember := func(m *SpaceMember, ref string) bool { return m.ID == ref || m.Email == ref }
	spaceChildren("members", "space_app_access", spaceMembers, isMember, (*Server).wireSpaceMember, "id")
	handle("PATCH /spaces/{space}/members/{id}", func(c *call) (int, any, error) {
		x, err := c.space()
		if err != nil {
			return 0, nil, err
		}
		var in struct {
			Permissions []struct {
				Name string `json:"name"`
			} `json:"permissions"`
		}
		if err := c.bind(&in); err != nil {
			return 0, nil, err
		}
		m := findIn(x.Members, func(m *SpaceMember) bool { return isMember(m, c.args["id"]) })
		if m == nil {
			add := SpaceMember{Email: c.args["id"]}
			if err := c.fillSpaceMember(x, &add); err != nil {
				return 0, nil, refused(err)
			}
			x.Members = append(x.Members, add)
			m = &x.Members[len(x.Members)-1]
		}
		m.Permissions, m.UpdatedAt = []string{}, c.stamp()
		for _, p := range in.Permissions {
			m.Permissions = append(m.Permissions, p.Name)
		}
		return http.StatusOK, c.wireSpaceMember(x, m), nil
	})

	spaceChildren("inbound-rulesets", "inbound_ruleset", func(x *Space) []Ruleset { return x.Rulesets },
		func(r *Ruleset, ref string) bool { return r.ID == ref },
		func(_ *Server, x *Space, r *Ruleset) obj { return wireRuleset(x, r) }, "id")
	get("/spaces/{space}/inbound-ruleset", func(c *call) (any, error) {
		x, err := c.space()
		if err != nil {
			return nil, err
		}
		if len(x.Rulesets) == 0 {
			return nil, notFound("inbound_ruleset", "inbound ruleset")
		}
		return wireRuleset(x, &x.Rulesets[len(x.Rulesets)-1]), nil
	})
	handle("PUT /spaces/{space}/inbound-ruleset", func(c *call) (int, any, error) {
		x, err := c.space()
		if err != nil {
			return 0, nil, err
		}
		var in struct {
			Rules []Rule `json:"rules"`
		}
		if err := c.bind(&in); err != nil {
			return 0, nil, err
		}
		r := Ruleset{Rules: in.Rules}
		if err := c.fillRuleset(x, &r); err != nil {
			return 0, nil, refused(err)
		}
		x.Rulesets = append(x.Rulesets, r)
		return http.StatusOK, wireRuleset(x, &r), nil
	})

	vpns := func(x *Space) []VPN { return x.VPNs }
	isVPN := func(v *VPN, ref string) bool { return v.ID == ref || v.Name == ref }
	spaceChildren("vpn-connections", "vpn_connection", vpns, isVPN,
		func(_ *Server, x *Space, v *VPN) obj { return wireVPN(x, v) }, "id")
	handle("POST /spaces/{space}/vpn-connections", func(c *call) (int, any, error) {
		x, err := c.space()
		if err != nil {
			return 0, nil, err
		}
		var in struct {
			Name          string   `json:"name"`
			PublicIP      string   `json:"public_ip"`
			RoutableCIDRs []string `json:"routable_cidrs"`
		}
		if err := c.bind(&in); err != nil {
			return 0, nil, err
		}
		v := VPN{Name: in.Name, PublicIP: in.PublicIP, RoutableCIDRs: in.RoutableCIDRs}
		if err := c.fillVPN(x, &v); err != nil {
			return 0, nil, refused(err)
		}
		x.VPNs = append(x.VPNs, v)
		return http.StatusCreated, wireVPN(x, &v), nil
	})
	handle("DELETE /spaces/{space}/vpn-connections/{id}", func(c *call) (int, any, error) {
		x, v, err := inSpace(c, "vpn_connection", vpns, isVPN)
		if err != nil {
			return 0, nil, err
		}
		o, id := wireVPN(x, v), v.ID
		x.VPNs = slices.DeleteFunc(x.VPNs, func(v VPN) bool { return v.ID == id })
		return http.StatusOK, o, nil
	})

	peerings := func(x *Space) []Peering { return x.Peerings }
	isPeering := func(p *Peering, ref string) bool { return p.ID == ref }
	spaceChildren("peerings", "peering", peerings, isPeering,
		func(_ *Server, _ *Space, p *Peering) obj { return wirePeering(p) }, "pcx_id")
	handle("POST /spaces/{space}/peerings/{id}/actions/accept", func(c *call) (int, any, error) {
		_, p, err := inSpace(c, "peering", peerings, isPeering)
		if err != nil {
			return 0, nil, err
		}
		p.Status = "active"
		return http.StatusOK, wirePeering(p), nil
	})
	handle("DELETE /spaces/{space}/peerings/{id}", func(c *call) (int, any, error) {
		x, p, err := inSpace(c, "peering", peerings, isPeering)
		if err != nil {
			return 0, nil, err
		}
		o, id := wirePeering(p), p.ID
		x.Peerings = slices.DeleteFunc(x.Peerings, func(p Peering) bool { return p.ID == id })
		return http.StatusOK, o, nil
	})
	get("/spaces/{space}/peering-info", func(c *call) (any, error) {
		x, err := c.space()
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(regions, func(r region) bool { return r.name == x.Region })
		return obj{
			"aws_account_id":          "210987654321",
			"aws_region":              regions[i].provider,
			"dyno_cidr_blocks":        []string{"10.0.16.0/20"},
			"space_cidr_blocks":       []string{"10.0.0.0/20"},
			"unavailable_cidr_blocks": []string{"172.17.0.0/16"},
			"vpc_cidr":                x.CIDR,
			"vpc_id":                  "vpc-" + fmt.Sprintf("%x", c.digest("vpc", x.ID, 0))[:12],
		}, nil
	})
	list("/spaces/{space}/telemetry-drains", func(c *call) (listing[obj], error) {
		x, err := c.space()
		if err != nil {
			return listing[obj]{}, err
		}
		var all []obj
		for i := range x.TelemetryDrains {
			all = append(all, wireTelemetryDrain("space", x.ID, &x.TelemetryDrains[i]))
		}
		return objects(all, "id"), nil
	})
}
