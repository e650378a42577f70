package herokutest

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
	"time"
)

var processes = children[*App, Process]{
	path: "/apps/{app}/formation", kind: "formation",
	parent:  (*call).app,
	of:      func(a *App) *[]Process { return &a.Formation },
	is:      func(p *Process, ref string) bool { return p.ID == ref || p.Type == ref },
	fill:    (*Server).fillProcess,
	wire:    (*Server).wireProcess,
	fields:  byID(func(p *Process) string { return p.ID }),
	updated: func(p *Process) time.Time { return p.UpdatedAt },
}

// Scale sets the quantity and the size of a process type, which it adds when
// the app doesn't have it. An empty size leaves it. It panics if there is no
// such app.
func (s *Server) Scale(app, process string, quantity int, size string) Process {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.mustApp("Scale", app)
	p := findIn(a.Formation, func(p *Process) bool { return processes.is(p, process) })
	if p == nil {
		_, err := processes.add(s, a, Process{Type: process})
		must("Scale", err)
		p = &a.Formation[len(a.Formation)-1]
	}
	s.resize(a, p, &quantity, size)
	return *p
}

// resizeAs makes the change of a process that a body asks for.
func (c *call) resizeAs(a *App, p *Process, in resizing) error {
	var n *int
	if in.Quantity != nil {
		want, err := in.Quantity.of(p.Quantity)
		if err != nil {
			return err
		}
		n = &want
	}
	c.resize(a, p, n, cmp.Or(c.sizeRef(in.DynoSize), in.Size))
	c.emit(a, "formation", "update", c.wireProcess(a, p))
	return nil
}

// processNamed returns the process of an app by its type or UUID, or nil.
func (c *call) processNamed(a *App, ref string) *Process {
	p := findIn(a.Formation, func(p *Process) bool { return processes.is(p, ref) })
	if p != nil || ref != "web" || !c.opts.Policy.ScaleBeforeCode || len(a.Formation) > 0 {
		return p
	}
	web := Process{Type: ref, Command: webCommand}
	if c.fillProcess(a, &web) != nil {
		return nil
	}
	a.Formation = append(a.Formation, web)
	return &a.Formation[0]
}

// sizeRef is the name of a dyno size that is named by its UUID or name.
func (c *call) sizeRef(r ref) string {
	for _, size := range dynoSizes {
		if c.fixedID("dyno-size", size.name) == string(r) {
			return size.name
		}
	}
	return string(r)
}

// resize sets what is given of a process: neither nil nor empty.
func (s *Server) resize(a *App, p *Process, quantity *int, size string) {
	set(&p.Quantity, quantity)
	p.Size = sizeName(a, cmp.Or(size, p.Size))
	p.UpdatedAt = s.stamp()
}

// resizing is the body that asks for resize.
type resizing struct {
	Type     string    `json:"type"`
	Quantity *quantity `json:"quantity"`
	Size     string    `json:"size"`
	DynoSize ref       `json:"dyno_size"`
}

func (s *Server) fillProcess(a *App, p *Process) error {
	if p.Type == "" {
		return fmt.Errorf("a process without type")
	}
	if err := s.ident(&p.ID, "process", a.ID+" "+p.Type); err != nil {
		return err
	}
	s.date(&p.CreatedAt, &p.UpdatedAt)
	def(&p.Command, "./bin/"+p.Type)
	if a.Generation == Fir {
		def(&p.Size, "dyno-1c-0.5gb")
	}
	def(&p.Size, "Standard-1X")
	p.Size = sizeName(a, p.Size)
	return nil
}

// sizeName spells the size of a dyno as Heroku does, however it was asked for:
// Standard-1X, Performance-L-RAM, and dyno-1c-0.5gb for Fir.
func sizeName(a *App, size string) string {
	if a.Generation == Fir {
		return strings.ToLower(size)
	}
	family, rest, _ := strings.Cut(size, "-")
	if family != "" {
		family = strings.ToUpper(family[:1]) + strings.ToLower(family[1:])
	}
	if rest == "" {
		return family
	}
	return family + "-" + strings.ToUpper(rest)
}

func (s *Server) wireProcess(a *App, p *Process) obj {
	return obj{
		"app":        s.appObj(a.ID),
		"command":    p.Command,
		"created_at": wireTime(p.CreatedAt),
		"dyno_size":  s.named("dyno-size", p.Size),
		"id":         p.ID,
		"quantity":   p.Quantity,
		"size":       p.Size,
		"type":       p.Type,
		"updated_at": wireTime(p.UpdatedAt),
	}
}

func formationRoutes() {
	processes.read()
	write("PATCH "+processes.path+"/{id}", http.StatusOK, (*call).app, func(c *call, a *App, in resizing) (any, error) {
		p := c.processNamed(a, c.args["id"])
		if p == nil {
			return nil, notFound(processes.kind)
		}
		if err := c.resizeAs(a, p, in); err != nil {
			return nil, err
		}
		return c.wireProcess(a, p), nil
	})
	type body struct {
		Updates []resizing `json:"updates"`
	}
	write("PATCH /apps/{app}/formation", http.StatusOK, (*call).app, func(c *call, a *App, in body) (any, error) {
		changed := make([]*Process, len(in.Updates))
		for i, u := range in.Updates {
			if changed[i] = c.processNamed(a, u.Type); changed[i] == nil {
				return nil, notFound(processes.kind)
			}
		}
		out := []obj{}
		for i, u := range in.Updates {
			if err := c.resizeAs(a, changed[i], u); err != nil {
				return nil, err
			}
			out = append(out, c.wireProcess(a, changed[i]))
		}
		return out, nil
	})
}
