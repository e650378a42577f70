package herokutf

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/herokutf/herokutf/internal/printable"
	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/statefile"
)

// UpgradeOptions are the options of [UpgradeAppIDs], [LookupAppIDs],
// [SurveyNames] and [RepairNames]. The zero value upgrades with what the state
// itself knows.
type UpgradeOptions struct {
	// Renames are made in the same step, as [RepairRename] makes them.
	Renames []Rename

	// AppIDs are UUIDs by app name, for apps whose UUID the state doesn't
	// hold. The name is the one in the state, or the new one of a rename.
	// [LookupAppIDs] asks Heroku for them.
	AppIDs map[string]string

	// AddonIDs are UUIDs of add-ons by the name that the state knows them by.
	// They are put in the place of the name wherever an add-on is referred to:
	// in the id of heroku_addon and in addon_id of heroku_addon_attachment.
	// Names that don't stand there do no harm. [SurveyNames] finds them.
	AddonIDs map[string]string

	// Seen, if set, is asked about renames that there is nothing to do for
	// ([Repair.Done]) and of which no host, Git URL or key in the state says
	// that the app ever had the old name: it may be a slip, and then another
	// app isn't repaired. With false the rename is refused. Nil: such renames
	// are taken for done.
	Seen func(Rename) bool
}

// UpgradeAppIDs finds out what has to change in a state that knows apps by
// name, as the heroku/heroku provider up to 4.9.0 writes it, for provider 5,
// which knows them by UUID.
//
// The provider's own upgrade looks each app up by the name in the state, which
// fails after a rename, or finds another app that has taken the name; and it
// has no upgrade for what heroku_app_webhook, heroku_app_config_association and
// heroku_cert hold, nor for a heroku_build of provider 3 and older. This does
// all of it, and provider 5 then replaces nothing on that account:
//
//   - id of heroku_app, and the app's part in the ids of heroku_app_feature and
//     heroku_app_config_association, become the UUID
//   - app becomes app_id with the UUID, or goes where there is an app_id
//   - app_id of attachments, webhooks and config associations becomes the UUID
//   - the schema versions become those of provider 5
//   - source and user of heroku_build become lists
//
// The UUIDs come from the state (uuid of the app, app_id of its coupling, its
// heroku_ssl) and from the options. An app without one is a [*RenameError] with
// [ErrUnknownAppID], one with several one with [ErrAmbiguousApp]; all such apps
// are reported, joined. Flat attributes, which Terraform 0.11 wrote, are one
// with [ErrFlatState]. What is in the form of provider 5 already stays, so a
// second run finds nothing to change, and a state in both forms gets
// completed. The errors of [RepairRename] apply to the renames; in a second run
// too, where the state has neither name of an app any more, only its UUID.
func UpgradeAppIDs(f *statefile.File, opts UpgradeOptions) (*Repair, error) {
	if err := needFile("upgrade app ids", f); err != nil {
		return nil, err
	}
	p, err := newPlanner(f, opts.Renames)
	if err != nil {
		return nil, err
	}
	if err := join(opts.check(), checkAddonIDs(opts.AddonIDs)); err != nil {
		return nil, err
	}
	for inst := range f.Instances() {
		p.see(inst)
	}
	if err := p.resolve(); err != nil {
		return nil, err
	}
	if err := p.refuseFlat(); err != nil {
		return nil, err
	}
	p.index.linkCertificates()
	u := &upgrader{planner: p, given: opts.AppIDs, unknown: make(map[string][]string), several: make(map[string]bool)}
	for _, a := range p.index.refs {
		u.upgrade(a)
	}
	p.repairAddons(opts.AddonIDs)
	if err := u.fault(); err != nil {
		return nil, err
	}
	_, elsewhere := p.mentions.olds.locate(f)
	r := p.finish(elsewhere)
	if err := r.checkSeen(opts.Seen); err != nil {
		return nil, err
	}
	return r, nil
}

func (o UpgradeOptions) check() error {
	for _, name := range slices.Sorted(maps.Keys(o.AppIDs)) {
		if !provider.IsUUID(o.AppIDs[name]) {
			return fmt.Errorf("UUID of app %q: %q is not one", name, printable.Short(o.AppIDs[name]))
		}
	}
	return nil
}

// refuseFlat refuses attributes in which a member can't be distinguished from a path.
func (p *planner) refuseFlat() error {
	var at []string
	for _, a := range p.index.refs {
		if a.inst.Flat() {
			at = append(at, a.address)
		}
	}
	if at == nil {
		return nil
	}
	return flatState(at)
}

