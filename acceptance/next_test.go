package acceptance

import (
	"slices"
	"testing"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/terraform"
)

// TestNextApply: what a plan says of drift comes true when it is applied, and a forecast
// that claims to know says the same.
func TestNextApply(t *testing.T) {
	each(t, []string{v4, v5}, func(t *testing.T, s *setting) {
		w := s.open(t, s.version, true)
		for _, name := range []string{
			"quantity", "config var", "secret config var", "associated config var", "stack", "buildpacks", "unlocked",
			"feature off", "add-on's plan", "add-on renamed", "stage", "pipeline renamed", "another slug", "role",
			"review apps", "drain's secret address", "domain by hand",
		} {
			changes[slices.IndexFunc(changes, func(c change) bool { return c.name == name })].change(w.api)
		}
		forecast := w.detect(t)
		forecast.Foresee(nil)
		f, err := terraform.Open(w.dir, terraform.Options{Terraform: w.bin, Environ: w.environ(t)})
		if err != nil {
			t.Fatal(err)
		}
		p, err := f.Plan(t.Context(), w.state(t), nil)
		if err != nil {
			t.Fatal(err)
		}
		planned := w.detect(t)
		planned.Foresee(p)

		told := make(map[herokutf.NextApply]int)
		agree := func(what string, forecast, plan herokutf.NextApply) {
			told[plan]++
			if forecast != herokutf.NextUnknown && forecast != plan {
				t.Errorf("%s: forecast is %q, the plan says %q", what, forecast, plan)
			}
		}
		for i, o := range planned.Objects {
			if o.Verdict == herokutf.InSync {
				continue
			}
			agree(o.Title(), forecast.Objects[i].Next, o.Next)
			for j, d := range o.Differences {
				agree(o.Title()+" "+d.Path.String(), forecast.Objects[i].Differences[j].Next, d.Next)
			}
		}
		if told[herokutf.NextPutBack] < 15 || told[herokutf.NextNothing] < 4 || told[herokutf.NextReplace] < 2 || told[herokutf.NextUnknown] > 0 {
			t.Errorf("the plan says %v", told)
		}

		w.apply(t)
		after := w.detect(t)
		left := make(map[string]bool)
		for _, o := range after.Objects {
			for _, d := range o.Differences {
				left[o.Title()+" "+d.Path.String()] = true
			}
			left[o.Title()] = o.Verdict.IsDrift()
		}
		for _, o := range planned.Objects {
			if stays := o.Next == herokutf.NextNothing; o.Verdict.IsDrift() && len(o.Differences) == 0 && left[o.Title()] != stays {
				t.Errorf("%s: the plan says %q; after the apply it is drift: %v", o.Title(), o.Next, left[o.Title()])
			}
			for _, d := range o.Differences {
				// What Terraform refreshes comes into the state with the apply.
				what := o.Title() + " " + d.Path.String()
				if d.Next != herokutf.NextNothing && left[what] {
					t.Errorf("%s: the plan says %q, and after the apply it still differs", what, d.Next)
				}
			}
		}
		if !left["heroku_app_release.ui slug_id"] {
			t.Error("the release is no drift after the apply, which nobody has said")
		}
	})
}

// TestNextApplyGone: what is gone is created again where the provider does that, and
// fails the plan where it doesn't, as a forecast says.
func TestNextApplyGone(t *testing.T) {
	each(t, []string{v4, v5}, func(t *testing.T, s *setting) {
		for name, want := range map[string]herokutf.NextApply{"add-on deleted": herokutf.NextCreate, "domain removed": herokutf.NextFail, "coupling removed": herokutf.NextFail} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				w := s.open(t, s.version, true)
				changes[slices.IndexFunc(changes, func(c change) bool { return c.name == name })].change(w.api)
				report := w.detect(t)
				report.Foresee(nil)
				i := slices.IndexFunc(report.Objects, func(o herokutf.DriftObject) bool {
					return o.Verdict == herokutf.Missing && o.Type[:5] != "data."
				})
				if got := report.Objects[i].Next; got != want {
					t.Fatalf("%s: forecast is %q, want %q", report.Objects[i].Title(), got, want)
				}
				p := w.plan(t)
				if failed := p.Plan == nil; failed != (want == herokutf.NextFail) {
					t.Fatalf("the plan: %v", p.result)
				} else if failed {
					return
				}
				if report.Foresee(p.Plan); report.Objects[i].Next != want {
					t.Errorf("%s: the plan says %q, want %q", report.Objects[i].Title(), report.Objects[i].Next, want)
				}
			})
		}
	})
}
