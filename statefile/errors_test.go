package statefile

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestParseRefusesWhatIsNoState(t *testing.T) {
	tests := []struct {
		name, data string
		kind       FormatKind
		hint       string // a part of the advice
	}{
		{"0 bytes", "", KindEmpty, "restore a backup"},
		{"white space", " \r\n\t\n", KindBlank, "restore a backup"},
		{"byte order mark only", "\ufeff\n", KindBlank, "restore a backup"},
		{"zero bytes", strings.Repeat("\x00", 4096), KindZeros, "Restore a backup"},
		{"UTF-16 LE with mark", "\xff\xfe{\x00}\x00", KindUTF16, "PowerShell"},
		{"UTF-16 BE with mark", "\xfe\xff\x00{\x00}", KindUTF16, "PowerShell"},
		{"UTF-16 LE without mark", "{\x00\n\x00", KindUTF16, "PowerShell"},
		{"UTF-16 BE without mark", "\x00{\x00\n", KindUTF16, "PowerShell"},
		{"UTF-32 BE", "\x00\x00\xfe\xff\x00\x00\x00{", KindUTF16, "PowerShell"},
		{"gzip", "\x1f\x8b\x08\x00abc", KindGzip, "gunzip"},
		{"plan", "PK\x03\x04\x14\x00", KindPlan, "state file"},
		{"binary state", "tfstate\x01\x02", KindBinary, "old Terraform"},
		{"binary plan", "tfplan\x02", KindBinary, "old Terraform"},
		{"conflict at the start", "<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> x\n", KindConflict, "one whole version"},
		{"conflict inside", "{\n  \"version\": 4,\n<<<<<<< HEAD\n  \"serial\": 2,\n=======\n  \"serial\": 3,\n>>>>>>> x\n}\n", KindConflict, "one whole version"},
		{"conflict with CRLF", "{\r\n<<<<<<< HEAD\r\n", KindConflict, "one whole version"},
		{"HTML", "\n<!DOCTYPE html><html></html>", KindHTML, "terraform state pull"},
		{"backend record", `{"version":3,"terraform_version":"1.11.4","backend":{"type":"s3","config":{"token":"secret"},"hash":1}}`, KindBackend, "terraform state pull"},
		{"state store record of 1.16", `{"version":3,"terraform_version":"1.16.0","state_store":{"type":"simple6_fs","provider":{"version":"0.0.1","source":"registry.terraform.io/hashicorp/simple6","config":{}},"config":{"workspace_dir":"secret"},"hash":1}}`, KindBackend, "in which store"},
		{"backend record of 0.11", `{"version":3,"serial":1,"lineage":"x","backend":{"type":"s3"},"modules":[{"path":["root"],"outputs":{},"resources":{}}]}`, KindBackend, "terraform state pull"},
		{"OpenTofu's encryption", `{"serial":1,"lineage":"x","meta":{"key_provider.pbkdf2.k":"e30="},"encrypted_data":"secret","encryption_version":"v0"}`, KindEncrypted, "tofu state pull"},
		{"SOPS", `{"version":"ENC[AES256_GCM,data:secret]","resources":[],"sops":{"mac":"ENC[]","version":"3.8"}}`, KindSOPS, "Decrypt"},
		{"show -json", `{"format_version":"1.0","terraform_version":"1.11.4","values":{"root_module":{}}}`, KindShowJSON, "terraform state pull"},
		{"show -json of a plan", `{"format_version":"1.2","planned_values":{},"resource_changes":[]}`, KindShowJSON, "terraform state pull"},
		{"other object", `{"ID":"x","Operation":"apply"}`, KindOther, "state file"},
		{"array", `[{"version":4}]`, KindOther, "state file"},
		{"scalar", `"version 4"`, KindOther, "state file"},
		{"version 0", `{"version":0}`, KindOther, "state file"},
		{"version 1", `{"version":1,"modules":[]}`, KindOldVersion, "Terraform 0.12"},
		{"version 2", `{"version":2,"modules":[]}`, KindOldVersion, "Terraform 0.12"},
		{"version 5", `{"version":5,"resources":{}}`, KindNewVersion, "newer version"},
		{"version of many digits", `{"version":` + strings.Repeat("9", 1000) + `}`, KindNewVersion, "newer version"},
		{"version as a string", `{"version":"4"}`, KindMalformed, "Restore"},
		{"version with a fraction", `{"version":4.0}`, KindMalformed, "Restore"},
		{"serial as a string", `{"version":4,"serial":"1"}`, KindMalformed, "Restore"},
		{"serial with an exponent", `{"version":4,"serial":1e3}`, KindMalformed, "Restore"},
		{"lineage as a number", `{"version":4,"lineage":1}`, KindMalformed, "Restore"},
		{"resources as an object", `{"version":4,"resources":{}}`, KindMalformed, "Restore"},
		{"resource as a string", `{"version":4,"resources":["x"]}`, KindMalformed, "Restore"},
		{"type as a number", `{"version":4,"resources":[{"type":1}]}`, KindMalformed, "Restore"},
		{"instances as an object", `{"version":4,"resources":[{"instances":{}}]}`, KindMalformed, "Restore"},
		{"instance as a number", `{"version":4,"resources":[{"instances":[1]}]}`, KindMalformed, "Restore"},
		{"attributes as a list", `{"version":4,"resources":[{"instances":[{"attributes":[]}]}]}`, KindMalformed, "Restore"},
		{"index_key as a list", `{"version":4,"resources":[{"instances":[{"index_key":[]}]}]}`, KindMalformed, "Restore"},
		{"index_key beyond all numbers", `{"version":4,"resources":[{"instances":[{"index_key":1e400}]}]}`, KindMalformed, "Restore"},
		{"schema_version as a fraction", `{"version":4,"resources":[{"instances":[{"schema_version":1.5}]}]}`, KindMalformed, "Restore"},
		{"outputs as a list", `{"version":4,"outputs":[]}`, KindMalformed, "Restore"},
		{"modules as an object", `{"version":3,"modules":{}}`, KindMalformed, "Restore"},
		{"module as a list", `{"version":3,"modules":[[]]}`, KindMalformed, "Restore"},
		{"module path as a string", `{"version":3,"modules":[{"path":"root"}]}`, KindMalformed, "Restore"},
		{"address of one part", `{"version":3,"modules":[{"resources":{"x":{}}}]}`, KindMalformed, "Restore"},
		{"address of five parts", `{"version":3,"modules":[{"resources":{"data.a.b.0.1":{}}}]}`, KindMalformed, "Restore"},
		{"address with a name for a number", `{"version":3,"modules":[{"resources":{"a.b.c":{}}}]}`, KindMalformed, "Restore"},
		{"primary as a list", `{"version":3,"modules":[{"resources":{"a.b":{"primary":[]}}}]}`, KindMalformed, "Restore"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f, err := Parse("a.tfstate", []byte(test.data))
			e, ok := errors.AsType[*FormatError](err)
			if !ok || f != nil || !errors.Is(err, ErrNotState) {
				t.Fatalf("got %v, %v; want a FormatError", f, err)
			}
			if e.Kind != test.kind {
				t.Errorf("got kind %s (%v), want %s", e.Kind, err, test.kind)
			}
			if !strings.Contains(e.Hint, test.hint) {
				t.Errorf("hint %q doesn't say %q", e.Hint, test.hint)
			}
			if !strings.HasPrefix(err.Error(), "a.tfstate:") || strings.Contains(err.Error()+e.Hint, "secret") {
				t.Errorf("message %q", err)
			}
		})
	}
}

