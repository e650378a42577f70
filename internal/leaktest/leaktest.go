// Package leaktest helps tests to find secrets in what a value prints.
package leaktest

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
)

// Dumps returns v in all the ways in which it can get into a log: as [Printed]
// does, and every string that reflection finds in it.
func Dumps(v any) []string {
	return append(Printed(v), deepStrings(reflect.ValueOf(v), map[uintptr]bool{})...)
}

// Printed returns v as fmt prints it with every verb, as JSON, and logged.
func Printed(v any) []string {
	var out []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T"} {
		out = append(out, fmt.Sprintf(verb, v), fmt.Sprintf(verb, []any{v}), fmt.Sprintf(verb, struct{ V any }{v}))
	}
	if data, err := json.Marshal(v); err == nil {
		out = append(out, string(data))
	}
	var b strings.Builder
	slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "v", v)
	slog.New(slog.NewTextHandler(&b, nil)).Info("x", "v", v)
	return append(out, b.String())
}

// deepStrings collects every string that reflection finds below v, as
// debuggers and dumping packages do.
func deepStrings(v reflect.Value, seen map[uintptr]bool) []string {
	var out []string
	switch v.Kind() {
	case reflect.String:
		out = append(out, v.String())
	case reflect.Interface:
		out = deepStrings(v.Elem(), seen)
	case reflect.Pointer:
		if v.IsNil() || seen[v.Pointer()] {
			return nil
		}
		seen[v.Pointer()] = true
		out = deepStrings(v.Elem(), seen)
	case reflect.Struct:
		for _, field := range v.Fields() {
			out = append(out, deepStrings(field, seen)...)
		}
	case reflect.Slice, reflect.Array:
		if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8 {
			return []string{string(v.Bytes())}
		}
		for i := range v.Len() {
			out = append(out, deepStrings(v.Index(i), seen)...)
		}
	case reflect.Map:
		for k, e := range v.Seq2() {
			out = append(out, deepStrings(k, seen)...)
			out = append(out, deepStrings(e, seen)...)
		}
	}
	return out
}
