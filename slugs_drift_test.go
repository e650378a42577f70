package herokutf_test

import (
	"context"
	"fmt"
	"log"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
)

const (
	oldSlug = "51000000-0000-4000-8000-000000000001"
	newSlug = "51000000-0000-4000-8000-000000000002"
)

// releasesState has apps, a release of each with the old slug, and a formation
// of the first.
func releasesState(apps ...string) *statefile.File {
	instance := func(typ, name string, attrs string) string {
		return fmt.Sprintf(`{"mode":"managed","type":%q,"name":%q,"provider":"provider[\"registry.terraform.io/heroku/heroku\"]",
			"instances":[{"schema_version":1,"attributes":%s}]}`, typ, name, attrs)
	}
	var resources []string
	for i, app := range apps {
		id := fmt.Sprintf("a0000000-0000-4000-8000-%012d", i)
		release := fmt.Sprintf(`{"app_id":%q,"slug_id":%q,"oci_image":null,"description":null,"id":"b0000000-0000-4000-8000-%012d"}`, id, oldSlug, i)
		if strings.HasSuffix(app, "-fir") {
			release = fmt.Sprintf(`{"app_id":%q,"slug_id":null,"oci_image":%q,"description":null,"id":"b0000000-0000-4000-8000-%012d"}`, id, oldSlug, i)
		}
		resources = append(resources,
			instance("heroku_app", app, fmt.Sprintf(`{"id":%q,"name":%q,"uuid":%q}`, id, app, id)),
			instance("heroku_app_release", app, release))
	}
	resources = append(resources, instance("heroku_formation", "web",
		`{"app_id":"a0000000-0000-4000-8000-000000000000","id":"f0000000-0000-4000-8000-000000000001","quantity":1,"size":"Standard-1X","type":"web"}`))
	f, err := statefile.Parse("terraform.tfstate", fmt.Appendf(nil, `{"version":4,"serial":1,"lineage":"x","outputs":{},"resources":[%s]}`, strings.Join(resources, ",")))
	if err != nil {
		log.Fatal(err)
	}
	return f
}

// promoted is a Heroku whose pipeline has brought the new slug to the apps.
func promoted(couplings map[string]string, apps ...string) (*herokutest.Server, *platform.Client) {
	s := herokutest.New(herokutest.Options{})
	p := herokutest.Pipeline{Name: "shop"}
	for i, name := range apps {
		app := herokutest.App{ID: fmt.Sprintf("a0000000-0000-4000-8000-%012d", i), Name: name}
		if i == 0 {
			app.Formation = []herokutest.Process{{ID: "f0000000-0000-4000-8000-000000000001", Type: "web", Quantity: 3}}
		}
		if strings.HasSuffix(name, "-fir") {
			app.Generation, p.Generation = herokutest.Fir, herokutest.Fir
		}
		s.AddApp(app)
		s.Deploy(name, newSlug)
		if stage := couplings[name]; stage != "" {
			p.Couplings = append(p.Couplings, herokutest.Coupling{App: name, Stage: stage})
		}
	}
	s.AddPipeline(p)
	c, err := platform.New(platform.Options{Token: "token", Transport: s})
	if err != nil {
		log.Fatal(err)
	}
	return s, c
}

// What stands in the way of a deployment, and what is the deployment's own doing.
func ExampleSlugs_Explains() {
	_, client := promoted(map[string]string{"shop-eu": "production"}, "shop-eu")
	ctx := context.Background()
	slugs, err := herokutf.ResolveSlugs(ctx, client, []herokutf.Pipeline{{Name: "shop", Ref: "shop"}}, herokutf.SlugOptions{})
	if err != nil {
		log.Fatal(err)
	}
	report, err := herokutf.DetectDrift(ctx, client, releasesState("shop-eu"), herokutf.DriftOptions{})
	if err != nil {
		log.Fatal(err)
	}
	for _, o := range report.Objects {
		if o.Verdict.IsDrift() {
			fmt.Println(o.Address, o.Verdict, slugs.Explains(o))
		}
	}
	// Output:
	// heroku_app_release.shop-eu changed true
	// heroku_formation.web changed false
}

