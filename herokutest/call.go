package herokutest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// call is one request on its way through a handler. The handler holds the
// server's lock.
type call struct {
	*Server
	r        *http.Request
	args     map[string]string // values of the pattern's {name}s, unescaped
	body     []byte
	header   http.Header // of the answer
	modified time.Time   // for Last-Modified; zero leaves it out
}

// bind decodes the request's body. An empty body leaves v as it is.
func (c *call) bind(v any) error {
	if len(bytes.TrimSpace(c.body)) == 0 {
		return nil
	}
	err := json.Unmarshal(c.body, v)
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return badRequest("The body of the request has a JSON %s at %q, which the endpoint doesn't expect.", e.Value, e.Field)
	}
	if e, ok := errors.AsType[*apiError](err); ok {
		return e
	}
	if err != nil {
		return badRequest("The body of the request isn't JSON: %v", err)
	}
	return nil
}

// What a route is about, by the names in its path. Each finder returns the
// answer's error where there is no such thing, or the token may not see it.

// account is what the account sees: all that there is.
func (c *call) account() (*state, error) { return &c.state, nil }

func (c *call) app() (*App, error) { return c.appRef(c.args["app"]) }

func (c *call) team() (*Team, error) {
	ref := c.args["team"]
	return found(c, "team", c.state.findTeam(ref), ref)
}

func (c *call) space() (*Space, error) { return c.spaceRef(c.args["space"]) }

func (c *call) addon() (*Addon, error) { return c.addonRef(c.args["addon"]) }

// pipeline takes a UUID alone, as all routes but GET /pipelines/{pipeline} do.
func (c *call) pipeline() (*Pipeline, error) { return c.pipelineID(c.args["pipeline"]) }

func (c *call) spaceRef(ref string) (*Space, error) {
	return found(c, "space", c.state.findSpace(ref), ref)
}

func (c *call) addonRef(ref string) (*Addon, error) {
	x := c.state.findAddon(ref)
	if x == nil && !c.denied(ref) {
		if all := c.addonsNamed(ref, nil); len(all) == 1 {
			x = all[0]
		}
	}
	if x == nil {
		return found(c, "add-on", x, ref)
	}
	return found(c, "add-on", x, ref, x.App)
}

func (c *call) pipelineID(id string) (*Pipeline, error) {
	return found(c, "pipeline", find(c.state.pipelines, func(p *Pipeline) bool { return p.ID == id }), id)
}

// found returns v, which a reference was looked up to, or the error for nil or
// for what is denied. Something is denied with what it belongs to, too.
func found[V any, P interface {
	*V
	resource
}](c *call, kind string, v P, ref string, on ...string) (P, error) {
	id, name := ref, ref
	if v != nil {
		h := v.head()
		id, name = *h.id, *h.name
	}
	if err := c.forbidden(kind, name, append([]string{id}, on...)...); err != nil {
		return nil, err
	}
	if v == nil {
		return nil, notFound(kind)
	}
	return v, nil
}

func (c *call) appRef(ref string) (*App, error) {
	a := c.state.findApp(ref)
	err := c.forbidden("app", ref, ref)
	if a != nil {
		err = c.forbidden("app", a.Name, a.ID)
	}
	if err != nil {
		if c.opts.Policy.DeniedIDNotFound && uuidForm.MatchString(strings.ToLower(ref)) {
			return nil, notFound("app")
		}
		return nil, err
	}
	if a == nil {
		return nil, notFound("app")
	}
	if a.Suspended {
		return nil, &apiError{status: http.StatusForbidden, id: "suspended",
			message: fmt.Sprintf("The app %s is suspended.", a.Name)}
	}
	return a, nil
}

// forbidden returns the error for something denied, or nil.
func (s *Server) forbidden(kind, name string, refs ...string) error {
	for _, ref := range refs {
		if asError, ok := s.state.denied[ref]; ok {
			return &apiError{status: http.StatusForbidden, id: "forbidden", asError: asError,
				message: fmt.Sprintf("You do not have access to the %s %s.", kind, name)}
		}
	}
	return nil
}

// denied reports whether the token may not see the thing with this UUID.
func (s *Server) denied(id string) bool {
	_, denied := s.state.denied[id]
	return denied
}

// hidden reports whether an app doesn't show in lists.
func (s *Server) hidden(a *App) bool {
	return a == nil || s.denied(a.ID)
}
