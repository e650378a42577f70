package herokutest

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// AddAddon adds an add-on, its attachments and the config vars they bring, and
// returns it with everything filled in. It makes no release. It panics if the
// add-on is invalid: an unknown app, a name that is taken.
func (s *Server) AddAddon(x Addon) Addon {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, err := s.addAddon(clone(x))
	must("AddAddon", err)
	return clone(*v)
}

// Addon returns the add-on with this UUID or name, whether or not the token
// may see it.
func (s *Server) Addon(ref string) (Addon, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x := s.state.findAddon(ref)
	if x == nil {
		return Addon{}, false
	}
	return clone(*x), true
}

// DeleteAddon removes an add-on with its attachments and their config vars.
// It makes no release. It panics if there is no such add-on.
func (s *Server) DeleteAddon(addon string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deleteAddon(s.mustAddon("DeleteAddon", addon))
}

func (x *Addon) service() string {
	service, _, _ := strings.Cut(x.Plan, ":")
	return service
}

// url is what the add-on's variables hold when the test doesn't say. The
// schemes are those that drivers want to see.
func (x *Addon) url() string {
	switch x.service() {
	case "heroku-postgresql":
		return "postgres://u" + x.ID[:8] + ":p" + x.ID[:8] + "@" + x.Name + ".addon.example:5432/d" + x.ID[:8]
	case "heroku-redis":
		return "rediss://:p" + x.ID[:8] + "@" + x.Name + ".addon.example:6379"
	}
	return "https://" + x.Name + ".addon.example/" + x.ID
}

func (s *Server) addAddon(x Addon) (*Addon, error) {
	a := s.state.findApp(x.App)
	if a == nil {
		return nil, fmt.Errorf("no app %q", x.App)
	}
	x.App = a.ID
	if x.Plan == "" {
		return nil, errors.New("an add-on without plan")
	}
	x.Plan = planName(x.Plan)
	short := strings.TrimPrefix(x.service(), "heroku-")
	if x.Name == "" {
		x.Name = short + "-" + s.newHex("addon-name", a.Name+" "+short, 6)
	}
	if err := s.ident(&x.ID, "add-on", x.Name); err != nil {
		return nil, fmt.Errorf("add-on %q: %w", x.Name, err)
	}
	if s.state.findAddon(x.ID) != nil || s.state.findAddon(x.Name) != nil {
		return nil, fmt.Errorf("add-on %q: name or id is taken", x.Name)
	}
	s.date(&x.CreatedAt, &x.UpdatedAt)
	def(&x.ProviderID, s.fixedID("provider", x.ID))
	def(&x.State, "provisioned")
	def(&x.PriceCents, cents(x.Plan))
	if err := oneOf("state of add-on", x.State, "provisioning", "provisioned", "deprovisioned", "suspended"); err != nil {
		return nil, err
	}
	attachments := x.Attachments
	if attachments == nil {
		attachments = []Attachment{{Name: s.freeAttachment(a, x.service())}}
	}
	if x.Config == nil {
		x.Config = map[string]string{}
		if len(attachments) > 0 {
			x.Config[attachments[0].Name+"_URL"] = x.url()
		}
	}
	x.Attachments = make([]Attachment, 0, len(attachments))
	for _, t := range attachments {
		if _, err := s.attach(&x, t); err != nil {
			return nil, fmt.Errorf("add-on %q: %w", x.Name, err)
		}
	}
	for name, value := range x.Config {
		a.provide(name, value)
	}
	s.state.addons = append(s.state.addons, &x)
	return &x, nil
}

// provide sets a config var that an add-on brings, without a release. A value
// that the test gave the app stays.
func (a *App) provide(name, value string) {
	if _, ok := a.ConfigVars[name]; ok {
		return
	}
	a.ConfigVars[name] = value
	if r := a.current(); r != nil {
		r.ConfigVars[name] = value
	}
}

// addonVars are the names of the config vars that add-ons bring to an app.
func (s *Server) addonVars(a *App) []string {
	var names []string
	for _, x := range s.state.addons {
		if x.App == a.ID {
			names = slices.AppendSeq(names, maps.Keys(x.Config))
		}
		for _, t := range x.Attachments {
			if t.App == a.ID {
				names = append(names, t.Name+"_URL")
			}
		}
	}
	return names
}

