package clitest

import (
	"encoding/json"
	"errors"
	"io"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

type schemasKey struct{}

// schema is the script command "schema".
func schema(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: schema NAME FILE")
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	schema, err := compiler.Compile(filepath.Join(ts.Value(schemasKey{}).(string), args[0]+".schema.json"))
	ts.Check(err)
	decoder := json.NewDecoder(strings.NewReader(ts.ReadFile(args[1])))
	decoder.UseNumber()
	for n := 0; ; n++ {
		var v any
		switch err := decoder.Decode(&v); {
		case errors.Is(err, io.EOF) && n > 0:
			return
		case err != nil:
			ts.Fatalf("%s: value %d: %v", args[1], n+1, err)
		}
		if err := schema.Validate(v); err != nil {
			ts.Fatalf("%s: value %d: %v", args[1], n+1, err)
		}
	}
}
