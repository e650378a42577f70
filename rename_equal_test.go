package herokutf

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/statefile"
)

// TestRepairsDiffer: repairs that differ in anything they say aren't the same.
func TestRepairsDiffer(t *testing.T) {
	file := func(name string) *statefile.File {
		return children(t, `heroku_app {"id":"`+name+`","name":"`+name+`"}`)
	}
	build := func(edits ...func(*Repair)) Repair {
		at := statefile.Path{"a", 0}
		r := Repair{
			File: file("shop"), Renames: []Rename{{Old: "shop", New: "store"}}, Done: []Rename{{Old: "web", New: "site"}},
			Changes:  []Change{{Address: "x.a", Path: at, Old: "shop", New: "store"}},
			Mentions: []Leftover{{Address: "x.b", Path: at, Reason: ""}}, Left: []Leftover{{Address: "x.c", Path: at, Reason: "why"}},
			Notes: []Note{{Address: "x.d", Text: "note"}},
		}
		for _, edit := range edits {
			edit(&r)
		}
		return r
	}
	same := build()
	if !same.Equal(build()) || !(Repair{}).Equal(Repair{}) {
		t.Error("the same repairs aren't equal")
	}
	other := statefile.Path{"a", 1}
	for name, edit := range map[string]func(*Repair){
		"no file":         func(r *Repair) { r.File = nil },
		"file":            func(r *Repair) { r.File = file("shops") },
		"renames":         func(r *Repair) { r.Renames[0].New = "shops" },
		"no renames":      func(r *Repair) { r.Renames = nil },
		"done":            func(r *Repair) { r.Done[0].WebURL = "https://x.test/" },
		"no changes":      func(r *Repair) { r.Changes = nil },
		"change address":  func(r *Repair) { r.Changes[0].Address = "x.x" },
		"change path":     func(r *Repair) { r.Changes[0].Path = other },
		"change old":      func(r *Repair) { r.Changes[0].Old = json.Number("1") },
		"change new":      func(r *Repair) { r.Changes[0].New = nil },
		"mention address": func(r *Repair) { r.Mentions[0].Address = "x.x" },
		"mention path":    func(r *Repair) { r.Mentions[0].Path = other },
		"mention reason":  func(r *Repair) { r.Mentions[0].Reason = "x" },
		"left address":    func(r *Repair) { r.Left[0].Address = "x.x" },
		"left path":       func(r *Repair) { r.Left[0].Path = other },
		"left reason":     func(r *Repair) { r.Left[0].Reason = "x" },
		"note address":    func(r *Repair) { r.Notes[0].Address = "x.x" },
		"note text":       func(r *Repair) { r.Notes[0].Text = "x" },
		"no notes":        func(r *Repair) { r.Notes = nil },
	} {
		if differs := build(edit); same.Equal(differs) || differs.Equal(same) {
			t.Errorf("%s: equal", name)
		}
	}
}

// TestChangeJSON: what a change has comes back, numbers with all their digits.
func TestChangeJSON(t *testing.T) {
	want := Change{Address: "x.a", Path: statefile.Path{"a", 0}, Old: json.Number("12345678901234567890"), New: map[string]any{"b": json.Number("1.50")}}
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got Change
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := got.UnmarshalJSON([]byte(`{"address": 1}`)); err == nil {
		t.Error("a number is taken for an address")
	}
}
