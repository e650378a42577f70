package herokutest

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Dyno is a one-off dyno of an app, as "heroku run" makes it. Those of the
// formation follow from it.
type Dyno struct {
	ID        string    `json:"id,omitempty"`
	Name      string    `json:"name,omitempty"` // default: run and a number
	Command   string    `json:"command"`
	Type      string    `json:"type,omitempty"`  // default "run"
	Size      string    `json:"size,omitempty"`  // default "Standard-1X", and "dyno-1c-0.5gb" for Fir
	State     string    `json:"state,omitempty"` // default "up"
	Attach    bool      `json:"attach,omitempty"`
	CreatedAt time.Time `json:"created_at,omitzero"`
	UpdatedAt time.Time `json:"updated_at,omitzero"`
}

var oneOffs = children[*App, Dyno]{
	path: "/apps/{app}/dynos", kind: "dyno",
	parent: (*call).app,
	of:     func(a *App) *[]Dyno { return &a.Dynos },
	is:     func(d *Dyno, ref string) bool { return d.ID == ref || d.Name == ref },
	fill:   (*Server).fillDyno,
}

func (s *Server) fillDyno(a *App, d *Dyno) error {
	if d.Command == "" {
		return fmt.Errorf("a dyno without command")
	}
	if err := s.ident(&d.ID, "dyno", a.ID+" "+d.Command); err != nil {
		return err
	}
	s.date(&d.CreatedAt, &d.UpdatedAt)
	def(&d.Type, "run")
	def(&d.State, "up")
	if d.Name == "" {
		sum := s.digest("dyno-name", d.ID, 0)
		d.Name = d.Type + "." + strconv.Itoa(1000+(int(sum[0])<<8|int(sum[1]))%9000)
	}
	if a.Generation == Fir {
		def(&d.Size, "dyno-1c-0.5gb")
	}
	d.Size = sizeName(a, cmp.Or(d.Size, "Standard-1X"))
	return oneOf("state of dyno", d.State, "starting", "up", "idle", "crashed", "down")
}

// dynos are all dynos of an app: those of the formation, and the one-off ones.
func (s *Server) dynos(a *App) []Dyno {
	var all []Dyno
	r := a.current()
	for _, p := range a.Formation {
		if r == nil {
			break
		}
		for n := range p.Quantity {
			name := p.Type + "." + strconv.Itoa(n+1)
			d := Dyno{Name: name, Type: p.Type, Command: p.Command, Size: p.Size, State: "up"}
			// A dyno is a new one with every release and restart, and one that was
			// scaled since.
			d.CreatedAt = p.UpdatedAt
			if r.CreatedAt.After(d.CreatedAt) {
				d.CreatedAt = r.CreatedAt
			}
			for _, key := range []string{"", p.Type, name} {
				if at := a.Restarts[key]; at.After(d.CreatedAt) {
					d.CreatedAt = at
				}
			}
			d.UpdatedAt = d.CreatedAt
			d.ID = s.fixedID("dyno", a.ID+" "+name+" "+r.ID+" "+wireTime(d.CreatedAt))
			all = append(all, d)
		}
	}
	return append(all, a.Dynos...)
}

func (s *Server) wireDyno(a *App, d *Dyno) obj {
	o := obj{
		"app":        s.appObj(a.ID),
		"attach_url": nil,
		"command":    d.Command,
		"created_at": wireTime(d.CreatedAt),
		"id":         d.ID,
		"name":       d.Name,
		"release":    nil,
		"size":       d.Size,
		"state":      d.State,
		"type":       d.Type,
		"updated_at": wireTime(d.UpdatedAt),
	}
	if r := a.current(); r != nil {
		o["release"] = obj{"id": r.ID, "version": r.Version}
	}
	if d.Attach {
		o["attach_url"] = "rendezvous://rendezvous.example.com:5000/" + d.ID
	}
	return o
}

// appDynos are dynos of one app.
type appDynos struct {
	app   *App
	dynos []Dyno
}

