package herokutest_test

import (
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/herokutf/herokutf/herokutest"
)

var update = flag.Bool("update", false, "rewrite the schema of seeds")

const seedSchemaFile = "../schemas/seed.schema.json"

// seedSchema is the JSON schema of a Go type, and adds those of the structs in it to
// defs.
func seedSchema(typ reflect.Type, defs map[string]any) map[string]any {
	switch typ {
	case reflect.TypeFor[time.Time]():
		return map[string]any{"type": "string", "format": "date-time"}
	case reflect.TypeFor[json.RawMessage]():
		return map[string]any{"type": "object"}
	}
	switch typ.Kind() {
	case reflect.Pointer:
		return seedSchema(typ.Elem(), defs)
	case reflect.Slice:
		return map[string]any{"type": "array", "items": seedSchema(typ.Elem(), defs)}
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": seedSchema(typ.Elem(), defs)}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return map[string]any{"type": "integer"}
	case reflect.String:
		return map[string]any{"type": "string"}
	}
	ref := map[string]any{"$ref": "#/$defs/" + typ.Name()}
	if _, ok := defs[typ.Name()]; ok {
		return ref
	}
	properties, required := map[string]any{}, []string{}
	def := map[string]any{"type": "object", "additionalProperties": false, "properties": properties}
	defs[typ.Name()] = def
	for field := range typ.Fields() {
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		properties[name] = seedSchema(field.Type, defs)
		if options == "" && field.Type.Kind() == reflect.String {
			required = append(required, name)
		}
	}
	if len(required) > 0 {
		def["required"] = required
	}
	return ref
}

// TestSeedSchema: the schema in schemas is that of the Go types, and a full snapshot
// follows it.
func TestSeedSchema(t *testing.T) {
	defs := map[string]any{}
	schema := seedSchema(reflect.TypeFor[herokutest.Seed](), defs)
	schema["$schema"], schema["$defs"] = "https://json-schema.org/draft/2020-12/schema", defs
	schema["$id"] = "https://github.com/herokutf/herokutf/schemas/seed.schema.json"
	schema["title"] = "A seed of herokutf fake"
	schema["description"] = "What herokutf fake reads with --seed and writes with --snapshot. What is left out of a seed is filled in."
	want, err := json.MarshalIndent(schema, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, '\n')
	if *update {
		if err := os.WriteFile(seedSchemaFile, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(seedSchemaFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("go test ./herokutest -run TestSeedSchema -update writes another one (-want +got):\n%s", diff)
	}
	compiled, err := jsonschema.NewCompiler().Compile(seedSchemaFile)
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(full(t).Snapshot())
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(data)))
	if err != nil {
		t.Fatal(err)
	}
	if err := compiled.Validate(doc); err != nil {
		t.Error(err)
	}
}
