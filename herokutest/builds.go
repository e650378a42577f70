package herokutest

import (
	"cmp"
	"net/http"
	"slices"
	"time"
)

var builds = children[*App, Build]{
	path: "/apps/{app}/builds", kind: "build",
	parent: (*call).app,
	of:     func(a *App) *[]Build { return &a.Builds },
	is:     func(b *Build, ref string) bool { return b.ID == ref },
	fill:   (*Server).fillBuild,
	wire:   (*Server).wireBuild,
	fields: []field[*Build]{
		{name: "id", key: func(b *Build) string { return b.ID }},
		{name: "started_at", key: func(b *Build) string { return wireTime(b.CreatedAt) }},
	},
	updated: func(b *Build) time.Time { return b.UpdatedAt },
}

// AddBuild adds a build to an app. It panics if there is no such app or the
// build is invalid.
func (s *Server) AddBuild(app string, b Build) Build {
	return addChild(s, "AddBuild", builds, (*Server).mustApp, app, b)
}

func (s *Server) fillBuild(a *App, b *Build) error {
	if err := s.ident(&b.ID, "build", a.Name); err != nil {
		return err
	}
	s.date(&b.CreatedAt, &b.UpdatedAt)
	def(&b.Status, Succeeded)
	def(&b.Stack, a.BuildStack)
	def(&b.User, s.who())
	def(&b.SourceURL, "https://source.example.com/"+b.ID+".tgz")
	def(&b.OutputStreamURL, "https://build-output.example.com/streams/"+b.ID)
	return oneOf("status of a build", b.Status, Succeeded, Pending, Failed)
}

func (s *Server) wireBuild(a *App, b *Build) obj {
	o := obj{
		"app":               obj{"id": a.ID},
		"buildpacks":        nil,
		"created_at":        wireTime(b.CreatedAt),
		"id":                b.ID,
		"output_stream_url": b.OutputStreamURL,
		"release":           nil,
		"slug":              nil,
		"source_blob": obj{"checksum": orNull(b.SourceChecksum), "url": b.SourceURL,
			"version": orNull(b.SourceVersion), "version_description": orNull(b.VersionDescription)},
		"stack":      b.Stack,
		"status":     b.Status,
		"updated_at": wireTime(b.UpdatedAt),
		"user":       s.user(b.User),
	}
	if b.Buildpacks != nil {
		packs := []obj{}
		for _, p := range b.Buildpacks {
			packs = append(packs, wireBuildpack(p))
		}
		o["buildpacks"] = packs
	}
	if b.Release != "" {
		o["release"] = obj{"id": b.Release}
	}
	if b.Slug != "" {
		o["slug"] = obj{"id": b.Slug}
	}
	return o
}

func buildRoutes() {
	builds.read()
	type body struct {
		Buildpacks []struct {
			URL  string `json:"url"`
			Name string `json:"name"`
		} `json:"buildpacks"`
		SourceBlob struct {
			Checksum string `json:"checksum"`
			URL      string `json:"url"`
			Version  string `json:"version"`
		} `json:"source_blob"`
	}
	// A build succeeds at once, and is released.
	write("POST /apps/{app}/builds", http.StatusCreated, (*call).app, func(c *call, a *App, in body) (any, error) {
		r, err := c.Server.release(a, "", Release{})
		if err != nil {
			return nil, err
		}
		b := Build{SourceURL: in.SourceBlob.URL, SourceVersion: in.SourceBlob.Version,
			SourceChecksum: in.SourceBlob.Checksum, Slug: r.Slug, Release: r.ID}
		for _, p := range in.Buildpacks {
			b.Buildpacks = append(b.Buildpacks, cmp.Or(p.Name, p.URL))
		}
		if b, err = builds.add(c.Server, a, b); err != nil {
			return nil, err
		}
		c.emit(a, "build", "create", c.wireBuild(a, &b))
		return c.wireBuild(a, &b), nil
	})
	list("/pipelines/{pipeline}/latest-builds", (*call).pipeline, func(c *call, p *Pipeline) listing[obj] {
		var all []obj
		for _, a := range c.members(p) {
			if len(a.Builds) > 0 {
				newest := slices.MaxFunc(a.Builds, func(x, y Build) int { return x.CreatedAt.Compare(y.CreatedAt) })
				all = append(all, c.wireBuild(a, &newest))
			}
		}
		return objects(all, "id")
	})
}
