package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/terraform"
)

// folderFlags are the flags of the verbs that work in a configuration's folder.
type folderFlags struct {
	dir       string // of the configuration; "" and "." are this one
	terraform string // the command; "": whichever there is
	vars      []terraform.Var
}

// A varFlag is --var or --var-file. Both fill one list, since their order counts.
type varFlag struct {
	vars *[]terraform.Var
	file bool
}

func (v varFlag) String() string { return "" } // a value may be secret
func (v varFlag) Type() string   { return "list" }

func (v varFlag) Set(s string) error {
	if v.file {
		*v.vars = append(*v.vars, terraform.Var{File: s})
	} else {
		*v.vars = append(*v.vars, terraform.Var{Value: s})
	}
	return nil
}

// checkVars says what is wrong with a --var. Not where flags are parsed, whose errors
// show what was given.
func (f *folderFlags) checkVars() error {
	for _, v := range f.vars {
		if v.File == "" && strings.Index(v.Value, "=") < 1 {
			return errors.New("--var: it is NAME=VALUE")
		}
	}
	return nil
}

// bindVars adds --var and --var-file, for the verbs that plan.
func (f *folderFlags) bindVars(cmd *cobra.Command) {
	cmd.Flags().Var(varFlag{&f.vars, false}, "var", "a variable of the plan, `NAME=VALUE`, as Terraform's -var (repeatable)")
	cmd.Flags().Var(varFlag{&f.vars, true}, "var-file", "a `FILE` with variables of the plan, as Terraform's -var-file (repeatable)")
	complete(cmd, "var")
	completeFiles(cmd, "var-file", "tfvars", "json")
}

func (f *folderFlags) bind(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.dir, "chdir", "", "work in the folder `DIR` of a Terraform configuration, as with Terraform's -chdir: files that are named are looked for there")
	flags.StringVar(&f.terraform, "terraform", "", "the `COMMAND` that is Terraform (default $HEROKUTF_TERRAFORM, else terraform, else tofu)")
	completeDirs(cmd, "chdir")
	completeFiles(cmd, "terraform")
}

// bindPlanCheck adds --plan-check.
func bindPlanCheck(cmd *cobra.Command, value *string, usage string) {
	bindChoice(cmd, cmd.Flags(), value, "plan-check", usage, string(terraform.PlanAuto), string(terraform.PlanOff), string(terraform.PlanRequire))
}

// inDir returns where a file of the user's is. "" and - stay what they are.
func (f *folderFlags) inDir(file string) string {
	if file == "" || file == "-" || filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(f.dir, file)
}

// A place is what a run works on, as its flags say: for commands that are to be
// copied.
type place struct{ dir, state, config string }

// flags spells the flags, each with a space before it.
func (p place) flags() string {
	var b strings.Builder
	if p.dir != "" && filepath.Clean(p.dir) != "." {
		b.WriteString(" --chdir " + shellQuote(p.dir))
	}
	if p.state != "" {
		b.WriteString(" --state " + shellQuote(p.state))
	}
	if p.config != "" {
		b.WriteString(" --config " + shellQuote(p.config))
	}
	return b.String()
}

// self spells a verb of this program for the same folder and state, with more words
// if need be.
func (e *env) self(verb string, more ...string) string { return e.place.self(verb, more...) }

func (p place) self(verb string, more ...string) string {
	if verb != "rename" && verb != "drift" {
		p.config = "" // which no other verb takes
	}
	return strings.Join(append([]string{name + " " + verb + p.flags()}, more...), " ")
}

// terraformAgain spells a command of Terraform for the same folder.
func (e *env) terraformAgain(words string) string {
	if e.place.dir == "" || filepath.Clean(e.place.dir) == "." {
		return "terraform " + words
	}
	return "terraform -chdir=" + shellQuote(e.place.dir) + " " + words
}

// errConfig is for --config where the configuration is known: edits of another one
// wouldn't be in the plan.
var errConfig = errors.New("--config goes with --state, and without --chdir: a folder's own state has the configuration there; " +
	"work in that folder, or name it with --chdir")

// openFolder finds out which state the folder has.
func (e *env) openFolder(f *folderFlags, lockTimeout time.Duration) (*home, error) {
	if err := f.checkVars(); err != nil {
		return nil, err
	}
	folder, err := terraform.Open(cmp.Or(f.dir, "."), terraform.Options{
		Terraform:   f.terraform,
		Vars:        f.vars,
		Environ:     e.Environ,
		LockTimeout: lockTimeout,
		Progress:    e.progress.Folder,
		Waiting:     e.progress.Waiting(),
	})
	if err != nil {
		return nil, err
	}
	return &home{folder, folder.Location(), f, e}, nil
}

