package herokutf_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/internal/leaktest"
	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/report"
)

// marked puts a marker into every place of the state where a secret stands, and
// returns how many there are.
func marked(state tree, marker string) int {
	n := 0
	return markedWith(state, func(string) any {
		n++
		return fmt.Sprintf("https://u:%s-%d@secret.example.com/", marker, n)
	})
}

// left are secrets that the states leave empty.
var left = map[string]any{
	"heroku_app_webhook.secret": "", "heroku_app_webhook.authorization": "", "heroku_addon.config": map[string]any{"k": ""},
	"heroku_slug.file_url": "",
}

// markedWith puts values into every place of the state where a secret stands, and
// returns how many there are. value gets the key of a map, or "".
func markedWith(state tree, value func(key string) any) int {
	n := 0
	var mark func(key string, v any) any
	mark = func(key string, v any) any {
		switch v := v.(type) {
		case map[string]any:
			v = maps.Clone(v)
			for name := range v {
				v[name] = mark(name, v[name])
			}
			return v
		case []any:
			v = slices.Clone(v)
			for i := range v {
				v[i] = mark(key, v[i])
			}
			return v
		}
		n++
		return value(key)
	}
	for _, inst := range state.instances() {
		for _, s := range leaktest.Secrets() {
			if s.Mode != inst.text("mode") || s.Type != inst.text("type") {
				continue
			}
			if block, member, _ := holder(inst.attrs, s.Attr); block != nil && block[member] != nil {
				block[member] = mark("", block[member])
			} else if empty, ok := left[s.Type+"."+s.Attr]; ok {
				inst.attrs[s.Attr] = mark("", empty)
			}
		}
	}
	return n
}

// TestDriftLeaksOfAll: every secret that is listed by hand is in one of the states at
// least, so that the tests of leaks have it.
func TestDriftLeaksOfAll(t *testing.T) {
	had := make(map[leaktest.Secret]bool)
	for _, name := range driftStates {
		state := decodeState(t, stateText(t, name))
		marked(state, "LEAK")
		for _, inst := range state.instances() {
			for _, s := range leaktest.Secrets() {
				if s.Mode == inst.text("mode") && s.Type == inst.text("type") {
					if block, member, _ := holder(inst.attrs, s.Attr); block != nil && strings.Contains(fmt.Sprint(block[member]), "LEAK") {
						had[s] = true
					}
				}
			}
		}
	}
	for _, s := range leaktest.Secrets() {
		if !had[s] {
			t.Errorf("no state has %s %s.%s", s.Mode, s.Type, s.Attr)
		}
	}
}

// TestDriftLeaks: no secret of the state, of Heroku or of the client is anywhere
// in what a comparison gives, but where it was asked for.
func TestDriftLeaks(t *testing.T) {
	for _, name := range driftStates {
		for _, form := range stateForms[:2] {
			t.Run(name+"/"+form.name, func(t *testing.T) {
				live, state := decodeState(t, stateText(t, name)), decodeState(t, stateText(t, name))
				if n := marked(live, "LEAK-live"); n < 5 || n != marked(state, "LEAK-state") {
					t.Fatalf("%d secrets on Heroku, another number in the state", n)
				}
				f := form.parse(t, state)
				s, _ := matching(t, form.parse(t, live))
				app := "old-name"
				if name == "corners" {
					app = "cedar-app"
				}
				s.AddLogDrain(app, herokutest.LogDrain{URL: "https://u:LEAK-drain@example.com"})
				s.AddWebhook(app, herokutest.Webhook{URL: "https://u:LEAK-hook@example.com"})
				s.AddTelemetryDrain(app, herokutest.TelemetryDrain{Endpoint: "https://u:LEAK-otel@example.com", Headers: map[string]string{"x": "LEAK-header"}})
				s.SetConfigVars(app, map[string]string{"EXTRA": "LEAK-extra"})
				s.Deploy(app, "")
				client, err := platform.New(platform.Options{Token: "LEAK-token", Transport: s, Retries: -1})
				if err != nil {
					t.Fatal(err)
				}
				drift := detect(t, s, client, herokutf.DriftOptions{Unmanaged: true, Blame: true}, f)
				if drift.Count(herokutf.Changed) == 0 {
					t.Fatal("nothing has changed")
				}
				checkLeaks(t, drift)

				accepted, err := drift.Accept(f)
				if err != nil {
					t.Fatal(err)
				}
				noLeak(t, "an acceptance", fmt.Sprintf("%v %+v %v", accepted.Changes, accepted.Changes, accepted.Left))
				after, err := accepted.Apply()
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Contains(after.Bytes(), []byte("LEAK-live")) {
					t.Error("nothing secret was accepted")
				}

				// Bodies of errors don't get into messages either.
				s.Inject(herokutest.Fault{Route: "GET /apps/{app}/config-vars", Status: 500, Body: `{"id":"x","message":"x"}`, Times: -1})
				s.Inject(herokutest.Fault{Route: "GET /apps/{app}/log-drains", Status: 200, Body: `"LEAK-body"`, Times: -1})
				s.Inject(herokutest.Fault{Route: "GET /apps/{app}/webhooks", Status: 502, Body: "<html>LEAK-token</html>", Times: -1})
				drift, err = herokutf.DetectDrift(t.Context(), client, f, herokutf.DriftOptions{Unmanaged: true})
				if err != nil {
					t.Fatal(err)
				}
				checkLeaks(t, drift)
				s.Inject(herokutest.Fault{Status: 401, Body: `{"id":"unauthorized","message":"LEAK-token"}`, Times: -1})
				s.ResetRequests()
				_, err = herokutf.DetectDrift(t.Context(), client, f, herokutf.DriftOptions{})
				noLeak(t, "an error", fmt.Sprintf("%v %+v %#v", err, err, err))
			})
		}
	}
}

