package terraform

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/herokutf/herokutf/statefile"
)

// An outcome is what became of a state that was to be written.
type outcome int

const (
	overwritten outcome = iota // something else is there
	written                    // the new state
	later                      // a later one, in which the change is
	untouched                  // the old state
)

// compare says what a backend's state is, after new was to take the place of old.
// Terraform writes a state anew when it pushes it: the serial, the version of the program,
// the order of resources and what is empty may differ.
func compare(old, new, now *statefile.File) outcome {
	if now.Lineage() != new.Lineage() {
		return overwritten
	}
	if same(new, now) {
		return written
	}
	if statefile.CompareSerials(old.Serial(), now.Serial()) == 0 && same(old, now) {
		return untouched
	}
	if statefile.CompareSerials(now.Serial(), new.Serial()) > 0 && kept(old, new, now) {
		return later
	}
	return overwritten
}

// same reports whether two states hold the same, whatever their serials.
func same(a, b *statefile.File) bool {
	// As it is nearly always: nothing differs but the serial, which two of a serial
	// can be compared without.
	if statefile.CompareSerials(a.Serial(), b.Serial()) <= 0 {
		if raised, err := a.RaiseSerial(a.Name(), decremented(b.Serial())); err == nil &&
			bytes.Equal(bytes.TrimSpace(raised.Bytes()), bytes.TrimSpace(b.Bytes())) {
			return true
		}
	}
	x, y := content(a), content(b)
	return x != nil && y != nil && equal(x, y)
}

// decremented returns the number before a serial, or the serial where there is none.
func decremented(serial string) string {
	if n, ok := new(big.Int).SetString(serial, 10); ok && n.Sign() > 0 {
		return n.Sub(n, big.NewInt(1)).String()
	}
	return serial
}

// content returns what a state says, by names: "output NAME" and
// "RESOURCE INSTANCE", each with a tree in which order and emptiness don't count; nil
// when it can't be read.
func content(f *statefile.File) map[string]any {
	var doc struct {
		Outputs   map[string]any   `json:"outputs"`
		Resources []map[string]any `json:"resources"`
	}
	d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(f.Bytes(), []byte("\xef\xbb\xbf"))))
	d.UseNumber()
	if d.Decode(&doc) != nil || f.Version() != 4 {
		return nil
	}
	all := make(map[string]any)
	for name, output := range doc.Outputs {
		all["output "+name] = output
	}
	for _, r := range doc.Resources {
		instances, _ := r["instances"].([]any)
		address := fmt.Sprintf("%v %v %v %v %v", r["module"], r["mode"], r["type"], r["name"], r["provider"])
		for i, instance := range instances {
			object, _ := instance.(map[string]any)
			for _, name := range unordered {
				if list, ok := object[name].([]any); ok {
					slices.SortFunc(list, func(a, b any) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
				}
			}
			name := fmt.Sprintf("%s [%T %v] %v", address, object["index_key"], object["index_key"], object["deposed"])
			if _, twice := all[name]; twice {
				name += " " + strconv.Itoa(i)
			}
			all[name] = instance
		}
	}
	return all
}

// unordered are lists of an instance that Terraform sorts as it likes.
var unordered = []string{"sensitive_attributes", "dependencies"}

// equal compares trees. What is null, empty or missing is the same, and so are numbers
// of the same value.
func equal(a, b any) bool {
	if empty(a) || empty(b) {
		return empty(a) && empty(b)
	}
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok {
			return false
		}
		for name, v := range a {
			if !equal(v, b[name]) {
				return false
			}
		}
		for name, v := range b {
			if _, both := a[name]; !both && !empty(v) {
				return false
			}
		}
		return true
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, equal)
	case json.Number:
		b, ok := b.(json.Number)
		return ok && equalNumbers(a.String(), b.String())
	}
	return a == b
}

// maxDigits is how long a number may be to be compared by its value: one with a huge
// exponent takes all memory.
const maxDigits = 400

func equalNumbers(a, b string) bool {
	if a == b || len(a) > maxDigits || len(b) > maxDigits || strings.ContainsAny(a+b, "eE") {
		return a == b
	}
	x, _ := new(big.Rat).SetString(a) // what JSON takes for a number is one
	y, _ := new(big.Rat).SetString(b)
	return x.Cmp(y) == 0
}

func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case []any:
		return len(v) == 0
	case map[string]any:
		for _, member := range v {
			if !empty(member) {
				return false
			}
		}
		return true
	}
	return false
}

// kept reports whether now has every change that leads from old to new.
func kept(old, new, now *statefile.File) bool {
	x, y, z := content(old), content(new), content(now)
	if x == nil || y == nil || z == nil {
		return false
	}
	for name, v := range y {
		if before, ok := x[name]; !ok || !equal(before, v) {
			// A new one may have been refreshed by now.
			after, there := z[name]
			if !there || ok && !keeps(before, v, after) {
				return false
			}
		}
	}
	for name := range x {
		if _, stays := y[name]; !stays {
			if _, back := z[name]; back {
				return false
			}
		}
	}
	return true
}

// keeps reports whether a tree has what another one became, wherever that differs from
// what it was.
func keeps(before, changed, after any) bool {
	if equal(before, changed) {
		return true
	}
	x, xok := before.(map[string]any)
	y, yok := changed.(map[string]any)
	z, zok := after.(map[string]any)
	if !xok || !yok || !zok {
		return equal(changed, after)
	}
	for name := range y {
		if !keeps(x[name], y[name], z[name]) {
			return false
		}
	}
	for name := range x {
		if _, stays := y[name]; !stays && !empty(z[name]) {
			return false
		}
	}
	return true
}
