package herokutf

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/herokutf/herokutf/internal/provider"
)

func TestValidNames(t *testing.T) {
	tests := []struct {
		in                  string
		uuid, app, pipeline bool
	}{
		{"01234567-89ab-cdef-0123-456789abcdef", true, false, false},
		{"01234567-89AB-CDEF-0123-456789ABCDEF", true, false, false},
		{"a1234567-89ab-cdef-0123-456789abcdef", true, false, false},
		{"01234567-89ab-cdef-0123-456789abcde", false, false, false},
		{"01234567-89ab-cdef-0123-456789abcdeg", false, false, false},
		{"0123456789abcdef0123456789abcdef0123", false, false, false},
		{"{1234567-89ab-cdef-0123-456789abcdef", false, false, false},
		{"", false, false, false},
		{"ab", false, false, false},
		{"abc", false, true, true},
		{"a-1", false, true, true},
		{"a1-", false, false, true},
		{"1abc", false, false, false},
		{"-abc", false, false, false},
		{"Abc", false, false, false},
		{"a_bc", false, false, false},
		{"a.bc", false, false, false},
		{"a/bc", false, false, false},
		{"abc\n", false, false, false},
		{"äbc", false, false, false},
		{"a23456789012345678901234567890", false, true, true},
		{"a234567890123456789012345678901", false, false, false},
	}
	for _, tt := range tests {
		if got := provider.IsUUID(tt.in); got != tt.uuid {
			t.Errorf("provider.IsUUID(%q): got %v", tt.in, got)
		}
		if got := provider.IsAppName(tt.in); got != tt.app {
			t.Errorf("provider.IsAppName(%q): got %v", tt.in, got)
		}
		if got := pipelineName.MatchString(tt.in); got != tt.pipeline {
			t.Errorf("pipelineName, %q: got %v", tt.in, got)
		}
		if err := checkApp(tt.in); (err == nil) != (tt.uuid || tt.app) || err != nil && !errors.Is(err, ErrInvalidName) {
			t.Errorf("checkApp(%q): got %v", tt.in, err)
		}
	}
}

func TestAPIPath(t *testing.T) {
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
		got, err := apiPath(tt.in...)
		if got != tt.want || (err != nil) != (tt.want == "") || err != nil && !errors.Is(err, ErrInvalidName) {
			t.Errorf("apiPath(%q): got %q, %v; want %q", tt.in, got, err, tt.want)
		}
		if e, ok := errors.AsType[*InvalidNameError](err); ok && len(e.Value) > 70 {
			t.Errorf("apiPath(%q): the error shows %d bytes", tt.in, len(e.Value))
		}
	}
}

// FuzzAPIPath: what comes out addresses what went in, and nothing else.
func FuzzAPIPath(f *testing.F) {
	for _, s := range []string{"a", "..", "a/b", "%2e%2e", "?", "#", "", "é", " "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, segment string) {
		path, err := apiPath("apps", segment, "releases")
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
		if err := checkPath(u); err != nil {
			t.Errorf("%q: %v", segment, err)
		}
	})
}
