package herokutest

import (
	"cmp"
	"fmt"
	"net/http"
)

var slugs = children[*App, Slug]{
	path: "/apps/{app}/slugs", kind: "slug",
	parent: (*call).app,
	of:     func(a *App) *[]Slug { return &a.Slugs },
	fill:   (*Server).fillSlug,
}

// AddSlug adds a slug to an app without releasing it. It panics if there is
// no such app or the slug is invalid.
func (s *Server) AddSlug(app string, g Slug) Slug {
	return addChild(s, "AddSlug", slugs, (*Server).mustApp, app, g)
}

// slugOfApp returns the slug {slug} of the app {app}.
func (c *call) slugOfApp() (*Slug, error) {
	a, err := c.app()
	if err != nil {
		return nil, err
	}
	g := a.slug(c.args["slug"])
	if g == nil || g.Expired {
		return nil, notFound("slug")
	}
	return g, nil
}

func (a *App) slug(id string) *Slug {
	return findIn(a.Slugs, func(g *Slug) bool { return g.ID == id })
}

func (s *Server) slugAnywhere(id string) *Slug {
	for _, a := range s.state.apps {
		if g := a.slug(id); g != nil {
			return g
		}
	}
	return nil
}

func (s *Server) shortCommit(g *Slug) string {
	commit := g.Commit
	if commit == Null {
		commit = g.ID
	}
	return commit[:min(8, len(commit))]
}

func (s *Server) fillSlug(a *App, g *Slug) error {
	if err := s.ident(&g.ID, "slug", a.Name); err != nil {
		return err
	}
	s.date(&g.CreatedAt, &g.UpdatedAt)
	sum := fmt.Sprintf("%x", s.digest("commit", g.ID, 0))
	def(&g.Commit, sum[:40])
	def(&g.Checksum, "SHA256:"+sum)
	def(&g.Stack, a.Stack)
	if g.ProcessTypes == nil {
		g.ProcessTypes = map[string]string{"web": webCommand}
	}
	return nil
}

// wireSlug is a slug with the URL at which its archive is to be put or got.
func (c *call) wireSlug(g *Slug, method string) obj {
	place := c.place("https://slugs.example.com/", blobPath)
	return obj{
		"blob":                           obj{"method": method, "url": place + g.ID + "?signature=" + fmt.Sprintf("%x", c.digest("signature", g.ID, 0))[:16]},
		"buildpack_provided_description": orNull(g.BuildpackProvidedDescription),
		"checksum":                       wordOrNull(g.Checksum),
		"commit":                         wordOrNull(g.Commit),
		"commit_description":             orNull(g.CommitDescription),
		"created_at":                     wireTime(g.CreatedAt),
		"id":                             g.ID,
		"process_types":                  g.ProcessTypes,
		"size":                           orNull(g.Size),
		"stack":                          c.named("stack", g.Stack),
		"updated_at":                     wireTime(g.UpdatedAt),
	}
}

func slugRoutes() {
	get(slugs.path+"/{slug}", (*call).slugOfApp, func(c *call, g *Slug) any { return c.wireSlug(g, http.MethodGet) })
	type body struct {
		ProcessTypes                 map[string]string `json:"process_types"`
		BuildpackProvidedDescription string            `json:"buildpack_provided_description"`
		Checksum                     string            `json:"checksum"`
		Commit                       string            `json:"commit"`
		CommitDescription            string            `json:"commit_description"`
		Stack                        string            `json:"stack"`
	}
	write("POST "+slugs.path, http.StatusCreated, slugs.parent, func(c *call, a *App, in body) (any, error) {
		if len(in.ProcessTypes) == 0 {
			return nil, invalid("process_types is required")
		}
		g, err := slugs.add(c.Server, a, Slug{
			ProcessTypes: in.ProcessTypes, BuildpackProvidedDescription: in.BuildpackProvidedDescription,
			Checksum: in.Checksum, Commit: cmp.Or(in.Commit, Null), CommitDescription: in.CommitDescription, Stack: in.Stack,
		})
		if err != nil {
			return nil, err
		}
		return c.wireSlug(&g, http.MethodPut), nil
	})
}
