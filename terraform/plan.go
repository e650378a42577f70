package terraform

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/tfconfig"
)

// PlanCheck says whether a new state is to be planned before it is written.
type PlanCheck string

// How much a plan counts.
const (
	// PlanAuto makes a plan wherever the folder is initialized and there is a
	// terraform. A plan that fails, or can't be made for another reason, ends Update,
	// but not Undo.
	PlanAuto PlanCheck = "auto"
	// PlanOff makes none.
	PlanOff PlanCheck = "off"
	// PlanRequire ends the verb wherever no plan can be made.
	PlanRequire PlanCheck = "require"
)

// Plan makes a plan of a state that the backend doesn't have, and of files of the
// configuration that aren't on the disk yet, each with its whole new content; nil files
// stand for the configuration as it is. Nothing is written to the folder or the
// backend, and the providers and modules are those that terraform init has installed:
// nothing is downloaded.
//
// The plan is made in a folder beside the configuration's: links to its files, a copy
// of .terraform.lock.hcl, and an override that gives it a local backend with the state.
// Only this user can read it. It is removed when Plan returns, and what a killed run has
// left the next one removes. In it path.cwd, path.root and path.module are what they
// are in the user's folder, and so is terraform.workspace; abspath has the other folder's
// name in it, and fileset with "**" doesn't look through links. Where no folder can be
// made there it is made among the temporary files.
//
// Whatever a plan wants to do is no error: judge its ResourceChanges. Numbers in it are
// json.Number. The error is a [*NoPlanError] when no plan can be made, and a
// [*CommandError] when terraform plan fails; both have summaries, and more goes to
// [Options.Output].
func (f *Folder) Plan(ctx context.Context, state *statefile.File, files []tfconfig.FileEdit) (*tfjson.Plan, error) {
	c, err := f.newChecker()
	if err != nil {
		return nil, err
	}
	plan, err := c.plan(ctx, state, files, true)
	if cerr := c.close(); err == nil && cerr != nil {
		return nil, cerr
	}
	return plan, err
}

// ReadPlan reads a plan that "terraform plan -out" made in the folder. A relative path
// starts there. Numbers in the plan are json.Number. The error is a [*CommandError],
// or about JSON that isn't a plan's.
func (f *Folder) ReadPlan(ctx context.Context, path string) (*tfjson.Plan, error) {
	return f.showPlan(ctx, f.here(append([]string{"show", "-json", "-no-color"}, append(f.tofuVars(), path)...)...))
}

func (f *Folder) showPlan(ctx context.Context, c call, keep ...*os.File) (*tfjson.Plan, error) {
	c.quiet = true
	out, err := f.output(ctx, c, keep...)
	if err != nil {
		return nil, err
	}
	plan := new(tfjson.Plan)
	plan.UseJSONNumber(true)
	if err := json.Unmarshal(out, plan); err != nil {
		// The message of a decoder may quote what it read.
		return nil, &CommandError{Command: f.title(c.args), Err: errors.New("what it printed is no plan that this program knows"),
			Hint: "A newer terraform may write plans in another way: update this program."}
	}
	return plan, nil
}

// A checker makes plans of states that aren't in the backend yet, in a folder that it
// makes when it is asked for the first one.
type checker struct {
	f      *Folder
	mirror *mirror // nil before the first plan
}

const dataName = ".terraform"

// newChecker returns a checker. The error is a NoPlanError that needs no try to be
// known.
func (f *Folder) newChecker() (*checker, error) {
	if err := f.plannable(); err != nil {
		return nil, err
	}
	return &checker{f: f}, nil
}

// plannable says why there can be no plan, if that can be told at a glance.
func (f *Folder) plannable() error {
	dir := f.location.Dir
	if _, err := f.command(); err != nil {
		return &NoPlanError{Dir: dir, Reason: NoTerraform, Err: err, Hint: hintOf(err)}
	}
	if primary, overrides, err := configFiles(dir, f.tofu); len(primary)+len(overrides) == 0 {
		if err == nil {
			err = tfconfig.ErrNoConfiguration
		}
		return &NoPlanError{Dir: dir, Reason: NoConfiguration, Err: err, Hint: "Work in the folder that holds the configuration (--chdir)."}
	}
	if info, err := os.Stat(f.dataDir); err != nil || !info.IsDir() {
		return &NoPlanError{Dir: dir, Reason: NotInitialized, Err: fmt.Errorf("%w: there is no %s", ErrUninitialized, f.dataDir),
			Hint: "Run terraform init there."}
	}
	return nil
}

// hintOf returns the advice of an error of this package.
func hintOf(err error) string {
	if e, ok := errors.AsType[*FolderError](err); ok {
		return e.Hint
	}
	if e, ok := errors.AsType[*CommandError](err); ok {
		return e.Hint
	}
	return ""
}

// close removes the folder.
func (c *checker) close() error {
	if c == nil {
		return nil
	}
	err := c.mirror.close()
	c.mirror = nil
	return err
}

