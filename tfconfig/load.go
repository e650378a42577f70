package tfconfig

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/herokutf/herokutf/internal/printable"
)

const (
	maxFileSize  = 4 << 20
	maxTotalSize = 64 << 20
	maxFiles     = 10_000
	maxCalls     = 10_000  // module calls in all, so that a tree of calls that doubles at each level ends
	maxVarsDepth = 3       // directories below the root that are searched for variable files
	maxDirs      = 100_000 // directories that are searched for variable files
)

// Language says which program a configuration is for, since the two don't
// read the same files.
type Language int

const (
	// Auto goes by what is there: without a .tofu or .tofu.json file in the
	// root module's directory it is Terraform. With one it is OpenTofu, for
	// nobody else reads such a file, unless the directory has .tf files
	// too and was initialized by Terraform: its .terraform.lock.hcl names
	// registry.terraform.io and not registry.opentofu.org.
	Auto Language = iota
	// Terraform reads *.tf and *.tf.json.
	Terraform
	// OpenTofu reads *.tofu and *.tofu.json as well, and main.tofu in the place
	// of main.tf, main.tofu.json in that of main.tf.json (OpenTofu 1.8 and
	// newer).
	OpenTofu
)

// String returns "Terraform" or "OpenTofu", and "auto" for [Auto].
func (l Language) String() string {
	switch l {
	case Terraform:
		return "Terraform"
	case OpenTofu:
		return "OpenTofu"
	}
	return "auto"
}

// Options say how a configuration is read. The zero value is what [Load] uses.
type Options struct {
	// Language says which files count. Zero: [Auto].
	Language Language
	// DataDir is the directory in which init has put modules, relative to the
	// configuration's or absolute. "": what TF_DATA_DIR names, else
	// .terraform.
	DataDir string
}

// Config is a Terraform configuration as it stands in files: the root
// module, the child modules, and the variable files.
// It holds the files' bytes and isn't changed by any method, so it may be
// used from several goroutines at once.
type Config struct {
	dir        string
	opts       Options
	language   Language
	root       *node
	nodes      []*node // every call of every module, root first
	files      []*file // every file once per name, in the order read
	byName     map[string]*file
	varFiles   []*file // in the order in which Terraform lets the later one win, then those it reads only when they are named
	passedOver []string
	unfollowed []Module
	installed  []Module
}

// Module is a module call whose source isn't a local path.
type Module struct {
	Address string // of the call, such as module.network or module.a.module.b
	Source  string // as written, without credentials and query
	File    string
	Line    int    // of the source argument, from 1
	Column  int    // of the source argument, from 1
	Dir     string // where init has put the module; "" if it wasn't read
	Why     string // why it wasn't read, such as "init hasn't installed it"; "" if it was
}

// module is one module directory, parsed once however often it is called.
type module struct {
	dir       string
	files     []*file
	order     []*block // every block but overrides, in file order
	variables map[string]*block
	locals    map[string]*attr
	outputs   map[string]*block
	calls     map[string]*block
	resources map[string]*block // by address within the module, data sources with "data."
}

// node is one call of a module: Terraform's module path without instance
// keys.
type node struct {
	parent   *node
	name     string
	call     *block
	mod      *module // nil when the source wasn't followed
	why      string  // why it wasn't, as Module has it
	children map[string]*node
}

// prefix is what stands before an address in the node, "module.a." or "".
func (n *node) prefix() string {
	if n.parent == nil {
		return ""
	}
	return n.parent.prefix() + "module." + n.name + "."
}

// Dir returns the directory given to [Load].
func (c *Config) Dir() string { return c.dir }

// Language returns the language whose files were read, never [Auto].
func (c *Config) Language() Language { return c.language }

// Files returns the paths of the files read, in the order read: the root
// module's, the child modules', the variable files. Override files are
// among their module's.
func (c *Config) Files() []string {
	names := make([]string, len(c.files))
	for i, f := range c.files {
		names[i] = f.name
	}
	return names
}

// PassedOver returns the paths of the configuration files that the other
// language reads and this one doesn't, in the order found: main.tf beside a
// main.tofu for OpenTofu, every .tofu file for Terraform. Nil when there are
// none.
func (c *Config) PassedOver() []string { return slices.Clone(c.passedOver) }

// Unfollowed returns the calls of modules that weren't read, in the order of
// the calls; nil when there are none.
func (c *Config) Unfollowed() []Module { return slices.Clone(c.unfollowed) }

// Installed returns the calls of modules from elsewhere that were read where
// init has put them, in the order of the calls; nil when there are none. Their
// files are never edited: the next init would overwrite them.
func (c *Config) Installed() []Module { return slices.Clone(c.installed) }

// Load reads the configuration in dir as the zero [Options] do.
func Load(dir string) (*Config, error) { return Options{}.Load(dir) }

// Load reads the configuration in dir: the files of the root module as the
// language has them, override files last, then the modules called by a local
// path or put into the data directory by init, and terraform.tfvars,
// *.auto.tfvars and their JSON forms.
// Other *.tfvars files, in dir and in directories below it that hold no
// configuration of their own, are read as candidates for -var-file.
// .terraform, hidden files and editors' backups are ignored, as
// Terraform does.
//
// There is no partial success: a fault in any file gives an [ErrorList] with
// all of them. A directory without a file of the language gives
// [ErrNoConfiguration], a missing one [fs.ErrNotExist].
func (o Options) Load(dir string) (*Config, error) {
	return o.load(dir, o.Language, nil)
}

// load is Load, with contents by name in the place of those of the files.
func (o Options) load(dir string, language Language, contents map[string][]byte) (*Config, error) {
	l := &loader{
		c:        &Config{dir: dir, opts: o, language: language, byName: map[string]*file{}},
		modules:  map[string]*module{},
		contents: contents,
	}
	l.manifest = readManifest(dir, o.dataDir())
	root, err := l.module(dir, "")
	if errors.Is(err, syscall.ENOTDIR) {
		return nil, fmt.Errorf("read configuration: %s isn't a directory", printable.Text(dir))
	}
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	if len(root.files) == 0 {
		if len(l.errs) > 0 {
			return nil, l.errs
		}
		if n := len(l.c.passedOver); n > 0 {
			return nil, fmt.Errorf("read configuration: %s: %w that %v reads, but %s, which it doesn't", printable.Text(dir),
				ErrNoConfiguration, l.c.language, printable.Text(filepath.Base(l.c.passedOver[0])))
		}
		return nil, fmt.Errorf("read configuration: %s: %w", printable.Text(dir), ErrNoConfiguration)
	}
	l.c.root = &node{mod: root, children: map[string]*node{}}
	l.call(l.c.root, []string{real(dir)})
	l.variableFiles(dir)
	if len(l.errs) > 0 {
		return nil, l.errs
	}
	return l.c, nil
}

// source returns the text of an expression as it is written.
func (c *Config) source(e hclsyntax.Expression) string {
	rng := e.Range()
	f := c.byName[rng.Filename]
	if f == nil || !rng.CanSliceBytes(f.data) {
		return ""
	}
	return string(rng.SliceBytes(f.data))
}
