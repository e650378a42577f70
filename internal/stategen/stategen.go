// Package stategen writes big Terraform states that look like real ones.
//
// Benchmarks and side-by-side runs need states of tens of megabytes that no
// repository should carry. The states here are made from a counter alone: the
// same size gives the same bytes on every machine.
package stategen

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
)

// group is the number of instances that belong to one app.
const group = 6

// size is what an instance takes on average, in bytes; it sizes the buffer.
const size = 1780

// AppName returns the name of the app that instance i, counted from 0, belongs
// to. It is the name that stands in the state [State] makes.
func AppName(i int) string {
	return fmt.Sprintf("svc-%06d-production", i/group)
}

// AppAddress returns the address of the heroku_app that instance i, counted
// from 0, belongs to.
func AppAddress(i int) string {
	g := i / group
	switch {
	case g%10 == 9:
		return fmt.Sprintf("module.env[%q].heroku_app.svc_%06d", environment(g), g)
	default:
		return fmt.Sprintf("heroku_app.svc_%06d", g)
	}
}

// State returns a version 4 state with the given number of instances, as
// Terraform 1.11 writes it: two spaces of indentation, line feeds, and one at
// the end. Every app has six instances (the app, an add-on, two formations, a
// domain and a config association) in the shape of the heroku provider up to
// 4.9.0, where an app's name is its identity. An instance takes about 1.7 kB,
// so 30,000 give about 50 MB. A tenth of the apps stand in a module with keys.
func State(instances int) []byte {
	var b bytes.Buffer
	b.Grow(instances*size + 4096)
	b.WriteString("{\n  \"version\": 4,\n  \"terraform_version\": \"1.11.4\",\n  \"serial\": 41,\n" +
		"  \"lineage\": \"7f3c2a11-5d0e-4b7a-9a51-3a6f0c0f9e21\",\n  \"outputs\": {\n" +
		"    \"first_app\": {\n      \"value\": \"" + AppName(0) + "\",\n      \"type\": \"string\"\n    }\n  },\n  \"resources\": [")
	for i := range instances {
		if i > 0 {
			b.WriteByte(',')
		}
		resource(&b, i)
	}
	if instances > 0 {
		b.WriteString("\n  ")
	}
	b.WriteString("],\n  \"check_results\": null\n}\n")
	return b.Bytes()
}

func environment(g int) string { return [...]string{"blue", "green", "red"}[g/10%3] }

// resource writes the resource that holds instance i.
func resource(b *bytes.Buffer, i int) {
	g := i / group
	app := AppName(i)
	var typ, attributes string
	name := fmt.Sprintf("svc_%06d", g)
	schema := 0
	switch i % group {
	case 0:
		typ, attributes = "heroku_app", appAttributes(app, g)
	case 1:
		typ, attributes, schema = "heroku_addon", addonAttributes(app, g), 2
	case 2, 3:
		process := [...]string{"web", "worker"}[i%group-2]
		name += "_" + process
		typ, attributes = "heroku_formation", formationAttributes(app, process, i)
	case 4:
		typ, attributes = "heroku_domain", domainAttributes(app, i)
	default:
		typ, attributes = "heroku_app_config_association", associationAttributes(app, g)
	}
	b.WriteString("\n    {\n")
	if g%10 == 9 {
		fmt.Fprintf(b, "      \"module\": \"module.env[\\\"%s\\\"]\",\n", environment(g))
	}
	fmt.Fprintf(b, `      "mode": "managed",
      "type": %q,
      "name": %q,
      "provider": "provider[\"registry.terraform.io/heroku/heroku\"]",
      "instances": [
        {
          "schema_version": %d,
          "attributes": {
%s
          },
          "sensitive_attributes": [],
          "private": "%s"`, typ, name, schema, attributes, private(i))
	if typ != "heroku_app" {
		module := ""
		if g%10 == 9 {
			module = "module.env."
		}
		fmt.Fprintf(b, `,
          "dependencies": [
            "%sheroku_app.svc_%06d"
          ]`, module, g)
	}
	b.WriteString("\n        }\n      ]\n    }")
}

