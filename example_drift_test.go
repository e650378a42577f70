package herokutf_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/google/go-cmp/cmp"
	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/tfconfig"
)

// driftedState is a state in which web has one dyno.
const driftedState = `{
  "version": 4,
  "terraform_version": "1.11.4",
  "serial": 7,
  "lineage": "3f2a5b1c-0000-4000-8000-000000000001",
  "outputs": {},
  "resources": [
    {
      "mode": "managed",
      "type": "heroku_app",
      "name": "api",
      "provider": "provider[\"registry.terraform.io/heroku/heroku\"]",
      "instances": [
        {
          "schema_version": 1,
          "attributes": {
            "id": "01234567-89ab-4def-8123-456789abcdef",
            "name": "api-production",
            "uuid": "01234567-89ab-4def-8123-456789abcdef"
          }
        }
      ]
    },
    {
      "mode": "managed",
      "type": "heroku_formation",
      "name": "web",
      "provider": "provider[\"registry.terraform.io/heroku/heroku\"]",
      "instances": [
        {
          "schema_version": 1,
          "attributes": {
            "app_id": "01234567-89ab-4def-8123-456789abcdef",
            "id": "f0000000-0000-4000-8000-000000000001",
            "quantity": 1,
            "size": "Standard-1X",
            "type": "web"
          }
        }
      ]
    }
  ]
}
`

// drifted is a Heroku where somebody has scaled web and added a domain.
func drifted() (*statefile.File, *platform.Client) {
	f, err := statefile.Parse("terraform.tfstate", []byte(driftedState))
	if err != nil {
		log.Fatal(err)
	}
	s := herokutest.New(herokutest.Options{})
	s.AddApp(herokutest.App{
		ID: "01234567-89ab-4def-8123-456789abcdef", Name: "api-production",
		Formation: []herokutest.Process{{ID: "f0000000-0000-4000-8000-000000000001", Type: "web", Quantity: 3}},
		Domains:   []herokutest.Domain{{ID: "d0000000-0000-4000-8000-000000000001", Hostname: "api.example.com"}},
	})
	c, err := platform.New(platform.Options{Token: "token", Transport: s})
	if err != nil {
		log.Fatal(err)
	}
	return f, c
}

func ExampleDetectDrift() {
	f, client := drifted()
	report, err := herokutf.DetectDrift(context.Background(), client, f, herokutf.DriftOptions{})
	if err != nil {
		log.Fatal(err)
	}
	for _, o := range report.Objects {
		fmt.Println(o.Address, o.Verdict)
		for _, d := range o.Differences {
			fmt.Printf("  %s: %v in the state, %v on Heroku\n", d.Path, d.State, d.Live)
		}
	}
	// Output:
	// heroku_app.api in sync
	// heroku_formation.web changed
	//   quantity: 1 in the state, 3 on Heroku
}

func ExampleDriftReport_Accept() {
	f, client := drifted()
	report, err := herokutf.DetectDrift(context.Background(), client, f, herokutf.DriftOptions{})
	if err != nil {
		log.Fatal(err)
	}
	accepted, err := report.Accept(f, "heroku_formation.web")
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range accepted.Changes {
		fmt.Printf("%s %s: %v becomes %v\n", c.Address, c.Path, c.Old, c.New)
	}
	after, err := accepted.Apply()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("serial", f.Serial(), "becomes", after.Serial())
	// Output:
	// heroku_formation.web quantity: 1 becomes 3
	// serial 7 becomes 8
}

// With the configuration, what has to change in it is accepted as well.
func ExampleDriftReport_Accept_configuration() {
	f, client := drifted()
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	main := "resource \"heroku_formation\" \"web\" {\n  quantity = 1 # enough\n}\n"
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(main), 0o644); err != nil {
		log.Fatal(err)
	}
	config, err := tfconfig.Load(dir)
	if err != nil {
		log.Fatal(err)
	}
	report, err := herokutf.DetectDrift(context.Background(), client, f, herokutf.DriftOptions{Config: config})
	if err != nil {
		log.Fatal(err)
	}
	accepted, err := report.Accept(f)
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range accepted.Config.Pending() {
		fmt.Printf("%s %s: %s\n", c.Address, c.Path, c.Reason)
	}
	// After the state: tfconfig.Apply(accepted.Config.Files).
	fmt.Printf("%s", accepted.Config.Files[0].New)
	// Output:
	// resource "heroku_formation" "web" {
	//   quantity = 3 # enough
	// }
}

func ExampleDriftReport_Foresee() {
	f, client := drifted()
	report, err := herokutf.DetectDrift(context.Background(), client, f, herokutf.DriftOptions{})
	if err != nil {
		log.Fatal(err)
	}
	// Without a plan it is a forecast; terraform.Folder.Plan makes plans.
	report.Foresee(nil)
	for _, o := range report.Objects {
		if o.Next != "" {
			fmt.Printf("%s: %s (a forecast: %t)\n", o.Address, o.Next, o.Forecast)
		}
	}
	// Output:
	// heroku_formation.web: put_back (a forecast: true)
}

