package herokutf_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/tfconfig"
)

// adoptedStates are states of which nothing is adopted yet: those that the provider
// wrote, and one of what none of them has.
func adoptedStates(t testing.TB) map[string]*statefile.File {
	t.Helper()
	names, err := filepath.Glob("statefile/testdata/states/*.tfstate")
	if err != nil || len(names) != 5 {
		t.Fatal(names, err)
	}
	all := make(map[string]*statefile.File)
	for _, name := range append(names, "herokutest/testdata/corners.tfstate") {
		f, err := statefile.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all[strings.TrimSuffix(filepath.Base(name), ".tfstate")] = f
	}
	return all
}

// herokuOf is the Heroku that states are in sync with.
func herokuOf(t testing.TB, states ...*statefile.File) (*herokutest.Server, *platform.Client) {
	t.Helper()
	s, err := herokutest.FromState(herokutest.Options{}, states...)
	if err != nil {
		t.Fatal(err)
	}
	return s, clientOf(t, s)
}

func clientOf(t testing.TB, s *herokutest.Server) *platform.Client {
	t.Helper()
	c, err := platform.New(platform.Options{Token: "token-of-the-test", Transport: s, Backoff: time.Microsecond})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// adopt adopts, and makes the state.
func adopt(t testing.TB, c *platform.Client, f *statefile.File, opts herokutf.AdoptOptions) (*herokutf.Adoption, *statefile.File) {
	t.Helper()
	a, err := herokutf.Adopt(t.Context(), c, f, opts)
	if err != nil {
		t.Fatal(err)
	}
	next, err := a.Apply(f)
	if err != nil {
		t.Fatal(err)
	}
	return a, next
}

// attributesOf are the decoded attributes of managed instances, by type and id.
func attributesOf(t testing.TB, f *statefile.File) map[string]map[string]any {
	t.Helper()
	all := make(map[string]map[string]any)
	for inst := range f.Instances() {
		if inst.Mode != statefile.Managed {
			continue
		}
		var v map[string]any
		if err := json.Unmarshal(inst.Attributes().Raw(), &v); err != nil {
			t.Fatal(err)
		}
		all[fmt.Sprint(inst.Type, " ", v["id"])] = v
	}
	return all
}

// TestAdoptIsTheInverseOfFromState: Heroku as a state has it is adopted as what the
// state has, and that makes the same Heroku again, for every type.
func TestAdoptIsTheInverseOfFromState(t *testing.T) {
	types := make(map[string]bool)
	for _, association := range []bool{false, true} {
		for name, f := range adoptedStates(t) {
			t.Run(fmt.Sprint(name, " ", association), func(t *testing.T) {
				opts := herokutf.AdoptOptions{All: true, ConfigAssociation: association}
				server, client := herokuOf(t, f)
				attachElsewhere(server)
				a, next := adopt(t, client, nil, opts)
				if a.Warnings != nil {
					t.Errorf("warnings: %q", a.Warnings)
				}
				for _, o := range a.Objects {
					types[o.Type] = true
				}
				_, again := herokuOf(t, next)
				_, same := adopt(t, again, nil, opts)
				if diff := cmp.Diff(attributesOf(t, next), attributesOf(t, same)); diff != "" {
					t.Errorf("adopted, made into a Heroku and adopted again (-first +second):\n%s", diff)
				}
				sameAsState(t, f, next)

				report, err := herokutf.DetectDrift(t.Context(), client, next, herokutf.DriftOptions{Unmanaged: true})
				if err != nil {
					t.Fatal(err)
				}
				for i := range report.Objects {
					if o := &report.Objects[i]; o.Verdict != herokutf.InSync && o.Reason != "the newest release, v2, is pending; no release runs" {
						t.Errorf("%s %s is %s: %s", o.Type, o.Title(), o.Verdict, o.Reason)
					}
				}
				if second, _ := adopt(t, client, next, opts); len(second.Objects)+len(second.Files) > 0 || second.Pending != nil {
					t.Errorf("a second run adopts %+v", second.Objects)
				}
			})
		}
	}
	for r := range provider.All() {
		if want := r.Adopt.Never == ""; r.Mode == provider.Managed && types[r.Type] != want {
			t.Errorf("%s is adopted: %v, want %v", r.Type, types[r.Type], want)
		}
	}
}

// attachElsewhere attaches the first add-on to an app that doesn't pay for it.
func attachElsewhere(s *herokutest.Server) {
	seed := s.Snapshot()
	for _, app := range seed.Apps {
		if len(seed.Addons) > 0 && app.ID != seed.Addons[0].App && app.Name != seed.Addons[0].App {
			s.Attach(seed.Addons[0].Name, herokutest.Attachment{Name: "ELSEWHERE", App: app.Name})
			return
		}
	}
}

// sameAsState holds what is adopted against the state that Heroku was made of, in
// provider 5's form: attributes that an adoption decides on are left out.
func sameAsState(t *testing.T, was, is *statefile.File) {
	t.Helper()
	want := attributesOf(t, was)
	for key, got := range attributesOf(t, is) {
		typ, _, _ := strings.Cut(key, " ")
		res, _ := provider.Lookup(provider.Managed, typ)
		old := want[key]
		if old == nil || old["app"] != nil || typ == provider.App && old["uuid"] != old["id"] {
			continue
		}
		if strings.HasSuffix(was.Name(), "provider-5.3.2.tfstate") {
			if diff := cmp.Diff(slices.Sorted(maps.Keys(old)), slices.Sorted(maps.Keys(got))); diff != "" {
				t.Errorf("%s: attributes (-state +adopted):\n%s", key, diff)
			}
		}
		for i := range res.Attrs {
			attr := &res.Attrs[i]
			top := attr.Top()
			_, had := old[top]
			switch {
			case !had: // of a later release
			case !attr.As.Compared() && top != "uuid", attr.As == provider.ManagedKeys, attr.As == provider.Host, attr.Unused, attr.Gone != "",
				top == "sensitive_url", top == "space" && typ != provider.App, attr.As == provider.AppReference:
			case attr.As == provider.Plan && !strings.Contains(fmt.Sprint(old[top]), ":"):
			case old[top] == nil && (provider.Empty(got[top]) || got[top] == false): // of an older release
			default:
				if attr.As == provider.Set {
					sortSet(old[top])
				}
				if diff := cmp.Diff(old[top], got[top]); diff != "" {
					t.Errorf("%s: %s (-state +adopted):\n%s", key, top, diff)
				}
			}
		}
	}
}

// sortSet sorts a set as Terraform does, which a state that was made by hand needn't.
func sortSet(v any) {
	list, _ := v.([]any)
	slices.SortFunc(list, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
}

// TestAdoptRequests: an adoption takes no more requests than looking for what is
// unmanaged takes afterwards.
func TestAdoptRequests(t *testing.T) {
	const apps = 30
	_, server, client := manyApps(t, apps, 0)
	var first, last herokutf.DriftProgress
	a, next := adopt(t, client, nil, herokutf.AdoptOptions{All: true, Progress: func(p herokutf.DriftProgress) {
		if last = p; p.Done == 0 {
			first = p
		}
	}})
	if len(a.Objects) < 8*apps || a.Warnings != nil {
		t.Errorf("%d objects, warnings %q", len(a.Objects), a.Warnings)
	}
	report, err := herokutf.DetectDrift(t.Context(), client, next, herokutf.DriftOptions{Unmanaged: true})
	if err != nil {
		t.Fatal(err)
	}
	if a.Requests > report.Requests {
		t.Errorf("%d requests, and drift takes %d", a.Requests, report.Requests)
	}
	if first.Apps != apps || last.Done != apps || first.Requests > a.Requests || first.Requests < a.Requests*9/10 {
		t.Errorf("announced %+v, ended with %+v, and sent %d", first, last, a.Requests)
	}
	for route := range server.Requests() {
		if !strings.HasPrefix(route, "GET ") {
			t.Errorf("sent %s", route)
		}
	}
}

func BenchmarkAdopt(b *testing.B) {
	_, _, client := manyApps(b, 100, 50*time.Millisecond)
	for b.Loop() {
		a, err := herokutf.Adopt(b.Context(), client, nil, herokutf.AdoptOptions{All: true})
		if err != nil || len(a.Objects) < 800 {
			b.Fatal(err)
		}
	}
}

// shop is an account with a few apps.
func shop(t testing.TB) (*herokutest.Server, *platform.Client) {
	t.Helper()
	s := herokutest.New(herokutest.Options{})
	s.AddTeam(herokutest.Team{Name: "acme"})
	s.AddApp(herokutest.App{
		Name: "shop-eu", Team: "acme", ConfigVars: map[string]string{"KEY": "a-secret-value"},
		Domains:   []herokutest.Domain{{Hostname: "a.b.example.com"}, {Hostname: "a-b.example.com"}, {Hostname: "*.example.com"}},
		LogDrains: []herokutest.LogDrain{{URL: "https://user:a-secret-password@logs.example.com/"}},
	})
	s.AddApp(herokutest.App{Name: "shop-us"})
	s.AddApp(herokutest.App{Name: "shop-pr-7"})
	s.AddAddon(herokutest.Addon{Name: "shop-db", App: "shop-eu", Plan: "heroku-postgresql:essential-0"})
	s.Attach("shop-db", herokutest.Attachment{Name: "SHOP_DB", App: "shop-us"})
	s.AddPipeline(herokutest.Pipeline{Name: "shop", Couplings: []herokutest.Coupling{
		{App: "shop-eu", Stage: "production"}, {App: "shop-us", Stage: "staging"}, {App: "shop-pr-7", Stage: "review"},
	}})
	return s, clientOf(t, s)
}

func addressesOf(a *herokutf.Adoption) []string {
	var all []string
	for _, o := range a.Objects {
		all = append(all, o.Address)
	}
	return all
}

// folder is a configuration of the files in it, by name.
func folder(t testing.TB, files map[string]string) *tfconfig.Config {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, err := tfconfig.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func fileOf(t testing.TB, a *herokutf.Adoption, name string) string {
	t.Helper()
	for _, f := range a.Files {
		if f.Name == name {
			return f.Text
		}
	}
	t.Errorf("no file %s", name)
	return ""
}

func TestAdoptNames(t *testing.T) {
	_, client := shop(t)
	for _, tt := range []struct {
		name  string
		files map[string]string
		want  []string
		paths []string
	}{
		{"an empty folder", nil, []string{
			"heroku_app.shop_eu", "heroku_addon.shop_eu_postgresql", "heroku_domain.shop_eu_wildcard_example_com",
			"heroku_domain.shop_eu_a_b_example_com", "heroku_domain.shop_eu_a_b_example_com_2", "heroku_drain.shop_eu", "heroku_pipeline_coupling.shop_eu",
		}, []string{"heroku.tf", "shop-eu.auto.tfvars.json", "shop-eu.tf"}},
		{"names that are taken", map[string]string{
			"shop-eu.tf": `resource "heroku_app" "other" {}`,
			"main.tf": `resource "heroku_app" "shop_eu" {}
				resource "heroku_drain" "shop_eu_2" {}
				variable "shop_eu_config_vars" {}
				removed {
					from = heroku_addon.shop_eu_postgresql
				}
				moved {
					from = heroku_drain.shop_eu
					to   = heroku_drain.elsewhere["x"]
				}`,
		}, []string{
			"heroku_app.shop_eu_2", "heroku_addon.shop_eu_postgresql_2", "heroku_domain.shop_eu_wildcard_example_com",
			"heroku_domain.shop_eu_a_b_example_com", "heroku_domain.shop_eu_a_b_example_com_2", "heroku_drain.shop_eu_3", "heroku_pipeline_coupling.shop_eu",
		}, []string{"heroku.tf", "shop-eu.auto.tfvars.json", "shop-eu_2.tf"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			opts := herokutf.AdoptOptions{Apps: []string{"shop-eu"}}
			if tt.files != nil {
				opts.Config = folder(t, tt.files)
			}
			a, _ := adopt(t, client, nil, opts)
			got := addressesOf(a)
			slices.Sort(got)
			slices.Sort(tt.want)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("addresses (-want +got):\n%s", diff)
			}
			var names []string
			for _, f := range a.Files {
				names = append(names, f.Name)
			}
			if diff := cmp.Diff(tt.paths, names); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
		})
	}
}

// TestAdoptProvider: the instances and the resources name the provider as the folder
// does, and one that knows apps by name is refused.
func TestAdoptProvider(t *testing.T) {
	const required = `terraform {
		required_providers {
			heroku = {
				source  = "heroku/heroku"
				version = "~> 5.0"
			}
		}
	}
	`
	_, client := shop(t)
	for _, tt := range []struct {
		name      string
		files     map[string]string
		reference string
		argument  string // of the resources; "" for none
		err       error
		hint      string
	}{
		{name: "required", files: map[string]string{"a.tf": required}, reference: `provider["registry.terraform.io/heroku/heroku"]`},
		{name: "nothing", files: map[string]string{"a.tf": `variable "x" {}`}, reference: `provider["registry.terraform.io/heroku/heroku"]`},
		{name: "OpenTofu", files: map[string]string{"a.tofu": required}, reference: `provider["registry.opentofu.org/heroku/heroku"]`},
		{name: "an alias alone", files: map[string]string{"a.tf": required + `provider "heroku" { alias = "eu" }`},
			reference: `provider["registry.terraform.io/heroku/heroku"].eu`, argument: "heroku.eu"},
		{name: "a default and an alias", files: map[string]string{"a.tf": required + "provider \"heroku\" {\n alias = \"eu\"\n}\nprovider \"heroku\" {}"},
			reference: `provider["registry.terraform.io/heroku/heroku"]`},
		{name: "two aliases", files: map[string]string{"a.tf": required + "provider \"heroku\" {\n alias = \"eu\"\n}\nprovider \"heroku\" {\n alias = \"us\"\n}"},
			err: herokutf.ErrNoProvider, hint: "without alias"},
		{name: "another name", files: map[string]string{"a.tf": strings.ReplaceAll(required, "heroku = {", "cloud = {")},
			reference: `provider["registry.terraform.io/heroku/heroku"]`, argument: "cloud"},
		{name: "a mirror", files: map[string]string{"a.tf": strings.ReplaceAll(required, `"heroku/heroku"`, `"tf.example.com/mirror/heroku"`)},
			reference: `provider["tf.example.com/mirror/heroku"]`},
		{name: "JSON", files: map[string]string{"a.tf.json": `{"terraform": {"required_providers": {"heroku": {"source": "heroku/heroku", "version": "5.3.2"}}}}`},
			reference: `provider["registry.terraform.io/heroku/heroku"]`},
		{name: "others alone", files: map[string]string{"a.tf": `terraform {
			required_providers { aws = { source = "hashicorp/aws" } }
		}`}, err: herokutf.ErrNoProvider, hint: "add heroku ="},
		{name: "an old constraint", files: map[string]string{"a.tf": strings.ReplaceAll(required, "~> 5.0", "~> 4.9")}, err: herokutf.ErrOldProvider, hint: "rename --to-ids"},
		{name: "an old lock", files: map[string]string{"a.tf": strings.ReplaceAll(required, "~> 5.0", ">= 4.0"), ".terraform.lock.hcl": `provider "registry.terraform.io/heroku/heroku" {
			version = "4.9.0"
		}`}, err: herokutf.ErrOldProvider, hint: "rename --to-ids"},
		{name: "a new lock", files: map[string]string{"a.tf": strings.ReplaceAll(required, "~> 5.0", ">= 4.0"), ".terraform.lock.hcl": `provider "registry.terraform.io/heroku/heroku" {
			version = "5.3.2"
		}`}, reference: `provider["registry.terraform.io/heroku/heroku"]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, err := herokutf.Adopt(t.Context(), client, nil, herokutf.AdoptOptions{Apps: []string{"shop-us"}, Config: folder(t, tt.files)})
			if tt.err != nil {
				refused(t, err, tt.err, tt.hint)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			next, err := a.Apply(nil)
			if err != nil {
				t.Fatal(err)
			}
			for inst := range next.Instances() {
				if inst.Provider != tt.reference {
					t.Errorf("%s has %s, want %s", inst.Address(), inst.Provider, tt.reference)
				}
			}
			text := fileOf(t, a, "shop-us.tf")
			if want := "  provider = " + tt.argument + "\n"; strings.Contains(text, "  provider =") != (tt.argument != "") || !strings.Contains(text, want) && tt.argument != "" {
				t.Errorf("want %q in\n%s", want, text)
			}
		})
	}
	for _, version := range []string{"provider-4.9.0", "provider-2.5.0"} {
		_, err := herokutf.Adopt(t.Context(), client, adoptedStates(t)[version], herokutf.AdoptOptions{All: true})
		refused(t, err, herokutf.ErrOldProvider, "rename --to-ids")
	}
}

// refused wants an error of that condition, with a hint that says what to do.
// The provider copies all config vars of apps and add-ons into the state, unless it is
// configured not to; then it writes them as empty.
func TestAdoptCopiesConfigVars(t *testing.T) {
	_, client := shop(t)
	off := func(names ...string) string {
		return "provider \"heroku\" {\n  customizations {\n    " + strings.Join(names, " = false\n    ") + " = false\n  }\n}\n"
	}
	for name, tt := range map[string]struct {
		config       string // "" for none
		apps, addons bool
	}{
		"no configuration":  {"", true, true},
		"no provider block": {"variable \"x\" {}\n", true, true},
		"a provider block":  {"provider \"heroku\" {}\n", true, true},
		"not of apps":       {off("set_app_all_config_vars_in_state"), false, true},
		"not of add-ons":    {off("set_addon_config_vars_in_state"), true, false},
		"none":              {off("set_app_all_config_vars_in_state", "set_addon_config_vars_in_state"), false, false},
	} {
		t.Run(name, func(t *testing.T) {
			opts := herokutf.AdoptOptions{Apps: []string{"shop-eu"}}
			if tt.config != "" {
				opts.Config = folder(t, map[string]string{"main.tf": tt.config})
			}
			_, next := adopt(t, client, nil, opts)
			seen := 0
			for key, attrs := range attributesOf(t, next) {
				for typ, of := range map[string]struct {
					attribute string
					copied    bool
				}{provider.App: {"all_config_vars", tt.apps}, provider.Addon: {"config_var_values", tt.addons}} {
					if strings.HasPrefix(key, typ+" ") {
						seen++
						if vars, ok := attrs[of.attribute].(map[string]any); !ok || (len(vars) > 0) != of.copied {
							t.Errorf("%s has %d %s, want some: %v", key, len(vars), of.attribute, of.copied)
						}
					}
				}
			}
			if seen != 2 {
				t.Errorf("adopted %d apps and add-ons, want one of each", seen)
			}
		})
	}
}

func refused(t testing.TB, err, want error, hint string) {
	t.Helper()
	var advice interface{ Hint() string }
	if !errors.Is(err, want) || !errors.As(err, &advice) || !strings.Contains(advice.Hint(), hint) {
		t.Errorf("got %v, want %v with the hint %q", err, want, hint)
	}
}

func TestAdoptErrors(t *testing.T) {
	s, client := shop(t)
	s.AddPipeline(herokutest.Pipeline{Name: "twice"})
	s.AddPipeline(herokutest.Pipeline{Name: "twice"})
	for _, tt := range []struct {
		name string
		opts herokutf.AdoptOptions
		err  error
		hint string
	}{
		{"nothing chosen", herokutf.AdoptOptions{}, herokutf.ErrNothingChosen, "name apps"},
		{"no such app", herokutf.AdoptOptions{Apps: []string{"shop-ue"}}, herokutf.ErrNotFoundToAdopt, "shop-us"},
		{"no such team", herokutf.AdoptOptions{Teams: []string{"acne"}}, herokutf.ErrNotFoundToAdopt, "acme"},
		{"no such pipeline", herokutf.AdoptOptions{Pipelines: []string{"nowhere"}}, herokutf.ErrNotFoundToAdopt, "the API doesn't say which"},
		{"no such space", herokutf.AdoptOptions{Spaces: []string{"nowhere"}}, herokutf.ErrNotFoundToAdopt, "the API doesn't say which"},
		{"two pipelines", herokutf.AdoptOptions{Pipelines: []string{"twice"}}, herokutf.ErrNotFoundToAdopt, "UUID"},
	} {
		_, err := herokutf.Adopt(t.Context(), client, nil, tt.opts)
		t.Run(tt.name, func(t *testing.T) { refused(t, err, tt.err, tt.hint) })
	}
	if _, err := herokutf.Adopt(t.Context(), client, nil, herokutf.AdoptOptions{All: true, Skip: []string{"adddon"}}); !errors.Is(err, platform.ErrInvalidName) {
		t.Errorf("a kind that is none: %v", err)
	}
	if _, err := herokutf.Adopt(t.Context(), nil, nil, herokutf.AdoptOptions{All: true}); err == nil {
		t.Error("no client, and no error")
	}
	if _, err := herokutf.Adopt(t.Context(), client, nil, herokutf.AdoptOptions{All: true, Others: []*statefile.File{nil}}); err == nil {
		t.Error("a state that is nil, and no error")
	}
	s.Inject(herokutest.Fault{Status: 500, Times: -1})
	if _, err := herokutf.Adopt(t.Context(), client, nil, herokutf.AdoptOptions{All: true}); !errors.Is(err, platform.ErrUnavailable) {
		t.Errorf("without the lists: %v", err)
	}
}

// reasons are those of what is left out, by type and label or id.
func reasons(a *herokutf.Adoption) map[string]string {
	all := make(map[string]string)
	for _, o := range a.Left {
		all[o.Type+" "+o.App+" "+o.Label] = o.Reason
	}
	return all
}

func TestAdoptLeaves(t *testing.T) {
	s, client := shop(t)
	s.Inject(herokutest.Fault{Route: "GET /spaces", Status: 403, Times: -1})
	s.Inject(herokutest.Fault{Route: "GET /apps/{app}/log-drains", App: "shop-eu", Status: 403, Times: -1})
	s.Inject(herokutest.Fault{Route: "GET /apps/{app}/config-vars", App: "shop-us", Status: 403, Times: -1})
	a, _ := adopt(t, client, nil, herokutf.AdoptOptions{All: true})
	if len(a.Warnings) != 2 || !strings.HasPrefix(a.Warnings[0], "reading the spaces failed") || !strings.HasPrefix(a.Warnings[1], "shop-eu: reading the log drains failed") {
		t.Errorf("warnings: %q", a.Warnings)
	}
	got := reasons(a)
	for key, want := range map[string]string{
		"heroku_app shop-pr-7 shop-pr-7":                          "it is a review app, which Heroku makes and deletes",
		"heroku_app shop-us shop-us":                              "the provider reads the config vars of every app",
		"heroku_addon_attachment shop-eu DATABASE":                "the add-on has come with it",
		"heroku_team_collaborator shop-eu acme@herokumanager.com": "the owner has access in any case",
	} {
		if !strings.HasPrefix(got[key], want) {
			t.Errorf("%s is left since %q, want %q", key, got[key], want)
		}
	}
	for _, o := range a.Objects {
		if o.App != "shop-eu" && o.Type != "heroku_pipeline" {
			t.Errorf("adopted %s", o.Address)
		}
	}
}

// TestAdoptLeavesUnfit: what Heroku describes as no provider stores it is left with the
// reason, and is neither in the files nor in the state.
func TestAdoptLeavesUnfit(t *testing.T) {
	s, client := shop(t)
	s.Inject(herokutest.Fault{Route: "GET /apps/{app}/domains", App: "shop-eu", Status: 200, Times: -1, Body: `[
		{"kind": "custom", "hostname": "fine.example.com", "cname": "a.herokudns.com", "id": "d0000000-0000-4000-8000-000000000001"},
		{"kind": "custom", "hostname": "wrong.example.com", "cname": ["a.herokudns.com"], "id": "d0000000-0000-4000-8000-000000000002"}]`})
	a, next := adopt(t, client, nil, herokutf.AdoptOptions{Apps: []string{"shop-eu"}})
	const want = "Heroku has it with a value of cname that isn't of the kind which the provider stores"
	if got := reasons(a)["heroku_domain shop-eu wrong.example.com"]; got != want {
		t.Errorf("left since %q, want %q: %v", got, want, a.Left)
	}
	var domains []string
	for _, o := range a.Objects {
		if o.Type == "heroku_domain" {
			domains = append(domains, o.Label)
		}
	}
	if !slices.Equal(domains, []string{"fine.example.com"}) {
		t.Errorf("adopted %q", domains)
	}
	if bytes.Contains(next.Bytes(), []byte("wrong.example.com")) || strings.Contains(fileOf(t, a, "shop-eu.tf"), "wrong.example.com") {
		t.Error("what is left is in the files")
	}
}

// The config vars of a pipeline are adopted stage by stage, and once.
func TestAdoptStages(t *testing.T) {
	const stages = "heroku_pipeline_config_var"
	for name, tt := range map[string]struct {
		fault    herokutest.Fault
		opts     herokutf.AdoptOptions
		want     []string // labels
		warnings int
	}{
		"both":      {want: []string{"review", "test"}},
		"left out":  {opts: herokutf.AdoptOptions{NoConfigVars: true}},
		"refused":   {fault: herokutest.Fault{Status: 403, Times: 1}, want: []string{"one"}, warnings: 1},
		"not found": {fault: herokutest.Fault{Status: 404, Times: 1}, want: []string{"one"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := herokutest.New(herokutest.Options{})
			s.AddPipeline(herokutest.Pipeline{Name: "shop", ConfigVars: map[string]map[string]string{
				"test": {"LEVEL": "debug"}, "review": {"LEVEL": "info", "MAIL": "off"},
			}})
			client := clientOf(t, s)
			if tt.fault.Status != 0 {
				tt.fault.Route = "GET /pipelines/{pipeline}/stage/{stage}/config-vars"
				s.Inject(tt.fault)
			}
			tt.opts.All = true
			a, next := adopt(t, client, nil, tt.opts)
			labels := func(objects []herokutf.AdoptObject) (all []string) {
				for _, o := range objects {
					if o.Type == stages {
						all = append(all, o.Label)
					}
				}
				slices.Sort(all)
				return all
			}
			got := labels(a.Objects)
			if len(tt.want) == 1 && len(got) == 1 { // either of the requests may be the first
				got = tt.want
			}
			if !slices.Equal(got, tt.want) || len(a.Warnings) != tt.warnings {
				t.Errorf("adopted %q with warnings %q, want %q and %d", got, a.Warnings, tt.want, tt.warnings)
			}
			if tt.warnings > 0 && !strings.Contains(a.Warnings[0], "config vars of stage") {
				t.Errorf("warning %q", a.Warnings[0])
			}
			// What the state has is left to it.
			b, err := herokutf.Adopt(t.Context(), client, next, herokutf.AdoptOptions{All: true})
			if err != nil {
				t.Fatal(err)
			}
			if all := len(labels(b.Objects)) + len(labels(a.Objects)); all != 2 {
				t.Errorf("adopted %q, and then %q", labels(a.Objects), labels(b.Objects))
			}
			if tt.warnings == 0 && len(tt.want) == 2 && !slices.Equal(labels(b.Left), []string{"review", "test"}) {
				t.Errorf("left %q", labels(b.Left))
			}
		})
	}
}

// TestAdoptBesides: what a state has is left to it, and referred to where it is that of
// the folder.
func TestAdoptBesides(t *testing.T) {
	_, client := shop(t)
	skip := []string{"domain", "drain", "addon", "addon_attachment", "pipeline_coupling"}
	_, first := adopt(t, client, nil, herokutf.AdoptOptions{Apps: []string{"shop-eu"}, Skip: skip})

	a, _ := adopt(t, client, first, herokutf.AdoptOptions{Apps: []string{"shop-eu", "shop-us"}})
	got := addressesOf(a)
	if slices.Contains(got, "heroku_app.shop_eu") || !slices.Contains(got, "heroku_addon.shop_eu_postgresql") || !slices.Contains(got, "heroku_app.shop_us") {
		t.Errorf("adopted %q", got)
	}
	if text := fileOf(t, a, "shop-eu.tf"); !strings.Contains(text, "= heroku_app.shop_eu.id\n") {
		t.Errorf("doesn't refer to the app that is there:\n%s", text)
	}
	next, err := a.Apply(first)
	if err != nil {
		t.Fatal(err)
	}
	want := `["heroku_addon.shop_eu_postgresql","heroku_app.shop_eu","heroku_app.shop_us"]`
	var attachment struct {
		Resources []struct {
			Type      string
			Instances []struct{ Dependencies json.RawMessage }
		}
	}
	if err := json.Unmarshal(next.Bytes(), &attachment); err != nil {
		t.Fatal(err)
	}
	for _, r := range attachment.Resources {
		var got bytes.Buffer
		if r.Type == provider.Attachment && (json.Compact(&got, r.Instances[0].Dependencies) != nil || got.String() != want) {
			t.Errorf("dependencies are %s, want %s", got.String(), want)
		}
	}

	// In another folder both are somebody else's.
	b, _ := adopt(t, client, nil, herokutf.AdoptOptions{Apps: []string{"shop-eu", "shop-us"}, Others: []*statefile.File{next}})
	if len(b.Objects)+len(b.Files) > 0 {
		t.Errorf("adopted %q", addressesOf(b))
	}
	c, _ := adopt(t, client, nil, herokutf.AdoptOptions{Apps: []string{"shop-us"}, Others: []*statefile.File{first}})
	text := fileOf(t, c, "shop-us.tf")
	if addon := strings.Count(text, "addon_id = \""); addon != 1 {
		t.Errorf("want the id of an add-on that is elsewhere in\n%s", text)
	}

	// By now another one has adopted the same.
	if _, err := a.Apply(next); !errors.Is(err, herokutf.ErrAdoptedMeanwhile) {
		t.Errorf("applied twice: %v", err)
	}
}

// TestAdoptPending: when the files are there and the state isn't, it is the state's turn.
func TestAdoptPending(t *testing.T) {
	_, client := shop(t)
	opts := herokutf.AdoptOptions{Apps: []string{"shop-eu"}}
	a, want := adopt(t, client, nil, opts)
	files := make(map[string]string)
	for _, f := range a.Files {
		if !f.Secret {
			files[f.Name] = f.Text
		}
	}
	opts.Config = folder(t, files)
	b, got := adopt(t, client, nil, opts)
	if diff := cmp.Diff([]string{"shop-eu.tf"}, b.Pending); diff != "" {
		t.Errorf("pending (-want +got):\n%s", diff)
	}
	if len(b.Files) != 1 || !b.Files[0].Secret || b.Files[0].Text != fileOf(t, a, b.Files[0].Name) {
		t.Errorf("want the file of secrets alone, got %v", b.Files)
	}
	resources := func(f *statefile.File) any {
		var v struct{ Resources any }
		if err := json.Unmarshal(f.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		return v.Resources
	}
	if diff := cmp.Diff(resources(want), resources(got)); diff != "" {
		t.Errorf("state (-at once +later):\n%s", diff)
	}
}

// TestAdoptShowsNoSecret: secrets are in the state and in the files that are marked, and
// nowhere else.
func TestAdoptShowsNoSecret(t *testing.T) {
	const marker = "very-secret-marker"
	for _, name := range []string{"provider-5.3.2", "provider-2.5.0"} {
		state := decodeState(t, adoptedStates(t)[name].Bytes())
		if marked(state, marker) < 5 {
			t.Fatal("nothing is marked")
		}
		text, err := json.Marshal(state)
		if err != nil {
			t.Fatal(err)
		}
		f, err := statefile.Parse(name, text)
		if err != nil {
			t.Fatal(err)
		}
		for _, association := range []bool{false, true} {
			_, client := herokuOf(t, f)
			a, next := adopt(t, client, nil, herokutf.AdoptOptions{All: true, ConfigAssociation: association})
			if !bytes.Contains(next.Bytes(), []byte(marker)) {
				t.Error("the state has none of the secrets")
			}
			secret := 0
			for _, file := range a.Files {
				switch {
				case file.Secret:
					secret += strings.Count(file.Text, marker)
				case strings.Contains(file.Text, marker):
					t.Errorf("%s has a secret:\n%s", file.Name, file.Text)
				}
			}
			if secret == 0 {
				t.Error("no file has the secrets")
			}
			for _, shown := range []string{fmt.Sprintf("%+v %#v", a, a), fmt.Sprintf("%v %+v", a.Files, *a), fmt.Sprint(a.Objects, a.Left, a.Notes, a.Warnings)} {
				if strings.Contains(shown, marker) {
					t.Error("an adoption prints secrets")
				}
			}
		}
	}
}

func TestAdoptImportBlocks(t *testing.T) {
	_, client := shop(t)
	a, next := adopt(t, client, nil, herokutf.AdoptOptions{Apps: []string{"shop-eu", "shop-us"}, ImportBlocks: true})
	var inState []string
	for inst := range next.Instances() {
		inState = append(inState, inst.Address())
	}
	// The config vars of the one app can't be imported.
	if diff := cmp.Diff([]string{"heroku_app.shop_eu"}, inState); diff != "" {
		t.Errorf("in the state (-want +got):\n%s", diff)
	}
	text := fileOf(t, a, "shop-eu.tf") + fileOf(t, a, "shop-us.tf")
	if n := strings.Count(text, "import {\n"); n != len(a.Objects)-1 {
		t.Errorf("%d import blocks for %d objects", n, len(a.Objects))
	}
}

func TestAdoptNothing(t *testing.T) {
	_, client := shop(t)
	_, next := adopt(t, client, nil, herokutf.AdoptOptions{All: true})
	a, same := adopt(t, client, next, herokutf.AdoptOptions{All: true})
	if same != next || len(a.Objects) > 0 || a.Objects == nil || a.Files != nil {
		t.Errorf("a second run adopts %q", addressesOf(a))
	}
	var none *herokutf.Adoption
	if _, err := none.Apply(next); err == nil {
		t.Error("an adoption that is nil, and no error")
	}
}

// TestAdoptNotPending: a block of the same address in the file of the same name is an
// earlier run's only if it is about the same object.
func TestAdoptNotPending(t *testing.T) {
	_, client := shop(t)
	for name, text := range map[string]string{
		"another app":  "resource \"heroku_app\" \"shop_us\" {\n  name = \"shop-other\"\n}\n",
		"by a name":    "resource \"heroku_app\" \"shop_us\" {\n  name = local.name\n}\nlocals {\n  name = \"shop-us\"\n}\n",
		"was released": "removed {\n  from = heroku_app.shop_us\n}\n",
	} {
		a, _ := adopt(t, client, nil, herokutf.AdoptOptions{Apps: []string{"shop-us"}, Config: folder(t, map[string]string{"shop-us.tf": text})})
		if got := addressesOf(a); got[0] != "heroku_app.shop_us_2" || a.Pending != nil {
			t.Errorf("%s: adopted %q, pending %q", name, got, a.Pending)
		}
		if text := fileOf(t, a, "shop-us_2.tf"); !strings.Contains(text, "app_id   = heroku_app.shop_us_2.id") {
			t.Errorf("%s: doesn't refer to the app:\n%s", name, text)
		}
	}
}

// TestAdoptFile: what Terraform would pass over is no place for what is in the state.
func TestAdoptFile(t *testing.T) {
	s, client := shop(t)
	for name, problem := range map[string]string{
		".tf": "with a dot", ".adopted.tf": "with a dot", "override.tf": "merges", "x_override.tf": "merges", "adopted": "doesn't end in .tf",
		"a/b.tf": "in the folder", `a\b.tf`: "in the folder", "../x.tf": "in the folder", "a\x1b.tf": "in the folder",
	} {
		_, err := herokutf.Adopt(t.Context(), client, nil, herokutf.AdoptOptions{All: true, File: name})
		refused(t, err, platform.ErrInvalidName, "adopted.tf")
		if strings.Contains(err.Error(), "\x1b") || !strings.Contains(err.Error(), problem) {
			t.Errorf("%q: %v, want %q", name, err, problem)
		}
	}
	if n := len(s.Log()); n > 0 {
		t.Errorf("%d requests", n)
	}
	// OpenTofu reads a .tofu file in place of the .tf file beside it.
	a, _ := adopt(t, client, nil, herokutf.AdoptOptions{Apps: []string{"shop-us"}, Config: folder(t, map[string]string{"shop-us.tofu": "", "main.tf": ""})})
	fileOf(t, a, "shop-us_2.tf")
}

// TestAdoptRefersToItsOwner: a review app configuration has the id of its pipeline, and
// isn't it; and what the configuration doesn't declare can't be referred to.
func TestAdoptRefersToItsOwner(t *testing.T) {
	_, client := shop(t)
	first, next := adopt(t, client, nil, herokutf.AdoptOptions{Pipelines: []string{"shop"}, Skip: []string{"app", "pipeline_coupling", "domain", "drain", "addon", "addon_attachment"}})
	var id string
	for _, o := range first.Objects {
		if o.Type == provider.Pipeline {
			id = o.ID
		}
	}
	next, err := next.Apply(statefile.InsertInstance(next, statefile.NewInstance{
		Type: "heroku_review_app_config", Name: "shop", Provider: `provider["registry.terraform.io/heroku/heroku"]`,
		Attributes: fmt.Appendf(nil, `{"id":%q,"pipeline_id":%q}`, id, id),
	}))
	if err != nil {
		t.Fatal(err)
	}
	opts := herokutf.AdoptOptions{Apps: []string{"shop-us"}}
	a, _ := adopt(t, client, next, opts)
	if text := fileOf(t, a, "shop-us.tf"); !strings.Contains(text, "= heroku_pipeline.shop.id\n") {
		t.Errorf("doesn't refer to the pipeline:\n%s", text)
	}
	opts.Config = folder(t, map[string]string{"main.tf": ""})
	a, _ = adopt(t, client, next, opts)
	if text := fileOf(t, a, "shop-us.tf"); strings.Contains(text, "heroku_pipeline.") {
		t.Errorf("refers to a pipeline that isn't declared:\n%s", text)
	}
}

// TestAdoptGoesOn: a later run finds what an earlier one has written under a numbered
// name, imports only what has an import block, and points at a block that was moved.
func TestAdoptGoesOn(t *testing.T) {
	_, client := shop(t)
	opts := herokutf.AdoptOptions{Apps: []string{"shop-us"}}
	files := map[string]string{"shop-us.tf": "locals {}\n"}
	opts.Config = folder(t, files)
	a, _ := adopt(t, client, nil, opts)
	text := fileOf(t, a, "shop-us_2.tf")
	for _, blocks := range []bool{false, true} {
		files["shop-us_2.tf"] = text
		opts.Config, opts.ImportBlocks = folder(t, files), blocks
		b, _ := adopt(t, client, nil, opts)
		if diff := cmp.Diff(addressesOf(a), addressesOf(b)); diff != "" || !slices.Equal(b.Pending, []string{"shop-us_2.tf"}) {
			t.Errorf("import blocks %v: pending %q, addresses (-first +second):\n%s", blocks, b.Pending, diff)
		}
		for _, o := range b.Objects {
			if o.Import {
				t.Errorf("%s is to be imported, and has no import block", o.Address)
			}
		}
	}
	opts.Config = folder(t, map[string]string{"shop-us.tf": "locals {}\n"})
	c, _ := adopt(t, client, nil, opts)
	opts.Config = folder(t, map[string]string{"shop-us.tf": fileOf(t, c, "shop-us_2.tf")})
	d, _ := adopt(t, client, nil, opts)
	if diff := cmp.Diff(c.Objects, d.Objects); diff != "" || d.Pending == nil {
		t.Errorf("pending %q; import blocks (-first +second):\n%s", d.Pending, diff)
	}
	opts.Config = folder(t, map[string]string{"main.tf": text})
	e, _ := adopt(t, client, nil, opts)
	if len(e.Warnings) == 0 || !strings.Contains(e.Warnings[0], "no state has heroku_app.shop_us,") || e.Pending != nil {
		t.Errorf("pending %q, warnings %q", e.Pending, e.Warnings)
	}
}

func TestAdoptIntoOneFile(t *testing.T) {
	_, client := shop(t)
	opts := herokutf.AdoptOptions{All: true, File: "adopted.tf"}
	a, want := adopt(t, client, nil, opts)
	var names []string
	files := make(map[string]string)
	for _, f := range a.Files {
		names = append(names, f.Name)
		files[f.Name] = f.Text
	}
	if diff := cmp.Diff([]string{"adopted.auto.tfvars.json", "adopted.tf", "heroku.tf"}, names); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	opts.Config = folder(t, files)
	b, got := adopt(t, client, statefile.New("terraform.tfstate", "1.11.4"), opts)
	if diff := cmp.Diff([]string{"adopted.tf"}, b.Pending); diff != "" || b.Files != nil {
		t.Errorf("%d files, pending (-want +got):\n%s", len(b.Files), diff)
	}
	if diff := cmp.Diff(attributesOf(t, want), attributesOf(t, got)); diff != "" {
		t.Errorf("state (-at once +later):\n%s", diff)
	}
}

// TestAdoptIsDeterministic: two runs give the same bytes, but for the lineage.
func TestAdoptIsDeterministic(t *testing.T) {
	f := adoptedStates(t)["provider-5.3.2"]
	_, client := herokuOf(t, f)
	var first *herokutf.Adoption
	var state []byte
	for range 4 {
		a, next := adopt(t, client, statefile.New("terraform.tfstate", "1.11.4"), herokutf.AdoptOptions{All: true})
		_, resources, _ := bytes.Cut(next.Bytes(), []byte(`"resources"`))
		if first == nil {
			first, state = a, resources
			continue
		}
		for i := range a.Files {
			if a.Files[i].Name != first.Files[i].Name || a.Files[i].Text != first.Files[i].Text {
				t.Errorf("%s differs", a.Files[i].Name)
			}
		}
		if diff := cmp.Diff(first.Left, a.Left) + cmp.Diff(first.Objects, a.Objects) + cmp.Diff(first.Notes, a.Notes); diff != "" || !bytes.Equal(state, resources) {
			t.Errorf("differs (-first +later):\n%s", diff)
		}
	}
}

// TestAdoptHostileTexts: what people have typed on Heroku is text in the configuration,
// and nothing else.
func TestAdoptHostileTexts(t *testing.T) {
	const hostile = "a\"}\n${file(\"/etc/passwd\")}%{if true}\x1b[31m\u202e\\"
	s := herokutest.New(herokutest.Options{})
	s.AddApp(herokutest.App{
		Name: "shop-eu", Buildpacks: []string{hostile}, Stack: hostile,
		Webhooks:      []herokutest.Webhook{{URL: hostile, Include: []string{hostile}}},
		Collaborators: []herokutest.Collaborator{{Email: hostile + "@example.com"}},
		ConfigVars:    map[string]string{hostile: hostile},
	})
	s.AddPipeline(herokutest.Pipeline{Name: hostile, Couplings: []herokutest.Coupling{{App: "shop-eu", Stage: "production"}}})
	a, next := adopt(t, clientOf(t, s), nil, herokutf.AdoptOptions{All: true})
	files := make(map[string]string)
	for _, f := range a.Files {
		files[f.Name] = f.Text
		if strings.ContainsAny(f.Text, "\x1b\u202e") && !f.Secret {
			t.Errorf("%s has characters that nobody sees", f.Name)
		}
		if strings.ContainsAny(f.Name, "/\\$\n\x1b") {
			t.Errorf("a file is called %q", f.Name)
		}
	}
	c := folder(t, files)
	for address, d := range c.Declared() {
		for name, text := range d.Arguments {
			if strings.Contains(text, "/etc/passwd") && !strings.Contains(text, "$${file") {
				t.Errorf("%s: %s is no plain text: %s", address, name, text)
			}
		}
	}
	b, _ := adopt(t, clientOf(t, s), nil, herokutf.AdoptOptions{All: true, Config: c})
	if len(b.Files) > 0 || len(b.Objects) != len(a.Objects) {
		t.Errorf("with its own files, it writes %d more", len(b.Files))
	}
	if n := len(slices.Collect(next.Instances())); n != len(a.Objects) {
		t.Errorf("%d instances for %d objects", n, len(a.Objects))
	}
}
