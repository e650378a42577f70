package herokutest

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
)

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
		scheme := "https"
		if a.PlainHTTP != nil && *a.PlainHTTP {
			scheme = "http"
		}
		o["web_url"] = scheme + "://" + a.Hostname + "/"
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

// appsWhere lists the apps that the token may see and keep accepts; nil accepts
// all.
func (c *call) appsWhere(wire func(*App) obj, keep func(*App) bool) listing[*App] {
	l := visible(c, slices.Collect(maps.Values(c.state.apps)), wire, keep)
	l.fields = append(l.fields, field[*App]{name: "updated_at", key: func(a *App) string { return wireTime(a.UpdatedAt) }})
	return l
}

// teamApp is app, for one of a team.
func (c *call) teamApp() (*App, error) {
	a, err := c.app()
	if err == nil && a.Team == "" {
		return nil, notFound("app")
	}
	return a, err
}

func appRoutes() {
	list("/apps", (*call).account, func(c *call, _ *state) listing[*App] { return c.appsWhere(c.wireApp, nil) })
	list("/users/{user}/apps", (*call).own, func(c *call, _ *state) listing[*App] {
		return c.appsWhere(c.wireApp, func(a *App) bool { return a.Team == "" })
	})
	list("/teams/{team}/apps", (*call).team, func(c *call, t *Team) listing[*App] {
		return c.appsWhere(c.wireTeamApp, func(a *App) bool { return a.Team == t.ID })
	})
	handle("POST /filters/apps", (*call).filterApps)
	getResource("/apps/{app}", (*call).app, (*Server).wireApp)
	getResource("/teams/apps/{app}", (*call).teamApp, (*Server).wireTeamApp)
	writeApps("/apps", (*Server).wireApp)
	writeApps("/teams/apps", (*Server).wireTeamApp)
	remove("/apps/{app}", (*call).app, func(c *call, a *App) any { return c.wireApp(a) }, func(c *call, a *App) error {
		c.deleteApp(a)
		return nil
	})
	acm := func(c *call, a *App, _ any) (any, error) {
		a.ACM, a.UpdatedAt = c.r.Method == http.MethodPost, c.stamp()
		return c.wireApp(a), nil
	}
	write("POST /apps/{app}/acm", http.StatusOK, (*call).app, acm)
	write("DELETE /apps/{app}/acm", http.StatusOK, (*call).app, acm)
	// To refresh is to ask for the certificates once more: they are always there.
	write("PATCH /apps/{app}/acm", http.StatusOK, (*call).app, func(c *call, a *App, _ any) (any, error) {
		if !a.ACM {
			return nil, invalid("Automated Certificate Management is not enabled for this app.")
		}
		return c.wireApp(a), nil
	})
}

// filterApps answers with the apps whose UUIDs a body lists.
func (c *call) filterApps() (int, any, error) {
	var in struct {
		In struct {
			ID []string `json:"id"`
		} `json:"in"`
	}
	if err := c.bind(&in); err != nil {
		return 0, nil, err
	}
	return c.appsWhere(c.wireTeamApp, func(a *App) bool { return slices.Contains(in.In.ID, a.ID) }).page(c)
}

// writeApps registers the routes that make and change apps, below a path.
func writeApps(path string, wire func(*Server, *App) obj) {
	write("POST "+path, http.StatusCreated, (*call).account, func(c *call, _ *state, in newApp) (any, error) {
		a, err := c.createApp(in)
		if err != nil {
			return nil, err
		}
		return wire(c.Server, a), nil
	})
	write("PATCH "+path+"/{app}", http.StatusOK, (*call).app, func(c *call, a *App, in appChange) (any, error) {
		if err := c.changeApp(a, in); err != nil {
			return nil, err
		}
		c.emit(a, "app", "update", wire(c.Server, a))
		return wire(c.Server, a), nil
	})
}

// newApp is the body that makes an app.
type newApp struct {
	Name            string `json:"name"`
	Region          ref    `json:"region"`
	Stack           ref    `json:"stack"`
	Team            ref    `json:"team"`
	Organization    ref    `json:"organization"`
	Space           ref    `json:"space"`
	Locked          bool   `json:"locked"`
	InternalRouting bool   `json:"internal_routing"`
}

func (c *call) createApp(in newApp) (*App, error) {
	def(&in.Name, "app-"+c.newHex("app-name", "", 12))
	return c.addApp(App{Name: in.Name, Region: c.catalogName("region", in.Region), Stack: c.catalogName("stack", in.Stack),
		Team: string(cmp.Or(in.Team, in.Organization)), Space: string(in.Space), Locked: in.Locked, InternalRouting: in.InternalRouting})
}

// appChange is the body that changes an app; nil leaves something.
type appChange struct {
	Name        *string `json:"name"`
	Maintenance *bool   `json:"maintenance"`
	BuildStack  *ref    `json:"build_stack"`
	Locked      *bool   `json:"locked"`
	Owner       *ref    `json:"owner"`
}

func (c *call) changeApp(a *App, in appChange) error {
	if in.Name != nil {
		if err := c.rename(a, *in.Name); err != nil {
			return err
		}
	}
	set(&a.Maintenance, in.Maintenance)
	if in.BuildStack != nil {
		stack := c.catalogName("stack", *in.BuildStack)
		if err := oneOf("build_stack", stack, stacks...); err != nil {
			return err
		}
		a.BuildStack = stack
	}
	set(&a.Locked, in.Locked)
	if in.Owner != nil && *in.Owner != "" {
		if err := c.transfer(a, string(*in.Owner)); err != nil {
			return err
		}
	}
	a.UpdatedAt = c.stamp()
	return nil
}

// transfer gives an app to a team, by its name, or to a user, by their address.
func (s *Server) transfer(a *App, owner string) error {
	a.Owner = owner
	if t := s.state.findTeam(owner); t != nil {
		a.Team, a.Owner = t.ID, t.Name+"@herokumanager.com"
	}
	if a.collaborator(a.Owner) != nil {
		return nil
	}
	_, err := collaborators.add(s, a, Collaborator{Email: a.Owner, Role: "owner"})
	return err
}