func ExampleDriftReport_WriteImports() {
	f, client := drifted()
	report, err := herokutf.DetectDrift(context.Background(), client, f, herokutf.DriftOptions{Unmanaged: true})
	if err != nil {
		log.Fatal(err)
	}
	if err := report.WriteImports(os.Stdout); err != nil {
		log.Fatal(err)
	}
	// Output:
	// # What the apps have on Heroku and no state manages.
	// # Review it: terraform plan must say "import" and nothing else.
	//
	// import {
	//   to = heroku_domain.api_production_api_example_com
	//   id = "01234567-89ab-4def-8123-456789abcdef:d0000000-0000-4000-8000-000000000001"
	// }
	//
	// resource "heroku_domain" "api_production_api_example_com" {
	//   app_id   = heroku_app.api.id
	//   hostname = "api.example.com"
	// }
}

func ExampleParseShowJSON() {
	// What "terraform show -json" prints.
	shown := `{"format_version":"1.0","values":{"root_module":{"resources":[{
		"mode":"managed","type":"heroku_formation","name":"web",
		"provider_name":"registry.terraform.io/heroku/heroku","schema_version":1,
		"values":{"app_id":"01234567-89ab-4def-8123-456789abcdef","id":"f0000000-0000-4000-8000-000000000001",
			"quantity":1,"size":"Standard-1X","type":"web"}}]}}}`
	f, err := herokutf.ParseShowJSON("show.json", []byte(shown))
	if err != nil {
		log.Fatal(err)
	}
	_, client := drifted()
	report, err := herokutf.DetectDrift(context.Background(), client, f, herokutf.DriftOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(report.Objects[0])
	// Output:
	// heroku_formation.web: changed (1 difference)
}

// What one state manages isn't unmanaged for another.
func ExampleDetectDriftIn() {
	f, client := drifted()
	domains, err := statefile.Parse("domains.tfstate", []byte(`{
  "version": 4,
  "serial": 2,
  "lineage": "3f2a5b1c-0000-4000-8000-000000000002",
  "resources": [
    {
      "mode": "managed",
      "type": "heroku_domain",
      "name": "api",
      "provider": "provider[\"registry.terraform.io/heroku/heroku\"]",
      "instances": [
        {
          "schema_version": 1,
          "attributes": {
            "app_id": "01234567-89ab-4def-8123-456789abcdef",
            "hostname": "api.example.com",
            "id": "d0000000-0000-4000-8000-000000000001"
          }
        }
      ]
    }
  ]
}`))
	if err != nil {
		log.Fatal(err)
	}
	report, err := herokutf.DetectDriftIn(context.Background(), client, []*statefile.File{f, domains},
		herokutf.DriftOptions{Unmanaged: true})
	if err != nil {
		log.Fatal(err)
	}
	for _, o := range report.Objects {
		fmt.Println(o.State, o.Address, o.Verdict)
	}
	fmt.Println(report.Drifted(), report.Count(herokutf.Changed), report.Count(herokutf.Unmanaged))
	// Output:
	// terraform.tfstate heroku_app.api in sync
	// terraform.tfstate heroku_formation.web changed
	// domains.tfstate heroku_domain.api in sync
	// true 1 0
}

// Reports of a tool's own, as its tests make them.
func ExampleSensitiveDifference() {
	d := herokutf.SensitiveDifference([]byte("key"), "heroku_app.shop", statefile.Path{"config_vars", "TOKEN"}, "old", "new")
	object := herokutf.DriftObject{Address: "heroku_app.shop", Type: "heroku_app", Verdict: herokutf.Changed, Differences: []herokutf.DriftDifference{d}}
	state, live, clear := d.Values(false)
	fmt.Println(object.Title(), object.Verdict.IsDrift(), state, live, clear)
	state, live, clear = d.Values(true)
	fmt.Println(state, live, clear)
	// Output:
	// heroku_app.shop true secret:2b7dbde6407098d8 secret:01def2c168bb8dd6 false
	// old new true
}

// Reports compare without options, by their exported fields.
func ExampleDriftReport_Equal() {
	a := &herokutf.DriftReport{Requests: 2, Objects: []herokutf.DriftObject{{Address: "heroku_app.shop", Verdict: herokutf.InSync}}}
	b := &herokutf.DriftReport{Requests: 2, Objects: []herokutf.DriftObject{{Address: "heroku_app.shop", Verdict: herokutf.Missing}}}
	fmt.Println(a.Equal(b), a.Objects[0].Equal(a.Objects[0]), cmp.Equal(a, a))
	d := herokutf.DriftDifference{Path: statefile.Path{"quantity"}, State: json.Number("1"), Live: json.Number("2")}
	fmt.Println(d.Equal(d))
	// Output:
	// false true true
	// true
}
