package herokutf

import (
	"fmt"
	"strings"
	"testing"

	"github.com/herokutf/herokutf/internal/provider"
)

// A handVerdict is a value of an attribute in the state, what Heroku says, and what is to
// be made of that.
type handVerdict struct {
	attr  string // type and name, behind "data." that of a data source
	state string // the attribute's value, as JSON
	own   string // the object on Heroku, as JSON; the running release for what is pinned
	want  string // "changed", "same", or "blind" for what the provider doesn't read
	more  string // of the state: further attributes, as members of JSON
	app   string // members of the app, as JSON
	lists map[provider.List]string
}

// handVerdicts are written by hand from what the Read functions of the provider's
// releases v1.4.0 to v5.3.2 do (resource_heroku_*.go), and from nothing of this module:
// the other tests of comparisons take their rules from the table of resource types, and
// follow its mistakes. Every attribute of every resource and data source is here, and one
// that is compared with a change that is seen.
var handVerdicts = []handVerdict{
	// Known by it, so that there is nothing to compare.
	{attr: "heroku_app.id", state: `"x"`, own: `{"id": "y"}`, want: "blind"},
	{attr: "heroku_app.uuid", state: `"x"`, own: `{"id": "y"}`, want: "blind"},

	{attr: "heroku_app.name", state: `"one"`, own: `{"name": "two"}`, want: "changed"},
	{attr: "heroku_app.name", state: `"one"`, own: `{"name": "one"}`, want: "same"},
	{attr: "heroku_app.git_url", state: `"https://git.heroku.com/a.git"`, own: `{"git_url": "https://git.heroku.com/b.git"}`, want: "changed"},
	{attr: "heroku_app.web_url", state: `"https://a/"`, own: `{"web_url": "https://b/"}`, want: "changed"},
	{attr: "heroku_app.web_url", state: `""`, own: `{"web_url": null}`, want: "same"},
	{attr: "heroku_app.heroku_hostname", state: `"a.herokuapp.com"`, own: `{"name": "b", "web_url": "https://a.herokuapp.com/"}`, want: "same"},
	{attr: "heroku_app.heroku_hostname", state: `"a.herokuapp.com"`, own: `{"name": "a", "web_url": "https://a-0123456789ab.herokuapp.com/"}`, want: "same"}, // up to v5.2.1
	{attr: "heroku_app.heroku_hostname", state: `"a.herokuapp.com"`, own: `{"name": "b", "web_url": "https://b-0123456789ab.herokuapp.com/"}`, want: "changed"},
	{attr: "heroku_app.region", state: `"us"`, own: `{"region": {"id": "us", "name": "eu"}}`, want: "changed"},
	{attr: "heroku_app.region", state: `"us"`, own: `{"region": {"id": "x", "name": "us"}}`, want: "same"},
	{attr: "heroku_app.stack", state: `"heroku-24"`, own: `{"stack": {"name": "heroku-22"}, "build_stack": {"name": "heroku-24"}}`, want: "same"},
	{attr: "heroku_app.stack", state: `"heroku-24"`, own: `{"stack": {"name": "heroku-24"}, "build_stack": {"name": "heroku-22"}}`, want: "changed"},
	{attr: "heroku_app.acm", state: `false`, own: `{"acm": true}`, want: "changed"},
	{attr: "heroku_app.acm", state: `true`, own: `{"acm": false}`, want: "changed"},
	{attr: "heroku_app.acm", state: `null`, own: `{"acm": false}`, want: "same"},
	{attr: "heroku_app.internal_routing", state: `false`, own: `{"internal_routing": null}`, want: "same"},
	{attr: "heroku_app.internal_routing", state: `true`, own: `{"internal_routing": null}`, want: "changed"},
	{attr: "heroku_app.space", state: `"a"`, own: `{"space": {"id": "a", "name": "b"}}`, want: "changed"},
	{attr: "heroku_app.space", state: `""`, own: `{"space": null}`, want: "same"},
	{attr: "heroku_app.space", state: `null`, own: `{"space": {"name": "b"}}`, want: "changed"},
	{attr: "heroku_app.generation", state: `"cedar"`, own: `{"generation": {"id": "cedar", "name": "fir"}}`, want: "changed"},
	{attr: "heroku_app.generation", state: `"cedar"`, own: `{"generation": null}`, want: "blind"}, // not every answer has it
	{attr: "heroku_app.generation", state: `"fir"`, own: `{"generation": null}`, want: "blind"},
	{attr: "heroku_app.generation", state: `null`, own: `{"generation": {"name": "cedar"}}`, want: "same"},
	{attr: "heroku_app.organization.name", state: `"t"`, own: `{"team": {"id": "t", "name": "u"}}`, want: "changed"},
	{attr: "heroku_app.organization.name", state: `"t"`, own: `{"team": null}`, want: "changed"},
	{attr: "heroku_app.organization.name", state: `"t"`, own: `{"team": {"name": "t"}, "organization": {"name": "u"}}`, want: "same"},
	{attr: "heroku_app.organization.locked", state: `false`, own: `{"team": {"name": "t"}, "locked": false}`, app: `"team": {"name": "t"}`, more: `"name": "t"`,
		lists: map[provider.List]string{provider.TeamApps: `{"locked": true}`}, want: "changed"},
	{attr: "heroku_app.organization.locked", state: `true`, own: `{"locked": true}`, app: `"team": null`, lists: map[provider.List]string{provider.TeamApps: `{"locked": false}`}, want: "blind"},
	{attr: "heroku_app.organization.personal", state: `true`, own: `{"personal": false}`, want: "blind"},
	{attr: "heroku_app.buildpacks", state: `["heroku/go"]`, own: `{}`, lists: map[provider.List]string{provider.Buildpacks: `[{"buildpack": {"name": "heroku/ruby", "url": "heroku/go"}}]`}, want: "changed"},
	{attr: "heroku_app.buildpacks", state: `["a", "b"]`, own: `{}`, lists: map[provider.List]string{provider.Buildpacks: `[{"buildpack": {"name": "b"}}, {"buildpack": {"name": "a"}}]`}, want: "changed"},
	{attr: "heroku_app.buildpacks", state: `["a"]`, own: `{}`, lists: map[provider.List]string{provider.Buildpacks: `[]`}, want: "changed"},
	{attr: "heroku_app.buildpacks", state: `[]`, own: `{}`, lists: map[provider.List]string{provider.Buildpacks: `[{"buildpack": {"name": "a"}}]`}, want: "changed"},
	{attr: "heroku_app.buildpacks", state: `null`, own: `{}`, lists: map[provider.List]string{provider.Buildpacks: `[{"buildpack": {"name": "a"}}]`}, want: "blind"}, // up to v2.3.x read where they are configured
	{attr: "heroku_app.buildpacks", state: `["a"]`, own: `{}`, app: `"generation": {"name": "fir"}`, lists: map[provider.List]string{provider.Buildpacks: `[]`}, want: "blind"},
	{attr: "heroku_app.buildpacks", state: `["a"]`, own: `{}`, app: `"build_stack": {"name": "cnb"}`, lists: map[provider.List]string{provider.Buildpacks: `[]`}, want: "blind"},
	{attr: "heroku_app.buildpacks", state: `["a"]`, own: `{}`, app: `"stack": {"name": "cnb"}`, lists: map[provider.List]string{provider.Buildpacks: `[]`}, want: "blind"},
	{attr: "heroku_app.config_vars", state: `{"A": "1"}`, own: `{}`, lists: map[provider.List]string{provider.ConfigVars: `{"A": "2"}`}, want: "changed"},
	{attr: "heroku_app.config_vars", state: `{"A": "1"}`, own: `{}`, lists: map[provider.List]string{provider.ConfigVars: `{"B": "1"}`}, want: "changed"},
	{attr: "heroku_app.config_vars", state: `{"A": "1"}`, own: `{}`, lists: map[provider.List]string{provider.ConfigVars: `{"A": "1", "B": "1"}`}, want: "same"},
	{attr: "heroku_app.config_vars", state: `{}`, own: `{}`, lists: map[provider.List]string{provider.ConfigVars: `{"B": "1"}`}, want: "blind"},
	{attr: "heroku_app.sensitive_config_vars", state: `{"A": "1"}`, own: `{}`, lists: map[provider.List]string{provider.ConfigVars: `{"A": ""}`}, want: "changed"},
	{attr: "heroku_app.sensitive_config_vars", state: `{"A": "1"}`, own: `{}`, lists: map[provider.List]string{provider.ConfigVars: `{"A": "1", "C": "2"}`}, want: "same"},
	{attr: "heroku_app.all_config_vars", state: `{"A": "1"}`, own: `{}`, lists: map[provider.List]string{provider.ConfigVars: `{"A": "2"}`}, want: "blind"},

	{attr: "heroku_addon.id", state: `"x"`, own: `{"id": "y"}`, want: "blind"},
	{attr: "heroku_addon.app", state: `"one"`, own: `{"app": {"id": "` + appTwo + `", "name": "two"}}`, want: "changed"},
	{attr: "heroku_addon.app_id", state: `"` + appOne + `"`, own: `{"app": {"id": "` + appTwo + `", "name": "two"}}`, want: "changed"},
	{attr: "heroku_addon.app_id", state: `"` + appOne + `"`, own: `{"app": {"id": "` + appOne + `", "name": "renamed"}}`, want: "same"},
	{attr: "heroku_addon.plan", state: `"heroku-redis:mini"`, own: `{"plan": {"id": "heroku-redis:mini", "name": "heroku-redis:premium-0"}}`, want: "changed"},
	{attr: "heroku_addon.plan", state: `"heroku-redis"`, own: `{"plan": {"name": "heroku-redis:premium-0"}}`, want: "same"},
	{attr: "heroku_addon.plan", state: `"heroku-redis"`, own: `{"plan": {"name": "heroku-postgresql:premium-0"}}`, want: "changed"},
	{attr: "heroku_addon.name", state: `"a"`, own: `{"name": "b"}`, want: "changed"},
	{attr: "heroku_addon.provider_id", state: `"1"`, own: `{"provider_id": "2"}`, want: "changed"},
	{attr: "heroku_addon.config_vars", state: `["A_URL"]`, own: `{"config_vars": ["B_URL"]}`, want: "changed"},
	{attr: "heroku_addon.config_vars", state: `["A", "B"]`, own: `{"config_vars": ["B", "A"]}`, want: "same"},
	{attr: "heroku_addon.config_var_values", state: `{"A": "1"}`, own: `{"config_vars": ["A"]}`, lists: map[provider.List]string{provider.ConfigVars: `{"A": "2"}`}, want: "blind"},
	{attr: "heroku_addon.config", state: `{"version": "15"}`, own: `{"config": {"version": "16"}}`, want: "blind"},

	{attr: "heroku_addon_attachment.id", state: `"x"`, own: `{"id": "y"}`, want: "blind"},
	{attr: "heroku_addon_attachment.app_id", state: `"` + appOne + `"`, own: `{"app": {"id": "` + appTwo + `", "name": "two"}, "addon": {"app": {"id": "` + appOne + `"}}}`, want: "changed"},
	{attr: "heroku_addon_attachment.app_id", state: `"` + appOne + `"`, own: `{"app": {"id": "` + appOne + `"}, "addon": {"app": {"id": "` + appTwo + `"}}}`, want: "same"},
	{attr: "heroku_addon_attachment.addon_id", state: `"a"`, own: `{"id": "a", "addon": {"id": "b", "name": "a"}}`, want: "changed"},
	{attr: "heroku_addon_attachment.addon_id", state: `"a"`, own: `{"addon": {"id": "a", "name": "b"}}`, want: "same"},
	{attr: "heroku_addon_attachment.name", state: `"DATABASE"`, own: `{"name": "OTHER"}`, want: "changed"},
	{attr: "heroku_addon_attachment.namespace", state: `""`, own: `{"namespace": null}`, want: "same"},
	{attr: "heroku_addon_attachment.namespace", state: `"credential:a"`, own: `{"namespace": null}`, want: "changed"},

	{attr: "heroku_app_config_association.id", state: `"config:x"`, own: `{"id": "y"}`, want: "blind"},
	{attr: "heroku_app_config_association.app_id", state: `"one"`, own: `{"id": "` + appTwo + `", "name": "two"}`, want: "blind"},
	{attr: "heroku_app_config_association.vars", state: `{"A": "1"}`, own: `{}`, lists: map[provider.List]string{provider.ConfigVars: `{"A": "2"}`}, want: "changed"},
	{attr: "heroku_app_config_association.vars", state: `{"A": "1"}`, own: `{}`, lists: map[provider.List]string{provider.ConfigVars: `{"A": "1", "B": "2"}`}, want: "same"},
	{attr: "heroku_app_config_association.sensitive_vars", state: `{"A": "1"}`, own: `{}`, lists: map[provider.List]string{provider.ConfigVars: `{}`}, want: "changed"},
	{attr: "heroku_app_config_association.sensitive_vars", state: `{"A": "1"}`, own: `{}`, lists: map[provider.List]string{provider.ConfigVars: `{"A": "1", "B": "2"}`}, want: "same"},

	{attr: "heroku_app_feature.id", state: `"a:x"`, own: `{"id": "y"}`, want: "blind"},
	{attr: "heroku_app_feature.app", state: `"one"`, own: `{"app": {"id": "` + appTwo + `"}}`, want: "blind"}, // the first part of the id
	{attr: "heroku_app_feature.app_id", state: `"` + appOne + `"`, own: `{"app": {"id": "` + appTwo + `"}}`, want: "blind"},
	{attr: "heroku_app_feature.name", state: `"preboot"`, own: `{"name": "other"}`, want: "changed"},
	{attr: "heroku_app_feature.enabled", state: `true`, own: `{"enabled": false}`, want: "changed"},
	{attr: "heroku_app_feature.enabled", state: `false`, own: `{"enabled": true}`, want: "changed"},

	// The provider never looks whether a release is still the one that runs; the
	// report does.
	{attr: "heroku_app_release.id", state: `"x"`, own: `{"id": "y"}`, want: "blind"},
	{attr: "heroku_app_release.app", state: `"one"`, own: `{"app": {"id": "` + appTwo + `"}}`, want: "blind"},
	{attr: "heroku_app_release.app_id", state: `"` + appOne + `"`, own: `{"app": {"id": "` + appTwo + `"}}`, want: "blind"},
	{attr: "heroku_app_release.slug_id", state: `"s1"`, own: `{"id": "s1", "slug": {"id": "s2"}}`, want: "changed"},
	{attr: "heroku_app_release.slug_id", state: `"s1"`, own: `{"slug": {"id": "s1"}}`, want: "same"},
	{attr: "heroku_app_release.slug_id", state: `""`, own: `{"slug": {"id": "s1"}}`, want: "blind"}, // it has an image
	{attr: "heroku_app_release.oci_image", state: `"i1"`, own: `{"artifacts": [{"type": "slug", "id": "i1"}, {"type": "oci-image", "id": "i2"}]}`, want: "changed"},
	{attr: "heroku_app_release.oci_image", state: `"i1"`, own: `{"artifacts": [{"type": "oci-image", "id": "i1"}, {"type": "oci-image", "id": "i2"}]}`, want: "same"},
	{attr: "heroku_app_release.description", state: `"a"`, more: `"id": "r"`, own: `{"id": "r", "description": "b"}`, want: "changed"},
	{attr: "heroku_app_release.description", state: `"a"`, more: `"id": "r"`, own: `{"id": "newer", "description": "b"}`, want: "blind"},

	{attr: "heroku_app_webhook.id", state: `"x"`, own: `{"id": "y"}`, want: "blind"},
	{attr: "heroku_app_webhook.app_id", state: `"one"`, own: `{"app": {"id": "` + appTwo + `"}}`, want: "blind"},
	{attr: "heroku_app_webhook.level", state: `"notify"`, own: `{"level": "sync"}`, want: "changed"},
	{attr: "heroku_app_webhook.url", state: `"https://a"`, own: `{"url": "https://b"}`, want: "changed"},
	{attr: "heroku_app_webhook.include", state: `["a", "b"]`, own: `{"include": ["b", "a"]}`, want: "changed"},
	{attr: "heroku_app_webhook.include", state: `["a"]`, own: `{"include": ["a"]}`, want: "same"},
	{attr: "heroku_app_webhook.secret", state: `"a"`, own: `{"secret": "b"}`, want: "blind"},
	{attr: "heroku_app_webhook.authorization", state: `"a"`, own: `{"authorization": "b"}`, want: "blind"},

	{attr: "heroku_build.id", state: `"x"`, own: `{"id": "y"}`, want: "blind"},
	{attr: "heroku_build.uuid", state: `"x"`, own: `{"id": "y", "uuid": "z"}`, want: "blind"},
	{attr: "heroku_build.app", state: `"one"`, own: `{"app": {"id": "` + appTwo + `"}}`, want: "blind"},
	{attr: "heroku_build.app_id", state: `"` + appOne + `"`, own: `{"app": {"id": "` + appTwo + `"}}`, want: "blind"},
	{attr: "heroku_build.buildpacks", state: `["https://a"]`, own: `{"buildpacks": [{"url": "https://b", "name": "https://a"}]}`, want: "changed"},
	{attr: "heroku_build.buildpacks", state: `["https://a"]`, own: `{"buildpacks": [{"url": "https://a", "name": "a"}]}`, want: "same"},
	{attr: "heroku_build.stack", state: `"heroku-22"`, own: `{"stack": "heroku-24"}`, want: "changed"},
	{attr: "heroku_build.status", state: `"succeeded"`, own: `{"status": "failed"}`, want: "changed"},
	{attr: "heroku_build.release_id", state: `"r1"`, own: `{"id": "r1", "release": {"id": "r2"}}`, want: "changed"},
	{attr: "heroku_build.release_id", state: `"r1"`, own: `{"id": "x", "release": {"id": "r1"}}`, want: "same"},
	{attr: "heroku_build.release_id", state: `"r1"`, own: `{"release": null}`, want: "blind"},
	{attr: "heroku_build.release_id", state: `""`, own: `{"release": {"id": "r1"}}`, want: "blind"}, // filled in when the build has ended
	{attr: "heroku_build.slug_id", state: `"s1"`, own: `{"slug": {"id": "s2"}}`, want: "changed"},
	{attr: "heroku_build.slug_id", state: `"s1"`, own: `{"slug": {"id": "s1"}}`, want: "same"},
	{attr: "heroku_build.user.email", state: `"a@example.com"`, own: `{"user": {"email": "b@example.com"}}`, want: "changed"},
	{attr: "heroku_build.user.id", state: `"1"`, own: `{"user": {"id": "2"}}`, want: "changed"},
	{attr: "heroku_build.source.version", state: `"v1"`, own: `{"source_blob": {"version": "v2"}}`, want: "changed"},
	{attr: "heroku_build.source.version", state: `"v1"`, own: `{"source_blob": {"version": null}}`, want: "blind"},
	{attr: "heroku_build.source.checksum", state: `"SHA256:1"`, own: `{"source_blob": {"checksum": "SHA256:2"}}`, want: "changed"},
	{attr: "heroku_build.source.checksum", state: `"SHA256:1"`, own: `{"source_blob": {"checksum": null}}`, want: "blind"},
	{attr: "heroku_build.source.checksum", state: `"SHA256:1"`, more: `"path": "src"`, own: `{"source_blob": {"checksum": "SHA256:2"}}`, want: "blind"},
	{attr: "heroku_build.source.url", state: `"https://a?sig=1"`, own: `{"source_blob": {"url": "https://a?sig=2"}}`, want: "blind"},
	{attr: "heroku_build.source.path", state: `"a"`, own: `{"source": {"path": "b"}}`, want: "blind"},
	{attr: "heroku_build.local_checksum", state: `"a"`, own: `{"local_checksum": "b"}`, want: "blind"},
	{attr: "heroku_build.output_stream_url", state: `"https://a"`, own: `{"output_stream_url": "https://b"}`, want: "blind"},

	{attr: "heroku_cert.id", state: `"x"`, own: `{"id": "y"}`, want: "blind"},
	{attr: "heroku_cert.app", state: `"one"`, own: `{"app": {"id": "` + appTwo + `"}}`, want: "blind"},
	{attr: "heroku_cert.name", state: `"a"`, own: `{"name": "b"}`, want: "changed"},
	{attr: "heroku_cert.cname", state: `"a"`, own: `{"cname": "b"}`, want: "changed"},
	{attr: "heroku_cert.certificate_chain", state: `"A\nB\n"`, own: `{"certificate_chain": " A\r\nB"}`, want: "same"},
	{attr: "heroku_cert.certificate_chain", state: `"A\nB\n"`, own: `{"certificate_chain": "A"}`, want: "changed"},
	{attr: "heroku_cert.private_key", state: `"a"`, own: `{"private_key": "b"}`, want: "blind"},

	{attr: "heroku_collaborator.id", state: `"x"`, own: `{"id": "y"}`, want: "blind"},
	{attr: "heroku_collaborator.app", state: `"one"`, own: `{"app": {"id": "` + appTwo + `"}}`, want: "blind"},
	{attr: "heroku_collaborator.app_id", state: `"` + appOne + `"`, own: `{"app": {"id": "` + appTwo + `"}}`, want: "blind"},
	{attr: "heroku_collaborator.email", state: `"a@example.com"`, own: `{"email": "a@example.com", "user": {"email": "b@example.com"}}`, want: "changed"},
	{attr: "heroku_collaborator.email", state: `"a@example.com"`, own: `{"role": "admin", "user": {"email": "a@example.com"}}`, want: "same"},

	{attr: "heroku_config.id", state: `"config-1"`, own: `{"id": "y"}`, want: "blind"},
	{attr: "heroku_config.vars", state: `{"A": "1"}`, own: `{"vars": {"A": "2"}}`, want: "blind"},
	{attr: "heroku_config.sensitive_vars", state: `{"A": "1"}`, own: `{"sensitive_vars": {"A": "2"}}`, want: "blind"},

	{attr: "heroku_domain.id", state: `"x"`, own: `{"id": "y"}`, want: "blind"},
	{attr: "heroku_domain.app", state: `"one"`, own: `{"app": {"id": "` + appTwo + `"}}`, want: "blind"},
	{attr: "heroku_domain.app_id", state: `"` + appOne + `"`, own: `{"app": {"id": "` + appTwo + `"}}`, want: "blind"},
	{attr: "heroku_domain.hostname", state: `"a.example.com"`, own: `{"hostname": "b.example.com"}`, want: "changed"},
	{attr: "heroku_domain.cname", state: `"a"`, own: `{"cname": "b"}`, want: "changed"},
	{attr: "heroku_domain.cname", state: `""`, own: `{"cname": null}`, want: "same"},
	{attr: "heroku_domain.sni_endpoint_id", state: `"e1"`, own: `{"sni_endpoint": {"id": "e2", "name": "e1"}}`, app: `"acm": false`, want: "changed"},
	{attr: "heroku_domain.sni_endpoint_id", state: `"e1"`, own: `{"sni_endpoint": {"id": "e2"}}`, app: `"acm": true`, want: "blind"},
	{attr: "heroku_domain.sni_endpoint_id", state: `"e1"`, own: `{"sni_endpoint": null}`, app: `"acm": false`, want: "blind"},

	{attr: "heroku_drain.id", state: `"x"`, own: `{"id": "y"}`, want: "blind"},
	{attr: "heroku_drain.app", state: `"one"`, own: `{"app": {"id": "` + appTwo + `"}}`, want: "blind"},
	{attr: "heroku_drain.app_id", state: `"` + appOne + `"`, own: `{"app": {"id": "` + appTwo + `"}}`, want: "blind"},
	{attr: "heroku_drain.token", state: `"d.1"`, own: `{"token": "d.2"}`, want: "changed"},
	{attr: "heroku_drain.url", state: `"https://a"`, own: `{"url": "https://b"}`, want: "changed"},
	{attr: "heroku_drain.url", state: `null`, own: `{"url": "https://b"}`, want: "blind"}, // it is in sensitive_url
	{attr: "heroku_drain.sensitive_url", state: `"https://a"`, own: `{"url": "https://b"}`, want: "changed"},
	{attr: "heroku_drain.sensitive_url", state: `""`, own: `{"url": "https://b"}`, want: "blind"},

	{attr: "heroku_formation.id", state: `"x"`, own: `{"id": "y"}`, want: "blind"},
	{attr: "heroku_formation.app", state: `"one"`, own: `{"app": {"id": "` + appTwo + `"}}`, want: "blind"},
	{attr: "heroku_formation.app_id", state: `"` + appOne + `"`, own: `{"app": {"id": "` + appTwo + `"}}`, want: "blind"},
	{attr: "heroku_formation.type", state: `"web"`, own: `{"type": "worker"}`, want: "changed"},
	{attr: "heroku_formation.quantity", state: `2`, own: `{"quantity": 3}`, want: "changed"},
	{attr: "heroku_formation.quantity", state: `2`, own: `{"quantity": 0}`, want: "changed"},
	{attr: "heroku_formation.size", state: `"Standard-1X"`, own: `{"size": "standard-1X"}`, want: "same"},
	{attr: "heroku_formation.size", state: `"Standard-1X"`, own: `{"size": "Standard-2X"}`, want: "changed"},

	{attr: "heroku_pipeline.id", state: `"x"`, own: `{"id": "y"}`, want: "blind"},
	{attr: "heroku_pipeline.name", state: `"a"`, own: `{"name": "b"}`, want: "changed"},
	{attr: "heroku_pipeline.owner.id", state: `"1"`, own: `{"owner": {"id": "2"}}`, want: "changed"},
	{attr: "heroku_pipeline.owner.id", state: `""`, own: `{"owner": {"id": "2"}}`, want: "blind"},
	{attr: "heroku_pipeline.owner.type", state: `"user"`, own: `{"owner": {"type": "team"}}`, want: "changed"},
	{attr: "heroku_pipeline.owner.type", state: `null`, own: `{"owner": {"type": "team"}}`, want: "blind"},

	{attr: "heroku_pipeline_config_var.id", state: `"x"`, own: `{"id": "y"}`, want: "blind"},
	{attr: "heroku_pipeline_config_var.pipeline_id", state: `"x"`, own: `{"pipeline_id": "y"}`, want: "blind"},
	{attr: "heroku_pipeline_config_var.pipeline_stage", state: `"x"`, own: `{"pipeline_stage": "y"}`, want: "blind"},
	{attr: "heroku_pipeline_config_var.vars", state: `{"A": "1"}`, own: `{"A": "2"}`, want: "changed"},
	{attr: "heroku_pipeline_config_var.vars", state: `{"A": "1"}`, own: `{"A": "1", "B": "2"}`, want: "same"},
	{attr: "heroku_pipeline_config_var.sensitive_vars", state: `{"A": "1"}`, own: `{}`, want: "changed"},
	{attr: "heroku_pipeline_config_var.sensitive_vars", state: `{"A": "1"}`, own: `{"A": "1", "B": "2"}`, want: "same"},
	{attr: "heroku_pipeline_config_var.all_vars", state: `{"A": "1"}`, own: `{"A": "2"}`, want: "blind"},

	{attr: "heroku_pipeline_coupling.id", state: `"x"`, own: `{"id": "y"}`, want: "blind"},
	{attr: "heroku_pipeline_coupling.app", state: `"one"`, own: `{"app": {"id": "` + appTwo + `"}}`, want: "changed"},
	{attr: "heroku_pipeline_coupling.app_id", state: `"` + appOne + `"`, own: `{"app": {"id": "` + appTwo + `"}}`, want: "changed"},
	{attr: "heroku_pipeline_coupling.pipeline", state: `"p1"`, own: `{"id": "p1", "pipeline": {"id": "p2"}}`, want: "changed"},
	{attr: "heroku_pipeline_coupling.stage", state: `"staging"`, own: `{"stage": "production"}`, want: "changed"},

	{attr: "heroku_pipeline_promotion.id", state: `"x"`, own: `{"id": "y"}`, want: "blind"},
	{attr: "heroku_pipeline_promotion.pipeline", state: `"p1"`, own: `{"pipeline": {"id": "p2"}}`, want: "changed"},
	{attr: "heroku_pipeline_promotion.source_app_id", state: `"a"`, own: `{"source": {"app": {"id": "b"}, "id": "a"}}`, want: "changed"},
	{attr: "heroku_pipeline_promotion.status", state: `"pending"`, own: `{"status": "completed"}`, want: "changed"},
	{attr: "heroku_pipeline_promotion.created_at", state: `"2024-01-02 03:04:05 +0000 UTC"`, own: `{"created_at": "2024-01-02T03:04:05Z"}`, want: "same"},
	{attr: "heroku_pipeline_promotion.created_at", state: `"2024-01-02 03:04:05 +0000 UTC"`, own: `{"created_at": "2024-01-02T03:04:06Z"}`, want: "changed"},
	{attr: "heroku_pipeline_promotion.promoted_release_ids", state: `[{"app_id": "a", "release_id": "r"}]`, own: `{}`, want: "same",
		lists: map[provider.List]string{provider.PromotionTargets: `[{"id": "t", "app": {"id": "b"}, "release": null}, {"id": "u", "app": {"id": "a"}, "release": {"id": "r"}}]`}},
	{attr: "heroku_pipeline_promotion.promoted_release_ids", state: `[{"app_id": "a", "release_id": "r"}]`, own: `{}`, want: "changed",
		lists: map[provider.List]string{provider.PromotionTargets: `[{"app": {"id": "a"}, "release": {"id": "s"}}]`}},
	{attr: "heroku_pipeline_promotion.promoted_release_id", state: `"a"`, own: `{"promoted_release_id": "b"}`, want: "blind"},
	{attr: "heroku_pipeline_promotion.release_id", state: `"a"`, own: `{"release_id": "b"}`, want: "blind"},
	{attr: "heroku_pipeline_promotion.targets", state: `["a"]`, own: `{"targets": ["b"]}`, want: "blind"},

	{attr: "heroku_review_app_config.id", state: `"x"`, own: `{"id": "y"}`, want: "blind"},
	{attr: "heroku_review_app_config.pipeline_id", state: `"x"`, own: `{"pipeline_id": "y"}`, want: "blind"},
	{attr: "heroku_review_app_config.org_repo", state: `"o/r"`, own: `{"repo": {"full_name": "o/s"}}`, want: "blind"},
	{attr: "heroku_review_app_config.repo_id", state: `1`, own: `{"repo": {"id": 2}, "repo_id": 1}`, want: "changed"},
	{attr: "heroku_review_app_config.automatic_review_apps", state: `true`, own: `{"automatic_review_apps": false}`, want: "changed"},
	{attr: "heroku_review_app_config.base_name", state: `"a"`, own: `{"base_name": "b"}`, want: "changed"},
	{attr: "heroku_review_app_config.base_name", state: `""`, own: `{"base_name": null}`, want: "same"},
	{attr: "heroku_review_app_config.destroy_stale_apps", state: `false`, own: `{"destroy_stale_apps": true}`, want: "changed"},
	{attr: "heroku_review_app_config.stale_days", state: `5`, own: `{"stale_days": 6}`, want: "changed"},
	{attr: "heroku_review_app_config.wait_for_ci", state: `false`, own: `{"wait_for_ci": true}`, want: "changed"},
	{attr: "heroku_review_app_config.deploy_target.type", state: `"region"`, own: `{"deploy_target": {"type": "space"}}`, want: "changed"},
	{attr: "heroku_review_app_config.deploy_target.id", state: `"us"`, own: `{"deploy_target": {"id": "1"}}`, lists: map[provider.List]string{provider.Regions: `[{"id": "1", "name": "us"}]`}, want: "same"},
	{attr: "heroku_review_app_config.deploy_target.id", state: `"us"`, own: `{"deploy_target": {"id": "2"}}`, lists: map[provider.List]string{provider.Regions: `[{"id": "1", "name": "us"}, {"id": "2", "name": "eu"}]`}, want: "changed"},

	{attr: "heroku_slug.id", state: `"x"`, own: `{"id": "y"}`, want: "blind"},
	{attr: "heroku_slug.app", state: `"one"`, own: `{"app": {"id": "` + appTwo + `"}}`, want: "blind"},
	{attr: "heroku_slug.app_id", state: `"` + appOne + `"`, own: `{"app": {"id": "` + appTwo + `"}}`, want: "blind"},
	{attr: "heroku_slug.buildpack_provided_description", state: `"Go"`, own: `{"buildpack_provided_description": "Ruby"}`, want: "changed"},
	{attr: "heroku_slug.checksum", state: `"SHA256:1"`, own: `{"checksum": "SHA256:2"}`, want: "changed"},
	{attr: "heroku_slug.commit", state: `"a"`, own: `{"commit": "b"}`, want: "changed"},
	{attr: "heroku_slug.commit_description", state: `""`, own: `{"commit_description": null}`, want: "same"},
	{attr: "heroku_slug.commit_description", state: `"a"`, own: `{"commit_description": "b"}`, want: "changed"},
	{attr: "heroku_slug.process_types", state: `{"web": "a"}`, own: `{"process_types": {"web": "b"}}`, want: "changed"},
	{attr: "heroku_slug.process_types", state: `{"web": "a"}`, own: `{"process_types": {"web": "a", "worker": "b"}}`, want: "changed"},
	{attr: "heroku_slug.size", state: `1`, own: `{"size": 2}`, want: "changed"},
	{attr: "heroku_slug.stack", state: `"heroku-22"`, own: `{"stack": {"id": "heroku-22", "name": "heroku-24"}}`, want: "changed"},
	{attr: "heroku_slug.stack_id", state: `"1"`, own: `{"stack": {"id": "2", "name": "1"}, "stack_id": "1"}`, want: "changed"},
	{attr: "heroku_slug.blob", state: `[{"method": "get", "url": "https://a"}]`, own: `{"blob": {"method": "get", "url": "https://b"}}`, want: "blind"},
	{attr: "heroku_slug.file_path", state: `"a"`, own: `{"file_path": "b"}`, want: "blind"},
	{attr: "heroku_slug.file_url", state: `"a"`, own: `{"file_url": "b"}`, want: "blind"},

	{attr: "heroku_space.id", state: `"x"`, own: `{"id": "y"}`, want: "blind"},
	{attr: "heroku_space.name", state: `"a"`, own: `{"name": "b"}`, want: "changed"},
	{attr: "heroku_space.organization", state: `"a"`, own: `{"organization": {"name": "b"}, "team": {"name": "a"}}`, want: "changed"},
	{attr: "heroku_space.region", state: `"virginia"`, own: `{"region": {"id": "virginia", "name": "tokyo"}}`, want: "changed"},
	{attr: "heroku_space.shield", state: `false`, own: `{"shield": true}`, want: "changed"},
	{attr: "heroku_space.cidr", state: `"10.0.0.0/16"`, own: `{"cidr": "10.1.0.0/16"}`, want: "changed"},
	{attr: "heroku_space.cidr", state: `"10.0.0.0/16"`, own: `{"cidr": null}`, want: "blind"},
	{attr: "heroku_space.data_cidr", state: `"10.0.0.0/16"`, own: `{"data_cidr": "10.1.0.0/16"}`, want: "changed"},
	{attr: "heroku_space.data_cidr", state: `"10.0.0.0/16"`, own: `{"data_cidr": null}`, want: "blind"},
	{attr: "heroku_space.generation", state: `"cedar"`, own: `{"generation": {"name": "fir"}}`, want: "changed"},
	{attr: "heroku_space.generation", state: `"fir"`, own: `{"generation": null}`, want: "blind"},
	{attr: "heroku_space.outbound_ips", state: `["1.1.1.1", "2.2.2.2"]`, own: `{}`, lists: map[provider.List]string{provider.SpaceNAT: `{"sources": ["2.2.2.2", "1.1.1.1"]}`}, want: "same"},
	{attr: "heroku_space.outbound_ips", state: `["1.1.1.1"]`, own: `{}`, lists: map[provider.List]string{provider.SpaceNAT: `{"sources": ["3.3.3.3"]}`}, want: "changed"},
	{attr: "heroku_space.outbound_ips", state: `[]`, own: `{}`, lists: map[provider.List]string{provider.SpaceNAT: `{"sources": ["3.3.3.3"]}`}, want: "blind"}, // the space wasn't up yet
	{attr: "heroku_space.trusted_ip_ranges", state: `["1.1.1.1/32"]`, own: `{}`, lists: map[provider.List]string{provider.SpaceRuleset: `{"rules": [{"action": "allow", "source": "2.2.2.2/32"}]}`}, want: "changed"},
	{attr: "heroku_space.trusted_ip_ranges", state: `["b", "a"]`, own: `{}`, lists: map[provider.List]string{provider.SpaceRuleset: `{"rules": [{"source": "a"}, {"source": "b"}]}`}, want: "same"},

	{attr: "heroku_space_app_access.id", state: `"x"`, own: `{"user": {"id": "y"}}`, want: "blind"},
	{attr: "heroku_space_app_access.space", state: `"x"`, own: `{"space": {"name": "y"}}`, want: "blind"},
	{attr: "heroku_space_app_access.email", state: `"x"`, own: `{"user": {"email": "y"}}`, want: "blind"},
	{attr: "heroku_space_app_access.permissions", state: `["create_apps"]`, own: `{"permissions": []}`, want: "changed"},
	{attr: "heroku_space_app_access.permissions", state: `["b", "a"]`, own: `{"permissions": [{"name": "a"}, {"name": "b"}]}`, want: "same"},

	{attr: "heroku_space_inbound_ruleset.id", state: `"x"`, own: `{"id": "y"}`, want: "blind"},
	{attr: "heroku_space_inbound_ruleset.space", state: `"x"`, own: `{"space": {"name": "y"}}`, want: "blind"},
	{attr: "heroku_space_inbound_ruleset.rule", state: `[{"action": "allow", "source": "a"}]`, own: `{"rules": [{"action": "deny", "source": "a"}]}`, want: "changed"},
	{attr: "heroku_space_inbound_ruleset.rule", state: `[{"action": "allow", "source": "a"}]`, own: `{"rules": [{"action": "allow", "source": "b"}]}`, want: "changed"},
	{attr: "heroku_space_inbound_ruleset.rule", state: `[{"action": "allow", "source": "a"}, {"action": "deny", "source": "b"}]`, own: `{"rules": [{"action": "deny", "source": "b"}, {"action": "allow", "source": "a"}]}`, want: "same"},

	{attr: "heroku_space_peering_connection_accepter.id", state: `"x"`, own: `{"pcx_id": "y"}`, want: "blind"},
	{attr: "heroku_space_peering_connection_accepter.space", state: `"x"`, own: `{"space": "y"}`, want: "blind"},
	{attr: "heroku_space_peering_connection_accepter.vpc_peering_connection_id", state: `"x"`, own: `{"pcx_id": "y"}`, want: "blind"},
	{attr: "heroku_space_peering_connection_accepter.status", state: `"active"`, own: `{"status": "failed"}`, want: "changed"},
	{attr: "heroku_space_peering_connection_accepter.type", state: `"unknown"`, own: `{"type": "customer-managed"}`, want: "changed"},

	{attr: "heroku_space_vpn_connection.id", state: `"s:x"`, own: `{"id": "y"}`, want: "blind"},
	{attr: "heroku_space_vpn_connection.space", state: `"s"`, own: `{"space": {"name": "t"}}`, want: "blind"},
	{attr: "heroku_space_vpn_connection.name", state: `"a"`, own: `{"name": "b"}`, want: "changed"},
	{attr: "heroku_space_vpn_connection.public_ip", state: `"a"`, own: `{"public_ip": "b"}`, want: "changed"},
	{attr: "heroku_space_vpn_connection.routable_cidrs", state: `["a", "b"]`, own: `{"routable_cidrs": ["b", "a"]}`, want: "same"},
	{attr: "heroku_space_vpn_connection.routable_cidrs", state: `["a"]`, own: `{"routable_cidrs": ["a", "b"]}`, want: "changed"},
	{attr: "heroku_space_vpn_connection.space_cidr_block", state: `"a"`, own: `{"space_cidr_block": "b"}`, want: "changed"},
	{attr: "heroku_space_vpn_connection.ike_version", state: `1`, own: `{"ike_version": 2}`, want: "changed"},
	{attr: "heroku_space_vpn_connection.tunnels", state: `[{"ip": "a", "pre_shared_key": "k"}]`, own: `{"tunnels": [{"ip": "a", "pre_shared_key": "l", "status": "UP"}]}`, want: "changed"},
	{attr: "heroku_space_vpn_connection.tunnels", state: `[{"ip": "a", "pre_shared_key": "k"}]`, own: `{"tunnels": [{"ip": "a", "pre_shared_key": "k", "status": "DOWN"}]}`, want: "same"},

	{attr: "heroku_ssl.id", state: `"x"`, own: `{"id": "y"}`, want: "blind"},
	{attr: "heroku_ssl.app_id", state: `"` + appOne + `"`, own: `{"app": {"id": "` + appTwo + `"}}`, want: "blind"},
	{attr: "heroku_ssl.name", state: `"a"`, own: `{"name": "b"}`, want: "changed"},
	{attr: "heroku_ssl.certificate_chain", state: `"A\nB"`, own: `{"certificate_chain": "A\r\nB\r\n"}`, want: "same"},
	{attr: "heroku_ssl.certificate_chain", state: `"A\nB"`, own: `{"certificate_chain": "A\nC"}`, want: "changed"},
	{attr: "heroku_ssl.certificate_chain", state: `"A\nB"`, own: `{"certificate_chain": null}`, want: "blind"},
	{attr: "heroku_ssl.private_key", state: `"a"`, own: `{"private_key": "b"}`, want: "blind"},

	{attr: "heroku_team_collaborator.id", state: `"x"`, own: `{"id": "y"}`, want: "blind"},
	{attr: "heroku_team_collaborator.app", state: `"one"`, own: `{"app": {"id": "` + appTwo + `"}}`, want: "blind"},
	{attr: "heroku_team_collaborator.app_id", state: `"` + appOne + `"`, own: `{"app": {"id": "` + appTwo + `"}}`, want: "blind"},
	{attr: "heroku_team_collaborator.email", state: `"a@example.com"`, own: `{"user": {"email": "b@example.com"}}`, want: "changed"},
	{attr: "heroku_team_collaborator.permissions", state: `["view"]`, own: `{"permissions": [{"name": "view"}, {"name": "deploy"}]}`, want: "changed"},
	{attr: "heroku_team_collaborator.permissions", state: `["view", "deploy"]`, own: `{"role": "admin", "permissions": [{"name": "deploy"}, {"name": "view"}]}`, want: "same"},

	{attr: "heroku_team_member.id", state: `"t:x"`, own: `{"id": "y"}`, want: "blind"},
	{attr: "heroku_team_member.team", state: `"x"`, own: `{"team": "y"}`, want: "blind"},
	{attr: "heroku_team_member.email", state: `"a@example.com"`, own: `{"email": "b@example.com"}`, want: "changed"},
	{attr: "heroku_team_member.role", state: `"member"`, own: `{"role": "admin"}`, want: "changed"},
	{attr: "heroku_team_member.federated", state: `false`, own: `{"federated": true}`, want: "changed"},

	{attr: "heroku_telemetry_drain.id", state: `"x"`, own: `{"id": "y"}`, want: "blind"},
	{attr: "heroku_telemetry_drain.owner_id", state: `"x"`, own: `{"owner": {"id": "y"}}`, want: "blind"},
	{attr: "heroku_telemetry_drain.owner_type", state: `"app"`, own: `{"owner": {"type": "space"}}`, want: "blind"},
	{attr: "heroku_telemetry_drain.endpoint", state: `"https://a"`, own: `{"endpoint": "https://a", "exporter": {"endpoint": "https://b"}}`, want: "changed"},
	{attr: "heroku_telemetry_drain.exporter_type", state: `"otlp"`, own: `{"exporter": {"type": "otlphttp"}}`, want: "changed"},
	{attr: "heroku_telemetry_drain.headers", state: `{"a": "1"}`, own: `{"exporter": {"headers": {"a": "1", "b": "2"}}}`, want: "changed"},
	{attr: "heroku_telemetry_drain.headers", state: `{"a": "1"}`, own: `{"exporter": {"headers": {"a": "1"}}}`, want: "same"},
	{attr: "heroku_telemetry_drain.signals", state: `["logs", "traces"]`, own: `{"signals": ["traces", "logs"]}`, want: "same"},
	{attr: "heroku_telemetry_drain.signals", state: `["logs"]`, own: `{"signals": ["traces"]}`, want: "changed"},
	{attr: "heroku_telemetry_drain.created_at", state: `"2024-01-02 03:04:05 +0000 UTC"`, own: `{"created_at": "2024-01-02T03:04:05Z"}`, want: "same"},
	{attr: "heroku_telemetry_drain.created_at", state: `"2024-01-02 03:04:05 +0000 UTC"`, own: `{"created_at": "2025-01-02T03:04:05Z"}`, want: "changed"},
	{attr: "heroku_telemetry_drain.updated_at", state: `"2024-01-02 03:04:05 +0000 UTC"`, own: `{"updated_at": "2025-01-02T03:04:05Z"}`, want: "blind"},

	{attr: "heroku_account_feature.id", state: `"x"`, own: `{"id": "y"}`, want: "blind"},
	{attr: "heroku_account_feature.name", state: `"x"`, own: `{"name": "y"}`, want: "blind"},
	{attr: "heroku_account_feature.description", state: `"a"`, own: `{"description": "b"}`, want: "changed"},
	{attr: "heroku_account_feature.enabled", state: `true`, own: `{"enabled": false}`, want: "changed"},
	{attr: "heroku_account_feature.state", state: `"general"`, own: `{"state": "beta"}`, want: "changed"},

	// A data source is read anew by every plan, from what it is asked for; nothing else of it
	// is taken from the state.
	{attr: "data.heroku_addon.id", state: `"x"`, own: `{"id": "y"}`, want: "blind"},
	{attr: "data.heroku_addon.name", state: `"a"`, own: `{"name": "b"}`, want: "changed"},
	{attr: "data.heroku_addon.name", state: `"a"`, own: `{"name": "a"}`, want: "same"},
	{attr: "data.heroku_addon.app", state: `"one"`, own: `{"app": {"id": "z", "name": "two"}}`, want: "blind"},
	{attr: "data.heroku_addon.app_id", state: `"x"`, own: `{"app": {"id": "z", "name": "two"}}`, want: "blind"},
	{attr: "data.heroku_addon.config_vars", state: `["A_URL"]`, own: `{"config_vars": ["B_URL"]}`, want: "blind"},
	{attr: "data.heroku_addon.plan", state: `"a:b"`, own: `{"plan": {"name": "a:c"}}`, want: "blind"},
	{attr: "data.heroku_addon.provider_id", state: `"1"`, own: `{"provider_id": "2"}`, want: "blind"},

	{attr: "data.heroku_app.id", state: `"x"`, own: `{"id": "y"}`, want: "blind"},
	{attr: "data.heroku_app.uuid", state: `"x"`, own: `{"id": "y"}`, want: "blind"},
	{attr: "data.heroku_app.name", state: `"one"`, own: `{"name": "two"}`, want: "changed"},
	{attr: "data.heroku_app.name", state: `"one"`, own: `{"name": "one"}`, want: "same"},
	{attr: "data.heroku_app.acm", state: `false`, own: `{"acm": true}`, want: "blind"},
	{attr: "data.heroku_app.buildpacks", state: `["a"]`, own: `{"buildpacks": ["b"]}`, want: "blind"},
	{attr: "data.heroku_app.config_vars", state: `{"A": "1"}`, own: `{"config_vars": {"A": "2"}}`, want: "blind"},
	{attr: "data.heroku_app.generation", state: `"cedar"`, own: `{"generation": {"name": "fir"}}`, want: "blind"},
	{attr: "data.heroku_app.git_url", state: `"https://a"`, own: `{"git_url": "https://b"}`, want: "blind"},
	{attr: "data.heroku_app.heroku_hostname", state: `"a.herokuapp.com"`, own: `{"name": "b", "web_url": "https://b.herokuapp.com/"}`, want: "blind"},
	{attr: "data.heroku_app.internal_routing", state: `false`, own: `{"internal_routing": true}`, want: "blind"},
	{attr: "data.heroku_app.last_release_id", state: `"r1"`, own: `{"last_release_id": "r2"}`, want: "blind"},
	{attr: "data.heroku_app.last_slug_id", state: `"s1"`, own: `{"last_slug_id": "s2"}`, want: "blind"},
	{attr: "data.heroku_app.organization.locked", state: `false`, own: `{"team": {"name": "t"}, "locked": true}`, want: "blind"},
	{attr: "data.heroku_app.organization.name", state: `"t"`, own: `{"team": {"name": "u"}}`, want: "blind"},
	{attr: "data.heroku_app.organization.personal", state: `true`, own: `{"personal": false}`, want: "blind"},
	{attr: "data.heroku_app.region", state: `"us"`, own: `{"region": {"name": "eu"}}`, want: "blind"},
	{attr: "data.heroku_app.space", state: `"a"`, own: `{"space": {"name": "b"}}`, want: "blind"},
	{attr: "data.heroku_app.stack", state: `"heroku-24"`, own: `{"build_stack": {"name": "heroku-22"}}`, want: "blind"},
	{attr: "data.heroku_app.web_url", state: `"https://a/"`, own: `{"web_url": "https://b/"}`, want: "blind"},

	{attr: "data.heroku_pipeline.id", state: `"x"`, own: `{"id": "y"}`, want: "blind"},
	{attr: "data.heroku_pipeline.name", state: `"a"`, own: `{"name": "b"}`, want: "changed"},
	{attr: "data.heroku_pipeline.name", state: `"a"`, own: `{"name": "a"}`, want: "same"},
	{attr: "data.heroku_pipeline.owner_id", state: `"x"`, own: `{"owner": {"id": "y"}}`, want: "blind"},
	{attr: "data.heroku_pipeline.owner_type", state: `"team"`, own: `{"owner": {"type": "user"}}`, want: "blind"},

	{attr: "data.heroku_space.id", state: `"x"`, own: `{"id": "y"}`, want: "blind"},
	{attr: "data.heroku_space.uuid", state: `"x"`, own: `{"id": "y"}`, want: "blind"},
	{attr: "data.heroku_space.name", state: `"a"`, own: `{"name": "b"}`, want: "blind"}, // it is looked up by it
	{attr: "data.heroku_space.cidr", state: `"10.0.0.0/16"`, own: `{"cidr": "10.1.0.0/16"}`, want: "blind"},
	{attr: "data.heroku_space.data_cidr", state: `"10.0.0.0/16"`, own: `{"data_cidr": "10.1.0.0/16"}`, want: "blind"},
	{attr: "data.heroku_space.generation", state: `"cedar"`, own: `{"generation": {"name": "fir"}}`, want: "blind"},
	{attr: "data.heroku_space.organization", state: `"t"`, own: `{"team": {"name": "u"}}`, want: "blind"},
	{attr: "data.heroku_space.outbound_ips", state: `["1.1.1.1"]`, own: `{"sources": ["2.2.2.2"]}`, want: "blind"},
	{attr: "data.heroku_space.region", state: `"virginia"`, own: `{"region": {"name": "oregon"}}`, want: "blind"},
	{attr: "data.heroku_space.shield", state: `false`, own: `{"shield": true}`, want: "blind"},
	{attr: "data.heroku_space.state", state: `"allocated"`, own: `{"state": "deleting"}`, want: "blind"},
	{attr: "data.heroku_space.trusted_ip_ranges", state: `["1.1.1.1/32"]`, own: `{"rules": [{"source": "2.2.2.2/32"}]}`, want: "blind"},

	{attr: "data.heroku_space_peering_info.id", state: `"x"`, own: `{"id": "y"}`, want: "blind"},
	{attr: "data.heroku_space_peering_info.name", state: `"a"`, own: `{"name": "b"}`, want: "blind"}, // it is looked up by it
	{attr: "data.heroku_space_peering_info.aws_account_id", state: `"1"`, own: `{"aws_account_id": "2"}`, want: "blind"},
	{attr: "data.heroku_space_peering_info.aws_region", state: `"us-east-1"`, own: `{"aws_region": "us-west-2"}`, want: "blind"},
	{attr: "data.heroku_space_peering_info.dyno_cidr_blocks", state: `["a"]`, own: `{"dyno_cidr_blocks": ["b"]}`, want: "blind"},
	{attr: "data.heroku_space_peering_info.unavailable_cidr_blocks", state: `["a"]`, own: `{"unavailable_cidr_blocks": ["b"]}`, want: "blind"},
	{attr: "data.heroku_space_peering_info.vpc_cidr", state: `"a"`, own: `{"vpc_cidr": "b"}`, want: "blind"},
	{attr: "data.heroku_space_peering_info.vpc_id", state: `"a"`, own: `{"vpc_id": "b"}`, want: "blind"},

	{attr: "data.heroku_team.id", state: `"x"`, own: `{"id": "y"}`, want: "blind"},
	{attr: "data.heroku_team.name", state: `"a"`, own: `{"name": "b"}`, want: "changed"},
	{attr: "data.heroku_team.name", state: `"a"`, own: `{"name": "a"}`, want: "same"},
	{attr: "data.heroku_team.default", state: `false`, own: `{"default": true}`, want: "blind"},
	{attr: "data.heroku_team.membership_limit", state: `1`, own: `{"membership_limit": 2}`, want: "blind"},
	{attr: "data.heroku_team.provisioned_licenses", state: `false`, own: `{"provisioned_licenses": true}`, want: "blind"},
	{attr: "data.heroku_team.type", state: `"team"`, own: `{"type": "enterprise"}`, want: "blind"},

	{attr: "data.heroku_team_members.id", state: `"x"`, own: `{"id": "y"}`, want: "blind"},
	{attr: "data.heroku_team_members.team", state: `"a"`, own: `{"name": "b"}`, want: "blind"}, // it is looked up by it
	{attr: "data.heroku_team_members.members", state: `[{"email": "a"}]`, own: `{"members": [{"email": "b"}]}`, want: "blind"},
	{attr: "data.heroku_team_members.roles", state: `["admin"]`, own: `{"roles": ["member"]}`, want: "blind"},
}