// value is what NAME_URL of an attachment holds: the variable of that name,
// else the only one there is.
func (x *Addon) value(attachment string) string {
	if v, ok := x.Config[attachment+"_URL"]; ok {
		return v
	}
	if len(x.Config) == 1 {
		for _, v := range x.Config {
			return v
		}
	}
	return x.url()
}

func (s *Server) deleteAddon(x *Addon) {
	for _, t := range x.Attachments {
		s.unset(t)
	}
	if a := s.state.apps[x.App]; a != nil {
		for name := range x.Config {
			delete(a.ConfigVars, name)
		}
	}
	s.state.addons = slices.DeleteFunc(s.state.addons, func(y *Addon) bool { return y == x })
}

func (s *Server) wireAddon(x *Addon) obj {
	a := s.state.apps[x.App]
	billing := obj{"id": a.ID, "name": a.Name, "type": "app"}
	if t := s.state.findTeam(a.Team); a.Team != "" && t != nil {
		billing = obj{"id": t.ID, "name": t.Name, "type": "team"}
	}
	return obj{
		"actions":           []obj{},
		"addon_service":     s.named("addon-service", x.service()),
		"app":               s.appObj(x.App),
		"billed_price":      obj{"cents": x.PriceCents, "contract": false, "unit": "month"},
		"billing_entity":    billing,
		"config_vars":       nonNil(slices.Sorted(maps.Keys(x.Config))),
		"created_at":        wireTime(x.CreatedAt),
		"id":                x.ID,
		"name":              x.Name,
		"plan":              s.named("plan", x.Plan),
		"provider_id":       x.ProviderID,
		"provision_message": "",
		"state":             x.State,
		"updated_at":        wireTime(x.UpdatedAt),
		"web_url":           orNull(x.WebURL),
	}
}

// addonsWhere lists the add-ons that the token may see and keep accepts.
func (c *call) addonsWhere(keep func(*Addon) bool) listing[*Addon] {
	wire := func(x *Addon) obj { return c.expanded(c.wireAddon(x), x) }
	return visible(c, c.state.addons, wire, func(x *Addon) bool {
		return !c.hidden(c.state.apps[x.App]) && keep(x)
	})
}

// addonOfApp returns the add-on {id} of the app {app}.
func (c *call) addonOfApp() (*Addon, error) {
	a, err := c.app()
	if err != nil {
		return nil, err
	}
	return c.addonOn(a, c.args["id"])
}

// addonOn returns the add-on that an app has or uses, by its UUID or name, by the
// name of its attachment, or by its service where that is enough.
func (c *call) addonOn(a *App, ref string) (*Addon, error) {
	if x := c.state.findAddon(ref); x != nil && x.App == a.ID {
		return x, nil
	}
	all := c.addonsNamed(ref, a)
	switch len(all) {
	case 0:
		return nil, notFound("add-on")
	case 1:
		return all[0], nil
	}
	return nil, &apiError{status: http.StatusUnprocessableEntity, id: "multiple_matches",
		message: "Ambiguous identifier; multiple matching add-ons found."}
}

// addonsNamed are the add-ons that a reference may be to: by UUID or name, else by
// the name of an attachment to app, else by service. Without an app those of all
// apps are looked at, and no attachments.
func (c *call) addonsNamed(ref string, app *App) []*Addon {
	for _, is := range []func(*Addon) bool{
		func(x *Addon) bool { return (x.ID == ref || x.Name == ref) && (app == nil || x.App == app.ID) },
		func(x *Addon) bool {
			return app != nil && slices.ContainsFunc(x.Attachments, func(t Attachment) bool { return t.App == app.ID && t.Name == ref })
		},
		func(x *Addon) bool { return x.service() == ref && (app == nil || x.App == app.ID) },
	} {
		if all := c.addonsWhere(is).items; len(all) > 0 {
			return all
		}
	}
	return nil
}

// resolving is the body that asks for add-ons by any of their names.
type resolving struct {
	Addon   ref `json:"addon"`
	App     ref `json:"app"`
	Service ref `json:"addon_service"`
}

// resolve returns the app and the name that it gives, where APP::NAME has both.
func (c *call) resolve(app, name ref) (*App, string, error) {
	if before, after, ok := strings.Cut(string(name), "::"); ok {
		app, name = ref(before), ref(after)
	}
	if app == "" {
		return nil, string(name), nil
	}
	a, err := c.appRef(string(app))
	return a, string(name), err
}

