package acceptance

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/tfconfig"
)

// renames are what may happen to the apps of a configuration.
var renames = []struct {
	name string
	apps [][2]string // old and new, all at once
	// outputs says that an output holds an app's name or address: no edit of
	// attributes can foresee it, and "apply -refresh-only" settles it.
	outputs bool
}{
	{"by name", [][2]string{{"acme-ui-staging", "acme-ui-test"}}, false},
	{"in a data source", [][2]string{{"acme-ui", "acme-ui-live"}}, false},
	{"with an attachment", [][2]string{{"acme-api-staging", "acme-api-test"}}, true},
	{"by UUID in part", [][2]string{{"acme-api", "acme-api-live"}}, false},
	{"by a variable", [][2]string{{"acme-tool", "acme-gadget"}}, true},
	{"in a module", [][2]string{{"acme-worker-blue", "acme-worker-teal"}}, false},
	{"by for_each", [][2]string{{"acme-batch-eu", "acme-batch-ie"}}, false},
	{"in a space", [][2]string{{"acme-private-app", "acme-secret-app"}}, false},
	{"swap", [][2]string{{"acme-ui", "acme-ui-staging"}, {"acme-ui-staging", "acme-ui"}}, false},
	{"chain", [][2]string{{"acme-api-staging", "acme-api"}, {"acme-api", "acme-api-live"}}, true},
	{"all", [][2]string{
		{"acme-ui-staging", "acme-ui-1"}, {"acme-ui", "acme-ui-2"}, {"acme-api-staging", "acme-api-1"},
		{"acme-api", "acme-api-2"}, {"acme-tool", "acme-tool-1"}, {"acme-worker-blue", "acme-worker-1"},
		{"acme-worker-green", "acme-worker-2"}, {"acme-batch-eu", "acme-batch-1"}, {"acme-batch-us", "acme-batch-2"},
		{"acme-private-app", "acme-private-1"},
	}, true},
}

// rename renames apps on Heroku, as if all at once.
func rename(s *herokutest.Server, apps [][2]string) {
	for i, app := range apps {
		s.Rename(app[0], fmt.Sprintf("being-renamed-%d", i))
	}
	for i, app := range apps {
		s.Rename(fmt.Sprintf("being-renamed-%d", i), app[1])
	}
}

// repair repairs the world's state after renames that the API tells of, with
// toIDs into the form of provider 5, and edits the configuration, as
// herokutf rename --write-config does.
func (w *world) repair(t *testing.T, toIDs bool) *herokutf.Repair {
	t.Helper()
	ctx := t.Context()
	var repair *herokutf.Repair
	_, err := statefile.Update(ctx, w.statePath(), statefile.UpdateOptions{}, func(f *statefile.File) (*statefile.File, error) {
		found, err := herokutf.FindRenames(ctx, w.client, f)
		if err != nil {
			return nil, err
		}
		if toIDs {
			opts := herokutf.UpgradeOptions{Renames: found}
			if opts.AppIDs, err = herokutf.LookupAppIDs(ctx, w.client, f, opts); err != nil {
				return nil, err
			}
			repair, err = herokutf.UpgradeAppIDs(f, opts)
		} else {
			repair, err = herokutf.RepairRename(f, found...)
		}
		if err != nil {
			return nil, err
		}
		return repair.Apply()
	})
	if err != nil {
		t.Fatal(err)
	}
	config, err := tfconfig.Load(w.dir)
	if err != nil {
		t.Fatal(err)
	}
	edits, err := config.EditRename(repair.AppRenames()...)
	if err != nil {
		t.Fatal(err)
	}
	if err := tfconfig.Apply(edits); err != nil {
		t.Fatal(err)
	}
	return repair
}

// TestRename: an app is renamed in the dashboard; Terraform with provider
// 4.9.0 fails or wants to create and destroy, and after the repair of state and
// configuration it wants nothing.
func TestRename(t *testing.T) {
	each(t, []string{v4}, func(t *testing.T, s *setting) {
		for _, tt := range renames {
			t.Run(tt.name, func(t *testing.T) {
				t.Parallel()
				w := s.open(t, s.version, true)
				rename(w.api, tt.apps)
				if p := w.plan(t); p.exit == 0 || p.exit == 2 && len(p.actions()) == 0 {
					t.Fatalf("before the repair: %s\nwant an error, or actions", p.result)
				}
				repair := w.repair(t, false)
				if got := len(repair.Renames); got != len(tt.apps) {
					t.Errorf("found %d renames, want %d: %v", got, len(tt.apps), repair.Renames)
				}

				p := w.plan(t)
				if p.exit == 1 {
					t.Fatalf("after the repair: %s", p.result)
				}
				if got := p.actions(); len(got) > 0 {
					t.Errorf("after the repair: got the actions %q, want none", got)
				}
				if got := p.drift(); len(got) > 0 {
					t.Errorf("after the repair: the refresh still changes %q", got)
				}
				if tt.outputs {
					if p.exit != 2 || len(p.OutputChanges) == 0 {
						t.Errorf("after the repair: exit %d with the output changes %v, want 2 for the outputs alone", p.exit, p.OutputChanges)
					}
					w.refresh(t)
					w.noChanges(t, "after the repair and a refresh")
				} else if p.exit != 0 {
					t.Errorf("after the repair: %s", p.result)
				}
				w.noChanges(t, "after the repair", "-refresh=false")
			})
		}
	})
}

