package herokutf

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/herokutf/herokutf/statefile"
)

// fullReport has something in every exported field.
func fullReport() *DriftReport {
	difference := DriftDifference{Path: statefile.Path{"organization", 0, "name"}, State: json.Number("1"), Live: "b", Sensitive: false, Next: NextPutBack}
	secret := SensitiveDifference([]byte("k"), "s", statefile.Path{"config_vars", "KEY"}, "old", nil)
	return &DriftReport{
		Requests: 7, Notes: []string{"a note"},
		Objects: []DriftObject{{
			State: "a.tfstate", Address: "heroku_app.a", Type: "heroku_app", ID: "1", Verdict: Changed, App: "a", Label: "l", ImportID: "i", Reason: "r",
			Differences: []DriftDifference{difference, secret}, Ignored: []DriftDifference{difference},
			Blame: []DriftBlame{{Version: 3, User: "ann@example.com", At: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Description: "Set KEY config vars"}},
			Next:  NextPutBack, Forecast: true,
		}, {Type: "heroku_addon", Verdict: Unmanaged}},
	}
}

// TestDriftReportReadBack: all exported fields of a report come back from its JSON.
func TestDriftReportReadBack(t *testing.T) {
	want := fullReport()
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got DriftReport
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	want.Objects[0].Differences[1].values = nil
	want.Objects[1].Differences = []DriftDifference{}
	if !reflect.DeepEqual(&got, want) {
		t.Errorf("got\n%+v, want\n%+v", got, want)
	}
}

// TestDriftEqual: two reports that differ in one exported field aren't equal.
func TestDriftEqual(t *testing.T) {
	if !fullReport().Equal(fullReport()) {
		t.Fatal("two reports that are the same aren't equal")
	}
	other := func(v reflect.Value) {
		switch v.Kind() {
		case reflect.String:
			v.SetString(v.String() + "x")
		case reflect.Bool:
			v.SetBool(!v.Bool())
		case reflect.Int:
			v.SetInt(v.Int() + 1)
		case reflect.Slice:
			v.Set(v.Slice(0, v.Len()-1))
		case reflect.Interface:
			v.Set(reflect.ValueOf("other"))
		case reflect.Struct: // a time
			v.Set(reflect.ValueOf(time.Unix(1, 0)))
		default:
			t.Fatalf("a field of kind %s", v.Kind())
		}
	}
	for _, part := range []func(r *DriftReport) any{
		func(r *DriftReport) any { return r },
		func(r *DriftReport) any { return &r.Objects[0] },
		func(r *DriftReport) any { return &r.Objects[0].Differences[0] },
		func(r *DriftReport) any { return &r.Objects[0].Ignored[0] },
		func(r *DriftReport) any { return &r.Objects[0].Blame[0] },
	} {
		typ := reflect.TypeOf(part(fullReport())).Elem()
		for i := range typ.NumField() {
			if !typ.Field(i).IsExported() {
				continue
			}
			r := fullReport()
			other(reflect.ValueOf(part(r)).Elem().Field(i))
			if r.Equal(fullReport()) || fullReport().Equal(r) {
				t.Errorf("with another %s.%s, they are equal", typ.Name(), typ.Field(i).Name)
			}
		}
	}
}

// TestDriftObjectString: one line, without values.
func TestDriftObjectString(t *testing.T) {
	r := fullReport()
	one := r.Objects[0]
	one.Differences = one.Differences[:1]
	for want, o := range map[string]DriftObject{
		"heroku_app.a: changed (2 differences)": r.Objects[0],
		"heroku_app.a: changed (1 difference)":  one,
		"heroku_addon: unmanaged":               r.Objects[1],
		"heroku_addon db: in sync":              {Type: "heroku_addon", Label: "db", ID: "1", Verdict: InSync},
		"heroku_addon 1: in sync":               {Type: "heroku_addon", ID: "1", Verdict: InSync},
	} {
		if got := o.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
