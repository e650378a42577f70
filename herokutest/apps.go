package herokutest

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// AddApp adds an app and returns it with everything filled in. It makes no
// releases but those of App.Releases. It panics if the app can't be, which is
// a mistake in the test: a name that is taken or isn't one, an unknown team.
func (s *Server) AddApp(a App) App {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.addApp(clone(a))
	must("AddApp", err)
	return clone(*p)
}

// App returns the app with this UUID or current name, whether or not the
// token may see it.
func (s *Server) App(ref string) (App, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.state.findApp(ref)
	if a == nil {
		return App{}, false
	}
	return clone(*a), true
}

// Rename gives an app another name, as PATCH /apps/{app} does: name, git_url,
// web_url and the herokuapp.com domain change, the UUID stays. The old name
// is unknown from then on, until another app takes it. It panics if there is
// no such app or the name can't be used.
func (s *Server) Rename(app, name string) App {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.mustApp("Rename", app)
	must("Rename", s.rename(a, name))
	return clone(*a)
}

// DeleteApp removes an app with all that hangs on it: its couplings and
// add-ons too. It panics if there is no such app.
func (s *Server) DeleteApp(app string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deleteApp(s.mustApp("DeleteApp", app))
}

// SetMaintenance switches an app's maintenance mode. It panics if there is no
// such app.
func (s *Server) SetMaintenance(app string, on bool) {
	s.UpdateApp(app, func(a *App) { a.Maintenance = on })
}

// UpdateApp changes an app in any way the other methods don't: update gets a
// copy and what it leaves there becomes the app, checked and filled in like
// one given to AddApp. The UUID can't change; a new Name is taken as it is,
// without a new domain. It panics if there is no such app or the result can't
// be. update must not call the server's methods.
func (s *Server) UpdateApp(app string, update func(*App)) App {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.mustApp("UpdateApp", app)
	next := clone(*old)
	update(&next)
	next = clone(next)
	next.ID, next.CreatedAt = old.ID, old.CreatedAt
	if next.UpdatedAt.Equal(old.UpdatedAt) {
		next.UpdatedAt = s.stamp()
	}
	delete(s.state.apps, old.ID)
	delete(s.state.appNames, old.Name)
	a, err := s.addApp(next)
	if err != nil {
		s.state.apps[old.ID], s.state.appNames[old.Name] = old, old.ID
	}
	must("UpdateApp", err)
	return clone(*a)
}

// Deny makes things forbidden to the token. A reference is the name or UUID
// of an app, team, space, pipeline or add-on of the server, or any name: then
// it belongs to a stranger, answers 403 and can't be taken. Denied things
// don't show in lists, but the coupling of a denied app does.
func (s *Server) Deny(refs ...string) { s.deny(false, refs) }

// DenyAsError is Deny with the other spelling of the answer that Heroku has:
// the text comes under "error" instead of "message".
func (s *Server) DenyAsError(refs ...string) { s.deny(true, refs) }

func (s *Server) deny(asError bool, refs []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, ref := range refs {
		s.state.denied[s.idOf(ref)] = asError
	}
}

// Allow takes back Deny.
func (s *Server) Allow(refs ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, ref := range refs {
		delete(s.state.denied, s.idOf(ref))
	}
}

// idOf is the UUID of whatever bears the name, or the reference itself.
func (s *Server) idOf(ref string) string {
	if a := s.state.findApp(ref); a != nil {
		return a.ID
	}
	if t := s.state.findTeam(ref); t != nil {
		return t.ID
	}
	if x := s.state.findSpace(ref); x != nil {
		return x.ID
	}
	if p := s.state.findPipeline(ref); p != nil {
		return p.ID
	}
	if a := s.state.findAddon(ref); a != nil {
		return a.ID
	}
	return ref
}

// errTaken is the answer for a name that somebody has.
func errTaken(name string) error { return invalid("Name %s is already taken", name) }

func (s *Server) checkName(name string) error {
	if !appName.MatchString(name) {
		return invalid("Name %s must start with a letter, end with a letter or digit and can only contain lowercase letters, digits, and dashes, 3 to 30 of them", name)
	}
	_, foreign := s.state.denied[name]
	if _, own := s.state.appNames[name]; own || foreign {
		return errTaken(name)
	}
	return nil
}

func (s *Server) addApp(a App) (*App, error) {
	if err := s.checkName(a.Name); err != nil {
		return nil, fmt.Errorf("app %q: %w", a.Name, err)
	}
	if err := s.ident(&a.ID, "app", a.Name); err != nil {
		return nil, err
	}
	if s.state.apps[a.ID] != nil {
		return nil, fmt.Errorf("app %q: id %s is taken", a.Name, a.ID)
	}
	if err := s.fillApp(&a); err != nil {
		return nil, fmt.Errorf("app %q: %w", a.Name, err)
	}
	s.state.apps[a.ID], s.state.appNames[a.Name] = &a, a.ID
	return &a, nil
}

