package herokutest

import (
	"errors"
	"fmt"
	"slices"
)

// AddApp adds an app and returns it with everything filled in. It makes no
// releases but those of App.Releases. It panics if the app is invalid, which is
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

// DeleteApp removes an app with all that belongs to it: its couplings and
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
// without a new domain. It panics if there is no such app or the result is
// invalid. update must not call the server's methods.
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

// errTaken is the answer for a name that is in use.
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
		return nil, fmt.Errorf("app %q: %w", a.Name, err)
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
	if err := s.fillOwner(a); err != nil {
		return err
	}
	def(&a.Generation, Cedar)
	if err := oneOf("generation", a.Generation, Cedar, Fir); err != nil {
		return err
	}
	def(&a.Region, "us")
	if a.Generation == Fir {
		def(&a.Stack, "cnb")
	}
	def(&a.Stack, "heroku-24")
	def(&a.BuildStack, a.Stack)
	s.fillHostname(a)
	if a.collaborator(a.Owner) == nil {
		a.Collaborators = slices.Insert(a.Collaborators, 0, Collaborator{Email: a.Owner, Role: "owner"})
	}
	if a.ConfigVars == nil {
		a.ConfigVars = map[string]string{}
	}
	return errors.Join(
		oneOf("region", a.Region, regionNames()...),
		sniEndpoints.fillAll(s, a), // before the domains, which name them
		sslEndpoints.fillAll(s, a),
		s.fillFeatures(a),
		domains.fillAll(s, a),
		processes.fillAll(s, a),
		oneOffs.fillAll(s, a),
		logDrains.fillAll(s, a),
		telemetryOfApps.fillAll(s, a),
		collaborators.fillAll(s, a),
		webhooks.fillAll(s, a),
		webhookEvents.fillAll(s, a),
		slugs.fillAll(s, a), // before the releases, which name them and images
		images.fillAll(s, a),
		s.fillReleases(a),
		builds.fillAll(s, a),
	)
}

// fillOwner completes whose an app is, and where it runs.
func (s *Server) fillOwner(a *App) error {
	if a.Team != "" {
		t := s.state.findTeam(a.Team)
		if t == nil {
			return fmt.Errorf("no team %q", a.Team)
		}
		a.Team = t.ID
		def(&a.Owner, t.Name+"@herokumanager.com")
	}
	def(&a.Owner, s.who())
	if a.Space != "" {
		x := s.state.findSpace(a.Space)
		if x == nil {
			return fmt.Errorf("no space %q", a.Space)
		}
		a.Space = x.ID
		def(&a.Region, x.Region)
		def(&a.Generation, x.Generation)
		def(&a.PlainHTTP, new(true))
	}
	return nil
}

// fillHostname gives an app the domain of its own, unless it has none.
func (s *Server) fillHostname(a *App) {
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
	s.state.transfers = slices.DeleteFunc(s.state.transfers, func(t *AppTransfer) bool { return t.App == a.ID })
	for _, x := range slices.Clone(s.state.addons) {
		if x.App == a.ID {
			s.deleteAddon(x)
		}
		x.Attachments = slices.DeleteFunc(x.Attachments, func(t Attachment) bool { return t.App == a.ID })
	}
}
