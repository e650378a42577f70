package herokutf_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
)

// TestDriftTeamMoved moves an app between teams and spaces: Terraform would create it again.
func TestDriftTeamMoved(t *testing.T) {
	const left = `the app has left the team "my-team"`
	for _, tt := range []struct {
		name string
		edit func(app map[string]any)
		act  func(*fake)
		want string // how the reason begins
		path string
	}{
		{name: "left its team", path: "organization[0].name", want: left,
			act: func(s *fake) { s.UpdateApp("old-name", func(a *herokutest.App) { a.Team, a.Owner = "", "" }) }},
		{name: "joined a team", path: "organization[0].name",
			edit: func(app map[string]any) { app["organization"] = []any{} },
			want: `the app has joined the team "my-team": a configuration without that organization block has Terraform destroy the app`},
		{name: "another team", path: "organization[0].name",
			edit: func(app map[string]any) { app["organization"].([]any)[0].(map[string]any)["name"] = "former" },
			want: `the app is in the team "my-team", not in "former"`},
		{name: "joined a space", path: "space",
			edit: func(app map[string]any) { app["space"] = "" },
			act: func(s *fake) {
				s.AddSpace(herokutest.Space{Name: "walls", Team: "my-team"})
				s.UpdateApp("old-name", func(a *herokutest.App) { a.Space = "walls" })
			},
			want: `the app is in the space "walls", of which the state`},
		{name: "left a space", path: "space",
			edit: func(app map[string]any) { app["space"] = "walls" },
			want: `the app isn't in the space "walls", of which`},
	} {
		for _, release := range []string{"4.9.0", "5.3.2"} {
			t.Run(tt.name+"/"+release, func(t *testing.T) {
				s, c := matching(t, readState(t, release))
				state := decodeState(t, stateText(t, release))
				if tt.edit != nil {
					tt.edit(state.at(t, "heroku_app.main"))
				}
				if tt.act != nil {
					tt.act(s)
				}
				f := state.parse(t)
				report := detect(t, s, c, herokutf.DriftOptions{Unmanaged: true}, f)
				o := objectAt(t, report, "heroku_app.main")
				if o.Verdict != herokutf.Changed || len(o.Differences) != 1 || o.Differences[0].Path.String() != tt.path || !strings.HasPrefix(o.Reason, tt.want) {
					t.Errorf("got %s: %s", reportLine(o), o.Reason)
				}
				for _, o := range report.Objects {
					if o.Verdict == herokutf.Unmanaged && o.Type == "heroku_app" {
						t.Errorf("an unmanaged fact says %q", o.Reason)
					}
				}
			})
		}
	}
}

// TestAcceptBlockGone accepts that Heroku has nothing of a block: the state keeps none,
// as the provider would, rather than one of empty texts.
func TestAcceptBlockGone(t *testing.T) {
	for _, form := range stateForms[:3] {
		t.Run(form.name, func(t *testing.T) {
			state := decodeState(t, stateText(t, "5.3.2"))
			f := form.parse(t, state)
			state.at(t, "heroku_review_app_config.rac")["deploy_target"] = []any{}
			s, c := matching(t, state.parse(t))
			s.UpdateApp("old-name", func(a *herokutest.App) { a.Team, a.Owner = "", "" })
			report := detect(t, s, c, herokutf.DriftOptions{}, f)
			for _, address := range []string{"heroku_app.main", "heroku_review_app_config.rac"} {
				acceptance, accepted := accept(t, report, f, address)
				if len(acceptance.Left) > 0 {
					t.Errorf("left: %v", acceptance.Left)
				}
				for inst := range accepted.Instances() {
					if inst.Address() != address {
						continue
					}
					for _, block := range []string{"organization", "deploy_target"} {
						if v, ok := inst.Attr(block); ok && string(v.Raw()) != "[]" {
							t.Errorf("%s: %s is %s", address, block, v.Raw())
						}
						if v, ok := inst.Attr(block + ".#"); ok && v.Text() != "0" {
							t.Errorf("%s: %s.# is %s", address, block, v.Raw())
						}
					}
				}
			}
		})
	}
}

