package herokutest

import (
	"fmt"
	"net/http"
)

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

// reviewConfiguring is the body that makes or changes a review app config; nil
// leaves something.
type reviewConfiguring struct {
	Repo                string  `json:"repo"`
	AutomaticReviewApps *bool   `json:"automatic_review_apps"`
	BaseName            *string `json:"base_name"`
	DeployTarget        *struct {
		ID string `json:"id"`
	} `json:"deploy_target"`
	DestroyStaleApps *bool `json:"destroy_stale_apps"`
	StaleDays        *int  `json:"stale_days"`
	WaitForCI        *bool `json:"wait_for_ci"`
}

// configureReviews gives p what rc is with the changes.
func (c *call) configureReviews(p *Pipeline, rc ReviewConfig, in reviewConfiguring) (any, error) {
	set(&rc.AutomaticReviewApps, in.AutomaticReviewApps)
	set(&rc.BaseName, in.BaseName)
	set(&rc.DestroyStaleApps, in.DestroyStaleApps)
	set(&rc.StaleDays, in.StaleDays)
	set(&rc.WaitForCI, in.WaitForCI)
	if in.DeployTarget != nil {
		rc.DeployTarget = in.DeployTarget.ID
	}
	if _, err := c.deployTarget(rc.DeployTarget); err != nil {
		return nil, err
	}
	p.ReviewConfig = &rc
	return wireReviewConfig(c.Server, p), nil
}

// reviewed is pipeline, for one that has review apps enabled.
func (c *call) reviewed() (*Pipeline, error) {
	p, err := c.pipeline()
	if err == nil && p.ReviewConfig == nil {
		return nil, notFound("review app config")
	}
	return p, err
}

// reviewAppOf returns the review app that {app} is.
func (c *call) reviewAppOf() (obj, error) {
	a, err := c.app()
	if err != nil {
		return nil, err
	}
	for _, p := range c.state.pipelines {
		if r := findIn(p.ReviewApps, func(r *ReviewApp) bool { return r.App == a.ID }); r != nil {
			return wireReviewApp(p, r), nil
		}
	}
	return nil, notFound("review app")
}

func reviewAppRoutes() {
	const config = "/pipelines/{pipeline}/review-app-config"
	show := func(c *call, p *Pipeline) any { return wireReviewConfig(c.Server, p) }
	get(config, (*call).reviewed, show)
	write("POST "+config, http.StatusCreated, (*call).pipeline, func(c *call, p *Pipeline, in reviewConfiguring) (any, error) {
		sum := c.digest("repo", in.Repo, 0) // any repository there is; its number is made up
		rc := ReviewConfig{RepoID: int(sum[0])<<16 | int(sum[1])<<8 | int(sum[2]), StaleDays: 5}
		return c.configureReviews(p, rc, in)
	})
	write("PATCH "+config, http.StatusOK, (*call).reviewed, func(c *call, p *Pipeline, in reviewConfiguring) (any, error) {
		return c.configureReviews(p, *p.ReviewConfig, in)
	})
	remove(config, (*call).reviewed, show, func(_ *call, p *Pipeline) error {
		p.ReviewConfig = nil
		return nil
	})
	list("/pipelines/{pipeline}/review-apps", (*call).pipeline, func(_ *call, p *Pipeline) listing[obj] {
		var all []obj
		for i := range p.ReviewApps {
			all = append(all, wireReviewApp(p, &p.ReviewApps[i]))
		}
		return objects(all, "id")
	})
	get("/apps/{app}/review-app", (*call).reviewAppOf, showObject)
}
