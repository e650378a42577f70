package herokutf

import (
	"testing"

	"github.com/herokutf/herokutf/statefile"
)

// TestAcceptImpossible: an object whose edits can't be made is left, and the others are
// accepted all the same.
func TestAcceptImpossible(t *testing.T) {
	f, err := statefile.Parse("x.tfstate", []byte(`{"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "l", "outputs": {}, "resources": [
  {"mode": "managed", "type": "heroku_domain", "name": "x", "provider": "provider[\"registry.terraform.io/heroku/heroku\"]", "instances": [
    {"schema_version": 1, "attributes": {"id": "1", "cname": "old", "hostname": "h"}}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	var attrs statefile.Value
	for inst := range f.Instances() {
		attrs = inst.Attributes()
	}
	var members []statefile.Member
	for m := range attrs.Members() {
		members = append(members, m)
	}
	objects := []DriftObject{{Address: "heroku_domain.bad"}, {Address: "heroku_domain.good"}}
	a := &Acceptance{File: f}
	a.parts = append(a.parts, acceptedPart{&objects[0], 0, 0, 0})
	a.edits = append(a.edits, statefile.RemoveMember(members[1]), statefile.AddMember(members[1], "new", []byte(`1`)), statefile.ReplaceRaw(members[1].Value, []byte(`2`)))
	a.Changes = append(a.Changes, Change{Address: "heroku_domain.bad"})
	a.parts = append(a.parts, acceptedPart{&objects[1], len(a.edits), len(a.Changes), 0})
	a.edits = append(a.edits, statefile.ReplaceString(members[2].Value, "new.example.com"))
	a.Changes = append(a.Changes, Change{Address: "heroku_domain.good"})
	if _, err := f.Apply(a.edits...); err == nil {
		t.Fatal("the edits can be made")
	}
	a.leaveImpossible()
	if _, err := a.Apply(); err != nil {
		t.Error(err)
	}
	if len(a.Changes) != 1 || a.Changes[0].Address != "heroku_domain.good" || len(a.Left) != 1 || a.Left[0].Address != "heroku_domain.bad" {
		t.Errorf("accepted %v, left %v", a.Changes, a.Left)
	}
}

// TestBlameRenamedAttachment: the release that made an attachment under its new name names
// that one.
func TestBlameRenamedAttachment(t *testing.T) {
	s := subjectOf(t, "", stated{"heroku_addon_attachment x", `{"id": "a7000000-0000-4000-8000-000000000001", "app_id": "` + appOne + `", "name": "REPORTS"}`})
	s.object.Verdict = Changed
	s.object.Differences = []DriftDifference{{Path: statefile.Path{"name"}, State: "REPORTS", Live: "ANALYTICS"}, {Path: statefile.Path{"of_tomorrow"}}}
	var got []int
	for _, b := range blameOn(s, elementsOf(t, `[
		{"version": 4, "description": "Attach ANALYTICS (@ref:db-1)"}, {"version": 3, "description": "Set X config vars"},
		{"version": 2, "description": "Detach REPORTS (@ref:db-1)"}]`)) {
		got = append(got, b.Version)
	}
	if len(got) != 2 || got[0] != 4 || got[1] != 2 {
		t.Errorf("blamed %v, want v4 and v2", got)
	}
}
