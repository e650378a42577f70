package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/report"
	"github.com/herokutf/herokutf/statefile"
)

const (
	appID   = "c8b6f2d9-d1d9-4dea-bd78-d7056caae6ba"
	slugOld = "51000000-0000-4000-8000-000000000001"
	slugNew = "51000000-0000-4000-8000-000000000002"
)

// slug is an artifact of the app api-STAGE.
func slug(stage, value string, version int) herokutf.Artifact {
	return herokutf.Artifact{
		Variable: "api_slug_" + stage, Kind: herokutf.KindSlug, Value: value, Stage: stage,
		Pipeline: herokutf.NamedID{ID: "5b3ae9c0-0000-4000-8000-000000000001", Name: "api"},
		App:      herokutf.NamedID{ID: appID, Name: "api-" + stage},
		Release: herokutf.Release{ID: "f68e4cb3-9d2a-4465-b791-b7e8f9027bbe", Version: version, Status: "succeeded",
			CreatedAt: time.Date(2026, 11, 28, 20, 58, 44, 0, time.UTC), User: "ann@example.com"},
		Commit: strings.Repeat(value[len(value)-1:], 40),
	}
}

func slugs(artifacts ...herokutf.Artifact) *herokutf.Slugs {
	return &herokutf.Slugs{
		Artifacts: artifacts, Pipelines: []herokutf.Pipeline{{Name: "api", Ref: "api"}}, Stages: []string{"production", "staging"},
	}
}

// Pins usually come from ReadLock, and slugs from ResolveSlugs.
func ExampleDiffSlugs() {
	pins := slugs(slug("production", slugOld, 3), slug("staging", slugNew, 7))
	now := slugs(slug("production", slugNew, 5), slug("staging", slugNew, 8))
	diff := report.DiffSlugs(pins, now)
	for i, c := range diff.Changes {
		diff.Changes[i].Compare = report.CompareURL("https://github.com/acme/api", c.Old.Commit, c.New.Commit)
	}
	if err := report.WriteSlugs(os.Stdout, diff, report.Text, report.Options{}); err != nil {
		log.Fatal(err)
	}
	// Output:
	// 1 of 2 values changed
	//
	// api_slug_production (api-production)
	//   v3 -> v5, released by ann@example.com, 2026-11-28 20:58 UTC
	//   51000000-0000-4000-8000-000000000001 -> 51000000-0000-4000-8000-000000000002
	//   commits 1111111111 -> 2222222222
	//   https://github.com/acme/api/compare/1111111111111111111111111111111111111111...2222222222222222222222222222222222222222
}

// releasesOf is a state with releases: address name, app and slug.
func releasesOf(releases ...[3]string) *statefile.File {
	var resources []string
	for i, r := range releases {
		app := "app_id"
		if !strings.Contains(r[1], "-0000-") && len(r[1]) != 36 {
			app = "app"
		}
		resources = append(resources, fmt.Sprintf(`{"mode":"managed","type":"heroku_app_release","name":%q,"provider":"provider[\"registry.terraform.io/heroku/heroku\"]",
			"instances":[{"schema_version":1,"attributes":{%q:%q,"slug_id":%q,"id":"b0000000-0000-4000-8000-%012d"}}]}`, r[0], app, r[1], r[2], i))
	}
	f, err := statefile.Parse("terraform.tfstate", fmt.Appendf(nil, `{"version":4,"serial":1,"lineage":"x","outputs":{},"resources":[%s]}`, strings.Join(resources, ",")))
	if err != nil {
		log.Fatal(err)
	}
	return f
}

func ExampleDiffState() {
	f := releasesOf([3]string{"web", appID, slugOld})
	diff := report.DiffState(f, slugs(slug("production", slugNew, 5)), nil)
	for _, c := range diff.Changes {
		fmt.Println(c.Address, c.Old.Value, c.New.Value)
	}
	// Output: heroku_app_release.web 51000000-0000-4000-8000-000000000001 51000000-0000-4000-8000-000000000002
}

func ExampleCompareURL() {
	fmt.Println(report.CompareURL("https://codeload.github.com/acme/api/legacy.tar.gz/main?token=x", "1a2b3c4", "5d6e7f8"))
	// Output: https://github.com/acme/api/compare/1a2b3c4...5d6e7f8
}

func ExampleWriteSlugs() {
	diff := report.DiffSlugs(slugs(slug("production", slugOld, 3)), slugs(slug("production", slugNew, 5)))
	if err := report.WriteSlugs(os.Stdout, diff, report.Markdown, report.Options{}); err != nil {
		log.Fatal(err)
	}
	// Output:
	// ## Heroku slugs
	//
	// **1 of 1 value changed**
	//
	// | Variable | Release | Commits |
	// |---|---|---|
	// | `api_slug_production`<br>`api-production` | v3 → v5<br>`by ann@example.com, 2026-11-28 20:58 UTC` | `1111111111 → 2222222222` |
}