// An upgrader plans the change to UUIDs.
type upgrader struct {
	*planner
	given   map[string]string
	unknown map[string][]string // addresses by name
	several map[string]bool     // names of several UUIDs, of which faults has an error each
	faults  []error
}

func (u *upgrader) fault() error {
	for _, name := range slices.Sorted(maps.Keys(u.unknown)) {
		u.faults = append(u.faults, unknownAppID(name, u.unknown[name], "Look the app up on Heroku (without --offline), or give its UUID."))
	}
	return join(u.faults...)
}

// id returns the UUID of the app that an instance means by a name.
func (u *upgrader) id(a *appRef, name string) string {
	if a.isApp() && a.id != "" {
		return a.id
	}
	// A name as it was before a rename and as it is after it mean one app.
	ids := make(map[string]struct{})
	names := []string{name}
	if t := u.renames.of(a, name); t != nil {
		names = append(names, t.New)
		if t.id != "" {
			return t.id
		}
	}
	if a.id != "" {
		return a.id
	}
	for _, name := range names {
		// Where the new name is another app's until it is renamed as well,
		// it says nothing.
		if name != names[0] && u.renames.byOld[name] != nil {
			continue
		}
		maps.Copy(ids, u.index.ids[name])
		if id := u.given[name]; id != "" {
			ids[strings.ToLower(id)] = struct{}{}
		}
	}
	switch len(ids) {
	case 0:
		u.unknown[name] = append(u.unknown[name], a.address)
		return ""
	case 1:
		for id := range ids {
			return id
		}
	}
	if !u.several[name] {
		u.several[name] = true
		u.faults = append(u.faults, ambiguousApp(name, slices.Sorted(maps.Keys(ids)), u.index.addresses(name, nameOnly)))
	}
	return ""
}

// upgrade plans the changes of an instance, renames included.
func (u *upgrader) upgrade(a *appRef) {
	app := u.renames.ofApp(a)
	u.mentions.keys(a.address, a.inst)
	replaced := make(map[int]bool) // values by their offset
	for ref := range a.res.NameRefs() {
		u.upgradeRef(a, ref, replaced)
	}
	for _, m := range a.res.ListedMaps {
		u.wrap(a, m)
	}
	u.raiseSchema(a)
	if a.res.Gone != "" {
		u.notes = append(u.notes, placed[Note]{a.inst.Attributes().Offset(), Note{a.address, a.inst.Type +
			" is not part of provider " + strings.TrimPrefix(a.res.Gone, "v") + " and newer, which fail on it. Before going there, take it out of the " +
			"configuration and the state (a removed block, or terraform state rm); the endpoint on Heroku stays."}})
	}
	for path, v := range a.inst.Scalars() {
		if !v.IsString() || replaced[v.Offset()] {
			continue
		}
		if len(path) == 1 {
			attr := path[0].(string)
			// What is still a name in provider 5.
			if ref := a.res.UUIDs.Ref(attr); ref != nil && ref.Holds == provider.Name && u.renameRef(a, ref, path, v) {
				continue
			}
			if from := a.res.DerivedFrom(attr); from != 0 && u.renameDerived(a, app, from, path, v) {
				continue
			}
		}
		u.mentions.text(a.address, path, v)
	}
}

// upgradeRef puts the UUID in the place of a name, and the attribute that holds
// it in provider 5 in the place of the one that held it.
func (u *upgrader) upgradeRef(a *appRef, ref *provider.Ref, replaced map[int]bool) {
	attr := ref.Path[0]
	after := a.res.UUIDs.Ref(attr)
	if after != nil && after.Holds == provider.Name {
		return
	}
	// Provider 5 has app_id wherever it no longer has app.
	const appID = "app_id"
	moves := after == nil
	has := moves && len(a.inst.AttrAll(appID)) > 0
	for _, m := range a.inst.AttrAll(attr) {
		offset := m.Value.Offset()
		if replaced[offset] {
			continue
		}
		text, want := "", ""
		if m.Value.IsString() {
			text = m.Value.Text()
			want = text
			app, ok := ref.App(text)
			switch {
			case ok && provider.IsAppName(app):
				id := u.id(a, app)
				if id == "" {
					return
				}
				want = ref.With(text, id)
			case ok && provider.IsUUID(app) || text == "":
			case moves:
				u.unknown[text] = append(u.unknown[text], a.address)
				return
			}
		}
		switch {
		case !moves && want == text:
			continue
		case !moves:
			u.change(offset, Change{a.address, statefile.Path{attr}, text, want})
			u.edit(statefile.ReplaceString(m.Value, want))
		case has:
			u.change(offset, Change{a.address, statefile.Path{attr}, shown(m.Value), nil})
			u.edit(statefile.RemoveMember(m))
			u.setAppID(a, appID, want, replaced)
		default:
			u.change(offset, Change{a.address, statefile.Path{attr}, shown(m.Value), nil})
			u.edit(statefile.RenameMember(m, appID))
			if m.Value.IsString() {
				u.change(offset, Change{a.address, statefile.Path{appID}, nil, want})
				u.edit(statefile.ReplaceString(m.Value, want))
			} else {
				u.change(offset, Change{a.address, statefile.Path{appID}, nil, shown(m.Value)})
			}
		}
		replaced[offset] = true
	}
}

