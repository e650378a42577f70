package platform

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/herokutf/herokutf/internal/leaktest"
)

// noting is a RoundTripper that notes where credentials go.
type noting struct {
	host string
	auth string
}

func (n *noting) RoundTrip(req *http.Request) (*http.Response, error) {
	n.host, n.auth = req.URL.Host, req.Header.Get("Authorization")
	return answer200(`{}`)(req)
}

// findFor returns a finder for one of two systems.
func findFor(windows bool, env map[string]string) *finder {
	goos := "linux"
	if windows {
		goos = "windows"
	}
	return &finder{getenv: func(name string) string { return env[name] }, goos: goos}
}

func basic(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

func TestFromEnv(t *testing.T) {
	home := t.TempDir()
	write := func(text string, path ...string) string {
		name := filepath.Join(append([]string{home}, path...)...)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	write("machine api.heroku.com\n  login home@x\n  password home-key\nmachine 127.0.0.1:99\n  login port@x\n  password port-key\n", ".netrc")
	write("machine api.heroku.com login win@x password win-key\n", "_netrc")
	write("machine api.heroku.com login dir@x password dir-key\n", "dir", ".netrc")
	path := write("machine other login o password other-key\ndefault login path@x password path-key\n", "a path")
	write("machine other login o password other-key\n", "other", ".netrc")
	broken := write("machine api.heroku.com login x password y z-secret\n", "broken")
	if err := os.MkdirAll(filepath.Join(home, "isdir", ".netrc"), 0o700); err != nil {
		t.Fatal(err)
	}
	type env = map[string]string
	tests := []struct {
		name    string
		env     env
		opts    Options
		windows bool
		host    string // where the request goes
		auth    string // "" for ErrNoCredentials
	}{
		{"key", env{"HEROKU_API_KEY": "env-key"}, Options{}, false, "api.heroku.com", "Bearer env-key"},
		{"key before netrc", env{"HEROKU_API_KEY": "env-key", "HOME": home}, Options{}, false, "api.heroku.com", "Bearer env-key"},
		{"key and email", env{"HEROKU_API_KEY": "env-key", "HEROKU_EMAIL": "env@x"}, Options{}, false, "api.heroku.com", basic("env@x", "env-key")},
		{"key with the newline of a file", env{"HEROKU_API_KEY": "env-key\n"}, Options{}, false, "api.heroku.com", "Bearer env-key"},
		{"key, and a netrc that is broken", env{"HEROKU_API_KEY": "env-key", "NETRC_PATH": broken}, Options{}, false, "api.heroku.com", "Bearer env-key"},
		{"options before all", env{"HEROKU_API_KEY": "env-key", "HEROKU_API_URL": "https://a.example"}, Options{Token: "opt-key", BaseURL: "https://b.example"}, false, "b.example", "Bearer opt-key"},
		{"URL", env{"HEROKU_API_KEY": "env-key", "HEROKU_API_URL": "https://a.example:1/"}, Options{}, false, "a.example:1", "Bearer env-key"},
		{"URL empty", env{"HEROKU_API_KEY": "env-key", "HEROKU_API_URL": ""}, Options{}, false, "api.heroku.com", "Bearer env-key"},

		{"home", env{"HOME": home}, Options{}, false, "api.heroku.com", basic("home@x", "home-key")},
		{"key empty", env{"HOME": home, "HEROKU_API_KEY": ""}, Options{}, false, "api.heroku.com", basic("home@x", "home-key")},
		{"email before netrc's login", env{"HOME": home, "HEROKU_EMAIL": "env@x"}, Options{}, false, "api.heroku.com", basic("env@x", "home-key")},
		{"Windows", env{"USERPROFILE": home, "HOME": "/none"}, Options{}, true, "api.heroku.com", basic("win@x", "win-key")},
		{"NETRC is a directory", env{"HOME": home, "NETRC": filepath.Join(home, "dir")}, Options{}, false, "api.heroku.com", basic("dir@x", "dir-key")},
		{"NETRC_PATH is a file, and default", env{"HOME": home, "NETRC": filepath.Join(home, "dir"), "NETRC_PATH": path}, Options{}, false, "api.heroku.com", basic("path@x", "path-key")},
		{"NETRC_PATH and NETRC empty", env{"HOME": home, "NETRC": "", "NETRC_PATH": ""}, Options{}, false, "api.heroku.com", basic("home@x", "home-key")},
		{"host with port", env{"HOME": home, "HEROKU_API_URL": "http://127.0.0.1:99/x"}, Options{}, false, "127.0.0.1:99", basic("port@x", "port-key")},
		{"another port", env{"HOME": home, "HEROKU_API_URL": "http://127.0.0.1:98"}, Options{}, false, "", ""},
		{"another host", env{"HOME": home, "HEROKU_API_URL": "https://api.example"}, Options{}, false, "", ""},
		{"host of the options", env{"HOME": home}, Options{BaseURL: "http://127.0.0.1:99"}, false, "127.0.0.1:99", basic("port@x", "port-key")},

		{"nothing", env{}, Options{}, false, "", ""},
		{"no file", env{"HOME": filepath.Join(home, "none")}, Options{}, false, "", ""},
		{"a directory", env{"HOME": filepath.Join(home, "isdir")}, Options{}, false, "", ""},
		{"NETRC_PATH is a directory", env{"HOME": home, "NETRC_PATH": home}, Options{}, false, "", ""},
		{"no entry", env{"HOME": filepath.Join(home, "other")}, Options{}, false, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n := &noting{}
			tt.opts.Transport = n
			c, err := findFor(tt.windows, tt.env).client(tt.opts)
			if tt.auth == "" {
				e, ok := errors.AsType[*CredentialsError](err)
				if !ok || !errors.Is(err, ErrNoCredentials) || e.Hint == "" || !strings.Contains(err.Error(), "HEROKU_API_KEY") {
					t.Errorf("got %v, want ErrNoCredentials", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, err := Get[thing](t.Context(), c, "/apps/a"); err != nil {
				t.Fatal(err)
			}
			if n.host != tt.host || n.auth != tt.auth {
				t.Errorf("got %q at %q, want %q at %q", n.auth, n.host, tt.auth, tt.host)
			}
		})
	}
}

func TestFromEnvFaults(t *testing.T) {
	dir := t.TempDir()
	broken := filepath.Join(dir, "broken")
	os.WriteFile(broken, []byte("# mine\n\nmachine api.heroku.com\n  login x\n  password y z-secret\n"), 0o600)
	large := filepath.Join(dir, "large")
	os.WriteFile(large, make([]byte, maxNetrc+1), 0o600)
	tests := []struct {
		name string
		env  map[string]string
		want string // end of the error's text
		is   error
	}{
		{"URL with a password", map[string]string{"HEROKU_API_KEY": "k", "HEROKU_API_URL": "https://u:z-secret@api.heroku.com"}, "base URL (HEROKU_API_URL): it holds a user or a password, which belong into HEROKU_API_KEY or netrc", nil},
		{"URL that is none", map[string]string{"HEROKU_API_KEY": "k", "HEROKU_API_URL": "z-secret%"}, "base URL (HEROKU_API_URL): not a URL", nil},
		{"http", map[string]string{"HEROKU_API_KEY": "z-secret", "HEROKU_API_URL": "http://api.heroku.com"}, "base URL: refusing to send the token unencrypted: http://api.heroku.com is not https", ErrInsecure},
		{"key of two words", map[string]string{"HEROKU_API_KEY": "z-secret y"}, "token: it holds characters that a token can't have", nil},
		{"broken netrc", map[string]string{"NETRC_PATH": broken}, "broken:5: a keyword is expected (machine, default, login, password, account or macdef)", nil},
		{"large netrc", map[string]string{"NETRC_PATH": large}, "large: larger than 1048576 bytes", nil},
		{"no entry", map[string]string{"NETRC_PATH": filepath.Join(dir, "none")}, "none: no Heroku credentials for api.heroku.com", ErrNoCredentials},
	}
	if runtime.GOOS != "windows" {
		tests = append(tests, struct {
			name string
			env  map[string]string
			want string
			is   error
		}{"netrc below a file", map[string]string{"NETRC_PATH": filepath.Join(broken, "x")}, "x: open: not a directory", nil})
	}
	if os.Getuid() > 0 {
		locked := filepath.Join(dir, "locked")
		os.WriteFile(locked, nil, 0)
		_, err := FromEnv(func(name string) string { return map[string]string{"NETRC_PATH": locked}[name] }, Options{})
		if !errors.Is(err, fs.ErrPermission) {
			t.Errorf("got %v, want fs.ErrPermission", err)
		}
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := FromEnv(func(name string) string { return tt.env[name] }, Options{})
			if err == nil || c != nil || !strings.HasSuffix(err.Error(), tt.want) {
				t.Fatalf("got %v, %v; want %q", c, err, tt.want)
			}
			if tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("%v isn't %v", err, tt.is)
			}
			for _, text := range leaktest.Dumps(err) {
				if strings.Contains(text, "z-secret") {
					t.Errorf("the error shows what is secret: %s", text)
				}
			}
		})
	}
}

func TestFindNetrc(t *testing.T) {
	tests := []struct {
		name            string
		in              string
		login, password string
		line            int
		err             string // "" for none
	}{
		{"empty", "", "", "", 0, ""},
		{"one line", "machine h login l password p", "l", "p", 0, ""},
		{"lines", "machine h\n\tlogin l\n\tpassword p\n", "l", "p", 0, ""},
		{"CRLF", "machine h\r\n  login l\r\n  password p\r\n", "l", "p", 0, ""},
		{"BOM", "\ufeffmachine h login l password p\n", "l", "p", 0, ""},
		{"other order", "machine h password p account a login l", "l", "p", 0, ""},
		{"no login", "machine h password p", "", "p", 0, ""},
		{"first of two", "machine h login l password p\nmachine h login l2 password p2", "l", "p", 0, ""},
		{"second machine", "machine g login x password y machine h login l password p", "l", "p", 0, ""},
		{"prefix of a name", "machine hh login x password y", "", "", 0, ""},
		{"upper case", "machine H login x password y", "", "", 0, ""},
		{"default", "machine g login x password y default login l password p", "l", "p", 0, ""},
		{"before default", "machine h login l password p\ndefault login x password y", "l", "p", 0, ""},
		{"machine called default", "machine default login x password y", "", "", 0, ""},

		{"comments", "# a\nmachine h # b\n  # password q\n  login l #c\n  password p\n#", "l", "p", 0, ""},
		{"comment full of keywords", "# machine h login x password y\nmachine h login l password p", "l", "p", 0, ""},
		{"password with #", "machine h login l password p#q", "l", "p#q", 0, ""},
		{"password begins with #", "machine h login l password #pq\n", "l", "#pq", 0, ""},
		{"password with quotes", `machine h login l password "p'q"`, "l", `"p'q"`, 0, ""},
		{"password with a backslash", `machine h login l password p\q`, "l", `p\q`, 0, ""},
		{"password is a keyword", "machine h login login password machine", "login", "machine", 0, ""},
		{"login is default", "machine h login default password password", "default", "password", 0, ""},

		{"macro", "machine h login l password p\nmacdef init\ncd /x\nmachine h2 login\nput y\n\nmachine i login x password y", "l", "p", 0, ""},
		{"machine after a macro", "macdef init\nmachine h login x password y\n\nmachine h login l password p", "l", "p", 0, ""},
		{"macro with CRLF", "macdef init\r\nmachine h login x\r\n\r\nmachine h login l password p", "l", "p", 0, ""},
		{"macro to the end", "machine h login l password p\nmacdef init\nfoo bar", "l", "p", 0, ""},

		{"quoted password of two words", `machine h login l password "p q"`, "", "", 1, "a keyword is expected (machine, default, login, password, account or macdef)"},
		{"unknown keyword", "machine h\n  loginn l\n", "", "", 2, "a keyword is expected (machine, default, login, password, account or macdef)"},
		{"two logins", "machine h login l\nlogin m", "", "", 2, `"login" for the second time`},
		{"two passwords", "machine h password l password m", "", "", 1, `"password" for the second time`},
		{"password without a value", "machine h login l\npassword\n", "", "", 2, `"password" without a value`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, faults, fault := findNetrc([]byte(tt.in), "h")
			line, text := 0, ""
			if fault != nil {
				line, text = fault.line, fault.err.Error()
			}
			if len(faults) > 0 {
				t.Errorf("got faults elsewhere: %v", faults)
			}
			if want := (netrcEntry{tt.login, tt.password}); got != want || line != tt.line || text != tt.err {
				t.Errorf("got %q, line %d, %q; want %q, line %d, %q", got, line, text, want, tt.line, tt.err)
			}
		})
	}
}

