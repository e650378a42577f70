package herokutest

import (
	"cmp"
	"fmt"
	"net/http"
	"time"
)

// Authorization is a token that an account has made, for a tool of its own or a
// client.
type Authorization struct {
	ID          string   `json:"id,omitempty"`
	Description string   `json:"description,omitempty"`
	Scope       []string `json:"scope,omitzero"`       // default: global
	Client      string   `json:"client,omitempty"`     // UUID of a client of the account; empty: null
	Token       string   `json:"token,omitempty"`      // default: made up
	ExpiresIn   int      `json:"expires_in,omitempty"` // seconds; 0 is sent as null. It never expires here
	// Tokens begin anew with every one of these.
	Rotations int       `json:"rotations,omitempty"`
	CreatedAt time.Time `json:"created_at,omitzero"`
	UpdatedAt time.Time `json:"updated_at,omitzero"`
}

// Session is a login of an account in a browser.
type Session struct {
	ID          string    `json:"id,omitempty"`
	Description string    `json:"description,omitempty"`
	ExpiresIn   int       `json:"expires_in,omitempty"` // seconds; default a month
	CreatedAt   time.Time `json:"created_at,omitzero"`
	UpdatedAt   time.Time `json:"updated_at,omitzero"`
}

// OAuthClient is an application of an account that asks others for access.
type OAuthClient struct {
	ID          string    `json:"id,omitempty"`
	Name        string    `json:"name"`
	RedirectURI string    `json:"redirect_uri"`
	Secret      string    `json:"secret,omitempty"` // default: made up
	CreatedAt   time.Time `json:"created_at,omitzero"`
	UpdatedAt   time.Time `json:"updated_at,omitzero"`
}

var authorizations = children[*Account, Authorization]{
	path: "/oauth/authorizations", kind: "OAuth authorization",
	parent:  (*call).me,
	of:      func(a *Account) *[]Authorization { return &a.Authorizations },
	is:      func(v *Authorization, ref string) bool { return v.ID == ref },
	fill:    (*Server).fillAuthorization,
	wire:    (*Server).wireAuthorization,
	fields:  byID(func(v *Authorization) string { return v.ID }),
	updated: func(v *Authorization) time.Time { return v.UpdatedAt },
}

var sessions = children[*Account, Session]{
	path: "/oauth/sessions", kind: "OAuth session",
	parent: (*call).me,
	of:     func(a *Account) *[]Session { return &a.Sessions },
	is:     func(v *Session, ref string) bool { return v.ID == ref },
	fill: func(s *Server, a *Account, v *Session) error {
		if err := s.ident(&v.ID, "session", a.Email); err != nil {
			return err
		}
		s.date(&v.CreatedAt, &v.UpdatedAt)
		def(&v.Description, "Session @ 203.0.113.7")
		def(&v.ExpiresIn, 30*24*60*60)
		return nil
	},
	wire: func(_ *Server, _ *Account, v *Session) obj {
		return obj{"created_at": wireTime(v.CreatedAt), "description": v.Description, "expires_in": v.ExpiresIn,
			"id": v.ID, "updated_at": wireTime(v.UpdatedAt)}
	},
	fields: byID(func(v *Session) string { return v.ID }),
}

var clients = children[*Account, OAuthClient]{
	path: "/oauth/clients", kind: "OAuth client",
	parent:  (*call).me,
	of:      func(a *Account) *[]OAuthClient { return &a.Clients },
	is:      func(v *OAuthClient, ref string) bool { return v.ID == ref },
	fill:    (*Server).fillClient,
	wire:    wireClient,
	fields:  byIDAndName(func(v *OAuthClient) string { return v.ID }, func(v *OAuthClient) string { return v.Name }),
	updated: func(v *OAuthClient) time.Time { return v.UpdatedAt },
}

func (a *Account) client(id string) *OAuthClient {
	return findIn(a.Clients, func(v *OAuthClient) bool { return v.ID == id })
}

func (s *Server) fillAuthorization(a *Account, v *Authorization) error {
	if v.Client != "" && a.client(v.Client) == nil {
		return fmt.Errorf("no OAuth client %q", v.Client)
	}
	if err := s.ident(&v.ID, "authorization", a.Email+" "+v.Description); err != nil {
		return err
	}
	s.date(&v.CreatedAt, &v.UpdatedAt)
	if v.Scope == nil {
		v.Scope = []string{"global"}
	}
	def(&v.Token, s.token(v))
	return nil
}