func (s *Server) fillApp(a *App) error {
	s.date(&a.CreatedAt, &a.UpdatedAt)
	def(&a.Generation, Cedar)
	if err := oneOf("generation", a.Generation, Cedar, Fir); err != nil {
		return err
	}
	var errs []error
	if a.Team != "" {
		t := s.state.findTeam(a.Team)
		if t == nil {
			return fmt.Errorf("no team %q", a.Team)
		}
		a.Team = t.ID
		def(&a.Owner, t.Name+"@herokumanager.com")
	}
	def(&a.Owner, s.opts.Email)
	if a.Space != "" {
		x := s.state.findSpace(a.Space)
		if x == nil {
			return fmt.Errorf("no space %q", a.Space)
		}
		a.Space = x.ID
		def(&a.Region, x.Region)
	}
	def(&a.Region, "us")
	errs = append(errs, oneOf("region", a.Region, regionNames()...))
	if a.Generation == Fir {
		def(&a.Stack, "cnb")
	}
	def(&a.Stack, "heroku-24")
	def(&a.BuildStack, a.Stack)

	own := findIn(a.Domains, func(d *Domain) bool { return d.Kind == "heroku" })
	switch {
	case a.NoHostname:
		a.Hostname = ""
		a.Domains = slices.DeleteFunc(a.Domains, func(d Domain) bool { return d.Kind == "heroku" })
	case own != nil:
		def(&a.Hostname, own.Hostname)
		own.Hostname = a.Hostname
	default:
		def(&a.Hostname, s.newHostname(a.Name))
		a.Domains = slices.Insert(a.Domains, 0, Domain{Hostname: a.Hostname, Kind: "heroku"})
	}
	if !slices.ContainsFunc(a.Collaborators, func(c Collaborator) bool { return c.Email == a.Owner }) {
		a.Collaborators = slices.Insert(a.Collaborators, 0, Collaborator{Email: a.Owner, Role: "owner"})
	}
	if a.ConfigVars == nil {
		a.ConfigVars = map[string]string{}
	}
	for i := range a.SNIEndpoints {
		errs = append(errs, s.fillSNI(a, &a.SNIEndpoints[i]))
	}
	for i := range a.SSLEndpoints {
		errs = append(errs, s.fillSSL(a, &a.SSLEndpoints[i]))
	}
	for i := range a.FeatureDetails {
		errs = append(errs, s.fillFeature(&a.FeatureDetails[i]))
	}
	for i := range a.Domains {
		errs = append(errs, s.fillDomain(a, &a.Domains[i]))
	}
	for i := range a.Formation {
		errs = append(errs, s.fillProcess(a, &a.Formation[i]))
	}
	for i := range a.LogDrains {
		errs = append(errs, s.fillLogDrain(a, &a.LogDrains[i]))
	}
	for i := range a.TelemetryDrains {
		errs = append(errs, s.fillTelemetryDrain(a.ID, &a.TelemetryDrains[i]))
	}
	for i := range a.Collaborators {
		errs = append(errs, s.fillCollaborator(a, &a.Collaborators[i]))
	}
	for i := range a.Webhooks {
		errs = append(errs, s.fillWebhook(a, &a.Webhooks[i]))
	}
	for i := range a.Slugs {
		errs = append(errs, s.fillSlug(a, &a.Slugs[i]))
	}
	for i := range a.Images {
		errs = append(errs, s.fillImage(a, &a.Images[i]))
	}
	errs = append(errs, s.fillReleases(a))
	for i := range a.Builds {
		errs = append(errs, s.fillBuild(a, &a.Builds[i]))
	}
	return errors.Join(errs...)
}

func (s *Server) newHostname(name string) string {
	return name + "-" + s.newHex("hostname", name, 12) + ".herokuapp.com"
}

func (s *Server) rename(a *App, name string) error {
	if name == a.Name {
		return nil
	}
	if err := s.checkName(name); err != nil {
		return err
	}
	delete(s.state.appNames, a.Name)
	a.Name = name
	s.state.appNames[name] = a.ID
	a.UpdatedAt = s.stamp()
	if a.NoHostname {
		return nil
	}
	// Heroku destroys the old subdomain and makes another.
	a.Hostname = s.newHostname(name)
	a.Domains = slices.DeleteFunc(a.Domains, func(d Domain) bool { return d.Kind == "heroku" })
	d := Domain{Hostname: a.Hostname, Kind: "heroku"}
	if err := s.fillDomain(a, &d); err != nil {
		return err
	}
	a.Domains = slices.Insert(a.Domains, 0, d)
	return nil
}

