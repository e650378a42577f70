package herokutf

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
)

func newAdoptFinder(c *platform.Client, f *statefile.File, opts AdoptOptions) (*adoptFinder, error) {
	if c == nil {
		return nil, errors.New("the client is nil")
	}
	if i := slices.Index(opts.Others, nil); i >= 0 {
		return nil, fmt.Errorf("other state %d of %d is nil", i+1, len(opts.Others))
	}
	if !opts.All && len(opts.Apps)+len(opts.Pipelines)+len(opts.Teams)+len(opts.Spaces) == 0 {
		return nil, &adoptError{ErrNothingChosen.Error(), "name apps, pipelines, teams or Private Spaces, or choose all", ErrNothingChosen}
	}
	skip, err := newSelection(opts.Skip)
	if err != nil {
		return nil, err
	}
	if err := checkAdoptFile(opts.File); err != nil {
		return nil, err
	}
	folder, err := newAdoptFolder(f, opts.Config)
	if err != nil {
		return nil, err
	}
	files := slices.Clone(opts.Others)
	if f != nil {
		files = append([]*statefile.File{f}, files...)
	}
	return &adoptFinder{
		opts: opts, skip: skip.types, reader: newReader(c), inv: newInventory(files, selection{}),
		folder: folder, progress: &progress{call: opts.Progress}, snapshots: folder.snapshots,
	}, nil
}

// adoption makes the result of what the homes have.
func (a *adoptFinder) adoption(homes []*home) *Adoption {
	all := &Adoption{Objects: []AdoptObject{}, Warnings: a.warnings}
	w := newAdoptWriter(a.folder, a.opts.File)
	w.know(a.inv.subjects)
	for _, h := range homes {
		h.objects = slices.DeleteFunc(h.objects, func(o *adoptee) bool { return a.unfit(h, o) })
		a.folder.name(h, w.file(h))
		for _, o := range h.objects {
			// What an earlier run has declared without an import block nothing would import.
			o.object.Import = a.opts.ImportBlocks && o.importable() && (o.pending == "" || a.folder.declared[o.object.Address].Imported)
		}
	}
	all.Files, all.Pending = w.files(homes)
	all.Warnings = append(all.Warnings, a.folder.warnings...)
	for _, h := range homes {
		for _, o := range h.objects {
			all.Objects = append(all.Objects, o.object)
			all.Notes = append(all.Notes, o.notes()...)
			if !o.object.Import {
				all.instances = append(all.instances, a.instance(w, o))
			}
		}
		all.Left = append(all.Left, h.left...)
		all.Warnings = append(all.Warnings, h.warnings...)
	}
	return all
}

// unfit leaves an object out that Heroku describes in a way that no provider stores.
func (a *adoptFinder) unfit(h *home, o *adoptee) bool {
	_, wrong := o.res.Adopted(&o.Adoptee)
	switch {
	case wrong != "":
		o.object.Reason = "Heroku has it with a value of " + wrong + " that isn't of the kind which the provider stores"
	case o.res.Identity(&o.Adoptee) == "":
		o.object.Reason = "Heroku doesn't say what the provider knows it by"
	default:
		return false
	}
	h.left = append(h.left, o.object)
	return true
}

// importable reports whether an import block adopts the object without a change: not
// where the configuration has secrets that the import doesn't read or mark.
func (o *adoptee) importable() bool {
	if o.object.ImportID == "" || len(o.Vars) > 0 {
		return false
	}
	attrs, _ := o.res.Adopted(&o.Adoptee)
	for i := range o.res.Attrs {
		if a := &o.res.Attrs[i]; a.Written(attrs[a.Name]) && a.HoldsSecret(attrs[a.Name]) && !a.Marked {
			return false
		}
	}
	return true
}

// notes are about what Heroku doesn't return of the object, and about what no attribute
// holds.
func (o *adoptee) notes() []Note {
	var unknown []string
	for i := range o.res.Attrs {
		if a := &o.res.Attrs[i]; a.As == provider.WriteOnly && a.Secret && o.res.In5(a) {
			unknown = append(unknown, a.Name)
		}
	}
	var notes []Note
	if unknown != nil {
		notes = append(notes, Note{o.object.Address, "Heroku doesn't return " + strings.Join(unknown, " and ") +
			": neither the configuration nor the state has it, and it stays as it is"})
	}
	if o.res.Type == "heroku_space_inbound_ruleset" {
		notes = append(notes, Note{o.object.Address, "removed from the configuration, it is destroyed, and the space lets everybody in"})
	}
	for _, fact := range provider.Facts(o.res.Type, o.Own, o.App) {
		notes = append(notes, Note{o.object.Address, fact})
	}
	return notes
}

// instance is the object as the state is to have it.
func (a *adoptFinder) instance(w *adoptWriter, o *adoptee) statefile.NewInstance {
	attrs, _ := o.res.Adopted(&o.Adoptee)
	text, _ := json.Marshal(attrs) // maps, lists, texts and numbers
	inst := statefile.NewInstance{
		Mode: statefile.Managed, Type: o.res.Type, Name: o.name, Provider: a.folder.reference,
		SchemaVersion: o.res.UUIDs.Current(), Attributes: text, Dependencies: w.dependencies(o.object.Address),
	}
	// A path of one step, as Terraform writes it (1.11, statefile, marshalPaths).
	type step struct {
		Type  string `json:"type"`
		Value string `json:"value"`
	}
	paths := [][]step{}
	for _, name := range append(o.res.Marks(), w.marks[o.object.Address]...) {
		paths = append(paths, []step{{"get_attr", name}})
	}
	inst.Sensitive, _ = json.Marshal(paths)
	switch {
	case inst.SchemaVersion > 0:
		inst.Private = base64.StdEncoding.EncodeToString(fmt.Appendf(nil, `{"schema_version":"%d"}`, inst.SchemaVersion))
	case !o.res.Adopt.Timeouts: // these stand there otherwise
		inst.Private = base64.StdEncoding.EncodeToString([]byte("null"))
	}
	return inst
}

// resolveNames gives the apps that states have by name alone their UUIDs.
func (a *adoptFinder) resolveNames(ctx context.Context) {
	all := a.reader.list(ctx, provider.Apps, nil)
	for _, app := range a.inv.apps {
		if app.id == "" {
			app.id = strings.ToLower(provider.Text(provider.Find(appNamed(all, app.names...), "id")))
		}
	}
	a.claims = newClaims(a.inv.subjects)
}

// checkMeanwhile reports what a state has by now of what is to be inserted.
func (a *Adoption) checkMeanwhile(f *statefile.File) error {
	addresses, ids := make(map[string]bool), make(map[string]bool)
	for i := range a.Objects {
		o := &a.Objects[i]
		addresses[o.Address], ids[o.Type+" "+o.ID] = true, true
	}
	for inst := range f.Instances() {
		if inst.Mode != statefile.Managed || !provider.IsHeroku(inst.Provider, inst.Type) {
			continue
		}
		id, _ := inst.Attr("id")
		known := inst.Type + " " + cmp.Or(id.Text(), "-")
		if address := inst.ResourceAddress(); addresses[address] || ids[known] {
			return &adoptError{
				fmt.Sprintf("%s: %s has been added since the adoption was made", f.Name(), inst.Address()),
				"run it again, which adopts what is left", ErrAdoptedMeanwhile,
			}
		}
	}
	return nil
}