// TestNetrcFaultsElsewhere: only the entry that counts has to be right.
func TestNetrcFaultsElsewhere(t *testing.T) {
	const keyword = "a keyword is expected (machine, default, login, password, account or macdef)"
	tests := []struct {
		name            string
		in              string
		login, password string
		faults          []string // line: text
	}{
		{"git's port and protocol", "machine g port 443 protocol https login x password y\nmachine h\n  login l\n  password p\n", "l", "p",
			[]string{`1: "port" is no keyword of netrc`, `1: "protocol" is no keyword of netrc`}},
		{"git's port in the entry itself", "machine h port 443 login l password p\n", "l", "p", []string{`1: "port" is no keyword of netrc`}},
		{"unknown keyword behind", "machine h login l password p\n\nmachine g oops", "l", "p", []string{"3: " + keyword}},
		{"unknown keyword before", "machine g\nlogin x y\npassword z\nmachine h login l password p", "l", "p", []string{"2: " + keyword}},
		{"quoted password elsewhere", "machine g login x password \"a b\"\nmachine h login l password p", "l", "p", []string{"1: " + keyword}},
		{"two passwords elsewhere", "machine g password x password y\nmachine h login l password p", "l", "p", []string{`1: "password" for the second time`}},
		{"login first", "login x\nmachine h login l password p", "l", "p", []string{`1: "login" before any machine`}},
		{"password first, with a value like a keyword", "password machine\nmachine h login l password p", "l", "p", []string{`1: "password" before any machine`}},
		{"machine after default", "default login x password y\nmachine h login l password p", "l", "p", []string{`2: "default" has to come after all machines`}},
		{"two defaults", "default login l password p\ndefault login x password y", "l", "p", []string{`2: "default" for the second time`}},
		{"machine without a name", "machine h login l password p\nmachine", "l", "p", []string{`2: "machine" without a name`}},
		{"a word before all", "oops\nmachine h login l password p", "l", "p", []string{"1: " + keyword}},
		{"faults and no entry", "machine g oops", "", "", []string{"1: " + keyword}},
		{"faults outside of any, and no entry", "oops\nlogin x", "", "", []string{"1: " + keyword, `2: "login" before any machine`}},
		{"fault of the default that doesn't count", "machine h login l password p\ndefault oops", "l", "p", []string{"2: " + keyword}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, faults, fault := findNetrc([]byte(tt.in), "h")
			var texts []string
			for _, f := range faults {
				texts = append(texts, fmt.Sprintf("%d: %v", f.line, f.err))
			}
			if diff := cmp.Diff(tt.faults, texts); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
			if want := (netrcEntry{tt.login, tt.password}); got != want || fault != nil {
				t.Errorf("got %q, %v; want %q", got, fault, want)
			}
		})
	}
}

