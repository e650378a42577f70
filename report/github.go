package report

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/internal/printable"
)

// annotations is how many of a kind GitHub shows of one step ("Usage limits" of its
// documentation of check runs); it drops further ones without a word.
const annotations = 10

// githubText escapes what GitHub's workflow commands give a meaning, and githubValue
// what they do in the values of their properties.
var (
	githubText  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubValue = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// github writes a warning for each object that isn't in sync, as a workflow command.
// The gravest come first; those that GitHub would drop are counted in the last one.
func github(r *herokutf.DriftReport, opts Options) ([]byte, error) {
	places := newPlaces(r, opts)
	var found []*herokutf.DriftObject
	for _, o := range pointers(r) {
		if o.Verdict != herokutf.InSync && o.Verdict != herokutf.Ignored {
			found = append(found, o)
		}
	}
	slices.SortStableFunc(found, func(a, b *herokutf.DriftObject) int {
		return cmp.Compare(gravity[a.Verdict], gravity[b.Verdict])
	})
	shown := found
	if len(found) > annotations {
		shown = found[:annotations-1]
	}
	var b bytes.Buffer
	for _, o := range shown {
		lines := sentences(o)
		if len(lines) == 0 {
			lines = []string{meaning(o.Verdict)}
		}
		text := make([]string, len(lines))
		for i, line := range lines {
			text[i] = printable.Text(line)
		}
		properties := "title=" + githubValue.Replace(o.Title()+": "+o.Verdict.String())
		if file, line := places.of(o); file != "" {
			properties = fmt.Sprintf("file=%s,line=%d,%s", githubValue.Replace(printable.Text(file)), max(line, 1), properties)
		}
		fmt.Fprintf(&b, "::warning %s::%s\n", properties, githubText.Replace(strings.Join(text, "\n")))
	}
	if rest := len(found) - len(shown); rest > 0 {
		fmt.Fprintf(&b, "::warning title=Heroku drift::%d more are in the report\n", rest)
	}
	return b.Bytes(), nil
}

// gravity orders the verdicts by what comes of them if nobody looks.
var gravity = map[herokutf.Verdict]int{
	herokutf.Missing: 0, herokutf.Replaced: 1, herokutf.Renamed: 2, herokutf.Changed: 3,
	herokutf.Unmanaged: 4, herokutf.Undetermined: 5,
}