// token is the one that an authorization has after its rotations.
func (s *Server) token(v *Authorization) string {
	return fmt.Sprintf("HRKU-%x", s.digest("token", v.ID, v.Rotations))[:5+40]
}

func (s *Server) wireAuthorization(a *Account, v *Authorization) obj {
	o := obj{
		"access_token":  obj{"expires_in": orNull(v.ExpiresIn), "id": s.fixedID("access-token", v.ID), "token": v.Token},
		"client":        nil,
		"created_at":    wireTime(v.CreatedAt),
		"description":   cmp.Or(v.Description, "Long-lived user authorization"),
		"grant":         nil,
		"id":            v.ID,
		"refresh_token": nil,
		"scope":         nonNil(v.Scope),
		"updated_at":    wireTime(v.UpdatedAt),
		"user":          obj{"email": a.Email, "full_name": orNull(a.Name), "id": s.fixedID("user", a.Email)},
	}
	if client := a.client(v.Client); client != nil {
		o["client"] = obj{"id": client.ID, "name": client.Name, "redirect_uri": client.RedirectURI}
	}
	return o
}

func (s *Server) fillClient(a *Account, v *OAuthClient) error {
	if v.Name == "" || v.RedirectURI == "" {
		return fmt.Errorf("an OAuth client without name or redirect_uri")
	}
	if err := s.ident(&v.ID, "oauth-client", a.Email+" "+v.Name); err != nil {
		return err
	}
	s.date(&v.CreatedAt, &v.UpdatedAt)
	def(&v.Secret, s.newID("oauth-secret", v.ID))
	return nil
}

func wireClient(_ *Server, _ *Account, v *OAuthClient) obj {
	return obj{
		"created_at":         wireTime(v.CreatedAt),
		"id":                 v.ID,
		"ignores_delinquent": false,
		"name":               v.Name,
		"redirect_uri":       v.RedirectURI,
		"secret":             v.Secret,
		"updated_at":         wireTime(v.UpdatedAt),
	}
}

func oauthRoutes() {
	type authorizing struct {
		Client      ref      `json:"client"`
		Description string   `json:"description"`
		ExpiresIn   any      `json:"expires_in"` // a number, or one as a string
		Scope       []string `json:"scope"`
	}
	authorizations.read()
	create(authorizations, func(_ *Account, in authorizing) (Authorization, error) {
		v := Authorization{Client: string(in.Client), Description: in.Description, Scope: in.Scope}
		if in.ExpiresIn != nil {
			if _, err := fmt.Sscan(fmt.Sprint(in.ExpiresIn), &v.ExpiresIn); err != nil {
				return v, invalid("expires_in is a number of seconds")
			}
		}
		return v, nil
	})
	change(authorizations, func(c *call, a *Account, v *Authorization, in authorizing) error {
		if in.Client != "" {
			if a.client(string(in.Client)) == nil {
				return notFound(clients.kind)
			}
			v.Client = string(in.Client)
		}
		v.Description, v.UpdatedAt = cmp.Or(in.Description, v.Description), c.stamp()
		return nil
	})
	authorizations.remove()
	write("POST "+authorizations.path+"/{id}/actions/regenerate-tokens", http.StatusOK, authorizations.find,
		func(c *call, x childOf[*Account, Authorization], _ any) (any, error) {
			x.v.Rotations++
			x.v.Token, x.v.UpdatedAt = c.token(x.v), c.stamp()
			return authorizations.show(c, x), nil
		})

	sessions.list()
	sessions.remove()

	type naming struct {
		Name        string `json:"name"`
		RedirectURI string `json:"redirect_uri"`
	}
	clients.read()
	create(clients, func(_ *Account, in naming) (OAuthClient, error) {
		return OAuthClient{Name: in.Name, RedirectURI: in.RedirectURI}, nil
	})
	change(clients, func(c *call, _ *Account, v *OAuthClient, in naming) error {
		v.Name, v.RedirectURI, v.UpdatedAt = cmp.Or(in.Name, v.Name), cmp.Or(in.RedirectURI, v.RedirectURI), c.stamp()
		return nil
	})
	clients.remove()
	write("POST "+clients.path+"/{id}/actions/rotate-credentials", http.StatusOK, clients.find,
		func(c *call, x childOf[*Account, OAuthClient], _ any) (any, error) {
			x.v.Secret, x.v.UpdatedAt = c.newID("oauth-secret", x.v.ID), c.stamp()
			return clients.show(c, x), nil
		})
}