func TestFormatErrorSaysWhere(t *testing.T) {
	for data, want := range map[string]string{
		"{\n  \"version\": 4,\n  \"resources\": {}\n}":                         "a:3:16: resources is not a list",
		"\ufeff{ \"version\": 4, \"lineage\": true }":                          "a:1:28: lineage is not a string",
		"{\n\"x\": \"é\", \"version\": \"3\" }":                                "a:2:22: version is not a whole number",
		"{\n  \"version\": 4,\n<<<<<<< HEAD\n":                                 "a:3:1: merge-conflict marker",
		"{\"version\":3,\"modules\":[{\"resources\":{\n \"heroku_app\":{}}}]}": "a:2:2: the name of a resource is not an address such as type.name or data.type.name.0",
	} {
		if _, err := Parse("a", []byte(data)); err == nil || err.Error() != want {
			t.Errorf("Parse(%q): got %v, want %s", data, err, want)
		}
	}
}

// Fields of the other version are unknown fields, whatever they hold.
func TestParseIgnoresTheOtherVersion(t *testing.T) {
	parse(t, `{"version":4,"modules":{"x":[1]},"backend":{"type":"s3"}}`)
	parse(t, `{"version":3,"resources":{"x":[1]},"outputs":[1],"format_version":"1.0"}`)
}

