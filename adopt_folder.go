package herokutf

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"

	"github.com/herokutf/herokutf/internal/printable"
	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/tfconfig"
)

// The conditions of an adoption that can't be. Each comes with a hint.
var (
	// ErrNothingChosen: the options choose nothing.
	ErrNothingChosen = errors.New("nothing is chosen for adoption")
	// ErrNotFoundToAdopt: something that the options choose isn't there, or several
	// things are.
	ErrNotFoundToAdopt = errors.New("no such object to adopt")
	// ErrOldProvider: the folder is one of provider 4 or older, which knows apps by
	// name.
	ErrOldProvider = errors.New("the Heroku provider is older than version 5")
	// ErrNoProvider: the configuration doesn't say which Heroku provider is meant.
	ErrNoProvider = errors.New("no Heroku provider is declared")
	// ErrAdoptedMeanwhile: the state has changed since, and has an address or an
	// object of the adoption.
	ErrAdoptedMeanwhile = errors.New("the state has it by now")
)

// An adoptError is one of those conditions.
type adoptError struct {
	what, hint string
	is         error
}

func (e *adoptError) Error() string { return e.what }

func (e *adoptError) Unwrap() error { return e.is }

// Hint says what to do next.
func (e *adoptError) Hint() string { return e.hint }

// An adoptFolder is what the folder says: the names that are taken in its configuration
// and its state, and how its provider is spelled.
type adoptFolder struct {
	file   *statefile.File  // nil: no state
	config *tfconfig.Config // nil: no configuration

	declared  map[string]tfconfig.Declaration
	inState   map[string]bool // addresses without keys
	taken     map[string]bool // addresses, variables as var.NAME, and files as file.NAME
	valued    map[string]bool // variables that the variable files set
	reference string          // of the provider, for the state
	argument  string          // of the provider, for resources; "" for the default one
	declares  bool            // the files have to declare the provider
	snapshots [2]bool         // of config vars: in apps, in add-ons
	warnings  []string
}

// checkAdoptFile refuses a name for the one file that Terraform would pass over, or that
// leads out of the folder: what is in the state and in no file that is read, it destroys.
func checkAdoptFile(name string) error {
	stem, isConfig := strings.CutSuffix(name, ".tf")
	problem := ""
	switch {
	case name == "":
	case !isConfig:
		problem = "its name doesn't end in .tf"
	case strings.ContainsAny(name, `/\`) || printable.Text(name) != name:
		problem = "it isn't the name of a file in the folder"
	case strings.HasPrefix(name, "."):
		problem = "Terraform passes over files whose names begin with a dot"
	case stem == "override" || strings.HasSuffix(stem, "_override"):
		problem = "Terraform merges such a file into others, and takes nothing new from it"
	}
	if problem == "" {
		return nil
	}
	return &adoptError{fmt.Sprintf("configuration file %s: %s", printable.Path(printable.Short(name)), problem), "name one such as adopted.tf", platform.ErrInvalidName}
}

// newAdoptFolder looks at a folder, and refuses one of provider 4.
func newAdoptFolder(f *statefile.File, config *tfconfig.Config) (*adoptFolder, error) {
	x := &adoptFolder{
		file: f, config: config, snapshots: [2]bool{true, true},
		inState: make(map[string]bool), taken: make(map[string]bool), valued: make(map[string]bool),
	}
	language := tfconfig.Terraform
	if config != nil {
		language = config.Language()
		x.declared = config.Declared()
		for address := range x.declared {
			x.taken[address] = true
		}
		for _, v := range config.Variables() {
			x.taken["var."+v.Name] = true
			x.valued[v.Name] = v.Values != nil
		}
		for _, name := range append(config.Files(), config.PassedOver()...) {
			if filepath.Dir(name) == filepath.Clean(config.Dir()) {
				x.taken["file."+filepath.Base(name)] = true
			}
		}
	}
	if err := x.readState(); err != nil {
		return nil, err
	}
	return x, x.findProvider(language)
}

// readState takes the names of the state, and the spelling of its provider.
func (x *adoptFolder) readState() error {
	if x.file == nil {
		return nil
	}
	for inst := range x.file.Instances() {
		if inst.Module == "" && inst.Mode == statefile.Managed {
			address := inst.Type + "." + inst.Name
			x.taken[address], x.inState[address] = true, true
		}
		if !provider.IsHeroku(inst.Provider, inst.Type) {
			continue
		}
		if knowsNames(inst) {
			return oldProvider(fmt.Sprintf("%s: %s is known by name", x.file.Name(), inst.Address()))
		}
		if inst.Module == "" && x.reference == "" && !provider.IsLegacy(inst.Provider) {
			x.reference, _, _ = strings.Cut(inst.Provider, `"]`)
			x.reference += `"]`
		}
	}
	return nil
}

