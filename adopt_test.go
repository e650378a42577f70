package herokutf_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/internal/stategen"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/tfconfig"
)

// adoptedStates are states of which nothing is adopted yet: those that the provider
// wrote, and one of what none of them has.
func adoptedStates(t testing.TB) map[string]*statefile.File {
	t.Helper()
	names, err := filepath.Glob("statefile/testdata/states/*.tfstate")
	if err != nil || len(names) != 5 {
		t.Fatal(names, err)
	}
	all := make(map[string]*statefile.File)
	for _, name := range append(names, "herokutest/testdata/corners.tfstate") {
		f, err := statefile.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all[strings.TrimSuffix(filepath.Base(name), ".tfstate")] = f
	}
	return all
}

// herokuOf is the Heroku that states are in sync with.
func herokuOf(t testing.TB, states ...*statefile.File) (*herokutest.Server, *platform.Client) {
	t.Helper()
	s, err := herokutest.FromState(herokutest.Options{}, states...)
	if err != nil {
		t.Fatal(err)
	}
	return s, clientOf(t, s)
}

func clientOf(t testing.TB, s *herokutest.Server) *platform.Client {
	t.Helper()
	c, err := platform.New(platform.Options{Token: "token-of-the-test", Transport: s, Backoff: time.Microsecond})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// adopt adopts, and makes the state.
func adopt(t testing.TB, c *platform.Client, f *statefile.File, opts herokutf.AdoptOptions) (*herokutf.Adoption, *statefile.File) {
	t.Helper()
	a, err := herokutf.Adopt(t.Context(), c, f, opts)
	if err != nil {
		t.Fatal(err)
	}
	next, err := a.Apply(f)
	if err != nil {
		t.Fatal(err)
	}
	return a, next
}

// attributesOf are the decoded attributes of managed instances, by type and id.
func attributesOf(t testing.TB, f *statefile.File) map[string]map[string]any {
	t.Helper()
	all := make(map[string]map[string]any)
	for inst := range f.Instances() {
		if inst.Mode != statefile.Managed {
			continue
		}
		var v map[string]any
		if err := json.Unmarshal(inst.Attributes().Raw(), &v); err != nil {
			t.Fatal(err)
		}
		all[fmt.Sprint(inst.Type, " ", v["id"])] = v
	}
	return all
}

// TestAdoptIsTheInverseOfFromState: Heroku as a state has it is adopted as what the
// state has, and that makes the same Heroku again, for every type.
func TestAdoptIsTheInverseOfFromState(t *testing.T) {
	types := make(map[string]bool)
	for _, association := range []bool{false, true} {
		for name, f := range adoptedStates(t) {
			t.Run(fmt.Sprint(name, " ", association), func(t *testing.T) {
				opts := herokutf.AdoptOptions{All: true, ConfigAssociation: association}
				server, client := herokuOf(t, f)
				attachElsewhere(server)
				a, next := adopt(t, client, nil, opts)
				if a.Warnings != nil {
					t.Errorf("warnings: %q", a.Warnings)
				}
				for _, o := range a.Objects {
					types[o.Type] = true
				}
				_, again := herokuOf(t, next)
				_, same := adopt(t, again, nil, opts)
				if diff := cmp.Diff(attributesOf(t, next), attributesOf(t, same)); diff != "" {
					t.Errorf("adopted, made into a Heroku and adopted again (-first +second):\n%s", diff)
				}
				sameAsState(t, f, next)

				report, err := herokutf.DetectDrift(t.Context(), client, next, herokutf.DriftOptions{Unmanaged: true})
				if err != nil {
					t.Fatal(err)
				}
				for i := range report.Objects {
					if o := &report.Objects[i]; o.Verdict != herokutf.InSync && o.Reason != "the newest release, v2, is pending; no release runs" {
						t.Errorf("%s %s is %s: %s", o.Type, o.Title(), o.Verdict, o.Reason)
					}
				}
				if second, _ := adopt(t, client, next, opts); len(second.Objects)+len(second.Files) > 0 || second.Pending != nil {
					t.Errorf("a second run adopts %+v", second.Objects)
				}
			})
		}
	}
	for r := range provider.All() {
		if want := r.Adopt.Never == ""; r.Mode == provider.Managed && types[r.Type] != want {
			t.Errorf("%s is adopted: %v, want %v", r.Type, types[r.Type], want)
		}
	}
}

// attachElsewhere attaches the first add-on to an app that doesn't pay for it.
func attachElsewhere(s *herokutest.Server) {
	seed := s.Snapshot()
	for _, app := range seed.Apps {
		if len(seed.Addons) > 0 && app.ID != seed.Addons[0].App && app.Name != seed.Addons[0].App {
			s.Attach(seed.Addons[0].Name, herokutest.Attachment{Name: "ELSEWHERE", App: app.Name})
			return
		}
	}
}

// sameAsState holds what is adopted against the state that Heroku was made of, in
// provider 5's form: attributes that an adoption decides on are left out.
func sameAsState(t *testing.T, was, is *statefile.File) {
	t.Helper()
	want := attributesOf(t, was)
	for key, got := range attributesOf(t, is) {
		typ, _, _ := strings.Cut(key, " ")
		res, _ := provider.Lookup(provider.Managed, typ)
		old := want[key]
		if old == nil || old["app"] != nil || typ == provider.App && old["uuid"] != old["id"] {
			continue
		}
		if strings.HasSuffix(was.Name(), "provider-5.3.2.tfstate") {
			if diff := cmp.Diff(slices.Sorted(maps.Keys(old)), slices.Sorted(maps.Keys(got))); diff != "" {
				t.Errorf("%s: attributes (-state +adopted):\n%s", key, diff)
			}
		}
		for i := range res.Attrs {
			attr := &res.Attrs[i]
			top := attr.Top()
			_, had := old[top]
			switch {
			case !had: // of a later release
			case !attr.As.Compared() && top != "uuid", attr.As == provider.ManagedKeys, attr.As == provider.Host, attr.Unused, attr.Gone != "",
				top == "sensitive_url", top == "space" && typ != provider.App, attr.As == provider.AppReference:
			case attr.As == provider.Plan && !strings.Contains(fmt.Sprint(old[top]), ":"):
			case old[top] == nil && (provider.Empty(got[top]) || got[top] == false): // of an older release
			default:
				if attr.As == provider.Set {
					sortSet(old[top])
				}
				if diff := cmp.Diff(old[top], got[top]); diff != "" {
					t.Errorf("%s: %s (-state +adopted):\n%s", key, top, diff)
				}
			}
		}
	}
}

// sortSet sorts a set as Terraform does, which a state that was made by hand needn't.
func sortSet(v any) {
	list, _ := v.([]any)
	slices.SortFunc(list, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
}

var (
	_ = bytes.Equal
	_ = errors.Is
	_ = maps.Keys[map[string]bool]
	_ = os.ReadFile
	_ = slices.Sort[[]string]
	_ = stategen.Drift
	_ = tfconfig.Load
)
