package herokutf_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/report"
	"github.com/herokutf/herokutf/statefile"
)

// An edge is a small state in JSON, instance by instance, with a Heroku that the
// test has made.
type edge struct {
	typ, name  string
	schema     int
	attributes map[string]any
}

const (
	edgeApp   = "aaaaaaaa-0000-4000-8000-000000000001"
	edgeOther = "aaaaaaaa-0000-4000-8000-000000000002"
)

// edgeState is a version 4 state of the instances.
func edgeState(t testing.TB, edges ...edge) *statefile.File {
	t.Helper()
	var resources []any
	for _, e := range edges {
		resources = append(resources, map[string]any{
			"mode": "managed", "type": e.typ, "name": e.name, "provider": `provider["registry.terraform.io/heroku/heroku"]`,
			"instances": []any{map[string]any{"schema_version": e.schema, "attributes": e.attributes}},
		})
	}
	text, err := json.MarshalIndent(map[string]any{"version": 4, "serial": 1, "lineage": "x", "resources": resources}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	f, err := statefile.Parse("edge.tfstate", text)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// edgeClient is a client of the server; answers, by their path, take the place
// of its own.
func edgeClient(t testing.TB, s *herokutest.Server, answers map[string]string) *platform.Client {
	t.Helper()
	c, err := platform.New(platform.Options{Token: "token-of-the-test", Retries: -1, Transport: answering{s, answers}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

type answering struct {
	http.RoundTripper
	answers map[string]string
}

func (a answering) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := a.RoundTripper.RoundTrip(req)
	if text, ok := a.answers[req.URL.Path]; ok && err == nil {
		resp.Body.Close()
		resp.Body = http.NoBody
		fresh := &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Request: req,
			Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Body: readCloser{strings.NewReader(text)}, ContentLength: int64(len(text))}
		return fresh, nil
	}
	return resp, err
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }

func edgeDrift(t testing.TB, c *platform.Client, f *statefile.File, opts herokutf.DriftOptions) (*herokutf.DriftReport, []string) {
	t.Helper()
	drift, err := herokutf.DetectDrift(t.Context(), c, f, opts)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, o := range drift.Objects {
		var line strings.Builder
		line.WriteString(string(o.Verdict) + " " + o.Address)
		if o.Address == "" {
			line.WriteString(o.Type + " " + o.Label)
		}
		for _, d := range o.Differences {
			line.WriteString(" " + d.Path.String())
		}
		all = append(all, line.String())
	}
	return drift, all
}

func edgeAppAttributes(name string) map[string]any {
	return map[string]any{"id": edgeApp, "uuid": edgeApp, "name": name}
}

// TestDriftEdges: what a single odd circumstance makes of a verdict.
func TestDriftEdges(t *testing.T) {
	app := edge{"heroku_app", "x", 1, edgeAppAttributes("app-one")}
	for _, test := range []struct {
		name    string
		state   []edge
		setup   func(*herokutest.Server)
		answers map[string]string
		opts    herokutf.DriftOptions
		want    []string
	}{
		{
			name:  "buildpacks that an old provider didn't track",
			state: []edge{{"heroku_app", "x", 1, map[string]any{"id": edgeApp, "name": "app-one", "buildpacks": nil}}},
			setup: func(s *herokutest.Server) { s.SetBuildpacks("app-one", "heroku/nodejs") },
			want:  []string{"in_sync heroku_app.x"},
		},
		{
			name:  "a token in a buildpack's URL is a secret",
			state: []edge{{"heroku_app", "x", 1, map[string]any{"id": edgeApp, "name": "app-one", "buildpacks": []any{}}}},
			setup: func(s *herokutest.Server) { s.SetBuildpacks("app-one", "https://x:MARKER@example.com/bp.git") },
			want:  []string{"changed heroku_app.x buildpacks"},
		},
		{
			name:    "config vars of add-ons aren't known without the add-ons",
			state:   []edge{app},
			setup:   func(s *herokutest.Server) { s.SetConfigVars("app-one", map[string]string{"SHARED_DB_URL": "x"}) },
			answers: map[string]string{"/addon-attachments": "{}"},
			opts:    herokutf.DriftOptions{Unmanaged: true},
			want:    []string{"in_sync heroku_app.x"},
		},
		{
			name: "a feature of another app doesn't hide this one's",
			state: []edge{app, {"heroku_app", "y", 1, map[string]any{"id": edgeOther, "name": "app-two"}},
				{"heroku_app_feature", "f", 1, map[string]any{"id": edgeOther + ":preboot", "app_id": edgeOther, "name": "preboot", "enabled": true}}},
			setup: func(s *herokutest.Server) {
				s.AddApp(herokutest.App{ID: edgeOther, Name: "app-two"})
				s.SetFeature("app-one", "preboot", true)
				s.SetFeature("app-two", "preboot", true)
			},
			opts: herokutf.DriftOptions{Unmanaged: true},
			want: []string{"in_sync heroku_app.x", "in_sync heroku_app.y", "in_sync heroku_app_feature.f", "unmanaged heroku_app_feature preboot"},
		},
		{
			name: "one type of two apps, one of which is gone",
			state: []edge{app, {"heroku_app", "y", 1, map[string]any{"id": edgeOther, "name": "app-two"}},
				{"heroku_formation", "w", 1, map[string]any{"id": "f0000000-0000-4000-8000-000000000001", "app_id": edgeOther, "type": "web", "quantity": 1}}},
			opts: herokutf.DriftOptions{Only: []string{"formation"}},
			want: []string{"missing heroku_formation.w"},
		},
		{
			name: "a name that may be another app's",
			state: []edge{
				{"heroku_formation", "w", 0, map[string]any{"id": "f0000000-0000-4000-8000-000000000001", "app": "app-one", "type": "web", "quantity": 1}},
				{"heroku_app_config_association", "c", 0, map[string]any{"id": "config:app-one", "app_id": "app-one", "vars": map[string]any{"A": "1"}}},
			},
			setup: func(s *herokutest.Server) { s.Scale("app-one", "web", 1, "") },
			want:  []string{"undetermined heroku_formation.w", "undetermined heroku_app_config_association.c"},
		},
		{
			name: "a build beside a release, by itself",
			state: []edge{app,
				{"heroku_app_release", "r", 1, map[string]any{"id": "7e000000-0000-4000-8000-000000000001", "app_id": edgeApp, "slug_id": "51000000-0000-4000-8000-000000000001"}},
				{"heroku_build", "b", 1, map[string]any{"id": "b1000000-0000-4000-8000-000000000001", "app_id": edgeApp, "slug_id": "51000000-0000-4000-8000-000000000002"}}},
			setup: func(s *herokutest.Server) {
				s.AddSlug("app-one", herokutest.Slug{ID: "51000000-0000-4000-8000-000000000001"})
				s.AddBuild("app-one", herokutest.Build{ID: "b1000000-0000-4000-8000-000000000001"})
				s.Deploy("app-one", "51000000-0000-4000-8000-000000000001")
			},
			opts: herokutf.DriftOptions{Only: []string{"build"}},
			want: []string{"in_sync heroku_build.b"},
		},
		{
			name: "a drain with a sensitive URL that was made again",
			state: []edge{app, {"heroku_drain", "d", 1, map[string]any{"id": "d7000000-0000-4000-8000-000000000001", "app_id": edgeApp,
				"url": nil, "sensitive_url": "https://u:p@logs.example.com"}}},
			setup: func(s *herokutest.Server) {
				s.AddLogDrain("app-one", herokutest.LogDrain{URL: "https://u:p@logs.example.com"})
			},
			want: []string{"in_sync heroku_app.x", "replaced heroku_drain.d"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := herokutest.New(herokutest.Options{})
			s.AddApp(herokutest.App{ID: edgeApp, Name: "app-one"})
			if test.setup != nil {
				test.setup(s)
			}
			drift, got := edgeDrift(t, edgeClient(t, s, test.answers), edgeState(t, test.state...), test.opts)
			if !slices.Equal(got, test.want) {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
			var text bytes.Buffer
			if err := report.Write(&text, drift, report.JSON, report.Options{}); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(text.String(), "MARKER") {
				t.Errorf("a secret is shown: %s", text.String())
			}
		})
	}
}

// TestAcceptOddAnswers: what Heroku can't mean isn't written, and never panics.
func TestAcceptOddAnswers(t *testing.T) {
	const id = "f0000000-0000-4000-8000-000000000001"
	for _, quantity := range []string{`"two"`, `true`, `[1]`, `{}`, `1.5`, `"007"`} {
		s := herokutest.New(herokutest.Options{})
		s.AddApp(herokutest.App{ID: edgeApp, Name: "app-one"})
		f := edgeState(t, edge{"heroku_formation", "w", 1, map[string]any{"id": id, "app_id": edgeApp, "type": "web", "quantity": 1, "size": "x"}})
		c := edgeClient(t, s, map[string]string{"/apps/" + edgeApp + "/formation": fmt.Sprintf(`[{"id":%q,"type":"web","size":"x","quantity":%s}]`, id, quantity)})
		drift, _ := edgeDrift(t, c, f, herokutf.DriftOptions{})
		a, err := drift.Accept(f)
		if err != nil {
			t.Fatal(err)
		}
		after, err := a.Apply()
		if err != nil {
			t.Errorf("%s: %v", quantity, err)
			continue
		}
		for inst := range after.Instances() {
			if v, _ := inst.Attr("quantity"); v.Kind() != statefile.Number || strings.Contains(v.Text(), ".") {
				t.Errorf("%s: the state has the quantity %s", quantity, v.Raw())
			}
		}
	}
}

// TestAcceptKeepsNames: as long as others know the app by its old name alone, a
// rename isn't accepted, since nothing else would identify the app that they mean.
func TestAcceptKeepsNames(t *testing.T) {
	s := herokutest.New(herokutest.Options{})
	s.AddApp(herokutest.App{ID: edgeApp, Name: "app-one", ConfigVars: map[string]string{"A": "1"}})
	s.Rename("app-one", "app-new")
	f := edgeState(t,
		edge{"heroku_app", "x", 1, edgeAppAttributes("app-one")},
		edge{"heroku_app_config_association", "c", 0, map[string]any{"id": "config:app-one", "app_id": "app-one", "vars": map[string]any{"A": "1"}}})
	drift, _ := edgeDrift(t, edgeClient(t, s, nil), f, herokutf.DriftOptions{})
	a, err := drift.Accept(f)
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Changes) != 0 || len(a.Left) != 1 {
		t.Errorf("changes %v, left %v; want none, and the rename", a.Changes, a.Left)
	}
}

// TestAcceptFlatKeys: several keys of a flat map that are gone at once.
func TestAcceptFlatKeys(t *testing.T) {
	const text = `{
  "version": 4, "serial": 1, "lineage": "x",
  "resources": [{"mode": "managed", "type": "heroku_app", "name": "x", "provider": "provider.heroku", "instances": [{"schema_version": 0,
    "attributes_flat": {"id": "app-one", "name": "app-one", "uuid": "` + edgeApp + `", "config_vars.%": "3", "config_vars.A": "1", "config_vars.B": "2", "config_vars.C": "3"}}]}]
}
`
	f, err := statefile.Parse("flat.tfstate", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	s := herokutest.New(herokutest.Options{})
	s.AddApp(herokutest.App{ID: edgeApp, Name: "app-one", ConfigVars: map[string]string{"B": "2"}})
	c := edgeClient(t, s, nil)
	drift, _ := edgeDrift(t, c, f, herokutf.DriftOptions{})
	_, after := accept(t, drift, f)
	if !strings.Contains(string(after.Bytes()), `"config_vars.%": "1", "config_vars.B": "2"}`) {
		t.Errorf("got %s", after.Bytes())
	}
	if _, got := edgeDrift(t, c, after, herokutf.DriftOptions{}); !slices.Equal(got, []string{"in_sync heroku_app.x"}) {
		t.Errorf("after that: %q", got)
	}
}

// TestFingerprintsOfStates: two states with the same password at the same
// address don't say so.
func TestFingerprintsOfStates(t *testing.T) {
	s := herokutest.New(herokutest.Options{})
	var files []*statefile.File
	for i, id := range []string{edgeApp, edgeOther} {
		name := fmt.Sprintf("app-%d-x", i)
		s.AddApp(herokutest.App{ID: id, Name: name, ConfigVars: map[string]string{"P": "new"}})
		files = append(files, edgeState(t, edge{"heroku_app", "x", 1, map[string]any{"id": id, "name": name, "config_vars": map[string]any{"P": "old"}}}))
	}
	drift, err := herokutf.DetectDriftIn(t.Context(), edgeClient(t, s, nil), files, herokutf.DriftOptions{})
	if err != nil {
		t.Fatal(err)
	}
	a, b := drift.Objects[0].Differences, drift.Objects[1].Differences
	if len(a) != 1 || len(b) != 1 || a[0].State == b[0].State || a[0].Live == b[0].Live {
		t.Errorf("got %v and %v; want fingerprints of their own", a, b)
	}
}