func TestExplains(t *testing.T) {
	for _, tt := range []struct {
		name      string
		apps      []string
		couplings map[string]string
		act       func(*herokutest.Server) // after the slugs are resolved
		want      []string                 // the addresses that are explained
	}{
		{
			name:      "an app and the others of its stage",
			apps:      []string{"shop-eu", "shop-us", "shop-au"},
			couplings: map[string]string{"shop-eu": "production", "shop-us": "production", "shop-au": "production"},
			want:      []string{"heroku_app_release.shop-eu", "heroku_app_release.shop-us", "heroku_app_release.shop-au"},
		},
		{
			name:      "an app that is in no pipeline and runs the same",
			apps:      []string{"shop-eu", "shop-us"},
			couplings: map[string]string{"shop-eu": "production"},
			want:      []string{"heroku_app_release.shop-eu"},
		},
		{
			name:      "images",
			apps:      []string{"shop-fir", "shop-us-fir"},
			couplings: map[string]string{"shop-fir": "production", "shop-us-fir": "production"},
			want:      []string{"heroku_app_release.shop-fir", "heroku_app_release.shop-us-fir"},
		},
		{
			name:      "one that runs another slug meanwhile",
			apps:      []string{"shop-eu", "shop-us"},
			couplings: map[string]string{"shop-eu": "production", "shop-us": "staging"},
			act:       func(s *herokutest.Server) { s.Deploy("shop-us", "51000000-0000-4000-8000-000000000003") },
			want:      []string{"heroku_app_release.shop-eu"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, client := promoted(tt.couplings, tt.apps...)
			slugs, err := herokutf.ResolveSlugs(t.Context(), client, []herokutf.Pipeline{{Name: "shop", Ref: "shop"}}, herokutf.SlugOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if tt.act != nil {
				tt.act(s)
			}
			report, err := herokutf.DetectDrift(t.Context(), client, releasesState(tt.apps...), herokutf.DriftOptions{})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			releases := 0
			for _, o := range report.Objects {
				if o.Type == "heroku_app_release" && o.Verdict == herokutf.Changed {
					releases++
				}
				if slugs.Explains(o) {
					got = append(got, o.Address)
				}
			}
			if releases != len(tt.apps) {
				t.Errorf("%d releases have changed, want %d: the test shows nothing", releases, len(tt.apps))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("explained (-want +got):\n%s", diff)
			}
		})
	}
}

// TestExplainsNot: each differs in one thing from what is explained.
func TestExplainsNot(t *testing.T) {
	slugs := &herokutf.Slugs{Artifacts: []herokutf.Artifact{
		{Variable: "shop_slug_production", Value: newSlug, Kind: herokutf.KindSlug, App: herokutf.NamedID{Name: "shop-eu"}, Others: []herokutf.NamedID{{Name: "shop-us"}}},
		{Variable: "web_slug_production", Value: oldSlug, Kind: herokutf.KindSlug, App: herokutf.NamedID{Name: "web"}},
		{Variable: "fir_oci_image_production", Value: newSlug, Kind: herokutf.KindOCIImage, App: herokutf.NamedID{Name: "fir"}},
		{}, // what somebody has left empty explains nothing
		{Variable: "api_slug_production", Value: newSlug, Kind: herokutf.KindSlug}, // nor does one of no app
	}}
	object := func(edits ...func(*herokutf.DriftObject)) herokutf.DriftObject {
		o := herokutf.DriftObject{Type: "heroku_app_release", App: "shop-us", Verdict: herokutf.Changed,
			Differences: []herokutf.DriftDifference{{Path: statefile.Path{"slug_id"}, State: oldSlug, Live: newSlug}}}
		for _, edit := range edits {
			edit(&o)
		}
		return o
	}
	if !slugs.Explains(object()) {
		t.Fatal("the release itself isn't explained")
	}
	if !slugs.Explains(object(func(o *herokutf.DriftObject) { o.App, o.Differences[0].Path = "fir", statefile.Path{"oci_image"} })) {
		t.Error("the image isn't explained")
	}
	for name, edit := range map[string]func(*herokutf.DriftObject){
		"another type":           func(o *herokutf.DriftObject) { o.Type = "heroku_build" },
		"a data source":          func(o *herokutf.DriftObject) { o.Type = "data.heroku_app_release" },
		"missing":                func(o *herokutf.DriftObject) { o.Verdict = herokutf.Missing },
		"replaced":               func(o *herokutf.DriftObject) { o.Verdict = herokutf.Replaced },
		"nothing differs":        func(o *herokutf.DriftObject) { o.Differences = nil },
		"another app":            func(o *herokutf.DriftObject) { o.App = "api" },
		"another artifact's app": func(o *herokutf.DriftObject) { o.App = "web" },
		"no app":                 func(o *herokutf.DriftObject) { o.App = "" },
		"another slug":           func(o *herokutf.DriftObject) { o.Differences[0].Live = "51000000-0000-4000-8000-000000000003" },
		"no slug":                func(o *herokutf.DriftObject) { o.Differences[0].Live = nil },
		"an empty slug, no app":  func(o *herokutf.DriftObject) { o.App, o.Differences[0].Live = "", "" },
		"another attribute":      func(o *herokutf.DriftObject) { o.Differences[0].Path = statefile.Path{"description"} },
		"an image with a slug":   func(o *herokutf.DriftObject) { o.Differences[0].Path = statefile.Path{"oci_image"} },
		"something else as well": func(o *herokutf.DriftObject) {
			o.Differences = append(o.Differences, herokutf.DriftDifference{Path: statefile.Path{"description"}, State: "a", Live: "b"})
		},
	} {
		if slugs.Explains(object(edit)) {
			t.Errorf("%s: explained", name)
		}
	}
}
