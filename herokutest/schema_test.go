package herokutest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// The API describes itself in a hyper-schema, which ships in the heroku-go
// module. Every answer that a test of this package gets through send is held
// against the definition of its route, made strict: each object must have all
// the members the schema names and no others.

// newer are members that the live API has and the schema of heroku-go v5.5.0
// doesn't yet, by the definition they belong to.
var newer = map[string]string{
	"app":                 `{"generation": REF}`,
	"formation":           `{"dyno_size": REF}`,
	"add-on":              `{"provision_message": {"type": ["string"]}}`,
	"oauth-authorization": `{"description": {"type": ["string"]}}`,
	"log-drain":           `{"app": REF}`,
	"pipeline":            `{"generation": REF}`,
	"space":               `{"generation": REF}`,
	"release":             `{"artifacts": {"type": ["array"], "items": {"type": ["object"], "properties": {"type": {"enum": ["slug", "oci-image"]}, "id": UUID}}}, "eligible_for_rollback": {"type": ["boolean"]}}`,
}

// slips are places where the schema is known to say something else than the
// API does, with what is checked instead.
var slips = []struct{ path, why, schema string }{
	{"app/properties/web_url", "the pattern is older than the 12 digits after the name; null is possible, and http in a space",
		`{"type": ["string", "null"], "format": "uri", "pattern": "^https?://[a-z][a-z0-9-]*\\.herokuapp\\.com/$"}`},
	{"pipeline-coupling/properties/pipeline", "comes with its name", `REF`},
	{"app-webhook-event/definitions/payload/properties", "published_at is one of them", `{"action": {"enum": ["create", "update", "destroy"]},
		"actor": {"type": ["object"], "properties": {"email": {"type": ["string"]}, "id": UUID}}, "data": {"type": ["object"]},
		"previous_data": {"type": ["object"]}, "published_at": DATE, "resource": {"type": ["string"]}, "version": {"type": ["string"]}}`},
	{"team-app/properties/web_url", "as for app",
		`{"type": ["string", "null"], "format": "uri", "pattern": "^https?://[a-z][a-z0-9-]*\\.herokuapp\\.com/$"}`},
	{"release/properties/status", "expired came in October 2025, and null was seen",
		`{"enum": ["failed", "pending", "succeeded", "expired", null]}`},
	{"domain/properties/hostname", "called a URI, but is a bare host", `{"type": ["string"]}`},
	{"log-drain/properties/addon", "the add-on comes with its app",
		`{"anyOf": [{"type": ["null"]}, {"type": ["object"], "properties": {"id": UUID, "name": {"type": ["string"]}, "app": REF}}]}`},
	{"build/properties/source_blob", "has a version_description by now",
		`{"type": ["object"], "properties": {"checksum": {"type": ["string", "null"]}, "url": {"type": ["string"]}, "version": {"type": ["string", "null"]}, "version_description": {"type": ["string", "null"]}}}`},
	{"team/definitions/role", "viewer can be set, and so be read",
		`{"enum": ["admin", "collaborator", "member", "owner", "viewer", null]}`},
	{"sni-endpoint/properties/certificate_chain", "null while an automatic certificate is pending", `{"type": ["string", "null"]}`},
}