// setAppID puts the UUID into an app_id that is there beside an app and holds
// none.
func (u *upgrader) setAppID(a *appRef, appID, id string, replaced map[int]bool) {
	if id == "" {
		return
	}
	for _, m := range a.inst.AttrAll(appID) {
		offset := m.Value.Offset()
		if replaced[offset] || m.Value.IsString() && provider.IsUUID(m.Value.Text()) {
			continue
		}
		replaced[offset] = true
		u.change(offset, Change{a.address, statefile.Path{appID}, shown(m.Value), id})
		u.edit(statefile.ReplaceString(m.Value, id))
	}
}

// shown returns what a Change shows of the value of an app or app_id.
func shown(v statefile.Value) any {
	if v.IsString() {
		return v.Text()
	}
	return v.Kind().String()
}

// raiseSchema raises the schema version to that of provider 5.
func (u *upgrader) raiseSchema(a *appRef) {
	if !a.res.UUIDs.Exists() || a.inst.SchemaVersion >= a.res.UUIDs.Current() {
		return
	}
	current := a.res.UUIDs.Current()
	v, ok := a.inst.SchemaVersionValue()
	if !ok {
		return
	}
	u.change(v.Offset(), Change{a.address, statefile.Path{"schema_version"}, jsonInt(a.inst.SchemaVersion), jsonInt(current)})
	u.edit(statefile.ReplaceRaw(v, strconv.AppendInt(nil, int64(current), 10)))
}

func jsonInt(n int) json.Number { return json.Number(strconv.Itoa(n)) }

// wrap makes a list of one map out of a map, with all the keys that provider 4
// and newer expect. Provider 3 leaves out those that are empty.
func (u *upgrader) wrap(a *appRef, m provider.ListedMap) {
	for _, attr := range a.inst.AttrAll(m.Attr) {
		if attr.Value.Kind() != statefile.Object {
			continue
		}
		values := make(map[string]json.RawMessage)
		for _, key := range m.Keys {
			values[key] = json.RawMessage(`""`)
		}
		for entry := range attr.Value.Members() {
			values[entry.Name] = entry.Value.Raw()
		}
		list, err := json.Marshal([]any{values})
		if err != nil {
			u.faults = append(u.faults, err)
			return
		}
		u.change(attr.Value.Offset(), Change{a.address, statefile.Path{m.Attr}, "map", "list of one map"})
		u.edit(statefile.ReplaceRaw(attr.Value, indentLike(u.file.Bytes(), attr.Value, list)))
	}
}

// indentLike lays a value out as the one is that it replaces: on one line, or
// indented as the lines around it are.
func indentLike(data []byte, old statefile.Value, raw []byte) []byte {
	if !bytes.Contains(old.Raw(), []byte{'\n'}) {
		return raw
	}
	start := bytes.LastIndexByte(data[:old.Offset()], '\n') + 1
	prefix := data[start:old.Offset()]
	prefix = prefix[:len(prefix)-len(bytes.TrimLeft(prefix, " \t"))]
	// The first line within the old value is one step further in.
	_, inner, _ := bytes.Cut(old.Raw(), []byte{'\n'})
	inner = inner[:len(inner)-len(bytes.TrimLeft(inner, " \t"))]
	step, ok := bytes.CutPrefix(inner, prefix)
	if !ok {
		step = []byte("  ")
	}
	var b bytes.Buffer
	if err := json.Indent(&b, raw, string(prefix), string(step)); err != nil {
		return raw
	}
	if bytes.Contains(old.Raw(), []byte("\r\n")) {
		return bytes.ReplaceAll(b.Bytes(), []byte("\n"), []byte("\r\n"))
	}
	return b.Bytes()
}