func (s *Server) deleteApp(a *App) {
	delete(s.state.apps, a.ID)
	delete(s.state.appNames, a.Name)
	delete(s.state.denied, a.ID)
	for _, p := range s.state.pipelines {
		p.Couplings = slices.DeleteFunc(p.Couplings, func(c Coupling) bool { return c.App == a.ID })
		p.ReviewApps = slices.DeleteFunc(p.ReviewApps, func(r ReviewApp) bool { return r.App == a.ID })
	}
	for _, x := range slices.Clone(s.state.addons) {
		if x.App == a.ID {
			s.deleteAddon(x)
		}
		x.Attachments = slices.DeleteFunc(x.Attachments, func(t Attachment) bool { return t.App == a.ID })
	}
}

func (s *Server) wireApp(a *App) obj {
	o := s.wireTeamApp(a)
	delete(o, "joined")
	delete(o, "locked")
	o["acm"] = a.ACM
	o["generation"] = s.named("generation", a.Generation)
	o["organization"] = nil
	o["team"] = nil
	if t := s.state.findTeam(a.Team); a.Team != "" && t != nil {
		o["organization"] = obj{"id": t.ID, "name": t.Name}
		o["team"] = obj{"id": t.ID, "name": t.Name}
	}
	if x := s.state.findSpace(a.Space); a.Space != "" && x != nil {
		o["space"] = obj{"id": x.ID, "name": x.Name, "shield": x.Shield}
	}
	return o
}

// wireTeamApp is an app as the team routes and the filter give it.
func (s *Server) wireTeamApp(a *App) obj {
	o := obj{
		"archived_at":                    timeOrNull(a.ArchivedAt),
		"buildpack_provided_description": orNull(a.BuildpackProvidedDescription),
		"build_stack":                    s.named("stack", a.BuildStack),
		"created_at":                     wireTime(a.CreatedAt),
		"git_url":                        "https://git.heroku.com/" + a.Name + ".git",
		"id":                             a.ID,
		"internal_routing":               nil,
		"joined":                         !a.NotJoined,
		"locked":                         a.Locked,
		"maintenance":                    a.Maintenance,
		"name":                           a.Name,
		"owner":                          s.user(a.Owner),
		"region":                         s.named("region", a.Region),
		"released_at":                    timeOrNull(a.ReleasedAt),
		"repo_size":                      orNull(a.RepoSize),
		"slug_size":                      orNull(a.SlugSize),
		"space":                          nil,
		"stack":                          s.named("stack", a.Stack),
		"team":                           nil,
		"updated_at":                     wireTime(a.UpdatedAt),
		"web_url":                        nil,
	}
	if a.Hostname != "" {
		o["web_url"] = "https://" + a.Hostname + "/"
	}
	if t := s.state.findTeam(a.Team); a.Team != "" && t != nil {
		o["team"] = obj{"name": t.Name}
	}
	if x := s.state.findSpace(a.Space); a.Space != "" && x != nil {
		o["space"] = obj{"id": x.ID, "name": x.Name}
		o["internal_routing"] = a.InternalRouting
	}
	return o
}

// apps lists the apps that the token can see and keep accepts.
func (c *call) apps(wire func(*App) obj, keep func(*App) bool) listing[*App] {
	all := slices.Collect(maps.Values(c.state.apps))
	all = slices.DeleteFunc(all, func(a *App) bool { return c.hidden(a) || !keep(a) })
	return listing[*App]{
		items: all,
		fields: []field[*App]{
			{name: "id", key: func(a *App) string { return a.ID }},
			{name: "name", key: func(a *App) string { return a.Name }},
			{name: "updated_at", key: func(a *App) string { return wireTime(a.UpdatedAt) }},
		},
		wire:    wire,
		updated: func(a *App) time.Time { return a.UpdatedAt },
	}
}

func (c *call) createApp(wire func(*App) obj) (int, any, error) {
	var in struct {
		Name            string `json:"name"`
		Region          string `json:"region"`
		Stack           string `json:"stack"`
		Team            string `json:"team"`
		Organization    string `json:"organization"`
		Space           string `json:"space"`
		Locked          bool   `json:"locked"`
		InternalRouting bool   `json:"internal_routing"`
	}
	if err := c.bind(&in); err != nil {
		return 0, nil, err
	}
	def(&in.Name, "app-"+c.newHex("app-name", "", 12))
	a := App{Name: in.Name, Region: in.Region, Stack: in.Stack, Team: cmp.Or(in.Team, in.Organization),
		Space: in.Space, Locked: in.Locked, InternalRouting: in.InternalRouting}
	if x := c.state.findSpace(in.Space); in.Space != "" && x != nil {
		a.Generation = x.Generation
	}
	p, err := c.addApp(a)
	if err != nil {
		return 0, nil, refused(err)
	}
	return http.StatusCreated, wire(p), nil
}

