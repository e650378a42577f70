package herokutf

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/herokutf/herokutf/platform"
)

// TestRenameErrors: what each condition says, holds and advises, whole.
func TestRenameErrors(t *testing.T) {
	const one, two = "11111111-0000-4000-8000-000000000001", "22222222-0000-4000-8000-000000000002"
	var (
		r         = Rename{ID: one, Old: "shop", New: "store"}
		many      = strings.Fields("n01 n02 n03 n04 n05 n06 n07 n08 n09 n10 n11")
		notFound  = fmt.Errorf("GET /apps/x: %w", platform.ErrNotFound)
		forbidden = fmt.Errorf("GET /apps/x: %w", platform.ErrForbidden)
	)
	const (
		lookUp  = "Look up what the app is called now, and give that as the new name."
		itsOld  = "The app has its old name still: nothing is to be renamed."
		token   = "Use a token of an account that has access to the app."
		stateRm = "take it out of the state (terraform state rm)."
		gone    = " is gone: deleted, or out of this account's sight, which the API answers alike: GET /apps/x: not found"
	)
	for name, tt := range map[string]struct {
		err  error
		want RenameError
		text string
	}{
		"bad": {badRename(r, "why"), RenameError{Err: ErrBadRename, Rename: r}, `rename "shop" to "store": why`},
		"one name": {badRename(Rename{New: "store"}, "why"), RenameError{Err: ErrBadRename, Rename: Rename{New: "store"}},
			`rename "" to "store": why`},
		"the other name": {badRename(Rename{Old: "shop"}, "why"), RenameError{Err: ErrBadRename, Rename: Rename{Old: "shop"}},
			`rename "shop" to "": why`},
		"not in the state, of none": {appNotInState(r, nil), RenameError{Err: ErrAppNotInState, Rename: r},
			`rename "shop" to "store": the state refers to no app by name`},
		"not in the state, near the old": {appNotInState(r, []string{"shops", "stores"}),
			RenameError{Err: ErrAppNotInState, Rename: r, Known: []string{"shops", "stores"}, Near: []string{"shops"}, Hint: `Did you mean "shops"?`},
			`rename "shop" to "store": the state has neither; it has "shops", "stores"`},
		"not in the state, near the new": {appNotInState(r, []string{"stores", "zebra"}),
			RenameError{Err: ErrAppNotInState, Rename: r, Known: []string{"stores", "zebra"}, Near: []string{"stores"}, Hint: `Did you mean "stores"?`},
			`rename "shop" to "store": the state has neither; it has "stores", "zebra"`},
		"not in the state, of ten": {appNotInState(r, many[:10]), RenameError{Err: ErrAppNotInState, Rename: r, Known: many[:10]},
			`rename "shop" to "store": the state has neither; it has "n01", "n02", "n03", "n04", "n05", "n06", "n07", "n08", "n09", "n10"`},
		"not in the state, of eleven": {appNotInState(r, many), RenameError{Err: ErrAppNotInState, Rename: r, Known: many},
			`rename "shop" to "store": the state has neither among its 11 apps`},
		"a name that isn't in the state": {nameNotInState("shop", []string{"shops", "zebra"}),
			RenameError{Err: ErrAppNotInState, Name: "shop", Known: []string{"shops", "zebra"}, Near: []string{"shops"}, Hint: `Did you mean "shops"?`},
			`the state has no app "shop"`},
		"a name that is like none": {nameNotInState("shop", []string{"zebra"}), RenameError{Err: ErrAppNotInState, Name: "shop", Known: []string{"zebra"}},
			`the state has no app "shop"`},
		"another app": {otherAppInState(r, "shop", []string{one, two}), RenameError{Err: ErrAppNotInState, Rename: r, Name: "shop", IDs: []string{one, two}},
			`rename "shop" to "store": the app "shop" of the state is ` + one + " and " + two + ", not " + one},
		"both": {bothInState(r, []string{"a.a"}, many), RenameError{Err: ErrBothInState, Rename: r, Addresses: append([]string{"a.a"}, many...)},
			`rename "shop" to "store": the state holds both as different apps, at a.a and at n01, n02, n03, n04, n05, n06, n07, n08, n09, n10 and 1 more`},
		"ambiguous": {ambiguousApp("shop", []string{one, two}, []string{"a.a", "b.b"}),
			RenameError{Err: ErrAmbiguousApp, Name: "shop", IDs: []string{one, two}, Addresses: []string{"a.a", "b.b"}},
			`app "shop" is ambiguous: ` + one + " and " + two + "; nothing says which is meant at a.a, b.b"},
		"ambiguous nowhere": {ambiguousApp("shop", []string{one, two}, nil), RenameError{Err: ErrAmbiguousApp, Name: "shop", IDs: []string{one, two}},
			`app "shop" is ambiguous: ` + one + " and " + two},
		"flat": {flatState([]string{"a.a"}), RenameError{Err: ErrFlatState, Addresses: []string{"a.a"},
			Hint: "Repair renames in the state as it is first. Then let Terraform 0.12 or newer rewrite it with provider 2 to 4: " +
				"terraform apply -refresh-only (terraform refresh before 0.15.4). Then convert it."}, "state has the flat attributes of Terraform 0.11 at a.a"},
		"unknown": {unknownAppID("shop", many[:10], "ask"), RenameError{Err: ErrUnknownAppID, Name: "shop", Addresses: many[:10], Hint: "ask"},
			`app "shop" has no known UUID; it stands at n01, n02, n03, n04, n05, n06, n07, n08, n09, n10`},
		"not the same": {notSameApp(r, one, two, ""), RenameError{Err: ErrNotSameApp, Rename: r, IDs: []string{one, two}, Hint: lookUp},
			`rename "shop" to "store": the state's app is ` + one + ` and "store" is ` + two},
		"not the same, live": {notSameApp(r, one, two, "boutique"),
			RenameError{Err: ErrNotSameApp, Rename: r, IDs: []string{one, two}, LiveName: "boutique", Hint: `Give "boutique" as the new name.`},
			`rename "shop" to "store": the state's app is ` + one + ` and "store" is ` + two + `; the state's app is called "boutique" now`},
		"no such": {noSuchApp(r, "", notFound), RenameError{Err: ErrNoSuchApp, Rename: r, Cause: notFound, Hint: lookUp},
			`rename "shop" to "store": no app "store": GET /apps/x: not found`},
		"no such, not renamed": {noSuchApp(r, "shop", notFound), RenameError{Err: ErrNoSuchApp, Rename: r, LiveName: "shop", Cause: notFound, Hint: itsOld},
			`rename "shop" to "store": no app "store"; the state's app is called "shop": GET /apps/x: not found`},
		"out of sight": {unreachable("shop", one, forbidden), RenameError{Err: ErrAppUnreachable, Name: "shop", IDs: []string{one}, Cause: forbidden, Hint: token},
			`app "shop" (` + one + ") can't be seen with this account: GET /apps/x: no access"},
		"out of sight, by name": {unreachable("shop", "", forbidden), RenameError{Err: ErrAppUnreachable, Name: "shop", Cause: forbidden,
			Hint: token + " After a rename the name may belong to somebody else."}, `app "shop" can't be seen with this account: GET /apps/x: no access`},
		"gone": {unreachable("shop", one, notFound), RenameError{Err: ErrAppUnreachable, Name: "shop", IDs: []string{one}, Cause: notFound,
			Hint: "If the app is deleted, " + stateRm + " If it isn't, use a token of an account that has access to it."}, `app "shop" (` + one + ")" + gone},
		"gone, without a name": {unreachable("", one, notFound), RenameError{Err: ErrAppUnreachable, IDs: []string{one}, Cause: notFound,
			Hint: "If the app is deleted, " + stateRm + " If it isn't, use a token of an account that has access to it."}, "app " + one + gone},
		"gone, by name": {unreachable("shop", "", notFound), RenameError{Err: ErrAppUnreachable, Name: "shop", Cause: notFound,
			Hint: "If the app was renamed, give the rename. If it is deleted, " + stateRm}, `app "shop"` + gone},
		"by hand": {&RenameError{Err: ErrBadRename}, RenameError{Err: ErrBadRename}, "bad rename"},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := tt.err.(*RenameError)
			if !ok {
				t.Fatalf("%T", tt.err)
			}
			if diff := cmp.Diff(tt.want, *got, cmpopts.IgnoreUnexported(RenameError{}), cmpopts.IgnoreFields(RenameError{}, "Err", "Cause")); diff != "" || got.Err != tt.want.Err || got.Cause != tt.want.Cause {
				t.Errorf("%v, cause %v (-want +got):\n%s", got.Err, got.Cause, diff)
			}
			if got.Error() != tt.text {
				t.Errorf("says  %s\nwants %s", got, tt.text)
			}
			if !errors.Is(got, tt.want.Err) || tt.want.Cause != nil && !errors.Is(got, tt.want.Cause) || len(got.Unwrap()) != 2 && tt.want.Cause != nil || len(got.Unwrap()) != 1 && tt.want.Cause == nil {
				t.Errorf("unwraps to %v", got.Unwrap())
			}
		})
	}
	for _, err := range []error{platform.ErrUnavailable, errors.New("other")} {
		if got := unreachable("shop", one, err); got != err {
			t.Errorf("%v becomes %v", err, got)
		}
	}
}

