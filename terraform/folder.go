package terraform

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/herokutf/herokutf/internal/printable"
	"github.com/herokutf/herokutf/statefile"
)

// Options says how [Open] and the methods of a [Folder] reach terraform, and who
// wants to know. The zero value works.
type Options struct {
	// Terraform is the command to run: a path, or a name to look up in PATH. It
	// defaults to HEROKUTF_TERRAFORM, else terraform, else tofu.
	Terraform string
	// Environ is the environment, as KEY=VALUE: of this package, which reads
	// TF_DATA_DIR, TF_WORKSPACE, HEROKUTF_TERRAFORM and HEROKUTF_BACKUPS, and of
	// the commands that it runs. nil stands for os.Environ; PATH is always that of
	// the process.
	Environ []string
	// Vars are passed on to each plan, in their order.
	Vars []Var
	// LockTimeout is how long terraform waits for the state's lock. With 0 it fails
	// at once.
	LockTimeout time.Duration
	// Grace is how long a command that was interrupted may take to end before it
	// is killed. It defaults to 30 seconds.
	Grace time.Duration
	// Output, if set, gets what terraform reports while it plans, one message a line:
	// which object it refreshes or would change, warnings and errors. Values of
	// attributes aren't in them, but for what a provider puts into an error; secrets
	// of the environment are taken out. It is written to by one goroutine at a time.
	Output io.Writer
	// Progress, if set, is called from the goroutine of the verb, before each
	// stage.
	Progress func(Progress)
	// Waiting, if set, is called while the lock of a local state is waited for, as
	// Progress of statefile.UpdateOptions is.
	Waiting func(statefile.Progress)
	// Now, if set, is asked for the time in the names of backups. It defaults to
	// time.Now.
	Now func() time.Time
}

// A Var is a -var or a -var-file of the command line. One of the two is set.
type Var struct {
	Value string // NAME=VALUE
	File  string // path; a relative one starts in the configuration's folder, as with terraform -chdir
}

// Location says where a folder keeps its state.
type Location struct {
	Dir       string // of the configuration: absolute, without symbolic links
	Workspace string // "default" if no other one is selected
	// Backend is the type of the backend, such as "pg"; "cloud" for HCP Terraform,
	// and "local" if the state is a file on this machine, also without any backend
	// in the configuration.
	Backend string
	// StateStore reports that Backend isn't a backend but a state store: a provider
	// keeps the state, as Terraform can from 1.16 on.
	StateStore bool
	Path       string // of the state's file, absolute; "" if it isn't one on this machine
	// Encrypted reports that OpenTofu may encrypt the state: nothing but the Folder's
	// methods reads it then, also where it is a file.
	Encrypted bool
	Locks     Locking
}

// Local reports whether the state is a file on this machine.
func (l Location) Local() bool { return l.Path != "" }

// String says in a few words which state is meant, such as
// `the state of workspace "prod" in backend "pg"`.
func (l Location) String() string {
	switch {
	case l.Local():
		return fmt.Sprintf("state %s", printable.Path(l.Path))
	case l.StateStore:
		return fmt.Sprintf("the state of workspace %q in state store %q", l.Workspace, l.Backend)
	case l.Backend == "cloud":
		return fmt.Sprintf("the state of workspace %q in HCP Terraform", l.Workspace)
	}
	return fmt.Sprintf("the state of workspace %q in backend %q", l.Workspace, l.Backend)
}

// Folder is a configuration's folder, and the state that belongs to it. Make one
// with [Open]. Several goroutines may use one at once. It prints without the
// environment, which holds secrets.
type Folder struct {
	location Location
	cwd      string // of the process, when the folder was opened
	dataDir  string // absolute
	opts     Options
	environ  func() []string // out of sight of fmt
	redact   func(string) string
	tofu     bool // OpenTofu reads the folder, by all that is known

	command func() (string, error)
	version lazyVersion
	longest int // of what a command may print, in bytes
}