// changes is a difference, a line a change.
func changes(d *report.SlugDiff) []string {
	var lines []string
	for _, c := range d.Changes {
		var line strings.Builder
		line.WriteString(c.Variable + " " + c.Address)
		for _, a := range []*herokutf.Artifact{c.Old, c.New} {
			if a == nil {
				line.WriteString(" none")
			} else {
				line.WriteString(" " + a.Value[len(a.Value)-1:])
			}
		}
		lines = append(lines, line.String())
	}
	return lines
}

func TestDiffSlugs(t *testing.T) {
	production, staging := slug("production", slugOld, 3), slug("staging", slugOld, 3)
	moved := slug("production", slugNew, 5)
	image := slug("production", slugNew, 5)
	image.Kind, image.Variable = herokutf.KindOCIImage, "api_oci_image_production"
	review := slug("review", slugOld, 1)
	other := slug("production", slugOld, 1)
	other.Variable = "web_slug_production"
	release := slug("production", slugNew, 9)
	release.Kind, release.Variable = herokutf.KindRelease, "api_release_id_production"
	for name, tt := range map[string]struct {
		pins, now *herokutf.Slugs
		want      []string
		unchanged int
	}{
		"the same":                {slugs(production, staging), slugs(production, staging), nil, 2},
		"another release of it":   {slugs(production), slugs(slug("production", slugOld, 9)), nil, 1},
		"in capitals":             {slugs(production), slugs(slug("production", strings.ToUpper(slugOld), 3)), nil, 1},
		"moved":                   {slugs(production, staging), slugs(moved, staging), []string{"api_slug_production  1 2"}, 1},
		"new":                     {slugs(staging), slugs(moved, staging), []string{"api_slug_production  none 2"}, 1},
		"gone":                    {slugs(production, staging), slugs(staging), []string{"api_slug_production  1 none"}, 1},
		"an image now":            {slugs(production), slugs(image), []string{"api_oci_image_production  none 2", "api_slug_production  1 none"}, 0},
		"other pipelines, stages": {slugs(production, review, other), slugs(production), nil, 1},
		"ids of releases":         {slugs(production), slugs(production, release), nil, 1},
		"nothing at all":          {nil, nil, nil, 0},
	} {
		d := report.DiffSlugs(tt.pins, tt.now)
		if diff := cmp.Diff(tt.want, changes(d)); diff != "" || d.Unchanged != tt.unchanged {
			t.Errorf("%s: %d unchanged, want %d (-want +got):\n%s", name, d.Unchanged, tt.unchanged, diff)
		}
	}
}

func TestDiffState(t *testing.T) {
	const elsewhere = "c8b6f2d9-d1d9-4dea-bd78-d7056caae6bb"
	now := slugs(slug("production", slugNew, 5))
	for name, tt := range map[string]struct {
		f         *statefile.File
		reaches   map[string][]string
		want      []string
		unchanged int
	}{
		"no state":                       {nil, nil, []string{"api_slug_production  none 2"}, 0},
		"no releases":                    {releasesOf(), nil, []string{"api_slug_production  none 2"}, 0},
		"of the app":                     {releasesOf([3]string{"a", appID, slugNew}), nil, nil, 1},
		"an older one of the app":        {releasesOf([3]string{"a", appID, slugOld}), nil, []string{"api_slug_production heroku_app_release.a 1 2"}, 0},
		"provider 4 names the app":       {releasesOf([3]string{"a", "api-production", slugOld}), nil, []string{"api_slug_production heroku_app_release.a 1 2"}, 0},
		"another app has the slug":       {releasesOf([3]string{"a", elsewhere, slugNew}), nil, nil, 1},
		"another app has another":        {releasesOf([3]string{"a", elsewhere, slugOld}), nil, []string{"api_slug_production  none 2"}, 0},
		"the configuration leads there":  {releasesOf([3]string{"a", elsewhere, slugOld}, [3]string{"b", appID, slugNew}), map[string][]string{"api_slug_production": {"heroku_app_release.a"}}, []string{"api_slug_production heroku_app_release.a 1 2"}, 0},
		"it leads to two":                {releasesOf([3]string{"a", elsewhere, slugOld}, [3]string{"b", appID, slugNew}), map[string][]string{"api_slug_production": {"heroku_app_release.a", "heroku_app_release.b"}}, []string{"api_slug_production heroku_app_release.a 1 2"}, 1},
		"it leads to one that isn't yet": {releasesOf([3]string{"b", appID, slugNew}), map[string][]string{"api_slug_production": {"heroku_app_release.a"}}, []string{"api_slug_production  none 2"}, 0},
	} {
		d := report.DiffState(tt.f, now, tt.reaches)
		if diff := cmp.Diff(tt.want, changes(d)); diff != "" || d.Unchanged != tt.unchanged {
			t.Errorf("%s: %d unchanged, want %d (-want +got):\n%s", name, d.Unchanged, tt.unchanged, diff)
		}
	}
}

