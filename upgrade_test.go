package herokutf

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/statefile"
)

// content is what a provider sees of an instance.
type content struct {
	Schema     int
	Attributes map[string]any
}

func contents(t testing.TB, f *statefile.File) map[string]content {
	t.Helper()
	all := make(map[string]content)
	for inst := range f.Instances() {
		c := content{Schema: inst.SchemaVersion}
		if err := json.Unmarshal(inst.Attributes().Raw(), &c.Attributes); err != nil {
			t.Fatal(err)
		}
		all[inst.Address()] = c
	}
	return all
}

// TestUpgradeIsWhatProvider5Writes upgrades what provider 4.9.0 wrote about
// some apps, and compares it with what 5.0.0 wrote about the same apps: schema
// versions, members and values.
func TestUpgradeIsWhatProvider5Writes(t *testing.T) {
	r, err := UpgradeAppIDs(readState(t, "4.9.0"), UpgradeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	got, want := contents(t, applied(t, r)), contents(t, readState(t, "5.0.0"))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("upgraded state differs from that of provider 5 (-want +got):\n%s", diff)
	}
}

// TestUpgradeOlder: members and schema versions are those of provider 5, but
// for the attributes that came later. Those it adds itself.
func TestUpgradeOlder(t *testing.T) {
	later := map[string]string{
		"heroku_addon": "config_var_values", "heroku_addon_attachment": "namespace", "heroku_domain": "sni_endpoint_id", "heroku_drain": "sensitive_url",
	}
	for _, version := range []string{"2.5.0", "3.2.0"} {
		r, err := UpgradeAppIDs(readState(t, version), UpgradeOptions{})
		if err != nil {
			t.Fatal(err)
		}
		got, want := contents(t, applied(t, r)), contents(t, readState(t, "5.0.0"))
		for address, is := range got {
			should, ok := want[address]
			if !ok {
				t.Fatalf("%s: provider 5.0.0 has no %s", version, address)
			}
			typ, _, _ := strings.Cut(address, ".")
			if is.Schema != should.Schema {
				t.Errorf("%s: %s has schema version %d; want %d", version, address, is.Schema, should.Schema)
			}
			delete(should.Attributes, later[typ])
			delete(is.Attributes, later[typ])
			if typ == "heroku_space" {
				delete(is.Attributes, "trusted_ip_ranges") // until v4.2
			}
			if diff := cmp.Diff(slices.Sorted(maps.Keys(should.Attributes)), slices.Sorted(maps.Keys(is.Attributes))); diff != "" {
				t.Errorf("%s: %s (-want +got):\n%s", version, address, diff)
			}
			for _, attr := range []string{"source", "user"} {
				if diff := cmp.Diff(should.Attributes[attr], is.Attributes[attr]); diff != "" {
					t.Errorf("%s: %s.%s (-want +got):\n%s", version, address, attr, diff)
				}
			}
		}
	}
}