// Open finds out which state the configuration in dir has, as terraform in that
// folder would: by the record of the backend in the data folder (.terraform, or
// TF_DATA_DIR), the selected workspace (TF_WORKSPACE, else what "terraform workspace
// select" chose), and the path and workspace_dir of a local backend. It runs nothing,
// and needs no terraform on the machine; whether the state is there, [Folder.Pull]
// says.
//
// The error is a [*FolderError]: [io/fs.ErrNotExist] for a folder that isn't there,
// [ErrUninitialized] when the configuration names a backend and the folder has no
// record of it, [ErrBackendChanged] when it has that of another one, and
// [ErrWorkspace] when what is selected is no name of a workspace.
func Open(dir string, opts Options) (*Folder, error) {
	if opts.Environ == nil {
		opts.Environ = os.Environ()
	}
	if opts.Grace <= 0 {
		opts.Grace = 30 * time.Second
	}
	if opts.Output == nil {
		opts.Output = io.Discard
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	environ := opts.Environ
	opts.Environ = nil
	f := &Folder{opts: opts, environ: func() []string { return environ }, longest: statefile.MaxSize + 1}
	f.command = sync.OnceValues(f.findCommand)
	var err error
	if f.cwd, err = os.Getwd(); err != nil {
		return nil, &FolderError{Dir: dir, Err: err, Hint: "The current folder is gone. Go to one that is there."}
	}
	real, err := realDir(dir)
	if err != nil {
		return nil, &FolderError{Dir: dir, Err: err, Hint: "Give the folder that holds the configuration."}
	}
	f.location.Dir = real
	f.dataDir = f.getenv("TF_DATA_DIR")
	if f.dataDir == "" {
		f.dataDir = ".terraform"
	}
	if !filepath.IsAbs(f.dataDir) {
		f.dataDir = filepath.Join(real, f.dataDir)
	}
	if err := f.locate(); err != nil {
		return nil, err
	}
	return f, nil
}

// realDir returns the folder's absolute path without symbolic links, which is what
// ".." starts from.
func realDir(dir string) (string, error) {
	real, err := filepath.EvalSymlinks(dir)
	if err == nil {
		real, err = filepath.Abs(real)
	}
	if err == nil {
		// A shell may have entered the working folder through a link.
		real, err = filepath.EvalSymlinks(real)
	}
	if err != nil {
		return "", err
	}
	info, err := os.Stat(real)
	if err == nil && !info.IsDir() {
		err = errors.New("it isn't a folder")
	}
	return real, err
}

// Location returns where the state is.
func (f *Folder) Location() Location { return f.location }

// String returns the folder's path.
func (f *Folder) String() string { return f.location.Dir }

// GoString returns the folder's path as a Go string.
func (f *Folder) GoString() string { return fmt.Sprintf("terraform.Folder(%q)", f.location.Dir) }

// getenv looks a variable of the environment up; the last one wins, as it does for
// a command.
func (f *Folder) getenv(name string) string {
	value := ""
	for _, kv := range f.environ() {
		if v, ok := strings.CutPrefix(kv, name+"="); ok {
			value = v
		}
	}
	return value
}

// locate sets the location, and what depends on it.
func (f *Folder) locate() error {
	dir := f.location.Dir
	fault := func(err error, hint string) error { return &FolderError{Dir: dir, Err: err, Hint: hint} }
	r, err := readRecord(f.dataDir)
	if err != nil {
		return fault(fmt.Errorf("%w: %w", ErrUninitialized, err),
			"Run terraform init -reconfigure there, which writes it anew, or give the state's file with --state.")
	}
	secrets := r.secrets()
	for _, v := range f.opts.Vars {
		if name, value, _ := strings.Cut(v.Value, "="); secret(name) {
			secrets = append(secrets, value)
		}
	}
	f.redact = redactor(f.environ(), secrets)
	f.tofu = f.guessTofu()
	workspace, by, err := readWorkspace(f.dataDir, f.getenv)
	if err != nil {
		return fault(err, fmt.Sprintf("Set it right (%s), or select a workspace with terraform workspace select.", by))
	}
	primary, overrides, err := configFiles(dir, f.tofu)
	if err != nil {
		return fault(err, "Make the folder readable.")
	}
	wanted := findBackend(dir, append(primary, overrides...))
	if err := f.agree(r, wanted, len(primary) > 0); err != nil {
		return err
	}
	f.location.Workspace, f.location.Backend, f.location.Locks = workspace, "local", Locked
	if r != nil {
		f.location.Backend, f.location.StateStore, f.location.Locks = r.Type, r.StateStore, r.locking(f.getenv)
	}
	if f.location.Backend == "local" && !f.location.StateStore {
		f.location.Path = r.localPath(dir, workspace)
	}
	f.location.Encrypted = f.tofu && (f.getenv("TF_ENCRYPTION") != "" || mentions(dir, append(primary, overrides...), "encryption"))
	return nil
}

// agree holds what the configuration wants against the record of the last terraform
// init.
func (f *Folder) agree(r *record, wanted *block, configured bool) error {
	dir := f.location.Dir
	switch {
	case r == nil && wanted == nil, !configured && r != nil, r != nil && wanted != nil && r.Type == wanted.Type:
		return nil
	case r == nil:
		hint := "The state that is meant is the one that it keeps. Run terraform init in the folder, so that its record in " +
			filepath.Base(f.dataDir) + " says where that is; to work on a file instead, give it with --state."
		if info, err := os.Stat(filepath.Join(dir, stateName)); err == nil && info.Size() == 0 {
			hint += " The empty " + stateName + " there is what a migration to another backend leaves behind: it isn't the state."
		} else if err == nil {
			hint += " The " + stateName + " there isn't the state, most likely: a migration to another backend may have left it behind."
		}
		return &FolderError{Dir: dir, Hint: hint, Err: fmt.Errorf("%w, and its configuration has %v", ErrUninitialized, wanted)}
	case wanted == nil:
		return &FolderError{Dir: dir, Err: fmt.Errorf("%w: it was %q, and the configuration names none", ErrBackendChanged, r.Type),
			Hint: "Run terraform init -migrate-state there to take the state along, or bring the backend's block back."}
	}
	return &FolderError{Dir: dir, Err: fmt.Errorf("%w: it was %q, and the configuration has %v", ErrBackendChanged, r.Type, wanted),
		Hint: "Run terraform init -migrate-state there to take the state along, or -reconfigure to leave it where it is."}
}

// unmoved makes sure that the folder still means the state that it meant when it was
// opened: somebody may have selected another workspace meanwhile.
func (f *Folder) unmoved() error {
	now := &Folder{location: Location{Dir: f.location.Dir}, dataDir: f.dataDir, opts: f.opts, environ: f.environ, command: f.command}
	if err := now.locate(); err != nil {
		return err
	}
	if now.location != f.location {
		return &FolderError{Dir: f.location.Dir, Err: fmt.Errorf("%w: it was %v, and is %v now", ErrWorkspace, f.location, now.location),
			Hint: "Somebody selected another workspace or backend in the folder meanwhile. Nothing was written; try again."}
	}
	return nil
}

// checkPresent says where the state may be if there is none in a local state's place.
func (f *Folder) checkPresent() error {
	path := f.location.Path
	fault := func(err error, hint string) error {
		return &FolderError{Dir: f.location.Dir, Err: fmt.Errorf("%w in %s: %w", ErrNoState, printable.Path(path), err), Hint: hint}
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		hint := "Nothing was applied there yet, or its state is elsewhere: give the state's file with --state, or run terraform init in a folder whose configuration names a backend."
		r, _ := readRecord(f.dataDir)
		if names := r.localWorkspaces(f.location.Dir); len(names) > 0 {
			hint = fmt.Sprintf("Workspace %q is selected, and there are states of %s: select one with terraform workspace select or TF_WORKSPACE.",
				f.location.Workspace, quoted(names))
		}
		return fault(fs.ErrNotExist, hint)
	case err != nil:
		return &FolderError{Dir: f.location.Dir, Err: fmt.Errorf("look at the state: %w", err), Hint: "Make it readable."}
	case info.Mode().IsRegular() && info.Size() == 0:
		return fault(errors.New("the file is empty"),
			"That is what a migration to another backend leaves behind: if there was one, run terraform init with the configuration that names it. "+
				"Else restore a backup before the next plan, which would create everything again.")
	}
	return nil
}

// quoted lists names for a message, at most ten of them.
func quoted(names []string) string {
	const most = 10
	var b strings.Builder
	for i, name := range names {
		if i == most {
			fmt.Fprintf(&b, " and %d more", len(names)-most)
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%q", name)
	}
	return b.String()
}
