package herokutf_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/statefile"
)

// TestAdoptMeanwhile: a state that got an address or an object of the adoption since is
// refused, and nothing else is.
func TestAdoptMeanwhile(t *testing.T) {
	_, client := shop(t)
	a, err := herokutf.Adopt(t.Context(), client, nil, herokutf.AdoptOptions{Apps: []string{"shop-us"}, Skip: []string{"addon_attachment", "pipeline_coupling"}})
	if err != nil || len(a.Objects) != 1 {
		t.Fatal(a, err)
	}
	app := a.Objects[0]
	const heroku = `provider["registry.terraform.io/heroku/heroku"]`
	for _, tt := range []struct {
		name, mode, typ, resource, provider, attributes string
		refused                                         bool
	}{
		{"the address", "managed", app.Type, "shop_us", heroku, `{"id":"another"}`, true},
		{"the object under another address", "managed", app.Type, "elsewhere", heroku, fmt.Sprintf(`{"id":%q}`, app.ID), true},
		{"an object of another type with its id", "managed", "heroku_formation", "web", heroku, fmt.Sprintf(`{"id":%q}`, app.ID), false},
		{"a data source", "data", app.Type, "shop_us", heroku, fmt.Sprintf(`{"id":%q}`, app.ID), false},
		{"an object without an id", "managed", app.Type, "elsewhere", heroku, `{}`, false},
		{"another provider's", "managed", "null_resource", "shop_us", `provider["registry.terraform.io/hashicorp/null"]`, fmt.Sprintf(`{"id":%q}`, app.ID), false},
	} {
		f := parseState(t, "terraform.tfstate", fmt.Appendf(nil, `{"version":4,"terraform_version":"1.9.0","serial":1,"lineage":"x","outputs":{},"resources":[
			{"mode":%q,"type":%q,"name":%q,"provider":%q,"instances":[{"schema_version":1,"attributes":%s}]}]}`,
			tt.mode, tt.typ, tt.resource, tt.provider, tt.attributes))
		next, err := a.Apply(f)
		if tt.refused {
			refused(t, err, herokutf.ErrAdoptedMeanwhile, "run it again")
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		n := 0
		for inst := range next.Instances() {
			if inst.Address() == app.Address && inst.Mode == statefile.Managed {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s: the state has the app %d times", tt.name, n)
		}
	}
}

// TestAdoptCancelled: whichever request it meets, an adoption that is cancelled is an
// error and no smaller adoption.
func TestAdoptCancelled(t *testing.T) {
	for _, route := range []string{
		"GET /apps", "GET /addons", "GET /teams", "GET /spaces", "GET /apps/{app}/domains", "GET /apps/{app}/config-vars", "GET /apps/{app}/sni-endpoints",
		"GET /pipelines/{pipeline}/stage/{stage}/config-vars", "GET /teams/{team}/members",
	} {
		t.Run(route, func(t *testing.T) {
			s, client := shop(t)
			s.AddApp(herokutest.App{Name: "shop-tls", SNIEndpoints: []herokutest.SNIEndpoint{{Name: "cert"}},
				Domains: []herokutest.Domain{{Hostname: "tls.example.com", SNIEndpoint: "cert"}}})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			s.Inject(herokutest.Fault{Route: route, Do: func(*herokutest.Server) { cancel() }, Status: 403, Times: -1})
			a, err := herokutf.Adopt(ctx, client, nil, herokutf.AdoptOptions{All: true})
			if !errors.Is(err, context.Canceled) || a != nil {
				t.Errorf("adopted: %v, error: %v", a != nil, err)
			}
		})
	}
}

// TestAdoptNoID: what Heroku doesn't say the id of is left, with the reason.
func TestAdoptNoID(t *testing.T) {
	s, _ := shop(t)
	space := s.AddSpace(herokutest.Space{Name: "walls", Team: "acme"})
	client := edgeClient(t, s, map[string]string{"/spaces/" + space.ID + "/members": `[
		{"user": {"email": "ann@example.com"}, "permissions": [{"name": "create_apps"}]},
		{"user": {"email": "bob@example.com", "id": "0b000000-0000-4000-8000-000000000001"}, "permissions": [{"name": "create_apps"}]}]`})
	a, err := herokutf.Adopt(t.Context(), client, nil, herokutf.AdoptOptions{Spaces: []string{"walls"}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, o := range a.Left {
		if o.Type == "heroku_space_app_access" {
			got = append(got, o.ID+": "+o.Reason)
		}
	}
	for _, o := range a.Objects {
		if o.Type == "heroku_space_app_access" {
			got = append(got, o.ID+" is adopted")
		}
	}
	if want := []string{": Heroku doesn't say what the provider knows it by", "0b000000-0000-4000-8000-000000000001 is adopted"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