func appAttributes(app string, g int) string {
	vars := variables(app, g, 22)
	return fmt.Sprintf(`            "acm": true,
            "all_config_vars": {
%[1]s
            },
            "buildpacks": [
              "heroku/nodejs",
              "https://github.com/heroku/heroku-buildpack-pgbouncer"
            ],
            "config_vars": {
%[1]s
            },
            "git_url": "https://git.heroku.com/%[2]s.git",
            "heroku_hostname": "%[2]s.herokuapp.com",
            "id": "%[2]s",
            "internal_routing": false,
            "name": "%[2]s",
            "organization": [
              {
                "locked": false,
                "name": "platform-team",
                "personal": false
              }
            ],
            "region": "us",
            "sensitive_config_vars": {},
            "space": null,
            "stack": "heroku-24",
            "uuid": "%[3]s",
            "web_url": "https://%[2]s-%012[4]x.herokuapp.com/"`, vars, app, uuid(1, g), uint64(g)*0x9e3779b97f4a7c15>>16)
}

func addonAttributes(app string, g int) string {
	return fmt.Sprintf(`            "app": "%s",
            "config": null,
            "config_var_values": {
              "DATABASE_URL": "postgres://u%d:not-a-secret@ec2-10-0-%d-%d.compute-1.amazonaws.com:5432/d%d?sslmode=require\u0026pool=5"
            },
            "config_vars": [
              "DATABASE_URL"
            ],
            "id": "%s",
            "name": "postgresql-curly-%05d",
            "plan": "heroku-postgresql:standard-0",
            "provider_id": "%s"`, app, g, g>>8&255, g&255, g, uuid(2, g), g, uuid(3, g))
}

func formationAttributes(app, process string, i int) string {
	return fmt.Sprintf(`            "app": "%s",
            "id": "%s",
            "quantity": %d,
            "size": "Standard-2X",
            "type": "%s"`, app, uuid(4, i), 1+i%7, process)
}

func domainAttributes(app string, i int) string {
	return fmt.Sprintf(`            "acm_status": "cert issued",
            "acm_status_reason": "",
            "app": "%[1]s",
            "cname": "boiling-reaches-%06[2]d.herokudns.com",
            "hostname": "www%[2]d.example.com",
            "id": "%[3]s",
            "sni_endpoint_id": ""`, app, i, uuid(5, i))
}

func associationAttributes(app string, g int) string {
	return fmt.Sprintf(`            "app_id": "%[1]s",
            "id": "config:%[1]s",
            "sensitive_vars": {},
            "vars": {
%[2]s
            }`, app, variables(app, g, 18))
}

// variables writes n config vars as the members of an object. One of them
// holds the app's name inside an address, and some hold what Terraform escapes.
func variables(app string, g, n int) string {
	var b strings.Builder
	for k := range n {
		if k > 0 {
			b.WriteString(",\n")
		}
		fmt.Fprintf(&b, `              "SETTING_%02d": `, k)
		switch k {
		case 0:
			fmt.Fprintf(&b, `"https://%s.herokuapp.com/callback?a=1\u0026b=%d"`, app, g)
		case 1:
			fmt.Fprintf(&b, `"{\"mode\":\"grün\",\"limit\":%d}"`, g)
		default:
			fmt.Fprintf(&b, `"value-%06d-%02d-%s"`, g, k, uuid(6+k, g))
		}
	}
	return b.String()
}

// private stands for the provider's private data: base64 of the timeouts of a
// resource, or of its schema version as well.
func private(i int) string {
	data := `{"e2bfb730-ecaa-11e6-8f88-34363bc7c4c0":{"create":1200000000000,"delete":600000000000}`
	if i%2 == 1 {
		data += `,"schema_version":"1"`
	}
	return base64.StdEncoding.EncodeToString([]byte(data + "}"))
}

func uuid(kind, n int) string {
	h := (uint64(n) + 1) * 0x9e3779b97f4a7c15
	return fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", uint32(n), kind, h>>52, h>>40&0xfff, h&0xffffffffffff)
}