// seenByHand is how many attributes have a change that is seen, counted in the list: one
// that the table takes for blind, and whose changes are gone from the list, is missed.
const seenByHand = 125

func TestVerdictsByHand(t *testing.T) {
	had, seen := make(map[string]bool), make(map[string]bool)
	for _, tt := range handVerdicts {
		mode := provider.Managed
		resource, isData := strings.CutPrefix(tt.attr, "data.")
		if isData {
			mode = provider.Data
		}
		typ, name, _ := strings.Cut(resource, ".")
		res, ok := provider.Lookup(mode, typ)
		if !ok || res.Attr(name) == nil {
			t.Errorf("the table has no %s", tt.attr)
			continue
		}
		had[tt.attr] = true
		if got := handVerdictOf(t, res, res.Attr(name), &tt); got != tt.want {
			t.Errorf("%s is %s in the state, and Heroku says %s (app {%s}, lists %v): got %s, want %s", tt.attr, tt.state, tt.own, tt.app, tt.lists, got, tt.want)
		}
		if tt.want == "changed" {
			seen[tt.attr] = true
		}
	}
	for res := range provider.All() {
		for i := range res.Attrs {
			attr := &res.Attrs[i]
			name := res.Type + "." + attr.Name
			if res.Mode == provider.Data {
				name = "data." + name
			}
			if !had[name] {
				t.Errorf("%s isn't among the verdicts; write what the provider's Read function makes of it", name)
				continue
			}
			// Of a reference without a Live there is nothing on Heroku to compare.
			compared := attr.As.Compared() && (attr.As != provider.AppReference || attr.Live != "")
			if compared && !seen[name] {
				t.Errorf("%s is compared, and no verdict says that it has changed", name)
			}
		}
	}
	if len(seen) != seenByHand {
		t.Errorf("%d attributes have a verdict that they have changed, want %d", len(seen), seenByHand)
	}
}

