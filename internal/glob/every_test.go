package glob

import "testing"

// TestEveryPattern holds Match against the plainest reading of a pattern, for all short
// patterns and texts.
func TestEveryPattern(t *testing.T) {
	for _, pattern := range spelled("aé*?", 5) {
		g, err := Compile(pattern)
		if err != nil {
			t.Fatalf("%q: %v", pattern, err)
		}
		for _, text := range spelled("aé", 5) {
			if got, want := g.Match(text), plainly([]rune(pattern), []rune(text)); got != want {
				t.Fatalf("%q matches %q: %t", pattern, text, got)
			}
		}
	}
}

// spelled returns all texts of at most n of the letters.
func spelled(letters string, n int) []string {
	all := []string{""}
	for from := 0; n > 0; n-- {
		to := len(all)
		for _, text := range all[from:to] {
			for _, r := range letters {
				all = append(all, text+string(r))
			}
		}
		from = to
	}
	return all
}

// plainly matches by trying everything.
func plainly(pattern, text []rune) bool {
	switch {
	case len(pattern) == 0:
		return len(text) == 0
	case pattern[0] == '*':
		return plainly(pattern[1:], text) || len(text) > 0 && plainly(pattern, text[1:])
	case len(text) == 0:
		return false
	}
	return (pattern[0] == '?' || pattern[0] == text[0]) && plainly(pattern[1:], text[1:])
}