// show makes the folder show the configuration with those files.
func (c *checker) show(files []edited) error {
	f := c.f
	fault := func(err error, hint string) error {
		return &NoPlanError{Dir: f.location.Dir, Reason: InitFailed, Err: err, Hint: hint}
	}
	base := covering(f.location.Dir, files)
	if c.mirror != nil {
		if _, within := within(c.mirror.base, base); !within {
			// Files above the folder are edited now, such as those of a module beside it.
			if err := c.close(); err != nil {
				return err
			}
		}
	}
	if c.mirror == nil {
		skip := []string{workspacesName, lockFileName, dataName, c.dataName()}
		// A local state may have another path than the one that a backend leaves unused.
		m, err := newMirror(base, f.location.Dir, skip, filepath.Join(f.location.Dir, stateName), f.location.Path)
		if err != nil {
			return fault(err, "A plan is made in a folder beside the configuration's, or among the temporary files: make one of them writable.")
		}
		c.mirror = m
		if err := c.furnish(); err != nil {
			return fault(err, "Look whether the folder's files can be read, and whether there is room on the disk.")
		}
	}
	if err := c.mirror.apply(files); err != nil {
		return fault(err, "Look whether the folder's files can be read, and whether there is room on the disk.")
	}
	return nil
}

// initialize runs terraform init in the folder, with what is installed in the user's. It
// is for versions that don't take what furnish has put there for the outcome of one. No
// state may be there: it would want to migrate that.
func (c *checker) initialize(ctx context.Context) error {
	f := c.f
	// What it installs would go through the link, into the user's folder.
	if err := errors.Join(c.removeState(), os.RemoveAll(filepath.Join(c.data(), stateName)), os.RemoveAll(filepath.Join(c.data(), "providers"))); err != nil {
		return err
	}
	providers := filepath.Join(f.dataDir, "providers")
	if !exists(providers) {
		providers = filepath.Join(c.data(), "none")
		if err := os.MkdirAll(providers, 0o700); err != nil {
			return err
		}
	}
	init := append([]string{"init", "-reconfigure", "-input=false", "-no-color", "-get=false", "-plugin-dir=" + providers}, f.tofuVars()...)
	if _, err := f.output(ctx, c.call("", init...), c.mirror.scratch.inherit()...); err != nil {
		if cause := context.Cause(ctx); cause != nil {
			return cause
		}
		return &NoPlanError{Dir: f.location.Dir, Reason: InitFailed, Err: err, Hint: f.initHint()}
	}
	return nil
}

// initHint says what is missing when the folder beside can't be initialized with what
// the user's has.
func (f *Folder) initHint() string {
	hint := fmt.Sprintf("Run terraform init in %s, which installs what the configuration and %s ask for; --plan-check off writes without a plan.",
		f.location.Dir, lockFileName)
	if missing := f.missingProviders(); len(missing) > 0 {
		hint = fmt.Sprintf("%s has %s, which isn't installed. ", lockFileName, strings.Join(missing, ", ")) + hint
	}
	return hint
}

const lockFileName = ".terraform.lock.hcl"

// dataName is the name of the data folder in the folder beside. It is the user's if
// that is a name: the record of the modules has it in its paths.
func (c *checker) dataName() string {
	if name := c.f.getenv("TF_DATA_DIR"); name != "" && filepath.Base(name) == name && filepath.IsLocal(name) {
		return name
	}
	return dataName
}

// data is the data folder in the folder beside.
func (c *checker) data() string { return filepath.Join(c.mirror.dir(), c.dataName()) }

// localRecord is what terraform init leaves for the override's backend. The hash may be
// any: Terraform compares the settings then, and writes its own.
const localRecord = `{"version":3,"backend":{"type":"local","config":{"path":null,"workspace_dir":null},"hash":0}}`

