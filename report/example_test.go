package report_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/report"
	"github.com/herokutf/herokutf/statefile"
)

// A report usually comes from DetectDrift.
func ExampleWrite() {
	drift := &herokutf.DriftReport{
		Requests: 4,
		Objects: []herokutf.DriftObject{
			{Address: "heroku_app.shop", Type: "heroku_app", App: "shop", Verdict: herokutf.InSync},
			{
				Address: "heroku_formation.web", Type: "heroku_formation", App: "shop", Verdict: herokutf.Changed,
				Differences: []herokutf.DriftDifference{
					{Path: statefile.Path{"quantity"}, State: json.Number("1"), Live: json.Number("2")},
					{Path: statefile.Path{"size"}, State: "basic", Live: "standard-1x"},
				},
			},
			{Type: "heroku_domain", Label: "www.example.com", App: "shop", Verdict: herokutf.Unmanaged,
				ImportID: "shop:01234567-89ab-cdef-0123-456789abcdef"},
		},
	}
	if err := report.Write(os.Stdout, drift, report.Text, report.Options{}); err != nil {
		log.Fatal(err)
	}
	// Output:
	// Drift found: 1 changed, 1 unmanaged, 1 in sync (1 app, 4 requests)
	//
	// shop
	//   changed       heroku_formation.web
	//       quantity: 1 -> 2
	//       size:     "basic" -> "standard-1x"
	//   unmanaged     heroku_domain www.example.com
	//       import id: shop:01234567-89ab-cdef-0123-456789abcdef
}

func ExampleFormats() {
	fmt.Println(report.Formats())
	// Output: [text json markdown html sarif junit metrics github]
}

// A report of yesterday, kept as JSON.
func ExampleReadJSON() {
	kept := `{"format_version": "1.0", "requests": 2, "objects": [
		{"address": "heroku_formation.web", "type": "heroku_formation", "id": "1", "app": "shop", "verdict": "changed",
		 "differences": [{"path": ["quantity"], "state": 1, "live": 2, "sensitive": false}]}]}`
	drift, err := report.ReadJSON(strings.NewReader(kept))
	if err != nil {
		log.Fatal(err)
	}
	for _, o := range drift.Objects {
		fmt.Println(o)
	}
	// Output: heroku_formation.web: changed (1 difference)
}

func ExampleInventory() {
	server := herokutest.New(herokutest.Options{})
	server.AddApp(herokutest.App{Name: "shop-eu"})
	client, err := platform.New(platform.Options{Token: "any", Transport: server})
	if err != nil {
		log.Fatal(err)
	}
	account, err := herokutf.Adopt(context.Background(), client, nil, herokutf.AdoptOptions{All: true})
	if err != nil {
		log.Fatal(err)
	}
	var page strings.Builder
	if err := report.Inventory(&page, account, report.Options{Title: "Acme on Heroku"}); err != nil {
		log.Fatal(err)
	}
	_, title, _ := strings.Cut(page.String(), "<title>")
	title, _, _ = strings.Cut(title, "</title>")
	fmt.Println(title)
	// Output:
	// Acme on Heroku: 1 object not managed
}
