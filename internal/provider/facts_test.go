package provider

import (
	"slices"
	"testing"
)

func TestFacts(t *testing.T) {
	for _, tt := range []struct {
		typ, own, app string
		want          []string
	}{
		{App, `{"maintenance": true}`, `{}`, []string{"maintenance mode is on"}},
		{App, `{"maintenance": false}`, `{}`, nil},
		{Addon, `{"state": "provisioned"}`, `{}`, nil},
		{Addon, `{}`, `{}`, nil},
		{Addon, `{"state": "provisioning"}`, `{}`, []string{"the add-on is still being provisioned"}},
		{Addon, `{"state": "suspended"}`, `{}`, []string{"the add-on is suspended"}},
		{Addon, `{"state": "deprovisioned"}`, `{}`, []string{"the add-on is deprovisioned"}},
		{Domain, `{"kind": "custom", "sni_endpoint": null}`, `{"acm": false}`, []string{"the domain has no certificate"}},
		{Domain, `{"kind": "custom", "sni_endpoint": {"id": "x"}}`, `{"acm": false}`, nil},
		{Domain, `{"kind": "custom"}`, `{"acm": false}`, nil},
		{Domain, `{"kind": "heroku", "sni_endpoint": null}`, `{"acm": false}`, nil},
		{Domain, `{"kind": "custom", "sni_endpoint": null, "acm_status": "ok"}`, `{"acm": true}`, nil},
		{Domain, `{"kind": "custom", "sni_endpoint": null, "acm_status": "cert issued"}`, `{"acm": true}`, nil},
		{Domain, `{"kind": "custom", "sni_endpoint": null, "acm_status": null}`, `{"acm": true}`, []string{"the domain has no certificate yet"}},
		{Domain, `{"kind": "custom", "sni_endpoint": null, "acm_status": "failing"}`, `{"acm": true}`,
			[]string{"the domain has no certificate: automated certificate management says failing"}},
		{Config, `{"maintenance": true}`, `{}`, nil},
	} {
		if got := Facts(tt.typ, mustDecode(t, tt.own), mustDecode(t, tt.app)); !slices.Equal(got, tt.want) {
			t.Errorf("%s %s of %s: got %q, want %q", tt.typ, tt.own, tt.app, got, tt.want)
		}
	}
}
