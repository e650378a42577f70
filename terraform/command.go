package terraform

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"github.com/herokutf/herokutf/internal/printable"
)

// Version says which program a [Folder] runs.
type Version struct {
	Name   string // "Terraform" or "OpenTofu", as it calls itself
	Number string // such as "1.11.4"
	Path   string // of the program, absolute
}

// String returns the name and the number, such as "Terraform v1.11.4".
func (v Version) String() string { return v.Name + " v" + v.Number }

// lazyVersion is read once, by whoever wants to know first, and again only when
// that failed.
type lazyVersion struct {
	mu    sync.Mutex
	known Version
}

// Version asks the program for its name and version, once for a Folder. The error
// has [ErrNoTerraform] or is a [*CommandError].
func (f *Folder) Version(ctx context.Context) (Version, error) {
	f.version.mu.Lock()
	defer f.version.mu.Unlock()
	if f.version.known != (Version{}) {
		return f.version.known, nil
	}
	path, err := f.command()
	if err != nil {
		return Version{}, err
	}
	out, err := f.output(ctx, f.here("version"))
	if err != nil {
		return Version{}, err
	}
	line, _, _ := strings.Cut(string(out), "\n")
	name, number, ok := strings.Cut(strings.TrimSpace(line), " v")
	if !ok || strings.ContainsAny(name+number, " \t") {
		return Version{}, &CommandError{Command: f.name() + " version", Err: errors.New("its answer begins with no name and version"),
			Hint: "Give the path of terraform or tofu itself."}
	}
	f.version.known = Version{Name: name, Number: number, Path: path}
	return f.version.known, nil
}

// findCommand looks for the program, and returns its absolute path.
func (f *Folder) findCommand() (string, error) {
	given, by := f.opts.Terraform, "the option"
	if given == "" {
		given, by = f.getenv("HEROKUTF_TERRAFORM"), "HEROKUTF_TERRAFORM"
	}
	if given != "" {
		path, err := exec.LookPath(given)
		if err == nil || errors.Is(err, exec.ErrDot) {
			path, err = filepath.Abs(path)
		}
		if err != nil {
			return "", &FolderError{Dir: f.location.Dir, Err: fmt.Errorf("%w: %s says %s: %w", ErrNoTerraform, by, printable.Path(given), cmp.Or(errors.Unwrap(err), err)),
				Hint: "Give the path of terraform or tofu."}
		}
		return path, nil
	}
	for _, name := range []string{"terraform", "tofu"} {
		if path, err := exec.LookPath(name); err == nil {
			return filepath.Abs(path)
		}
	}
	return "", &FolderError{Dir: f.location.Dir, Err: fmt.Errorf("%w: neither terraform nor tofu is in PATH", ErrNoTerraform),
		Hint: "Install one of them, or give its path with --terraform or HEROKUTF_TERRAFORM."}
}

// guessTofu reports whether OpenTofu is what reads the folder, as far as it can be
// told without running it.
func (f *Folder) guessTofu() bool {
	path, err := f.command()
	if err == nil {
		return strings.Contains(filepath.Base(path), "tofu")
	}
	names, _ := filepath.Glob(filepath.Join(f.location.Dir, "*.tofu"))
	return len(names) > 0
}

// name is what the program is called in messages.
func (f *Folder) name() string {
	if f.tofu {
		return "tofu"
	}
	return "terraform"
}

// A call is one run of the program.
type call struct {
	dir     string    // of the configuration that it works in
	state   string    // that it works on, for messages; "" for none of the user's
	args    []string  // subcommand and flags
	environ []string  // added to the common one; the last of a name wins
	stdout  io.Writer // takes what it prints; nil keeps it
	quiet   bool      // its diagnostics may hold values: only their summaries are kept
}

// here is a call in the folder itself, on the state that was meant when it was
// opened.
func (f *Folder) here(args ...string) call {
	c := call{dir: f.location.Dir, state: f.location.String(), args: args}
	// Without it, a workspace that somebody selects between two calls would be the
	// second one's. HCP Terraform takes the name from the configuration, and refuses
	// any other.
	if f.location.Backend != "cloud" && f.location.Backend != "remote" && f.location.Workspace != "" {
		c.environ = []string{"TF_WORKSPACE=" + f.location.Workspace}
	}
	return c
}

