package herokutf

import (
	"slices"
	"strings"

	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/tfconfig"
)

// AppRenames returns the repair's renames in the form in which package tfconfig
// looks for what has to change in the configuration: one for every heroku_app
// of the state, managed or data, that is the renamed app, in document order,
// and then one without an address for every rename of an app that the state
// doesn't hold as a heroku_app. Apps that a former run has renamed in the state
// are among them: their configuration may still have the old name. Nil without
// renames, and for a nil repair.
func (r *Repair) AppRenames() []tfconfig.AppRename {
	if r == nil || r.File == nil {
		return nil
	}
	var apps []tfconfig.AppRename
	found := make(map[Rename]bool)
	instances := r.File.Instances()
	if r.holders != nil {
		instances = slices.Values(r.holders)
	}
	for inst := range instances {
		if inst.Type != provider.App || inst.Deposed != "" {
			continue
		}
		res := lookup(inst)
		if res == nil {
			continue
		}
		a := newAppRef(inst, res)
		// In a chain (a to b, b to c) the app called b may be either: what
		// it was called before decides.
		for _, has := range []func(Rename) bool{
			func(rename Rename) bool { return rename.was(a) },
			func(rename Rename) bool { return rename.became(a) },
		} {
			i := slices.IndexFunc(r.Renames, has)
			if i >= 0 {
				rename := r.Renames[i]
				found[rename] = true
				apps = append(apps, tfconfig.AppRename{Address: a.address, Old: rename.Old, New: rename.New})
				break
			}
		}
	}
	for _, rename := range r.Renames {
		// Of an app that was renamed twice the name that it has itself counts.
		same := func(other Rename) bool {
			return found[other] && other.ID != "" && strings.EqualFold(other.ID, rename.ID)
		}
		if !found[rename] && !slices.ContainsFunc(r.Renames, same) {
			apps = append(apps, tfconfig.AppRename{Old: rename.Old, New: rename.New})
		}
	}
	return apps
}

// was reports whether an app of the state is the one that is renamed.
func (r Rename) was(a *appRef) bool { return r.concerns(a) && slices.Contains(a.names, r.Old) }

// became reports whether an app of the state is the one that was renamed.
func (r Rename) became(a *appRef) bool { return r.concerns(a) && slices.Contains(a.names, r.New) }

// concerns reports whether an instance may belong to the renamed app, or be it,
// as far as UUIDs say.
func (r Rename) concerns(a *appRef) bool {
	return r.ID == "" || a.id == "" || strings.EqualFold(r.ID, a.id)
}
