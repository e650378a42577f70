package herokutest

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// Account is somebody who uses the API: a request with one of its tokens is made
// by it, and what the request makes shows its email address, such as the user of
// a release. A token of no account belongs to the one of [Options.Email].
//
// Accounts differ in who they are, not in what they may see: everyone sees all
// that the server holds, but for what Deny hides.
type Account struct {
	ID    string `json:"id,omitempty"`
	Email string `json:"email"`
	Name  string `json:"name,omitempty"`
	// Tokens are those that were given out elsewhere. A token of an authorization
	// is one as well.
	Tokens         []string        `json:"tokens,omitempty"`
	Authorizations []Authorization `json:"authorizations,omitempty"`
	Sessions       []Session       `json:"sessions,omitempty"`
	Clients        []OAuthClient   `json:"clients,omitempty"`
	Keys           []Key           `json:"keys,omitempty"`
	CreatedAt      time.Time       `json:"created_at,omitzero"`
	UpdatedAt      time.Time       `json:"updated_at,omitzero"`
}

// AddAccount adds an account and returns it with everything filled in. It panics
// if it is invalid: without an email address, or with a token of another account.
func (s *Server) AddAccount(a Account) Account {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, err := s.addAccount(clone(a))
	must("AddAccount", err)
	return clone(*v)
}

func (s *Server) addAccount(a Account) (*Account, error) {
	if a.Email == "" {
		return nil, errors.New("an account without email")
	}
	if s.state.account(a.Email) != nil {
		return nil, fmt.Errorf("account %q: there is one already", a.Email)
	}
	if a.ID == "" {
		a.ID = s.fixedID("user", a.Email)
	}
	if err := s.ident(&a.ID, "user", a.Email); err != nil {
		return nil, fmt.Errorf("account %q: %w", a.Email, err)
	}
	for i, token := range a.Tokens {
		if token == "" || s.state.owner(token) != nil {
			return nil, fmt.Errorf("account %q: token %d is empty or of another account", a.Email, i+1)
		}
	}
	s.state.setID("user", a.Email, a.ID)
	if a.CreatedAt.IsZero() {
		a.CreatedAt = epoch
	}
	s.date(&a.CreatedAt, &a.UpdatedAt)
	err := errors.Join(
		clients.fillAll(s, &a), // before the authorizations, which name them
		authorizations.fillAll(s, &a),
		sessions.fillAll(s, &a),
		keys.fillAll(s, &a),
	)
	if err != nil {
		return nil, fmt.Errorf("account %q: %w", a.Email, err)
	}
	s.state.accounts = append(s.state.accounts, &a)
	return &a, nil
}

// account returns the account with an email address, nil for one that the server
// knows nothing more about.
func (st *state) account(email string) *Account {
	return find(st.accounts, func(a *Account) bool { return a.Email == email })
}

// owner returns the account whose token this is, or nil.
func (st *state) owner(token string) *Account {
	for _, a := range st.accounts {
		if slices.Contains(a.Tokens, token) {
			return a
		}
		if findIn(a.Authorizations, func(v *Authorization) bool { return v.Token == token }) != nil {
			return a
		}
	}
	return nil
}

// who is the email address of the account whose request is being answered, else
// of the one that owns the server's token.
func (s *Server) who() string { return cmp.Or(s.acting, s.opts.Email) }

// me returns the account whose request it is. One that nothing was known about
// is noted when the request changes something.
func (c *call) me() (*Account, error) {
	if a := c.state.account(c.who()); a != nil {
		return a, nil
	}
	a := &Account{Email: c.who(), ID: c.fixedID("user", c.who()), CreatedAt: epoch, UpdatedAt: epoch}
	if c.r.Method != http.MethodGet {
		c.state.setID("user", a.Email, a.ID)
		c.state.accounts = append(c.state.accounts, a)
	}
	return a, nil
}

// own is account where {user} is the account whose request it is, as it has to be.
func (c *call) own() (*state, error) {
	switch c.args["user"] {
	case "~", c.who(), c.fixedID("user", c.who()):
		return &c.state, nil
	}
	return nil, notFound("user")
}

func (s *Server) wireAccount(a *Account) obj {
	return obj{
		"allow_tracking":            false,
		"beta":                      false,
		"country_of_residence":      nil,
		"created_at":                wireTime(a.CreatedAt),
		"default_organization":      nil,
		"default_team":              nil,
		"delinquent_at":             nil,
		"email":                     a.Email,
		"federated":                 false,
		"id":                        s.fixedID("user", a.Email),
		"identity_provider":         nil,
		"last_login":                nil,
		"name":                      orNull(a.Name),
		"sms_number":                nil,
		"suspended_at":              nil,
		"two_factor_authentication": true,
		"updated_at":                wireTime(a.UpdatedAt),
		"verified":                  true,
	}
}

// accountRef returns the account that a request names by email address or UUID;
// one that nothing is known about is as good as any.
func (s *Server) accountRef(ref string) *Account {
	if ref == "~" {
		ref = s.who()
	}
	for _, a := range s.state.accounts {
		if a.Email == ref || a.ID == ref {
			return a
		}
	}
	for email, id := range s.state.ids["user"] {
		if id == ref {
			ref = email
		}
	}
	if ref == s.fixedID("user", s.opts.Email) {
		ref = s.opts.Email
	}
	return &Account{Email: ref, CreatedAt: epoch, UpdatedAt: epoch}
}

func accountRoutes() {
	show := func(c *call, a *Account) any { return c.wireAccount(a) }
	get("/account", (*call).me, show)
	type body struct {
		Name *string `json:"name"`
	}
	write("PATCH /account", http.StatusOK, (*call).me, func(c *call, a *Account, in body) (any, error) {
		set(&a.Name, in.Name)
		a.UpdatedAt = c.stamp()
		return c.wireAccount(a), nil
	})
	get("/users/{user}", func(c *call) (*Account, error) {
		if _, err := c.own(); err != nil {
			return nil, err
		}
		return c.me()
	}, show)
	get("/account/rate-limits", (*call).account, func(c *call, _ *state) any { return obj{"remaining": int(c.bucket)} })
}