// TestJoin: one error for any number, none for none, all of them within, and a text
// that ends.
func TestJoin(t *testing.T) {
	if err := join(nil, nil); err != nil || join() != nil {
		t.Errorf("none is %v", err)
	}
	var all, nested []error
	var lines []string
	for i := range 11 {
		err := fmt.Errorf("error %d", i)
		all, nested = append(all, err), append(nested, nil, err)
		lines = append(lines, err.Error())
	}
	ten := strings.Join(lines[:10], "\n")
	for _, tt := range []struct {
		err  error
		n    int
		text string
	}{
		{join(all[0]), 1, "error 0"}, {join(all[:2]...), 2, "error 0\nerror 1"}, {join(all[:10]...), 10, ten},
		{join(all...), 11, ten + "\nand 1 more of 11"}, {join(nested...), 11, ten + "\nand 1 more of 11"},
		{join(all[0], join(all[1:]...), nil), 11, ten + "\nand 1 more of 11"},
	} {
		got := tt.err.(interface{ Unwrap() []error }).Unwrap()
		if len(got) != tt.n || tt.err.Error() != tt.text || !errors.Is(tt.err, all[tt.n-1]) {
			t.Errorf("%d errors, want %d: %q, want %q", len(got), tt.n, tt.err, tt.text)
		}
	}
}

