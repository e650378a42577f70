package herokutest

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"
)

// AddPipeline adds a pipeline with its couplings and returns it with
// everything filled in. It panics if it can't be: an unknown app, an app that
// is in a pipeline already or of another generation.
func (s *Server) AddPipeline(p Pipeline) Pipeline {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, err := s.addPipeline(clone(p))
	must("AddPipeline", err)
	return clone(*v)
}

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

func (s *Server) mustPipeline(verb, ref string) *Pipeline {
	p := s.state.findPipeline(ref)
	if p == nil {
		panic(fmt.Sprintf("herokutest: %s: no pipeline %q", verb, ref))
	}
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
		return nil, err
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
	for i := range p.ReviewApps {
		if err := s.fillReviewApp(&p, &p.ReviewApps[i]); err != nil {
			return nil, fmt.Errorf("pipeline %q: %w", p.Name, err)
		}
	}
	s.state.pipelines = append(s.state.pipelines, &p)
	return &p, nil
}

func (s *Server) fillReviewApp(p *Pipeline, r *ReviewApp) error {
	if err := s.ident(&r.ID, "review-app", p.ID+" "+r.Branch); err != nil {
		return err
	}
	s.date(&r.CreatedAt, &r.UpdatedAt)
	if r.App != "" {
		a := s.state.findApp(r.App)
		if a == nil {
			return fmt.Errorf("review app of %q: no app %q", r.Branch, r.App)
		}
		r.App = a.ID
		def(&r.Status, "created")
	}
	def(&r.Status, "creating")
	return oneOf("status of review app", r.Status, "pending", "creating", "created", "deleting", "deleted", "errored")
}