// seeded reads a case of testdata/drift: a state and what Heroku has.
// edits are pairs of texts of the seed and what stands in their place.
func seeded(t *testing.T, dir string, edits ...string) (*statefile.File, *herokutest.Server, *platform.Client) {
	t.Helper()
	dir = filepath.Join("testdata", "drift", dir)
	data, err := os.ReadFile(filepath.Join(dir, "terraform.tfstate"))
	if err != nil {
		t.Fatal(err)
	}
	seed, err := os.ReadFile(filepath.Join(dir, "heroku.json"))
	if err != nil {
		t.Fatal(err)
	}
	s := herokutest.NewServer()
	if err := s.Load(strings.NewReader(strings.NewReplacer(edits...).Replace(string(seed)))); err != nil {
		t.Fatal(err)
	}
	return parseState(t, "terraform.tfstate", data), s, driftClient(t, s)
}

// TestDriftAddonByName: a state may know an add-on by name, as after an import.
func TestDriftAddonByName(t *testing.T) {
	check := func(dir string, edits []string, want map[string]string, lines []string) {
		t.Helper()
		f, s, c := seeded(t, dir, edits...)
		report := detect(t, s, c, herokutf.DriftOptions{Unmanaged: true}, f)
		if got := reported(report); !slices.Equal(got, lines) {
			t.Errorf("%s: got %q, want %q", dir, got, lines)
		}
		for address, reason := range want {
			if o := objectAt(t, report, address); !strings.Contains(o.Reason, reason) {
				t.Errorf("%s: %s: %s", dir, address, o.Reason)
			}
		}
		accepted, err := report.Accept(f)
		if err != nil {
			t.Fatal(err)
		}
		if len(accepted.Changes) > 0 || len(accepted.Left) != len(lines) {
			t.Errorf("%s: accepted %v, left %v", dir, accepted.Changes, accepted.Left)
		}
	}
	const renamed = "the add-on was renamed from postgresql-elliptical-83771 to shop-primary-db"
	check("addon-id-is-a-name", nil, map[string]string{"heroku_addon.db": renamed}, []string{"changed heroku_addon.db id name"})
	const same = "it is attached to the same add-on"
	check("addon-id-is-a-name/attachment", nil, map[string]string{"heroku_addon_attachment.x": same},
		[]string{"changed heroku_addon_attachment.x addon_id"})
	check("addon-id-is-a-name/attachment", []string{"postgresql-elliptical-83771", "shop-primary-db"},
		map[string]string{"heroku_addon.db": renamed, "heroku_addon_attachment.x": same},
		[]string{"changed heroku_addon.db id name", "changed heroku_addon_attachment.x addon_id"})

	// Another plan, app or provider_id is another add-on.
	f, s, c := seeded(t, "addon-id-is-a-name", "essential-0", "essential-1")
	if got := reported(detect(t, s, c, herokutf.DriftOptions{}, f)); !slices.Equal(got, []string{"missing heroku_addon.db"}) {
		t.Errorf("of another plan: %q", got)
	}
}

