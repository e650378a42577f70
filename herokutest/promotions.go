package herokutest

import (
	"cmp"
	"fmt"
	"net/http"
)

// AddPromotion adds a promotion that has happened; it releases nothing. Its
// pipeline and apps may be gone, if they are named by UUID. It panics if one
// named otherwise is unknown.
func (s *Server) AddPromotion(p Promotion) Promotion {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, err := s.addPromotion(clone(p))
	must("AddPromotion", err)
	return clone(*v)
}

func (s *Server) addPromotion(p Promotion) (*Promotion, error) {
	// A promotion outlives its pipeline and apps, so a UUID may be of one that
	// is gone.
	if pipe := s.state.findPipeline(p.Pipeline); pipe != nil {
		p.Pipeline = pipe.ID
	} else if !uuidForm.MatchString(p.Pipeline) {
		return nil, fmt.Errorf("no pipeline %q", p.Pipeline)
	}
	a := s.state.findApp(p.Source)
	if a != nil {
		p.Source = a.ID
	} else if !uuidForm.MatchString(p.Source) {
		return nil, fmt.Errorf("no app %q", p.Source)
	}
	if p.Release == "" {
		if a == nil || a.current() == nil {
			return nil, fmt.Errorf("app %q has no current release", p.Source)
		}
		p.Release = a.current().ID
	}
	if err := s.ident(&p.ID, "pipeline-promotion", p.Pipeline); err != nil {
		return nil, err
	}
	s.date(&p.CreatedAt, &p.UpdatedAt)
	def(&p.Status, "completed")
	for i := range p.Targets {
		t := &p.Targets[i]
		if to := s.state.findApp(t.App); to != nil {
			t.App = to.ID
		} else if !uuidForm.MatchString(t.App) {
			return nil, fmt.Errorf("no app %q", t.App)
		}
		def(&t.Status, Succeeded)
		if err := s.ident(&t.ID, "pipeline-promotion-target", p.ID+" "+t.App); err != nil {
			return nil, err
		}
	}
	s.state.promotions = append(s.state.promotions, &p)
	return &p, nil
}

func wirePromotion(p *Promotion) obj {
	return obj{
		"created_at": wireTime(p.CreatedAt),
		"id":         p.ID,
		"pipeline":   obj{"id": p.Pipeline},
		"source":     obj{"app": obj{"id": p.Source}, "release": obj{"id": p.Release}},
		"status":     p.Status,
		"updated_at": wireTime(p.UpdatedAt),
	}
}

func wireTarget(p *Promotion, t *PromotionTarget) obj {
	o := obj{
		"app":                obj{"id": t.App},
		"error_message":      orNull(t.ErrorMessage),
		"id":                 t.ID,
		"pipeline_promotion": obj{"id": p.ID},
		"release":            nil,
		"status":             t.Status,
	}
	if t.Release != "" {
		o["release"] = obj{"id": t.Release}
	}
	return o
}

// promoting is the body that asks for a promotion.
type promoting struct {
	Pipeline ref `json:"pipeline"`
	Source   struct {
		App     ref `json:"app"`
		Release ref `json:"release"`
	} `json:"source"`
	Targets []struct {
		App ref `json:"app"`
	} `json:"targets"`
}

// promote makes a promotion: every target gets the slug or image of the source's
// release.
func (c *call) promote(_ *state, in promoting) (any, error) {
	pipe, err := c.pipelineID(string(in.Pipeline))
	if err != nil {
		return nil, err
	}
	from, err := c.appRef(string(in.Source.App))
	if err != nil {
		return nil, err
	}
	r := from.current()
	if in.Source.Release != "" {
		r = from.releaseRef(string(in.Source.Release))
	}
	if r == nil || r.Slug == "" && r.Image == "" {
		return nil, invalid("The source app has nothing to promote")
	}
	p := Promotion{Pipeline: pipe.ID, Source: from.ID, Release: r.ID}
	var targets []*App
	for _, t := range in.Targets {
		to, err := c.appRef(string(t.App))
		if err != nil {
			return nil, err
		}
		targets = append(targets, to)
	}
	description := fmt.Sprintf("Promote %s v%d", from.Name, r.Version)
	for _, to := range targets {
		made, err := c.Server.release(to, cmp.Or(r.Slug, r.Image), Release{Description: description})
		if err != nil {
			p.Targets = append(p.Targets, PromotionTarget{App: to.ID, Status: Failed, ErrorMessage: err.Error()})
			continue
		}
		p.Targets = append(p.Targets, PromotionTarget{App: to.ID, Release: made.ID})
	}
	v, err := c.addPromotion(p)
	if err != nil {
		return nil, err
	}
	return wirePromotion(v), nil
}

// promotion returns the promotion that {promotion} names.
func (c *call) promotion() (*Promotion, error) {
	p := find(c.state.promotions, func(p *Promotion) bool { return p.ID == c.args["promotion"] })
	if p == nil {
		return nil, notFound("pipeline promotion")
	}
	return p, nil
}

func promotionRoutes() {
	write("POST /pipeline-promotions", http.StatusCreated, (*call).account, (*call).promote)
	get("/pipeline-promotions/{promotion}", (*call).promotion, func(_ *call, p *Promotion) any { return wirePromotion(p) })
	list("/pipeline-promotions/{promotion}/promotion-targets", (*call).promotion, func(_ *call, p *Promotion) listing[obj] {
		var all []obj
		for i := range p.Targets {
			all = append(all, wireTarget(p, &p.Targets[i]))
		}
		return objects(all, "id")
	})
}
