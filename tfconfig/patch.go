package tfconfig

import (
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
)

// hidden reports whether a task's values aren't to be shown.
func (t *task) hidden() bool { return t.secret || t.change.Hidden }

// hiddenText is a line of a value that isn't to be shown.
type hiddenText struct {
	text string
	key  string // of the value
}

// appendHidden adds the texts of a value, line by line.
func appendHidden(texts []hiddenText, key string, v any) []hiddenText {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			texts = appendHidden(texts, key, e)
		}
	case map[string]any:
		for k, e := range v {
			texts = appendHidden(texts, k, e)
		}
	default:
		text, _ := scalarText(v)
		for line := range strings.Lines(text) {
			if line = strings.TrimSpace(line); line != "" {
				texts = append(texts, hiddenText{line, key})
			}
		}
	}
	return texts
}

// masked stands for a secret in a patch.
const masked = "(secret)"

// Patch returns the edit as a unified difference, which patch -p0 takes; nil without
// one. Without secrets, values that are secret or hidden ([Change]) are masked in it, and
// what is the same text.
func (e *FileEdit) Patch(secrets bool) []byte {
	patch := diff.Diff(e.Path, e.Old, e.Path, e.New)
	if secrets || len(e.secrets) == 0 || patch == nil {
		return patch
	}
	mask := masker(e.secrets)
	var b strings.Builder
	for line := range strings.Lines(string(patch)) {
		if strings.ContainsAny(line[:1], " +-") && !strings.HasPrefix(line, "--- "+e.Path) && !strings.HasPrefix(line, "+++ "+e.Path) {
			line = line[:1] + mask(line[1:])
		}
		b.WriteString(line)
	}
	return []byte(b.String())
}

// masker returns a function that masks texts in a line, in the forms that the syntaxes
// have for them. Short ones, which may stand for anything, are masked in quotes, and
// beside their key.
func masker(texts []hiddenText) func(string) string {
	var forms []hiddenText
	for _, h := range texts {
		quoted, json := quoted(h.text), jsonText(h.text, nil, true)
		for _, form := range []string{h.text, template.Replace(h.text), quoted[1 : len(quoted)-1], json[1 : len(json)-1]} {
			if !slices.Contains(forms, hiddenText{form, h.key}) {
				forms = append(forms, hiddenText{form, h.key})
			}
		}
	}
	slices.SortStableFunc(forms, func(a, b hiddenText) int { return len(b.text) - len(a.text) })
	const short = 4
	return func(line string) string {
		for _, h := range forms {
			line = strings.ReplaceAll(line, `"`+h.text+`"`, `"`+masked+`"`)
			switch {
			case len(h.text) >= short:
				line = strings.ReplaceAll(line, h.text, masked)
			case strings.Contains(line, h.key):
				line = maskWord(line, h.text)
			}
		}
		return line
	}
}

// maskWord masks a text where it stands alone.
func maskWord(line, word string) string {
	var b strings.Builder
	for before := byte(' '); ; {
		i := strings.Index(line, word)
		if i < 0 {
			return b.String() + line
		}
		if i > 0 {
			before = line[i-1]
		}
		b.WriteString(line[:i])
		line = line[i+len(word):]
		if isWord(before) || line != "" && isWord(line[0]) {
			b.WriteString(word)
		} else {
			b.WriteString(masked)
		}
		before = word[len(word)-1]
	}
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}
