package report

import (
	"cmp"
	"encoding/xml"
	"strings"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/internal/printable"
)

// The form that Jenkins, GitLab and others read, as far as they agree: there is no
// standard.
type (
	junitSuites struct {
		XMLName   xml.Name     `xml:"testsuites"`
		Name      string       `xml:"name,attr"`
		Tests     int          `xml:"tests,attr"`
		Failures  int          `xml:"failures,attr"`
		Errors    int          `xml:"errors,attr"`
		Skipped   int          `xml:"skipped,attr"`
		Timestamp string       `xml:"timestamp,attr,omitempty"`
		Suites    []junitSuite `xml:"testsuite"`
	}

	junitSuite struct {
		Name      string      `xml:"name,attr"`
		Tests     int         `xml:"tests,attr"`
		Failures  int         `xml:"failures,attr"`
		Errors    int         `xml:"errors,attr"`
		Skipped   int         `xml:"skipped,attr"`
		Timestamp string      `xml:"timestamp,attr,omitempty"`
		Cases     []junitCase `xml:"testcase"`
		Out       *junitText  `xml:"system-out,omitempty"`
	}

	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		File    string        `xml:"file,attr,omitempty"`
		Line    int           `xml:"line,attr,omitempty"`
		Failure *junitProblem `xml:"failure,omitempty"`
		Error   *junitProblem `xml:"error,omitempty"`
		Skipped *junitSkipped `xml:"skipped,omitempty"`
	}

	junitProblem struct {
		Type    string `xml:"type,attr"`
		Message string `xml:"message,attr"`
		Text    string `xml:",cdata"`
	}

	junitText struct {
		Text string `xml:",cdata"`
	}

	junitSkipped struct {
		Message string `xml:"message,attr"`
	}
)

// junit writes a test for each object, those of an app in one suite: drift is a failure,
// what couldn't be compared is an error, and what is ignored is skipped.
func junit(r *herokutf.DriftReport, opts Options) ([]byte, error) {
	all := junitSuites{Name: opts.heading()}
	if !opts.Time.IsZero() {
		all.Timestamp = opts.Time.UTC().Format("2006-01-02T15:04:05")
	}
	places := newPlaces(r, opts)
	for _, g := range byApp(r, func(*herokutf.DriftObject) bool { return true }) {
		suite := junitSuite{Name: g.heading(), Timestamp: all.Timestamp}
		for _, o := range g.objects {
			suite.add(o, places)
		}
		all.add(suite)
	}
	if len(r.Notes) > 0 {
		notes := junitSuite{Name: "Notes", Timestamp: all.Timestamp, Out: new(junitText)}
		for _, n := range r.Notes {
			notes.Out.Text += elide(printable.Text(n), noteLimit) + "\n"
		}
		all.add(notes)
	}
	return indented(xml.MarshalIndent, xml.Header, all)
}

func (s *junitSuites) add(suite junitSuite) {
	s.Suites = append(s.Suites, suite)
	s.Tests += suite.Tests
	s.Failures += suite.Failures
	s.Errors += suite.Errors
	s.Skipped += suite.Skipped
}

func (s *junitSuite) add(o *herokutf.DriftObject, places *places) {
	c := junitCase{Name: strings.Join(append([]string{o.Title()}, aside(o)...), ", "), Class: printable.Text(o.Type)}
	if file, line := places.of(o); file != "" {
		c.File, c.Line = printable.Text(file), line
	}
	lines := sentences(o)
	problem := &junitProblem{Type: string(o.Verdict), Message: o.Verdict.String(), Text: strings.Join(lines, "\n")}
	if len(lines) > 0 {
		problem.Message += ": " + lines[0]
	}
	s.Tests++
	switch {
	case o.Verdict.IsDrift():
		s.Failures++
		c.Failure = problem
	case o.Verdict == herokutf.Undetermined:
		s.Errors++
		c.Error = problem
	case o.Verdict == herokutf.Ignored:
		s.Skipped++
		c.Skipped = &junitSkipped{elide(printable.Text(cmp.Or(o.Reason, "ignored")), noteLimit)}
	}
	s.Cases = append(s.Cases, c)
}
