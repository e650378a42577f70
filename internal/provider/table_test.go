package provider

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestTable holds all of the table, and of the lists that it names, against
// testdata/table.txt, where a change of either shows line by line: docs/resource-types.md
// leaves out what users needn't know. go test -update rewrites the file; what is secret,
// and what is the same and what isn't, stands in lists that nothing rewrites.
func TestTable(t *testing.T) {
	const file = "testdata/table.txt"
	var b strings.Builder
	for r := range All() {
		fmt.Fprintf(&b, "%s %s\n", r.Mode, r.Type)
		plain := *r
		plain.Mode, plain.Type, plain.Attrs = "", "", nil
		b.WriteString(filled("\t", reflect.ValueOf(plain)))
		for i := range r.Attrs {
			fmt.Fprintf(&b, "\tattr %s", oneLine(reflect.ValueOf(r.Attrs[i])))
			if r.Mode == Managed && r.Attrs[i].As.Compared() {
				fmt.Fprintf(&b, " fate %d", r.Fate(&r.Attrs[i]))
			}
			b.WriteByte('\n')
		}
	}
	for l := NoList + 1; l < lists; l++ {
		fmt.Fprintf(&b, "list %d %s\n", l, oneLine(reflect.ValueOf(*l.Source())))
	}
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("the table has changed; go test ./internal/provider -run %s -update takes it over (-file +table):\n%s", t.Name(), diff)
	}
}

// filled prints the fields of a struct that aren't zero, one a line.
func filled(indent string, v reflect.Value) string {
	var b strings.Builder
	for field, value := range v.Fields() {
		if !value.IsZero() {
			fmt.Fprintf(&b, "%s%s %s\n", indent, field.Name, oneLine(value))
		}
	}
	return b.String()
}

// oneLine prints a value without what is zero in it.
func oneLine(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Pointer:
		return oneLine(v.Elem())
	case reflect.Slice:
		var all []string
		for i := range v.Len() {
			all = append(all, oneLine(v.Index(i)))
		}
		return "[" + strings.Join(all, ", ") + "]"
	case reflect.Struct:
		var all []string
		for field, value := range v.Fields() {
			if !value.IsZero() {
				all = append(all, field.Name+":"+oneLine(value))
			}
		}
		return "{" + strings.Join(all, " ") + "}"
	case reflect.String:
		return fmt.Sprintf("%q", v.String())
	}
	return fmt.Sprint(v)
}
