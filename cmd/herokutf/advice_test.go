package main

import (
	"crypto/x509"
	"errors"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/tfconfig"
)

// TestHintsOfNames: what a name that can't be looked up, or that a certificate isn't for,
// has to do with the address of the API.
func TestHintsOfNames(t *testing.T) {
	for _, tt := range []struct {
		err           error
		environ, want string
	}{
		{&net.OpError{Op: "proxyconnect", Err: errNo}, "", "The proxy in HTTPS_PROXY can't be reached. Check the variable, or list the host in NO_PROXY."},
		{&net.OpError{Op: "read", Err: errNo}, "", ""},
		{x509.HostnameError{Host: "x", Certificate: new(x509.Certificate)}, "", "The certificate is for another host: something else answers for api.heroku.com."},
		{x509.HostnameError{Host: "x", Certificate: new(x509.Certificate)}, "HEROKU_API_URL=https://x", "The certificate is for another host: something else answers for the address in HEROKU_API_URL."},
		{&net.DNSError{Name: "x"}, "", "The name can't be looked up: check the network's name server, and HEROKU_API_URL if it is set."},
	} {
		e, _, _ := testEnv(t, strings.Fields(tt.environ)...)
		if got := e.advise(&platform.RequestError{URL: "https://x", Err: tt.err}); got != tt.want {
			t.Errorf("%v, %v: got %q, want %q", tt.err, tt.environ, got, tt.want)
		}
	}
}

// TestHintsOfKinds: what is wrong with --only, or with --show-var.
func TestHintsOfKinds(t *testing.T) {
	const kinds = "--only takes resource types as the configuration has them, such as heroku_formation or just formation"
	for _, tt := range []struct {
		err  error
		want []string
	}{
		{&platform.InvalidNameError{Kind: "name of config vars, or pattern", Value: "x"}, []string{"--show-var takes names of config vars, with * for any run of characters and ? for one"}},
		{&platform.InvalidNameError{Kind: "resource type", Value: "heroku_formatoin"}, []string{kinds + "; did you mean formation?"}},
		{&platform.InvalidNameError{Kind: "resource type", Value: "xyzzy"}, []string{kinds}},
		{errNo, nil},
	} {
		err := adviseKind(tt.err)
		if diff := cmp.Diff(tt.want, ui.Diagnose(err, nil).Hints); diff != "" || !errors.Is(err, tt.err) {
			t.Errorf("%v (-want +got):\n%s", tt.err, diff)
		}
	}
}

// TestHintsOfEdits: what is to be done about edits that couldn't be made after the state
// was written: a patch is shown to people alone, and never one with secrets.
func TestHintsOfEdits(t *testing.T) {
	gone := filepath.Join(t.TempDir(), "gone", "main.tf")
	edit := tfconfig.FileEdit{Path: gone, Old: []byte("a = 1\n"), New: []byte("a = 2\n")}
	secret := edit
	secret.Sensitive = true
	const undo = "; or take the state back with herokutf undo, and begin anew"
	for _, tt := range []struct {
		edit   tfconfig.FileEdit
		format string
		want   string
		patch  bool
	}{
		{edit, formatText, "make these edits, as with patch -p0 and the lines above" + undo, true},
		{edit, formatJSON, "edit the files as --dry-run --write-config lists it" + undo, false},
		{secret, formatText, "edit the files as --dry-run --write-config lists it" + undo, false},
	} {
		e, _, stderr := testEnv(t)
		backup := filepath.Join(t.TempDir(), "backup")
		err := e.writeEdits([]tfconfig.FileEdit{tt.edit}, backup, tt.format, "done")
		if err == nil {
			t.Fatal("no error")
		}
		if files, err := statefile.Edited(backup); err != nil || files != nil {
			t.Errorf("an undo names what wasn't edited: %v, %v", files, err)
		}
		if diff := cmp.Diff([]string{tt.want}, ui.Diagnose(err, nil).Hints); diff != "" || strings.Contains(stderr.String(), "+a = 2\n") != tt.patch {
			t.Errorf("%s (-want +got):\n%s\n%s", tt.format, diff, stderr)
		}
	}
}