// TestAcceptMap accepts a map of which keys are gone and others have come, or the
// first one.
func TestAcceptMap(t *testing.T) {
	const address = "heroku_telemetry_drain.space"
	for _, headers := range []any{
		map[string]any{"x-key": "OTELHDR-MARK", "x-b": "2"},
		map[string]any{"x-a": "1", "x-key": "OTELHDR-MARK"},
		map[string]any{"x-z": "1"},
		map[string]any{},
		nil,
	} {
		state := decodeState(t, stateText(t, "corners"))
		state.at(t, address)["headers"] = map[string]any{"x-a": "0", "x-new": "<3>"}
		s, c := matching(t, state.parse(t))
		state.at(t, address)["headers"] = headers
		state.at(t, address)["endpoint"] = "https://before.example.com" // stays out of the map
		f := state.parse(t)
		acceptance, err := detect(t, s, c, herokutf.DriftOptions{}, f).Accept(f)
		if err != nil {
			t.Fatal(err)
		}
		after, err := acceptance.Apply()
		if err != nil {
			t.Errorf("%v: %v", headers, err)
			continue
		}
		if got := objectAt(t, detect(t, s, c, herokutf.DriftOptions{}, after), address); got.Verdict != herokutf.InSync || len(acceptance.Left) > 0 {
			t.Errorf("%v: %s, left %v", headers, reportLine(got), acceptance.Left)
		}
	}
}

// TestDriftPipelineOwner: an owner that the state doesn't have is whichever there is.
func TestDriftPipelineOwner(t *testing.T) {
	for _, owner := range []any{nil, []any{}, "absent"} {
		for _, form := range stateForms {
			state := decodeState(t, stateText(t, "5.3.2"))
			s, c := matching(t, state.parse(t))
			pipeline := state.at(t, "heroku_pipeline.p")
			pipeline["owner"] = owner
			if owner == "absent" {
				delete(pipeline, "owner")
			}
			report := detect(t, s, c, herokutf.DriftOptions{}, form.parse(t, state))
			if o := objectAt(t, report, "heroku_pipeline.p"); o.Verdict != herokutf.InSync {
				t.Errorf("%s: of the owner %v: %s", form.name, owner, reportLine(o))
			}
		}
	}
}

// TestDriftTrustedRanges: what an inbound ruleset of the states manages is reported there.
func TestDriftTrustedRanges(t *testing.T) {
	f, s, c := seeded(t, "space-trusted-ranges")
	if got := reported(detect(t, s, c, herokutf.DriftOptions{}, f)); len(got) > 0 {
		t.Errorf("with the ruleset in sync: %q", got)
	}
	f, s, c = seeded(t, "space-trusted-ranges", "192.0.2.1/32", "192.0.2.9/32")
	if got := reported(detect(t, s, c, herokutf.DriftOptions{}, f)); !slices.Equal(got, []string{"changed heroku_space_inbound_ruleset.r rule"}) {
		t.Errorf("with another rule: %q", got)
	}
	state := decodeState(t, f.Bytes())
	state.remove(func(i *treeInstance) bool { return i.text("type") == "heroku_space_inbound_ruleset" })
	if got := reported(detect(t, s, c, herokutf.DriftOptions{}, state.parse(t))); !slices.Equal(got, []string{"changed heroku_space.s trusted_ip_ranges"}) {
		t.Errorf("without a ruleset: %q", got)
	}
}

// TestDriftCNB: an app of the stack cnb has no buildpack installations, also on Cedar.
func TestDriftCNB(t *testing.T) {
	state := decodeState(t, stateText(t, "5.3.2"))
	app := state.at(t, "heroku_app.personal")
	app["stack"], app["buildpacks"], app["generation"] = "cnb", []any{}, "cedar"
	f := state.parse(t)
	s, c := matching(t, f)
	if got := reported(detect(t, s, c, herokutf.DriftOptions{}, f)); len(got) > 0 {
		t.Errorf("got %q", got)
	}
	for _, r := range s.Log() {
		if strings.HasSuffix(r.Path, "/buildpack-installations") && r.Status == 422 {
			t.Errorf("%s was asked for", r.Path)
		}
	}
}

// lacking takes a member out of all answers for a path, from the object or from every
// element of the list.
type lacking struct {
	http.RoundTripper
	path, member string
	null         bool // the member is null rather than absent
}