// FuzzNetrc: whatever the file holds, there is an answer, and its faults are
// in lines that are there.
func FuzzNetrc(f *testing.F) {
	for _, s := range []string{"machine h login l password p", "default", "macdef x\n\n", "# x\n", "\xff", "machine", "machine g port 1 login x"} {
		f.Add([]byte(s), "l", "p")
	}
	f.Fuzz(func(t *testing.T, before []byte, login, password string) {
		_, faults, fault := findNetrc(before, "h")
		if fault != nil {
			faults = append(faults, *fault)
		}
		_, again, moved := findNetrc([]byte("\n"+string(before)), "h")
		if moved != nil {
			again = append(again, *moved)
		}
		bom := strings.HasPrefix(string(before), "\ufeff")
		for i, got := range faults {
			if got.line < 1 || got.line > 1+strings.Count(string(before), "\n") {
				t.Errorf("line %d", got.line)
			}
			if !bom && (i >= len(again) || again[i].line != got.line+1) {
				t.Errorf("line %d; one line further down %v", got.line, again)
			}
		}
		// A word that is written is read, before whatever is right or wrong
		// with other machines.
		if login == "" || password == "" || strings.ContainsFunc(login+password, notInHeader) {
			return
		}
		text := "machine h\n\tlogin " + login + "\n\tpassword " + password + "\nmachine g\n" + string(before)
		got, _, fault := findNetrc([]byte(text), "h")
		if want := (netrcEntry{login, password}); fault != nil || got != want {
			t.Errorf("got %q, %v; want %q", got, fault, want)
		}
	})
}

