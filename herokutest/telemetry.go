package herokutest

import (
	"net/http"
	"slices"
)

var telemetryOfApps = children[*App, TelemetryDrain]{
	path: "/apps/{app}/telemetry-drains", kind: "telemetry drain",
	parent: (*call).app,
	of:     func(a *App) *[]TelemetryDrain { return &a.TelemetryDrains },
	fill:   func(s *Server, a *App, d *TelemetryDrain) error { return s.fillTelemetryDrain(a.ID, d) },
	wire:   func(_ *Server, a *App, d *TelemetryDrain) obj { return wireTelemetryDrain("app", a.ID, d) },
	fields: byID(func(d *TelemetryDrain) string { return d.ID }),
}

var telemetryOfSpaces = children[*Space, TelemetryDrain]{
	path: "/spaces/{space}/telemetry-drains", kind: "telemetry drain",
	parent: (*call).space,
	of:     func(x *Space) *[]TelemetryDrain { return &x.TelemetryDrains },
	fill:   func(s *Server, x *Space, d *TelemetryDrain) error { return s.fillTelemetryDrain(x.ID, d) },
	wire:   func(_ *Server, x *Space, d *TelemetryDrain) obj { return wireTelemetryDrain("space", x.ID, d) },
	fields: byID(func(d *TelemetryDrain) string { return d.ID }),
}

// AddTelemetryDrain adds a telemetry drain to an app or a space, by name or
// UUID. It panics if there is neither.
func (s *Server) AddTelemetryDrain(owner string, d TelemetryDrain) TelemetryDrain {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	if x := s.state.findSpace(owner); x != nil {
		d, err = telemetryOfSpaces.add(s, x, clone(d))
	} else {
		d, err = telemetryOfApps.add(s, s.mustApp("AddTelemetryDrain", owner), clone(d))
	}
	must("AddTelemetryDrain", err)
	return clone(d)
}

func (s *Server) fillTelemetryDrain(owner string, d *TelemetryDrain) error {
	if err := s.ident(&d.ID, "telemetry-drain", owner+" "+d.Endpoint); err != nil {
		return err
	}
	s.date(&d.CreatedAt, &d.UpdatedAt)
	def(&d.Type, "otlphttp")
	if d.Signals == nil {
		d.Signals = []string{"traces", "metrics", "logs"}
	}
	for _, signal := range d.Signals {
		if err := oneOf("signal of telemetry drain", signal, "traces", "metrics", "logs"); err != nil {
			return err
		}
	}
	return nil
}

func wireTelemetryDrain(kind, owner string, d *TelemetryDrain) obj {
	headers := d.Headers
	if headers == nil {
		headers = map[string]string{}
	}
	return obj{
		"created_at": wireTime(d.CreatedAt),
		"exporter":   obj{"type": d.Type, "endpoint": d.Endpoint, "headers": headers},
		"id":         d.ID,
		"owner":      obj{"id": owner, "type": kind},
		"signals":    d.Signals,
		"updated_at": wireTime(d.UpdatedAt),
	}
}

// ownedDrain is a telemetry drain with what it is of, and the list that it is in.
type ownedDrain struct {
	kind, owner string // app or space, and its UUID
	in          *[]TelemetryDrain
	v           *TelemetryDrain
}

// telemetryDrain returns the drain that {id} names.
func (c *call) telemetryDrain() (ownedDrain, error) {
	is := func(d *TelemetryDrain) bool { return d.ID == c.args["id"] }
	for _, a := range c.state.apps {
		if d := findIn(a.TelemetryDrains, is); d != nil && !c.hidden(a) {
			return ownedDrain{"app", a.ID, &a.TelemetryDrains, d}, nil
		}
	}
	for _, x := range c.state.spaces {
		if d := findIn(x.TelemetryDrains, is); d != nil {
			return ownedDrain{"space", x.ID, &x.TelemetryDrains, d}, nil
		}
	}
	return ownedDrain{}, notFound("telemetry drain")
}

// telemetryBody is the body that makes or changes a telemetry drain; nil leaves
// something.
type telemetryBody struct {
	Owner struct {
		ID   string `json:"id"`
		Type string `json:"type"`
	} `json:"owner"`
	Signals  []string `json:"signals"`
	Exporter *struct {
		Type     string            `json:"type"`
		Endpoint string            `json:"endpoint"`
		Headers  map[string]string `json:"headers"`
	} `json:"exporter"`
}

// set changes a drain as the body says.
func (in *telemetryBody) set(d *TelemetryDrain) {
	if in.Exporter != nil {
		d.Type, d.Endpoint, d.Headers = in.Exporter.Type, in.Exporter.Endpoint, in.Exporter.Headers
	}
	if in.Signals != nil {
		d.Signals = in.Signals
	}
}

func (c *call) createTelemetryDrain(_ *state, in telemetryBody) (any, error) {
	if in.Exporter == nil || in.Exporter.Endpoint == "" {
		return nil, invalid("exporter is required")
	}
	var d TelemetryDrain
	in.set(&d)
	switch in.Owner.Type {
	case "app":
		a, err := c.appRef(in.Owner.ID)
		if err != nil {
			return nil, err
		}
		return createTelemetry(c, telemetryOfApps, a, a.Generation, d)
	case "space":
		x, err := c.spaceRef(in.Owner.ID)
		if err != nil {
			return nil, err
		}
		return createTelemetry(c, telemetryOfSpaces, x, x.Generation, d)
	}
	return nil, invalid("owner.type is app or space")
}

func createTelemetry[P any](c *call, k children[P, TelemetryDrain], owner P, generation string, d TelemetryDrain) (any, error) {
	if generation != Fir {
		return nil, invalid("Telemetry drains are of the Fir generation")
	}
	d, err := k.add(c.Server, owner, d)
	if err != nil {
		return nil, err
	}
	return k.wire(c.Server, owner, &d), nil
}

func telemetryRoutes() {
	telemetryOfApps.list()
	telemetryOfSpaces.list()
	show := func(_ *call, x ownedDrain) any { return wireTelemetryDrain(x.kind, x.owner, x.v) }
	get("/telemetry-drains/{id}", (*call).telemetryDrain, show)
	write("POST /telemetry-drains", http.StatusCreated, (*call).account, (*call).createTelemetryDrain)
	write("PATCH /telemetry-drains/{id}", http.StatusOK, (*call).telemetryDrain, func(c *call, x ownedDrain, in telemetryBody) (any, error) {
		next := *x.v
		in.set(&next)
		if err := c.fillTelemetryDrain(x.owner, &next); err != nil {
			return nil, err
		}
		next.UpdatedAt = c.stamp()
		*x.v = next
		return show(c, x), nil
	})
	remove("/telemetry-drains/{id}", (*call).telemetryDrain, show, func(_ *call, x ownedDrain) error {
		id := x.v.ID // x.v is of the list that changes
		*x.in = slices.DeleteFunc(*x.in, func(d TelemetryDrain) bool { return d.ID == id })
		return nil
	})
}