func (l *lacking) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := l.RoundTripper.RoundTrip(r)
	if err != nil || !strings.HasSuffix(r.URL.Path, l.path) || resp.StatusCode/100 != 2 {
		return resp, err
	}
	defer resp.Body.Close()
	var v any
	d := json.NewDecoder(resp.Body)
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	for _, e := range list {
		object := e.(map[string]any)
		if delete(object, l.member); l.null {
			object[l.member] = nil
		}
	}
	body, err := json.Marshal(v)
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	resp.Header.Set("Content-Length", strconv.Itoa(len(body)))
	return resp, err
}

// TestDriftLacking: an answer without what it must have leaves undetermined what depends
// on it; nothing is missing or changed to null, and nothing can be accepted.
func TestDriftLacking(t *testing.T) {
	for _, tt := range []struct {
		path, member string
		null         bool
		want         []string // undetermined, beside nothing else
	}{
		{path: "/apps", member: "id"},
		{path: "/addons", member: "id"},
		{path: "/formation", member: "id", want: []string{"undetermined heroku_formation.web"}},
		{path: "/formation", member: "quantity", want: []string{"undetermined heroku_formation.web"}},
		{path: "/domains", member: "id", want: []string{"undetermined heroku_domain.d"}},
		{path: "/domains", member: "hostname", want: []string{"undetermined heroku_domain.d"}},
		{path: "/releases", member: "id", want: []string{"undetermined heroku_app_release.r", "undetermined heroku_build.b"}},
		{path: "/inbound-ruleset", member: "rules", want: []string{"undetermined heroku_space_inbound_ruleset.sir"}},
		{path: "/inbound-ruleset", member: "rules", null: true, want: []string{"undetermined heroku_space_inbound_ruleset.sir"}},
		{path: "/nat", member: "sources", want: []string{"undetermined heroku_space.sp"}},
		{path: "/pipelines", member: "name", want: []string{"undetermined heroku_pipeline.p"}},
		{path: "/review-app-config", member: "repo", want: []string{"undetermined heroku_review_app_config.rac"}},
	} {
		f := readState(t, "5.3.2")
		s, _ := matching(t, f)
		c, err := platform.New(platform.Options{
			Token: "t", Transport: &lacking{s, tt.path, tt.member, tt.null}, Retries: -1, Backoff: time.Microsecond, MaxWait: time.Millisecond,
		})
		if err != nil {
			t.Fatal(err)
		}
		report, err := herokutf.DetectDrift(t.Context(), c, f, herokutf.DriftOptions{})
		if err != nil {
			t.Fatal(err)
		}
		got := reported(report)
		if tt.want != nil && !slices.Equal(got, tt.want) {
			t.Errorf("%s without %s: %q", tt.path, tt.member, got)
		}
		for _, line := range got {
			if !strings.HasPrefix(line, "undetermined ") {
				t.Errorf("%s without %s: %s", tt.path, tt.member, line)
			}
		}
		accepted, err := report.Accept(f)
		if err != nil || len(got) == 0 || len(accepted.Changes) > 0 {
			t.Errorf("%s without %s: accepted %v, %v", tt.path, tt.member, accepted, err)
		}
	}
}

