package herokutest

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
)

// AddPipeline adds a pipeline with its couplings and returns it with
// everything filled in. It panics if it is invalid: an unknown app, an app that
// is in a pipeline already or of another generation.
func (s *Server) AddPipeline(p Pipeline) Pipeline {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, err := s.addPipeline(clone(p))
	must("AddPipeline", err)
	return clone(*v)
}

// DeletePipeline removes a pipeline with its couplings; the apps stay. It
// panics if there is no such pipeline.
func (s *Server) DeletePipeline(pipeline string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deletePipeline(s.mustPipeline("DeletePipeline", pipeline))
}

func (s *Server) deletePipeline(p *Pipeline) {
	s.state.pipelines = slices.DeleteFunc(s.state.pipelines, func(x *Pipeline) bool { return x == p })
}

// Pipeline returns the pipeline with this UUID, else the first one with this
// name.
func (s *Server) Pipeline(ref string) (Pipeline, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.state.findPipeline(ref)
	if p == nil {
		return Pipeline{}, false
	}
	return clone(*p), true
}

func (s *Server) mustPipeline(verb, ref string) *Pipeline {
	p := mustBe(verb, "pipeline", ref, s.state.findPipeline(ref))
	same := func(x *Pipeline) bool { return x.Name == ref && x != p }
	if p.Name == ref && slices.ContainsFunc(s.state.pipelines, same) {
		panic(fmt.Sprintf("herokutest: %s: several pipelines are called %q: name one by its UUID", verb, ref))
	}
	return p
}

func (s *Server) addPipeline(p Pipeline) (*Pipeline, error) {
	if p.Name == "" {
		return nil, errors.New("a pipeline without name")
	}
	if err := s.ident(&p.ID, "pipeline", p.Name); err != nil {
		return nil, fmt.Errorf("pipeline %q: %w", p.Name, err)
	}
	if slices.ContainsFunc(s.state.pipelines, func(x *Pipeline) bool { return x.ID == p.ID }) {
		return nil, fmt.Errorf("pipeline %q: id %s is taken", p.Name, p.ID)
	}
	s.date(&p.CreatedAt, &p.UpdatedAt)
	def(&p.Generation, Cedar)
	if p.Team != "" {
		t := s.state.findTeam(p.Team)
		if t == nil {
			return nil, fmt.Errorf("pipeline %q: no team %q", p.Name, p.Team)
		}
		if p.Owner != "" {
			return nil, fmt.Errorf("pipeline %q is owned by a team and a user", p.Name)
		}
		p.Team = t.ID
	}
	if rc := p.ReviewConfig; rc != nil {
		def(&rc.StaleDays, 5)
		if _, err := s.deployTarget(rc.DeployTarget); err != nil {
			return nil, fmt.Errorf("pipeline %q: %w", p.Name, err)
		}
	}
	couplings := p.Couplings
	p.Couplings = nil
	for _, c := range couplings {
		if _, err := s.couple(&p, c); err != nil {
			return nil, fmt.Errorf("pipeline %q: %w", p.Name, err)
		}
	}
	if err := testRuns.fillAll(s, &p); err != nil {
		return nil, fmt.Errorf("pipeline %q: %w", p.Name, err)
	}
	for i := range p.ReviewApps {
		if err := s.fillReviewApp(&p, &p.ReviewApps[i]); err != nil {
			return nil, fmt.Errorf("pipeline %q: %w", p.Name, err)
		}
	}
	s.state.pipelines = append(s.state.pipelines, &p)
	return &p, nil
}

// pipelineOwner is the team or the user that a pipeline belongs to.
func (s *Server) pipelineOwner(p *Pipeline) obj {
	switch {
	case p.Team != "":
		return obj{"id": p.Team, "type": "team"}
	case uuidForm.MatchString(p.Owner):
		return obj{"id": p.Owner, "type": "user"}
	}
	return obj{"id": s.fixedID("user", cmp.Or(p.Owner, s.opts.Email)), "type": "user"}
}

// ownPipeline gives a pipeline to a team, or to a user by their UUID.
func (c *call) ownPipeline(p *Pipeline, id, kind string) error {
	switch kind {
	case "team":
		t := c.state.findTeam(id)
		if t == nil {
			return notFound("team")
		}
		p.Team, p.Owner = t.ID, ""
	case "user":
		p.Team, p.Owner = "", c.accountRef(id).Email
	default:
		return invalid("The owner of a pipeline is a team or a user")
	}
	return nil
}

func (s *Server) wirePipeline(p *Pipeline) obj {
	return obj{
		"created_at": wireTime(p.CreatedAt),
		"generation": s.named("generation", p.Generation),
		"id":         p.ID,
		"name":       p.Name,
		"owner":      s.pipelineOwner(p),
		"updated_at": wireTime(p.UpdatedAt),
	}
}

// members are the apps of a pipeline that the token can see.
func (c *call) members(p *Pipeline) []*App {
	var all []*App
	for _, x := range p.Couplings {
		if a := c.state.apps[x.App]; !c.hidden(a) && !a.Suspended {
			all = append(all, a)
		}
	}
	return all
}

// namedPipeline is pipeline, which takes a name as well: that of one with apps,
// since a pipeline without apps can't be read by name.
func (c *call) namedPipeline() (*Pipeline, error) {
	ref := c.args["pipeline"]
	if uuidForm.MatchString(ref) {
		return c.pipelineID(ref)
	}
	p := find(c.state.pipelines, func(p *Pipeline) bool { return p.Name == ref && len(p.Couplings) > 0 })
	return found(c, "pipeline", p, ref)
}

func pipelineRoutes() {
	list("/pipelines", (*call).account, func(c *call, st *state) listing[*Pipeline] {
		return visible(c, st.pipelines, c.wirePipeline, nil)
	})
	getResource("/pipelines/{pipeline}", (*call).namedPipeline, (*Server).wirePipeline)
	type body struct {
		Name  string `json:"name"`
		Owner struct {
			ID   string `json:"id"`
			Type string `json:"type"`
		} `json:"owner"`
		Generation ref `json:"generation"`
	}
	write("POST /pipelines", http.StatusCreated, (*call).account, func(c *call, _ *state, in body) (any, error) {
		p := Pipeline{Name: in.Name, Generation: string(in.Generation)}
		if in.Owner.Type != "" {
			if err := c.ownPipeline(&p, in.Owner.ID, in.Owner.Type); err != nil {
				return nil, err
			}
		} else if who := c.who(); who != c.opts.Email {
			p.Owner = who
		}
		v, err := c.addPipeline(p)
		if err != nil {
			return nil, err
		}
		return c.wirePipeline(v), nil
	})
	renameResource("/pipelines/{pipeline}", (*call).pipeline, (*Server).wirePipeline, func(_ *call, p *Pipeline, name string) error {
		p.Name = name // several may have the same
		return nil
	})
	remove("/pipelines/{pipeline}", (*call).pipeline, func(c *call, p *Pipeline) any { return c.wirePipeline(p) },
		func(c *call, p *Pipeline) error {
			c.deletePipeline(p)
			return nil
		})
}