// TestSlugErrors: where a slug error says its fault is, and what is to be done.
func TestSlugErrors(t *testing.T) {
	api, app := Pipeline{"api", n(1)}, NamedID{ID: n(2), Name: "api-eu"}
	long := strings.Repeat("x", 500)
	for _, tt := range []struct {
		err  SlugError
		want string
	}{
		{SlugError{}, "no reason is known"},
		{SlugError{Err: ErrNoApps}, ErrNoApps.Error()},
		{SlugError{Pipeline: api}, "pipeline api (" + n(1) + "): no reason is known"},
		{SlugError{Variables: []string{"A", "B\x1b"}, Err: ErrPipelineClash}, `A and B\x1b: ` + ErrPipelineClash.Error()},
		{SlugError{Pipeline: api, Stage: "staging", App: app, Err: ErrAppGone}, "pipeline api (" + n(1) + `), stage staging, app "api-eu": ` + ErrAppGone.Error()},
		{SlugError{Stage: "staging", App: NamedID{ID: n(2)}, Err: ErrAppGone}, "stage staging, app " + n(2) + ": " + ErrAppGone.Error()},
		{SlugError{App: NamedID{Name: "api-eu"}, Err: ErrAppGone}, `app "api-eu": ` + ErrAppGone.Error()},
		{SlugError{Pipeline: Pipeline{"api", "secret"}, Err: ErrPipelineRef}, `pipeline "api": ` + ErrPipelineRef.Error()},
		{SlugError{Pipeline: Pipeline{"a\x1b", "secret"}, Err: emptyRef}, `pipeline "a\x1b": the value is empty`},
		{SlugError{Pipeline: Pipeline{Name: "a;b"}, Err: fmt.Errorf("x: %w", ErrPipelineName)}, `pipeline "a;b": x: ` + ErrPipelineName.Error()},
	} {
		if got := tt.err.Error(); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
		if tt.err.Unwrap() != tt.err.Err {
			t.Errorf("%v unwraps to %v", &tt.err, tt.err.Unwrap())
		}
	}
	if got := (&SlugError{Pipeline: Pipeline{Name: long}, Err: ErrPipelineName}).Error(); len(got) > 400 {
		t.Errorf("a message of %d bytes", len(got))
	}
	release := "Wait until the release phase is over, or allow a longer wait"
	for _, tt := range []struct {
		err  error
		near []string
		want string
	}{
		{ErrNoApps, []string{"web"}, `Did you mean "web"?`},
		{ErrAmbiguousName, nil, "Configure the pipeline by its UUID."},
		{errors.Join(ErrAppsDiffer, ErrReleasePending), nil, release + "; or pick one of the apps for the stage."},
		{ErrAppsDiffer, nil, "Pick one of the apps for the stage, or release the same to all of them."},
		{ErrReleasePending, nil, release + "."},
		{ErrNoCurrent, nil, "Release to the app, or resolve other stages only."},
		{ErrNeverReleased, nil, "Release to the app, or resolve other stages only."},
		{ErrContainerImage, nil, "What isn't built into a slug or an OCI image can't be released with heroku_app_release: leave the stage out."},
		{ErrOtherPins, nil, "Write the pins anew for what is asked for, or ask for what is pinned."},
		{ErrSlugExpired, nil, "Build and release the app anew: Heroku keeps the slugs of the newest 20 releases and of the last 30 days."},
		{ErrNoApps, nil, "Add apps to the pipeline, or name the stages to resolve."},
		{ErrStale, nil, "Resolve slugs in one step of the job only, or start the command with the variables set."},
		{&platform.APIError{Status: 403, Hint: "ask for access"}, nil, "ask for access"},
		{&platform.RequestError{Err: platform.ErrPaging, Hint: "try again"}, nil, "try again"},
		{ErrUnquotable, nil, ""},
	} {
		for _, err := range []error{tt.err, fmt.Errorf("step: %w", tt.err)} {
			problems := completeSlugErrors([]*SlugError{{Err: err, Near: tt.near}, {Err: err, Hint: "its own"}})
			if problems[0].Hint != tt.want || problems[1].Hint != "its own" {
				t.Errorf("hints of %v: %q, %q", err, problems[0].Hint, problems[1].Hint)
			}
			if r, ok := problems[0].Err.(*slugReason); !ok || r.Error() != err.Error() || !errors.Is(r, tt.err) {
				t.Errorf("%v becomes %v", err, problems[0].Err)
			}
		}
	}
	kept := &slugReason{"x", []error{ErrNoApps}}
	if completeSlugErrors([]*SlugError{{Err: kept}})[0].Err != kept {
		t.Error("a reason isn't kept as it is")
	}
	if got := newSlugErrors("op", []*SlugError{{Err: ErrNoApps}}).Error(); got != "op: "+ErrNoApps.Error() {
		t.Errorf("one problem: %q", got)
	}
}

