package herokutest

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// SetConfigVars sets config vars of an app, leaving the others, and makes a
// release with the slug of the current one. It panics if there is no such
// app.
func (s *Server) SetConfigVars(app string, vars map[string]string) Release {
	s.mu.Lock()
	defer s.mu.Unlock()
	change := map[string]*string{}
	for name, value := range vars {
		change[name] = &value
	}
	return clone(*s.configure(s.mustApp("SetConfigVars", app), change))
}

// UnsetConfigVars removes config vars of an app and makes a release with the
// slug of the current one. It panics if there is no such app.
func (s *Server) UnsetConfigVars(app string, names ...string) Release {
	s.mu.Lock()
	defer s.mu.Unlock()
	change := map[string]*string{}
	for _, name := range names {
		change[name] = nil
	}
	return clone(*s.configure(s.mustApp("UnsetConfigVars", app), change))
}

// configure changes config vars; a nil value removes the variable.
func (s *Server) configure(a *App, change map[string]*string) *Release {
	verb := "Set"
	for _, value := range change {
		if value == nil {
			verb = "Remove"
		}
	}
	changeVars(a.ConfigVars, change)
	names := slices.Sorted(maps.Keys(change))
	return s.recast(a, verb+" "+strings.Join(names, ", ")+" config vars")
}

func configVarRoutes() {
	get("/apps/{app}/config-vars", (*call).app, func(_ *call, a *App) any { return a.ConfigVars })
	write("PATCH /apps/{app}/config-vars", http.StatusOK, (*call).app, func(c *call, a *App, change map[string]*string) (any, error) {
		if len(change) > 0 {
			c.configure(a, change)
		}
		return a.ConfigVars, nil
	})
	get("/apps/{app}/releases/{release}/config-vars", (*call).releaseOfApp, func(_ *call, r appRelease) any { return r.release.ConfigVars })

	const ofStage = "/pipelines/{pipeline}/stage/{stage}/config-vars"
	vars := func(c *call, p *Pipeline) map[string]string {
		if vars := p.ConfigVars[c.args["stage"]]; vars != nil {
			return maps.Clone(vars)
		}
		return map[string]string{}
	}
	get(ofStage, (*call).pipeline, func(c *call, p *Pipeline) any { return vars(c, p) })
	write("PATCH "+ofStage, http.StatusOK, (*call).pipeline, func(c *call, p *Pipeline, change map[string]*string) (any, error) {
		next := vars(c, p)
		changeVars(next, change)
		if p.ConfigVars == nil {
			p.ConfigVars = map[string]map[string]string{}
		}
		p.ConfigVars[c.args["stage"]] = next
		return next, nil
	})
}

// changeVars sets config vars, and removes those whose new value is nil.
func changeVars(vars map[string]string, change map[string]*string) {
	for name, value := range change {
		if value == nil {
			delete(vars, name)
		} else {
			vars[name] = *value
		}
	}
}
