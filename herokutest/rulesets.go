package herokutest

import (
	"net/http"
)

var rulesets = children[*Space, Ruleset]{
	path: "/spaces/{space}/inbound-rulesets", kind: "inbound ruleset",
	parent: (*call).space,
	of:     func(x *Space) *[]Ruleset { return &x.Rulesets },
	is:     func(r *Ruleset, ref string) bool { return r.ID == ref },
	fill:   (*Server).fillRuleset,
	wire:   (*Server).wireRuleset,
	fields: byID(func(r *Ruleset) string { return r.ID }),
}

// currentRuleset returns the ruleset that is in force in {space}.
func (c *call) currentRuleset() (childOf[*Space, Ruleset], error) {
	x, err := c.space()
	if err != nil {
		return childOf[*Space, Ruleset]{}, err
	}
	if len(x.Rulesets) == 0 {
		return childOf[*Space, Ruleset]{}, notFound(rulesets.kind)
	}
	return childOf[*Space, Ruleset]{x, &x.Rulesets[len(x.Rulesets)-1]}, nil
}

func (s *Server) fillRuleset(x *Space, r *Ruleset) error {
	if err := s.ident(&r.ID, "inbound-ruleset", x.ID); err != nil {
		return err
	}
	s.date(&r.CreatedAt, &r.CreatedAt)
	def(&r.CreatedBy, s.who())
	r.Rules = nonNil(r.Rules)
	for _, rule := range r.Rules {
		if err := oneOf("action of rule", rule.Action, "allow", "deny"); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) wireRuleset(x *Space, r *Ruleset) obj {
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

func rulesetRoutes() {
	type body struct {
		Rules []Rule `json:"rules"`
	}
	rulesets.read()
	get("/spaces/{space}/inbound-ruleset", (*call).currentRuleset, rulesets.show)
	write("PUT /spaces/{space}/inbound-ruleset", http.StatusOK, (*call).space, func(c *call, x *Space, in body) (any, error) {
		r, err := rulesets.add(c.Server, x, Ruleset{Rules: in.Rules})
		if err != nil {
			return nil, err
		}
		return c.wireRuleset(x, &r), nil
	})
}
