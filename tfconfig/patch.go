package tfconfig

import (
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
)

// hidden reports whether a task's values aren't to be shown.
func (t *task) hidden() bool { return t.secret || t.change.Hidden }

// appendTexts adds the texts of a value, line by line.
func appendTexts(texts []string, v any) []string {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			texts = appendTexts(texts, e)
		}
	case map[string]any:
		for _, e := range v {
			texts = appendTexts(texts, e)
		}
	default:
		text, _ := scalarText(v)
		for line := range strings.Lines(text) {
			if line = strings.TrimSpace(line); line != "" {
				texts = append(texts, line)
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
// have for them. Short ones are masked where they stand alone.
func masker(texts []string) func(string) string {
	var forms []string
	for _, text := range texts {
		quoted, json := quoted(text), jsonText(text, nil, true)
		for _, form := range []string{text, template.Replace(text), quoted[1 : len(quoted)-1], json[1 : len(json)-1]} {
			if !slices.Contains(forms, form) {
				forms = append(forms, form)
			}
		}
	}
	slices.SortStableFunc(forms, func(a, b string) int { return len(b) - len(a) })
	const short = 4
	return func(line string) string {
		for _, form := range forms {
			var b strings.Builder
			for rest, before := line, byte(' '); ; {
				i := strings.Index(rest, form)
				if i < 0 {
					b.WriteString(rest)
					break
				}
				if i > 0 {
					before = rest[i-1]
				}
				after := rest[i+len(form):] + " "
				b.WriteString(rest[:i])
				if len(form) < short && (isWord(before) || isWord(after[0])) {
					b.WriteString(form)
				} else {
					b.WriteString(masked)
				}
				before, rest = form[len(form)-1], rest[i+len(form):]
			}
			line = b.String()
		}
		return line
	}
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}