// TestUpgradeWithRename makes both in one step: what is known by UUID doesn't
// take the new name on the way, and the serial rises once.
func TestUpgradeWithRename(t *testing.T) {
	f := readState(t, "4.9.0")
	rename := Rename{ID: mainID, Old: "old-name", New: "new-name", WebURL: newURL}
	r, err := UpgradeAppIDs(f, UpgradeOptions{Renames: []Rename{rename}})
	if err != nil {
		t.Fatal(err)
	}
	got := applied(t, r)
	if got.Serial() != "3" {
		t.Errorf("serial %s; want 3", got.Serial())
	}

	// The same as one after the other, in either order.
	upgraded, err := UpgradeAppIDs(f, UpgradeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	renamed, err := RepairRename(f, rename)
	if err != nil {
		t.Fatal(err)
	}
	then, err := UpgradeAppIDs(applied(t, renamed), UpgradeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(withoutSerial(applied(t, then)), withoutSerial(got)); diff != "" {
		t.Errorf("rename, then upgrade (-that +together):\n%s", diff)
	}
	after, err := RepairRename(applied(t, upgraded), rename)
	if err != nil {
		t.Fatal(err)
	}
	// The upgraded state no longer says that its hostname is made of the
	// name, but its web URL, which has another host, does.
	if diff := cmp.Diff(withoutSerial(applied(t, after)), withoutSerial(got)); diff != "" {
		t.Errorf("upgrade, then rename (-that +together):\n%s", diff)
	}
	for inst := range got.Instances() {
		for path, v := range inst.Scalars() {
			if strings.Contains(v.Text(), "old-name") {
				t.Errorf("%s %s still has the old name", inst.Address(), path)
			}
		}
	}
}

func TestUpgradeErrors(t *testing.T) {
	// Without the app and its coupling nothing says the UUID.
	f := parseState(t, "x", strings.NewReplacer(`"uuid": "`+mainID+`"`, `"uuid": null`, `"app_id": "`+mainID+`"`, `"app_id": null`).Replace(string(readState(t, "4.9.0").Bytes())))
	r, err := UpgradeAppIDs(f, UpgradeOptions{})
	unknown, ok := errors.AsType[*RenameError](err)
	if !ok || !errors.Is(err, ErrUnknownAppID) || r != nil {
		t.Fatalf("UpgradeAppIDs = %v, %v; want nil and ErrUnknownAppID", r, err)
	}
	if unknown.Name != "old-name" || unknown.Hint == "" || !slices.Contains(unknown.Addresses, "heroku_domain.d") || !slices.Contains(unknown.Addresses, "heroku_app.main") {
		t.Errorf("RenameError = %+v", unknown)
	}
	for _, id := range []string{strings.ToUpper(mainID), mainID} {
		r, err = UpgradeAppIDs(f, UpgradeOptions{AppIDs: map[string]string{"old-name": id}})
		if err != nil {
			t.Fatal(err)
		}
		if v, _ := instance(t, applied(t, r), "heroku_app.main").Attr("id"); v.Text() != mainID {
			t.Errorf("id of heroku_app.main = %s; want %s", v.Text(), mainID)
		}
	}
	if _, err := UpgradeAppIDs(f, UpgradeOptions{AppIDs: map[string]string{"old-name": "old-name"}}); err == nil {
		t.Error("a name passes for a UUID")
	}
	_, err = UpgradeAppIDs(readState(t, "4.9.0"), UpgradeOptions{AppIDs: map[string]string{"old-name": personalID}})
	if ambiguous, ok := errors.AsType[*RenameError](err); !ok || !errors.Is(err, ErrAmbiguousApp) || !slices.Equal(ambiguous.IDs, []string{mainID, personalID}) {
		t.Errorf("UUID other than the state's: %v; want ErrAmbiguousApp with both", err)
	}
	if _, err := UpgradeAppIDs(readState(t, "4.9.0"), UpgradeOptions{Renames: []Rename{{Old: "foo", New: "bar"}}}); !errors.Is(err, ErrAppNotInState) {
		t.Errorf("rename of nothing: %v; want ErrAppNotInState", err)
	}
}

// TestUpgradeOfUpgraded: provider 5's own states have nothing to upgrade.
func TestUpgradeOfUpgraded(t *testing.T) {
	for _, version := range []string{"5.0.0", "5.3.2"} {
		f := readState(t, version)
		r, err := UpgradeAppIDs(f, UpgradeOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if r.Changes != nil || applied(t, r) != f {
			t.Errorf("%s: changes %v; want none", version, places(r.Changes))
		}
	}
}

// TestUpgradeKeepsLayout: what replaces a map is laid out like its
// surroundings, whatever they are.
func TestUpgradeKeepsLayout(t *testing.T) {
	const before = `{"version": 4, "serial": 1, "lineage": "l", "resources": [{"mode": "managed", "type": "heroku_build", "name": "b", "provider": "provider.heroku", "instances": [{"schema_version": 1, "attributes": {`
	const after = `}}]}]}`
	for _, test := range []struct{ name, in, want string }{
		{"one line", `"user": {"id": "u", "email": "e"}`, `"user": [{"email":"e","id":"u"}]`},
		{"tabs", "\n\t\"user\": {\n\t\t\"id\": \"u\"\n\t}\n", "\n\t\"user\": [\n\t\t{\n\t\t\t\"email\": \"\",\n\t\t\t\"id\": \"u\"\n\t\t}\n\t]\n"},
		{"CRLF", "\r\n  \"user\": {\r\n    \"id\": \"u\"\r\n  }", "\r\n  \"user\": [\r\n    {\r\n      \"email\": \"\",\r\n      \"id\": \"u\"\r\n    }\r\n  ]"},
		{"no indentation", "\n\"user\": {\n\"id\": \"u\"\n}", "\n\"user\": [\n{\n\"email\": \"\",\n\"id\": \"u\"\n}\n]"},
		{"less indented within", "\n    \"user\": {\n  \"id\": \"u\"\n    }\n", "\n    \"user\": [\n      {\n        \"email\": \"\",\n        \"id\": \"u\"\n      }\n    ]\n"},
		{"empty", `"user": {}`, `"user": [{"email":"","id":""}]`},
		{"numbers and unknown keys", `"source": {"size": 1.50, "url": "<"}`, `"source": [{"checksum":"","path":"","size":1.50,"url":"\u003c","version":""}]`},
		{"a list already", `"user": [ {"id": "u"} ]`, `"user": [ {"id": "u"} ]`},
		{"null", `"user": null`, `"user": null`},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, err := UpgradeAppIDs(parseState(t, "x", before+test.in+after), UpgradeOptions{})
			if err != nil {
				t.Fatal(err)
			}
			got := strings.TrimSuffix(strings.TrimPrefix(strings.Replace(string(applied(t, r).Bytes()), `"serial": 2`, `"serial": 1`, 1), before), after)
			if got != test.want {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
}

// FuzzUpgradeAppIDs: an upgrade that works is proved, leaves nothing to do for a
// second one, and no app known by name where provider 5 knows it by UUID. The
// second one is without the rename, since there may be no name left to rename.
func FuzzUpgradeAppIDs(f *testing.F) {
	states := goldenStates(f)
	for _, name := range slices.Sorted(maps.Keys(states)) {
		f.Add([]byte(states[name]), "old-name", mainID, "new-name")
		f.Add([]byte(states[name]), "an-app", mainID, "")
	}
	f.Fuzz(func(t *testing.T, data []byte, name, id, to string) {
		file, err := statefile.Parse("fuzz", data)
		if err != nil {
			return
		}
		opts := UpgradeOptions{AppIDs: map[string]string{name: id}}
		if to != "" {
			opts.Renames = []Rename{{Old: name, New: to}}
		}
		repair, err := UpgradeAppIDs(file, opts)
		if err != nil {
			return
		}
		after, err := repair.Apply()
		if err != nil {
			t.Fatalf("apply: %v", err)
		}
		again, err := UpgradeAppIDs(after, UpgradeOptions{AppIDs: opts.AppIDs})
		if err != nil {
			t.Fatalf("second upgrade: %v", err)
		}
		if again.Changes != nil {
			t.Fatalf("second upgrade changes %v", places(again.Changes))
		}
		for inst := range after.Instances() {
			res := lookup(inst)
			if res == nil {
				continue
			}
			for ref := range res.NameRefs() {
				if at := res.UUIDs.Ref(ref.Path...); at != nil && at.Holds == provider.Name {
					continue
				}
				for _, m := range inst.AttrAll(ref.Path[0]) {
					if app, ok := ref.App(m.Value.Text()); m.Value.IsString() && ok && provider.IsAppName(app) {
						t.Errorf("%s.%s still holds the name %q", inst.Address(), ref.Path[0], app)
					}
				}
			}
		}
	})
}
