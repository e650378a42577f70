package platform

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/herokutf/herokutf/internal/leaktest"
)

const storedToken = "HRKU-stored-0123456789"

// standIn puts a shell script for a program on the path, which notes its
// arguments, and returns the file with these.
func standIn(t *testing.T, name, script string) (args string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the stand-ins are shell scripts")
	}
	dir := t.TempDir()
	args = filepath.Join(dir, "args")
	text := "#!/bin/sh\nprintf '%s\\n' \"$0\" \"$@\" > '" + args + "'\n" + script + "\n"
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+"/usr/bin"+string(os.PathListSeparator)+"/bin")
	return args
}

// signIn returns a folder as the Heroku CLI's for data, with this in login.json.
func signIn(t *testing.T, login string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "login.json"), []byte(login), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

const loginMe = `{"account":"me@example.com"}` + "\n"

// TestStore: the token comes from the store of the system, by the program and
// with the arguments of the Heroku CLI.
func TestStore(t *testing.T) {
	tests := []struct {
		goos    string
		program string
		args    []string
		place   string
	}{
		{"linux", "secret-tool", []string{"lookup", "service", "heroku-cli", "account", "me@example.com"}, "the keyring (heroku-cli, me@example.com)"},
		{"darwin", "security", []string{"find-generic-password", "-a", "me@example.com", "-s", "heroku-cli", "-w"}, "the macOS keychain (heroku-cli, me@example.com)"},
		{"windows", "powershell.exe", []string{"-NoLogo", "-NoProfile", "-NonInteractive", "-Command", retrieve}, "the Windows credential manager (heroku-cli, me@example.com)"},
	}
	for _, tt := range tests {
		t.Run(tt.goos, func(t *testing.T) {
			script := "echo " + storedToken
			if tt.goos == "windows" {
				script = `test "$` + storeAccount + `" = me@example.com && ` + script
			}
			args := standIn(t, tt.program, script)
			n := &noting{}
			env := map[string]string{"HEROKU_DATA_DIR": signIn(t, loginMe)}
			f := &finder{getenv: func(name string) string { return env[name] }, goos: tt.goos}
			c, err := f.client(Options{Transport: n})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := Get[thing](t.Context(), c, "/apps/a"); err != nil || n.auth != "Bearer "+storedToken {
				t.Errorf("got %q, %v; want the token of the store", n.auth, err)
			}
			if diff := cmp.Diff(Credentials{Source: FromStore, Place: tt.place}, c.Credentials(), cmp.AllowUnexported(Credentials{})); diff != "" {
				t.Errorf("credentials (-want +got):\n%s", diff)
			}
			data, err := os.ReadFile(args)
			_, rest, _ := strings.Cut(string(data), "\n")
			if want := strings.Join(tt.args, "\n") + "\n"; err != nil || rest != want {
				t.Errorf("arguments: got %q, %v; want %q", rest, err, want)
			}
		})
	}
}

