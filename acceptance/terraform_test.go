package acceptance

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
)

// The releases of the provider that the tests run. 4.9.0 is the last one that
// knows apps by name.
const (
	v4 = "4.9.0"
	v5 = "5.3.2"
)

// scratch holds what the tests of a run share: the providers, and a folder
// that was applied once for each version.
var scratch string

func TestMain(m *testing.M) {
	var err error
	if scratch, err = os.MkdirTemp("", "herokutf-acceptance-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(scratch)
	os.Exit(code)
}

// each runs a test with every version of the provider, under terraform and
// tofu, whichever are on the PATH. Its tests run in parallel.
func each(t *testing.T, versions []string, test func(t *testing.T, s *setting)) {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("runs the real Terraform and its Heroku provider: TF_ACC=1 go test -timeout 30m ./acceptance/...")
	}
	found := false
	for _, bin := range []string{"terraform", "tofu"} {
		path, err := exec.LookPath(bin)
		if err != nil {
			continue
		}
		found = true
		for _, version := range versions {
			t.Run(bin+"/"+version, func(t *testing.T) {
				t.Parallel()
				test(t, &setting{path, version})
			})
		}
	}
	if !found {
		t.Fatal("neither terraform nor tofu is on the PATH: install one of them, or unset TF_ACC to skip these tests")
	}
}

// A setting is a program with a version of the provider.
type setting struct {
	bin, version string
}

// A world is a folder with a configuration and its state, and the Heroku that
// they are about.
type world struct {
	*setting
	dir    string
	api    *herokutest.Server
	client *platform.Client
	more   []string // of the environment
}

// initialising is held by the one that runs init: Terraform's plugin cache takes
// no two at once.
var initialising sync.Mutex

// worlds are the finished ones of this run, by setting and configuration.
var worlds struct {
	sync.Mutex
	m map[string]*sync.Once
}

// open returns a copy of the configuration's world, with an own Heroku.
// The original is initialised and, unless applied is false, applied once.
func (s *setting) open(t *testing.T, configuration string, applied bool) *world {
	t.Helper()
	name := strings.Join([]string{filepath.Base(s.bin), s.version, configuration, fmt.Sprint(applied)}, "-")
	origin := filepath.Join(scratch, name)
	worlds.Lock()
	if worlds.m == nil {
		worlds.m = map[string]*sync.Once{}
	}
	once := worlds.m[name]
	if once == nil {
		once = new(sync.Once)
		worlds.m[name] = once
	}
	worlds.Unlock()
	once.Do(func() { s.found(t, origin, configuration, applied) })

	seed, err := os.ReadFile(filepath.Join(origin, "heroku.json"))
	if err != nil {
		t.Fatalf("the world that this test starts from couldn't be made, see the first test to fail: %v", err)
	}
	w := &world{setting: s, dir: filepath.Join(t.TempDir(), "w")}
	if err := os.CopyFS(w.dir, os.DirFS(filepath.Join(origin, "w"))); err != nil {
		t.Fatal(err)
	}
	w.heroku(t)
	if err := w.api.Load(bytes.NewReader(seed)); err != nil {
		t.Fatal(err)
	}
	return w
}

