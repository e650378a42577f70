package tfconfig

import (
	"os"
	"path/filepath"
	"testing"
)

// A file that was replaced before a later rename failed gets its old bytes
// and mode back.
func TestRestore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "main.tf")
	if err := os.WriteFile(path, []byte("old\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := &replacement{edit: FileEdit{Path: path, Old: []byte("old\r\n"), New: []byte("new\r\n")}}
	if err := r.open(); err != nil {
		t.Fatal(err)
	}
	temp, err := r.write(r.edit.New)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(temp, r.target); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "new\r\n" {
		t.Fatalf("got %q, %v, want the new bytes", got, err)
	}
	if err := r.restore(); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != "old\r\n" {
		t.Errorf("got %q, %v, want the old bytes", got, err)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("got %d files, %v, want 1", len(entries), err)
	}
}

// An edit that would change anything but the listed names isn't let through.
func TestProve(t *testing.T) {
	native := "a = \"old-app\" # c\nb = 1\n"
	json := `{"a": "old-app", "b": 1}`
	place := func(start int) []replace {
		return []replace{{start, start + len(`"old-app"`), `"new-app"`}}
	}
	tests := []struct {
		name, in, out string
		places        []replace
		ok            bool
	}{
		{"native", native, "a = \"new-app\" # c\nb = 1\n", place(4), true},
		{"another value", native, "a = \"new-app\" # c\nb = 2\n", place(4), false},
		{"comment", native, "a = \"new-app\" # d\nb = 1\n", place(4), false},
		{"another name", native, "a = \"new-apq\" # c\nb = 1\n", place(4), false},
		{"unchanged", native, native, place(4), false},
		{"line gone", native, "a = \"new-app\" # c\n", place(4), false},
		{"unlisted", native, "a = \"new-app\" # c\nb = 1\n", nil, false},
		{"invalid", native, "a = \"new-app\n", place(4), false},
		{"json", json, `{"a": "new-app", "b": 1}`, place(6), true},
		{"json number text", json, `{"a": "new-app", "b": 1.0}`, place(6), false},
		{"json key", json, `{"c": "new-app", "b": 1}`, place(6), false},
		{"json invalid", json, `{"a": "new-app", "b": 1`, place(6), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := &file{name: "x.tfvars", data: []byte(tt.in), vars: true}
			if tt.in == json {
				f.name, f.json = "x.tfvars.json", true
			}
			if err := prove(f, []byte(tt.out), tt.places); (err == nil) != tt.ok {
				t.Errorf("got %v, want ok %v", err, tt.ok)
			}
		})
	}
}