// TestStoreFallsThrough: whatever is wrong with the store, netrc is next, and
// there is a note.
func TestStoreFallsThrough(t *testing.T) {
	const place = "the keyring (heroku-cli, me@example.com)"
	tests := []struct {
		name   string
		script string // "" for no program
		login  string // "" for no file
		note   string // "" for none
	}{
		{"nobody is signed in", "echo " + storedToken, "", ""},
		{"login.json isn't JSON", "echo " + storedToken, "me@example.com", "login.json can't be read: it isn't JSON with an account"},
		{"login.json has no account", "echo " + storedToken, "{}", "login.json names no account"},
		{"the account is an option", "echo " + storedToken, `{"account":"--help"}`, "login.json names no account"},
		{"the account has a line break", "echo " + storedToken, `{"account":"a\nb"}`, "login.json names no account"},
		{"the account is a number", "echo " + storedToken, `{"account":7}`, "login.json can't be read: it isn't JSON with an account"},
		{"login.json is huge", "echo " + storedToken, strings.Repeat(" ", maxLogin+1), "login.json can't be read: larger than 65536 bytes"},
		{"no program", "", loginMe, place + " gave no token: secret-tool is not on the path"},
		{"not found", "echo 'z-secret: no such item' >&2; exit 1", loginMe, place + " gave no token: secret-tool: exit status 1"},
		{"fails after printing", "echo z-secret; exit 3", loginMe, place + " gave no token: secret-tool: exit status 3"},
		{"killed", "kill -9 $$", loginMe, place + " gave no token: secret-tool: signal: killed"},
		{"prints nothing", "exit 0", loginMe, place + " gave no token"},
		{"prints a sentence", "echo z-secret is the token", loginMe, "what " + place + " gave is no token"},
		{"prints without end", "yes z-secret | tr -d '\\n' | head -c 1000000", loginMe, "what " + place + " gave is no token"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.script == "" {
				t.Setenv("PATH", t.TempDir())
			} else {
				standIn(t, "secret-tool", tt.script)
			}
			home := t.TempDir()
			if err := os.WriteFile(filepath.Join(home, ".netrc"), []byte("machine api.heroku.com login n@x password netrc-key\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			if tt.login != "" {
				dir = signIn(t, tt.login)
			}
			env := map[string]string{"HOME": home, "HEROKU_DATA_DIR": dir}
			n := &noting{}
			c, err := findFor(false, env).client(Options{Transport: n})
			if err != nil {
				t.Fatal(err)
			}
			Get[thing](t.Context(), c, "/apps/a")
			if want := basic("n@x", "netrc-key"); n.auth != want {
				t.Errorf("got %q, want %q", n.auth, want)
			}
			got := c.Credentials()
			if got.Source != FromNetrc || got.Place != filepath.Join(home, ".netrc") {
				t.Errorf("got %+v, want netrc", got)
			}
			if notes := strings.Join(got.Notes, "\n"); tt.note == "" && notes != "" || !strings.HasSuffix(notes, tt.note) {
				t.Errorf("notes: got %q, want %q", notes, tt.note)
			}

			// Without netrc, the error has the note, and nothing of what was
			// printed.
			delete(env, "HOME")
			_, err = findFor(false, env).client(Options{})
			e, ok := errors.AsType[*CredentialsError](err)
			if !ok || !errors.Is(err, ErrNoCredentials) || !strings.Contains(err.Error(), tt.note) || !strings.Contains(e.Hint, exportToken) {
				t.Errorf("without netrc: got %v", err)
			}
			for _, text := range append(leaktest.Dumps(err), leaktest.Dumps(got)...) {
				if strings.Contains(text, "z-secret") {
					t.Errorf("what the program printed is shown: %s", text)
				}
			}
		})
	}
}

// TestStoreHangs: a program that waits for a password is left after five
// seconds, with whatever it has started.
func TestStoreHangs(t *testing.T) {
	standIn(t, "secret-tool", "sleep 4 & sleep 4")
	p := storeProgramOf("linux", "me@example.com")
	start := time.Now()
	token, err := p.run(100 * time.Millisecond)
	if token != "" || err == nil || err.Error() != "secret-tool took more than 100ms; it may be waiting for a password" {
		t.Errorf("got %q, %v", token, err)
	}
	if took := time.Since(start); took > 3*time.Second {
		t.Errorf("took %v", took)
	}
}

// TestStoreOfHosts: a token of Heroku's goes to Heroku and to this machine,
// and elsewhere only if that is asked for.
func TestStoreOfHosts(t *testing.T) {
	standIn(t, "secret-tool", "echo "+storedToken)
	dir := signIn(t, loginMe)
	tests := []struct {
		url  string
		from TokenSource
		want bool
	}{
		{"", "", true},
		{"https://api.heroku.com", "", true},
		{"https://heroku.com", "", true},
		{"https://api.staging.heroku.com:444/x", "", true},
		{"http://127.0.0.1:7777", "", true},
		{"http://localhost", "", true},
		{"https://heroku.example", "", false},
		{"https://api.heroku.com.example", "", false},
		{"https://apiheroku.com", "", false},
		{"https://heroku.example", FromStore, true},
	}
	for _, tt := range tests {
		env := map[string]string{"HEROKU_DATA_DIR": dir, "HEROKU_API_URL": tt.url}
		c, err := findFor(false, env).client(Options{TokenFrom: tt.from})
		if got := err == nil && c.Credentials().Source == FromStore; got != tt.want {
			t.Errorf("%q from %q: got %v, %v; want the store: %v", tt.url, tt.from, c, err, tt.want)
		}
		if !tt.want && !strings.Contains(err.Error(), "wasn't asked") {
			t.Errorf("%q: got %v, want a note", tt.url, err)
		}
	}
}

