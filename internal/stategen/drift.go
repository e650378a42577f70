package stategen

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
)

// perPipeline is the number of apps that share a pipeline, and driftSize what an
// app takes with all that belongs to it, in bytes; it sizes the buffer.
const (
	perPipeline = 10
	driftSize   = 13400
)

// team is the team that everything belongs to.
const team = "platform-team"

// DriftApp returns the name of app n, counted from 0, of [Drift].
func DriftApp(n int) string { return fmt.Sprintf("svc-%06d-production", n) }

// Drift returns a version 4 state with the given number of apps of a team, in
// the shape of the heroku provider 5.3.2, as Terraform 1.11 writes it. It is
// made to be compared with Heroku: every app has config vars, two formations,
// two add-ons, two domains, a log drain, a feature, two collaborators, a
// release and a coupling, which makes thirteen instances, and every ten apps
// have a pipeline. An app takes about 13 kB.
func Drift(apps int) []byte {
	var b bytes.Buffer
	b.Grow(apps*driftSize + 4096)
	b.WriteString("{\n  \"version\": 4,\n  \"terraform_version\": \"1.11.4\",\n  \"serial\": 17,\n" +
		"  \"lineage\": \"0b6c7c8e-3c2f-4b0e-8f0e-5d8a2f6c1b47\",\n  \"outputs\": {},\n  \"resources\": [")
	for n := range apps {
		driftApp(&b, n)
	}
	if apps > 0 {
		b.WriteString("\n  ")
	}
	b.WriteString("],\n  \"check_results\": null\n}\n")
	return b.Bytes()
}

// A driftWriter writes what belongs to app n.
type driftWriter struct {
	b       *bytes.Buffer
	n       int
	app, id string
}

func driftApp(b *bytes.Buffer, n int) {
	w := driftWriter{b, n, DriftApp(n), uuid(20, n)}
	database := fmt.Sprintf(`"postgres://u%d:not-a-secret@db-%06d.example.com:5432/d%d?sslmode=require\u0026pool=5"`, n, n, n)
	redis := fmt.Sprintf(`"rediss://:not-a-secret@redis-%06d.example.com:6380"`, n)
	w.appItself(database, redis)
	w.addon("_database", "heroku-postgresql:standard-0", "DATABASE_URL", database, 22)
	w.addon("_redis", "heroku-redis:premium-0", "REDIS_URL", redis, 24)
	w.children()
	w.release()
}

func (w driftWriter) resource(typ, suffix string, schema int, format string, args ...any) {
	b, n := w.b, w.n
	if b.Bytes()[b.Len()-1] != '[' {
		b.WriteByte(',')
	}
	fmt.Fprintf(b, `
    {
      "mode": "managed",
      "type": %q,
      "name": "svc_%06d%s",
      "provider": "provider[\"registry.terraform.io/heroku/heroku\"]",
      "instances": [
        {
          "schema_version": %d,
          "attributes": {
%s
          },
          "sensitive_attributes": [],
          "private": "%s"`, typ, n, suffix, schema, fmt.Sprintf(format, args...), driftPrivate(schema))
	if typ != "heroku_app" && typ != "heroku_pipeline" {
		fmt.Fprintf(b, `,
          "dependencies": [
            "heroku_app.svc_%06d"
          ]`, n)
	}
	b.WriteString("\n        }\n      ]\n    }")
}

func (w driftWriter) appItself(database, redis string) {
	n, app, id := w.n, w.app, w.id
	token := fmt.Sprintf(`"token-%s"`, uuid(21, n))
	managed := variables(app, n, 14)
	host := fmt.Sprintf("%s-%012x.herokuapp.com", app, (uint64(n)+1)*0x9e3779b97f4a7c15>>16)
	w.resource("heroku_app", "", 1, `            "acm": true,
            "all_config_vars": {
              "DATABASE_URL": %s,
              "REDIS_URL": %s,
%s,
              "TOKEN": %s
            },
            "buildpacks": [
              "heroku/nodejs",
              "https://github.com/heroku/heroku-buildpack-pgbouncer"
            ],
            "config_vars": {
%s
            },
            "generation": "cedar",
            "git_url": "https://git.heroku.com/%s.git",
            "heroku_hostname": "%s",
            "id": "%s",
            "internal_routing": false,
            "name": "%s",
            "organization": [
              {
                "locked": %t,
                "name": "%s",
                "personal": false
              }
            ],
            "region": "%s",
            "sensitive_config_vars": {
              "TOKEN": %s
            },
            "space": "",
            "stack": "heroku-24",
            "uuid": "%s",
            "web_url": "https://%s/"`, database, redis, managed, token, managed, app, host, id, app, n%5 == 0, team,
		[...]string{"us", "eu"}[n%2], token, id, host)

}

