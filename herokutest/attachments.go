package herokutest

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Attach attaches an add-on, by its name or UUID, to an app; Attachment.App
// is needed when it isn't the add-on's own. It makes no release. It panics if
// there is no such add-on or app or the app has an attachment of that name.
func (s *Server) Attach(addon string, t Attachment) Attachment {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, err := s.attach(s.mustAddon("Attach", addon), clone(t))
	must("Attach", err)
	return clone(*v)
}

// attachmentColors end the names of further attachments, as on Heroku.
var attachmentColors = []string{"AMBER", "AQUA", "BLACK", "BLUE", "BRONZE", "BROWN", "CHARCOAL", "COBALT", "COPPER", "CRIMSON",
	"CYAN", "GOLD", "GRAY", "GREEN", "IVORY", "JADE", "MAROON", "MAUVE", "NAVY", "OLIVE", "ONYX", "ORANGE", "PINK", "PUCE",
	"PURPLE", "RED", "ROSE", "SILVER", "TEAL", "VIOLET", "WHITE", "YELLOW"}

// freeAttachment is the name that Heroku gives an attachment to an app: that of
// the service, such as DATABASE, and for another one with a color behind it. ok
// is false if all are taken; the name is then what they have before the color.
func freeAttachment(service string, taken func(name string) bool) (name string, ok bool) {
	if name := attachmentName(service); !taken(name) {
		return name, true
	}
	base := strings.ToUpper(strings.ReplaceAll(service, "-", "_"))
	for _, color := range attachmentColors {
		if name := base + "_" + color; !taken(name) {
			return name, true
		}
	}
	return base, false
}

// freeAttachment is that name for an app, with digits behind it if all are taken.
func (s *Server) freeAttachment(a *App, service string) string {
	name, ok := freeAttachment(service, func(name string) bool { return s.attached(a, name) != nil })
	if !ok {
		name += "_" + strings.ToUpper(s.newHex("attachment", a.ID+" "+service, 6))
	}
	return name
}

// attached returns the add-on that an app has an attachment of this name to, or
// nil.
func (s *Server) attached(a *App, name string) *Addon {
	return find(s.state.addons, func(x *Addon) bool {
		return slices.ContainsFunc(x.Attachments, func(t Attachment) bool { return t.App == a.ID && t.Name == name })
	})
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
	if t.Name == "" {
		t.Name = s.freeAttachment(a, x.service())
	}
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

// unset removes an attachment's config var from its app.
func (s *Server) unset(t Attachment) {
	if a := s.state.apps[t.App]; a != nil {
		delete(a.ConfigVars, t.Name+"_URL")
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

// included is an attachment with the add-on's plan and the names of its config
// vars, where the header Accept-Inclusion asks for them.
func (c *call) included(t attachment) obj {
	o := c.wireAttachment(t)
	for word := range strings.SplitSeq(c.r.Header.Get("Accept-Inclusion"), ",") {
		switch strings.TrimSpace(word) {
		case "addon:plan":
			o["addon"].(obj)["plan"] = c.named("plan", t.addon.Plan)
		case "config_vars":
			o["config_vars"] = []string{t.Name + "_URL"}
		}
	}
	return o
}

// attachmentsWhere lists the attachments that the token may see and keep
// accepts.
func (c *call) attachmentsWhere(keep func(attachment) bool) listing[attachment] {
	l := listing[attachment]{
		fields:  byIDAndName(func(t attachment) string { return t.ID }, func(t attachment) string { return t.Name }),
		wire:    c.included,
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

func (c *call) attachmentThat(is func(attachment) bool) (attachment, error) {
	if all := c.attachmentsWhere(is).items; len(all) > 0 {
		return all[0], nil
	}
	return attachment{}, notFound("add-on attachment")
}

// attachmentByID returns the attachment that {id} names.
func (c *call) attachmentByID() (attachment, error) {
	return c.attachmentThat(func(t attachment) bool { return t.ID == c.args["id"] })
}

// attachmentOfApp returns the attachment {id} of the app {app}.
func (c *call) attachmentOfApp() (attachment, error) {
	a, err := c.app()
	if err != nil {
		return attachment{}, err
	}
	ref := c.args["id"]
	return c.attachmentThat(func(t attachment) bool { return t.App == a.ID && (t.ID == ref || t.Name == ref) })
}

func attachmentRoutes() {
	list("/addon-attachments", (*call).account, func(c *call, _ *state) listing[attachment] {
		return c.attachmentsWhere(func(attachment) bool { return true })
	})
	list("/addons/{addon}/addon-attachments", (*call).addon, func(c *call, x *Addon) listing[attachment] {
		return c.attachmentsWhere(func(t attachment) bool { return t.addon == x })
	})
	list("/apps/{app}/addon-attachments", (*call).app, func(c *call, a *App) listing[attachment] {
		return c.attachmentsWhere(func(t attachment) bool { return t.App == a.ID })
	})
	show := func(c *call, t attachment) any { return c.included(t) }
	get("/addon-attachments/{id}", (*call).attachmentByID, show)
	get("/apps/{app}/addon-attachments/{id}", (*call).attachmentOfApp, show)
	type body struct {
		Addon     ref    `json:"addon"`
		App       ref    `json:"app"`
		Name      string `json:"name"`
		Namespace string `json:"namespace"`
	}
	write("POST /addon-attachments", http.StatusCreated, (*call).account, func(c *call, _ *state, in body) (any, error) {
		a, err := c.appRef(string(in.App))
		if err != nil {
			return nil, err
		}
		x, err := c.addonRef(string(in.Addon))
		if err != nil {
			return nil, err
		}
		t, err := c.attach(x, Attachment{App: a.ID, Name: in.Name, Namespace: in.Namespace})
		if err != nil {
			return nil, err
		}
		c.recast(a, "Attach "+t.Name+" ("+x.Name+")")
		return c.included(attachment{x, t}), nil
	})
	type resolving struct {
		Attachment ref `json:"addon_attachment"`
		App        ref `json:"app"`
		Service    ref `json:"addon_service"`
	}
	write("POST /actions/addon-attachments/resolve", http.StatusOK, (*call).account, func(c *call, _ *state, in resolving) (any, error) {
		app, name, err := c.resolve(in.App, in.Attachment)
		if err != nil {
			return nil, err
		}
		found := c.attachmentsWhere(func(t attachment) bool {
			return (t.ID == name || t.Name == name) && (app == nil || t.App == app.ID) &&
				(in.Service == "" || string(in.Service) == t.addon.service())
		}).items
		if len(found) == 0 {
			return nil, notFound("add-on attachment")
		}
		all := make([]obj, len(found))
		for i, t := range found {
			all[i] = c.included(t)
		}
		return all, nil
	})
	remove("/addon-attachments/{id}", (*call).attachmentByID, show, func(c *call, t attachment) error {
		gone := *t.Attachment // t is of the list that changes
		c.unset(gone)
		t.addon.Attachments = slices.DeleteFunc(t.addon.Attachments, func(y Attachment) bool { return y.ID == gone.ID })
		c.recast(c.state.apps[gone.App], "Detach "+gone.Name)
		return nil
	})
}