func (s *Server) couple(p *Pipeline, c Coupling) (*Coupling, error) {
	a := s.state.findApp(c.App)
	if a == nil {
		return nil, fmt.Errorf("no app %q", c.App)
	}
	c.App = a.ID
	if err := oneOf("stage of "+a.Name, c.Stage, Test, Review, Development, Staging, Production); err != nil {
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

// deployTarget finds the region or space that review apps go to; nil for "".
func (s *Server) deployTarget(ref string) (any, error) {
	if ref == "" {
		return nil, nil
	}
	for _, r := range regions {
		if ref == r.name || ref == s.fixedID("region", r.name) {
			return obj{"type": "region", "id": s.fixedID("region", r.name)}, nil
		}
	}
	if x := s.state.findSpace(ref); x != nil {
		return obj{"type": "space", "id": x.ID}, nil
	}
	return nil, fmt.Errorf("no region or space %q", ref)
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

func (s *Server) wirePipeline(p *Pipeline) obj {
	owner := obj{"id": p.Owner, "type": "user"}
	if !uuidForm.MatchString(p.Owner) {
		owner["id"] = s.fixedID("user", cmp.Or(p.Owner, s.opts.Email))
	}
	if p.Team != "" {
		owner = obj{"id": p.Team, "type": "team"}
	}
	return obj{
		"created_at": wireTime(p.CreatedAt),
		"generation": s.named("generation", p.Generation),
		"id":         p.ID,
		"name":       p.Name,
		"owner":      owner,
		"updated_at": wireTime(p.UpdatedAt),
	}
}

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
		"pipeline":   obj{"id": c.pipeline.ID},
		"stage":      c.Stage,
		"updated_at": wireTime(c.UpdatedAt),
	}
}

// couplings lists the couplings of the pipelines that keep accepts. A denied
// app's coupling shows: the pipeline is visible though the app isn't.
func (c *call) couplings(keep func(*Pipeline) bool) listing[coupling] {
	l := listing[coupling]{
		fields:  byID(func(x coupling) string { return x.ID }),
		wire:    wireCoupling,
		updated: func(x coupling) time.Time { return x.UpdatedAt },
	}
	for _, p := range c.state.pipelines {
		if _, denied := c.state.denied[p.ID]; denied || !keep(p) {
			continue
		}
		for i := range p.Couplings {
			l.items = append(l.items, coupling{p, &p.Couplings[i]})
		}
	}
	return l
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

// latest lists one release of each app of a pipeline, the newest that keep
// accepts.
func (c *call) latest(keep func(*Release) bool) (listing[appRelease], error) {
	p, err := c.pipeline()
	if err != nil {
		return listing[appRelease]{}, err
	}
	var all []appRelease
	for _, a := range c.members(p) {
		for i, r := range slices.Backward(a.Releases) {
			if keep(&r) {
				all = append(all, appRelease{a, &a.Releases[i]})
				break
			}
		}
	}
	return c.releases(all), nil
}

func wireReviewConfig(s *Server, p *Pipeline) obj {
	rc := p.ReviewConfig
	target, err := s.deployTarget(rc.DeployTarget)
	must("review app config", err) // checked when it came in
	return obj{
		"automatic_review_apps": rc.AutomaticReviewApps,
		"base_name":             orNull(rc.BaseName),
		"deploy_target":         target,
		"destroy_stale_apps":    rc.DestroyStaleApps,
		"pipeline_id":           p.ID,
		"repo":                  obj{"id": rc.RepoID},
		"stale_days":            rc.StaleDays,
		"wait_for_ci":           rc.WaitForCI,
	}
}

func wireReviewApp(p *Pipeline, r *ReviewApp) obj {
	o := obj{
		"app":          nil,
		"app_setup":    nil,
		"branch":       r.Branch,
		"created_at":   wireTime(r.CreatedAt),
		"creator":      obj{},
		"error_status": nil,
		"fork_repo":    nil,
		"id":           r.ID,
		"message":      orNull(r.Message),
		"pipeline":     obj{"id": p.ID},
		"pr_number":    orNull(r.PRNumber),
		"status":       r.Status,
		"updated_at":   wireTime(r.UpdatedAt),
		"wait_for_ci":  r.WaitForCI,
	}
	if r.App != "" {
		o["app"] = obj{"id": r.App}
	}
	return o
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

// promote makes the promotion a POST asks for: every target gets the slug or
// image of the source's release.
func (c *call) promote() (int, any, error) {
	var in struct {
		Pipeline struct {
			ID string `json:"id"`
		} `json:"pipeline"`
		Source struct {
			App struct {
				ID string `json:"id"`
			} `json:"app"`
			Release struct {
				ID string `json:"id"`
			} `json:"release"`
		} `json:"source"`
		Targets []struct {
			App struct {
				ID string `json:"id"`
			} `json:"app"`
		} `json:"targets"`
	}
	if err := c.bind(&in); err != nil {
		return 0, nil, err
	}
	pipe, err := c.pipelineThat(in.Pipeline.ID, func(p *Pipeline) bool { return p.ID == in.Pipeline.ID })
	if err != nil {
		return 0, nil, err
	}
	from, err := c.appRef(in.Source.App.ID)
	if err != nil {
		return 0, nil, err
	}
	r := from.current()
	if in.Source.Release.ID != "" {
		r = from.releaseRef(in.Source.Release.ID)
	}
	if r == nil || r.Slug == "" && r.Image == "" {
		return 0, nil, invalid("The source app has nothing to promote")
	}
	p := Promotion{Pipeline: pipe.ID, Source: from.ID, Release: r.ID}
	var targets []*App
	for _, t := range in.Targets {
		to, err := c.appRef(t.App.ID)
		if err != nil {
			return 0, nil, err
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
		return 0, nil, refused(err)
	}
	return http.StatusCreated, wirePromotion(v), nil
}

func pipelineRoutes() {
	list("/pipelines", func(c *call) (listing[*Pipeline], error) {
		l := listing[*Pipeline]{
			fields:  byIDAndName(func(p *Pipeline) string { return p.ID }, func(p *Pipeline) string { return p.Name }),
			wire:    c.wirePipeline,
			updated: func(p *Pipeline) time.Time { return p.UpdatedAt },
		}
		for _, p := range c.state.pipelines {
			if _, denied := c.state.denied[p.ID]; !denied {
				l.items = append(l.items, p)
			}
		}
		return l, nil
	})
	get("/pipelines/{pipeline}", func(c *call) (any, error) {
		ref := c.args["pipeline"]
		is := func(p *Pipeline) bool { return p.ID == ref }
		if !uuidForm.MatchString(ref) {
			// A pipeline without apps can't be had by name.
			is = func(p *Pipeline) bool { return p.Name == ref && len(p.Couplings) > 0 }
		}
		p, err := c.pipelineThat(ref, is)
		if err != nil {
			return nil, err
		}
		c.modified = p.UpdatedAt
		return c.wirePipeline(p), nil
	})
	handle("POST /pipelines", func(c *call) (int, any, error) {
		var in struct {
			Name  string `json:"name"`
			Owner struct {
				ID   string `json:"id"`
				Type string `json:"type"`
			} `json:"owner"`
		}
		if err := c.bind(&in); err != nil {
			return 0, nil, err
		}
		p := Pipeline{Name: in.Name}
		if in.Owner.Type == "team" {
			p.Team = in.Owner.ID
		}
		v, err := c.addPipeline(p)
		if err != nil {
			return 0, nil, refused(err)
		}
		return http.StatusCreated, c.wirePipeline(v), nil
	})
	handle("PATCH /pipelines/{pipeline}", func(c *call) (int, any, error) {
		p, err := c.pipeline()
		if err != nil {
			return 0, nil, err
		}
		var in struct {
			Name string `json:"name"`
		}
		if err := c.bind(&in); err != nil {
			return 0, nil, err
		}
		p.Name, p.UpdatedAt = cmp.Or(in.Name, p.Name), c.stamp()
		return http.StatusOK, c.wirePipeline(p), nil
	})
	handle("DELETE /pipelines/{pipeline}", func(c *call) (int, any, error) {
		p, err := c.pipeline()
		if err != nil {
			return 0, nil, err
		}
		c.deletePipeline(p)
		return http.StatusOK, c.wirePipeline(p), nil
	})

	every := func(*Pipeline) bool { return true }
	list("/pipelines/{pipeline}/pipeline-couplings", func(c *call) (listing[coupling], error) {
		p, err := c.pipeline()
		return c.couplings(func(x *Pipeline) bool { return x == p }), err
	})
	list("/pipeline-couplings", func(c *call) (listing[coupling], error) { return c.couplings(every), nil })
	list("/users/{user}/pipeline-couplings", func(c *call) (listing[coupling], error) {
		return c.couplings(func(p *Pipeline) bool { return p.Team == "" }), c.selfOnly()
	})
	list("/teams/{team}/pipeline-couplings", func(c *call) (listing[coupling], error) {
		t, err := c.team()
		return c.couplings(func(p *Pipeline) bool { return t != nil && p.Team == t.ID }), err
	})
	oneCoupling := func(c *call) (coupling, error) {
		for _, x := range c.couplings(every).items {
			if x.ID == c.args["id"] {
				return x, nil
			}
		}
		return coupling{}, notFound("pipeline_coupling", "pipeline coupling")
	}
	get("/pipeline-couplings/{id}", func(c *call) (any, error) {
		x, err := oneCoupling(c)
		if err != nil {
			return nil, err
		}
		return wireCoupling(x), nil
	})
	get("/apps/{app}/pipeline-couplings", func(c *call) (any, error) {
		a, err := c.app()
		if err != nil {
			return nil, err
		}
		p, x := c.couplingOf(a.ID)
		if x == nil {
			e := notFound("pipeline_coupling", "pipeline coupling")
			if c.opts.Policy.UncoupledOK {
				return e.wire(), nil
			}
			return nil, e
		}
		return wireCoupling(coupling{p, x}), nil
	})
	handle("POST /pipeline-couplings", func(c *call) (int, any, error) {
		var in struct {
			App      string `json:"app"`
			Pipeline string `json:"pipeline"`
			Stage    string `json:"stage"`
		}
		if err := c.bind(&in); err != nil {
			return 0, nil, err
		}
		p, err := c.pipelineThat(in.Pipeline, func(p *Pipeline) bool { return p.ID == in.Pipeline })
		if err != nil {
			return 0, nil, err
		}
		if _, err := c.appRef(in.App); err != nil {
			return 0, nil, err
		}
		x, err := c.couple(p, Coupling{App: in.App, Stage: in.Stage})
		if err != nil {
			return 0, nil, refused(err)
		}
		return http.StatusCreated, wireCoupling(coupling{p, x}), nil
	})
	handle("PATCH /pipeline-couplings/{id}", func(c *call) (int, any, error) {
		x, err := oneCoupling(c)
		if err != nil {
			return 0, nil, err
		}
		var in struct {
			Stage string `json:"stage"`
		}
		if err := c.bind(&in); err != nil {
			return 0, nil, err
		}
		if err := oneOf("stage", in.Stage, Test, Review, Development, Staging, Production); err != nil {
			return 0, nil, refused(err)
		}
		x.Stage, x.UpdatedAt = in.Stage, c.stamp()
		return http.StatusOK, wireCoupling(x), nil
	})
	handle("DELETE /pipeline-couplings/{id}", func(c *call) (int, any, error) {
		x, err := oneCoupling(c)
		if err != nil {
			return 0, nil, err
		}
		o, id := wireCoupling(x), x.ID
		x.pipeline.Couplings = slices.DeleteFunc(x.pipeline.Couplings, func(x Coupling) bool { return x.ID == id })
		return http.StatusOK, o, nil
	})

	list("/pipelines/{pipeline}/latest-releases", func(c *call) (listing[appRelease], error) {
		return c.latest(func(r *Release) bool { return r.Current || !c.opts.Policy.LatestIsCurrent })
	})
	list("/pipelines/{pipeline}/latest-deployments", func(c *call) (listing[appRelease], error) {
		return c.latest(func(r *Release) bool {
			return r.Deployment && !(r.Rollback && c.opts.Policy.RollbackNoDeployment)
		})
	})
	list("/pipelines/{pipeline}/latest-builds", func(c *call) (listing[obj], error) {
		p, err := c.pipeline()
		if err != nil {
			return listing[obj]{}, err
		}
		var all []obj
		for _, a := range c.members(p) {
			if len(a.Builds) > 0 {
				newest := slices.MaxFunc(a.Builds, func(x, y Build) int { return x.CreatedAt.Compare(y.CreatedAt) })
				all = append(all, c.wireBuild(a, &newest))
			}
		}
		return objects(all, "id"), nil
	})
	get("/pipelines/{pipeline}/stage/{stage}/config-vars", func(c *call) (any, error) {
		p, err := c.pipeline()
		if err != nil {
			return nil, err
		}
		vars := maps.Clone(p.ConfigVars[c.args["stage"]])
		if vars == nil {
			vars = map[string]string{}
		}
		return vars, nil
	})
	handle("PATCH /pipelines/{pipeline}/stage/{stage}/config-vars", func(c *call) (int, any, error) {
		p, err := c.pipeline()
		if err != nil {
			return 0, nil, err
		}
		var change map[string]*string
		if err := c.bind(&change); err != nil {
			return 0, nil, err
		}
		vars := maps.Clone(p.ConfigVars[c.args["stage"]])
		if vars == nil {
			vars = map[string]string{}
		}
		for name, value := range change {
			if value == nil {
				delete(vars, name)
			} else {
				vars[name] = *value
			}
		}
		if p.ConfigVars == nil {
			p.ConfigVars = map[string]map[string]string{}
		}
		p.ConfigVars[c.args["stage"]] = vars
		return http.StatusOK, vars, nil
	})

	reviewConfig := func(c *call) (*Pipeline, error) {
		p, err := c.pipeline()
		if err == nil && p.ReviewConfig == nil {
			err = notFound("review_app_config", "review app config")
		}
		return p, err
	}
	get("/pipelines/{pipeline}/review-app-config", func(c *call) (any, error) {
		p, err := reviewConfig(c)
		if err != nil {
			return nil, err
		}
		return wireReviewConfig(c.Server, p), nil
	})
	write := func(c *call, p *Pipeline, rc ReviewConfig) error {
		var in struct {
			AutomaticReviewApps *bool   `json:"automatic_review_apps"`
			BaseName            *string `json:"base_name"`
			DeployTarget        *struct {
				ID string `json:"id"`
			} `json:"deploy_target"`
			DestroyStaleApps *bool `json:"destroy_stale_apps"`
			StaleDays        *int  `json:"stale_days"`
			WaitForCI        *bool `json:"wait_for_ci"`
		}
		if err := c.bind(&in); err != nil {
			return err
		}
		set(&rc.AutomaticReviewApps, in.AutomaticReviewApps)
		set(&rc.BaseName, in.BaseName)
		set(&rc.DestroyStaleApps, in.DestroyStaleApps)
		set(&rc.StaleDays, in.StaleDays)
		set(&rc.WaitForCI, in.WaitForCI)
		if in.DeployTarget != nil {
			rc.DeployTarget = in.DeployTarget.ID
		}
		if _, err := c.deployTarget(rc.DeployTarget); err != nil {
			return refused(err)
		}
		p.ReviewConfig = &rc
		return nil
	}
	handle("POST /pipelines/{pipeline}/review-app-config", func(c *call) (int, any, error) {
		p, err := c.pipeline()
		if err != nil {
			return 0, nil, err
		}
		var in struct {
			Repo string `json:"repo"`
		}
		if err := c.bind(&in); err != nil {
			return 0, nil, err
		}
		sum := c.digest("repo", in.Repo, 0) // any repository there is; its number is made up
		rc := ReviewConfig{RepoID: int(sum[0])<<16 | int(sum[1])<<8 | int(sum[2]), StaleDays: 5}
		if err := write(c, p, rc); err != nil {
			return 0, nil, err
		}
		return http.StatusCreated, wireReviewConfig(c.Server, p), nil
	})
	handle("PATCH /pipelines/{pipeline}/review-app-config", func(c *call) (int, any, error) {
		p, err := reviewConfig(c)
		if err != nil {
			return 0, nil, err
		}
		if err := write(c, p, *p.ReviewConfig); err != nil {
			return 0, nil, err
		}
		return http.StatusOK, wireReviewConfig(c.Server, p), nil
	})
	handle("DELETE /pipelines/{pipeline}/review-app-config", func(c *call) (int, any, error) {
		p, err := reviewConfig(c)
		if err != nil {
			return 0, nil, err
		}
		o := wireReviewConfig(c.Server, p)
		p.ReviewConfig = nil
		return http.StatusOK, o, nil
	})
	list("/pipelines/{pipeline}/review-apps", func(c *call) (listing[obj], error) {
		p, err := c.pipeline()
		if err != nil {
			return listing[obj]{}, err
		}
		var all []obj
		for i := range p.ReviewApps {
			all = append(all, wireReviewApp(p, &p.ReviewApps[i]))
		}
		return objects(all, "id"), nil
	})
	get("/apps/{app}/review-app", func(c *call) (any, error) {
		a, err := c.app()
		if err != nil {
			return nil, err
		}
		for _, p := range c.state.pipelines {
			if r := findIn(p.ReviewApps, func(r *ReviewApp) bool { return r.App == a.ID }); r != nil {
				return wireReviewApp(p, r), nil
			}
		}
		return nil, notFound("review_app", "review app")
	})

	promotion := func(c *call) (*Promotion, error) {
		p := find(c.state.promotions, func(p *Promotion) bool { return p.ID == c.args["promotion"] })
		if p == nil {
			return nil, notFound("pipeline_promotion", "pipeline promotion")
		}
		return p, nil
	}
	get("/pipeline-promotions/{promotion}", func(c *call) (any, error) {
		p, err := promotion(c)
		if err != nil {
			return nil, err
		}
		return wirePromotion(p), nil
	})
	list("/pipeline-promotions/{promotion}/promotion-targets", func(c *call) (listing[obj], error) {
		p, err := promotion(c)
		if err != nil {
			return listing[obj]{}, err
		}
		var all []obj
		for i := range p.Targets {
			all = append(all, wireTarget(p, &p.Targets[i]))
		}
		return objects(all, "id"), nil
	})
	handle("POST /pipeline-promotions", (*call).promote)
}

// set stores what a PATCH gave.
func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}