// title is a call without what its arguments say.
func (f *Folder) title(args []string) string {
	words := []string{f.name()}
	for _, arg := range args {
		if strings.HasPrefix(arg, "-") || strings.ContainsAny(arg, `/\`) {
			break
		}
		words = append(words, arg)
	}
	return strings.Join(words, " ")
}

// childEnviron returns the environment of a call. Arguments that TF_CLI_ARGS would add
// are left out: with -lock=false, -force or -state among them, a call does something
// else than it says. What a plan needs of them is passed on by planFlags.
// short is for a call that neither plans nor applies.
func (f *Folder) childEnviron(added []string, short bool) []string {
	var environ []string
	for _, kv := range f.environ() {
		if name, _, _ := strings.Cut(kv, "="); name != "TF_CLI_ARGS" && !strings.HasPrefix(name, "TF_CLI_ARGS_") {
			environ = append(environ, kv)
		}
	}
	// To read or write a state takes a moment and little but the state: a fifth of that
	// goes into collecting garbage while terraform starts.
	if short && f.getenv("GOGC") == "" {
		environ = append(environ, "GOGC=400")
	}
	environ = append(environ, "TF_IN_AUTOMATION=1", "TF_INPUT=0", "CHECKPOINT_DISABLE=1")
	return append(environ, added...)
}

// varFlags returns the flags that set variables of the configuration. there finds the
// place of a file whose content isn't that on the disk.
func (f *Folder) varFlags(there func(string) string) []string {
	var flags []string
	for _, v := range f.opts.Vars {
		if v.File == "" {
			flags = append(flags, "-var="+v.Value)
			continue
		}
		flags = append(flags, "-var-file="+there(f.inDir(v.File)))
	}
	return flags
}

// inDir makes a path absolute that starts in the configuration's folder.
func (f *Folder) inDir(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(f.location.Dir, path)
}

// tofuVars returns the flags that OpenTofu wants at every command: its backends,
// modules and encryption may depend on variables, from 1.8 on.
func (f *Folder) tofuVars() []string {
	if !f.tofu {
		return nil
	}
	return f.varFlags(func(path string) string { return path })
}

// planFlags returns the flags that a plan in the user's own folder would have had
// from the environment and that change what it says, and those of the options. A check
// is of everything and of this state, so -target, -state and the like are left out.
func (f *Folder) planFlags(there func(string) string) []string {
	var flags []string
	keep := map[string]bool{"var": true, "var-file": true, "parallelism": true, "refresh": true}
	words := append(splitWords(f.getenv("TF_CLI_ARGS")), splitWords(f.getenv("TF_CLI_ARGS_plan"))...)
	for i := 0; i < len(words); i++ {
		name, value, joined := strings.Cut(strings.TrimLeft(words[i], "-"), "=")
		if !strings.HasPrefix(words[i], "-") || !keep[name] {
			continue
		}
		switch {
		case !joined && name == "refresh":
			value = "true"
		case !joined && i+1 < len(words):
			i++
			value = words[i]
		case !joined:
			continue
		}
		if name == "var-file" {
			value = there(f.inDir(value))
		}
		flags = append(flags, "-"+name+"="+value)
	}
	return append(flags, f.varFlags(there)...)
}

// splitWords splits a text into words as a shell does, without its expansions.
func splitWords(s string) []string {
	var words []string
	var word strings.Builder
	begun, quote := false, rune(0)
	escaped := false
	for _, r := range s {
		switch {
		case escaped:
			word.WriteRune(r)
			escaped = false
		case r == '\\' && quote != '\'':
			escaped, begun = true, true
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '\'' || r == '"'):
			quote, begun = r, true
		case quote == 0 && (r == ' ' || r == '\t' || r == '\n' || r == '\r'):
			if begun {
				words = append(words, word.String())
				word.Reset()
				begun = false
			}
		default:
			word.WriteRune(r)
			begun = true
		}
	}
	if begun {
		words = append(words, word.String())
	}
	return words
}