func TestSyntaxError(t *testing.T) {
	tests := []struct {
		name, data, want string
		truncated        bool
	}{
		{"truncated in a string", "{\n  \"version\": 4,\n  \"ser", "a:3:7: the text ends in the middle", true},
		{"truncated after a line", "{\n  \"version\": 4,\n", "a:3:1: the text ends in the middle", true},
		{"truncated before the last bracket", `{"version":4`, "a:1:13: the text ends in the middle", true},
		{"truncated in a literal", `{"version":4,"x":tr`, "a:1:20: the text ends in the middle", true},
		{"missing comma", "{\"version\":4\n\"serial\":1}", "a:2:1: ", false},
		{"trailing comma", "{\"version\":4,\n}", "a:1:13: ", false},
		{"column in characters", `{"ü":x}`, "a:1:6: ", false},
		{"byte order mark", "\ufeff{x}", "a:1:2: ", false},
		{"two documents", "{\"version\":4}\n{}", "a:", false},
		{"rubbish after the end", "{\"version\":4} x", "a:1:15: ", false},
		{"invalid UTF-8", "{\"version\":4,\"x\":\"\xff\"}", "a:1:19: ", false},
		{"half a surrogate pair", `{"version":4,"x":"\ud800"}`, "a:1:", false},
		{"raw line feed in a string", "{\"x\":\"a\nb\"}", "a:1:8: ", false},
		{"comment", "{// x\n}", "a:1:2: ", false},
		{"leading zero", `{"version":04}`, "a:1:", false},
		{"too deep", `{"version":4,"x":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `}`, "a:1:", false},
		{"too deep and cut off", strings.Repeat(`{"a":`, 1_000_000), "a:1:", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f, err := Parse("a", []byte(test.data))
			e, ok := errors.AsType[*SyntaxError](err)
			if !ok || f != nil || !errors.Is(err, ErrSyntax) {
				t.Fatalf("got %v, %v; want a SyntaxError", f, err)
			}
			if !strings.HasPrefix(err.Error(), test.want) || e.Truncated != test.truncated {
				t.Errorf("got %v, truncated %v; want %s, %v", err, e.Truncated, test.want, test.truncated)
			}
			if e.Hint == "" || e.Offset > len(test.data) || len(err.Error()) > 300 {
				t.Errorf("hint %q, offset %d of %d, message of %d bytes", e.Hint, e.Offset, len(test.data), len(err.Error()))
			}
		})
	}
}

// TestSyntaxErrorWithin: a fault in any value that the index looks at is one of the whole
// text, though the brackets behind it may look as if they closed what is open.
func TestSyntaxErrorWithin(t *testing.T) {
	var texts []string
	within := func(before, after string, members ...string) {
		for _, name := range members {
			texts = append(texts, before+`{"`+name+`":@}`+after, before+`{"`+name+`":{"schema_version":@}}`+after, before+`{"`+name+`":[@]}`+after)
		}
		texts = append(texts, before+`@`+after, before+`[@]`+after)
	}
	for _, name := range slices.Concat(rootFields, []string{"other"}) {
		for _, version := range []string{"3", "4"} {
			texts = append(texts, `{"version":`+version+`,"`+name+`":@}`, `{"version":`+version+`,"`+name+`":[@]}`, `{"version":`+version+`,"`+name+`":{"x":@}}`)
		}
	}
	within(`{"version":4,"resources":[`, `]}`, append(slices.Clone(resourceFields), "other")...)
	within(`{"version":4,"resources":[{"instances":[`, `]}]}`, append(slices.Clone(instanceFields), "other")...)
	within(`{"version":3,"modules":[`, `]}`, "path", "outputs", "resources", "other")
	within(`{"version":3,"modules":[{"resources":{"a.b":`, `}}]}`, "type", "provider", "primary", "deposed", "other")
	within(`{"version":3,"modules":[{"resources":{"a.b":{"primary":`, `}}}]}`, "id", "attributes", "meta", "other")
	within(`{"version":3,"modules":[{"resources":{"a.b":{"deposed":[`, `]}}}]}`, "id", "attributes", "meta", "other")
	for _, text := range texts {
		before, after, _ := strings.Cut(text, "@")
		for _, fault := range []string{`{"a":`, `[1,`} {
			closing := map[string]string{`{"a":`: "}", `[1,`: "]"}[fault]
			for n := range len(after) + 1 {
				data := before + fault + closing + after[:n]
				if f, err := Parse("a", []byte(data)); f != nil || !errors.Is(err, ErrSyntax) {
					t.Errorf("%s: got %v, %v", data, f, err)
				}
			}
		}
	}
}

func TestSyntaxErrorTellsNoText(t *testing.T) {
	for _, attributes := range []string{
		`{"token":"hunter2" "x":"hunter3"}`,
		`{"token":"\ud800hunter2"}`,
		`{"token":"\uhunter2"}`,
		`{"token":"\hunter2"}`,
		`{"token":hunter2}`,
		"{\"token\":\"\xffhunter2\"}",
	} {
		data := `{"version":4,"resources":[{"instances":[{"attributes":` + attributes + `}]}]}`
		_, err := Parse("a", []byte(data))
		if e, ok := errors.AsType[*SyntaxError](err); !ok || strings.Contains(e.Error()+e.Hint, "hun") {
			t.Errorf("%s: got %v", attributes, err)
		}
	}
}

// TestSyntaxErrorOfTerraforms: Terraform reads text that is no Unicode, and
// writes something else in its place.
func TestSyntaxErrorOfTerraforms(t *testing.T) {
	for text, reads := range map[string]bool{"\xff": true, `\ud800`: true, `\x`: false, "\n": false} {
		_, err := Parse("a", []byte(`{"version":4,"x":"`+text+`"}`))
		e, ok := errors.AsType[*SyntaxError](err)
		if !ok || strings.Contains(e.Hint, "Terraform can't read") == reads {
			t.Errorf("%q: got %v, hint %q", text, err, e.Hint)
		}
		var v any
		if got := json.Unmarshal([]byte(`"`+text+`"`), &v) == nil; got != reads {
			t.Errorf("%q: encoding/json, which Terraform uses, reads it: %v; want %v", text, got, reads)
		}
	}
}

func TestReadFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "terraform.tfstate")
	write := func(name, data string, age time.Duration) {
		t.Helper()
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
		at := time.Now().Add(-age)
		if err := os.Chtimes(name, at, at); err != nil {
			t.Fatal(err)
		}
	}

	if _, err := ReadFile(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: got %v", err)
	}
	write("terraform.tfstate", v4, 0)
	if f, err := ReadFile(path); err != nil || string(f.Bytes()) != v4 || f.Name() != path {
		t.Errorf("got %v, %v", f, err)
	}

	write("terraform.tfstate", v4[:100], 0)
	_, err := ReadFile(path)
	if e, ok := errors.AsType[*SyntaxError](err); !ok || e.Backup != "" || strings.Contains(e.Hint, "newest backup") {
		t.Errorf("truncated, no backup: got %v", err)
	}
	write("terraform.tfstate.1700000000.backup", v4, 2*time.Hour)
	write("terraform.tfstate.backup", v4, time.Hour)
	write("terraform.tfstate.1800000000.backup", "", 0)
	write("other.tfstate.backup", v4, 0)
	_, err = ReadFile(path)
	want := path + ".backup"
	if e, ok := errors.AsType[*SyntaxError](err); !ok || e.Backup != want || !strings.Contains(e.Hint, want) {
		t.Errorf("truncated: got %+v, want backup %s", err, want)
	}
	write("terraform.tfstate", "", 0)
	_, err = ReadFile(path)
	if e, ok := errors.AsType[*FormatError](err); !ok || e.Kind != KindEmpty || e.Backup != want || !strings.Contains(e.Hint, want) {
		t.Errorf("empty: got %+v, want backup %s", err, want)
	}
	write("terraform.tfstate", `{"version":2}`, 0)
	_, err = ReadFile(path)
	if e, ok := errors.AsType[*FormatError](err); !ok || e.Backup != "" {
		t.Errorf("version 2: got %+v, want no backup: nothing is lost", err)
	}

	t.Chdir(dir)
	write("terraform.tfstate", "{", 0)
	_, err = ReadFile("terraform.tfstate")
	if e, ok := errors.AsType[*SyntaxError](err); !ok || e.Backup != "terraform.tfstate.backup" {
		t.Errorf("in the working directory: got %+v", err)
	}

	if _, err := ReadFile(dir); !errors.Is(err, ErrNotState) {
		t.Errorf("folder: got %v", err)
	}
	large := filepath.Join(dir, "large")
	file, err := os.Create(large)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := file.Truncate(MaxSize + 1); err != nil {
		t.Skipf("no sparse files here: %v", err)
	}
	_, err = ReadFile(large)
	if e, ok := errors.AsType[*FormatError](err); !ok || e.Kind != KindTooLarge {
		t.Errorf("too large: got %v", err)
	}
}
