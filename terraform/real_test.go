package terraform

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/herokutf/herokutf/internal/testmode"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/tfconfig"
)

// realTerraform returns the environment for the terraform on this machine, without its
// user's settings.
func realTerraform(t *testing.T) []string {
	t.Helper()
	if _, err := exec.LookPath("terraform"); err != nil {
		t.Skipf("there is no terraform to try: %v", err)
	}
	config := filepath.Join(t.TempDir(), "cli.tfrc")
	if err := os.WriteFile(config, []byte("disable_checkpoint = true\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	environ := []string{"TF_CLI_CONFIG_FILE=" + config, "CHECKPOINT_DISABLE=1"}
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "TF_") {
			environ = append(environ, kv)
		}
	}
	return environ
}

// terraform runs a command of the user's in the folder.
func terraform(t *testing.T, environ []string, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("terraform", args...)
	cmd.Dir, cmd.Env = dir, environ
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("terraform %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// tree writes files, by their paths below dir.
func tree(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// httpBackend keeps states in memory, as the http backend wants it.
type httpBackend struct {
	*httptest.Server
	mu     sync.Mutex
	states map[string][]byte
	locks  map[string]string
	put    func(path string) // before each write
}

func newHTTPBackend(t *testing.T) *httpBackend {
	b := &httpBackend{states: map[string][]byte{}, locks: map[string]string{}}
	b.Server = httptest.NewServer(b)
	t.Cleanup(b.Close)
	return b
}

func (b *httpBackend) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	data, _ := io.ReadAll(r.Body)
	b.mu.Lock()
	put := b.put
	b.mu.Unlock()
	if r.Method == "POST" && put != nil {
		put(r.URL.Path)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	switch r.Method {
	case "GET":
		if b.states[r.URL.Path] == nil {
			w.WriteHeader(http.StatusNotFound)
		}
		w.Write(b.states[r.URL.Path])
	case "POST":
		b.states[r.URL.Path] = data
	case "LOCK":
		if held := b.locks[r.URL.Path]; held != "" {
			w.WriteHeader(http.StatusLocked)
			io.WriteString(w, held)
			return
		}
		b.locks[r.URL.Path] = string(data)
	case "UNLOCK":
		delete(b.locks, r.URL.Path)
	}
}

// config is a configuration of one resource that keeps its state there.
func (b *httpBackend) config(locks bool, input string) string {
	lock := ""
	if locks {
		lock = fmt.Sprintf("lock_address = %q\n    unlock_address = %[1]q", b.URL+"/state")
	}
	return fmt.Sprintf("terraform {\n  backend \"http\" {\n    address = %q\n    %s\n  }\n}\n%s", b.URL+"/state", lock, resource(input))
}

func resource(input string) string {
	return fmt.Sprintf("resource \"terraform_data\" \"a\" {\n  input = %q\n}\noutput \"workspace\" {\n  value = terraform.workspace\n}\n", input)
}

// rename is an edit that replaces a string wherever it stands.
func rename(old, new string) func(*statefile.File) (*statefile.File, error) {
	return func(f *statefile.File) (*statefile.File, error) {
		var edits []statefile.Edit
		for i := range f.Instances() {
			for _, v := range i.Scalars() {
				if v.IsString() && v.Text() == old {
					edits = append(edits, statefile.ReplaceString(v, new))
				}
			}
		}
		return f.Apply(edits...)
	}
}

// actions lists what a plan does, without what it leaves alone.
func actions(plan *tfjson.Plan) string {
	if plan == nil {
		return "no plan"
	}
	var list []string
	for _, rc := range plan.ResourceChanges {
		if !rc.Change.Actions.NoOp() {
			list = append(list, fmt.Sprint(rc.Address, rc.Change.Actions))
		}
	}
	return strings.Join(list, " ")
}

func edit(t *testing.T, dir, name, new string) tfconfig.FileEdit {
	t.Helper()
	path := filepath.Join(dir, name)
	old, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return tfconfig.FileEdit{Path: path, Old: old, New: []byte(new)}
}

// scratches returns the folders that runs have left in dir.
func scratches(t *testing.T, dir string) []string {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(dir, scratchPrefix+"*"))
	if err != nil {
		t.Fatal(err)
	}
	return left
}

func TestRealHTTP(t *testing.T) {
	for _, locks := range []bool{true, false} {
		if !locks && !testmode.Full() {
			continue // TestRealOverwritten has one without
		}
		t.Run(fmt.Sprintf("locks %v", locks), func(t *testing.T) {
			t.Parallel()
			environ := realTerraform(t)
			b := newHTTPBackend(t)
			parent := t.TempDir()
			dir := filepath.Join(parent, "prod")
			tree(t, dir, map[string]string{"main.tf": b.config(locks, "one")})
			terraform(t, environ, dir, "init", "-input=false")
			terraform(t, environ, dir, "apply", "-auto-approve", "-input=false")

			f, err := Open(dir, Options{Environ: environ})
			if err != nil {
				t.Fatal(err)
			}
			where := f.Location()
			if want := map[bool]Locking{true: Locked, false: NotLocked}[locks]; where.Backend != "http" || where.Local() || where.Locks != want {
				t.Errorf("location %+v", where)
			}
			before := string(b.states["/state"])

			// The state alone would be changed back.
			dry, err := f.Update(t.Context(), UpdateOptions{DryRun: true}, rename("one", "two"))
			if err != nil || actions(dry.Plan) != "terraform_data.a[update]" || !dry.Changed || dry.Backup != "" {
				t.Fatalf("dry run: %+v, plan %s, error %v", dry, actions(dry.Plan), err)
			}
			if string(b.states["/state"]) != before {
				t.Error("a dry run wrote the state")
			}
			opts := UpdateOptions{Watch: 100 * time.Millisecond, Files: func() []tfconfig.FileEdit {
				return []tfconfig.FileEdit{edit(t, dir, "main.tf", b.config(locks, "two"))}
			}}
			done, err := f.Update(t.Context(), opts, rename("one", "two"))
			if err != nil {
				t.Fatal(err)
			}
			if actions(done.Plan) != "" || !done.Changed || done.OldSerial != "1" || done.NewSerial != "3" || done.Attempts != 1 {
				t.Errorf("result %+v, plan %s", done, actions(done.Plan))
			}
			if saved, err := os.ReadFile(done.Backup); err != nil || strings.TrimSpace(string(saved)) != strings.TrimSpace(before) {
				t.Errorf("the backup is %s, %v; want %s", saved, err, before)
			}
			if info, err := os.Stat(done.Backup); err != nil || !hasMode(info, 0o600) {
				t.Errorf("backup: %v, %v", info, err)
			}
			if left := scratches(t, parent); left != nil {
				t.Errorf("left behind: %v", left)
			}
			tree(t, dir, map[string]string{"main.tf": b.config(locks, "two")})
			if out := terraform(t, environ, dir, "plan", "-no-color", "-input=false"); !strings.Contains(out, "No changes.") {
				t.Errorf("the plan afterwards:\n%s", out)
			}
			again, err := f.Update(t.Context(), UpdateOptions{}, rename("one", "two"))
			if err != nil || again.Changed {
				t.Errorf("again: %+v, %v", again, err)
			}

			if !testmode.Full() {
				return
			}
			back, err := f.Undo(t.Context(), "", UpdateOptions{Watch: -1, Plan: PlanOff})
			if err != nil || back.Restored != done.Backup || back.RestoredSerial != "1" || back.OldSerial != "3" || back.NewSerial != "5" {
				t.Fatalf("undo: %+v, %v", back, err)
			}
			if now, err := f.Pull(t.Context()); err != nil || !strings.Contains(string(now.Bytes()), `"one"`) {
				t.Errorf("after the undo: %v", err)
			}
			if forth, err := f.Undo(t.Context(), "", UpdateOptions{Watch: -1}); err != nil || forth.NewSerial != "7" || actions(forth.Plan) != "" {
				t.Errorf("undo of the undo: %+v, %v", forth, err)
			}
		})
	}
}

// TestRealOverwritten: an apply that is under way ends after the push. Without locks it
// takes the change back, and that is never reported as a success.
func TestRealOverwritten(t *testing.T) {
	t.Parallel()
	b := newHTTPBackend(t)
	r := newRealFolder(t, nil)
	tree(t, r.dir, map[string]string{"main.tf": b.config(false, "one")})
	r.terraform(t, "init", "-input=false")
	r.terraform(t, "apply", "-auto-approve", "-input=false")
	begun, applied := make(chan struct{}), make(chan struct{})
	var once sync.Once
	b.mu.Lock()
	b.put = func(path string) {
		first := false
		once.Do(func() { first = true })
		if !first {
			return
		}
		close(begun)
		for range 1000 {
			b.mu.Lock()
			pushed := strings.Contains(string(b.states[path]), `"two"`)
			b.mu.Unlock()
			if pushed {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
	b.mu.Unlock()
	go func() {
		defer close(applied)
		cmd := exec.Command("terraform", "apply", "-auto-approve", "-input=false", "-replace=terraform_data.a")
		cmd.Dir, cmd.Env = r.dir, r.environ
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("apply: %v\n%s", err, out)
		}
	}()
	<-begun
	f := r.open(t, Options{})
	_, err := f.Update(t.Context(), UpdateOptions{Plan: PlanOff, Watch: 3 * time.Second}, rename("one", "two"))
	e, ok := errors.AsType[*UpdateError](err)
	if !ok || !errors.Is(err, ErrOverwritten) || !strings.Contains(e.Hint, e.Backup) || !strings.Contains(e.Hint, `Backend "http" has no locks`) {
		t.Errorf("error %v (%+v)", err, e)
	}
	<-applied
	if done, err := f.Update(t.Context(), UpdateOptions{Plan: PlanOff, Watch: -1}, rename("one", "two")); err != nil || !done.Changed {
		t.Errorf("once more: %+v, %v", done, err)
	}
}

func TestRealVersion(t *testing.T) {
	environ := realTerraform(t)
	f, err := Open(t.TempDir(), Options{Environ: environ})
	if err != nil {
		t.Fatal(err)
	}
	v, err := f.Version(t.Context())
	if err != nil || v.Name != "Terraform" || !strings.HasPrefix(v.Number, "1.") || !filepath.IsAbs(v.Path) {
		t.Errorf("version %+v, %v", v, err)
	}
	if data, err := json.Marshal(v); err != nil || !json.Valid(data) {
		t.Error(err)
	}
}

// A realFolder is a folder that the terraform on this machine has applied.
type realFolder struct {
	parent, dir string
	environ     []string
}

func newRealFolder(t *testing.T, files map[string]string, environ ...string) *realFolder {
	t.Helper()
	r := &realFolder{parent: real(t, t.TempDir()), environ: append(realTerraform(t), environ...)}
	r.dir = filepath.Join(r.parent, "prod")
	tree(t, r.parent, files)
	return r
}

func (r *realFolder) terraform(t *testing.T, args ...string) string {
	t.Helper()
	return terraform(t, r.environ, r.dir, args...)
}

func (r *realFolder) open(t *testing.T, opts Options) *Folder {
	t.Helper()
	opts.Environ = r.environ
	f, err := Open(r.dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestRealConfiguration: a local workspace, modules below and beside the folder, a data
// folder of another name, files of variables: the plan beside is the one that the user
// would get.
func TestRealConfiguration(t *testing.T) {
	t.Parallel()
	const module = "variable \"x\" {}\nresource \"terraform_data\" \"m\" {\n  input = \"%\"\n}\n"
	r := newRealFolder(t, map[string]string{
		"prod/main.tf": `
terraform {
  backend "local" {
    workspace_dir = "states"
  }
}
variable "auto" {}
variable "file" {}
variable "flag" {}
variable "env" {}
variable "kept" { default = "" }
resource "terraform_data" "a" {
  input = {
    name = "one", workspace = terraform.workspace, root = path.root, module = path.module, cwd = path.cwd
    auto = var.auto, file = var.file, flag = var.flag, env = var.env, kept = var.kept
    text = file("${path.module}/files/text"), beside = file("../shared.txt"), all = join(",", fileset(path.module, "files/**"))
  }
}
module "below" {
  source = "./below"
  x      = 1
}
module "beside" {
  source = "../modules/m"
  x      = 1
}
`,
		"prod/zzz_override.tf":     "terraform {\n  backend \"local\" {\n    workspace_dir = \"states\"\n  }\n}\n",
		"prod/x.auto.tfvars":       "auto = \"auto\"\n",
		"prod/vars/prod.tfvars":    "file = \"file\"\n",
		"prod/files/text":          "text",
		"prod/files/deep/er":       "",
		"prod/below/main.tf":       strings.ReplaceAll(module, "%", "below"),
		"modules/m/main.tf":        strings.ReplaceAll(module, "%", "beside"),
		"shared.txt":               "shared",
		".herokutf-check-x/README": "not ours",
	}, "TF_VAR_env=env", "TF_DATA_DIR=.data", "TF_WORKSPACE=blue", "TF_CLI_ARGS_plan=-var kept=kept -target=terraform_data.nothing -detailed-exitcode")
	vars := []string{"-var-file=vars/prod.tfvars", "-var=flag=flag"}
	if err := os.MkdirAll(filepath.Join(r.dir, "states/blue"), 0o755); err != nil {
		t.Fatal(err)
	}
	r.terraform(t, "init", "-input=false")
	r.terraform(t, append([]string{"apply", "-auto-approve", "-input=false", "-var=kept=kept"}, vars...)...)
	tree(t, r.dir, map[string]string{stateName: "the default workspace's, which nobody reads"})
	f := r.open(t, Options{Vars: []Var{{File: "vars/prod.tfvars"}, {Value: "flag=flag"}}})
	f.cwd = r.dir // as if it were opened there
	if got, want := f.Location().Path, filepath.Join(r.dir, "states/blue/terraform.tfstate"); got != want {
		t.Fatalf("the state is %s, want %s", got, want)
	}
	before, err := f.Pull(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	plan, err := f.Plan(t.Context(), before, nil)
	if err != nil || actions(plan) != "" || len(plan.ResourceChanges) != 3 {
		t.Errorf("as it is: %s, %v", actions(plan), err)
	}

	// Every file that is edited takes part: in the folder, below and beside it, and a
	// file of variables.
	main, err := os.ReadFile(filepath.Join(r.dir, "main.tf"))
	if err != nil {
		t.Fatal(err)
	}
	edits := []tfconfig.FileEdit{
		{Path: "main.tf", New: []byte(strings.Replace(string(main), `"one"`, `"two"`, 1))},
		{Path: filepath.Join(r.dir, "below/main.tf"), New: []byte(strings.ReplaceAll(module, "%", "below2"))},
		{Path: "../modules/m/main.tf", New: []byte(strings.ReplaceAll(module, "%", "beside2"))},
		{Path: "vars/prod.tfvars", New: []byte("file = \"file2\"\n")},
		{Path: "new.tf", New: []byte("resource \"terraform_data\" \"new\" {}\n")},
	}
	change := func(f *statefile.File) (*statefile.File, error) {
		for _, names := range [][2]string{{"one", "two"}, {"below", "below2"}, {"beside", "beside2"}, {"file", "file2"}} {
			g, err := rename(names[0], names[1])(f)
			if err != nil {
				return nil, err
			}
			f = g
		}
		return f, nil
	}
	after, err := change(before)
	if err != nil {
		t.Fatal(err)
	}
	if plan, err = f.Plan(t.Context(), after, edits[:2]); err != nil || actions(plan) != "terraform_data.a[update] module.beside.terraform_data.m[update]" {
		t.Errorf("edited in part: %s, %v", actions(plan), err)
	}
	done, err := f.Update(t.Context(), UpdateOptions{Plan: PlanRequire, Files: func() []tfconfig.FileEdit { return edits }}, change)
	if err != nil || actions(done.Plan) != "terraform_data.new[create]" || done.Backup == "" {
		t.Errorf("%+v, %v", done, err)
	}
	if left := scratches(t, r.parent); len(left) != 1 || filepath.Base(left[0]) != ".herokutf-check-x" {
		t.Errorf("left behind: %v", left)
	}
	if left := scratches(t, filepath.Dir(r.parent)); left != nil {
		t.Errorf("left behind: %v", left)
	}
	for _, name := range []string{"new.tf", ".terraform", "terraform.tfstate.d", ".terraform.lock.hcl"} {
		if _, err := os.Lstat(filepath.Join(r.dir, name)); !os.IsNotExist(err) {
			t.Errorf("%s is in the user's folder: %v", name, err)
		}
	}
}

// TestRealCloud: a cloud block is overridden for a plan, and named where it can't be
// reached.
func TestRealCloud(t *testing.T) {
	t.Parallel()
	const cloud = "terraform {\n  cloud {\n    hostname     = \"127.0.0.1:1\"\n    organization = \"acme\"\n    workspaces {\n      name = \"prod\"\n    }\n  }\n}\n"
	r := newRealFolder(t, map[string]string{
		"prod/main.tf":                      cloud + resource("one"),
		"prod/.terraform/terraform.tfstate": backendRecord("cloud", `"hostname":"127.0.0.1:1","organization":"acme","token":null,"workspaces":{"name":"prod","project":null,"tags":null}`),
		"prod/.terraform/environment":       "prod",
	})
	f := r.open(t, Options{})
	if f.Location().Backend != "cloud" || f.Location().Workspace != "prod" {
		t.Errorf("location %+v", f.Location())
	}
	local := state(t, strings.Replace(standInState, `"input": "one"`, `"id": "x", "input": {"value": "one", "type": "string"}, "output": {"value": "one", "type": "string"}, "triggers_replace": null`, 1))
	plan, err := f.Plan(t.Context(), local, nil)
	if err != nil || actions(plan) != "" || len(plan.ResourceChanges) != 1 || plan.OutputChanges["workspace"].After != "prod" {
		t.Errorf("plan %s, %v", actions(plan), err)
	}
	_, err = f.Pull(t.Context())
	if !errors.Is(err, ErrCommand) || !strings.Contains(err.Error(), `terraform state pull, the state of workspace "prod" in HCP Terraform: `) {
		t.Errorf("pull: %v", err)
	}
	if left := scratches(t, r.parent); left != nil {
		t.Errorf("left behind: %v", left)
	}
}

// TestRealFailures: what the configuration lacks is said, with what to do.
func TestRealFailures(t *testing.T) {
	t.Parallel()
	r := newRealFolder(t, map[string]string{
		"prod/main.tf":                     "terraform {\n  required_providers {\n    x = {\n      source = \"acme/x\"\n    }\n  }\n}\nresource \"x_y\" \"z\" {}\n",
		"prod/" + lockFileName:             "provider \"registry.terraform.io/acme/x\" {\n  version = \"1.2.3\"\n  hashes  = [\"h1:DYKbrQRJsmSRJBMBvxVWpoOLwBdOvDaBFBHBfpgTfOY=\"]\n}\n",
		"prod/.terraform/providers/README": "",
	})
	f := r.open(t, Options{})
	_, err := f.Plan(t.Context(), state(t, standInState), nil)
	e, ok := errors.AsType[*NoPlanError](err)
	if !ok || e.Reason != InitFailed || !strings.Contains(e.Hint, "registry.terraform.io/acme/x 1.2.3, which isn't installed") || !strings.Contains(e.Hint, "Run terraform init in "+r.dir) {
		t.Errorf("a missing provider: %v (%+v)", err, e)
	}
	tree(t, r.dir, map[string]string{"main.tf": "resource \"terraform_data\" \"a\" {\n  input = var.nothing\n}\n"})
	var out strings.Builder
	f = r.open(t, Options{Output: &out})
	if err := os.Remove(filepath.Join(r.dir, lockFileName)); err != nil {
		t.Fatal(err)
	}
	_, err = f.Plan(t.Context(), state(t, standInState), nil)
	if !errors.Is(err, ErrCommand) || !strings.Contains(err.Error(), "Reference to undeclared input variable") {
		t.Errorf("a faulty configuration: %v", err)
	}
	if left := scratches(t, r.parent); left != nil {
		t.Errorf("left behind: %v", left)
	}
}