// checkLeaks writes a report in every way there is.
func checkLeaks(t *testing.T, drift *herokutf.DriftReport) {
	t.Helper()
	var b bytes.Buffer
	for _, format := range report.Formats() {
		for _, verbose := range []bool{false, true} {
			b.Reset()
			if err := report.Write(&b, drift, format, report.Options{Verbose: verbose}); err != nil {
				t.Fatal(err)
			}
			noLeak(t, fmt.Sprint(format), b.String())
		}
	}
	b.Reset()
	if err := drift.WriteImports(&b); err != nil {
		t.Fatal(err)
	}
	noLeak(t, "imports", b.String())

	values := []any{drift, *drift, drift.Objects, drift.Notes}
	for i := range drift.Objects {
		o := &drift.Objects[i]
		values = append(values, o, *o, o.Differences)
		for j := range o.Differences {
			values = append(values, &o.Differences[j], o.Differences[j])
		}
	}
	logged := new(bytes.Buffer)
	loggers := []*slog.Logger{slog.New(slog.NewTextHandler(logged, nil)), slog.New(slog.NewJSONHandler(logged, nil))}
	for _, v := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			noLeak(t, fmt.Sprintf("%s of %T", verb, v), fmt.Sprintf(verb, v))
		}
		if text, err := json.Marshal(v); err == nil {
			noLeak(t, fmt.Sprintf("JSON of %T", v), string(text))
		}
		for _, l := range loggers {
			l.Info("x", "v", v)
		}
	}
	noLeak(t, "a log", logged.String())
}

func noLeak(t *testing.T, where, text string) {
	t.Helper()
	for _, marker := range []string{"LEAK", fmt.Sprintf("%x", "LEAK")} {
		if i := strings.Index(text, marker); i >= 0 {
			t.Errorf("%s has a secret: ...%q...", where, text[max(i-100, 0):min(i+40, len(text))])
		}
	}
}

