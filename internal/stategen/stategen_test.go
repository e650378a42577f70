package stategen

import (
	"bytes"
	"encoding/json"
	"testing"
)

// A benchmark on a state that Terraform would write otherwise measures the
// wrong thing: escapes and indentation decide how fast a scanner is.
func TestStateIsWrittenAsTerraformWrites(t *testing.T) {
	for name, make := range map[string]func(int) []byte{"State": State, "Drift": Drift} {
		for _, n := range []int{0, 1, 6, 61} {
			got := make(n)
			var want bytes.Buffer
			if err := json.Indent(&want, got, "", "  "); err != nil {
				t.Fatalf("%s(%d): %v", name, n, err)
			}
			if !bytes.Equal(got, want.Bytes()) {
				t.Errorf("%s(%d) differs from its own json.Indent", name, n)
			}
			var escaped bytes.Buffer
			json.HTMLEscape(&escaped, got)
			if !bytes.Equal(got, escaped.Bytes()) {
				t.Errorf("%s(%d) holds what Terraform would have escaped", name, n)
			}
			if !bytes.Equal(got, make(n)) {
				t.Errorf("%s(%d) gave other bytes the second time", name, n)
			}
		}
	}
}

func TestStateHasTheInstancesAndTheSize(t *testing.T) {
	const n = 3000
	data := State(n)
	var state struct {
		Resources []struct {
			Module, Type, Name string
			Instances          []struct{ Attributes map[string]any }
		}
	}
	if err := json.Unmarshal(data, &state); err != nil {
		t.Fatal(err)
	}
	instances := 0
	seen := map[string]bool{}
	for _, r := range state.Resources {
		instances += len(r.Instances)
		address := r.Module + "." + r.Type + "." + r.Name
		if seen[address] {
			t.Fatalf("%s stands twice", address)
		}
		seen[address] = true
	}
	if instances != n {
		t.Errorf("got %d instances, want %d", instances, n)
	}
	if per := len(data) / n; per < 1600 || per > 1850 {
		t.Errorf("an instance takes %d bytes, want about 1,700", per)
	}
	app := state.Resources[54]
	if got := app.Instances[0].Attributes["id"]; got != AppName(54) {
		t.Errorf("instance 54 has id %v, want %s", got, AppName(54))
	}
	if got, want := app.Module+"."+app.Type+"."+app.Name, AppAddress(54); got != want {
		t.Errorf("instance 54 is %s, AppAddress says %s", got, want)
	}
}

func TestDriftHasTheInstancesAndTheSize(t *testing.T) {
	const n = 200
	data := Drift(n)
	var state struct {
		Resources []struct {
			Type, Name string
			Instances  []struct{ Attributes map[string]any }
		}
	}
	if err := json.Unmarshal(data, &state); err != nil {
		t.Fatal(err)
	}
	if got, want := len(state.Resources), n*13+n/10; got != want {
		t.Errorf("got %d resources, want %d", got, want)
	}
	names, ids := map[string]bool{}, map[any]bool{}
	for _, r := range state.Resources {
		name, id := r.Type+"."+r.Name, r.Instances[0].Attributes["id"]
		if names[name] || ids[id] {
			t.Fatalf("%s, or its id %s, stands twice", name, id)
		}
		names[name], ids[id] = true, true
	}
	if got := state.Resources[0].Instances[0].Attributes["name"]; got != DriftApp(0) {
		t.Errorf("the first app is %v, want %s", got, DriftApp(0))
	}
	if per := len(data) / n; per < driftSize*9/10 || per > driftSize {
		t.Errorf("an app takes %d bytes, want up to %d, which sizes the buffer", per, driftSize)
	}
}
