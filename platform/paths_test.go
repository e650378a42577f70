package platform

import (
	"errors"
	"net/url"
	"strings"
	"testing"
)

func TestPath(t *testing.T) {
	tests := []struct {
		in   []string
		want string // "" for an error
	}{
		{[]string{"apps", "a", "releases"}, "/apps/a/releases"},
		{[]string{"apps", "a/b?c=d#e"}, "/apps/a%2Fb%3Fc=d%23e"},
		{[]string{"apps", "../teams"}, "/apps/..%2Fteams"},
		{[]string{"apps", "100%"}, "/apps/100%25"},
		{[]string{"teams", "Ünï cödé"}, "/teams/%C3%9Cn%C3%AF%20c%C3%B6d%C3%A9"},
		{[]string{"apps", ""}, ""},
		{[]string{"apps", "."}, ""},
		{[]string{"apps", ".."}, ""},
		{[]string{"apps", "a\nb"}, ""},
		{[]string{"apps", "a\x00"}, ""},
		{[]string{"apps", "a\xff"}, ""},
		{[]string{"apps", strings.Repeat("a", 1001)}, ""},
	}
	for _, tt := range tests {
		got, err := Path(tt.in...)
		if got != tt.want || (err != nil) != (tt.want == "") || err != nil && !errors.Is(err, ErrInvalidName) {
			t.Errorf("Path(%q): got %q, %v; want %q", tt.in, got, err, tt.want)
		}
		if e, ok := errors.AsType[*InvalidNameError](err); ok && len(e.Value) > 70 {
			t.Errorf("Path(%q): the error shows %d bytes", tt.in, len(e.Value))
		}
	}
}

// FuzzPath: what comes out addresses what went in, and nothing else.
func FuzzPath(f *testing.F) {
	for _, s := range []string{"a", "..", "a/b", "%2e%2e", "?", "#", "", "é", " "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, segment string) {
		path, err := Path("apps", segment, "releases")
		if err != nil {
			return
		}
		u, err := url.Parse("https://api.example" + path)
		if err != nil {
			t.Fatal(err)
		}
		if u.Host != "api.example" || u.RawQuery != "" || u.Fragment != "" || u.Path != "/apps/"+segment+"/releases" {
			t.Errorf("%q: got %v", segment, u)
		}
		if parts := strings.Split(u.EscapedPath(), "/"); len(parts) != 4 {
			t.Errorf("%q: got %q", segment, parts)
		}
		if err := checkPath(u, hideToken("", testToken)); err != nil {
			t.Errorf("%q: %v", segment, err)
		}
	})
}
