package herokutest

import (
	"fmt"
	"time"
)

var logDrains = children[*App, LogDrain]{
	path: "/apps/{app}/log-drains", kind: "log drain",
	parent:  (*call).app,
	of:      func(a *App) *[]LogDrain { return &a.LogDrains },
	is:      func(d *LogDrain, ref string) bool { return d.ID == ref || d.URL == ref || d.Token == ref },
	fill:    (*Server).fillLogDrain,
	wire:    (*Server).wireLogDrain,
	fields:  byID(func(d *LogDrain) string { return d.ID }),
	updated: func(d *LogDrain) time.Time { return d.UpdatedAt },
}

// AddLogDrain adds a log drain to an app. It panics if there is no such app
// or the drain is invalid.
func (s *Server) AddLogDrain(app string, d LogDrain) LogDrain {
	return addChild(s, "AddLogDrain", logDrains, (*Server).mustApp, app, d)
}

func (s *Server) fillLogDrain(a *App, d *LogDrain) error {
	if d.URL == "" {
		return fmt.Errorf("a log drain without URL")
	}
	if err := s.ident(&d.ID, "log-drain", a.ID+" "+d.URL); err != nil {
		return err
	}
	s.date(&d.CreatedAt, &d.UpdatedAt)
	def(&d.Token, "d."+s.fixedID("drain-token", d.ID))
	return nil
}

func (s *Server) wireLogDrain(a *App, d *LogDrain) obj {
	o := obj{
		"addon":      nil,
		"app":        s.appObj(a.ID),
		"created_at": wireTime(d.CreatedAt),
		"id":         d.ID,
		"token":      d.Token,
		"updated_at": wireTime(d.UpdatedAt),
		"url":        d.URL,
	}
	if x := s.state.findAddon(d.Addon); d.Addon != "" && x != nil {
		o["addon"] = obj{"id": x.ID, "name": x.Name, "app": s.appObj(x.App)}
	}
	return o
}

func drainRoutes() {
	type body struct {
		URL string `json:"url"`
	}
	logDrains.read()
	create(logDrains, func(_ *App, in body) (LogDrain, error) { return LogDrain{URL: in.URL}, nil })
	logDrains.remove()
	list("/addons/{addon}/log-drains", (*call).addon, func(c *call, x *Addon) listing[obj] {
		var all []obj
		for _, a := range c.state.apps {
			for i, d := range a.LogDrains {
				if c.state.findAddon(d.Addon) == x {
					all = append(all, c.wireLogDrain(a, &a.LogDrains[i]))
				}
			}
		}
		return objects(all, "id")
	})
}