// TestDriftUnmanagedByHand: a telemetry drain, and an attachment that was made in the same
// second as its add-on's own.
func TestDriftUnmanagedByHand(t *testing.T) {
	f := readState(t, "corners")
	s, c := matching(t, f)
	opts := herokutf.DriftOptions{Unmanaged: true}
	before := reported(detect(t, s, c, opts, f))
	var fir string
	for _, a := range s.Snapshot().Apps {
		if a.Generation == herokutest.Fir {
			fir = a.Name
		}
	}
	s.AddTelemetryDrain(fir, herokutest.TelemetryDrain{ID: "7e1e0000-0000-4000-8000-00000000000f", Endpoint: "https://o.example.com", Signals: []string{"logs"}})
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	s.AddAddon(herokutest.Addon{Name: "redis-square-2", App: fir, Plan: "heroku-redis:mini", Attachments: []herokutest.Attachment{
		{ID: "a7000000-0000-4000-8000-0000000f0f00", Name: "REDIS", CreatedAt: at}, {ID: "a7000000-0000-4000-8000-00000000000e", Name: "CACHE", CreatedAt: at},
	}})
	got := slices.DeleteFunc(reported(detect(t, s, c, opts, f)), func(line string) bool { return slices.Contains(before, line) })
	want := []string{
		"unmanaged " + fir + " heroku_addon redis-square-2", "unmanaged " + fir + " heroku_addon_attachment CACHE",
		"unmanaged " + fir + " heroku_telemetry_drain 7e1e0000-0000-4000-8000-00000000000f",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestDriftFactsNoted: what is true of managed objects and no drift is noted in the default
// run, for no more requests.
func TestDriftFactsNoted(t *testing.T) {
	f := readState(t, "5.3.2")
	s, c := matching(t, f)
	before := detect(t, s, c, herokutf.DriftOptions{}, f)
	if len(before.Notes) > 0 {
		t.Errorf("of a state in which nothing is up: %q", before.Notes)
	}
	s.SetMaintenance("old-name", true)
	s.FailRelease("old-name", "")
	addon := s.Snapshot().Addons[0]
	app, _ := s.App("old-name")
	seed := s.Snapshot()
	for i := range seed.Addons {
		if seed.Addons[i].ID == addon.ID {
			seed.Addons[i].State = "deprovisioned"
		}
	}
	for i := range seed.Apps {
		if a := &seed.Apps[i]; a.ID == app.ID {
			a.ACM = false
			for j := range a.Domains {
				a.Domains[j].SNIEndpoint, a.Domains[j].ACMStatus = "", ""
			}
		}
	}
	s = herokutest.NewServer()
	if err := s.Seed(seed); err != nil {
		t.Fatal(err)
	}
	report := detect(t, s, driftClient(t, s), herokutf.DriftOptions{}, f)
	for _, want := range []string{
		"heroku_app.main (old-name): maintenance mode is on", "heroku_app.main (old-name): the newest release, v",
		"heroku_addon.db (old-name): the add-on is deprovisioned", "heroku_domain.d (old-name): the domain has no certificate",
	} {
		if !slices.ContainsFunc(report.Notes, func(note string) bool { return strings.HasPrefix(note, want) }) {
			t.Errorf("no note %q in %q", want, report.Notes)
		}
	}
	if report.Requests != before.Requests {
		t.Errorf("%d requests, without the facts %d", report.Requests, before.Requests)
	}
	for _, note := range detect(t, s, driftClient(t, s), herokutf.DriftOptions{Unmanaged: true}, f).Notes {
		if strings.Contains(note, "maintenance") || strings.Contains(note, "release") {
			t.Errorf("noted beside the object that says it: %q", note)
		}
	}
}

// TestDriftParents: what belongs to a space or a pipeline has its verdict.
func TestDriftParents(t *testing.T) {
	ofSpace := []string{"heroku_space_app_access.", "heroku_space_inbound_ruleset.", "heroku_space_peering_connection_accepter.", "heroku_space_vpn_connection."}
	for _, release := range []string{"4.9.0", "5.3.2"} {
		state := decodeState(t, stateText(t, release))
		space := state.at(t, "heroku_space.sp")["name"].(string)
		for _, inst := range state.instances() {
			if _, ok := inst.attrs["space"]; ok && slices.ContainsFunc(ofSpace, func(p string) bool { return strings.HasPrefix(inst.address(), p) }) {
				inst.attrs["space"] = space
			}
		}
		f := state.parse(t)
		check := func(act func(*fake), verdict herokutf.Verdict, reason string, prefixes ...string) {
			t.Helper()
			s, c := matching(t, f)
			act(s)
			report := detect(t, s, c, herokutf.DriftOptions{}, f)
			n := 0
			for i := range report.Objects {
				o := &report.Objects[i]
				if !slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(o.Address, p) }) {
					continue
				}
				if n++; o.Verdict != verdict || !strings.HasPrefix(o.Reason, reason) {
					t.Errorf("%s: %s: %s", release, reportLine(o), o.Reason)
				}
			}
			if n == 0 {
				t.Errorf("%s: none of %q", release, prefixes)
			}
		}
		check(func(s *fake) { send(t, s, "PATCH", "/spaces/"+space, `{"name":"renamed-space"}`) }, herokutf.Changed,
			"its space was renamed from "+space+" to renamed-space", ofSpace...)
		check(func(s *fake) {
			for _, a := range s.Snapshot().Apps {
				if a.Space != "" {
					s.UpdateApp(a.Name, func(a *herokutest.App) { a.Space = "" })
				}
			}
			send(t, s, "DELETE", "/spaces/"+space, "")
		}, herokutf.Missing, "its space is gone", ofSpace...)
		check(func(s *fake) { s.DeletePipeline("my-pipe") }, herokutf.Missing, "its pipeline is gone", "heroku_pipeline_config_var.")
	}
}

