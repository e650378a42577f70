package main

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	tfjson "github.com/hashicorp/terraform-json"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/report"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/terraform"
	"github.com/herokutf/herokutf/tfconfig"
)

func TestBaselineExpiry(t *testing.T) {
	now := time.Date(2026, 3, 31, 23, 30, 0, 0, time.FixedZone("", -2*3600)) // the next day in UTC
	for in, want := range map[string]string{                                 // want: as it is shown, and its end; "" if it is refused
		"1d": "1d 2026-04-03", "30d": "30d 2026-05-02", "3650d": "3650d 2036-03-30", "2027-03-31": "2027-03-31 2027-04-01",
		"0d": "", "-1d": "", "3651d": "", "d": "", "30": "", "": "", "2027-02-30": "", "xd": "",
	} {
		var e expiry
		err := e.Set(in)
		if (err == nil) != (want != "") {
			t.Errorf("%q: %v", in, err)
		}
		if err != nil {
			continue
		}
		if got := e.String() + " " + e.end(now).Format(time.DateOnly); got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
}

// shellQuoted is text with the quotes of this system's shell.
func shellQuoted(text string) string {
	if runtime.GOOS == "windows" {
		return strings.ReplaceAll(text, "'", `"`)
	}
	return text
}

// TestPlaceFlags: commands that are to be copied name the same folder and state.
func TestPlaceFlags(t *testing.T) {
	for _, tt := range []struct {
		p                       place
		rename, undo, terraform string
	}{
		{place{}, "herokutf rename x", "herokutf undo", "terraform plan"},
		{place{dir: "."}, "herokutf rename x", "herokutf undo", "terraform plan"},
		{place{dir: "./"}, "herokutf rename x", "herokutf undo", "terraform plan"},
		{place{dir: "a b"}, "herokutf rename --chdir 'a b' x", "herokutf undo --chdir 'a b'", "terraform -chdir='a b' plan"},
		{place{state: "s", config: "c"}, "herokutf rename --state s --config c x", "herokutf undo --state s", "terraform plan"},
	} {
		e, _, _ := testEnv(t)
		e.place = tt.p
		if got := []string{e.self("rename", "x"), e.self("undo"), e.terraformAgain("plan")}; !slices.Equal(got, []string{shellQuoted(tt.rename), shellQuoted(tt.undo), shellQuoted(tt.terraform)}) {
			t.Errorf("%+v: got %q", tt.p, got)
		}
	}
	if got := (place{config: "c"}).self("drift"); got != "herokutf drift --config c" {
		t.Errorf("got %s", got)
	}
	f := folderFlags{dir: "d"}
	abs := filepath.Join(t.TempDir(), "x")
	for in, want := range map[string]string{"": "", "-": "-", abs: abs, "x": filepath.Join("d", "x")} {
		if got := f.inDir(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// TestNetworkHints: what each kind of failed request is advised about, with and without
// a proxy and an address of the API's own.
func TestNetworkHints(t *testing.T) {
	failed := func(text string, err error) error {
		return &platform.RequestError{Method: "GET", URL: "/apps", Err: errors.Join(errors.New(text), err)}
	}
	page := failed("text/html in place of JSON", platform.ErrBadAnswer)
	silent := failed("no complete answer within 30s", nil)
	foreign := func(status int, message, id string) error {
		return &platform.APIError{Status: status, Message: message, ID: id, Hint: "ask"}
	}
	const proxied, direct = "requests go through the proxy in HTTPS_PROXY", "no proxy is set"
	for _, tt := range []struct {
		err           error
		environ, want string // want: parts, with | between; "" for no advice
	}{
		{page, "", "stands before api.heroku.com|" + direct},
		{page, "HTTPS_PROXY=http://p", "stands before api.heroku.com|" + proxied},
		{page, "https_proxy=http://p", proxied},
		{page, "HEROKU_API_URL=http://x", "stands before the address in HEROKU_API_URL"},
		{failed("text/html", nil), "", ""},
		{failed("text/plain", platform.ErrBadAnswer), "", ""},
		{silent, "", "status.heroku.com|" + direct},
		{failed("Proxy Authentication Required", nil), "", "USER:PASSWORD"},
		{failed("other", nil), "", ""},
		{foreign(403, "Forbidden", ""), "", "Ask. The answer isn't in Heroku's form|before api.heroku.com|" + direct},
		{foreign(403, "Forbidden", "forbidden"), "", ""},
		{foreign(403, "You may not", ""), "", ""},
		{foreign(499, "", ""), "", "isn't in Heroku's form"},
		{foreign(500, "Internal Server Error", ""), "", ""},
		{foreign(302, "Found", ""), "", "isn't in Heroku's form"},
		{foreign(302, "Found", ""), "HEROKU_API_URL=http://x", ""},
		{foreign(403, "Forbidden", ""), "HEROKU_API_URL=http://x", "before the address in HEROKU_API_URL"},
		{&statefile.MovedOnError{Added: []string{"a"}, Backup: "b c"}, "", "create it once more|herokutf rename --offline NEW=OLD|" + shellQuoted("herokutf undo --force 'b c'")},
		{&statefile.MovedOnError{Backup: "b"}, "", "what was written since|--force b."},
		{&terraform.UpdateError{Err: &statefile.MovedOnError{Backup: "b"}}, "", "--force b."},
		{&terraform.UpdateError{Err: os.ErrExist}, "", ""},
		{&terraform.FolderError{Err: os.ErrNotExist}, "", "--chdir"},
		{&terraform.FolderError{Err: errors.Join(os.ErrNotExist, terraform.ErrNoState)}, "", ""},
		{&terraform.FolderError{Err: os.ErrPermission}, "", ""},
		{&statefile.FileError{Err: statefile.ErrNoBackup}, "", "herokutf undo --list|herokutf undo BACKUP"},
		{&statefile.FileError{Err: os.ErrPermission}, "", ""},
		{&herokutf.PlanError{Err: herokutf.ErrUnsettled, Destructions: []herokutf.Destruction{{Because: []string{"app"}}}}, "", ""},
		{&herokutf.PlanError{Err: herokutf.ErrDestroys, Destructions: []herokutf.Destruction{{}, {Because: []string{"x", "app_id"}}}}, "", "herokutf rename"},
		{&herokutf.PlanError{Err: herokutf.ErrDestroys, Destructions: []herokutf.Destruction{{Action: herokutf.ActionRecreate}}}, "", "herokutf rename"},
		{&herokutf.PlanError{Err: herokutf.ErrDestroys, Destructions: []herokutf.Destruction{{Because: []string{"x"}}}}, "", "look at what changed"},
		{&herokutf.RenameError{Err: herokutf.ErrAppUnreachable, Name: "a"}, "", ""},
		{&herokutf.RenameError{Err: herokutf.ErrNotSameApp, Name: "a"}, "", ""},
		{&herokutf.SlugError{Stage: "s", Err: errors.Join(herokutf.ErrAppsDiffer, herokutf.ErrReleasePending)}, "", "--wait 10m|--app s=NAME"},
		{&herokutf.SlugError{Err: herokutf.ErrNoCurrent}, "", "--keep-going"},
		{&herokutf.SlugError{Err: herokutf.ErrSlugExpired}, "", ""},
		{&statefile.LockedError{}, "", "wait for it with --lock-timeout 5m"},
		{os.ErrNotExist, "", ""},
	} {
		e, _, _ := testEnv(t, strings.Fields(tt.environ)...)
		got := e.advise(tt.err)
		if (got == "") != (tt.want == "") {
			t.Errorf("%v (%s): %q, want %q", tt.err, tt.environ, got, tt.want)
		}
		for part := range strings.SplitSeq(tt.want, "|") {
			if !strings.Contains(got, part) {
				t.Errorf("%v (%s): %q lacks %q", tt.err, tt.environ, got, part)
			}
		}
	}
}

func TestCompareURLOfChange(t *testing.T) {
	old, new := strings.Repeat("a", 40), strings.Repeat("b", 40)
	change := &report.SlugChange{Old: &herokutf.Artifact{Commit: old}, New: &herokutf.Artifact{Commit: new, Value: "n"}}
	one, two := "https://github.com/o/one", "https://github.com/o/two"
	page := func(repo string) string { return repo + "/compare/" + old + "..." + new }
	for name, tt := range map[string]struct {
		from []builtFrom
		want string
	}{
		"nothing is known":        {nil, ""},
		"one":                     {[]builtFrom{{"", one}}, page(one)},
		"two that agree":          {[]builtFrom{{"x", one}, {"", one}}, page(one)},
		"two that don't":          {[]builtFrom{{"", one}, {"", two}}, ""},
		"the slug's counts":       {[]builtFrom{{"x", one}, {"n", two}}, page(two)},
		"no page":                 {[]builtFrom{{"n", "ftp://x"}, {"", one}}, page(one)},
		"the slug's comes later":  {[]builtFrom{{"", one}, {"n", two}, {"", one}}, page(two)},
		"no page for the first":   {[]builtFrom{{"", "x"}, {"", one}}, page(one)},
		"none of them has a page": {[]builtFrom{{"n", "x"}}, ""},
	} {
		if got := compareURL(change, tt.from); got != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
}

// TestWordsOfMoves: what is said of keys that are an old name, by how many there are and
// whether a configuration was read.
func TestWordsOfMoves(t *testing.T) {
	block, hand := tfconfig.Move{From: "a", To: "b"}, tfconfig.Move{From: "c", To: "d", Note: "why"}
	for name, tt := range map[string]struct {
		c     renameConfig
		next  string // its beginning, and what it needs; "" for nothing
		notes int
		text  string // parts, with | between
	}{
		"none":              {renameConfig{}, "", 0, ""},
		"a block":           {renameConfig{moved: []tfconfig.Move{block}}, "1 address has|moved blocks", 1, "Keys that are the old name|moved {\n"},
		"by hand":           {renameConfig{byHand: []tfconfig.Move{hand}}, "1 address has|moves", 1, "To move by hand:\n  c -> d: why\n"},
		"both":              {renameConfig{moved: []tfconfig.Move{block}, byHand: []tfconfig.Move{hand}}, "2 addresses have|moves", 2, "Keys that|by hand"},
		"read, a block":     {renameConfig{looked: true, moved: []tfconfig.Move{block}}, "", 0, "To add to the configuration"},
		"read, by hand":     {renameConfig{looked: true, byHand: []tfconfig.Move{hand}}, "1 address has|moves", 0, "by hand"},
		"written":           {renameConfig{looked: true, written: true, moved: []tfconfig.Move{block}}, "", 0, "Added to the configuration"},
		"without a reason":  {renameConfig{byHand: []tfconfig.Move{{From: "c", To: "d"}}}, "1 address has|moves", 1, "  c -> d\n"},
		"read, several":     {renameConfig{looked: true, moved: []tfconfig.Move{block}, byHand: []tfconfig.Move{hand, hand}}, "2 addresses have|moves", 0, "To add"},
		"written, and more": {renameConfig{looked: true, written: true, byHand: []tfconfig.Move{hand}}, "1 address has|moves", 0, "by hand"},
	} {
		var b strings.Builder
		tt.c.textMoves(&b, ui.Style{})
		next := strings.Join(tt.c.next(), "\n")
		begin, needs, _ := strings.Cut(tt.next, "|")
		if !strings.HasPrefix(next, begin) || needs != "" && !strings.Contains(next, "it needs the "+needs+" above") || (next == "") != (tt.next == "") {
			t.Errorf("%s: next %q", name, next)
		}
		if got := len(tt.c.notes()); got != tt.notes {
			t.Errorf("%s: %d notes", name, got)
		}
		for part := range strings.SplitSeq(tt.text, "|") {
			if !strings.Contains(b.String(), part) || tt.text == "" && b.Len() > 0 {
				t.Errorf("%s: %q lacks %q", name, b.String(), part)
			}
		}
	}
	for _, tt := range []struct {
		p               tfconfig.Place
		byHand, follows bool
	}{
		{tfconfig.Place{Kind: tfconfig.KindName, Editable: true}, false, false},
		{tfconfig.Place{Kind: tfconfig.KindName, Note: "why"}, true, false},
		{tfconfig.Place{Kind: tfconfig.KindName}, false, true},
		{tfconfig.Place{Kind: tfconfig.KindMention}, false, false},
		{tfconfig.Place{Kind: tfconfig.KindMention, Note: "why"}, false, false},
		{tfconfig.Place{Kind: tfconfig.KindReference, Note: "why"}, false, true},
	} {
		if byHand(tt.p) != tt.byHand || follows(tt.p) != tt.follows {
			t.Errorf("%+v: by hand %t, follows %t", tt.p, byHand(tt.p), follows(tt.p))
		}
	}
}

// TestWordsOfAdopt: the words for one thing, several, and none.
func TestWordsOfAdopt(t *testing.T) {
	for _, tt := range []struct{ label, detail, want string }{
		{"", "", ""}, {"web", "", "web"}, {"", "1 x basic", "1 x basic"}, {"web", "1 x basic", "web 1 x basic"}, {"web", "web: basic", "web: basic"},
	} {
		if got := described(&herokutf.AdoptObject{Label: tt.label, Detail: tt.detail}); got != tt.want {
			t.Errorf("%+v: got %q", tt, got)
		}
	}
	for _, tt := range []struct {
		paths []string
		want  string
	}{{[]string{"a"}, "a is"}, {[]string{"a", "b"}, "a and b are"}, {[]string{"a", "b", "c"}, "a, b and c are"}} {
		if got := filesWere(tt.paths); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
	for reason, want := range map[terraform.NoPlanReason]string{
		terraform.NoTerraform: "no terraform command was found", terraform.NotInitialized: "isn't initialized", terraform.NoConfiguration: "isn't initialized", terraform.InitFailed: "none was made: why",
	} {
		if got := noPlanText(&terraform.NoPlanError{Reason: reason, Err: errors.New("why")}); !strings.Contains(got, want) {
			t.Errorf("%s: got %q", reason, got)
		}
	}
	for reason, want := range map[terraform.NoPlanReason]bool{terraform.NoTerraform: false, terraform.NotInitialized: false, terraform.PlanFailed: true, terraform.InitFailed: true} {
		if got := failed(&terraform.NoPlanError{Reason: reason}); got != want {
			t.Errorf("%s: tried %t", reason, got)
		}
	}
	if failed(nil) {
		t.Error("a plan that was made has failed")
	}
	if got := withoutIgnore([]string{"a.tf", filepath.Join("d", gitignore), gitignore}); !slices.Equal(got, []string{"a.tf"}) {
		t.Errorf("got %q", got)
	}
	app := herokutf.AdoptObject{Type: "heroku_app", App: "shop"}
	addon := herokutf.AdoptObject{Type: "heroku_addon", App: "shop", Import: true}
	other := herokutf.AdoptObject{Type: "heroku_addon", App: "other"}
	for _, tt := range []struct {
		objects          []herokutf.AdoptObject
		counted, refusal string
	}{
		{[]herokutf.AdoptObject{app}, "1 object", "names of the apps are taken"},
		{[]herokutf.AdoptObject{app, addon}, "1 object of 2", "names of the apps are taken"},
		{[]herokutf.AdoptObject{addon, app, app}, "2 objects of 3", "names of the apps are taken"},
		{[]herokutf.AdoptObject{app, other}, "2 objects", "a second time"},
		{[]herokutf.AdoptObject{other}, "1 object", "a second time"},
	} {
		a := &adopting{report: adoptReport{Adoption: &herokutf.Adoption{Objects: tt.objects}}}
		if got := a.counted(); got != tt.counted {
			t.Errorf("%v: counted %q", tt.objects, got)
		}
		if got := a.refusal(); !strings.Contains(got, tt.refusal) {
			t.Errorf("%v: refusal %q", tt.objects, got)
		}
	}
	object := func(pairs ...any) map[string]any {
		m := make(map[string]any)
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i].(string)] = pairs[i+1]
		}
		return m
	}
	for _, tt := range []struct {
		change tfjson.Change
		want   []string
	}{
		{tfjson.Change{}, nil},
		{tfjson.Change{Before: object("a", "1", "b", "1"), After: object("b", "2", "a", "1")}, []string{"b"}},
		{tfjson.Change{Before: object(), After: object("z", "1", "a", "1")}, []string{"a", "z"}},
		{tfjson.Change{Before: object("a", "1"), After: object("a", "1"), AfterUnknown: object("b", true, "c", false)}, []string{"b"}},
		{tfjson.Change{Before: object("a", "1"), After: object("a", "2"), AfterUnknown: object("a", true)}, []string{"a"}},
		{tfjson.Change{Before: object("a", "1"), After: object("a", "1"), AfterSensitive: object("a", true)}, []string{"a"}},
		{tfjson.Change{Before: object("a", "1"), After: object("a", "1"), BeforeSensitive: object("a", true), AfterSensitive: object("a", true)}, nil},
	} {
		if diff := cmp.Diff(tt.want, changedNames(&tt.change)); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", tt.change, diff)
		}
	}
}

// TestWordsOfDeploy: how a release is shown, and which attribute of an object counts.
func TestWordsOfDeploy(t *testing.T) {
	for want, r := range map[string]deployRelease{
		"a (x): none -> n":                                  {Address: "a", App: "x", New: "n"},
		"a (x): o -> n, commit c":                           {Address: "a", App: "x", Old: "o", New: "n", Commit: "c"},
		"a (x): o -> n, released as v7 by u":                {Address: "a", App: "x", Old: "o", New: "n", Version: 7, User: "u"},
		"a (x): none -> n, commit c, released as v1 by u":   {Address: "a", App: "x", New: "n", Commit: "c", Version: 1, User: "u"},
		"a (x): none -> n by u":                             {Address: "a", App: "x", New: "n", User: "u"},
		"a (x): none -> n, commit c, released as v12345678": {Address: "a", App: "x", New: "n", Commit: "c", Version: 12345678},
	} {
		if got := r.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	object := map[string]any{"empty": "", "number": 1, "a": "x", "b": "y"}
	for _, tt := range []struct {
		names []string
		want  string
	}{{nil, ""}, {[]string{"a", "b"}, "x"}, {[]string{"empty", "b"}, "y"}, {[]string{"none", "number"}, ""}, {[]string{"number", "b", "a"}, "y"}} {
		if got := word(object, tt.names...); got != tt.want {
			t.Errorf("%q: got %q", tt.names, got)
		}
	}
	if word(nil, "a") != "" || word([]any{"a"}, "a") != "" {
		t.Error("what is no object has a word")
	}
	for want, actions := range map[string]tfjson.Actions{
		"replace": {tfjson.ActionDelete, tfjson.ActionCreate}, "create": {tfjson.ActionCreate}, "create and forget": {tfjson.ActionCreate, "forget"}, `a\x1b`: {"a\x1b"},
	} {
		if got := joinActions(actions); got != want {
			t.Errorf("%v: got %q", actions, got)
		}
	}
	one, two := &refusal{gateSlugs, os.ErrExist}, &refusal{gateDrift, os.ErrNotExist}
	if got := refusals(errors.Join(one, errors.Join(nil, two), os.ErrClosed)); !slices.Equal(got, []*refusal{one, two}) {
		t.Errorf("got %v", got)
	}
	if refusals(os.ErrExist) != nil || refuse(gateSlugs, nil) != nil || !errors.Is(refuse(gateSlugs, os.ErrExist), os.ErrExist) {
		t.Error("a refusal of nothing, or none of something")
	}
}

// TestFoldersAndFiles: what is a folder with a state, what a pattern stands for, and
// what is in which repository.
func TestFoldersAndFiles(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, file := range []string{"a/main.tf", "b/terraform.tfstate", "c/readme", "d[1]/main.tf", "repo/.git/x", "repo/e/f/x", "x.tfstate", "y.tfstate"} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, nil, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]bool{"a": true, "b": true, "c": false, "a/main.tf": false, "none": false} {
		if got := isHome(path); got != want {
			t.Errorf("%s has to do with a state: %t", path, got)
		}
	}
	any := func(path string) bool { return !isDir(path) }
	for _, tt := range []struct {
		paths []string
		fits  func(string) bool
		want  string // with spaces; what begins with ! is the error
	}{
		{[]string{"a", "b", "./a", "none"}, isHome, "a b none"},
		{[]string{"?"}, isHome, "a b"}, {[]string{"b", "[ab]"}, isHome, "b a"}, {[]string{"c*"}, isHome, `!no folder fits "c*"`},
		{[]string{"d[1]"}, isHome, "d[1]"}, {[]string{"*.tfstate", "x.tfstate"}, any, "x.tfstate y.tfstate"},
		{[]string{"-", "-"}, any, "- -"}, {[]string{"[", "*.none"}, any, `!no folder fits "*.none"`},
	} {
		got, err := expand(tt.paths, "folder", tt.fits)
		if fault, bad := strings.CutPrefix(tt.want, "!"); bad != (err != nil) || bad && !strings.Contains(err.Error(), fault) || !bad && strings.Join(got, " ") != tt.want {
			t.Errorf("%q: got %q, %v", tt.paths, got, err)
		}
	}
	root, err := filepath.Abs("repo")
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{root, filepath.Join(root, "e"), filepath.Join(root, "e", "f")} {
		if got := repository(dir); got != root {
			t.Errorf("%s is in %q", dir, got)
		}
	}
	if got := repositoryPath("repo/e/f/x"); got != "e/f/x" {
		t.Errorf("path in the repository: %s", got)
	}
	if err := writeNew("write it", "new", []byte("1")); err != nil {
		t.Fatal(err)
	}
	if err := writeNew("write it", "new", []byte("2")); !errors.Is(err, os.ErrExist) || !strings.HasPrefix(err.Error(), "write it: ") {
		t.Errorf("a file that is there: %v", err)
	}
	if data, err := os.ReadFile("new"); err != nil || string(data) != "1" {
		t.Errorf("%q, %v", data, err)
	}
}

// TestAdoptFilesJSON: what was written and what is to be, and which of it is secret.
func TestAdoptFilesJSON(t *testing.T) {
	a := &adopting{report: adoptReport{files: []string{"a.tf", "a" + secretSuffix}}, files: []tfconfig.FileEdit{{Path: "b.tf"}, {Path: "b" + secretSuffix, Sensitive: true}}}
	want := []adoptFileJSON{{"a.tf", false, true}, {"a" + secretSuffix, true, true}, {"b.tf", false, false}, {"b" + secretSuffix, true, false}}
	if diff := cmp.Diff(want, a.newJSON().Files); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