// TestTokenFrom: the place that is named is the only one.
func TestTokenFrom(t *testing.T) {
	standIn(t, "secret-tool", "echo "+storedToken)
	home := t.TempDir()
	if err := os.WriteFile(filepath.Join(home, ".netrc"), []byte("machine api.heroku.com password netrc-key\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	all := map[string]string{"HEROKU_API_KEY": "env-key", "HEROKU_DATA_DIR": signIn(t, loginMe), "HOME": home}
	tests := []struct {
		name   string
		from   TokenSource
		opts   Options
		unset  string
		source TokenSource
		auth   string
		err    string // part of it
	}{
		{"all", "", Options{}, "", FromVariable, "Bearer env-key", ""},
		{"all without a variable", "", Options{}, "HEROKU_API_KEY", FromStore, "Bearer " + storedToken, ""},
		{"env", FromVariable, Options{}, "", FromVariable, "Bearer env-key", ""},
		{"env without", FromVariable, Options{}, "HEROKU_API_KEY", "", "", "HEROKU_API_KEY: no Heroku credentials for api.heroku.com"},
		{"store", FromStore, Options{}, "", FromStore, "Bearer " + storedToken, ""},
		{"store without", FromStore, Options{}, "HEROKU_DATA_DIR", "", "", filepath.Join(home, ".local", "share", "heroku", "login.json") + ": no Heroku credentials"},
		{"netrc", FromNetrc, Options{}, "", FromNetrc, "Bearer netrc-key", ""},
		{"netrc without", FromNetrc, Options{}, "HOME", "", "", "no Heroku credentials"},
		{"options go first", FromNetrc, Options{Token: "opt-key"}, "", FromOptions, "Bearer opt-key", ""},
		{"unknown", "keychain", Options{}, "", "", "", `token source: "keychain" is none of env, store and netrc`},
		{"options can't be asked for", FromOptions, Options{}, "", "", "", `token source: "options" is none of env, store and netrc`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n := &noting{}
			tt.opts.Transport, tt.opts.TokenFrom = n, tt.from
			f := &finder{goos: "linux", getenv: func(name string) string {
				if name == tt.unset {
					return ""
				}
				return all[name]
			}}
			c, err := f.client(tt.opts)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Errorf("got %v, want %q", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			Get[thing](t.Context(), c, "/apps/a")
			if n.auth != tt.auth || c.Credentials().Source != tt.source {
				t.Errorf("got %q from %q, want %q from %q", n.auth, c.Credentials().Source, tt.auth, tt.source)
			}
		})
	}
	if _, err := New(Options{TokenFrom: "keychain"}); err == nil {
		t.Error("New: no error")
	}
}

func TestDataDir(t *testing.T) {
	type env = map[string]string
	tests := []struct {
		goos string
		env  env
		want string
	}{
		{"linux", env{"HOME": "/h"}, "/h/.local/share/heroku"},
		{"darwin", env{"HOME": "/h"}, "/h/.local/share/heroku"},
		{"linux", env{"HOME": "/h", "XDG_DATA_HOME": "/x"}, "/x/heroku"},
		{"darwin", env{"HOME": "/h", "XDG_DATA_HOME": "/x"}, "/x/heroku"},
		{"linux", env{"HOME": "/h", "XDG_DATA_HOME": "/x", "HEROKU_DATA_DIR": "/d"}, "/d"},
		{"linux", env{"HOME": "/h", "LOCALAPPDATA": "/l"}, "/h/.local/share/heroku"},
		{"windows", env{"USERPROFILE": "/h", "LOCALAPPDATA": "/l"}, "/l/heroku"},
		{"windows", env{"USERPROFILE": "/h"}, "/h/.local/share/heroku"},
		{"windows", env{"USERPROFILE": "/h", "LOCALAPPDATA": "/l", "XDG_DATA_HOME": "/x"}, "/x/heroku"},
		{"linux", env{}, ""},
	}
	for _, tt := range tests {
		f := &finder{goos: tt.goos, getenv: func(name string) string { return tt.env[name] }}
		if got := filepath.ToSlash(f.dataDir()); got != tt.want {
			t.Errorf("%s %v: got %q, want %q", tt.goos, tt.env, got, tt.want)
		}
	}
}

// TestEnviron: a child finds the token that the client has, wherever that is
// from, and sends it nowhere else.
func TestEnviron(t *testing.T) {
	const key, url, netrc = "HEROKU_API_KEY=", "HEROKU_API_URL=", "NETRC_PATH="
	null := netrc + os.DevNull
	from := func(s TokenSource, faulty bool) Credentials { return Credentials{Source: s, faulty: faulty} }
	tests := []struct {
		name string
		from Credentials
		opts Options
		base []string
		want []string
	}{
		{"from the environment", from(FromVariable, false), Options{Token: testToken}, []string{"A=b", key + testToken + "\n"}, []string{"A=b", key + testToken + "\n"}},
		{"from the store", from(FromStore, false), Options{Token: testToken}, []string{"A=b"}, []string{"A=b", key + testToken}},
		{"from the store, with another in the environment", from(FromStore, false), Options{Token: testToken}, []string{key + "other", "A=b", key + "third"}, []string{"A=b", key + testToken}},
		{"from netrc", from(FromNetrc, false), Options{Token: testToken}, []string{"A=b", key}, []string{"A=b", key}},
		{"from netrc, with another in the environment", from(FromNetrc, false), Options{Token: testToken}, []string{key + "other"}, []string{key + testToken}},
		{"from a netrc with faults", from(FromNetrc, true), Options{Token: testToken}, []string{"A=b", netrc + "/n"}, []string{"A=b", key + testToken, null}},
		{"from options", from(FromOptions, false), Options{Token: testToken}, nil, []string{key + testToken}},
		{"another address", from(FromStore, false), Options{Token: testToken, BaseURL: "https://a.example/x/"}, []string{url + "https://api.heroku.com"}, []string{key + testToken, url + "https://a.example/x"}},
		{"the same address", from(FromStore, false), Options{Token: testToken, BaseURL: "https://a.example"}, []string{url + "https://a.example/"}, []string{url + "https://a.example/", key + testToken}},
		{"another address in the environment", from(FromStore, false), Options{Token: testToken}, []string{url + "https://a.example"}, []string{key + testToken, url + "https://api.heroku.com"}},
		{"no token", Credentials{}, Options{BaseURL: "https://a.example"}, []string{"A=b"}, []string{"A=b"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := newClient(tt.opts, tt.from)
			if err != nil {
				t.Fatal(err)
			}
			before := fmt.Sprint(tt.base)
			if diff := cmp.Diff(tt.want, c.Environ(tt.base)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got := fmt.Sprint(tt.base); got != before {
				t.Errorf("the slice that was given is changed: %s", got)
			}
		})
	}
}

// TestTokenHints: a 401 says where the token is from, and how to get another,
// and doesn't lead back to where the user came from.
func TestTokenHints(t *testing.T) {
	tests := []struct {
		from Credentials
		want []string
	}{
		{Credentials{Source: FromVariable, Place: variableKey}, []string{"HEROKU_API_KEY", "`unset HEROKU_API_KEY`", "`heroku login`", exportToken}},
		{Credentials{Source: FromNetrc, Place: "/home/me/.netrc"}, []string{"/home/me/.netrc", "left over from an older login", "`heroku login`", exportToken}},
		{Credentials{Source: FromStore, Place: "the keyring (heroku-cli, me@example.com)"}, []string{"the keyring", "`heroku login`", exportToken}},
		{Credentials{Source: FromOptions}, []string{"the program was given", exportToken}},
		{Credentials{}, []string{"no token was sent", exportToken}},
	}
	for _, tt := range tests {
		opts := Options{Token: testToken, Transport: roundTripper(answering(http.StatusUnauthorized, `{"id":"unauthorized"}`))}
		if tt.from.Source == "" {
			opts.Token = ""
		}
		c, err := newClient(opts, tt.from)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Get[thing](t.Context(), c, "/apps/a")
		e, ok := errors.AsType[*APIError](err)
		if !ok || !errors.Is(err, ErrUnauthorized) {
			t.Fatalf("got %v", err)
		}
		for _, want := range tt.want {
			if !strings.Contains(e.Hint, want) {
				t.Errorf("%q: got the hint %q, want one with %q", tt.from.Source, e.Hint, want)
			}
		}
		hiding(t, "hint", leaktest.Dumps(err)...)
	}
}
