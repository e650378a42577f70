package herokutest

import (
	"slices"
	"strconv"
	"strings"
)

// SetBuildpacks replaces an app's buildpacks. It panics if there is no such
// app.
func (s *Server) SetBuildpacks(app string, buildpacks ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mustApp("SetBuildpacks", app).Buildpacks = slices.Clone(buildpacks)
}

// wireBuildpack spells a buildpack: those of the registry have a URN.
func wireBuildpack(name string) obj {
	if strings.Contains(name, "://") {
		return obj{"name": name, "url": name}
	}
	return obj{"name": name, "url": "urn:buildpack:" + name}
}

func buildpackRoutes() {
	const path = "/apps/{app}/buildpack-installations"
	type body struct {
		Updates []struct {
			Buildpack string `json:"buildpack"`
		} `json:"updates"`
	}
	list(path, (*call).cedarApp, (*call).buildpacks)
	handle("PUT "+path, func(c *call) (int, any, error) {
		a, err := c.cedarApp()
		if err != nil {
			return 0, nil, err
		}
		var in body
		if err := c.bind(&in); err != nil {
			return 0, nil, err
		}
		a.Buildpacks = nil
		for _, u := range in.Updates {
			a.Buildpacks = append(a.Buildpacks, strings.TrimPrefix(u.Buildpack, "urn:buildpack:"))
		}
		return c.buildpacks(a).page(c)
	})
}

// cedarApp is app, for one whose buildpacks are set on Heroku: not one that is built by
// Cloud Native Buildpacks, of whichever generation.
func (c *call) cedarApp() (*App, error) {
	a, err := c.app()
	if err == nil && (a.Generation == Fir || a.Stack == "cnb") {
		return nil, invalid("This app uses Cloud Native Buildpacks, which are configured in project.toml.")
	}
	return a, err
}

func (c *call) buildpacks(a *App) listing[obj] {
	var all []obj
	for i, p := range a.Buildpacks {
		all = append(all, obj{"ordinal": i, "buildpack": wireBuildpack(p)})
	}
	return listing[obj]{items: all, wire: func(o obj) obj { return o }, fields: []field[obj]{{
		name: "ordinal", numeric: true, key: func(o obj) string { return strconv.Itoa(o["ordinal"].(int)) },
	}}}
}
