package platform

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// A TokenSource is a place where a token can be.
type TokenSource string

// The places, in the order in which [FromEnv] looks. The empty one stands for
// all of them. FromOptions isn't looked for: it is a token in [Options].
const (
	FromVariable TokenSource = "env"     // HEROKU_API_KEY
	FromStore    TokenSource = "store"   // the system's own store, as the Heroku CLI uses it
	FromNetrc    TokenSource = "netrc"   // the netrc file
	FromOptions  TokenSource = "options" // Options.Token
)

// ParseTokenSource returns the source that a flag names: "env", "store" or
// "netrc", or "" for all of them.
func ParseTokenSource(s string) (TokenSource, error) {
	switch source := TokenSource(s); source {
	case "", FromVariable, FromStore, FromNetrc:
		return source, nil
	}
	return "", fmt.Errorf("token source: %q is none of env, store and netrc", s)
}

// Credentials say where a token is from. They don't hold it.
type Credentials struct {
	Source TokenSource // "" if there is no token
	Place  string      // the variable, the store with the account, or the path of the file
	Notes  []string    // what was passed over on the way, each a sentence without its full stop; nil if nothing was

	faulty bool // the netrc file has faults that other readers stop at
}

// String returns a line for people.
func (c Credentials) String() string {
	if c.Source == "" {
		return "no token"
	}
	return "the token in " + c.Place
}

func (c Credentials) clone() Credentials {
	c.Notes = slices.Clone(c.Notes)
	return c
}

// FromEnv returns a client with the address and the credentials that the
// Heroku CLI finds in the same environment, and the Terraform provider as far as
// it knows them. What opts holds goes first. getenv is os.Getenv, or stands for
// it in a test; a variable that is empty counts as unset.
//
//   - The address is HEROKU_API_URL.
//   - The token is HEROKU_API_KEY.
//   - Without, it is looked for where `heroku login` puts it: in the system's
//     own store, under the account that login.json in the CLI's folder for data
//     names, with the program that the CLI uses: security on macOS, PowerShell
//     on Windows, secret-tool elsewhere. Without that file nothing is run. The
//     folder is HEROKU_DATA_DIR, or heroku in XDG_DATA_HOME, in LOCALAPPDATA
//     on Windows, or in .local/share of the home directory. If the program fails, or takes
//     more than five seconds, netrc is next. For an address that isn't
//     Heroku's nor on this machine, the store is asked only if
//     [Options.TokenFrom] says so.
//   - Without, it comes from netrc, from the entry for the address's
//     host[:port], or else from the entry "default", and the email with it. The
//     file is NETRC_PATH, or .netrc (_netrc on Windows) in the directory NETRC,
//     or in the home directory (HOME, on Windows USERPROFILE). No such file, or a
//     directory in its place, is the same as no entry. Faults of other
//     entries are passed over.
//   - HEROKU_EMAIL goes with the token, before that of netrc.
//
// [Client.Credentials] says which it was, and what was passed over.
//
// Errors are [ErrNoCredentials] in a [CredentialsError] that says where they
// were looked for, a CredentialsError for a netrc file that can't be read,
// and those of [New].
//
// Source: providerConfigure in terraform-provider-heroku 5.3.2; getAuth in
// heroku-cli-command 13.0.1.
func FromEnv(getenv func(string) string, opts Options) (*Client, error) {
	if getenv == nil {
		getenv = os.Getenv
	}
	return (&finder{getenv: getenv, goos: runtime.GOOS}).client(opts)
}

// A finder looks for credentials.
type finder struct {
	getenv func(string) string
	goos   string

	looked []string // where, so far
	notes  []string
}

func (f *finder) client(opts Options) (*Client, error) {
	if opts.BaseURL == "" {
		opts.BaseURL = f.getenv(variableURL)
	}
	base, err := parseBaseURL(opts.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("base URL (HEROKU_API_URL): %w", err)
	}
	if _, err := ParseTokenSource(string(opts.TokenFrom)); err != nil {
		return nil, err
	}
	if opts.Email == "" {
		opts.Email = f.getenv(variableEmail)
	}
	if strings.TrimSpace(opts.Token) != "" {
		return New(opts)
	}
	found, err := f.find(base, opts.TokenFrom)
	if err != nil {
		return nil, err
	}
	if found.token == "" {
		return nil, &CredentialsError{
			Source: f.places(),
			Err:    fmt.Errorf("%w for %s", ErrNoCredentials, base.Host),
			Notes:  f.notes,
			Hint:   "sign in with `heroku login`, then " + exportToken + "; in CI, set HEROKU_API_KEY to a token of `heroku authorizations:create`",
		}
	}
	opts.Token = found.token
	if opts.Email == "" {
		opts.Email = found.email
	}
	found.from.Notes = f.notes
	return newClient(opts, found.from)
}

// exportToken takes the token from wherever the Heroku CLI has it.
const exportToken = "`export HEROKU_API_KEY=$(heroku auth:token)`"

// foundToken is what a place holds; the token is "" if that is nothing.
type foundToken struct {
	token, email string
	from         Credentials
}

// find looks in the places of source, one after the other.
func (f *finder) find(base *url.URL, source TokenSource) (foundToken, error) {
	wanted := func(s TokenSource) bool { return source == "" || source == s }
	if wanted(FromVariable) {
		f.looked = append(f.looked, variableKey)
		if token := strings.TrimSpace(f.getenv(variableKey)); token != "" {
			return foundToken{token: token, from: Credentials{Source: FromVariable, Place: variableKey}}, nil
		}
	}
	if wanted(FromStore) {
		if found := f.stored(base.Hostname(), source == FromStore); found.token != "" {
			return found, nil
		}
	}
	if wanted(FromNetrc) {
		return f.netrc(base.Host)
	}
	return foundToken{}, nil
}

// places names where was looked.
func (f *finder) places() string {
	switch n := len(f.looked); n {
	case 0:
		return "credentials"
	case 1:
		return f.looked[0]
	default:
		return strings.Join(f.looked[:n-1], ", ") + " and " + f.looked[n-1]
	}
}

// note notes what is passed over.
func (f *finder) note(format string, args ...any) {
	f.notes = append(f.notes, fmt.Sprintf(format, args...))
}

// netrc looks into the netrc file.
func (f *finder) netrc(host string) (foundToken, error) {
	path := f.netrcPath()
	if path == "" {
		return foundToken{}, nil
	}
	f.looked = append(f.looked, path)
	entry, faults, err := readNetrc(path, host)
	if err != nil {
		if e, ok := errors.AsType[*CredentialsError](err); ok {
			e.Notes = f.notes
		}
		return foundToken{}, err
	}
	for _, fault := range faults {
		f.note("%s:%d is passed over: %v. Terraform's Heroku provider stops at it", path, fault.line, fault.err)
	}
	return foundToken{
		token: entry.password,
		email: entry.login,
		from:  Credentials{Source: FromNetrc, Place: path, faulty: len(faults) > 0},
	}, nil
}

// netrcPath is where the file should be; "" if there is no home directory.
func (f *finder) netrcPath() string {
	if path := f.getenv(variableNetrc); path != "" {
		return path
	}
	name := ".netrc"
	if f.goos == "windows" {
		name = "_netrc"
	}
	dir := f.getenv("NETRC")
	if dir == "" {
		dir = f.home()
	}
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, name)
}

// home is the home directory; "" if there is none.
func (f *finder) home() string {
	if f.goos == "windows" {
		return f.getenv("USERPROFILE")
	}
	return f.getenv("HOME")
}
