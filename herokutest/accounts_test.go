package herokutest_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/herokutest"
)

// as sends a request with a token and headers, and returns the answer.
func as(t *testing.T, s *herokutest.Server, token, method, path, body string, header ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequest(method, "https://api.heroku.com"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "application/vnd.heroku+json; version=3")
	req.Header.Set("Authorization", "Bearer "+token)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := s.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := resp.Write(&text); err != nil {
		t.Fatal(err)
	}
	_, got, _ := strings.Cut(text.String(), "\r\n\r\n")
	return resp, got
}

// TestAccounts: what a request makes shows whose token it had, also on a server that
// was given the snapshot.
func TestAccounts(t *testing.T) {
	s := herokutest.New(herokutest.Options{})
	s.AddAccount(herokutest.Account{Email: "ann@example.com", Name: "Ann", Tokens: []string{"ann", "ann-2"}})
	s.AddAccount(herokutest.Account{Email: "bob@example.com", ID: "99999999-9999-4999-8999-999999999999", Tokens: []string{"bob"}})
	s.AddApp(herokutest.App{Name: "one"})
	as(t, s, "ann", "PATCH", "/apps/one/config-vars", `{"A":"1"}`)
	as(t, s, "bob", "POST", "/apps/one/builds", `{"source_blob":{"url":"https://example.com/1.tgz"}}`)
	as(t, s, "ann-2", "POST", "/apps/one/releases", `{"release":"3"}`)
	as(t, s, "bob", "POST", "/apps", `{"name":"bobs"}`)
	as(t, s, "bob", "POST", "/pipelines", `{"name":"bobs"}`)
	as(t, s, "anybody", "PATCH", "/apps/one/config-vars", `{"B":"1"}`)
	as(t, s, "ann", "POST", "/account/keys", `{"public_key":"ssh-rsa AAAA"}`)
	copied := herokutest.New(herokutest.Options{})
	if err := copied.Seed(s.Snapshot()); err != nil {
		t.Fatal(err)
	}
	for _, s := range []*herokutest.Server{s, copied} {
		app, _ := s.App("one")
		var who []string
		for _, r := range app.Releases {
			who = append(who, r.User)
		}
		if diff := cmp.Diff([]string{"user@example.com", "user@example.com", "ann@example.com", "bob@example.com", "ann@example.com", "user@example.com"}, who); diff != "" {
			t.Errorf("who made releases (-want +got):\n%s", diff)
		}
		for _, tt := range []struct{ token, path, want string }{
			{"ann", "/account", `"email":"ann@example.com"`},
			{"ann-2", "/account", `"name":"Ann"`},
			{"bob", "/users/~", `"id":"99999999-9999-4999-8999-999999999999"`},
			{"bob", "/users/bob@example.com", `"email":"bob@example.com"`},
			{"bob", "/users/ann@example.com", `not_found`},
			{"anybody", "/account", `"email":"user@example.com"`},
			{"ann", "/apps/bobs", `"owner":{"email":"bob@example.com","id":"99999999-9999-4999-8999-999999999999"}`},
			{"ann", "/pipelines?eq[name]=bobs", `"owner":{"id":"99999999-9999-4999-8999-999999999999","type":"user"}`},
			{"ann", "/pipelines?eq[name]=anns", `[]`},
			{"ann", "/apps/one/builds", `"email":"bob@example.com"`},
			{"ann", "/account/keys", `ssh-rsa AAAA`},
			{"bob", "/account/keys", `[]`},
		} {
			if _, got := as(t, s, tt.token, "GET", tt.path, ""); !strings.Contains(got, tt.want) {
				t.Errorf("%s: GET %s: got %s, want %s", tt.token, tt.path, got, tt.want)
			}
		}
	}
	if log := s.Log(); log[0].Account != "ann@example.com" || log[5].Account != "user@example.com" {
		t.Errorf("log: %+v", log)
	}
}

