package tfconfig

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestModuleSources: which sources are local ones, what is shown of them, and which may be
// the same.
func TestModuleSources(t *testing.T) {
	for source, want := range map[string]bool{
		".": true, "..": true, "./a": true, "../a": true, `.\a`: true, `..\a`: true, "": false, "a": false, ".a": false, "..a": false, "...": false,
		"a/./b": false, "/a": false, "acme/app/heroku": false,
	} {
		if got := isLocalSource(source); got != want {
			t.Errorf("%q is local: got %t", source, got)
		}
	}
	for source, want := range map[string]string{
		"acme/app/heroku":                            "acme/app/heroku",
		"acme/app/heroku?x=secret":                   "acme/app/heroku",
		"git::https://example.com/app.git?ref=v1":    "git::https://example.com/app.git",
		"https://user:secret@example.com/a/b?t=u":    "https://example.com/a/b",
		"https://user:se@cret@example.com/a":         "https://example.com/a",
		"https://secret@example.com":                 "https://example.com",
		"https://example.com/a@b":                    "https://example.com/a@b",
		"https://@example.com/a":                     "https://example.com/a",
		"https://example.com/":                       "https://example.com",
		"git@github.com:acme/app.git?sshkey=secret":  "git@github.com:acme/app.git",
		"s3::https://s3.amazonaws.com/bucket/a.zip?": "s3::https://s3.amazonaws.com/bucket/a.zip",
	} {
		if got := withoutCredentials(source); got != want {
			t.Errorf("%q: got %q, want %q", source, got, want)
		}
	}
	for _, tt := range []struct {
		source, installed string
		want              bool
	}{
		{"acme/app/heroku", "registry.terraform.io/acme/app/heroku", true},
		{"acme/app/heroku", "registry.opentofu.org/acme/app/heroku", true},
		{"acme/app/heroku//sub", "registry.terraform.io/acme/app/heroku", true},
		{"acme/app/heroku//sub", "registry.terraform.io/acme/app/heroku//sub", true},
		{"acme/app/heroku", "acme/app/heroku", true},
		{"example.com/acme/app/heroku", "example.com/acme/app/heroku", true},
		{"example.com/acme/app/heroku", "example.org/acme/app/heroku", false},
		{"acme/app/heroku", "registry.terraform.io/acme/other/heroku", false},
		{"acme/app/heroku", "registry.terraform.io/x-acme/app/heroku", false},
		{"acme/app/heroku", "git::https://example.com/acme/app/heroku", false},
		{"acme/app/heroku", "github.com/acme/app/heroku", false},
		{"acme/app/heroku", "bitbucket.org/acme/app/heroku", false},
		{"acme/app/heroku", "a/b/acme/app/heroku", false},
		{"acme/app", "x/acme/app", false},
		{"github.com/acme/app", "registry.terraform.io/acme/app/heroku", false},
		{"github.com/acme/app", "git::https://github.com/acme/app.git", true},
		{"bitbucket.org/acme/app", "git::https://bitbucket.org/acme/app.git", true},
		{"git@github.com:acme/app/x.git", "git::ssh://git@github.com/acme/app.git", true},
		{"./app", "registry.terraform.io/acme/app/heroku", false},
		{"git::https://a/b", "git::https://c/d", true},
	} {
		if got := sameModule(tt.source, tt.installed); got != tt.want {
			t.Errorf("%q, and %q is installed: got %t", tt.source, tt.installed, got)
		}
	}
}

// TestFoldersOfModules: what is below a folder, and below one of init's.
func TestFoldersOfModules(t *testing.T) {
	for path, want := range map[string]bool{
		"/w/.terraform/modules/a": true, "/w/.terraform/modules/a/b.tf": true, ".terraform/modules/a": true, "/w/.terraform/modules": false, "/w/.terraform": false,
		"/w/.terraform/providers/a": false, "/w/x/modules/a": false, "/w/modules/.terraform/a": false, "/w/.terraform/x/modules/a": false,
		"/.terraform/x/.terraform/modules/a": true, "": false,
	} {
		if got := isPutThere(filepath.FromSlash(path)); got != want {
			t.Errorf("%q: got %t", path, got)
		}
	}
	for _, tt := range []struct {
		folder, path string
		want         bool
	}{
		{"/a", "/a/b", true}, {"/a", "/a/b/c", true}, {"/a", "/a", false}, {"/a", "/", false}, {"/a", "/ab", false}, {"/a", "/b/a", false}, {"/a", "/a/..b", true},
		{"/a", "b", false}, {"a", "/b", false},
	} {
		if got := below(filepath.FromSlash(tt.folder), filepath.FromSlash(tt.path)); got != tt.want {
			t.Errorf("%q below %q: got %t", tt.path, tt.folder, got)
		}
	}
	if got := real("none"); !filepath.IsAbs(got) || filepath.Base(got) != "none" {
		t.Errorf("got the path %s", got)
	}
	if got := readManifest("/w", "").root; filepath.Base(got) != "modules" {
		t.Errorf("got the folder %q", got)
	}
}