// TestNetrcOfOtherTools: the entry that counts is found behind those of git,
// and a child gets the token without the file, at which the provider stops.
func TestNetrcOfOtherTools(t *testing.T) {
	const token = "00000000-0000-4000-8000-0000000000aa"
	path := filepath.Join(t.TempDir(), "netrc")
	text := "machine git.example.com port 443 protocol https login x password y\nmachine api.heroku.com\n  login me@example.com\n  password " + token + "\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	n := &noting{}
	c, err := FromEnv(func(name string) string { return map[string]string{"NETRC_PATH": path}[name] }, Options{Transport: n})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Get[thing](t.Context(), c, "/apps/a"); err != nil || n.auth != basic("me@example.com", token) {
		t.Errorf("got %q, %v", n.auth, err)
	}
	from := c.Credentials()
	if from.Source != FromNetrc || from.Place != path || from.String() != "the token in "+path {
		t.Errorf("got %+v", from)
	}
	want := []string{
		path + `:1 is passed over: "port" is no keyword of netrc. Terraform's Heroku provider stops at it`,
		path + `:1 is passed over: "protocol" is no keyword of netrc. Terraform's Heroku provider stops at it`,
	}
	if diff := cmp.Diff(want, from.Notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
	from.Notes[0] = "changed"
	if c.Credentials().Notes[0] != want[0] {
		t.Error("the notes are the client's own")
	}
	if diff := cmp.Diff([]string{"HEROKU_API_KEY=" + token, "NETRC_PATH=" + os.DevNull}, c.Environ([]string{"NETRC_PATH=" + path})); diff != "" {
		t.Errorf("Environ (-want +got):\n%s", diff)
	}
	for _, text := range append(leaktest.Dumps(c), leaktest.Dumps(from)...) {
		if strings.Contains(text, token) {
			t.Errorf("the token is shown: %s", text)
		}
	}

	// Without an entry the faults may be the reason.
	if err := os.WriteFile(path, []byte("machine api.heroku.com:443 loginn x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = FromEnv(func(name string) string { return map[string]string{"NETRC_PATH": path}[name] }, Options{})
	if !errors.Is(err, ErrNoCredentials) || !strings.Contains(err.Error(), path+":1 is passed over") {
		t.Errorf("got %v, want a note", err)
	}
}
