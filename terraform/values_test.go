package terraform

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/tfconfig"
)

// TestChildEnviron: what a call gets is the folder's own environment but for arguments,
// and then what the call says.
func TestChildEnviron(t *testing.T) {
	base := []string{"A=b", "TF_CLI_ARGS=-x", "TF_CLI_ARGS_plan=-y", "TF_CLI_ARGSX=kept"}
	common := []string{"TF_IN_AUTOMATION=1", "TF_INPUT=0", "CHECKPOINT_DISABLE=1"}
	for _, tt := range []struct {
		environ []string
		short   bool
		want    []string
	}{
		{base, false, []string{"A=b", "TF_CLI_ARGSX=kept"}},
		{base, true, []string{"A=b", "TF_CLI_ARGSX=kept", "GOGC=400"}},
		{append(base, "GOGC=50"), true, []string{"A=b", "TF_CLI_ARGSX=kept", "GOGC=50"}},
	} {
		f := &Folder{environ: func() []string { return tt.environ }}
		want := append(append(tt.want, common...), "TF_INPUT=2")
		if diff := cmp.Diff(want, f.childEnviron([]string{"TF_INPUT=2"}, tt.short)); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
	for _, tt := range []struct {
		location Location
		want     []string
	}{
		{Location{Backend: "pg", Workspace: "prod"}, []string{"TF_WORKSPACE=prod"}},
		{Location{Backend: "cloud", Workspace: "prod"}, nil},
		{Location{Backend: "remote", Workspace: "prod"}, nil},
		{Location{Backend: "pg"}, nil},
	} {
		f := &Folder{location: tt.location}
		if got := f.here("plan"); !slices.Equal(got.environ, tt.want) || got.state != tt.location.String() || !slices.Equal(got.args, []string{"plan"}) {
			t.Errorf("%+v: got %+v", tt.location, got)
		}
	}
	f := &Folder{}
	for want, args := range map[string][]string{
		"terraform state push": {"state", "push", "-lock=true", "x"}, "terraform show": {"show", "/a/plan"}, `terraform state`: {"state", `a\b`}, "terraform": {"-version"}, "terraform plan": {"plan"},
	} {
		if got := f.title(args); got != want {
			t.Errorf("%q: got %q, want %q", args, got, want)
		}
	}
	f.tofu = true
	if got := f.title([]string{"plan"}); got != "tofu plan" {
		t.Errorf("got %q", got)
	}
}

// TestLimitedParts: the first or the last bytes of what is written, however it is cut.
func TestLimitedParts(t *testing.T) {
	const text = "0123456789abcdef"
	for size := 1; size <= len(text); size++ {
		for most := 1; most <= len(text)+1; most++ {
			for _, last := range []bool{false, true} {
				l := &limited{most: most, last: last}
				for part := range slices.Chunk([]byte(text), size) {
					if n, err := l.Write(part); n != len(part) || err != nil {
						t.Fatalf("got %d, %v", n, err)
					}
				}
				want := text[:min(most, len(text))]
				if last {
					want = text[max(0, len(text)-most):]
				}
				if l.kept.String() != want || l.over != (most < len(text)) {
					t.Errorf("%d at a time, %d at most, the last %v: got %q, %v; want %q", size, most, last, l.kept.String(), l.over, want)
				}
			}
		}
	}
}

// TestNames: names of folders and backups, and what is read from them.
func TestNames(t *testing.T) {
	for in, want := range map[string]string{
		"": "%", "a.b-c_D9": "a.b-c_D9", ".": "%2E", "..": "%2E.", ".a": "%2Ea", "a/b": "a%2Fb", "a b": "a%20b", "ü": "%C3%BC", "az": "az", "AZ": "AZ", "09": "09", "@[`{/:": "%40%5B%60%7B%2F%3A",
		strings.Repeat("x", 200): strings.Repeat("x", 200), strings.Repeat("x", 201): strings.Repeat("x", 200),
	} {
		if got := fileName(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	at := time.Date(2026, 11, 28, 12, 30, 59, 0, time.UTC)
	for name, want := range map[string]Backup{
		"20261128T123059Z-serial7-abcd.tfstate":        {Time: at, Serial: "7"},
		"20261128T123059Z-serial7-abcd-then9.tfstate":  {Time: at, Serial: "7", Next: "9"},
		"20261128T123059Z-serial007-ab-then10.tfstate": {Time: at, Serial: "007", Next: "10"},
	} {
		if got, ok := parseBackupName(name); !ok || got != want {
			t.Errorf("%s: got %+v, %v", name, got, ok)
		}
	}
	for _, name := range []string{
		"", ".tfstate", "20261128T123059Z-serial7-abcd", "20261128T123059Z-serial7-abcd.tfstate.tmp", "20261128T123059Z-serial7.tfstate", "20261128T123059Z-serial-abcd.tfstate",
		"20261128T123059Z-serialx-abcd.tfstate", "20261128T123059Z-serial7-abcd-9.tfstate", "20261128T123059Z-serial7-abcd-then.tfstate", "20261128T123059Z-serial7-abcd-thenx.tfstate",
		"20261128T123059Z-serial7-abcd-then9-x.tfstate", "20261328T123059Z-serial7-abcd.tfstate", "20261128T123059Z-7-abcd.tfstate", "20261128-serial7-abcd.tfstate",
	} {
		if got, ok := parseBackupName(name); ok {
			t.Errorf("%q: got %+v", name, got)
		}
	}
	names := strings.Split("a b c d e f g h i j k l", " ")
	for n, want := range map[int]string{0: "", 1: `"a"`, 2: `"a", "b"`, 10: `"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"`, 11: `"a", "b", "c", "d", "e", "f", "g", "h", "i", "j" and 1 more`, 12: `"a", "b", "c", "d", "e", "f", "g", "h", "i", "j" and 2 more`} {
		if got := quoted(names[:n]); got != want {
			t.Errorf("%d: got %s", n, got)
		}
	}
}

// TestLocking: which backends have locks, by their settings.
func TestLocking(t *testing.T) {
	const s3Table, consulLock = "dynamodb_table", "lock"
	set := func(name string, value any) map[string]any { return map[string]any{name: value} }
	for _, tt := range []struct {
		backend string
		config  map[string]any
		environ string
		want    Locking
	}{
		{"local", nil, "", Locked}, {"pg", nil, "", Locked}, {"gcs", nil, "", Locked}, {"azurerm", nil, "", Locked}, {"kubernetes", nil, "", Locked}, {"cos", nil, "", Locked},
		{"remote", nil, "", Locked}, {"cloud", nil, "", Locked}, {"inmem", nil, "", Locked}, {"oci", nil, "", Locked}, {"manta", nil, "", Locked},
		{"http", nil, "", NotLocked}, {"http", set("lock_address", ""), "", NotLocked}, {"http", set("lock_address", "x"), "", Locked}, {"http", nil, "TF_HTTP_LOCK_ADDRESS", Locked}, {"s3", nil, "TF_HTTP_LOCK_ADDRESS", NotLocked},
		{"s3", nil, "", NotLocked}, {"s3", set(s3Table, "x"), "", Locked}, {"s3", set("use_lockfile", true), "", Locked}, {"s3", set("use_lockfile", false), "", NotLocked}, {"s3", set(s3Table, nil), "", NotLocked}, {"s3", set(s3Table, 7.0), "", Locked},
		{"oss", nil, "", NotLocked}, {"oss", set("tablestore_table", "x"), "", Locked},
		{"consul", nil, "", Locked}, {"consul", set(consulLock, false), "", NotLocked}, {"consul", set(consulLock, true), "", Locked}, {"etcdv3", set(consulLock, false), "", NotLocked}, {"etcdv3", nil, "", Locked},
		{"artifactory", nil, "", NotLocked}, {"etcd", nil, "", NotLocked}, {"moon", nil, "", UnknownLocked}, {"", nil, "", UnknownLocked},
	} {
		getenv := func(name string) string {
			if name == tt.environ {
				return "x"
			}
			return ""
		}
		if got := (&record{Type: tt.backend, Config: tt.config}).locking(getenv); got != tt.want {
			t.Errorf("%s with %v: got %s, want %s", tt.backend, tt.config, got, tt.want)
		}
		if got := (&record{Type: tt.backend, Config: tt.config, StateStore: true}).locking(getenv); got != UnknownLocked {
			t.Errorf("a state store %s: got %s", tt.backend, got)
		}
	}
}

// TestDataName: the data folder of a check has the user's name for it if that is one.
func TestDataName(t *testing.T) {
	for value, want := range map[string]string{"": ".terraform", "data": "data", ".tf": ".tf", "a/b": ".terraform", "../x": ".terraform", "..": ".terraform", "a/": ".terraform", "/data": ".terraform"} {
		f := &Folder{location: Location{Dir: "/prod"}, environ: func() []string { return []string{"TF_DATA_DIR=" + value} }}
		c := &checker{f: f, mirror: &mirror{scratch: &scratch{root: "/mirror"}, base: "/prod", config: "/prod"}}
		if got := c.dataName(); got != want {
			t.Errorf("%q: got %s, want %s", value, got, want)
		}
		call := c.call("w", "plan", "-x")
		dir := want
		if want == dataName {
			dir = ""
		}
		environ := []string{"TF_WORKSPACE=w", "TF_DATA_DIR=" + dir, "TF_PLUGIN_CACHE_DIR=" + filepath.Join(c.mirror.dir(), want, "plugin-cache")}
		if diff := cmp.Diff(environ, call.environ); diff != "" || call.dir != c.mirror.dir() || !slices.Equal(call.args, []string{"plan", "-x"}) {
			t.Errorf("%q: %+v, environment (-want +got)\n%s", value, call, diff)
		}
	}
}

// TestPlannable: what a folder lacks for a plan.
func TestPlannable(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		change func(t *testing.T, f *Folder)
		reason NoPlanReason // "" for none
		is     error
	}{
		{"nothing", func(*testing.T, *Folder) {}, "", nil},
		{"an override alone", func(t *testing.T, f *Folder) {
			tree(t, f.location.Dir, map[string]string{"override.tf": ""})
			os.Remove(filepath.Join(f.location.Dir, "main.tf"))
		}, "", nil},
		{"no file", func(t *testing.T, f *Folder) { os.Remove(filepath.Join(f.location.Dir, "main.tf")) }, NoConfiguration, tfconfig.ErrNoConfiguration},
		{"no folder", func(t *testing.T, f *Folder) { os.RemoveAll(f.location.Dir) }, NoConfiguration, fs.ErrNotExist},
		{"no data folder", func(t *testing.T, f *Folder) { os.RemoveAll(f.dataDir) }, NotInitialized, ErrUninitialized},
		{"a file for a data folder", func(t *testing.T, f *Folder) { f.dataDir = filepath.Join(f.location.Dir, "main.tf") }, NotInitialized, ErrUninitialized},
		{"no terraform", func(t *testing.T, f *Folder) {
			f.command = func() (string, error) { return "", &FolderError{Err: ErrNoTerraform, Hint: "get one"} }
		}, NoTerraform, ErrNoTerraform},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := local(t, Options{Terraform: program}, map[string]string{".terraform/x": ""})
			tt.change(t, f)
			_, err := f.newChecker()
			e, ok := errors.AsType[*NoPlanError](err)
			if ok != (tt.reason != "") || ok && (e.Reason != tt.reason || !errors.Is(err, tt.is) || e.Hint == "" || e.Dir != f.location.Dir) || err != nil && !ok {
				t.Errorf("got %v, %+v", err, e)
			}
			if tt.name == "no folder" && errors.Is(err, tfconfig.ErrNoConfiguration) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestWatching: for how long, and how often, a state is watched.
func TestWatching(t *testing.T) {
	newState := strings.NewReplacer(`"serial": 7`, `"serial": 8`, `"one"`, `"two"`).Replace(standInState)
	for _, tt := range []struct {
		watch time.Duration
		want  []time.Duration // pauses; nil isn't looked at
		total time.Duration
	}{
		{0, nil, 10 * time.Second},
		{time.Minute, nil, time.Minute},
		{8 * time.Second, []time.Duration{time.Second, 1500 * time.Millisecond, 2250 * time.Millisecond, 3250 * time.Millisecond}, 8 * time.Second},
		{40, []time.Duration{11, 16, 13}, 40},
		{1, []time.Duration{1}, 1},
	} {
		f := local(t, Options{}, map[string]string{stateName: newState})
		synctest.Test(t, func(t *testing.T) {
			var pauses []time.Duration
			f.opts.Progress = func(p Progress) {
				if p.Stage != StageWatching || p.Attempt != 3 || p.Location != f.location {
					t.Errorf("progress %+v", p)
				}
				pauses = append(pauses, p.Next)
			}
			u := &update{f: f, opts: UpdateOptions{Watch: tt.watch}}
			result := &Result{Attempts: 3}
			start := time.Now()
			if err := u.watch(t.Context(), result, state(t, standInState), state(t, newState)); err != nil || result.NewSerial != "8" {
				t.Errorf("%v: %+v, %v", tt.watch, result, err)
			}
			var total time.Duration
			for _, pause := range pauses {
				total += pause
			}
			if total != tt.total || time.Since(start) != total || tt.want != nil && !slices.Equal(pauses, tt.want) || pauses[0] > time.Second {
				t.Errorf("%v: paused %v, %v in all; want %v, %v", tt.watch, pauses, total, tt.want, tt.total)
			}
		})
	}
	// What happens meanwhile.
	for _, tt := range []struct {
		name   string
		happen func(f *Folder, cancel func())
		is     error
		later  bool
	}{
		{"it is overwritten", func(f *Folder, _ func()) {
			os.WriteFile(f.location.Path, []byte(strings.Replace(standInState, `"serial": 7`, `"serial": 9`, 1)), 0o600)
		}, ErrOverwritten, false},
		{"it goes back", func(f *Folder, _ func()) { os.WriteFile(f.location.Path, []byte(standInState), 0o600) }, ErrNotWritten, false},
		{"it goes away", func(f *Folder, _ func()) { os.Remove(f.location.Path) }, ErrUnverified, false},
		{"somebody goes on from it", func(f *Folder, _ func()) {
			os.WriteFile(f.location.Path, []byte(strings.NewReplacer(`"serial": 8`, `"serial": 9`, `"outputs": {}`, `"outputs": {"o": {"value": 1, "type": "number"}}`).Replace(newState)), 0o600)
		}, nil, true},
		{"it is ended", func(_ *Folder, cancel func()) { cancel() }, context.Canceled, false},
	} {
		f := local(t, Options{}, map[string]string{stateName: newState})
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			n := 0
			f.opts.Progress = func(Progress) {
				if n++; n == 2 {
					tt.happen(f, cancel)
				}
			}
			u := &update{f: f}
			result := &Result{Backup: "saved"}
			err := u.watch(ctx, result, state(t, standInState), state(t, newState))
			e, ok := errors.AsType[*UpdateError](err)
			if !errors.Is(err, tt.is) || (err != nil) != (tt.is != nil) || ok != (tt.is != nil) || ok && (e.State != f.location.String() || e.Backup != "saved" || e.Hint == "" || n != 2) || result.Later != tt.later {
				t.Errorf("%s: %v after %d, %+v", tt.name, err, n, result)
			}
		})
	}
}

// TestStagesOfFiles: what an update of a local state says that it does.
func TestStagesOfFiles(t *testing.T) {
	var stages []Progress
	waiting := 0
	f := local(t, Options{Progress: func(p Progress) { stages = append(stages, p) }, Waiting: func(statefile.Progress) { waiting++ }}, nil)
	if _, err := f.Update(t.Context(), UpdateOptions{Plan: PlanOff}, rename("one", "two")); err != nil {
		t.Fatal(err)
	}
	var want []Progress
	for _, stage := range []Stage{StageBackup, StagePushing, StageDone} {
		want = append(want, Progress{Stage: stage, Location: f.location, Attempt: 1})
	}
	if diff := cmp.Diff(want, stages); diff != "" || waiting < len(want) {
		t.Errorf("waiting was told %d times; stages (-want +got)\n%s", waiting, diff)
	}
	// Without anybody to tell, it goes as well.
	f = local(t, Options{}, nil)
	if _, err := f.Update(t.Context(), UpdateOptions{Plan: PlanOff}, rename("one", "two")); err != nil {
		t.Error(err)
	}
}

// TestUnborn: what stands for no state, and what is one.
func TestUnborn(t *testing.T) {
	const none = `{"version":4,"terraform_version":"1.11.4","serial":0,"lineage":"","outputs":{},"resources":[]}`
	for _, tt := range []struct {
		old, new string
		want     bool
	}{
		{"", "", true},
		{`"serial":0`, `"serial":1`, false},
		{`"lineage":""`, `"lineage":"l"`, false},
		{`"outputs":{}`, `"outputs":{"o":{"value":1,"type":"number"}}`, false},
		{`"resources":[]`, `"resources":[{"mode":"managed","type":"t","name":"a","provider":"provider[\"x\"]","instances":[{"schema_version":0,"attributes":{}}]}]`, false},
		{`"resources":[]`, `"resources":[{"mode":"managed","type":"t","name":"a","provider":"provider[\"x\"]","instances":[]}]`, true},
	} {
		if got := unborn(state(t, strings.Replace(none, tt.old, tt.new, 1))); got != tt.want {
			t.Errorf("with %s: got %v", tt.new, got)
		}
	}
}

// TestOddLockFiles: what says no version is passed over, and the rest is looked at.
func TestOddLockFiles(t *testing.T) {
	for text, want := range map[string][]string{
		"provider \"a/b/c\" {\n  version = null\n}\n":                 nil,
		"provider \"a/b/c\" {\n  version = 5\n}\n":                    nil,
		"provider \"a/b/c\" {\n  version = true ? null : \"1\"\n}\n":  nil,
		"provider \"a/b/c\" {\n  version = x.y\n}\n":                  nil,
		"provider \"a/b/c\" {\n  version = \"1${x}\"\n}\n":            nil,
		"provider \"a/b/c\" {\n  hashes = []\n}\n":                    nil,
		"provider \"a/b/c\" {\n  version = \"1\"\n":                   nil,
		"provider \"a/b/c\" {\n  version = \"1\"\n  hashes = []\n}\n": {"a/b/c 1"},
		"provider \"x/y/z\" {\n  version = \"1\"\n}\n":                nil,
		"provider \"x/y/z\" {\n  version = \"2\"\n}\n":                {`x/y/z 2 ("1" is)`},
	} {
		f := local(t, Options{}, map[string]string{".terraform/providers/x/y/z/1/os/p": ""})
		for _, before := range []string{"", "provider \"o/o/o\" {\n  version = 7\n}\n"} {
			tree(t, f.location.Dir, map[string]string{lockFileName: before + text})
			if got := f.missingProviders(); !slices.Equal(got, want) {
				t.Errorf("%s: got %q, want %q", text, got, want)
			}
		}
	}
}

// TestMirrorFaults: a folder that can't be shown is an error, unless it is only passed
// through.
func TestMirrorFaults(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("where links can't be made, this mirror would be copied into itself")
	}
	top := real(t, t.TempDir())
	tree(t, top, map[string]string{"prod/main.tf": "", "file": "", "mirror/x": ""})
	prod, file := filepath.Join(top, "prod"), filepath.Join(top, "file")
	m := &mirror{scratch: &scratch{root: filepath.Join(top, "mirror")}, base: top, config: prod}
	if err := m.apply(nil); err != nil {
		t.Fatal(err)
	}
	// What can't be listed is passed through.
	a := &application{m: m, dirs: map[string]bool{file: true, filepath.Join(file, "a"): true, filepath.Join(file, "a", "b"): true, prod: true}}
	if err := a.folder(file); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"file/a/b", "file/a"} {
		if info, err := os.Lstat(m.there(filepath.Join(top, name))); err != nil || !info.IsDir() {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	m.config = filepath.Join(file, "a", "b")
	if err := a.folder(file); err == nil {
		t.Error("the configuration's folder can't be listed: no error")
	}
	m.config = prod
	// Also an empty folder needs one that stands for it.
	empty := t.TempDir()
	m = &mirror{scratch: &scratch{root: filepath.Join(top, "none", "mirror")}, base: empty, config: empty}
	if err := m.apply(nil); err == nil {
		t.Error("the mirror can't be made: no error")
	}
	if runtime.GOOS != "linux" {
		return
	}
	// Nobody makes or removes anything there.
	for _, root := range []string{"/proc", "/proc/self"} {
		tree(t, top, map[string]string{"prod/main.tf": ""})
		m := &mirror{scratch: &scratch{root: root}, base: prod, config: prod}
		if err := m.apply(nil); err == nil {
			t.Errorf("%s: no error", root)
		}
	}
}
