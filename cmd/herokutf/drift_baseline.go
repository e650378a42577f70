package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
	"github.com/herokutf/herokutf/ignore"
)

// baselineOptions are the flags of drift --write-baseline.
type baselineOptions struct {
	file    string
	expires expiry
}

const baselineDays = 90

// An expiry is a flag that says until when something counts: days from now, as 90d, or
// a date.
type expiry struct {
	days int       // 0: it is the date
	date time.Time // the last day, in UTC
}

func (e *expiry) Type() string { return "when" }

func (e *expiry) String() string {
	if e.days > 0 {
		return strconv.Itoa(e.days) + "d"
	}
	return e.date.Format(time.DateOnly)
}

func (e *expiry) Set(s string) error {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n > 0 && n <= 3650 {
			*e = expiry{days: n}
			return nil
		}
	}
	day, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return errors.New("it is a number of days up to 3650, such as 90d, or a date, such as 2027-03-31")
	}
	*e = expiry{date: day}
	return nil
}

// end is the time from which on it no longer counts: the end of its last day.
func (e *expiry) end(now time.Time) time.Time {
	last := e.date
	if e.days > 0 {
		last = now.UTC().Truncate(24*time.Hour).AddDate(0, 0, e.days)
	}
	return last.AddDate(0, 0, 1)
}

func (o *baselineOptions) bind(cmd *cobra.Command) {
	o.expires = expiry{days: baselineDays}
	cmd.Flags().StringVar(&o.file, "write-baseline", "", "write rules that ignore what has drifted now to `FILE`, which must not exist, for --ignore of later runs")
	cmd.Flags().Var(&o.expires, "baseline-expires", "with --write-baseline: until `WHEN` the rules count, as days, such as 30d, or a date (default 90d)")
	completeFiles(cmd, "write-baseline", "hcl")
	complete(cmd, "baseline-expires", "30d", "90d", "180d")
}

// check holds the flags against each other.
func (o *baselineOptions) check(cmd *driftOptions, now time.Time) error {
	switch {
	case o.file == "" && o.expires != (expiry{days: baselineDays}):
		return errors.New("--baseline-expires goes with --write-baseline")
	case o.file == "":
		return nil
	case cmd.accept.accept:
		return errors.New("--write-baseline goes without --accept: what is accepted is no drift any more")
	case o.file == "-":
		return errors.New("--write-baseline needs a file: standard output is the report's")
	case strings.HasSuffix(o.file, ".json"):
		return errors.New("--write-baseline writes HCL: name a file that doesn't end in .json")
	case !o.expires.end(now).After(now):
		return fmt.Errorf("--baseline-expires %s is past", &o.expires)
	}
	o.file = cmd.inDir(o.file)
	return nil
}

// absent makes sure that the file isn't there: before the work, and once more when it
// is written.
func (o *baselineOptions) absent() error {
	if o.file == "" {
		return nil
	}
	if _, err := os.Lstat(o.file); err == nil {
		return baselineExists(o.file)
	}
	return nil
}

func baselineExists(file string) error {
	return ui.Advise(fmt.Errorf("write the baseline: %s exists", file), "move it away, or name another file and give both to --ignore")
}

// writeBaseline writes rules for all that has drifted.
func (o *driftOptions) writeBaseline(found *herokutf.DriftReport, now time.Time) error {
	b := &o.baseline
	if b.file == "" {
		return nil
	}
	var all []ignore.Found
	for _, object := range found.Objects {
		if !object.Verdict.IsDrift() {
			continue
		}
		f := ignore.Found{Subject: ignore.Subject{Address: object.Address, Type: object.Type, App: object.App, ID: object.ID,
			Label: object.Label, Verdict: string(object.Verdict)}}
		for _, d := range object.Differences {
			f.Paths = append(f.Paths, d.Path)
		}
		all = append(all, f)
	}
	today := now.UTC().Format(time.DateOnly)
	end := b.expires.end(now)
	rules := ignore.Baseline(all, "baseline of "+today, end)
	comment := fmt.Sprintf("What had drifted on %s, for herokutf drift --ignore.\nRules that no longer matter are in the notes of each report. All of them expire\nwith %s; what is still there then is reported again.",
		today, end.AddDate(0, 0, -1).Format(time.DateOnly))
	var out bytes.Buffer
	if err := ignore.Write(&out, comment, rules); err != nil {
		return err
	}
	if err := writeNew("write the baseline", b.file, out.Bytes()); errors.Is(err, os.ErrExist) {
		return baselineExists(b.file)
	} else if err != nil {
		return err
	}
	said := ui.Plural(len(rules), "rule") + " in " + b.file + "."
	if n := found.Count(herokutf.Undetermined); n > 0 {
		said += " What could not be compared isn't among them: " + ui.Plural(n, "object") + "."
	}
	o.progress.Say(said)
	return nil
}
