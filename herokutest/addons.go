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

// AddAddon adds an add-on, its attachments and the config vars they bring, and
// returns it with everything filled in. It makes no release. It panics if the
// add-on can't be: an unknown app, a name that is taken.
func (s *Server) AddAddon(x Addon) Addon {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, err := s.addAddon(clone(x))
	must("AddAddon", err)
	return clone(*v)
}

// Attach attaches an add-on, by its name or UUID, to an app; Attachment.App
// is needed when it isn't the add-on's own. It makes no release. It panics if
// there is no such add-on or app or the app has an attachment of that name.
func (s *Server) Attach(addon string, t Attachment) Attachment {
	s.mu.Lock()
	defer s.mu.Unlock()
	x := s.state.findAddon(addon)
	if x == nil {
		panic(fmt.Sprintf("herokutest: Attach: no add-on %q", addon))
	}
	v, err := s.attach(x, clone(t))
	must("Attach", err)
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
	x := s.state.findAddon(addon)
	if x == nil {
		panic(fmt.Sprintf("herokutest: DeleteAddon: no add-on %q", addon))
	}
	s.deleteAddon(x)
}

func (x *Addon) service() string {
	service, _, _ := strings.Cut(x.Plan, ":")
	return service
}

// url is what the add-on's variables hold when the test doesn't say.
func (x *Addon) url() string {
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
	if !strings.Contains(x.Plan, ":") {
		x.Plan += ":default"
	}
	short := strings.TrimPrefix(x.service(), "heroku-")
	if x.Name == "" {
		x.Name = short + "-" + s.newHex("addon-name", a.Name+" "+short, 6)
	}
	if err := s.ident(&x.ID, "add-on", x.Name); err != nil {
		return nil, err
	}
	if s.state.findAddon(x.ID) != nil || s.state.findAddon(x.Name) != nil {
		return nil, fmt.Errorf("add-on %q: name or id is taken", x.Name)
	}
	s.date(&x.CreatedAt, &x.UpdatedAt)
	def(&x.ProviderID, s.fixedID("provider", x.ID))
	def(&x.State, "provisioned")
	if err := oneOf("state of add-on", x.State, "provisioning", "provisioned", "deprovisioned", "suspended"); err != nil {
		return nil, err
	}
	attachments := x.Attachments
	if attachments == nil {
		attachments = []Attachment{{Name: attachmentName(x.service())}}
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

// attachmentName is the name that Heroku gives the first attachment.
func attachmentName(service string) string {
	if service == "heroku-postgresql" {
		return "DATABASE"
	}
	return strings.ToUpper(strings.ReplaceAll(strings.TrimPrefix(service, "heroku-"), "-", "_"))
}

func (s *Server) attach(x *Addon, t Attachment) (*Attachment, error) {
	a := s.state.findApp(cmp.Or(t.App, x.App))
	if a == nil {
		return nil, fmt.Errorf("no app %q", t.App)
	}
	t.App = a.ID
	def(&t.Name, attachmentName(x.service()))
	for _, other := range append(slices.Clone(s.state.addons), x) {
		for _, o := range other.Attachments {
			if o.App == a.ID && o.Name == t.Name {
				return nil, fmt.Errorf("app %q has an attachment %q already", a.Name, t.Name)
			}
		}
	}
	if err := s.ident(&t.ID, "add-on-attachment", a.ID+" "+t.Name); err != nil {
		return nil, err
	}
	s.date(&t.CreatedAt, &t.UpdatedAt)
	a.provide(t.Name+"_URL", x.value(t.Name))
	x.Attachments = append(x.Attachments, t)
	return &x.Attachments[len(x.Attachments)-1], nil
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

// unset removes an attachment's config var from its app.
func (s *Server) unset(t Attachment) {
	if a := s.state.apps[t.App]; a != nil {
		delete(a.ConfigVars, t.Name+"_URL")
	}
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

// attachment is an attachment with its add-on.
type attachment struct {
	addon *Addon
	*Attachment
}

func (s *Server) wireAttachment(t attachment) obj {
	return obj{
		"addon":         obj{"id": t.addon.ID, "name": t.addon.Name, "app": s.appObj(t.addon.App)},
		"app":           s.appObj(t.App),
		"created_at":    wireTime(t.CreatedAt),
		"id":            t.ID,
		"log_input_url": orNull(t.LogInputURL),
		"name":          t.Name,
		"namespace":     orNull(t.Namespace),
		"updated_at":    wireTime(t.UpdatedAt),
		"web_url":       orNull(t.WebURL),
	}
}

func (c *call) addonVisible(x *Addon) bool {
	_, denied := c.state.denied[x.ID]
	return !denied && !c.hidden(c.state.apps[x.App])
}

func (c *call) addonList(keep func(*Addon) bool) listing[*Addon] {
	l := listing[*Addon]{
		fields:  byIDAndName(func(x *Addon) string { return x.ID }, func(x *Addon) string { return x.Name }),
		wire:    c.wireAddon,
		updated: func(x *Addon) time.Time { return x.UpdatedAt },
	}
	for _, x := range c.state.addons {
		if c.addonVisible(x) && keep(x) {
			l.items = append(l.items, x)
		}
	}
	return l
}

func (c *call) attachmentList(keep func(attachment) bool) listing[attachment] {
	l := listing[attachment]{
		fields:  byIDAndName(func(t attachment) string { return t.ID }, func(t attachment) string { return t.Name }),
		wire:    c.wireAttachment,
		updated: func(t attachment) time.Time { return t.UpdatedAt },
	}
	for _, x := range c.state.addons {
		for i := range x.Attachments {
			t := attachment{x, &x.Attachments[i]}
			if !c.hidden(c.state.apps[t.App]) && keep(t) {
				l.items = append(l.items, t)
			}
		}
	}
	return l
}

// addon returns the add-on that {addon} names.
func (c *call) addon() (*Addon, error) { return c.addonRef(c.args["addon"]) }

func (c *call) addonRef(ref string) (*Addon, error) {
	x := c.state.findAddon(ref)
	if x == nil {
		if err := c.forbidden("add-on", ref, ref); err != nil {
			return nil, err
		}
		return nil, notFound("add_on", "add-on")
	}
	if err := c.forbidden("add-on", x.Name, x.ID, x.App); err != nil {
		return nil, err
	}
	return x, nil
}

// appAddon returns the add-on {id} of the app {app}.
func (c *call) appAddon() (*App, *Addon, error) {
	a, err := c.app()
	if err != nil {
		return nil, nil, err
	}
	x := c.state.findAddon(c.args["id"])
	if x == nil || x.App != a.ID {
		return nil, nil, notFound("add_on", "add-on")
	}
	return a, x, nil
}

func addonRoutes() {
	every := func(*Addon) bool { return true }
	list("/addons", func(c *call) (listing[*Addon], error) { return c.addonList(every), nil })
	list("/users/{user}/addons", func(c *call) (listing[*Addon], error) {
		return c.addonList(func(x *Addon) bool { return c.state.apps[x.App].Team == "" }), c.selfOnly()
	})
	list("/teams/{team}/addons", func(c *call) (listing[*Addon], error) {
		t, err := c.team()
		return c.addonList(func(x *Addon) bool { return t != nil && c.state.apps[x.App].Team == t.ID }), err
	})
	list("/apps/{app}/addons", func(c *call) (listing[*Addon], error) {
		a, err := c.app()
		return c.addonList(func(x *Addon) bool { return a != nil && x.App == a.ID }), err
	})
	get("/addons/{addon}", func(c *call) (any, error) {
		x, err := c.addon()
		if err != nil {
			return nil, err
		}
		c.modified = x.UpdatedAt
		return c.wireAddon(x), nil
	})
	get("/apps/{app}/addons/{id}", func(c *call) (any, error) {
		_, x, err := c.appAddon()
		if err != nil {
			return nil, err
		}
		return c.wireAddon(x), nil
	})
	list("/addons/{addon}/config", func(c *call) (listing[obj], error) {
		x, err := c.addon()
		if err != nil {
			return listing[obj]{}, err
		}
		var all []obj
		for name, value := range x.Config {
			all = append(all, obj{"name": name, "value": value})
		}
		return objects(all, "name"), nil
	})
	list("/addons/{addon}/log-drains", func(c *call) (listing[obj], error) {
		x, err := c.addon()
		if err != nil {
			return listing[obj]{}, err
		}
		var all []obj
		for _, a := range c.state.apps {
			for i, d := range a.LogDrains {
				if c.state.findAddon(d.Addon) == x {
					all = append(all, c.wireLogDrain(a, &a.LogDrains[i]))
				}
			}
		}
		return objects(all, "id"), nil
	})
	handle("POST /actions/addons/resolve", func(c *call) (int, any, error) {
		var in struct {
			Addon   string `json:"addon"`
			App     string `json:"app"`
			Service string `json:"addon_service"`
		}
		if err := c.bind(&in); err != nil {
			return 0, nil, err
		}
		var app *App
		if in.App != "" {
			var err error
			if app, err = c.appRef(in.App); err != nil {
				return 0, nil, err
			}
		}
		found := []obj{}
		for _, x := range c.state.addons {
			attached := slices.ContainsFunc(x.Attachments, func(t Attachment) bool {
				return app != nil && t.App == app.ID && t.Name == in.Addon
			})
			switch {
			case !c.addonVisible(x), in.Service != "" && in.Service != x.service():
			case attached, (x.ID == in.Addon || x.Name == in.Addon) && (app == nil || x.App == app.ID):
				found = append(found, c.wireAddon(x))
			}
		}
		if len(found) == 0 {
			return 0, nil, notFound("add_on", "add-on")
		}
		return http.StatusOK, found, nil
	})
	type addonBody struct {
		Name       string `json:"name"`
		Plan       string `json:"plan"`
		Attachment struct {
			Name string `json:"name"`
		} `json:"attachment"`
	}
	handle("POST /apps/{app}/addons", func(c *call) (int, any, error) {
		a, err := c.app()
		if err != nil {
			return 0, nil, err
		}
		var in addonBody
		if err := c.bind(&in); err != nil {
			return 0, nil, err
		}
		add := Addon{App: a.ID, Name: in.Name, Plan: in.Plan}
		if in.Attachment.Name != "" {
			add.Attachments = []Attachment{{Name: in.Attachment.Name}}
		}
		x, err := c.addAddon(add)
		if err != nil {
			return 0, nil, refused(err)
		}
		c.recast(a, "Attach "+x.Attachments[0].Name+" ("+x.Name+")")
		return http.StatusCreated, c.wireAddon(x), nil
	})
	handle("PATCH /apps/{app}/addons/{id}", func(c *call) (int, any, error) {
		_, x, err := c.appAddon()
		if err != nil {
			return 0, nil, err
		}
		var in addonBody
		if err := c.bind(&in); err != nil {
			return 0, nil, err
		}
		if other := c.state.findAddon(in.Name); other != nil && other != x {
			return 0, nil, errTaken(in.Name)
		}
		x.Name, x.UpdatedAt = cmp.Or(in.Name, x.Name), c.stamp()
		if in.Plan != "" {
			x.Plan = in.Plan
		}
		return http.StatusOK, c.wireAddon(x), nil
	})
	handle("DELETE /apps/{app}/addons/{id}", func(c *call) (int, any, error) {
		a, x, err := c.appAddon()
		if err != nil {
			return 0, nil, err
		}
		o := c.wireAddon(x)
		c.deleteAddon(x)
		c.recast(a, "Detach "+x.Name)
		return http.StatusOK, o, nil
	})

	list("/addon-attachments", func(c *call) (listing[attachment], error) {
		return c.attachmentList(func(attachment) bool { return true }), nil
	})
	list("/addons/{addon}/addon-attachments", func(c *call) (listing[attachment], error) {
		x, err := c.addon()
		return c.attachmentList(func(t attachment) bool { return t.addon == x }), err
	})
	list("/apps/{app}/addon-attachments", func(c *call) (listing[attachment], error) {
		a, err := c.app()
		return c.attachmentList(func(t attachment) bool { return a != nil && t.App == a.ID }), err
	})
	one := func(c *call, is func(attachment) bool) (attachment, error) {
		if all := c.attachmentList(is).items; len(all) > 0 {
			return all[0], nil
		}
		return attachment{}, notFound("add_on_attachment", "add-on attachment")
	}
	byUUID := func(c *call) (attachment, error) {
		return one(c, func(t attachment) bool { return t.ID == c.args["id"] })
	}
	get("/addon-attachments/{id}", func(c *call) (any, error) {
		t, err := byUUID(c)
		if err != nil {
			return nil, err
		}
		return c.wireAttachment(t), nil
	})
	get("/apps/{app}/addon-attachments/{id}", func(c *call) (any, error) {
		a, err := c.app()
		if err != nil {
			return nil, err
		}
		ref := c.args["id"]
		t, err := one(c, func(t attachment) bool { return t.App == a.ID && (t.ID == ref || t.Name == ref) })
		if err != nil {
			return nil, err
		}
		return c.wireAttachment(t), nil
	})
	handle("POST /addon-attachments", func(c *call) (int, any, error) {
		var in struct {
			Addon     string `json:"addon"`
			App       string `json:"app"`
			Name      string `json:"name"`
			Namespace string `json:"namespace"`
		}
		if err := c.bind(&in); err != nil {
			return 0, nil, err
		}
		a, err := c.appRef(in.App)
		if err != nil {
			return 0, nil, err
		}
		x, err := c.addonRef(in.Addon)
		if err != nil {
			return 0, nil, err
		}
		t, err := c.attach(x, Attachment{App: a.ID, Name: in.Name, Namespace: in.Namespace})
		if err != nil {
			return 0, nil, refused(err)
		}
		c.recast(a, "Attach "+t.Name+" ("+x.Name+")")
		return http.StatusCreated, c.wireAttachment(attachment{x, t}), nil
	})
	handle("DELETE /addon-attachments/{id}", func(c *call) (int, any, error) {
		t, err := byUUID(c)
		if err != nil {
			return 0, nil, err
		}
		o, gone := c.wireAttachment(t), *t.Attachment
		c.unset(gone)
		t.addon.Attachments = slices.DeleteFunc(t.addon.Attachments, func(y Attachment) bool { return y.ID == gone.ID })
		c.recast(c.state.apps[gone.App], "Detach "+gone.Name)
		return http.StatusOK, o, nil
	})
}