// send sends a request to the fake that has to succeed.
func send(t *testing.T, s *fake, method, path, body string) {
	t.Helper()
	sendAs(t, s, "token-of-the-test", method, path, body)
}

// sendAs is send with a token of an account.
func sendAs(t *testing.T, s *fake, token, method, path, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "https://api.heroku.com"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Accept", "application/vnd.heroku+json; version=3")
	r.Header.Set("Content-Type", "application/json")
	resp, err := s.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		text, _ := io.ReadAll(resp.Body)
		t.Fatalf("%s %s: %s: %s", method, path, resp.Status, text)
	}
}

// TestDriftPlainHTTP: an app of a Private Space has an address with http.
func TestDriftPlainHTTP(t *testing.T) {
	state := decodeState(t, stateText(t, "5.3.2"))
	app := state.at(t, "heroku_app.main")
	app["web_url"] = strings.Replace(app["web_url"].(string), "https://", "http://", 1)
	f := state.parse(t)
	s, c := matching(t, f)
	if got := reported(detect(t, s, c, herokutf.DriftOptions{}, f)); len(got) > 0 {
		t.Errorf("got %q", got)
	}
}

// TestDriftPrintable: what a terminal doesn't show as it is, in names of a state or of
// Heroku, is escaped in reasons, notes, JSON and configurations.
func TestDriftPrintable(t *testing.T) {
	const odd = "a\u202eb\u009bc"
	raw := func(what, text string) {
		t.Helper()
		if strings.ContainsAny(text, "\u202e\u009b\x1b") {
			t.Errorf("%s: %q", what, text)
		}
	}
	state := decodeState(t, stateText(t, "5.3.2"))
	f := state.parse(t)
	s, c := matching(t, f)
	s.UpdateApp("old-name", func(a *herokutest.App) {
		a.ConfigVars[odd] = "x"
		a.Domains = append(a.Domains, herokutest.Domain{Hostname: odd + ".example.com", Kind: "custom"})
	})
	state.at(t, "heroku_app.main")["organization"].([]any)[0].(map[string]any)["name"] = odd
	state.at(t, "heroku_formation.web")[odd] = "unheard of"
	f = state.parse(t)
	report := detect(t, s, c, herokutf.DriftOptions{Unmanaged: true}, f)
	for i := range report.Objects {
		raw("the reason of "+report.Objects[i].Address, report.Objects[i].Reason)
	}
	for _, note := range report.Notes {
		raw("a note", note)
	}
	text, err := report.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	raw("JSON", string(text))
	var imports bytes.Buffer
	if err := report.WriteImports(&imports); err != nil {
		t.Fatal(err)
	}
	raw("imports", imports.String())
	if want := `hostname = "a\u202eb\u009bc.example.com"`; !strings.Contains(strings.Join(strings.Fields(imports.String()), " "), want) {
		t.Errorf("the configuration has no %s:\n%s", want, imports.String())
	}
}