// handVerdictOf compares one attribute as a comparison of drift does.
func handVerdictOf(t *testing.T, res *provider.Resource, attr *provider.Attr, tt *handVerdict) string {
	t.Helper()
	member := fmt.Sprintf("%q: %s", attr.Name[strings.LastIndexByte(attr.Name, '.')+1:], tt.state)
	if tt.more != "" {
		member += ", " + tt.more
	}
	if attr.Top() != attr.Name {
		member = fmt.Sprintf("%q: [{%s}]", attr.Top(), member)
	}
	live := strings.TrimSuffix(`{"id": "`+appOne+`", `+tt.app, ", ") + "}"
	name := res.Type + " x"
	if res.Mode == provider.Data {
		name = "data." + name
	}
	s := subjectOf(t, live, stated{name, "{" + member + "}"})
	s.own = valueOf(t, tt.own)
	if s.app == nil {
		s.app = &driftApp{}
	}
	s.app.id, s.app.live = appOne, valueOf(t, live)
	lists := make(map[provider.List]reading)
	if attr.From != provider.NoList {
		lists[attr.From] = reading{}
	}
	for l, text := range tt.lists {
		lists[l] = reading{value: valueOf(t, text)}
	}
	testComparer(t).compare(s, lists)
	switch {
	case len(s.object.Differences) > 0:
		return "changed"
	case len(s.unread) > 0:
		return "unread: " + strings.Join(s.unread, "; ")
	case attr.As == provider.Running:
		s.app.release.running = s.own
		differing, compared := comparePin(s, s.app)
		switch {
		case len(differing) > 0:
			return "changed"
		case compared:
			return "same"
		}
		return "blind"
	case !s.compares(attr), attr.As == provider.AppReference && attr.Live == "":
		return "blind"
	}
	// What is blind is so whatever Heroku says; what is the same is compared.
	view := &provider.View{Own: s.own, App: s.app.live, State: s.attrs, Lists: map[provider.List]any{}}
	for l, r := range lists {
		view.Lists[l] = r.value
	}
	if !view.Holds(attr, s.attrs) {
		return "blind"
	}
	return "same"
}
