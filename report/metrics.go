package report

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/internal/printable"
)

// metrics writes gauges in the text format of Prometheus, for the textfile collector
// of its node exporter. Source: "Text-based format" in "Exposition formats" of its
// documentation.
func metrics(r *herokutf.DriftReport, opts Options) ([]byte, error) {
	var b metricsWriter
	b.head("herokutf_drift_verdicts", "How many objects have each verdict.")
	for _, v := range herokutf.Verdicts() {
		b.sample(float64(r.Count(v)), "verdict", string(v))
	}

	type key struct{ state, app, kind, verdict string }
	counts := make(map[key]int)
	for _, o := range pointers(r) {
		counts[key{o.State, o.App, o.Type, string(o.Verdict)}]++
	}
	keys := make([]key, 0, len(counts))
	for k := range counts {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b key) int {
		return slices.Compare([]string{a.state, a.app, a.kind, a.verdict}, []string{b.state, b.app, b.kind, b.verdict})
	})
	if len(keys) > 0 {
		b.head("herokutf_drift_objects", "How many objects of an app and a kind have a verdict; what has none isn't listed.")
	}
	for _, k := range keys {
		b.sample(float64(counts[k]), "state", k.state, "app", k.app, "type", k.kind, "verdict", k.verdict)
	}

	if next := nextCounts(r); next != nil {
		b.head("herokutf_drift_next_apply", "How many objects the next apply would do something about, by what it does.")
		for _, action := range slices.Sorted(slices.Values(nextActions)) {
			b.sample(float64(next[action]), "action", string(action))
		}
	}
	b.head("herokutf_drift_notes", "How many notes the report has.")
	b.sample(float64(len(r.Notes)))
	b.head("herokutf_drift_requests", "How many requests the comparison took.")
	b.sample(float64(r.Requests))
	if opts.Left != nil && *opts.Left >= 0 {
		b.head("herokutf_drift_budget_left_requests", "How many requests the account's budget had left afterwards.")
		b.sample(float64(*opts.Left))
	}
	if !opts.Time.IsZero() {
		b.head("herokutf_drift_last_run_timestamp_seconds", "When the comparison was made.")
		b.sample(float64(opts.Time.Unix()))
	}
	return b.Bytes(), nil
}

// nextActions are what the next apply can do.
var nextActions = []herokutf.NextApply{herokutf.NextNothing, herokutf.NextPutBack, herokutf.NextUpdate, herokutf.NextCreate,
	herokutf.NextReplace, herokutf.NextDestroy, herokutf.NextFail, herokutf.NextUnknown}

// nextCounts counts what the next apply would do; nil if nobody has asked.
func nextCounts(r *herokutf.DriftReport) map[herokutf.NextApply]int {
	var counts map[herokutf.NextApply]int
	for _, o := range pointers(r) {
		if o.Next == "" {
			continue
		}
		if counts == nil {
			counts = make(map[herokutf.NextApply]int)
		}
		counts[o.Next]++
	}
	return counts
}

// A metricsWriter writes families of gauges.
type metricsWriter struct {
	bytes.Buffer
	name string
}

func (w *metricsWriter) head(name, help string) {
	w.name = name
	fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name)
}

// sample writes a value with its labels, names and values in turn; an empty value is
// as good as no label.
func (w *metricsWriter) sample(value float64, labels ...string) {
	w.WriteString(w.name)
	sep := "{"
	for i := 0; i < len(labels); i += 2 {
		if labels[i+1] == "" {
			continue
		}
		text := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(printable.Text(labels[i+1]))
		w.WriteString(sep + labels[i] + `="` + text + `"`)
		sep = ","
	}
	if sep == "," {
		w.WriteByte('}')
	}
	w.WriteString(" " + strconv.FormatFloat(value, 'f', -1, 64) + "\n")
}
