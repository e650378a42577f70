package glob

import "testing"

func TestGlob(t *testing.T) {
	tests := []struct {
		pattern string
		fit     []string
		not     []string
	}{
		{"heroku_app.web", []string{"heroku_app.web"}, []string{"heroku_app.web2", "heroku_app.we", "module.heroku_app.web", ""}},
		{"heroku_app.*", []string{"heroku_app.web", `heroku_app.a["x.y"]`, "heroku_app."}, []string{"heroku_app", "data.heroku_app.a"}},
		{`heroku_app.a["blue"]`, []string{`heroku_app.a["blue"]`}, []string{`heroku_app.ab`, `heroku_app.a["b"]`}},
		{"heroku_app.a[?]", []string{"heroku_app.a[0]"}, []string{"heroku_app.a[10]", "heroku_app.a[]"}},
		{"*.heroku_app.*b", []string{"module.a.heroku_app.b", "module.a.heroku_app.bbab"}, []string{"heroku_app.b", "module.a.heroku_app.bba"}},
		{"a**c?", []string{"acd", "axxcd", "accc"}, []string{"ac", "a"}},
		{`\*.example.com`, []string{"*.example.com"}, []string{"www.example.com"}},
		{`a\?\\*`, []string{`a?\`, `a?\b`}, []string{`ab\`, "a?"}},
		{"?", []string{"é", "x"}, []string{"", "xy"}},
		{"", []string{""}, []string{"a"}},
		{"*", []string{"", "a"}, nil},
	}
	for _, tt := range tests {
		g, err := Compile(tt.pattern)
		if err != nil {
			t.Errorf("%q: %v", tt.pattern, err)
			continue
		}
		for _, s := range tt.fit {
			if !g.Match(s) {
				t.Errorf("%q doesn't match %q", tt.pattern, s)
			}
		}
		for _, s := range tt.not {
			if g.Match(s) {
				t.Errorf("%q matches %q", tt.pattern, s)
			}
		}
	}
	for _, text := range []string{"", "a", `a*b?\c`} {
		if g, err := Compile(Quote(text)); err != nil || !g.Match(text) || g.Match(text+"x") {
			t.Errorf("Quote(%q) = %q doesn't match it alone (%v)", text, Quote(text), err)
		}
	}
	if g, err := Compile(`a\`); err == nil {
		t.Errorf(`a\: got %v`, g)
	}
	var all *Glob
	if !all.Match("anything") {
		t.Error("the nil Glob doesn't match everything")
	}
}