// furnish puts into the folder what terraform init has put into the user's, and the
// override of its backend with the record of that.
func (c *checker) furnish() error {
	f, dir, data := c.f, c.mirror.dir(), c.data()
	for _, name := range []string{data, filepath.Join(data, "modules"), filepath.Join(data, "plugin-cache")} {
		if err := os.Mkdir(name, 0o700); err != nil {
			return err
		}
	}
	if lock := filepath.Join(f.location.Dir, lockFileName); exists(lock) {
		if err := copyFile(lock, filepath.Join(dir, lockFileName)); err != nil {
			return err
		}
	}
	if providers := filepath.Join(f.dataDir, "providers"); exists(providers) {
		// Where links aren't allowed, terraform init copies what it needs.
		_ = os.Symlink(providers, filepath.Join(data, "providers"))
	}
	// The record of the modules is a copy, since terraform may write it.
	modules, err := os.ReadDir(filepath.Join(f.dataDir, "modules"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for _, e := range modules {
		from, to := filepath.Join(f.dataDir, "modules", e.Name()), filepath.Join(data, "modules", e.Name())
		put := func() error { return link(from, to, c.mirror.leavesOut) }
		if e.Name() == "modules.json" {
			put = func() error { return copyFile(from, to) }
		}
		if err := put(); err != nil {
			return err
		}
	}
	_, overrides, err := configFiles(f.location.Dir, true)
	if err != nil {
		return err
	}
	// OpenTofu reads the second one in place of the first.
	stem := filepath.Join(dir, overrideStem(overrides))
	for name, text := range map[string]string{stem + ".tf": localBackend, stem + ".tofu": localBackend, filepath.Join(data, stateName): localRecord} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

const localBackend = "terraform {\n  backend \"local\" {}\n}\n"

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// call is a call in the folder beside.
func (c *checker) call(workspace string, args ...string) call {
	dir := c.mirror.dir()
	data := ""
	if name := c.dataName(); name != dataName {
		data = name
	}
	return call{dir: dir, args: args, environ: []string{
		"TF_WORKSPACE=" + workspace,
		"TF_DATA_DIR=" + data,
		// A link into the cache of providers that the user shares between folders
		// would stay behind.
		"TF_PLUGIN_CACHE_DIR=" + filepath.Join(dir, c.dataName(), "plugin-cache"),
	}}
}

// plan makes a plan of the state and the files, as often as it is asked to. A plan that
// changes nothing says no more than that unless it is to be full.
func (c *checker) plan(ctx context.Context, state *statefile.File, edits []tfconfig.FileEdit, full bool) (*tfjson.Plan, error) {
	f := c.f
	files, err := resolve(f.cwd, edits)
	if err != nil {
		return nil, fmt.Errorf("plan with edited files: %w", err)
	}
	if err := c.show(files); err != nil {
		return nil, err
	}
	f.opts.progress(Progress{Stage: StagePlanning, Location: f.location})
	out := filepath.Join(c.data(), "herokutf.plan")
	stream, err := c.tryPlan(ctx, state, out, c.varFile(files))
	if err != nil {
		return nil, err
	}
	if stream.quiet() && !full {
		return stream.noChanges(state), nil
	}
	show := append([]string{"show", "-json", "-no-color"}, append(f.tofuVars(), out)...)
	return f.showPlan(ctx, c.call(f.location.Workspace, show...), c.mirror.scratch.inherit()...)
}

// tryPlan runs terraform plan: with an init before it if it asks for one, and without
// -json if it doesn't know that.
func (c *checker) tryPlan(ctx context.Context, state *statefile.File, out string, varFile func(string) string) (*planStream, error) {
	f := c.f
	args := append([]string{"plan", "-input=false", "-no-color", "-lock=false", "-detailed-exitcode=false", "-out=" + out}, f.planFlags(varFile)...)
	format := []string{"-json"}
	for initialized := false; ; {
		if err := c.setState(ctx, state); err != nil {
			return nil, err
		}
		stream := &planStream{out: &serial{w: f.opts.Output}, redact: f.redact}
		plan := c.call(f.location.Workspace, append(args, format...)...)
		plan.stdout, plan.quiet = stream, true
		_, err := f.output(ctx, plan, c.mirror.scratch.inherit()...)
		if err == nil {
			return stream, nil
		}
		e, ok := errors.AsType[*CommandError](err)
		if !ok || e.Err != nil {
			return nil, err
		}
		e.Diagnostics = append(e.Diagnostics, stream.errors...)
		e.Hint = cmp.Or(e.Hint, "Mend what terraform plan reports, or give it what it lacks: variables (-var, -var-file), credentials. --plan-check off writes without a plan.")
		switch {
		case (e.wantsInit || slices.ContainsFunc(stream.errors, wantsInit)) && !initialized:
			if err := c.initialize(ctx); err != nil {
				return nil, err
			}
			initialized = true
		case e.noJSON && format != nil:
			format = nil // Terraform before 1.0
		default:
			return nil, err
		}
	}
}

// varFile returns a function that finds the place of a file of variables: in the folder
// beside if it is edited, and where the user has it otherwise.
func (c *checker) varFile(files []edited) func(string) string {
	return func(path string) string {
		real, err := filepath.EvalSymlinks(filepath.Dir(path))
		if err != nil {
			return path
		}
		real = filepath.Join(real, filepath.Base(path))
		for _, e := range files {
			if e.path == real {
				return c.mirror.there(real)
			}
		}
		return path
	}
}

func (c *checker) removeState() error {
	dir := c.mirror.dir()
	return errors.Join(os.RemoveAll(filepath.Join(dir, stateName)), os.RemoveAll(filepath.Join(dir, workspacesName)))
}

// setState puts the state where the local backend of the folder beside looks for it.
func (c *checker) setState(ctx context.Context, state *statefile.File) error {
	f := c.f
	if err := c.removeState(); err != nil {
		return err
	}
	path := (*record)(nil).localPath(c.mirror.dir(), f.location.Workspace)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if !f.location.Encrypted {
		return os.WriteFile(path, state.Bytes(), 0o600)
	}
	// OpenTofu refuses a plain state where it is to be encrypted.
	plain := filepath.Join(c.data(), "plain.tfstate")
	if err := os.WriteFile(plain, state.Bytes(), 0o600); err != nil {
		return err
	}
	push := append([]string{"state", "push", "-lock=false"}, append(f.tofuVars(), plain)...)
	_, err := f.output(ctx, c.call(f.location.Workspace, push...), c.mirror.scratch.inherit()...)
	return err
}