func (c *call) resolveAddons(_ *state, in resolving) (any, error) {
	app, name, err := c.resolve(in.App, in.Addon)
	if err != nil {
		return nil, err
	}
	all := []obj{}
	for _, x := range c.addonsNamed(name, app) {
		if in.Service == "" || string(in.Service) == x.service() {
			all = append(all, c.expanded(c.wireAddon(x), x))
		}
	}
	if len(all) == 0 {
		return nil, notFound("add-on")
	}
	return all, nil
}

func addonRoutes() {
	list("/addons", (*call).account, func(c *call, _ *state) listing[*Addon] {
		return c.addonsWhere(func(*Addon) bool { return true })
	})
	list("/users/{user}/addons", (*call).own, func(c *call, st *state) listing[*Addon] {
		return c.addonsWhere(func(x *Addon) bool { return st.apps[x.App].Team == "" })
	})
	list("/teams/{team}/addons", (*call).team, func(c *call, t *Team) listing[*Addon] {
		return c.addonsWhere(func(x *Addon) bool { return c.state.apps[x.App].Team == t.ID })
	})
	list("/apps/{app}/addons", (*call).app, func(c *call, a *App) listing[*Addon] {
		return c.addonsWhere(func(x *Addon) bool { return x.App == a.ID })
	})
	show := func(c *call, x *Addon) any {
		c.modified = x.UpdatedAt
		return c.expanded(c.wireAddon(x), x)
	}
	get("/addons/{addon}", (*call).addon, show)
	get("/apps/{app}/addons/{id}", (*call).addonOfApp, show)
	list("/addons/{addon}/config", (*call).addon, func(_ *call, x *Addon) listing[obj] {
		var all []obj
		for name, value := range x.Config {
			all = append(all, obj{"name": name, "value": value})
		}
		return objects(all, "name")
	})
	write("POST /actions/addons/resolve", http.StatusOK, (*call).account, (*call).resolveAddons)
	addonWriteRoutes()
}

func addonWriteRoutes() {
	type body struct {
		Name       string `json:"name"`
		Plan       ref    `json:"plan"`
		Attachment ref    `json:"attachment"`
	}
	write("POST /apps/{app}/addons", http.StatusCreated, (*call).app, func(c *call, a *App, in body) (any, error) {
		add := Addon{App: a.ID, Name: in.Name, Plan: string(in.Plan)}
		if in.Attachment != "" {
			add.Attachments = []Attachment{{Name: string(in.Attachment)}}
		}
		x, err := c.addAddon(add)
		if err != nil {
			return nil, err
		}
		c.recast(a, "Attach "+x.Attachments[0].Name+" ("+x.Name+")")
		c.emit(a, "addon", "create", c.wireAddon(x))
		return c.expanded(c.wireAddon(x), x), nil
	})
	write("PATCH /apps/{app}/addons/{id}", http.StatusOK, (*call).addonOfApp, func(c *call, x *Addon, in body) (any, error) {
		if other := c.state.findAddon(in.Name); other != nil && other != x {
			return nil, errTaken(in.Name)
		}
		if in.Plan != "" {
			plan := string(in.Plan)
			if !strings.Contains(plan, ":") && plan != x.service() {
				plan = x.service() + ":" + plan // a tier of the same service
			}
			x.Plan = planName(plan)
			x.PriceCents = cents(x.Plan)
		}
		x.Name, x.UpdatedAt = cmp.Or(in.Name, x.Name), c.stamp()
		c.emit(c.state.apps[x.App], "addon", "update", c.wireAddon(x))
		return c.expanded(c.wireAddon(x), x), nil
	})
	gone := func(c *call, x *Addon) any {
		o := c.expanded(c.wireAddon(x), x)
		o["state"] = "deprovisioned"
		return o
	}
	remove("/apps/{app}/addons/{id}", (*call).addonOfApp, gone,
		func(c *call, x *Addon) error {
			c.emit(c.state.apps[x.App], "addon", "destroy", gone(c, x).(obj))
			c.deleteAddon(x)
			c.recast(c.state.apps[x.App], "Detach "+x.Name)
			return nil
		})
}
