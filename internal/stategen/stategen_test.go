package stategen

import (
	"bytes"
	"encoding/json"
	"testing"
)

// A benchmark on a state that Terraform would write otherwise measures the
// wrong thing: escapes and indentation decide how fast a scanner is.
func TestStateIsWrittenAsTerraformWrites(t *testing.T) {
	for _, n := range []int{0, 1, 6, 61} {
		got := State(n)
		var want bytes.Buffer
		if err := json.Indent(&want, got, "", "  "); err != nil {
			t.Fatalf("State(%d): %v", n, err)
		}
		if !bytes.Equal(got, want.Bytes()) {
			t.Errorf("State(%d) differs from its own json.Indent", n)
		}
		var escaped bytes.Buffer
		json.HTMLEscape(&escaped, got)
		if !bytes.Equal(got, escaped.Bytes()) {
			t.Errorf("State(%d) holds what Terraform would have escaped", n)
		}
		if !bytes.Equal(got, State(n)) {
			t.Errorf("State(%d) gave other bytes the second time", n)
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