// knowsNames reports whether an instance is one of provider 4 or older.
func knowsNames(inst *statefile.Instance) bool {
	res := lookup(inst)
	if res == nil || inst.Mode != statefile.Managed || inst.Deposed != "" {
		return false
	}
	id, _ := inst.Attr("id")
	_, app := inst.Attr("app")
	return inst.Type == provider.App && !provider.IsUUID(id.Text()) || app && res.Names.Ref("app") != nil && res.UUIDs.Ref("app") == nil
}

func oldProvider(what string) error {
	return &adoptError{
		what + ", as provider 4 and older have it, and only state of provider 5 can be adopted into",
		"run herokutf rename --to-ids, and raise the version of the heroku provider to 5 (~> 5.3) in the same commit", ErrOldProvider,
	}
}

// findProvider finds out how the folder's Heroku provider is spelled.
func (x *adoptFolder) findProvider(language tfconfig.Language) error {
	var p tfconfig.Provider
	if x.config != nil {
		p = x.config.Provider("heroku")
	}
	if version := cmp.Or(p.Locked, p.Version); version != "" && provider.KnowsNames(version) {
		return oldProvider(fmt.Sprintf("the configuration has version %q of the heroku provider", version))
	}
	host := "registry.terraform.io"
	if language == tfconfig.OpenTofu {
		host = "registry.opentofu.org"
	}
	source := p.Source
	switch {
	case source != "":
	case p.Elsewhere.File != "":
		return &adoptError{
			fmt.Sprintf("%v: required_providers has no heroku", p.Elsewhere),
			`add heroku = { source = "heroku/heroku", version = "~> 5.3" } there and run terraform init`, ErrNoProvider,
		}
	default:
		x.declares, source = true, "heroku/heroku"
	}
	if strings.Count(source, "/") == 1 {
		source = host + "/" + source
	}
	if p.Source != "" || x.reference == "" {
		x.reference = `provider["` + source + `"]`
	}
	return x.findAlias(p)
}

// findAlias chooses the provider block.
func (x *adoptFolder) findAlias(p tfconfig.Provider) error {
	if p.Local != "" && p.Local != "heroku" {
		x.argument = p.Local
	}
	if len(p.Blocks) == 0 {
		return nil
	}
	block := p.Blocks[0]
	if i := slices.IndexFunc(p.Blocks, func(b tfconfig.ProviderBlock) bool { return b.Alias == "" }); i >= 0 {
		block = p.Blocks[i]
	} else if len(p.Blocks) > 1 {
		return &adoptError{
			fmt.Sprintf("%v: the heroku provider has %d aliases and no default, and nothing says which of them is meant", block.Position, len(p.Blocks)),
			"add a provider block without alias, or adopt into a folder that has one account", ErrNoProvider,
		}
	}
	if block.Alias != "" {
		x.argument = cmp.Or(p.Local, "heroku") + "." + block.Alias
		x.reference += "." + block.Alias
	}
	x.snapshots[0] = !slices.Contains(block.Off, "customizations.set_app_all_config_vars_in_state")
	x.snapshots[1] = !slices.Contains(block.Off, "customizations.set_addon_config_vars_in_state")
	return nil
}

// free returns the first of stem, stem_2, stem_3 and so on, with the ending, that isn't
// taken within the kind, and takes it.
func (x *adoptFolder) free(kind, stem, ending string) string {
	name := stem
	taken := func() bool {
		// OpenTofu reads a .tofu file in the place of the .tf file of that name.
		return x.taken[kind+"."+name+ending] || ending == ".tf" && x.taken[kind+"."+name+".tofu"]
	}
	for n := 2; taken(); n++ {
		name = fmt.Sprintf("%s_%d", stem, n)
	}
	x.taken[kind+"."+name+ending] = true
	return name + ending
}

