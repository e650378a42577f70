package herokutf

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/internal/stategen"
)

// wantJSON is what encoding/json makes of a text.
func wantJSON(text []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	err = d.Decode(&v)
	return v, err
}

var jsonTexts = []string{
	`null`, `true`, `false`, `""`, `"a"`, `0`, `-1.50e+10`, `12345678901234567890123`, `[]`, `{}`, ` { } `, "\n[ 1 ,\t2 ]",
	`{"a":{"b":{"c":[{"d":1},{"d":1},[[]]]}}}`, `{"a":1,"a":{"b":2},"a":{"b":3}}`, `{"x":{"a":1,"a":2},"y":{"a":1,"a":2}}`,
	`{"\u0061":1,"a":2}`, `{"a\"b\\":"\n\u00e9\ud83d\ude00"}`, `{"":{"":""}}`,
	"{\"\xff\":\"\xfe\"}", "{\"x\":{\"\xff\":\"\xfe\"}}", `"\ud800"`, `{"\ud800":{"a":"\udc00x"}}`,
	`[{"team":{"id":"1"}},{"team":{"id":"1"}},{"team":{"id":"2"}},{"team":null},null,7]`,
}

// TestDecode: a text is decoded as encoding/json does, whatever was decoded before, also
// where objects are shared.
func TestDecode(t *testing.T) {
	for range 2 {
		for _, text := range jsonTexts {
			want, err := wantJSON([]byte(text))
			if err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			for name, decode := range map[string]func([]byte) (any, error){"JSON": decodeJSON, "answer": decodeAnswer} {
				got, err := decode([]byte(text))
				if err != nil {
					t.Errorf("%s %q: %v", name, text, err)
				} else if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s %q (-want +got):\n%s", name, text, diff)
				}
			}
		}
	}
	deep := func(open, shut string) string { return strings.Repeat(open, 10001) + "1" + strings.Repeat(shut, 10001) }
	for _, text := range []string{deep(`[`, `]`), deep(`{"a":`, `}`), `{"\q":1}`, `[1,]`, `{"a":1,}`, ``, `{`, `[`, `{"a"`, `{"a":`, `{"a":{`, `{"a":{}`, `[1,`, `"a`, `nul`, `[}`, `{]`, `{"a":{"b":]}}`} {
		for name, decode := range map[string]func([]byte) (any, error){"JSON": decodeJSON, "answer": decodeAnswer} {
			if v, err := decode([]byte(text)); err == nil {
				t.Errorf("%s %.20q: got %.20v, want an error", name, text, v)
			}
		}
	}
	// What failed leaves nothing behind.
	if got, err := decodeAnswer([]byte(`{"a":[1]}`)); err != nil || !cmp.Equal(got, any(map[string]any{"a": []any{json.Number("1")}})) {
		t.Errorf("got %v, %v", got, err)
	}
}

// TestDecodeMany: many names and objects push out others, and nothing else happens.
func TestDecodeMany(t *testing.T) {
	for i := range 3 * most {
		text, err := json.Marshal(map[string]any{stategen.DriftApp(i): map[string]any{stategen.DriftApp(i % 7): stategen.DriftApp(i)}})
		if err != nil {
			t.Fatal(err)
		}
		want, _ := wantJSON(text)
		if got, err := decodeAnswer(text); err != nil || !cmp.Equal(got, want) {
			t.Fatalf("%s: got %v, %v", text, got, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, text := range jsonTexts {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if !json.Valid(text) {
			return
		}
		want, err := wantJSON(text)
		if err != nil {
			return
		}
		for _, decode := range []func([]byte) (any, error){decodeJSON, decodeAnswer} {
			got, err := decode(text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	state := stategen.Drift(10)
	for name, decode := range map[string]func([]byte) (any, error){"attributes": decodeJSON, "answer": decodeAnswer, "encoding=json": wantJSON} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(state)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := decode(state); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
