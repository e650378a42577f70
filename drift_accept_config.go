package herokutf

import (
	"slices"
	"strconv"
	"strings"

	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/tfconfig"
)

// A followed is a difference that the configuration has to follow.
type followed struct {
	change     tfconfig.Change // with the values behind fingerprints
	difference Change          // as it is shown
	running    bool            // what an app runs
}

// A keptChange is a difference that isn't accepted, since the configuration can't
// follow. Of an object that is gone the path is empty.
type keptChange struct {
	address, path string
	change        tfconfig.ValueChange
}

// acceptWithConfig plans the edits of the state and the configuration for the objects:
// of both or of neither. What is left out may be what something else hung on, so it
// begins anew until the configuration follows all that is accepted.
func acceptWithConfig(f *statefile.File, objects []*DriftObject, config *tfconfig.Config) (*Acceptance, error) {
	var addresses []string
	for inst := range f.Instances() {
		if inst.Deposed == "" {
			addresses = append(addresses, inst.Address())
		}
	}
	var kept []keptChange
	for {
		a := &Acceptance{File: f, configured: true, kept: kept}
		a.acceptAll(objects)
		changes := make([]tfconfig.Change, len(a.values))
		for i := range a.values {
			changes[i] = a.values[i].change
		}
		edit, err := config.SetValues(addresses, changes...)
		if err != nil {
			return nil, err
		}
		before := len(kept)
		for i := range edit.Changes {
			c, v := &edit.Changes[i], &a.values[i]
			c.Old, c.New = v.difference.Old, v.difference.New
			if v.running && strings.Contains(c.Reason, "TF_VAR_") {
				c.Reason += "; herokutf slugs gives the slug that runs"
			}
			if !c.Settled {
				kept = append(kept, keptChange{c.Address, v.difference.Path.String(), *c})
			}
		}
		if len(kept) == before {
			for _, k := range kept {
				edit.Changes = append(edit.Changes, k.change)
			}
			a.Config = edit
			return a, nil
		}
	}
}

// keeps reports whether a difference isn't accepted, by itself or with its block.
func (a *Acceptance) keeps(o *DriftObject, path statefile.Path) bool {
	return slices.ContainsFunc(a.kept, func(k keptChange) bool {
		return k.address == o.Address && (k.path == path.String() || k.path == path[:min(1, len(path))].String())
	})
}

// without returns an object without the differences that are kept; nil if nothing is
// left, or if it is a release, which is one or another.
func (a *Acceptance) without(o *DriftObject) *DriftObject {
	if !slices.ContainsFunc(a.kept, func(k keptChange) bool { return k.address == o.Address }) {
		return o
	}
	part := *o
	part.Differences = slices.DeleteFunc(slices.Clone(o.Differences), func(d DriftDifference) bool { return a.keeps(o, d.Path) })
	if res, ok := provider.Lookup(provider.Managed, o.Type); len(part.Differences) == 0 || ok && res.Origin.Current {
		return nil
	}
	return &part
}

// gone has the block of an object that Heroku doesn't have go from the configuration.
func (a *Acceptance) gone(o *DriftObject) {
	if !a.configured || o.origin.inst.Deposed != "" || o.origin.inst.Mode != statefile.Managed {
		a.leave(o, nil, itIsGone)
		return
	}
	a.values = append(a.values, followed{change: tfconfig.Change{Address: o.Address}, difference: Change{Address: o.Address}})
}

// value notes that the configuration has to follow a difference.
func (w *stateWriter) value(attr *provider.Attr, d *DriftDifference) {
	if !attr.As.Compared() || w.inst.Mode != statefile.Managed || w.inst.Deposed != "" {
		return // an id is no argument
	}
	path, shown := d.Path, d.Path
	old, live := d.plain()
	switch top := attr.Top(); {
	case top != attr.Name && w.whole[top]:
		if slices.ContainsFunc(w.acceptance.values[w.first:], func(f followed) bool { return f.change.Path.String() == top }) {
			return
		}
		path, shown, old, live = statefile.Path{top}, statefile.Path{top}, w.attrs.Value(top), []any{}
	case w.attrs.flat:
		path = unflattened(attr, d.Path[0].(string))
	}
	w.acceptance.values = append(w.acceptance.values, followed{
		change: tfconfig.Change{
			Address: w.object.Address, Path: path, Old: old, New: live, Hidden: d.Sensitive,
			// Config vars are secret only where the provider has them so.
			Sensitive: attr.Secret && (!attr.ConfigVars() || strings.HasPrefix(attr.Name, "sensitive_")),
		},
		difference: Change{Address: w.object.Address, Path: shown, Old: d.State, New: d.Live},
		running:    attr.As == provider.Running,
	})
}

// unflattened is the path in a configuration of a key of flat attributes.
func unflattened(attr *provider.Attr, key string) statefile.Path {
	top, rest, nested := strings.Cut(key, ".")
	switch {
	case !nested:
		return statefile.Path{top}
	case attr.ConfigVars() || attr.As == provider.Mapping:
		// A map stood in a list up to provider 2.
		if index, name, ok := strings.Cut(rest, "."); ok && index == "0" {
			rest = name
		}
		return statefile.Path{top, rest}
	}
	index, name, nested := strings.Cut(rest, ".")
	n, err := strconv.Atoi(index)
	if err != nil || !nested {
		return statefile.Path{top}
	}
	return statefile.Path{top, n, name}
}
