package statefile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// marked is a state with a secret wherever one can stand.
const (
	secret = "hunter2"
	marked = `{"version":4,"serial":31,"lineage":"l","outputs":{"o":{"value":"hunter2","type":"string"}},` +
		`"resources":[{"mode":"managed","type":"t","name":"n","provider":"p","instances":[{"index_key":"k","attributes":` +
		`{"id":"hunter2","config":{"TOKEN":"hunter2"}},"private":"hunter2"}]}],"check_results":["hunter2"]}`
)

// prints returns a value as every verb, flag and logger prints it.
func prints(t *testing.T, v any) map[string]string {
	t.Helper()
	all := make(map[string]string)
	for _, flags := range []string{"", "+", "#", " ", "-", "0", "+#", "200"} {
		for _, verb := range "vTtbcdoOqxXUeEfFgGspw" {
			format := "%" + flags + string(verb)
			all[format] = fmt.Sprintf(format, v)
		}
	}
	var text, js bytes.Buffer
	opts := &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{} // whose digits may be those of a serial
		}
		return a
	}}
	slog.New(slog.NewTextHandler(&text, opts)).Info("log", "value", v, slog.Group("g", "value", v))
	slog.New(slog.NewJSONHandler(&js, opts)).Info("log", "value", v, slog.Group("g", "value", v))
	all["text log"], all["JSON log"] = text.String(), js.String()
	data, err := json.Marshal(v)
	if err != nil {
		t.Error(err)
	}
	all["JSON"] = string(data)
	return all
}

// spelledOut are what the secret looks like as text, as bytes in decimal, and as
// bytes in hexadecimal.
func spelledOut() []string {
	return []string{
		secret,
		strings.Trim(fmt.Sprint([]byte(secret)), "[]"),
		fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret), fmt.Sprintf("% x", secret),
		strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%#v", []byte(secret)), "[]byte{"), "}"),
	}
}

// Nothing that this package gives out shows a byte of the state when it is printed
// or logged, be it within something else.
func TestNothingPrintsTheState(t *testing.T) {
	f := parse(t, marked)
	i, ok := f.Instance(`t.n["k"]`)
	if !ok {
		t.Fatal("no instance")
	}
	id, _ := i.Attr("id")
	config, _ := i.Attr("config")
	var output Output
	for o := range f.Outputs() {
		output = o
	}
	member := i.AttrAll("id")[0]
	edits := []Edit{ReplaceString(config, secret), ReplaceRaw(id, []byte(`"`+secret+`"`)), RenameMember(member, secret),
		AddMember(member, "x", []byte(`"`+secret+`"`)), RemoveMember(member), {}}
	after, err := f.Apply(ReplaceString(config, secret+secret))
	must(t, err)
	type hidden struct {
		file  *File
		whole File
		after any
		i     *Instance
		v     Value
		out   Output
		m     Member
		edits []Edit
	}
	hide := hidden{f, *f, after, i, id, output, member, edits}
	values := map[string]any{
		"File": f, "File value": *f, "Files": []*File{f}, "map": map[string]*File{"f": f}, "field": struct{ F *File }{f}, "field value": struct{ F File }{*f},
		"edited": after, "Instance": i, "Instance value": *i, "Instances": []Instance{*i}, "Value": id, "pointer": &config, "Root": f.Root(),
		"Output": output, "Member": member, "Edits": edits, "hidden": hide, "pointer to hidden": &hide,
	}
	for n, e := range edits {
		values[fmt.Sprintf("Edit %d", n)] = e
		values[fmt.Sprintf("Edit %d pointer", n)] = &e
	}
	for name, v := range values {
		bad := 0
		for how, got := range prints(t, v) {
			for _, m := range spelledOut() {
				if strings.Contains(got, m) {
					if bad++; bad < 4 {
						t.Errorf("%s as %s holds a part of the state", name, how)
					}
				}
			}
		}
	}
	// The test finds what is printed.
	if got := prints(t, struct{ B []byte }{f.Bytes()}); !strings.Contains(got["%v"], spelledOut()[1]) || !strings.Contains(got["%s"], secret) ||
		!strings.Contains(got["%x"], spelledOut()[2]) || !strings.Contains(got["%#v"], spelledOut()[5]) {
		t.Error("the test is blind")
	}
}

// A File is printed as what it is, in every way.
func TestFileFormat(t *testing.T) {
	f := parse(t, marked)
	want := fmt.Sprintf("statefile.File(%q, serial 31, %d bytes)", "test.tfstate", len(marked))
	for name, v := range map[string]any{"pointer": f, "value": *f} {
		for how, got := range prints(t, v) {
			if how == "JSON" {
				continue
			}
			if how == "text log" || how == "JSON log" {
				for _, part := range []string{"test.tfstate", "31", fmt.Sprint(len(marked))} {
					if strings.Count(got, part) != 2 {
						t.Errorf("%s in the %s: got %s, want %s in it twice", name, how, got, part)
					}
				}
				continue
			}
			if strings.ContainsAny(how, "Tpw") {
				continue // the type, the address, and an error: fmt asks nobody
			}
			if got != want {
				t.Errorf("%s as %s: got %q, want %q", name, how, got, want)
			}
		}
	}
	if got := f.GoString(); got != want {
		t.Errorf("GoString: got %q, want %q", got, want)
	}
	if got := fmt.Sprint((*File)(nil)); got != "<nil>" {
		t.Errorf("nil: got %q", got)
	}
	if got, want := fmt.Sprint(File{}), `statefile.File("", serial 0, 0 bytes)`; got != want {
		t.Errorf("zero: got %q, want %q", got, want)
	}
	e := ReplaceString(f.Root(), secret)
	if got, want := fmt.Sprintf("%+v, %s", e, Edit{}), "statefile.Edit(replace at byte 0), statefile.Edit(none)"; got != want {
		t.Errorf("Edit: got %q, want %q", got, want)
	}
	if got, want := e.GoString(), "statefile.Edit(replace at byte 0)"; got != want {
		t.Errorf("Edit.GoString: got %q, want %q", got, want)
	}
}