// ident is what names of a home's objects begin with.
func (h *home) ident() string {
	name := provider.Identifier(h.name)
	switch {
	case name == "":
		name = "heroku_" + provider.Identifier(h.id)
	case name[0] >= '0' && name[0] <= '9':
		name = "heroku_" + name
	}
	return name
}

// stem is the name of a home's file, without its ending.
func (h *home) stem() string {
	// A name without a letter that an identifier can have leaves the UUID.
	name := strings.ReplaceAll(cmp.Or(provider.Identifier(h.name), provider.Identifier(h.id)), "_", "-")
	switch {
	case h.typ == provider.Space:
		return "space-" + name
	case h.typ == provider.Pipeline:
		return "pipeline-" + name
	case h.typ == "":
		return "team-" + name
	case name == "override": // Terraform merges such a file into others
		return "app-" + name
	}
	return name
}

// name gives the objects of a home their names, and recognizes those that an earlier run
// has written into the home's file: they are declared there, and not in the state.
func (x *adoptFolder) name(h *home, file string) {
	slices.SortStableFunc(h.objects, func(a, b *adoptee) int {
		own := func(o *adoptee) int {
			if o.res.Type == h.typ {
				return 0
			}
			return 1
		}
		return cmp.Or(cmp.Compare(own(a), own(b)), cmp.Compare(a.res.Type, b.res.Type), cmp.Compare(a.age(), b.age()), cmp.Compare(a.object.ID, b.object.ID))
	})
	if h.owner != nil {
		h.address = h.owner.object.Address
	}
	for _, o := range h.objects {
		stem := h.ident()
		if part := o.res.Part(o.Own); part != "" && o.res.Type != h.typ {
			stem += "_" + part
		}
		if stage := o.Steps["stage"]; stage != "" {
			stem += "_" + stage
		}
		o.name = stem
		for n := 2; x.taken[o.res.Type+"."+o.name]; n++ {
			address := o.res.Type + "." + o.name
			if d := x.declared[address]; !x.inState[address] && o.isDeclared(d) {
				if isFileOf(d.File, file) {
					o.pending = filepath.Base(d.File)
					x.inState[address] = true // from now on
					break
				}
				x.warnings = append(x.warnings, fmt.Sprintf("%v: no state has %s, which seems to be what is adopted under another name, "+
					"and Terraform would create it again: move its block into %s and adopt anew, or take it out", d.Position, address, file))
			}
			o.name = fmt.Sprintf("%s_%d", stem, n)
		}
		o.object.Address = o.res.Type + "." + o.name
		x.taken[o.object.Address] = true
		if o.res.Type == h.typ {
			h.address = o.object.Address
		}
	}
}

// isFileOf reports whether an earlier run may have written a file for what goes into the
// named one: under that name, or numbered where that was taken.
func isFileOf(path, name string) bool {
	number, ok := strings.CutPrefix(strings.TrimSuffix(filepath.Base(path), ".tf"), strings.TrimSuffix(name, ".tf"))
	return ok && filepath.Ext(path) == ".tf" && (number == "" || number[0] == '_' && strings.Trim(number[1:], "0123456789") == "")
}

// isDeclared reports whether a resource block is about the object: what it belongs to and
// what it is called stand there. Whether all else does is for a plan to say.
func (o *adoptee) isDeclared(d tfconfig.Declaration) bool {
	if d.Arguments == nil {
		return false
	}
	attrs, _ := o.res.Adopted(&o.Adoptee)
	for i := range o.res.Attrs {
		a := &o.res.Attrs[i]
		text, ok := attrs[a.Name].(string)
		if !ok || a.Secret || !a.Written(text) || a.As != provider.AppReference && a.As != provider.Known && a.Path() != o.res.CalledBy() {
			continue
		}
		written := d.Arguments[a.Name]
		if written != string(hclwrite.TokensForValue(cty.StringVal(text)).Bytes()) && (o.home.address == "" || written != o.home.address+".id" && written != o.home.address+".name") {
			return false
		}
	}
	return true
}