// heroku starts the world's Heroku.
func (w *world) heroku(t *testing.T) {
	t.Helper()
	w.api = herokutest.New(herokutest.Options{})
	w.api.Start()
	t.Cleanup(w.api.Close)
	var err error
	w.client, err = platform.New(platform.Options{BaseURL: w.api.URL, Token: token, Backoff: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
}

const token = "HRKU-not-a-token"

// found makes a world in a folder: w is the configuration, heroku.json what
// Heroku holds.
func (s *setting) found(t *testing.T, origin, configuration string, applied bool) {
	w := &world{setting: s, dir: filepath.Join(origin, "w")}
	if err := os.CopyFS(w.dir, os.DirFS(filepath.Join("testdata", configuration))); err != nil {
		t.Fatal(err)
	}
	w.heroku(t)
	stock(w.api)
	initialising.Lock()
	r := w.run(t, "init", "-input=false", "-no-color")
	initialising.Unlock()
	if r.exit != 0 {
		t.Fatalf("%s init can't get version %s of the provider heroku/heroku. It needs a registry that serves it, "+
			"or a CLI configuration, named by TF_CLI_CONFIG_FILE, with a filesystem_mirror that has it; "+
			"without TF_ACC these tests are skipped.\n%s", filepath.Base(s.bin), s.version, r)
	}
	if applied {
		w.apply(t)
		// What changed while it was applied, as all_config_vars by an add-on,
		// is no drift.
		w.refresh(t)
	}
	seed, err := json.MarshalIndent(w.api.Snapshot(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(origin, "heroku.json"), seed, 0o600); err != nil {
		t.Fatal(err)
	}
}

// A result is what a run of Terraform came to.
type result struct {
	args   []string
	exit   int
	stdout string
	stderr string
}

func (r result) String() string {
	return fmt.Sprintf("%s: exit %d\n%s%s", strings.Join(r.args, " "), r.exit, r.stdout, r.stderr)
}

// run runs Terraform in the world's folder.
func (w *world) run(t *testing.T, args ...string) result {
	t.Helper()
	return w.runWith(t, nil, args...)
}

// runWith is run with more variables in the environment.
func (w *world) runWith(t *testing.T, environ []string, args ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, w.bin, args...)
	cmd.Dir = w.dir
	cmd.Env = append(w.environ(t), environ...)
	cmd.WaitDelay = 10 * time.Second
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && (!exited || ctx.Err() != nil) {
		t.Fatalf("%s: %v (%v)\n%s", strings.Join(args, " "), err, ctx.Err(), stderr.String())
	}
	return result{args, cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// environ is the environment for Terraform: the caller's, without what would
// change how it behaves, and never with the caller's account.
func (w *world) environ(t *testing.T) []string {
	t.Helper()
	var env []string
	for _, e := range os.Environ() {
		name, _, _ := strings.Cut(e, "=")
		switch {
		case strings.HasPrefix(name, "HEROKU_"), strings.HasPrefix(name, "TF_VAR_"), strings.HasPrefix(name, "TF_CLI_ARGS"),
			name == "TF_WORKSPACE", name == "TF_DATA_DIR", name == "TF_LOG", name == "TF_REATTACH_PROVIDERS":
		default:
			env = append(env, e)
		}
	}
	cache := os.Getenv("TF_PLUGIN_CACHE_DIR")
	if cache == "" {
		cache = filepath.Join(scratch, "plugins")
		if err := os.MkdirAll(cache, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return append(append(env, w.more...),
		"HEROKU_API_URL="+w.api.URL,
		"HEROKU_API_KEY="+token,
		"HEROKU_EMAIL=user@example.com",
		"NETRC_PATH="+filepath.Join(scratch, "no-netrc"), // the provider reads it before HEROKU_API_KEY
		"TF_PLUGIN_CACHE_DIR="+cache,
		"TF_IN_AUTOMATION=1",
		"CHECKPOINT_DISABLE=1",
	)
}

// apply applies the configuration.
func (w *world) apply(t *testing.T, environ ...string) {
	t.Helper()
	if r := w.runWith(t, environ, "apply", "-auto-approve", "-input=false", "-no-color"); r.exit != 0 {
		t.Fatalf("apply: exit %d\n%s", r.exit, r.stderr)
	}
}

// refresh takes into the state what Heroku has, and changes nothing there.
func (w *world) refresh(t *testing.T) {
	t.Helper()
	if r := w.run(t, "apply", "-refresh-only", "-auto-approve", "-input=false", "-no-color"); r.exit != 0 {
		t.Fatalf("apply -refresh-only: exit %d\n%s", r.exit, r.stderr)
	}
}

// A plan is what Terraform plans.
type plan struct {
	result
	*tfjson.Plan // nil when there is none, after exit 1
}

// plan plans, with more arguments if need be. exit is 0 for no changes, 2 for
// changes, outputs among them, and 1 for an error.
func (w *world) plan(t *testing.T, args ...string) plan {
	t.Helper()
	file := filepath.Join(t.TempDir(), "plan")
	r := w.run(t, append([]string{"plan", "-detailed-exitcode", "-input=false", "-no-color", "-out=" + file}, args...)...)
	if r.exit == 1 {
		return plan{result: r}
	}
	show := w.run(t, "show", "-json", file)
	if show.exit != 0 {
		t.Fatal(show)
	}
	p := plan{r, new(tfjson.Plan)}
	// Newer versions of the format only add to it.
	p.UseJSONNumber(true)
	if err := p.UnmarshalJSON([]byte(show.stdout)); err != nil {
		t.Fatal(err)
	}
	return p
}

// actions are the resources that the plan changes and how, sorted, as in
// "heroku_app.ui: update". Reads of data sources aren't changes.
func (p plan) actions() []string {
	if p.Plan == nil {
		return nil
	}
	var all []string
	for _, c := range p.ResourceChanges {
		if c.Change.Actions.NoOp() && c.Change.Importing == nil || c.Change.Actions.Read() {
			continue
		}
		words := make([]string, len(c.Change.Actions))
		for i, a := range c.Change.Actions {
			words[i] = string(a)
		}
		if c.Change.Importing != nil {
			words = append(words, "import")
		}
		all = append(all, c.Address+": "+strings.Join(words, " "))
	}
	slices.Sort(all)
	return all
}

// drift are the attributes that the refresh found to differ, sorted, as in
// "heroku_app.ui.stack"; of what is gone there is only the address. What
// changes at every reading isn't among them.
func (p plan) drift() []string {
	if p.Plan == nil {
		return nil
	}
	var all []string
	for _, c := range p.ResourceDrift {
		before, _ := c.Change.Before.(map[string]any)
		after, ok := c.Change.After.(map[string]any)
		if !ok {
			all = append(all, c.Address)
			continue
		}
		names := maps.Clone(before)
		maps.Copy(names, after)
		for name := range names {
			if same(before[name], after[name]) || c.Type == "heroku_slug" && name == "blob" {
				continue
			}
			all = append(all, c.Address+"."+name)
		}
	}
	slices.Sort(all)
	return all
}

func same(x, y any) bool {
	a, errA := json.Marshal(x)
	b, errB := json.Marshal(y)
	return errA == nil && errB == nil && bytes.Equal(a, b)
}

// state reads the world's state.
func (w *world) state(t *testing.T) *statefile.File {
	t.Helper()
	f, err := statefile.ReadFile(w.statePath())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func (w *world) statePath() string { return filepath.Join(w.dir, "terraform.tfstate") }

// noChanges fails the test unless a plain plan, with more arguments if need
// be, changes nothing and says so.
func (w *world) noChanges(t *testing.T, when string, args ...string) {
	t.Helper()
	r := w.run(t, append([]string{"plan", "-detailed-exitcode", "-input=false", "-no-color"}, args...)...)
	if r.exit != 0 || !strings.Contains(r.stdout, "No changes.") {
		t.Errorf("%s: got %s\nwant exit 0 and \"No changes.\"", when, r)
	}
}

// types are the resource types in a state, managed ones and data sources with
// "data." before them, sorted.
func types(f *statefile.File) []string {
	seen := map[string]bool{}
	for i := range f.Instances() {
		name := i.Type
		if i.Mode == statefile.Data {
			name = "data." + name
		}
		seen[name] = true
	}
	return slices.Sorted(maps.Keys(seen))
}

// text is the whole output of a run in one line: Terraform breaks its errors to
// fit a box.
func (r result) text() string {
	var words []string
	for line := range strings.Lines(r.stdout + r.stderr) {
		words = append(words, strings.Fields(strings.Trim(line, "│╷╵\n "))...)
	}
	return strings.Join(words, " ")
}

// copy copies a file of another world into this one.
func (w *world) copy(t *testing.T, from *world, file string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(from.dir, file))
	if err == nil {
		err = os.WriteFile(filepath.Join(w.dir, file), data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// remove removes a file of the configuration.
func (w *world) remove(t *testing.T, file string) {
	t.Helper()
	if err := os.Remove(filepath.Join(w.dir, file)); err != nil {
		t.Fatal(err)
	}
}
