package platform

import (
	"encoding/base64"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"

	heroku "github.com/heroku/heroku-go/v5"

	"github.com/herokutf/herokutf/internal/printable"
)

// A secret holds the token in closures, where neither fmt nor any other
// package that prints by reflection finds it.
type secret struct {
	authorize func(http.Header)           // adds the credentials
	redact    func(string) string         // takes them out of a text
	is        func(string) bool           // whether a text is the token
	export    func(env []string) []string // adds the token as HEROKU_API_KEY
}

// minSecret is the length from which on a token is taken out of texts.
// Heroku's have 36 characters and more. One of a few letters is a test's, and
// taking it out would make riddles of all texts.
const minSecret = 8

// hideToken returns what is done with the token. Only this knows it.
func hideToken(email, token string) secret {
	s := secret{
		authorize: func(http.Header) {},
		redact:    func(text string) string { return text },
		is:        func(string) bool { return false },
		export:    func(env []string) []string { return env },
	}
	if token == "" {
		return s
	}
	basic := base64.StdEncoding.EncodeToString([]byte(email + ":" + token))
	value := "Bearer " + token
	if email != "" {
		value = "Basic " + basic
	}
	s.authorize = func(h http.Header) { h.Set("Authorization", value) }
	s.export = func(env []string) []string {
		if strings.TrimSpace(lookup(env, variableKey)) == token {
			return env
		}
		return setenv(env, variableKey, token)
	}
	if len(token) < minSecret {
		return s
	}
	s.is = func(text string) bool { return text == token }
	// A server may cut what fills up the end of base64.
	s.redact = printable.Redactor("[token]", token, basic, strings.TrimRight(basic, "="), base64.RawURLEncoding.EncodeToString([]byte(email+":"+token)))
	return s
}

// looksLikeToken reports whether a text can't be anything but a token of
// Heroku, with whatever a clipboard has put around it.
func looksLikeToken(s string) bool { return strings.Contains(s, "HRKU-") }

// The environment variables of the Heroku CLI and the Terraform provider.
const (
	variableKey   = "HEROKU_API_KEY"
	variableURL   = "HEROKU_API_URL"
	variableEmail = "HEROKU_EMAIL"
	variableNetrc = "NETRC_PATH"
)

// Environ returns base, an environment as of os.Environ, for a child process
// that is to reach the same API with the same token: Terraform, whose Heroku
// provider knows HEROKU_API_KEY and netrc alone. What the child finds by itself
// is left as it is; otherwise HEROKU_API_KEY is set, and so is HEROKU_API_URL,
// so that the token goes nowhere else. If the token is from a netrc file with
// faults, which the provider would stop at, NETRC_PATH names an empty file. A
// client without a token adds nothing.
//
// The result holds the token: hand it to the child, and print it nowhere. It is
// a slice of its own.
func (c *Client) Environ(base []string) []string {
	env := slices.Clone(base)
	if c.check() != nil || c.transport.from.Source == "" {
		return env
	}
	from := c.transport.from
	if from.Source != FromNetrc || from.faulty || lookup(env, variableKey) != "" {
		env = c.transport.secret.export(env)
	}
	if from.faulty {
		env = setenv(env, variableNetrc, os.DevNull)
	}
	address := strings.TrimRight(lookup(env, variableURL), "/")
	if address == "" {
		address = heroku.DefaultURL
	}
	if address != c.url {
		env = setenv(env, variableURL, c.url)
	}
	return env
}

// sameName reports whether two names are of one environment variable on a system.
func sameName(goos, a, b string) bool {
	return a == b || goos == "windows" && strings.EqualFold(a, b)
}

// lookup returns the value of a variable, of the last line that has it; "" if
// there is none.
func lookup(env []string, name string) string {
	for _, line := range slices.Backward(env) {
		if key, value, ok := strings.Cut(line, "="); ok && sameName(runtime.GOOS, key, name) {
			return value
		}
	}
	return ""
}

// setenv sets a variable in env, which is changed.
func setenv(env []string, name, value string) []string {
	env = slices.DeleteFunc(env, func(line string) bool {
		key, _, _ := strings.Cut(line, "=")
		return sameName(runtime.GOOS, key, name)
	})
	return append(env, name+"="+value)
}