// TestRenameLosesDatabase: the worst that a rename does is a plan without any
// error that makes a second app and destroys the add-on; CheckPlan refuses it.
func TestRenameLosesDatabase(t *testing.T) {
	each(t, []string{v4}, func(t *testing.T, s *setting) {
		w := s.open(t, s.version, true)
		w.api.Rename("acme-batch-eu", "acme-batch-ie")
		p := w.plan(t)
		want := []string{`heroku_addon.batch["eu"]: delete create`, `heroku_app.batch["eu"]: create`}
		if diff := cmp.Diff(want, p.actions()); p.exit != 2 || diff != "" {
			t.Fatalf("exit %d, actions (-want +got):\n%s", p.exit, diff)
		}
		lost, ok := errors.AsType[*herokutf.PlanError](herokutf.CheckPlan(p.Plan))
		if !ok || len(lost.Destructions) != 2 {
			t.Fatalf("CheckPlan: got %v, want two destructions", lost)
		}
		w.repair(t, false)
		if err := herokutf.CheckPlan(w.plan(t).Plan); err != nil {
			t.Errorf("CheckPlan after the repair: %v", err)
		}
	})
}

// TestUpgrade: a state of 4.9.0 in the form of provider 5, in which a rename no
// longer hurts, and the plan of 5.3.2 for it.
func TestUpgrade(t *testing.T) {
	each(t, []string{v5}, func(t *testing.T, s *setting) {
		old := &setting{s.bin, v4}
		// What provider 5 makes of the state by itself, without any rename.
		t.Run("by the provider", func(t *testing.T) {
			t.Parallel()
			w := upgraded(t, old, s)
			p := w.plan(t)
			if diff := cmp.Diff(providerUpgrade, p.actions()); p.exit != 2 || diff != "" {
				t.Errorf("exit %d, actions (-want +got):\n%s%s", p.exit, diff, p.stderr)
			}
		})
		// A rename, and the provider's own upgrade fails.
		t.Run("by the provider after a rename", func(t *testing.T) {
			t.Parallel()
			w := upgraded(t, old, s)
			w.api.Rename("acme-ui-staging", "acme-ui-test")
			if p := w.plan(t); p.exit != 1 || !strings.Contains(p.text(), "Couldn't find that app.") {
				t.Errorf("got %s, want an error about the old name", p.result)
			}
		})
		t.Run("no rename", func(t *testing.T) {
			t.Parallel()
			upgradeByUs(t, upgraded(t, old, s), nil, false)
		})
		for _, tt := range renames {
			t.Run(tt.name, func(t *testing.T) {
				t.Parallel()
				upgradeByUs(t, upgraded(t, old, s), tt.apps, tt.outputs)
			})
		}
	})
}

// providerUpgrade is what provider 5 does to a state of 4.9.0 on its own.
var providerUpgrade = []string{
	"heroku_app_config_association.api: update",
	"heroku_app_webhook.ui: delete create",
	`module.worker["blue"].heroku_app_webhook.this: delete create`,
	`module.worker["green"].heroku_app_webhook.this: delete create`,
}

// upgraded is a world with the configuration for provider 5 and the state and
// the Heroku of the one for provider 4.
func upgraded(t *testing.T, old, s *setting) *world {
	t.Helper()
	from, to := old.open(t, old.version, true), s.open(t, s.version, false)
	w := &world{setting: s, dir: to.dir, api: from.api, client: from.client}
	w.copy(t, from, "terraform.tfstate")
	w.remove(t, "new.tf")
	return w
}

func upgradeByUs(t *testing.T, w *world, apps [][2]string, outputs bool) {
	t.Helper()
	rename(w.api, apps)
	w.repair(t, true)
	w.api.ResetRequests()
	p := w.plan(t)
	if p.exit == 1 {
		t.Fatal(p.result)
	}
	if got := p.actions(); len(got) > 0 {
		t.Errorf("after the upgrade: got the actions %q, want none", got)
	}
	if outputs && (p.exit != 2 || len(p.OutputChanges) == 0) {
		t.Errorf("after the upgrade: exit %d with the output changes %v, want 2 for the outputs alone", p.exit, p.OutputChanges)
	}
	// A name that another app has now may stand in a request for that one.
	var taken []string
	for _, app := range apps {
		taken = append(taken, app[1])
	}
	for _, r := range w.api.Log() {
		for _, app := range apps {
			if strings.Contains(r.Path+"/", "/apps/"+app[0]+"/") && !slices.Contains(taken, app[0]) {
				t.Errorf("%s %s: a request by an old name", r.Method, r.Path)
			}
		}
	}
	w.refresh(t)
	w.noChanges(t, "after the upgrade and a refresh")
}
