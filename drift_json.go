package herokutf

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/herokutf/herokutf/internal/printable"
	"github.com/herokutf/herokutf/statefile"
)

// The JSON that schemas/drift.schema.json describes. Other tools read it: members may
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
		Next        *jsonNextApply        `json:"next_apply,omitempty"`
	}

	jsonDriftDifference struct {
		Path      statefile.Path `json:"path"`
		State     any            `json:"state"`
		Live      any            `json:"live"`
		Sensitive bool           `json:"sensitive"`
		Next      NextApply      `json:"next_apply,omitempty"`
	}

	jsonNextApply struct {
		Action   NextApply `json:"action"`
		Forecast bool      `json:"forecast"`
	}

	jsonDriftBlame struct {
		Version     int       `json:"version"`
		User        string    `json:"user"`
		At          time.Time `json:"at"`
		Description string    `json:"description"`
	}
)

// MarshalJSON returns the form that schemas/drift.schema.json describes. Of secrets it
// has fingerprints alone. It fails for a verdict that isn't one of [Verdicts], and for
// values that JSON doesn't have.
func (r DriftReport) MarshalJSON() ([]byte, error) {
	j, err := r.json()
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(j)
	return printable.JSON(text), err
}

// json returns the report for the encoder, which escapes what HTML would take
// for markup: the result can stand in a page or a comment as it is.
func (r *DriftReport) json() (*jsonDrift, error) {
	if err := r.validate(); err != nil {
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
		if o.Next != "" {
			out.Next = &jsonNextApply{o.Next, o.Forecast}
		}
		j.Objects[i] = out
	}
	return j, nil
}

// UnmarshalJSON reads what [DriftReport.MarshalJSON] has written. All exported fields
// come back as they were, with numbers as json.Number; of secrets there are the
// fingerprints. What a report knows beyond its fields doesn't: one that was read can
// be written, compared and counted, but neither accepted nor imported. Members that
// aren't known are passed over, since later versions may add some; another
// format_version than 1.x is an error, as is a verdict that isn't one of [Verdicts].
func (r *DriftReport) UnmarshalJSON(data []byte) error {
	if r == nil {
		return fmt.Errorf("read a drift report: %w", errNoReport)
	}
	var j jsonDrift
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if err := dec.Decode(&j); err != nil {
		return fmt.Errorf("read a drift report: %w", err)
	}
	if major, _, _ := strings.Cut(j.FormatVersion, "."); major != "1" {
		return fmt.Errorf("read a drift report: its format_version is %q, and this version of the library reads 1.x", printable.Short(j.FormatVersion))
	}
	out := DriftReport{Objects: make([]DriftObject, len(j.Objects)), Requests: j.Requests, Notes: j.Notes}
	for i, o := range j.Objects {
		out.Objects[i] = DriftObject{
			State: o.State, Address: o.Address, Type: o.Type, ID: o.ID, Verdict: o.Verdict, App: o.App,
			Label: o.Label, ImportID: o.ImportID, Reason: o.Reason,
			Differences: []DriftDifference{},
		}
		if o.Next != nil {
			out.Objects[i].Next, out.Objects[i].Forecast = o.Next.Action, o.Next.Forecast
		}
		for _, d := range o.Differences {
			out.Objects[i].Differences = append(out.Objects[i].Differences, d.difference())
		}
		for _, d := range o.Ignored {
			out.Objects[i].Ignored = append(out.Objects[i].Ignored, d.difference())
		}
		for _, b := range o.Blame {
			out.Objects[i].Blame = append(out.Objects[i].Blame, DriftBlame(b))
		}
	}
	if err := out.validate(); err != nil {
		return fmt.Errorf("read a drift report: %w", err)
	}
	*r = out
	return nil
}

func (d jsonDriftDifference) difference() DriftDifference {
	return DriftDifference{Path: d.Path, State: d.State, Live: d.Live, Sensitive: d.Sensitive, Next: d.Next}
}

// Equal reports whether the exported fields of two reports are the same.
func (r *DriftReport) Equal(other *DriftReport) bool {
	if r == nil || other == nil {
		return r == other
	}
	return r.Requests == other.Requests && slices.Equal(r.Notes, other.Notes) && slices.EqualFunc(r.Objects, other.Objects, DriftObject.Equal)
}

// Equal reports whether the exported fields of two objects are the same. It lets
// [github.com/google/go-cmp/cmp] compare them without options.
func (o DriftObject) Equal(other DriftObject) bool {
	return o.State == other.State && o.Address == other.Address && o.Type == other.Type && o.ID == other.ID &&
		o.Verdict == other.Verdict && o.App == other.App && o.Label == other.Label && o.ImportID == other.ImportID && o.Reason == other.Reason &&
		o.Next == other.Next && o.Forecast == other.Forecast &&
		slices.EqualFunc(o.Differences, other.Differences, DriftDifference.Equal) &&
		slices.EqualFunc(o.Ignored, other.Ignored, DriftDifference.Equal) &&
		slices.EqualFunc(o.Blame, other.Blame, func(a, b DriftBlame) bool {
			return a.Version == b.Version && a.User == b.User && a.At.Equal(b.At) && a.Description == b.Description
		})
}

// Equal reports whether the exported fields of two differences are the same. Of
// secrets the fingerprints count.
func (d DriftDifference) Equal(other DriftDifference) bool {
	return d.Sensitive == other.Sensitive && d.Next == other.Next && reflect.DeepEqual(d.Path, other.Path) &&
		reflect.DeepEqual(d.State, other.State) && reflect.DeepEqual(d.Live, other.Live)
}

// jsonDifferences never returns nil.
func jsonDifferences(differences []DriftDifference) []jsonDriftDifference {
	out := make([]jsonDriftDifference, len(differences))
	for i := range differences {
		d := differences[i]
		state, live, _ := d.Values(false)
		out[i] = jsonDriftDifference{Path: d.Path, State: state, Live: live, Sensitive: d.Sensitive, Next: d.Next}
	}
	return out
}