// beyond are the routes that the schema of v5.5.0 doesn't have, with what
// their answers look like.
var beyond = map[string]string{
	"GET /telemetry-drains/{}":        telemetrySchema,
	"POST /telemetry-drains":          telemetrySchema,
	"PATCH /telemetry-drains/{}":      telemetrySchema,
	"DELETE /telemetry-drains/{}":     telemetrySchema,
	"GET /apps/{}/telemetry-drains":   `{"type": ["array"], "items": ` + telemetrySchema + `}`,
	"GET /spaces/{}/telemetry-drains": `{"type": ["array"], "items": ` + telemetrySchema + `}`,
	"GET /apps/{}/ssl-endpoints":      `{"type": ["array"], "items": ` + sslSchema + `}`,
	"GET /apps/{}/ssl-endpoints/{}":   sslSchema,
	"GET /generations":                `{"type": ["array"], "items": ` + generationSchema + `}`,
	"GET /generations/{}":             generationSchema,
	"GET /apps/{}/oci-images/{}": `{"type": ["array"], "minItems": 1, "maxItems": 1, "items": {"type": ["object"], "properties": {
		"id": UUID, "base_image_name": {"type": ["string"]}, "base_top_layer": {"type": ["string"]},
		"commit": {"type": ["string"]}, "commit_description": {"type": ["string"]}, "image_repo": {"type": ["string"]},
		"digest": {"type": ["string"]}, "stack": REF, "created_at": DATE, "updated_at": DATE,
		"architecture": {"type": ["string", "null"]},
		"process_types": {"type": ["object"], "additionalProperties": {"type": ["object"], "properties": {
			"name": {"type": ["string"]}, "display_cmd": {"type": ["string"]}, "command": {"type": ["string"]},
			"working_dir": {"type": ["string"]}, "default": {"type": ["boolean", "null"]}}}},
		"buildpacks": {"type": ["array"], "items": {"type": ["object"], "properties": {
			"id": {"type": ["string"]}, "version": {"type": ["string"]}, "homepage": {"type": ["string"]}}}}}}}`,
	"PATCH /spaces/{}/members/{}":        `{"$ref": "#/definitions/space-app-access"}`,
	"PATCH /apps/{}/acm":                 `{"$ref": "#/definitions/app"}`,
	"GET /oauth/sessions":                `{"type": ["array"], "items": ` + sessionSchema + `}`,
	"DELETE /oauth/sessions/{}":          sessionSchema,
	"PATCH /oauth/authorizations/{}":     `{"$ref": "#/definitions/oauth-authorization"}`,
	"POST /account/keys":                 `{"$ref": "#/definitions/key"}`,
	"DELETE /account/keys/{}":            `{"$ref": "#/definitions/key"}`,
	"GET /apps/{}/usage":                 usageSchema,
	"GET /teams/{}/apps/{}/usage":        usageSchema,
	"GET /teams/{}/usage":                `{"type": ["object"], "properties": {"apps": {"type": ["array"], "items": ` + usageSchema + `}}}`,
	"GET /accounts/{}/actions/get-quota": `{"type": ["object"], "properties": {"account_quota": {"type": ["integer"]}, "quota_used": {"type": ["integer"]}, "apps": {"type": ["array"]}}}`,
	"GET /spaces/{}/dynos": `{"type": ["array"], "items": {"type": ["object"], "properties": {"app_id": UUID, "app_name": {"type": ["string"]},
		"dynos": {"type": ["array"], "items": {"$ref": "#/definitions/dyno"}}}}}`,
	"DELETE /apps/{}/formations/{}":            emptySchema,
	"POST /apps/{}/formations/{}/actions/stop": emptySchema,
	"POST /actions/addon-attachments/resolve":  `{"type": ["array"], "items": {"$ref": "#/definitions/add-on-attachment"}}`,
}

const (
	emptySchema   = `{"type": ["object"], "maxProperties": 0}`
	usageSchema   = `{"type": ["object"], "properties": {"id": UUID, "name": {"type": ["string"]}, "addons": {"type": ["array"]}}}`
	sessionSchema = `{"type": ["object"], "properties": {"created_at": DATE, "description": {"type": ["string"]}, "expires_in": {"type": ["integer"]},
		"id": UUID, "updated_at": DATE}}`
	uuidSchema       = `{"type": ["string"], "format": "uuid"}`
	dateSchema       = `{"type": ["string"], "format": "date-time"}`
	refSchema        = `{"type": ["object"], "properties": {"id": ` + uuidSchema + `, "name": {"type": ["string"]}}}`
	generationSchema = `{"type": ["object"], "properties": {"created_at": DATE, "id": UUID, "name": {"enum": ["cedar", "fir"]}, "updated_at": DATE}}`
	// As the API had it before the add-on was shut down.
	sslSchema = `{"type": ["object"], "properties": {
		"app": REF, "certificate_chain": {"type": ["string"]}, "cname": {"type": ["string"]},
		"created_at": DATE, "id": UUID, "name": {"type": ["string"]}, "updated_at": DATE}}`
	telemetrySchema = `{"type": ["object"], "properties": {
		"created_at": DATE, "id": UUID, "updated_at": DATE,
		"owner": {"type": ["object"], "properties": {"id": UUID, "type": {"enum": ["app", "space"]}}},
		"signals": {"type": ["array"], "items": {"enum": ["traces", "metrics", "logs"]}},
		"exporter": {"type": ["object"], "properties": {"type": {"enum": ["otlphttp", "otlp"]}, "endpoint": {"type": ["string"]},
			"headers": {"type": ["object"], "additionalProperties": {"type": ["string"]}}}}}}`
)

func snippet(t string) any {
	r := strings.NewReplacer("REF", refSchema, "UUID", uuidSchema, "DATE", dateSchema)
	var v any
	if err := json.Unmarshal([]byte(r.Replace(t)), &v); err != nil {
		panic(fmt.Sprintf("%v in %s", err, t))
	}
	return v
}

// validators holds one compiled schema per route, or why there are none.
type validators struct {
	byRoute map[string]*jsonschema.Schema
	skipped string
}