// TestNamesOfFiles: by their names alone.
func TestNamesOfFiles(t *testing.T) {
	for name, want := range map[string]string{ // suffix, and what it is
		"main.tf": ".tf", "main.tf.json": ".tf.json", "main.tofu": ".tofu tofu", "main.tofu.json": ".tofu.json tofu", "main.json": "", "main.tfvars": " vars",
		"a.tfvars.json": " vars", "tf": "", ".tf": ".tf ignored", ".a.tf": ".tf ignored", "a.tf~": " ignored", "#a#": " ignored", "#a.tf": ".tf", "a#": "", "#": " ignored",
		"override.tf": ".tf override", "a_override.tf.json": ".tf.json override", "override.tofu": ".tofu override tofu", "myoverride.tf": ".tf", "override_a.tf": ".tf",
		"a_override.tofu.json": ".tofu.json override tofu", "a.override.tf": ".tf",
	} {
		got := []string{configSuffix(name)}
		for word, is := range map[string]bool{"ignored": ignored(name), "vars": isVars(name), "tofu": isTofu(configSuffix(name)), "override": configSuffix(name) != "" && isOverride(name)} {
			if is {
				got = append(got, word)
			}
		}
		slices.Sort(got[1:])
		if got := strings.Join(got, " "); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

// TestSizes: a file may have as many bytes as the bound says, all files together, and there
// may be as many files.
func TestSizes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.tf")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for size, want := range map[int64]string{0: "", maxFileSize: "", maxFileSize + 1: "larger than 4 MiB"} {
		if err := os.Truncate(path, size); err != nil {
			t.Fatal(err)
		}
		data, err := readSmall(path)
		if want == "" && (err != nil || int64(len(data)) != size || data == nil) || want != "" && (err == nil || err.Error() != want || data != nil) {
			t.Errorf("%d bytes: got %d, %v", size, len(data), err)
		}
	}
	if _, err := readSmall(filepath.Dir(path)); err == nil || err.Error() != "isn't a regular file" {
		t.Errorf("a folder: got %v", err)
	}
	if data, err := readSmall(path + "x"); !os.IsNotExist(err) || data != nil {
		t.Errorf("none: got %v", err)
	}

	data := make([]byte, maxTotalSize/2)
	const tooLarge = "the configuration is larger than 64 MiB or 10000 files"
	for bound, tt := range map[string]struct {
		sizes []int
		want  bool // whether the last one is read
	}{
		"bytes":          {[]int{maxTotalSize / 2, maxTotalSize / 2}, true},
		"bytes and one":  {[]int{maxTotalSize / 2, 1, maxTotalSize / 2}, false},
		"files, and one": {make([]int, maxFiles+1), false},
	} {
		l := &loader{c: &Config{byName: map[string]*file{}}, contents: map[string][]byte{}}
		for i, size := range tt.sizes {
			l.contents[fmt.Sprint(i)] = data[:size]
		}
		for i := range tt.sizes {
			last, name := i == len(tt.sizes)-1, fmt.Sprint(i)
			f := l.read(name)
			if (f != nil) != (!last || tt.want) {
				t.Fatalf("%s: file %d: got %v, %v", bound, i, f != nil, l.errs)
			}
			if f == nil {
				if diff := cmp.Diff(name+": "+tooLarge, l.errs.Error()); diff != "" || len(l.errs) != 1 {
					t.Errorf("%s (-want +got):\n%s", bound, diff)
				}
			} else if l.c.byName[name] != f || l.c.files[i] != f {
				t.Errorf("file %d isn't kept", i)
			}
		}
	}
}

// TestCallBounds: there may be as many calls of modules as the bound says, and one more is said
// once.
func TestCallBounds(t *testing.T) {
	for before, want := range map[int]struct{ nodes, faults int }{maxCalls - 1: {maxCalls, 0}, maxCalls: {maxCalls + 1, 1}, maxCalls + 1: {maxCalls + 1, 0}} {
		l := &loader{c: &Config{dir: "d", nodes: make([]*node, before)}}
		l.call(&node{}, nil)
		if len(l.c.nodes) != want.nodes || len(l.errs) != want.faults || want.faults > 0 && l.errs.Error() != "d: more than 10000 module calls" {
			t.Errorf("after %d calls: got %d, %v", before, len(l.c.nodes), l.errs)
		}
	}
}

// TestFolderBounds: folders are searched for variable files until there are too many, which
// is said once.
func TestFolderBounds(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a/b/c/d/5.tfvars", "a/b/c/3.tfvars", "a/b/2.tfvars.json", "a/1.tfvars", "e/1.tfvars", "e/.x.tfvars", "e/y.txt", "e/f.tfvars/x", "f/main.tofu", "f/1.tfvars", "f/g/1.tfvars", ".g/1.tfvars", "h~/1.tfvars", "#i#/1.tfvars", "#j/1.tfvars", "k"} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(map[bool]string{true: "{}"}[filepath.Ext(path) == ".json"]), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	main := filepath.Join(dir, "main.tf")
	if err := os.WriteFile(main, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	c, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	slash := func(names []string) (out []string) {
		for _, name := range names {
			rel, _ := filepath.Rel(dir, name)
			out = append(out, filepath.ToSlash(rel))
		}
		return out
	}
	if diff := cmp.Diff([]string{"main.tf", "#j/1.tfvars", "a/1.tfvars", "a/b/2.tfvars.json", "a/b/c/3.tfvars", "e/1.tfvars"}, slash(c.Files())); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	// #j, a, b, c, e, and f.tfvars and f.
	for _, left := range []int{8, 7, 6, 4, 1, 0} {
		l := &loader{c: &Config{byName: map[string]*file{}}, dirs: maxDirs - left}
		l.variableFiles(dir)
		full := left < 7
		if got := len(l.c.varFiles); got != 5 && !full {
			t.Errorf("%d folders: got %d files", left, got)
		}
		if len(l.errs) > 1 || (len(l.errs) == 1) != full || full && !strings.HasSuffix(l.errs.Error(), ": more than 100000 directories to search for variable files") || full && !strings.HasPrefix(l.errs.Error(), dir) {
			t.Errorf("%d folders: got %v", left, l.errs)
		}
	}
}
