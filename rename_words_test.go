package herokutf

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/statefile"
)

func TestWords(t *testing.T) {
	w := make(wordSet)
	w.add("app", "my-app")
	for text, want := range map[string]bool{
		"app": true, "my-app": true, "https://app.herokuapp.com": true, "https://app.herokuapp.com/app": true,
		"https://app-0123456789ab.herokuapp.com/": true, "app-0123456789ab": false, "app-0123456789a.x": false,
		"app-0123456789aB.x": false, "x app": true, "app,x": true, "app:acm": true, "config:my-app": true, "a.app": true,
		"": false, "ap": false, "apps": false, "my-apps": false, "an-app": false, "app-2": false, "-app": false, "app-": false,
		"my_app": false, "app1": false, "App": false, "APP": false, "é app é": true, "éapp": false, "appé": false,
		"app\x00": true, "\xffapp\xff": true, "app—": true, "日app": false,
	} {
		if got := w.in(text); got != want {
			t.Errorf("in(%q) = %v; want %v", text, got, want)
		}
	}
	if (wordSet{}).in("app") {
		t.Error("the empty set holds a word")
	}
}

// FuzzLocate: whatever holds a word is found, however it is spelled, and however
// many words are looked for at once.
func FuzzLocate(f *testing.F) {
	for _, text := range []string{"app-one", "x\napp-one\ty", `\app-one`, `\\app-one`, "<app-one>", "\u2028app-one", "app-one-0123456789ab.x", "other"} {
		f.Add(text, "app-one", 0)
		f.Add(text, "app-one", 2)
		f.Add(text, "app-one", 10)
	}
	f.Fuzz(func(t *testing.T, text, word string, escape int) {
		if !provider.IsAppName(word) {
			return
		}
		raw, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		// Spell one character as an escape, as no encoder does.
		if i := escape; i > 0 && i < len(raw)-1 && raw[i] >= 'a' && raw[i] <= 'z' && !slices.Contains(raw[max(0, i-6):i], '\\') {
			raw = slices.Concat(raw[:i], fmt.Appendf(nil, `\u%04X`, raw[i]), raw[i+1:])
		}
		state := fmt.Sprintf(`{"version":4,"serial":1,"lineage":"l","note":%s,"outputs":{"o":{"value":%[1]s}},"resources":[{"mode":"managed","type":"t","name":"n","provider":"","instances":[`+
			`{"schema_version":0,"attributes":{"a":"x"}},{"schema_version":0,"attributes":{"b":[%[1]s]}}]}]}`, raw)
		file, err := statefile.Parse("fuzz", []byte(state))
		if err != nil {
			t.Fatal(err)
		}
		few, many := make(wordSet), make(wordSet)
		few.add(word)
		many.add(word)
		for i := range 2 * fewWords {
			many.add(fmt.Sprintf("no-such-app-%d", i))
		}
		for name, w := range map[string]wordSet{"few": few, "many": many} {
			instances, elsewhere := w.locate(file)
			found := slices.ContainsFunc(instances, func(i *statefile.Instance) bool { _, ok := i.Attr("b"); return ok })
			if holds := w.in(strings.ToValidUTF8(text, "\ufffd")); holds && (!found || !elsewhere) {
				t.Errorf("%s words: %q not found in %s (instance %v, elsewhere %v)", name, word, raw, found, elsewhere)
			}
		}
	})
}