var loadSchema = sync.OnceValue(func() validators {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/heroku/heroku-go/v5").Output()
	dir := strings.TrimSpace(string(out))
	if err != nil || dir == "" {
		return validators{skipped: fmt.Sprintf("the heroku-go module with the API's schema isn't at hand: go list: %v", err)}
	}
	data, err := os.ReadFile(filepath.Join(dir, "schema.json"))
	if err != nil {
		return validators{skipped: err.Error()}
	}
	root := parseSchema(data)
	defs := root["definitions"].(map[string]any)
	for name, members := range newer {
		props := defs[name].(map[string]any)["properties"].(map[string]any)
		for member, schema := range snippet(members).(map[string]any) {
			if props[member] != nil {
				panic(name + "." + member + " is in the schema by now")
			}
			props[member] = schema
		}
	}
	for _, slip := range slips {
		at, steps := defs, strings.Split(slip.path, "/")
		for _, step := range steps[:len(steps)-1] {
			at = at[step].(map[string]any)
		}
		last := steps[len(steps)-1]
		if at[last] == nil {
			panic("the schema has no " + slip.path)
		}
		at[last] = snippet(slip.schema)
	}
	pending := defs["sni-endpoint"].(map[string]any)["properties"].(map[string]any)
	strict(root)
	// While a certificate is pending, ssl_cert is empty.
	pending["ssl_cert"] = map[string]any{"anyOf": []any{pending["ssl_cert"],
		map[string]any{"type": "object", "maxProperties": json.Number("0")}}}

	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft4)
	c.AssertFormat()
	c.RegisterFormat(&jsonschema.Format{Name: "uuid", Validate: func(v any) error {
		if s, ok := v.(string); ok && !uuidPattern.MatchString(s) {
			return fmt.Errorf("%q is no UUID", s)
		}
		return nil
	}})
	targets := map[string]any{}
	for route, schema := range beyond {
		v := snippet(schema)
		strict(v)
		targets[route] = v
	}
	hole := regexp.MustCompile(`\{[^}]*\}|~`)
	for _, name := range slices.Sorted(maps.Keys(defs)) {
		links, _ := defs[name].(map[string]any)["links"].([]any)
		for _, l := range links {
			link := l.(map[string]any)
			route := link["method"].(string) + " " + hole.ReplaceAllString(link["href"].(string), "{}")
			target := link["targetSchema"]
			if target == nil {
				target = map[string]any{"$ref": "#/definitions/" + name}
			}
			if targets[route] == nil {
				targets[route] = target
			}
		}
	}
	// The schemas of the links become definitions, so that their references
	// resolve in the same document.
	routes := map[string]any{}
	names := map[string]string{}
	for route, target := range targets {
		key := fmt.Sprint("route-", len(routes))
		routes[key], names[route] = target, key
	}
	for _, d := range defs {
		delete(d.(map[string]any), "links")
	}
	doc := map[string]any{"definitions": defs, "routes": routes}
	if err := c.AddResource("schema.json", doc); err != nil {
		panic(err)
	}
	v := validators{byRoute: map[string]*jsonschema.Schema{}}
	for route, key := range names {
		s, err := c.Compile("schema.json#/routes/" + key)
		if err != nil {
			panic(fmt.Sprintf("schema of %s: %v", route, err))
		}
		v.byRoute[route] = s
	}
	return v
})

var uuidPattern = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

func parseSchema(data []byte) map[string]any {
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		panic(err)
	}
	return v.(map[string]any)
}

// strict makes every object of a schema want all of its members and no
// others, and takes out what the validator can't take: regular expressions
// that Go doesn't have, and identifiers that would change what references
// resolve against.
func strict(v any) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			strict(e)
		}
	case map[string]any:
		delete(v, "$schema")
		if p, ok := v["pattern"].(string); ok {
			if _, err := regexp.Compile(p); err != nil {
				delete(v, "pattern")
			}
		}
		if props, ok := v["properties"].(map[string]any); ok && objectType(v["type"]) {
			var names []any
			for name := range props {
				names = append(names, name)
			}
			if len(names) > 0 {
				v["required"] = names
				v["additionalProperties"] = false
			}
		}
		for _, e := range v {
			strict(e)
		}
	}
}

func objectType(t any) bool {
	list, _ := t.([]any)
	return t == "object" || slices.Contains(list, any("object"))
}

// checkSchema holds a successful answer of a route against the schema.
func checkSchema(t testing.TB, route, body string) {
	t.Helper()
	v := loadSchema()
	if v.skipped != "" {
		return // TestAnswersFollowTheSchema says so
	}
	hole := regexp.MustCompile(`\{[^}]*\}`)
	s := v.byRoute[hole.ReplaceAllString(route, "{}")]
	if s == nil {
		t.Errorf("%s: neither the schema nor the list of routes beyond it has it", route)
		return
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
	if err != nil {
		t.Errorf("%s: %v in %s", route, err, body)
		return
	}
	if err := s.Validate(doc); err != nil {
		t.Errorf("%s: %v\nin %s", route, err, body)
	}
}
