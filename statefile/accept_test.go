package statefile_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
)

// acceptState is a state with an app and its dynos.
func acceptState(serial int, mode string, dynos int) []byte {
	return fmt.Appendf(nil, `{
  "version": 4,
  "terraform_version": "1.11.4",
  "serial": %d,
  "lineage": "5c0d0f2c-1111-4222-8333-444455556666",
  "outputs": {},
  "resources": [
    {
      "mode": "managed",
      "type": "heroku_app",
      "name": "shop",
      "provider": "provider[\"registry.terraform.io/heroku/heroku\"]",
      "instances": [
        {
          "schema_version": 1,
          "attributes": {
            "config_vars": {
              "MODE": %q
            },
            "id": "01234567-89ab-cdef-0123-456789abcdef",
            "name": "shop",
            "uuid": "01234567-89ab-cdef-0123-456789abcdef"
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
          "schema_version": 0,
          "attributes": {
            "app_id": "01234567-89ab-cdef-0123-456789abcdef",
            "id": "f0000000-0000-4000-8000-000000000001",
            "quantity": %d,
            "size": "Standard-1X",
            "type": "web"
          }
        }
      ]
    }
  ],
  "check_results": null
}
`, serial, mode, dynos)
}

// What has drifted from acceptState(9, "quiet", 2).
var acceptLonger = strings.Repeat("rather loud ", 60)

func init() { statefile.AcceptEdit = acceptDrift }

// acceptDrift is the edit that accepts what has drifted.
func acceptDrift(f *statefile.File) (*statefile.File, error) {
	s, err := herokutest.FromState(herokutest.Options{}, f)
	if err != nil {
		return nil, err
	}
	s.Scale("shop", "web", 10, "")
	s.SetConfigVars("shop", map[string]string{"MODE": acceptLonger})
	client, err := platform.New(platform.Options{Token: "token", Transport: s})
	if err != nil {
		return nil, err
	}
	report, err := herokutf.DetectDrift(context.Background(), client, f, herokutf.DriftOptions{})
	if err != nil {
		return nil, err
	}
	acceptance, err := report.Accept(f)
	if err != nil {
		return nil, err
	}
	return acceptance.Apply()
}

// TestCrashInAccept: the process is killed at each step of an update that accepts
// drift, whose edit asks Heroku within the lock. That is an update as any other.
func TestCrashInAccept(t *testing.T) {
	t.Parallel()
	old, new := acceptState(9, "quiet", 2), acceptState(10, acceptLonger, 10)
	path := t.TempDir() + "/terraform.tfstate"
	if err := os.WriteFile(path, old, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := statefile.Update(t.Context(), path, statefile.UpdateOptions{}, acceptDrift); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(new) {
		t.Fatalf("accepted is\n%s\nwant\n%s", got, new)
	}
	seen := statefile.CrashAccept(t, old, new)
	t.Log(seen)
	for _, o := range []statefile.Outcome{statefile.NothingToRecover, statefile.KeptOld, statefile.FinishedNew, statefile.KeptNew} {
		if seen[o] == 0 {
			t.Errorf("no crash led to %q: %v", o, seen)
		}
	}
}
