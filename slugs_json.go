package herokutf

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/herokutf/herokutf/internal/printable"
)

// The form that schemas/slugs.schema.json describes. Other tools read it: members
// may be added, and none may change.
type (
	jsonSlugs struct {
		FormatVersion string        `json:"format_version"`
		Artifacts     []Artifact    `json:"artifacts"`
		Problems      []jsonProblem `json:"problems,omitempty"`
		Pipelines     []Pipeline    `json:"pipelines,omitempty"`
		Stages        []string      `json:"stages,omitempty"`
	}
	jsonProblem struct {
		Variables []string `json:"variables,omitempty"`
		Pipeline  string   `json:"pipeline,omitempty"`
		Ref       string   `json:"ref,omitempty"`
		Stage     string   `json:"stage,omitempty"`
		App       *NamedID `json:"app,omitempty"`
		Reasons   []string `json:"reasons"`
		Message   string   `json:"message"`
		Near      []string `json:"near,omitempty"`
		Hint      string   `json:"hint,omitempty"`
	}
)

// MarshalJSON returns the form that schemas/slugs.schema.json describes, which
// [FormatJSON] writes.
func (s Slugs) MarshalJSON() ([]byte, error) {
	out := jsonSlugs{FormatVersion: "1.0", Artifacts: s.sorted(), Pipelines: s.Pipelines, Stages: s.Stages}
	if out.Artifacts == nil {
		out.Artifacts = []Artifact{}
	}
	for _, p := range s.Problems {
		j := jsonProblem{
			Variables: p.Variables, Pipeline: p.Pipeline.Name, Ref: p.Pipeline.Ref, Stage: p.Stage,
			Reasons: []string{}, Near: p.Near, Hint: p.Hint,
		}
		if p.Err != nil {
			j.Reasons, j.Message = reasonNames(p.Err), p.Err.Error()
		}
		if p.App != (NamedID{}) {
			j.App = &p.App
		}
		out.Problems = append(out.Problems, j)
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what [Slugs.MarshalJSON] has written. All fields come back
// as they were; the Err of a problem has its text and matches what it matched of
// this package's and package platform's errors, but holds no [platform.APIError].
// Members that aren't known are passed over, since later versions may add some;
// another format_version than 1.x is an error.
func (s *Slugs) UnmarshalJSON(data []byte) error {
	if s == nil {
		return fmt.Errorf("read slugs: %w", errNilSlugs)
	}
	var in jsonSlugs
	if err := json.Unmarshal(data, &in); err != nil {
		return fmt.Errorf("read slugs: %w", err)
	}
	if major, _, _ := strings.Cut(in.FormatVersion, "."); major != "1" {
		return fmt.Errorf("read slugs: the format_version is %q, and this version of the library reads 1.x", printable.Short(in.FormatVersion))
	}
	out := Slugs{Artifacts: in.Artifacts, Pipelines: in.Pipelines, Stages: in.Stages}
	if out.Artifacts == nil {
		out.Artifacts = []Artifact{}
	}
	for _, j := range in.Problems {
		p := &SlugError{
			Variables: j.Variables, Pipeline: Pipeline{Name: j.Pipeline, Ref: j.Ref}, Stage: j.Stage,
			Err: readReason(j.Message, j.Reasons), Near: j.Near, Hint: j.Hint,
		}
		if j.App != nil {
			p.App = *j.App
		}
		out.Problems = append(out.Problems, p)
	}
	*s = out
	return nil
}

// readReason is the inverse of reasonNames.
func readReason(text string, names []string) error {
	r := &slugReason{text: text}
	for _, reason := range slugReasons {
		for _, name := range names {
			if name == reason.name {
				r.errs = append(r.errs, reason.err)
			}
		}
	}
	return r
}