// A home is the folder of a configuration, and where its state is.
type home struct {
	*terraform.Folder
	location terraform.Location
	flags    *folderFlags
	env      *env
}

// shown is a file of the state's, as somebody in this folder would type it.
func (h *home) shown(path string) string {
	rel, err := filepath.Rel(h.location.Dir, path)
	if path == "" || err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return path
	}
	return filepath.Join(h.flags.dir, rel)
}

// file is the state's file, as --state takes it in this folder.
func (h *home) file() string {
	if rel, err := filepath.Rel(h.location.Dir, h.location.Path); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return h.location.Path
}

// has reports whether a file is the folder's state.
func (h *home) has(path string) bool {
	if !h.location.Local() {
		return false
	}
	own, err := os.Stat(h.location.Path)
	other, oerr := os.Stat(path)
	return err == nil && oerr == nil && os.SameFile(own, other)
}

// name is the state as messages name it.
func (h *home) name() string {
	if h.location.Local() {
		return h.shown(h.location.Path)
	}
	return h.location.String()
}

// read reads the state. A file is read by the name that it is shown by, once it is
// there; what is to be said of one that isn't, the folder knows.
func (h *home) read(ctx context.Context) (*statefile.File, error) {
	if h.location.Local() && !h.location.Encrypted {
		if info, err := os.Stat(h.location.Path); err == nil && info.Size() > 0 {
			return statefile.ReadFile(h.name())
		}
	}
	return h.Pull(ctx)
}

// edit edits the state, wherever it is. What edit does may take long, as asking
// Heroku does, so it gets a file's content without a lock: the state is read, edited,
// and written if it is still the same to the byte. Else the edit is worked out anew from
// what the state is then. A backend is pulled from and pushed to without a lock anyway.
func (h *home) edit(ctx context.Context, opts terraform.UpdateOptions, edit func(*statefile.File) (*statefile.File, error)) (*terraform.Result, error) {
	if !h.location.Local() || h.location.Encrypted {
		return h.Update(ctx, opts, edit)
	}
	if pending, err := statefile.Pending(h.name()); err == nil && pending != nil {
		return nil, &statefile.InterruptedError{Interrupted: *pending}
	}
	f, err := h.read(ctx)
	if opts.Initial != nil && errors.Is(err, terraform.ErrNoState) {
		f, err = opts.Initial, nil
	}
	if err != nil {
		return nil, err
	}
	for range maxEdits {
		after, err := edit(f)
		if err != nil {
			return nil, err
		}
		same := true
		result, err := h.Update(ctx, opts, func(now *statefile.File) (*statefile.File, error) {
			if same = bytes.Equal(now.Bytes(), f.Bytes()); same && !bytes.Equal(after.Bytes(), f.Bytes()) {
				return after, nil
			}
			f = now
			return now, nil
		})
		if err != nil || same {
			return result, err
		}
	}
	return nil, fmt.Errorf("edit %s: %w", h.name(), errMoving)
}

// advise names the verb that ends an interrupted write, if that is what err is
// about.
func (h *home) advise(err error) error {
	if !h.location.Local() {
		return err
	}
	return h.env.adviseRecovery(err, "")
}

// folderHint is for what is wrong with a configuration's folder, in the flags of
// this command.
func (e *env) folderHint(err *terraform.FolderError) string {
	if errors.Is(err, os.ErrNotExist) && !errors.Is(err, terraform.ErrNoState) {
		return "Give the folder that holds the configuration with --chdir."
	}
	return ""
}

// movedOnHint says what an undo would lose, and what to do in its place.
func (e *env) movedOnHint(err *statefile.MovedOnError) string {
	var b strings.Builder
	if len(err.Added) > 0 {
		b.WriteString("Undoing would lose what is new, though it is on Heroku: the next apply would create it once more. ")
	} else {
		b.WriteString("Undoing would lose what was written since. ")
	}
	fmt.Fprintf(&b, "To take back a rename alone: %s. ", e.self("rename", "--offline NEW=OLD"))
	fmt.Fprintf(&b, "To go back all the same: %s.", e.self("undo", "--force", shellQuote(err.Backup)))
	return b.String()
}