// TestTokens: a server with a token takes it, and those of accounts and their
// authorizations, and no others.
func TestTokens(t *testing.T) {
	s := herokutest.New(herokutest.Options{Token: "own"})
	s.AddAccount(herokutest.Account{Email: "ann@example.com", Tokens: []string{"ann"}, Authorizations: []herokutest.Authorization{{Token: "for-ci"}}})
	for token, want := range map[string]string{"own": "user@example.com", "ann": "ann@example.com", "for-ci": "ann@example.com", "x": "unauthorized"} {
		if _, got := as(t, s, token, "GET", "/account", ""); !strings.Contains(got, want) {
			t.Errorf("%s: got %s, want %s", token, got, want)
		}
	}
	_, made := as(t, s, "ann", "POST", "/oauth/authorizations", `{"description":"deploys"}`)
	token := decode[object](t, made)["access_token"].(object)["token"].(string)
	if _, got := as(t, s, token, "GET", "/account", ""); !strings.Contains(got, "ann@example.com") {
		t.Errorf("with a token that was made: %s", got)
	}
	id := decode[object](t, made)["id"].(string)
	as(t, s, "ann", "DELETE", "/oauth/authorizations/"+id, "")
	if resp, _ := as(t, s, token, "GET", "/account", ""); resp.StatusCode != 401 {
		t.Errorf("with a token that was revoked: %s", resp.Status)
	}
	if log := s.Log(); log[len(log)-1].Account != "" {
		t.Errorf("the log names %s", log[len(log)-1].Account)
	}
	for want, seed := range map[string]herokutest.Account{
		"without email":           {},
		"there is one already":    {Email: "ann@example.com"},
		"token 2 is empty or of":  {Email: "bob@example.com", Tokens: []string{"b", "ann"}},
		"is no UUID":              {Email: "bob@example.com", ID: "7"},
		"no OAuth client":         {Email: "bob@example.com", Authorizations: []herokutest.Authorization{{Client: "x"}}},
		"without name or":         {Email: "bob@example.com", Clients: []herokutest.OAuthClient{{Name: "x"}}},
		"a public key has a type": {Email: "bob@example.com", Keys: []herokutest.Key{{PublicKey: "x"}}},
	} {
		if err := s.Seed(herokutest.Seed{Accounts: []herokutest.Account{seed}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// TestDynos: those of the formation follow from it, and are new ones after a release
// and a restart.
func TestDynos(t *testing.T) {
	now := day
	s := herokutest.New(herokutest.Options{Clock: func() time.Time { return now }})
	s.AddApp(herokutest.App{Name: "one", Formation: []herokutest.Process{{Type: "web", Quantity: 2}, {Type: "worker", Quantity: 1}},
		Dynos: []herokutest.Dyno{{Name: "run.1234", Command: "bash", State: "starting"}}})
	dynos := func() map[string]string {
		ids := map[string]string{}
		_, body := send(t, s, "GET", "/apps/one/dynos", "")
		for _, o := range decode[[]object](t, body) {
			ids[o["name"].(string)] = o["id"].(string)
		}
		return ids
	}
	changed := func(what string, do func(), want ...string) {
		t.Helper()
		before := dynos()
		now = now.Add(time.Minute)
		do()
		var got []string
		for _, name := range []string{"web.1", "web.2", "worker.1", "run.1234"} {
			if before[name] != dynos()[name] {
				got = append(got, name)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: other dynos (-want +got):\n%s", what, diff)
		}
	}
	if got := dynos(); len(got) != 4 {
		t.Errorf("got %v", got)
	}
	changed("nothing", func() {})
	changed("a restart of one", func() { send(t, s, "DELETE", "/apps/one/dynos/web.1", "") }, "web.1")
	changed("a restart of a type", func() { send(t, s, "DELETE", "/apps/one/formations/web", "") }, "web.1", "web.2")
	changed("a release", func() { s.Deploy("one", "") }, "web.1", "web.2", "worker.1")
	changed("another size", func() { s.Scale("one", "worker", 1, "standard-2x") }, "worker.1")
	changed("fewer", func() { s.Scale("one", "web", 1, "") }, "web.1", "web.2")
	changed("a restart of all", func() { send(t, s, "DELETE", "/apps/one/dynos", "") }, "web.1", "worker.1", "run.1234")
}

// TestHeaders: what is asked for by headers, and what comes in them.
func TestHeaders(t *testing.T) {
	s := full(t)
	for _, tt := range []struct{ path, header, value, want string }{
		{"/addons/rich-db", "Accept-Expansion", "addon_service,plan", `"human_name":"Heroku Postgres"`},
		{"/apps/rich/addons", "Accept-Expansion", "plan", `"price":{"cents":500,`},
		{"/apps/rich/addon-attachments", "Accept-Inclusion", "addon:plan,config_vars", `"config_vars":["DATABASE_URL"]`},
		{"/apps/rich/addon-attachments/DATABASE", "Accept-Inclusion", "addon:plan", `"plan":{"id":`},
		{"/addons/rich-db", "Accept-Expansion", "", `"plan":{"id":"`},
	} {
		if _, got := as(t, s, "x", "GET", tt.path, "", tt.header, tt.value); !strings.Contains(got, tt.want) {
			t.Errorf("GET %s with %s: got %s, want %s", tt.path, tt.value, got, tt.want)
		}
	}
	resp, _ := as(t, s, "x", "POST", "/apps/rich/webhooks", `{"url":"https://hooks.example.com/2","secret":"mine"}`)
	if got := resp.Header.Get("Heroku-Webhook-Secret"); got != "mine" {
		t.Errorf("the secret that was asked for: got %q", got)
	}
	resp, body := as(t, s, "x", "POST", "/apps/rich/webhooks", `{"url":"https://hooks.example.com/3"}`)
	if got := resp.Header.Get("Heroku-Webhook-Secret"); len(got) != 64 || strings.Contains(body, got) {
		t.Errorf("the secret that was made: got %q and %s", got, body)
	}
}

// TestCertificate: what an endpoint says of its certificate stands in it.
func TestCertificate(t *testing.T) {
	s := herokutest.New(herokutest.Options{Clock: fixedClock})
	s.AddApp(herokutest.App{Name: "one", SNIEndpoints: []herokutest.SNIEndpoint{{Name: "mine", CertificateChain: testChain}, {Name: "other"}}})
	cert := func(name string) object {
		_, body := send(t, s, "GET", "/apps/one/sni-endpoints/"+name, "")
		return decode[object](t, body)["ssl_cert"].(object)
	}
	want := object{"ca_signed?": false, "self_signed?": true, "subject": "/C=US/O=Example/CN=www.example.com", "issuer": "/C=US/O=Example/CN=www.example.com",
		"cert_domains": []any{"www.example.com", "example.com"}}
	check := func(what, name string) {
		t.Helper()
		got := cert(name)
		if at, err := time.Parse(time.RFC3339, got["expires_at"].(string)); err != nil || !at.After(day) {
			t.Errorf("%s: expires at %v", what, got["expires_at"])
		}
		for _, made := range []string{"id", "starts_at", "expires_at"} {
			delete(got, made)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	check("seeded", "mine")
	if got := cert("other")["issuer"]; got != "/CN=herokutest" {
		t.Errorf("a chain that can't be read: issued by %v", got)
	}
	body := `{"certificate_chain":"` + strings.ReplaceAll(testChain, "\n", `\n`) + `","private_key":"k"}`
	send(t, s, "PATCH", "/apps/one/sni-endpoints/other", body)
	check("changed", "other")
}

// TestScaleBeforeCode is what the policy of that name does.
func TestScaleBeforeCode(t *testing.T) {
	for _, allowed := range []bool{false, true} {
		s := herokutest.New(herokutest.Options{Policy: herokutest.Policy{ScaleBeforeCode: allowed}})
		s.AddApp(herokutest.App{Name: "one", Slugs: []herokutest.Slug{{ID: slug1, ProcessTypes: map[string]string{"web": "w", "clock": "c"}}}})
		resp, _ := send(t, s, "PATCH", "/apps/one/formation/web", `{"quantity":2}`)
		if want := map[bool]int{false: 404, true: 200}[allowed]; resp.StatusCode != want {
			t.Errorf("with the policy %t: %s", allowed, resp.Status)
		}
		s.Deploy("one", slug1)
		_, body := send(t, s, "GET", "/apps/one/formation", "")
		got := map[string]float64{}
		for _, o := range decode[[]object](t, body) {
			got[o["type"].(string)] = o["quantity"].(float64)
		}
		want := map[string]float64{"web": 1, "clock": 0}
		if allowed {
			want["web"] = 2
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("with the policy %t (-want +got):\n%s", allowed, diff)
		}
	}
}

// TestDeletedAddon: the answer to its DELETE shows it as it is then.
func TestDeletedAddon(t *testing.T) {
	_, body := send(t, full(t), "DELETE", "/apps/rich/addons/rich-db", "")
	if got := decode[object](t, body)["state"]; got != "deprovisioned" {
		t.Errorf("got %v", got)
	}
}

// TestEligibleForRollback: releases of code that succeeded, also the current one, and
// no others.
func TestEligibleForRollback(t *testing.T) {
	s := full(t)
	s.Deploy("rich", "")
	s.Expire("rich", 2)
	_, body := send(t, s, "GET", "/apps/rich/releases", "")
	got := map[float64]bool{}
	for _, o := range decode[[]object](t, body) {
		got[o["version"].(float64)] = o["eligible_for_rollback"].(bool)
	}
	// The first has no code, the second is expired, the third has failed.
	if diff := cmp.Diff(map[float64]bool{1: false, 2: false, 3: false, 4: true}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
