package herokutest_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
)

const shopState = `{
  "version": 4, "terraform_version": "1.11.4", "serial": 7, "lineage": "6b1c7a52-0d3e-4f5a-9c8b-7e6d5c4b3a29",
  "resources": [
    {
      "mode": "managed", "type": "heroku_app", "name": "shop",
      "provider": "provider[\"registry.terraform.io/heroku/heroku\"]",
      "instances": [{"schema_version": 1, "attributes": {
        "id": "01234567-89ab-4def-8123-456789abcdef", "uuid": "01234567-89ab-4def-8123-456789abcdef",
        "name": "shop", "config_vars": {"MODE": "quiet"}, "all_config_vars": {"MODE": "quiet"}
      }}]
    },
    {
      "mode": "managed", "type": "heroku_formation", "name": "web",
      "provider": "provider[\"registry.terraform.io/heroku/heroku\"]",
      "instances": [{"schema_version": 1, "attributes": {
        "id": "f0000000-0000-4000-8000-000000000001", "app_id": "01234567-89ab-4def-8123-456789abcdef",
        "type": "web", "quantity": 1, "size": "Standard-1X"
      }}]
    }
  ]
}`

// Somebody scales an app that Terraform manages.
func ExampleFromState() {
	state, err := statefile.Parse("terraform.tfstate", []byte(shopState))
	if err != nil {
		log.Fatal(err)
	}
	s, err := herokutest.FromState(herokutest.Options{}, state)
	if err != nil {
		log.Fatal(err)
	}
	client, err := platform.New(platform.Options{Token: "any", Transport: s})
	if err != nil {
		log.Fatal(err)
	}
	detect := func() {
		report, err := herokutf.DetectDrift(context.Background(), client, state, herokutf.DriftOptions{})
		if err != nil {
			log.Fatal(err)
		}
		for _, o := range report.Objects {
			fmt.Println(o.Address, o.Verdict)
		}
	}
	detect()
	s.Scale("shop", "web", 3, "")
	detect()
	// Output:
	// heroku_app.shop in sync
	// heroku_formation.web in sync
	// heroku_app.shop in sync
	// heroku_formation.web changed
}

// Heroku fails twice, and the client tries again without a wait that the test
// would notice.
func Example_retries() {
	s := herokutest.New(herokutest.Options{})
	s.AddApp(herokutest.App{Name: "shop"})
	s.Inject(herokutest.Fault{Status: 503, Times: 2})
	client, err := platform.New(platform.Options{Token: "any", Transport: s, Backoff: time.Microsecond})
	if err != nil {
		log.Fatal(err)
	}
	app, err := client.Service().AppInfo(context.Background(), "shop")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(app.Name, s.Requests())
	// Output: shop map[GET /apps/{app}:3]
}

// TestRetriesInBubble is what the package page says of bubbles.
func TestRetriesInBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := herokutest.New(herokutest.Options{})
		s.AddApp(herokutest.App{Name: "shop"})
		s.Inject(herokutest.Fault{Status: http.StatusTooManyRequests, RetryAfter: time.Minute})
		client, err := platform.New(platform.Options{Token: "any", Transport: s})
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if _, err := client.Service().AppInfo(t.Context(), "shop"); err != nil {
			t.Fatal(err)
		}
		if got := time.Since(start); got < time.Minute {
			t.Errorf("waited %v, which is less than Heroku asked for", got)
		}
		if got := s.Requests()["GET /apps/{app}"]; got != 2 {
			t.Errorf("got %d requests, want 2", got)
		}
	})
}
