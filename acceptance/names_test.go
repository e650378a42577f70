package acceptance

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/statefile"
)

// database is a configuration of an app, its database, and an attachment of it,
// with the attribute that refers to the app in place of APP.
const database = versions + `
resource "heroku_app" "shop" {
  name   = "acme-db-shop"
  region = "us"
}

resource "heroku_addon" "db" {
  APP  = heroku_app.shop.id
  plan = "heroku-postgresql:essential-0"
}

resource "heroku_addon_attachment" "reports" {
  app_id   = heroku_app.shop.id
  addon_id = heroku_addon.db.id
  name     = "REPORTS"
}
`

// byName applies the configuration of a database and puts the add-on's name in
// the place of its UUID: in the add-on's id by an import, and if attached is set,
// in the attachment's addon_id too.
func (s *setting) byName(t *testing.T, attached bool) (w *world, addon herokutest.Addon) {
	t.Helper()
	app := "app_id"
	if s.version == v4 {
		app = "app"
	}
	w = s.write(t, map[string]string{"main.tf": strings.ReplaceAll(database, "APP", app)})
	addon, ok := w.api.Addon(w.attr(t, "heroku_addon.db", "id"))
	if !ok {
		t.Fatal("Heroku has no add-on of the state's UUID")
	}
	for _, args := range [][]string{{"state", "rm", "heroku_addon.db"}, {"import", "-input=false", "-no-color", "heroku_addon.db", addon.Name}} {
		if r := w.run(t, args...); r.exit != 0 {
			t.Fatal(r)
		}
	}
	if attached {
		text, err := os.ReadFile(w.statePath())
		if err != nil {
			t.Fatal(err)
		}
		const key = `"addon_id": `
		w.file(t, "terraform.tfstate", strings.ReplaceAll(string(text), key+`"`+addon.ID+`"`, key+`"`+addon.Name+`"`))
		if got := w.attr(t, "heroku_addon_attachment.reports", "addon_id"); got != addon.Name {
			t.Fatalf("addon_id is %q, want the name %q", got, addon.Name)
		}
	}
	if got := w.attr(t, "heroku_addon.db", "id"); got != addon.Name {
		t.Fatalf("after the import by name: id is %q, want %q", got, addon.Name)
	}
	return w, addon
}

// attr is the text of an attribute in the world's state.
func (w *world) attr(t *testing.T, address, attr string) string {
	t.Helper()
	for inst := range w.state(t).Instances() {
		if inst.Address() == address {
			v, _ := inst.Attr(attr)
			return v.Text()
		}
	}
	t.Fatalf("the state has no %s", address)
	return ""
}

// repairNames puts UUIDs in the place of names, as herokutf rename does.
func (w *world) repairNames(t *testing.T) *herokutf.Repair {
	t.Helper()
	ctx := t.Context()
	var repair *herokutf.Repair
	_, err := statefile.Update(ctx, w.statePath(), statefile.UpdateOptions{}, func(f *statefile.File) (*statefile.File, error) {
		found, err := herokutf.SurveyNames(ctx, w.client, f, herokutf.UpgradeOptions{})
		if err != nil {
			return nil, err
		}
		repair, err = herokutf.RepairNames(f, herokutf.UpgradeOptions{Renames: found.Renames, AddonIDs: found.AddonIDs})
		if err != nil {
			return nil, err
		}
		return repair.Apply()
	})
	if err != nil {
		t.Fatal(err)
	}
	return repair
}

// TestAddonByName: an add-on that was imported by its name is lost to Terraform
// once it is renamed, and its attachment is replaced at every apply; after the
// repair Terraform wants nothing.
func TestAddonByName(t *testing.T) {
	const newName = "acme-primary-db"
	for _, tt := range []struct {
		name              string
		attached, renamed bool
		found             []string // before the repair
		actions           []string // of the plan before the repair
		changed           []string // by the repair: addresses and attributes
		left              []string // found after the repair: the name alone, which Terraform refreshes
		drift             []string // seen by the refresh after the repair
	}{
		{
			name: "imported",
			actions: []string{
				"heroku_addon_attachment.reports: delete create",
			},
			changed: []string{"heroku_addon.db id"},
		},
		{
			name:     "attached",
			attached: true,
			found:    []string{"changed heroku_addon_attachment.reports addon_id"},
			actions: []string{
				"heroku_addon_attachment.reports: delete create",
			},
			changed: []string{"heroku_addon.db id", "heroku_addon_attachment.reports addon_id"},
		},
		{
			name:    "renamed",
			renamed: true,
			found:   []string{"changed heroku_addon.db id name"},
			actions: []string{
				"heroku_addon.db: create",
				"heroku_addon_attachment.reports: delete create",
			},
			changed: []string{"heroku_addon.db id"},
			left:    []string{"changed heroku_addon.db name"},
			drift:   []string{"heroku_addon.db.name"},
		},
		{
			name:     "attached and renamed",
			attached: true,
			renamed:  true,
			found:    []string{"changed heroku_addon.db id name", "changed heroku_addon_attachment.reports addon_id"},
			actions: []string{
				"heroku_addon.db: create",
				"heroku_addon_attachment.reports: delete create",
			},
			changed: []string{"heroku_addon.db id", "heroku_addon_attachment.reports addon_id"},
			left:    []string{"changed heroku_addon.db name"},
			drift:   []string{"heroku_addon.db.name"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			each(t, []string{v4, v5}, func(t *testing.T, s *setting) {
				w, addon := s.byName(t, tt.attached)
				if tt.renamed {
					send(w.api, "PATCH", "/apps/acme-db-shop/addons/"+addon.ID, `{"name":"`+newName+`"}`)
				}
				report := w.detect(t)
				if diff := cmp.Diff(tt.found, told(report)); diff != "" {
					t.Errorf("found before the repair (-want +got):\n%s", diff)
				}
				for _, o := range report.Objects {
					if o.Verdict == herokutf.Changed && !strings.Contains(o.Reason, "herokutf rename") {
						t.Errorf("%s: the reason doesn't say what to do: %s", o.Address, o.Reason)
					}
				}
				before := w.plan(t)
				if diff := cmp.Diff(tt.actions, before.actions()); before.exit != 2 || diff != "" {
					t.Fatalf("before the repair: %s\nactions (-want +got):\n%s", before.text(), diff)
				}

				repair := w.repairNames(t)
				var changed []string
				for _, c := range repair.Changes {
					changed = append(changed, c.Address+" "+c.Path.String())
				}
				slices.Sort(changed)
				if diff := cmp.Diff(tt.changed, changed); diff != "" {
					t.Errorf("changed by the repair (-want +got):\n%s", diff)
				}
				if got := w.attr(t, "heroku_addon.db", "id"); got != addon.ID {
					t.Errorf("after the repair: id is %q, want the UUID %q", got, addon.ID)
				}
				if got := w.attr(t, "heroku_addon_attachment.reports", "addon_id"); got != addon.ID {
					t.Errorf("after the repair: addon_id is %q, want the UUID %q", got, addon.ID)
				}
				if diff := cmp.Diff(tt.left, told(w.detect(t))); diff != "" {
					t.Errorf("found after the repair (-want +got):\n%s", diff)
				}
				after := w.plan(t)
				if after.exit != 0 || len(after.actions()) > 0 {
					t.Errorf("after the repair: %s\nactions %q, want none", after.result, after.actions())
				}
				if diff := cmp.Diff(tt.drift, after.drift()); diff != "" {
					t.Errorf("after the repair: seen by the refresh (-want +got):\n%s", diff)
				}
			})
		})
	}
}