// TestSlugReasons: a reason has a name of its own, comes back from JSON by it, and is
// the same as another one with its text and its names.
func TestSlugReasons(t *testing.T) {
	for _, r := range slugReasons {
		names := reasonNames(fmt.Errorf("x: %w", r.err))
		if diff := cmp.Diff([]string{r.name}, names); diff != "" {
			t.Errorf("%v (-want +got):\n%s", r.err, diff)
		}
		if back := readReason("text", names); !errors.Is(back, r.err) || back.Error() != "text" {
			t.Errorf("%s comes back as %v", r.name, back)
		}
	}
	if names := reasonNames(errors.New("other")); names == nil || len(names) > 0 {
		t.Errorf("another error is %#v", names)
	}
	if got := reasonNames(readReason("x", []string{"no_apps", "later", "stale"})); !cmp.Equal(got, []string{"no_apps", "stale"}) {
		t.Errorf("of three names %v", got)
	}
	a := func(text string, errs ...error) *slugReason { return &slugReason{text, errs} }
	var none *slugReason
	for _, tt := range []struct {
		x, y *slugReason
		want bool
	}{
		{a("x", ErrNoApps), a("x", fmt.Errorf("y: %w", ErrNoApps)), true}, {a("x"), a("x"), true}, {a("x"), a("y"), false},
		{a("x", ErrNoApps), a("x"), false}, {a("x", ErrNoApps), a("x", ErrStale), false}, {none, none, true}, {none, a("x"), false}, {a("x"), none, false},
	} {
		if got := tt.x.Equal(tt.y); got != tt.want {
			t.Errorf("%v is %v: %t", tt.x, tt.y, got)
		}
	}
}
