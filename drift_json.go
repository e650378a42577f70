package herokutf

import (
	"encoding/json"
	"time"

	"github.com/herokutf/herokutf/statefile"
)

// The JSON that drift.schema.json describes. Other tools read it: members may
// be added where there is something to say, and none may change.
type (
	jsonDrift struct {
		FormatVersion string            `json:"format_version"`
		Summary       jsonDriftSummary  `json:"summary"`
		Requests      int               `json:"requests"`
		Objects       []jsonDriftObject `json:"objects"`
		Notes         []string          `json:"notes,omitempty"`
	}

	jsonDriftSummary struct {
		InSync       int `json:"in_sync"`
		Changed      int `json:"changed"`
		Missing      int `json:"missing"`
		Renamed      int `json:"renamed"`
		Replaced     int `json:"replaced"`
		Unmanaged    int `json:"unmanaged"`
		Ignored      int `json:"ignored"`
		Undetermined int `json:"undetermined"`
	}

	jsonDriftObject struct {
		State       string                `json:"state,omitempty"`
		Address     string                `json:"address"`
		Type        string                `json:"type"`
		ID          string                `json:"id"`
		Verdict     Verdict               `json:"verdict"`
		App         string                `json:"app"`
		Label       string                `json:"label,omitempty"`
		ImportID    string                `json:"import_id,omitempty"`
		Reason      string                `json:"reason,omitempty"`
		Differences []jsonDriftDifference `json:"differences"`
		Ignored     []jsonDriftDifference `json:"ignored,omitempty"`
		Blame       []jsonDriftBlame      `json:"blame,omitempty"`
	}

	jsonDriftDifference struct {
		Path      statefile.Path `json:"path"`
		State     any            `json:"state"`
		Live      any            `json:"live"`
		Sensitive bool           `json:"sensitive"`
	}

	jsonDriftBlame struct {
		Version     int       `json:"version"`
		User        string    `json:"user"`
		At          time.Time `json:"at"`
		Description string    `json:"description"`
	}
)

// MarshalJSON returns the form that drift.schema.json describes. Of secrets it
// has fingerprints alone. It fails where [DriftReport.Validate] does, and for
// values that JSON doesn't have.
func (r DriftReport) MarshalJSON() ([]byte, error) {
	j, err := r.json()
	if err != nil {
		return nil, err
	}
	return json.Marshal(j)
}

// json returns the report for the encoder, which escapes what HTML would take
// for markup: the result can stand in a page or a comment as it is.
func (r *DriftReport) json() (*jsonDrift, error) {
	if err := r.Validate(); err != nil {
		return nil, err
	}
	j := &jsonDrift{
		FormatVersion: "1.0",
		Summary: jsonDriftSummary{
			InSync: r.Count(InSync), Changed: r.Count(Changed), Missing: r.Count(Missing), Renamed: r.Count(Renamed),
			Replaced: r.Count(Replaced), Unmanaged: r.Count(Unmanaged), Ignored: r.Count(Ignored), Undetermined: r.Count(Undetermined),
		},
		Requests: r.Requests,
		Objects:  make([]jsonDriftObject, len(r.Objects)),
		Notes:    r.Notes,
	}
	for i := range r.Objects {
		o := &r.Objects[i]
		out := jsonDriftObject{
			State: o.State, Address: o.Address, Type: o.Type, ID: o.ID, Verdict: o.Verdict, App: o.App,
			Label: o.Label, ImportID: o.ImportID, Reason: o.Reason,
			Differences: jsonDifferences(o.Differences), Ignored: jsonDifferences(o.Ignored),
		}
		for _, b := range o.Blame {
			b.At = b.At.UTC()
			out.Blame = append(out.Blame, jsonDriftBlame(b))
		}
		j.Objects[i] = out
	}
	return j, nil
}

// jsonDifferences never returns nil.
func jsonDifferences(differences []DriftDifference) []jsonDriftDifference {
	out := make([]jsonDriftDifference, len(differences))
	for i := range differences {
		d := differences[i]
		state, live, _ := d.Values(false)
		out[i] = jsonDriftDifference{Path: d.Path, State: state, Live: live, Sensitive: d.Sensitive}
	}
	return out
}
