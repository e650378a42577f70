package herokutest

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

func (s *Server) wireRelease(a *App, r *Release) obj {
	o := obj{
		"addon_plan_names":      nonNil(r.AddonPlans),
		"app":                   s.appObj(a.ID),
		"artifacts":             []obj{},
		"created_at":            wireTime(r.CreatedAt),
		"current":               r.Current,
		"description":           r.Description,
		"eligible_for_rollback": r.Status == Succeeded && (r.Slug != "" || r.Image != ""),
		"id":                    r.ID,
		"output_stream_url":     orNull(r.OutputStreamURL),
		"slug":                  nil,
		"status":                wordOrNull(r.Status),
		"updated_at":            wireTime(r.UpdatedAt),
		"user":                  s.user(r.User),
		"version":               r.Version,
	}
	if r.Slug != "" {
		o["slug"] = obj{"id": r.Slug}
		o["artifacts"] = []obj{{"type": "slug", "id": r.Slug}}
	}
	if r.Image != "" {
		o["artifacts"] = []obj{{"type": "oci-image", "id": r.Image}}
	}
	return o
}

// appRelease is a release with the app it is of.
type appRelease struct {
	app     *App
	release *Release
}

func (c *call) releases(all []appRelease) listing[appRelease] {
	return listing[appRelease]{
		items: all,
		fields: []field[appRelease]{
			{name: "id", key: func(r appRelease) string { return r.release.ID }},
			{name: "version", numeric: true, key: func(r appRelease) string { return strconv.Itoa(r.release.Version) }},
		},
		wire:    func(r appRelease) obj { return c.wireRelease(r.app, r.release) },
		updated: func(r appRelease) time.Time { return r.release.UpdatedAt },
	}
}

// releaseOfApp returns the release {release} of the app {app}.
func (c *call) releaseOfApp() (appRelease, error) {
	a, err := c.app()
	if err != nil {
		return appRelease{}, err
	}
	r := a.releaseRef(c.args["release"])
	if r == nil {
		return appRelease{}, notFound("release")
	}
	return appRelease{a, r}, nil
}

// latest lists one release of each app of a pipeline, the newest that keep
// accepts.
func (c *call) latest(p *Pipeline, keep func(*Release) bool) listing[appRelease] {
	var all []appRelease
	for _, a := range c.members(p) {
		for i, r := range slices.Backward(a.Releases) {
			if keep(&r) {
				all = append(all, appRelease{a, &a.Releases[i]})
				break
			}
		}
	}
	return c.releases(all)
}

// releasing is the body that asks for a release.
type releasing struct {
	Slug        ref    `json:"slug"`
	OCIImage    ref    `json:"oci_image"`
	Release     ref    `json:"release"` // to roll back to
	Description string `json:"description"`
}

func (c *call) createRelease(a *App, in releasing) (any, error) {
	if in.Release != "" {
		r := a.releaseRef(string(in.Release))
		if r == nil {
			return nil, notFound("release")
		}
		p, err := c.rollback(a, r)
		if err != nil {
			return nil, err
		}
		return c.wireRelease(a, p), nil
	}
	artifact := string(in.Slug)
	if a.Generation == Fir {
		artifact = string(in.OCIImage)
	}
	if a.Generation == Cedar {
		g := c.slugAnywhere(artifact)
		if g == nil || g.Expired {
			return nil, notFound("slug")
		}
	} else if artifact == "" {
		return nil, invalid("oci_image is required")
	}
	p, err := c.Server.release(a, artifact, Release{Description: in.Description})
	if err != nil {
		return nil, err
	}
	return c.wireRelease(a, p), nil
}

func releaseRoutes() {
	list("/apps/{app}/releases", (*call).app, func(c *call, a *App) listing[appRelease] {
		var all []appRelease
		for i := range a.Releases {
			all = append(all, appRelease{a, &a.Releases[i]})
		}
		l := c.releases(all)
		slices.Reverse(l.fields) // releases come by version when no Range says otherwise
		return l
	})
	get("/apps/{app}/releases/{release}", (*call).releaseOfApp, func(c *call, r appRelease) any {
		c.modified = r.release.UpdatedAt
		return c.wireRelease(r.app, r.release)
	})
	write("POST /apps/{app}/releases", http.StatusCreated, (*call).app, (*call).createRelease)
	list("/pipelines/{pipeline}/latest-releases", (*call).pipeline, func(c *call, p *Pipeline) listing[appRelease] {
		return c.latest(p, func(r *Release) bool { return r.Current || !c.opts.Policy.LatestIsCurrent })
	})
	list("/pipelines/{pipeline}/latest-deployments", (*call).pipeline, func(c *call, p *Pipeline) listing[appRelease] {
		return c.latest(p, func(r *Release) bool {
			return r.Deployment && !(r.Rollback && c.opts.Policy.RollbackNoDeployment)
		})
	})
}
