package herokutf

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
)

// RepairNames finds out what has to change in a state for apps that were renamed
// on Heroku, as [RepairRename] does, and for add-ons that the state knows by
// name. The provider asks for such an add-on by its name: once it is renamed,
// Terraform takes it for deleted, and the attachments by its name are replaced
// with every plan. Of the options it takes all but the AppIDs.
//
// The errors are those of RepairRename; one for each of the AddonIDs that is no
// UUID; and, with Seen, a [*RenameError] with [ErrAppNotInState] for each rename
// of which nothing says that an app had the old name.
func RepairNames(f *statefile.File, opts UpgradeOptions) (*Repair, error) {
	return repair(f, opts)
}

func checkAddonIDs(ids map[string]string) error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(ids)) {
		if !provider.IsUUID(ids[name]) {
			errs = append(errs, fmt.Errorf("UUID of add-on %q: %q is not one", name, ids[name]))
		}
	}
	return join(errs...)
}

// repairAddons plans to put UUIDs in the place of add-ons' names.
func (p *planner) repairAddons(ids map[string]string) {
	if len(ids) == 0 {
		return
	}
	for inst := range p.file.Instances() {
		res := lookup(inst)
		if res == nil {
			continue
		}
		for _, attr := range res.Addons {
			for _, m := range inst.AttrAll(attr) {
				if !m.Value.IsString() || ids[m.Value.Text()] == "" {
					continue
				}
				offset, name := m.Value.Offset(), m.Value.Text()
				p.change(offset, Change{inst.Address(), statefile.Path{attr}, name, ids[name]})
				p.edit(statefile.ReplaceString(m.Value, ids[name]))
				// It may be an app's name as well.
				p.mentions.found = slices.DeleteFunc(p.mentions.found, func(l placed[Leftover]) bool { return l.offset == offset })
			}
		}
	}
}

// An addonRef is a place at which a state refers to an add-on by name.
type addonRef struct {
	inst *statefile.Instance
	name string
}

// liveAttachment is what the API says about an attachment, as far as it matters
// here.
type liveAttachment struct {
	Addon struct {
		ID string `json:"id"`
	} `json:"addon"`
}

// addonRefs returns where the state refers to add-ons by name, in document order.
func addonRefs(f *statefile.File) []addonRef {
	var refs []addonRef
	for inst := range f.Instances() {
		res := lookup(inst)
		if res == nil {
			continue
		}
		for _, attr := range res.Addons {
			if v, _ := inst.Attr(attr); v.IsString() && v.Text() != "" && !provider.IsUUID(v.Text()) {
				refs = append(refs, addonRef{inst, v.Text()})
			}
		}
	}
	return refs
}

// findAddons finds the UUIDs of the add-ons that the state knows by name. The
// error is for a failure that says nothing about an add-on.
func (s *surveyor) findAddons(ctx context.Context) error {
	refs := addonRefs(s.file)
	if refs == nil {
		return nil
	}
	listed, err := platform.List[liveAddon](ctx, s.client, "/addons", "id")
	if err != nil && !inconclusive(err) {
		return err
	}
	found := make(map[string]map[string]bool) // UUIDs by name
	is := func(name, id string) {
		if found[name] == nil {
			found[name] = make(map[string]bool)
		}
		found[name][strings.ToLower(id)] = true
	}
	var attached []addonRef
	for _, ref := range refs {
		if ref.inst.Type != provider.Addon {
			attached = append(attached, ref)
			continue
		}
		for _, id := range s.addonMatches(ref.inst, listed) {
			is(ref.name, id)
		}
	}
	// What is attached, the attachment itself says best.
	ids, faults := each(attached, func(ref addonRef) (string, error) {
		id, _ := ref.inst.Attr("id")
		if !provider.IsUUID(id.Text()) {
			return "", nil
		}
		live, err := platform.Get[liveAttachment](ctx, s.client, "/addon-attachments/"+id.Text())
		return live.Addon.ID, err
	})
	for i, ref := range attached {
		switch err := faults[i]; {
		case err != nil && !inconclusive(err):
			return err
		case err == nil && provider.IsUUID(ids[i]):
			is(ref.name, ids[i])
		}
	}
	for _, ref := range refs {
		all := slices.Sorted(maps.Keys(found[ref.name]))
		switch len(all) {
		case 0:
			s.note(ref.inst, fmt.Sprintf("the add-on is known by its name, %q, and its UUID couldn't be found: Heroku shows none with its provider_id, app and plan. "+
				"If it was renamed, Terraform takes it for deleted and creates another one", ref.name))
		case 1:
			if s.addonIDs == nil {
				s.addonIDs = make(map[string]string)
			}
			s.addonIDs[ref.name] = all[0]
		default:
			s.note(ref.inst, fmt.Sprintf("the add-on is known by its name, %q, which may be any of %s; it stays as it is", ref.name, strings.Join(all, ", ")))
		}
	}
	return nil
}

// addonMatches returns the UUIDs of the add-ons on Heroku that an instance may
// be.
func (s *surveyor) addonMatches(inst *statefile.Instance, listed []liveAddon) []string {
	text := func(attr string) string {
		v, _ := inst.Attr(attr)
		return v.Text()
	}
	res := lookup(inst)
	a := newAppRef(inst, res)
	apps := []string{a.id}
	if a.id == "" {
		apps = nil
		for _, name := range a.names {
			apps = append(apps, s.index.idsOf(name)...)
			for _, r := range s.renames {
				if r.Old == name || r.New == name {
					apps = append(apps, r.ID)
				}
			}
		}
	}
	var ids []string
	for _, app := range apps {
		was := provider.AddonIdentity{App: app, ProviderID: text("provider_id"), Plan: text("plan")}
		for _, live := range listed {
			if was.Same(provider.AddonIdentity{App: live.App.ID, ProviderID: live.ProviderID, Plan: live.Plan.Name}) {
				ids = append(ids, live.ID)
			}
		}
	}
	return ids
}