// TestDriftShowVars: of the secrets, the report has the values of the config vars that
// are said to be none, and nothing else.
func TestDriftShowVars(t *testing.T) {
	for _, name := range driftStates {
		for _, form := range stateForms[:2] {
			t.Run(name+"/"+form.name, func(t *testing.T) {
				// Config vars of every attribute get a name that is shown, one that isn't,
				// and one that is shown and has a password.
				side := func(side string) tree {
					state := decodeState(t, stateText(t, name))
					markedWith(state, func(string) any { return "LEAK-" + side })
					for _, vars := range configVars(state) {
						vars["LOG_LEVEL"], vars["XLOG_LEVEL"] = "clear-level-"+side, "LEAK-"+side
						vars["FEATURE_DB"], vars["FEATURE_"] = "postgres://u:LEAK/"+side+"@db.example.com", "clear-feature-"+side
					}
					return state
				}
				state := side("state")
				n := len(configVars(state))
				if n == 0 {
					t.Fatal("no config vars")
				}
				f := form.parse(t, state)
				s, c := matching(t, form.parse(t, side("live")))
				drift := detect(t, s, c, herokutf.DriftOptions{ShowVars: []string{"LOG_LEVEL", "FEATURE_*"}}, f)
				checkLeaks(t, drift)
				shown := 0
				for i := range drift.Objects {
					for _, d := range drift.Objects[i].Differences {
						key := d.Path[len(d.Path)-1].(string)
						key = key[strings.LastIndexByte(key, '.')+1:]
						if want := key != "LOG_LEVEL" && key != "FEATURE_"; strings.HasPrefix(fmt.Sprint(d.State), "clear-") == want || strings.HasSuffix(key, "_LEVEL") && d.Sensitive != want {
							t.Errorf("%s %s: sensitive %t, state %v", drift.Objects[i].Address, d.Path, d.Sensitive, d.State)
						}
						if !d.Sensitive && strings.HasPrefix(fmt.Sprint(d.Live), "clear-") {
							shown++
						}
					}
				}
				if shown != 2*n {
					t.Errorf("%d values are shown, want two of each of %d maps of config vars", shown, n)
				}
				for _, format := range report.Formats() {
					var b bytes.Buffer
					if err := report.Write(&b, drift, format, report.Options{}); err != nil {
						t.Fatal(err)
					}
					for _, want := range []string{"clear-level-state", "clear-level-live", "clear-feature-state", "clear-feature-live"} {
						if strings.Contains(b.String(), want) == (format == report.Metrics) { // which has no values
							t.Errorf("%s has no %s, or shouldn't have it", format, want)
						}
					}
				}
				accepted, err := drift.Accept(f)
				if err != nil {
					t.Fatal(err)
				}
				text := fmt.Sprintf("%v %+v %v", accepted.Changes, accepted.Changes, accepted.Left)
				noLeak(t, "an acceptance", text)
				if !strings.Contains(text, "clear-level-live") {
					t.Error("the acceptance doesn't show what is clear")
				}

				drift = detect(t, s, c, herokutf.DriftOptions{}, f)
				var b bytes.Buffer
				if err := report.Write(&b, drift, report.JSON, report.Options{}); err != nil {
					t.Fatal(err)
				}
				if strings.Contains(b.String(), "clear-") {
					t.Error("without the option, config vars are shown")
				}
			})
		}
	}

	f := readState(t, "5.3.2")
	s, c := matching(t, f)
	s.ResetRequests()
	_, err := herokutf.DetectDrift(t.Context(), c, f, herokutf.DriftOptions{ShowVars: []string{"A", `B\`}, Only: []string{"nothing"}})
	if !errors.Is(err, platform.ErrInvalidName) || !strings.Contains(err.Error(), `B\`) || !strings.Contains(err.Error(), "nothing") || len(s.Log()) > 0 {
		t.Errorf("options at fault: %v", err)
	}
}

// configVars are the maps of config vars of a state that are compared.
func configVars(state tree) []map[string]any {
	var all []map[string]any
	for _, inst := range state.instances() {
		res, ok := provider.Lookup(inst.text("mode"), inst.text("type"))
		if _, deposed := inst.instance["deposed"]; !ok || deposed {
			continue
		}
		for i := range res.Attrs {
			attr := &res.Attrs[i]
			if block, member, _ := holder(inst.attrs, attr.Name); attr.ConfigVars() && block != nil && block[member] != nil {
				vars, ok := block[member].(map[string]any)
				if list := asList(block[member]); !ok && len(list) > 0 {
					vars, ok = list[0].(map[string]any)
				}
				if ok {
					all = append(all, vars)
				}
			}
		}
	}
	return all
}

// TestDriftShowSecrets: the text shows secrets to those who ask for them.
func TestDriftShowSecrets(t *testing.T) {
	f := readState(t, "5.3.2")
	s, c := matching(t, f)
	s.SetConfigVars("old-name", map[string]string{"FOO": "the-new-value"})
	var b strings.Builder
	drift := detect(t, s, c, herokutf.DriftOptions{}, f)
	if err := report.Write(&b, drift, report.Text, report.Options{ShowSecrets: true}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "bar") || !strings.Contains(b.String(), "the-new-value") {
		t.Errorf("the values aren't there:\n%s", b.String())
	}
}

// TestDriftKey: fingerprints say whether a value is the same, to those who made
// both reports with one key.
func TestDriftKey(t *testing.T) {
	f := readState(t, "5.3.2")
	s, c := matching(t, f)
	s.SetConfigVars("old-name", map[string]string{"FOO": "other"})
	live := func(key []byte) any {
		drift := detect(t, s, c, herokutf.DriftOptions{Key: key}, f)
		return objectAt(t, drift, "heroku_app.main").Differences[0].Live
	}
	if a, b := live([]byte("k")), live([]byte("k")); a != b {
		t.Errorf("one key, two fingerprints: %v, %v", a, b)
	}
	if a, b := live([]byte("k")), live([]byte("l")); a == b {
		t.Errorf("two keys, one fingerprint: %v", a)
	}
	if a, b := live(nil), live(nil); a == b {
		t.Errorf("no key, one fingerprint: %v", a)
	}
}
