package herokutf_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
)

// TestNil: what isn't there is an error that says so.
func TestNil(t *testing.T) {
	client, err := platform.New(platform.Options{Token: "token"})
	if err != nil {
		t.Fatal(err)
	}
	f, err := statefile.Parse("x", []byte(provider4State))
	if err != nil {
		t.Fatal(err)
	}
	var (
		ctx      = context.Background()
		slugs    *herokutf.Slugs
		repair   *herokutf.Repair
		noClient *platform.Client
		noFile   *statefile.File
		noPlan   *tfjson.Plan
		rename   = herokutf.Rename{Old: "old-name", New: "new-name"}
		upgrade  = herokutf.UpgradeOptions{}
		ref      = []herokutf.Pipeline{{Name: "api", Ref: "api"}}
		path     = filepath.Join(t.TempDir(), "x")
	)
	only := func(_ any, err error) error { return err }
	for name, tt := range map[string]struct {
		err  error
		says string
	}{
		"CheckPlan":                  {herokutf.CheckPlan(noPlan), "the plan is nil"},
		"CheckPlanStrict":            {herokutf.CheckPlanStrict(noPlan), "the plan is nil"},
		"Slugs.CheckPlan, plan":      {(&herokutf.Slugs{}).CheckPlan(noPlan), "the plan is nil"},
		"Slugs.CheckPlan, slugs":     {slugs.CheckPlan(&tfjson.Plan{}), "the slugs are nil"},
		"Slugs.Write":                {slugs.Write(&bytes.Buffer{}, herokutf.FormatShell, nil), "the slugs are nil"},
		"Slugs.WriteFile":            {slugs.WriteFile(path, herokutf.FormatShell, nil), "the slugs are nil"},
		"Slugs.UnmarshalJSON":        {slugs.UnmarshalJSON([]byte("{}")), "the slugs are nil"},
		"ResolveSlugs":               {only(herokutf.ResolveSlugs(ctx, noClient, ref, herokutf.SlugOptions{})), "the client is nil"},
		"FindRenames, client":        {only(herokutf.FindRenames(ctx, noClient, f)), "the client is nil"},
		"FindRenames, state":         {only(herokutf.FindRenames(ctx, client, noFile)), "the state is nil"},
		"LookupAppIDs, client":       {only(herokutf.LookupAppIDs(ctx, noClient, f, upgrade)), "the client is nil"},
		"LookupAppIDs, state":        {only(herokutf.LookupAppIDs(ctx, client, noFile, upgrade)), "the state is nil"},
		"RepairRename":               {only(herokutf.RepairRename(noFile, rename)), "the state is nil"},
		"RepairNames":                {only(herokutf.RepairNames(noFile, herokutf.UpgradeOptions{})), "the state is nil"},
		"SurveyNames, client":        {only(herokutf.SurveyNames(ctx, noClient, f, herokutf.UpgradeOptions{})), "the client is nil"},
		"SurveyNames, state":         {only(herokutf.SurveyNames(ctx, client, noFile, herokutf.UpgradeOptions{})), "the state is nil"},
		"UpgradeAppIDs":              {only(herokutf.UpgradeAppIDs(noFile, upgrade)), "the state is nil"},
		"Repair.Apply":               {only(repair.Apply()), "has no state"},
		"Repair.Apply, made by hand": {only((&herokutf.Repair{}).Apply()), "has no state"},
	} {
		if tt.err == nil || !strings.Contains(tt.err.Error(), tt.says) || !strings.Contains(tt.err.Error(), ": ") {
			t.Errorf("%s: got %v, want an error with %q", name, tt.err, tt.says)
		}
	}
	if got := slugs.Variables(); got != nil {
		t.Errorf("Variables = %v", got)
	}
	if got := slugs.Environ([]string{"A=b"}); !slices.Equal(got, []string{"A=b"}) {
		t.Errorf("Environ = %v", got)
	}
	if slugs.Explains(herokutf.DriftObject{Type: "heroku_app_release", Verdict: herokutf.Changed}) {
		t.Error("nil slugs explain something")
	}
	if got := repair.AppRenames(); got != nil || (&herokutf.Repair{Renames: []herokutf.Rename{rename}}).AppRenames() != nil {
		t.Errorf("AppRenames = %v", got)
	}
	if data, err := json.Marshal(slugs); err != nil || string(data) != "null" {
		t.Errorf("JSON of nil slugs = %s, %v", data, err)
	}
	for _, err := range []error{&herokutf.SlugError{}, &herokutf.RenameError{Err: herokutf.ErrBadRename}, &herokutf.PlanError{Err: herokutf.ErrDestroys}} {
		if err.Error() == "" || errors.Is(err, platform.ErrNotFound) {
			t.Errorf("%T says %q", err, err)
		}
	}
}