func (w driftWriter) addon(suffix, plan, variable, value string, kind int) {
	n, id := w.n, w.id
	w.resource("heroku_addon", suffix, 3, `            "app_id": "%s",
            "config": null,
            "config_var_values": {
              "%s": %s
            },
            "config_vars": [
              "%s"
            ],
            "id": "%s",
            "name": "%s-%06d",
            "plan": "%s",
            "provider_id": "%s"`, id, variable, value, variable, uuid(kind, n), strings.TrimPrefix(suffix, "_"), n, plan, uuid(kind+1, n))
}

// children writes what is in lists of the app.
func (w driftWriter) children() {
	n, id := w.n, w.id
	for i, process := range []string{"web", "worker"} {
		w.resource("heroku_formation", "_"+process, 1, `            "app_id": "%s",
            "id": "%s",
            "quantity": %d,
            "size": "%s",
            "type": "%s"`, id, uuid(26+i, n), 1+n%7+i, [...]string{"Standard-1X", "Standard-2X", "Performance-M"}[n%3], process)
	}
	for i, label := range []string{"www", "api"} {
		domain := uuid(28+i, n)
		w.resource("heroku_domain", "_"+label, 1, `            "app_id": "%s",
            "cname": "%s-%06d.%s.herokudns.com",
            "hostname": "%s.svc%d.example.com",
            "id": "%s",
            "sni_endpoint_id": null`, id, label, n, domain[len(domain)-12:], label, n, domain)
	}
	w.resource("heroku_drain", "", 1, `            "app_id": "%s",
            "id": "%s",
            "sensitive_url": null,
            "token": "d.%s",
            "url": "syslog+tls://logs.example.com:%d"`, id, uuid(30, n), uuid(31, n), 10000+n)
	feature := uuid(32, n)
	w.resource("heroku_app_feature", "", 1, `            "app_id": "%s",
            "enabled": %t,
            "id": "%s:%s",
            "name": "%s"`, id, n%4 != 0, id, feature, [...]string{"runtime-dyno-metadata", "preboot"}[n%2])
	for i, who := range []string{"on-call", "reviewer"} {
		w.resource("heroku_team_collaborator", "_"+strings.ReplaceAll(who, "-", "_"), 1, `            "app_id": "%s",
            "email": "%s-%d@example.com",
            "id": "%s",
            "permissions": [
              "%s",
              "view"
            ]`, id, who, n%20, uuid(33+i, n), [...]string{"deploy", "operate"}[i])
	}
}

// release writes the app's release, and its place in a pipeline.
func (w driftWriter) release() {
	n, id := w.n, w.id
	slug := uuid(35, n)
	w.resource("heroku_app_release", "", 1, `            "app_id": "%s",
            "description": "Deploy %s",
            "id": "%s",
            "oci_image": null,
            "slug_id": "%s"`, id, slug[:8], uuid(36, n), slug)

	pipeline := uuid(37, n/perPipeline)
	if n%perPipeline == 0 {
		w.resource("heroku_pipeline", "", 0, `            "id": "%s",
            "name": "pipeline-%05d",
            "owner": [
              {
                "id": "%s",
                "type": "team"
              }
            ]`, pipeline, n/perPipeline, uuid(38, 0))
	}
	w.resource("heroku_pipeline_coupling", "", 1, `            "app_id": "%s",
            "id": "%s",
            "pipeline": "%s",
            "stage": "%s"`, id, uuid(39, n), pipeline, [...]string{"production", "staging", "development"}[n%3])
}

// driftPrivate is what the provider keeps for itself: the schema version, where
// it isn't 0.
func driftPrivate(schema int) string {
	if schema == 0 {
		return "bnVsbA=="
	}
	return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, `{"schema_version":"%d"}`, schema))
}