// dynosNamed returns the dynos that {dyno} names: one by its name or UUID, or all
// of a type, as the routes of formations have it.
func (c *call) dynosNamed() (appDynos, error) {
	a, err := c.app()
	if err != nil {
		return appDynos{}, err
	}
	ref, typ := c.args["dyno"], c.args["type"]
	found := appDynos{app: a}
	for _, d := range c.dynos(a) {
		if ref == "" && typ == "" || ref != "" && (d.Name == ref || d.ID == ref) || typ != "" && d.Type == typ {
			found.dynos = append(found.dynos, d)
		}
	}
	if len(found.dynos) == 0 && (ref != "" || typ != "") {
		return appDynos{}, notFound("dyno")
	}
	return found, nil
}

// restart makes dynos new ones; one-off dynos end.
func (s *Server) restart(x appDynos) {
	for _, d := range x.dynos {
		before := len(x.app.Dynos)
		x.app.Dynos = slices.DeleteFunc(x.app.Dynos, func(o Dyno) bool { return o.ID == d.ID })
		if len(x.app.Dynos) == before {
			if x.app.Restarts == nil {
				x.app.Restarts = map[string]time.Time{}
			}
			x.app.Restarts[d.Name] = s.stamp()
		}
	}
}

func dynoRoutes() {
	list(oneOffs.path, (*call).app, func(c *call, a *App) listing[obj] { return objects(c.wireDynos(a), "id", "name") })
	get(oneOffs.path+"/{dyno}", (*call).dynosNamed, func(c *call, x appDynos) any { return c.wireDyno(x.app, &x.dynos[0]) })
	list("/spaces/{space}/dynos", (*call).space, func(c *call, x *Space) listing[obj] {
		var all []obj
		for _, a := range c.appsOf(x) {
			if dynos := c.wireDynos(a); len(dynos) > 0 {
				all = append(all, obj{"app_id": a.ID, "app_name": a.Name, "dynos": dynos})
			}
		}
		return objects(all, "app_id")
	})
	type body struct {
		Command string `json:"command"`
		Type    string `json:"type"`
		Size    string `json:"size"`
		Attach  bool   `json:"attach"`
	}
	write("POST "+oneOffs.path, http.StatusCreated, (*call).app, func(c *call, a *App, in body) (any, error) {
		d, err := oneOffs.add(c.Server, a, Dyno{Command: in.Command, Type: in.Type, Size: in.Size, Attach: in.Attach})
		if err != nil {
			return nil, err
		}
		return c.wireDyno(a, &d), nil
	})
	restart := func(c *call, x appDynos, _ any) (any, error) {
		c.restart(x)
		return obj{}, nil
	}
	for _, path := range []string{oneOffs.path, oneOffs.path + "/{dyno}", "/apps/{app}/formations/{type}"} {
		write("DELETE "+path, http.StatusAccepted, (*call).dynosNamed, restart)
	}
	for _, path := range []string{oneOffs.path + "/{dyno}", "/apps/{app}/formations/{type}"} {
		write("POST "+path+"/actions/stop", http.StatusAccepted, (*call).dynosNamed, restart)
	}

	type logs struct {
		Dyno   string `json:"dyno"`
		Source string `json:"source"`
	}
	write("POST /apps/{app}/log-sessions", http.StatusCreated, (*call).app, func(c *call, a *App, _ logs) (any, error) {
		id := c.newID("log-session", a.ID)
		return obj{"created_at": wireTime(c.stamp()), "id": id, "logplex_url": c.place("https://logs.example.com/", logPath) + id,
			"updated_at": wireTime(c.stamp())}, nil
	})
}

func (c *call) wireDynos(a *App) []obj {
	var all []obj
	for _, d := range c.dynos(a) {
		all = append(all, c.wireDyno(a, &d))
	}
	return all
}

// appsOf are the apps of a space that the token may see, by name.
func (c *call) appsOf(x *Space) []*App {
	return c.appsThat(func(a *App) bool { return a.Space == x.ID })
}

// appsOwnedBy are the apps of a team that the token may see, by name.
func (c *call) appsOwnedBy(t *Team) []*App {
	return c.appsThat(func(a *App) bool { return a.Team == t.ID })
}

func (c *call) appsThat(are func(*App) bool) []*App {
	all := c.appsWhere(c.wireApp, are).items
	slices.SortFunc(all, func(a, b *App) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// place begins a URL that isn't part of the API, such as that of an upload: at
// path on this server when it listens, else somewhere that is never asked.
func (s *Server) place(elsewhere, path string) string {
	if s.URL == "" {
		return elsewhere
	}
	return s.URL + path
}
