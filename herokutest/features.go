package herokutest

import (
	"cmp"
	"errors"
	"maps"
	"net/http"
	"slices"
	"time"
)

// SetFeature switches a feature of an app. It panics if there is no such app.
func (s *Server) SetFeature(app, feature string, enabled bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mustApp("SetFeature", app).setFeature(feature, enabled)
}

func (a *App) setFeature(name string, enabled bool) {
	a.Features = slices.DeleteFunc(a.Features, func(f string) bool { return f == name })
	if enabled {
		a.Features = append(a.Features, name)
	}
}

// fillFeatures completes the details that are given of an app's features.
func (s *Server) fillFeatures(a *App) error {
	var errs []error
	for i := range a.FeatureDetails {
		errs = append(errs, s.fillFeature(&a.FeatureDetails[i]))
	}
	return errors.Join(errs...)
}

func (s *Server) fillFeature(f *Feature) error {
	if f.Name == "" {
		return errors.New("a feature without name")
	}
	if f.ID == "" {
		return nil // made up where it is sent, as for features without details
	}
	return s.ident(&f.ID, "feature", f.Name)
}

// The features that Heroku has. What it says of them is longer.

var appFeatures = []Feature{
	{Name: "http-end-to-end-continue", DisplayName: "HTTP end-to-end continue", Description: "Answers of 100-continue come from the app.", State: "general"},
	{Name: "http-session-affinity", DisplayName: "Session affinity", Description: "Requests of a client go to the same dyno.", State: "general"},
	{Name: "log-runtime-metrics", DisplayName: "Log runtime metrics", Description: "Memory and load of each dyno go to the log.", State: "beta"},
	{Name: "nodejs-language-metrics", DisplayName: "Node.js language metrics", Description: "Metrics of the Node.js runtime.", State: "general"},
	{Name: "preboot", DisplayName: "Preboot", Description: "New dynos start before the old ones stop.", State: "general"},
	{Name: "runtime-dyno-metadata", DisplayName: "Dyno metadata", Description: "Dynos see the app's name and release.", State: "beta"},
	{Name: "spaces-dns-discovery", DisplayName: "DNS discovery", Description: "Dynos of a space find each other by name.", State: "general"},
	{Name: "spaces-strict-tls", DisplayName: "Strict TLS", Description: "Only strong ciphers.", State: "general"},
}

var accountFeatures = []Feature{
	{Name: "app-overview", DisplayName: "App overview", Description: "An overview page for an app", State: "beta"},
	{Name: "dashboard-repositories-api", DisplayName: "Repositories", Description: "Repositories of pipelines by the Platform API.", State: "general"},
	{Name: "pipelines", DisplayName: "Pipelines", Description: "Pipelines in the dashboard.", State: "general"},
	{Name: "team-permissions", DisplayName: "Team permissions", Description: "Permissions within teams.", State: "beta"},
}

func (s *Server) wireFeature(kind, owner string, f Feature, enabled bool, at time.Time) obj {
	return obj{
		"created_at":     wireTime(at),
		"description":    f.Description,
		"display_name":   f.DisplayName,
		"doc_url":        "https://devcenter.heroku.com/articles/" + f.Name,
		"enabled":        enabled,
		"feedback_email": "feedback@example.com",
		"id":             cmp.Or(f.ID, s.fixedID(kind, f.Name+" "+owner)),
		"name":           f.Name,
		"state":          f.State,
		"updated_at":     wireTime(at),
	}
}

// features lists what Heroku has and whatever else is enabled or has details.
func (s *Server) features(kind, owner string, known, details []Feature, enabled []string, at time.Time) []obj {
	all := slices.Clone(known)
	one := func(name string) *Feature {
		if f := findIn(all, func(f *Feature) bool { return f.Name == name }); f != nil {
			return f
		}
		all = append(all, Feature{Name: name, DisplayName: name, State: "beta"})
		return &all[len(all)-1]
	}
	for _, name := range enabled {
		one(name)
	}
	for _, d := range details {
		f := one(d.Name)
		f.ID = d.ID
		f.DisplayName = cmp.Or(d.DisplayName, f.DisplayName)
		f.Description = cmp.Or(d.Description, f.Description)
		f.State = cmp.Or(d.State, f.State)
	}
	wires := make([]obj, len(all))
	for i, f := range all {
		wires[i] = s.wireFeature(kind, owner, f, slices.Contains(enabled, f.Name), at)
	}
	return wires
}

func (s *Server) appFeatures(a *App) []obj {
	return s.features("app-feature", a.ID, appFeatures, a.FeatureDetails, a.Features, a.CreatedAt)
}

func (s *Server) accountFeatures() []obj {
	var enabled []string
	for _, name := range slices.Sorted(maps.Keys(s.state.features)) {
		if s.state.features[name] {
			enabled = append(enabled, name)
		}
	}
	return s.features("account-feature", s.who(), accountFeatures, s.state.featureDetails, enabled, epoch)
}

func featureRoutes() {
	type body struct {
		Enabled bool `json:"enabled"`
	}
	list("/account/features", (*call).account, func(c *call, _ *state) listing[obj] { return objects(c.accountFeatures(), "id", "name") })
	ofAccount := func(c *call) (obj, error) { return c.objectByID("account feature", c.accountFeatures()) }
	get("/account/features/{id}", ofAccount, showObject)
	write("PATCH /account/features/{id}", http.StatusOK, ofAccount, func(c *call, o obj, in body) (any, error) {
		c.state.features[o["name"].(string)] = in.Enabled
		o["enabled"] = in.Enabled
		return o, nil
	})

	list("/apps/{app}/features", (*call).app, func(c *call, a *App) listing[obj] { return objects(c.appFeatures(a), "id", "name") })
	ofApp := func(c *call) (childOf[*App, obj], error) {
		a, err := c.app()
		if err != nil {
			return childOf[*App, obj]{}, err
		}
		o, err := c.objectByID("app feature", c.appFeatures(a))
		return childOf[*App, obj]{a, &o}, err
	}
	get("/apps/{app}/features/{id}", ofApp, func(_ *call, x childOf[*App, obj]) any { return *x.v })
	write("PATCH /apps/{app}/features/{id}", http.StatusOK, ofApp, func(c *call, x childOf[*App, obj], in body) (any, error) {
		o := *x.v
		x.parent.setFeature(o["name"].(string), in.Enabled)
		o["enabled"] = in.Enabled
		return o, nil
	})
}