// TestCompareURL: what isn't known for sure has no address.
func TestCompareURL(t *testing.T) {
	const a, b = "1a2b3c4d5e6f1a2b3c4d5e6f1a2b3c4d5e6f1a2b", "5d6e7f8"
	for source, want := range map[string]string{
		"https://github.com/acme/api":                                  "https://github.com/acme/api",
		"https://github.com/acme/api.git":                              "https://github.com/acme/api",
		"git@github.com:acme/api.git":                                  "https://github.com/acme/api",
		"ssh://git@github.com/acme/api.git":                            "https://github.com/acme/api",
		"https://github.com/acme/api/archive/refs/tags/v2.tar.gz":      "https://github.com/acme/api",
		"https://codeload.github.com/acme/api/legacy.tar.gz/x?token=y": "https://github.com/acme/api",
		"https://api.github.com/repos/acme/api/tarball/main":           "https://github.com/acme/api",
		"https://user:secret@github.com/acme/api":                      "https://github.com/acme/api",
		"https://gitlab.com/acme/group/api/-/archive/main/x.tar.gz":    "https://gitlab.com/acme/group/api",
		"https://gitlab.com/acme/api":                                  "https://gitlab.com/acme/api",

		"": "", "https://github.com/acme": "", "https://github.com": "", "https://example.com/acme/api": "",
		"https://s3.amazonaws.com/heroku-sources/x.tgz?AWSAccessKeyId=y": "", "https://github.com/acme/a%20b": "", "javascript:alert(1)": "",
		"https://github.com/../api": "", "https://github.com.example.com/acme/api": "", "https://github.com/a)b/api": "", "://": "",
	} {
		got := report.CompareURL(source, a, b)
		if want != "" {
			separator := "/compare/"
			if strings.Contains(want, "gitlab") {
				separator = "/-/compare/"
			}
			want += separator + a + "..." + b
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", source, got, want)
		}
	}
	for _, pair := range [][2]string{{"", b}, {a, ""}, {a, a}, {"main", b}, {a, "v1.2"}, {"1a2b3c", b}, {"../x", b}} {
		if got := report.CompareURL("https://github.com/acme/api", pair[0], pair[1]); got != "" {
			t.Errorf("%q: got %q", pair, got)
		}
	}
}

// TestWriteSlugsIsSafe: nothing from outside is markup or reaches the terminal.
func TestWriteSlugsIsSafe(t *testing.T) {
	bad := slug("production", slugNew, 5)
	bad.App.Name, bad.Release.User, bad.Commit = "a|b`<img>\x1b[31m\u202e", "@everyone\n# x", "$(id)|`\x1b"
	d := report.DiffSlugs(slugs(slug("production", slugOld, 3)), slugs(bad))
	d.Notes = []string{"see @team\x1b[0m #1"}
	for _, format := range []report.Format{report.Text, report.Markdown, report.JSON} {
		var b bytes.Buffer
		if err := report.WriteSlugs(&b, d, format, report.Options{}); err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(b.String(), "\x1b\u202e") || format == report.Markdown && (strings.Contains(b.String(), "<img>") || strings.Contains(b.String(), "\n# x")) {
			t.Errorf("%s: %q", format, b.String())
		}
		if format == report.JSON && !json.Valid(b.Bytes()) {
			t.Errorf("not JSON: %s", b.String())
		}
	}
}

func TestWriteSlugsLimit(t *testing.T) {
	var many, old []herokutf.Artifact
	for i := range 1000 {
		a := slug("production", slugNew, 5)
		a.Variable = fmt.Sprintf("p%03d_slug_production", i)
		many = append(many, a)
		a.Value = slugOld
		old = append(old, a)
	}
	d := report.DiffSlugs(slugs(old...), slugs(many...))
	var b bytes.Buffer
	if err := report.WriteSlugs(&b, d, report.Markdown, report.Options{Limit: 5000}); err != nil {
		t.Fatal(err)
	}
	if b.Len() > 5000 || !strings.Contains(b.String(), " changes left out: ") {
		t.Errorf("%d bytes: %s", b.Len(), b.String()[b.Len()-200:])
	}
	for _, fail := range []struct {
		d      *report.SlugDiff
		format report.Format
		opts   report.Options
	}{{nil, report.Text, report.Options{}}, {d, report.HTML, report.Options{}}, {d, report.Markdown, report.Options{Limit: 10}}} {
		b.Reset()
		if err := report.WriteSlugs(&b, fail.d, fail.format, fail.opts); err == nil || b.Len() > 0 {
			t.Errorf("%v: no error, or %q", fail.format, b.String())
		}
	}
}

// TestSlugDiffExpiry: what was pinned, and is about to be deleted.
func TestSlugDiffExpiry(t *testing.T) {
	old := slug("production", slugOld, 3)
	old.Release.CreatedAt = time.Now().Add(-40 * 24 * time.Hour)
	old.ExpiresAfter = old.Release.CreatedAt.AddDate(0, 0, 30)
	var b bytes.Buffer
	if err := report.WriteSlugs(&b, report.DiffSlugs(slugs(old), slugs(slug("production", slugNew, 25))), report.Text, report.Options{}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "may delete it at any time") {
		t.Errorf("got %s", b.String())
	}
}