// refused turns the reason why something can't be into an answer.
func refused(err error) error {
	if e, ok := errors.AsType[*apiError](err); ok {
		return e
	}
	return invalid("%s", strings.ReplaceAll(err.Error(), "\n", "; "))
}

func (c *call) updateApp(wire func(*App) obj) (int, any, error) {
	a, err := c.app()
	if err != nil {
		return 0, nil, err
	}
	var in struct {
		Name        *string `json:"name"`
		Maintenance *bool   `json:"maintenance"`
		BuildStack  *string `json:"build_stack"`
		Locked      *bool   `json:"locked"`
		Owner       *string `json:"owner"`
	}
	if err := c.bind(&in); err != nil {
		return 0, nil, err
	}
	if in.Name != nil {
		if err := c.rename(a, *in.Name); err != nil {
			return 0, nil, err
		}
	}
	if in.Maintenance != nil {
		a.Maintenance = *in.Maintenance
	}
	if in.BuildStack != nil {
		a.BuildStack = *in.BuildStack
	}
	if in.Locked != nil {
		a.Locked = *in.Locked
	}
	if in.Owner != nil && *in.Owner != "" {
		a.Owner = *in.Owner
		if t := c.state.findTeam(*in.Owner); t != nil {
			a.Team, a.Owner = t.ID, t.Name+"@herokumanager.com"
		}
		if !slices.ContainsFunc(a.Collaborators, func(v Collaborator) bool { return v.Email == a.Owner }) {
			v := Collaborator{Email: a.Owner, Role: "owner"}
			if err := c.fillCollaborator(a, &v); err != nil {
				return 0, nil, refused(err)
			}
			a.Collaborators = append(a.Collaborators, v)
		}
	}
	a.UpdatedAt = c.stamp()
	return http.StatusOK, wire(a), nil
}

func appRoutes() {
	list("/apps", func(c *call) (listing[*App], error) {
		return c.apps(c.wireApp, func(*App) bool { return true }), nil
	})
	list("/users/{user}/apps", func(c *call) (listing[*App], error) {
		return c.apps(c.wireApp, func(a *App) bool { return a.Team == "" }), c.selfOnly()
	})
	list("/teams/{team}/apps", func(c *call) (listing[*App], error) {
		t, err := c.team()
		if err != nil {
			return listing[*App]{}, err
		}
		return c.apps(c.wireTeamApp, func(a *App) bool { return a.Team == t.ID }), nil
	})
	get("/apps/{app}", func(c *call) (any, error) {
		a, err := c.app()
		if err != nil {
			return nil, err
		}
		c.modified = a.UpdatedAt
		return c.wireApp(a), nil
	})
	get("/teams/apps/{app}", func(c *call) (any, error) {
		a, err := c.app()
		if err != nil {
			return nil, err
		}
		if a.Team == "" {
			return nil, notFound("app", "app")
		}
		c.modified = a.UpdatedAt
		return c.wireTeamApp(a), nil
	})
	handle("POST /filters/apps", func(c *call) (int, any, error) {
		var in struct {
			In struct {
				ID []string `json:"id"`
			} `json:"in"`
		}
		if err := c.bind(&in); err != nil {
			return 0, nil, err
		}
		return c.apps(c.wireTeamApp, func(a *App) bool { return slices.Contains(in.In.ID, a.ID) }).page(c)
	})
	handle("POST /apps", func(c *call) (int, any, error) { return c.createApp(c.wireApp) })
	handle("POST /teams/apps", func(c *call) (int, any, error) { return c.createApp(c.wireTeamApp) })
	handle("PATCH /apps/{app}", func(c *call) (int, any, error) { return c.updateApp(c.wireApp) })
	handle("PATCH /teams/apps/{app}", func(c *call) (int, any, error) { return c.updateApp(c.wireTeamApp) })
	handle("DELETE /apps/{app}", func(c *call) (int, any, error) {
		a, err := c.app()
		if err != nil {
			return 0, nil, err
		}
		o := c.wireApp(a)
		c.deleteApp(a)
		return http.StatusOK, o, nil
	})
	acm := func(on bool) func(*call) (int, any, error) {
		return func(c *call) (int, any, error) {
			a, err := c.app()
			if err != nil {
				return 0, nil, err
			}
			a.ACM, a.UpdatedAt = on, c.stamp()
			return http.StatusOK, c.wireApp(a), nil
		}
	}
	handle("POST /apps/{app}/acm", acm(true))
	handle("DELETE /apps/{app}/acm", acm(false))
	get("/account/rate-limits", func(c *call) (any, error) {
		return obj{"remaining": int(c.bucket)}, nil
	})
}
