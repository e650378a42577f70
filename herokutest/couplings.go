package herokutest

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

// Couple puts an app into a stage of a pipeline, which is named by its UUID,
// or by its name when that is unique. It panics if there is no such app or
// pipeline or the app is in a pipeline already.
func (s *Server) Couple(pipeline, app, stage string) Coupling {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.couple(s.mustPipeline("Couple", pipeline), Coupling{App: app, Stage: stage})
	must("Couple", err)
	return *c
}

// Uncouple takes an app out of its pipeline. It panics if there is no such
// app; an app that is in none stays so.
func (s *Server) Uncouple(app string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.mustApp("Uncouple", app)
	for _, p := range s.state.pipelines {
		p.Couplings = slices.DeleteFunc(p.Couplings, func(c Coupling) bool { return c.App == a.ID })
	}
}

func (s *Server) couple(p *Pipeline, c Coupling) (*Coupling, error) {
	a := s.state.findApp(c.App)
	if a == nil {
		return nil, fmt.Errorf("no app %q", c.App)
	}
	c.App = a.ID
	if err := oneOf("stage of "+a.Name, c.Stage, stages...); err != nil {
		return nil, err
	}
	if _, old := s.couplingOf(a.ID); old != nil || slices.ContainsFunc(p.Couplings, func(x Coupling) bool { return x.App == a.ID }) {
		return nil, fmt.Errorf("app %q is in a pipeline already", a.Name)
	}
	if a.Generation != p.Generation {
		return nil, fmt.Errorf("app %q is of the %s generation, pipeline %q of %s", a.Name, a.Generation, p.Name, p.Generation)
	}
	if err := s.ident(&c.ID, "pipeline-coupling", p.ID+" "+a.ID); err != nil {
		return nil, err
	}
	s.date(&c.CreatedAt, &c.UpdatedAt)
	p.Couplings = append(p.Couplings, c)
	return &p.Couplings[len(p.Couplings)-1], nil
}

func (s *Server) couplingOf(app string) (*Pipeline, *Coupling) {
	for _, p := range s.state.pipelines {
		if c := findIn(p.Couplings, func(c *Coupling) bool { return c.App == app }); c != nil {
			return p, c
		}
	}
	return nil, nil
}

// stages are those of a pipeline.
var stages = []string{Test, Review, Development, Staging, Production}

// coupling is a coupling with its pipeline.
type coupling struct {
	pipeline *Pipeline
	*Coupling
}

func wireCoupling(c coupling) obj {
	return obj{
		"app":        obj{"id": c.App},
		"created_at": wireTime(c.CreatedAt),
		"id":         c.ID,
		"pipeline":   obj{"id": c.pipeline.ID, "name": c.pipeline.Name},
		"stage":      c.Stage,
		"updated_at": wireTime(c.UpdatedAt),
	}
}

// couplings lists the couplings of the pipelines that keep accepts; nil accepts
// all. A denied app's coupling shows: the pipeline is visible though the app
// isn't.
func (c *call) couplings(keep func(*Pipeline) bool) listing[coupling] {
	l := listing[coupling]{
		fields:  byID(func(x coupling) string { return x.ID }),
		wire:    wireCoupling,
		updated: func(x coupling) time.Time { return x.UpdatedAt },
	}
	for _, p := range visible(c, c.state.pipelines, nil, keep).items {
		for i := range p.Couplings {
			l.items = append(l.items, coupling{p, &p.Couplings[i]})
		}
	}
	return l
}

// coupling1 returns the coupling that {id} names.
func (c *call) coupling1() (coupling, error) {
	for _, x := range c.couplings(nil).items {
		if x.ID == c.args["id"] {
			return x, nil
		}
	}
	return coupling{}, notFound("pipeline coupling")
}

// couplingOfApp returns the coupling of {app}.
func (c *call) couplingOfApp() (obj, error) {
	a, err := c.app()
	if err != nil {
		return nil, err
	}
	if p, x := c.couplingOf(a.ID); x != nil {
		return wireCoupling(coupling{p, x}), nil
	}
	e := notFound("pipeline coupling")
	if c.opts.Policy.UncoupledOK {
		return e.wire(), nil
	}
	return nil, e
}

func couplingRoutes() {
	list("/pipeline-couplings", (*call).account, func(c *call, _ *state) listing[coupling] { return c.couplings(nil) })
	list("/users/{user}/pipeline-couplings", (*call).own, func(c *call, _ *state) listing[coupling] {
		return c.couplings(func(p *Pipeline) bool { return p.Team == "" })
	})
	list("/teams/{team}/pipeline-couplings", (*call).team, func(c *call, t *Team) listing[coupling] {
		return c.couplings(func(p *Pipeline) bool { return p.Team == t.ID })
	})
	list("/pipelines/{pipeline}/pipeline-couplings", (*call).pipeline, func(c *call, p *Pipeline) listing[coupling] {
		return c.couplings(func(x *Pipeline) bool { return x == p })
	})
	show := func(_ *call, x coupling) any { return wireCoupling(x) }
	get("/pipeline-couplings/{id}", (*call).coupling1, show)
	get("/apps/{app}/pipeline-couplings", (*call).couplingOfApp, showObject)
	type body struct {
		App      ref    `json:"app"`
		Pipeline ref    `json:"pipeline"`
		Stage    string `json:"stage"`
	}
	write("POST /pipeline-couplings", http.StatusCreated, (*call).account, func(c *call, _ *state, in body) (any, error) {
		p, err := c.pipelineID(string(in.Pipeline))
		if err != nil {
			return nil, err
		}
		if _, err := c.appRef(string(in.App)); err != nil {
			return nil, err
		}
		x, err := c.couple(p, Coupling{App: string(in.App), Stage: in.Stage})
		if err != nil {
			return nil, err
		}
		return wireCoupling(coupling{p, x}), nil
	})
	type change struct {
		Stage string `json:"stage"`
	}
	write("PATCH /pipeline-couplings/{id}", http.StatusOK, (*call).coupling1, func(c *call, x coupling, in change) (any, error) {
		if err := oneOf("stage", in.Stage, stages...); err != nil {
			return nil, err
		}
		x.Stage, x.UpdatedAt = in.Stage, c.stamp()
		return wireCoupling(x), nil
	})
	remove("/pipeline-couplings/{id}", (*call).coupling1, show, func(_ *call, x coupling) error {
		id := x.ID // x is of the list that changes
		x.pipeline.Couplings = slices.DeleteFunc(x.pipeline.Couplings, func(x Coupling) bool { return x.ID == id })
		return nil
	})
}
