package herokutf

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/herokutf/herokutf/internal/printable"
	"github.com/herokutf/herokutf/platform"
)

// Faults of the pipelines as they are configured.
var (
	// ErrNoPipelines: not one pipeline is configured.
	ErrNoPipelines = errors.New("no pipeline is configured")

	// ErrPipelineName: a pipeline's name can't be part of a variable's name
	// in Terraform and in a shell alike.
	ErrPipelineName = errors.New("the name can't be part of a Terraform variable's name: it has to be letters, digits and underscores and must not begin with a digit")

	// ErrPipelineRef: what should identify a pipeline is neither a UUID nor a
	// name that Heroku allows for pipelines.
	ErrPipelineRef = errors.New("the value is neither a UUID nor a pipeline name")

	// ErrPipelineClash: two pipelines would feed the same Terraform variables.
	ErrPipelineClash = errors.New("the names are the same in lower case")
)

// Problems of [ResolveSlugs]. Those that Heroku's answers are have the errors of
// package platform.
var (
	// ErrSlugOptions: a field of [SlugOptions] has a value that it can't have.
	ErrSlugOptions = errors.New("not a valid option")

	// ErrNotInStage: the app picked for a stage isn't in it, in any of the
	// pipelines.
	ErrNotInStage = errors.New("the app isn't in the stage")

	// ErrAmbiguousName: several pipelines bear the name.
	ErrAmbiguousName = errors.New("several pipelines have this name")

	// ErrNoApps: the pipeline has no app in any stage that is to be resolved.
	ErrNoApps = errors.New("the pipeline has no app in the stages to resolve")

	// ErrAppsDiffer: the apps of a stage run different slugs or images. Where a
	// release of one is pending, the error matches ErrReleasePending, too.
	ErrAppsDiffer = errors.New("the apps of the stage don't run the same")

	// ErrNeverReleased: no code runs; none was ever released, or a rollback
	// went back to before.
	ErrNeverReleased = errors.New("no code is released")

	// ErrNoCurrent: there are releases, but none that counts.
	ErrNoCurrent = errors.New("none of the releases counts")

	// ErrReleasePending: a release is pending, and no other may take its place.
	ErrReleasePending = errors.New("a release is pending")

	// ErrContainerImage: the app runs an image of the container registry, which
	// has no slug.
	ErrContainerImage = errors.New("the app runs a container image, which has no slug")

	// ErrSlugExpired: Heroku has deleted the slug or image of the release.
	ErrSlugExpired = errors.New("the slug or image is deleted")

	// ErrAppGone: the app was deleted, or left the account's sight, after the
	// pipeline had listed it.
	ErrAppGone = errors.New("the app is gone, or not to be seen by this account")

	// ErrOtherPins: the pins of SlugOptions.Locked are for other pipelines,
	// stages or apps than were asked for.
	ErrOtherPins = errors.New("the pins are for something else")
)

// Faults of pin files.
var (
	// ErrNoPins: a pin file would hold, or holds, no artifact.
	ErrNoPins = errors.New("there are no pins")

	// ErrPinFile: a file isn't one that [Slugs.Lock] has written.
	ErrPinFile = errors.New("not a pin file")
)

// Reasons why slugs can't be written.
var (
	// ErrUnquotable: a variable can't be written in the format.
	ErrUnquotable = errors.New("not to be expressed in this format")

	// ErrStale: an environment variable of an earlier run has no value any
	// more, and the format can't unset it.
	ErrStale = errors.New("an earlier run has set the variable, which has no value now, and this format can't unset it")
)

// A SlugError is one reason why there are no pipelines, no artifact, or no
// output: of [PipelinesFromEnv], [ResolveSlugs] or [Slugs.Write]. Their errors
// join one for each reason there is; with SlugOptions.KeepGoing those of
// ResolveSlugs are in [Slugs].Problems. It unwraps to Err.
//
// It holds no values of environment variables: what isn't a pipeline's may be a
// secret, like that of HEROKU_API_KEY with the prefix HEROKU_.
type SlugError struct {
	// Variables are at fault: environment variables of PipelinesFromEnv and
	// for [ErrStale], Terraform variables for [ErrUnquotable]. They are
	// sorted; there are several for [ErrPipelineClash]. Nil for what
	// ResolveSlugs reports.
	Variables []string

	Pipeline Pipeline // as configured; zero when the fault is in the options or in Variables
	Stage    string   // "" when it is the whole pipeline
	App      NamedID  // zero when it is the whole stage; Name is "" when Heroku hasn't said it

	// Err matches one of the errors that the function lists, and the API's
	// where its answer was the cause.
	Err error

	// Near are names of pipelines that are spelled like Pipeline.Ref, which
	// is none, the nearest first, three at the most; nil if there are none.
	Near []string

	Hint string // what to do next; "" if nothing general can be said
}

// Error says where the fault is, and what it is.
func (e *SlugError) Error() string {
	var where []string
	if len(e.Variables) > 0 {
		var names []string
		for _, v := range e.Variables {
			names = append(names, printable.Text(v))
		}
		where = append(where, strings.Join(names, " and "))
	}
	switch {
	case e.Pipeline == Pipeline{}:
	case errors.Is(e.Err, ErrPipelineRef), errors.Is(e.Err, ErrPipelineName):
		// What they hold instead may be anything, a secret among it.
		where = append(where, fmt.Sprintf("pipeline %q", printable.Short(e.Pipeline.Name)))
	default:
		where = append(where, fmt.Sprintf("pipeline %s (%s)", e.Pipeline.Name, e.Pipeline.Ref))
	}
	if e.Stage != "" {
		where = append(where, "stage "+e.Stage)
	}
	if e.App != (NamedID{}) {
		where = append(where, "app "+e.App.label())
	}
	text := "no reason is known"
	if e.Err != nil {
		text = e.Err.Error()
	}
	if where == nil {
		return text
	}
	return strings.Join(where, ", ") + ": " + text
}

// Unwrap returns Err.
func (e *SlugError) Unwrap() error { return e.Err }

// label returns the name, or the id where the name isn't known.
func (n NamedID) label() string {
	if n.Name != "" {
		return fmt.Sprintf("%q", n.Name)
	}
	return n.ID
}

// slugReasons are the errors that a SlugError can match, by their names in
// JSON.
var slugReasons = []struct {
	name string
	err  error
}{
	{"no_pipelines", ErrNoPipelines},
	{"pipeline_name", ErrPipelineName},
	{"pipeline_ref", ErrPipelineRef},
	{"pipeline_clash", ErrPipelineClash},
	{"options", ErrSlugOptions},
	{"not_in_stage", ErrNotInStage},
	{"ambiguous_name", ErrAmbiguousName},
	{"no_apps", ErrNoApps},
	{"apps_differ", ErrAppsDiffer},
	{"never_released", ErrNeverReleased},
	{"no_current", ErrNoCurrent},
	{"release_pending", ErrReleasePending},
	{"container_image", ErrContainerImage},
	{"slug_expired", ErrSlugExpired},
	{"app_gone", ErrAppGone},
	{"unquotable", ErrUnquotable},
	{"stale", ErrStale},
	{"other_pins", ErrOtherPins},
	{"not_found", platform.ErrNotFound},
	{"forbidden", platform.ErrForbidden},
	{"suspended", platform.ErrSuspended},
	{"two_factor", platform.ErrTwoFactor},
	{"delinquent", platform.ErrDelinquent},
	{"unavailable", platform.ErrUnavailable},
	{"bad_answer", platform.ErrBadAnswer},
	{"too_large", platform.ErrTooLarge},
	{"paging", platform.ErrPaging},
	{"invalid_name", platform.ErrInvalidName},
}

// A slugReason is the Err of the slug errors that this package makes. It can be
// compared and read back from JSON, then with the errors of slugReasons alone.
type slugReason struct {
	text string
	errs []error
}

func (r *slugReason) Error() string   { return r.text }
func (r *slugReason) Unwrap() []error { return r.errs }

// Equal lets go-cmp compare results that hold problems.
func (r *slugReason) Equal(other *slugReason) bool {
	if r == nil || other == nil {
		return r == other
	}
	return r.text == other.text && slices.Equal(reasonNames(r), reasonNames(other))
}

// reasonNames returns the names of what err matches; never nil.
func reasonNames(err error) []string {
	names := []string{}
	for _, reason := range slugReasons {
		if errors.Is(err, reason.err) {
			names = append(names, reason.name)
		}
	}
	return names
}

// emptyRef is an [ErrPipelineRef] that says what is the matter.
var emptyRef = &slugReason{"the value is empty", []error{ErrPipelineRef}}

// quotedRef is an [ErrPipelineRef] of a value that a shell would have taken the
// quotes off, and a .env file of Docker's doesn't.
var quotedRef = &slugReason{"the value is in quotes, which are part of it: take them off", []error{ErrPipelineRef}}

// slugErrors joins the problems of one call.
type slugErrors struct {
	op       string
	problems []*SlugError // never empty
}

// newSlugErrors completes the problems and joins them.
func newSlugErrors(op string, problems []*SlugError) error {
	return &slugErrors{op, completeSlugErrors(problems)}
}

// Error has one problem on the line and several below each other.
func (e *slugErrors) Error() string {
	if len(e.problems) == 1 {
		return e.op + ": " + e.problems[0].Error()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d problems:", e.op, len(e.problems))
	for _, p := range e.problems {
		b.WriteString("\n\t" + p.Error())
	}
	return b.String()
}

func (e *slugErrors) Unwrap() []error {
	errs := make([]error, len(e.problems))
	for i, p := range e.problems {
		errs[i] = p
	}
	return errs
}

// completeSlugErrors gives problems a comparable Err, and those without a hint
// what is to be done about them.
func completeSlugErrors(problems []*SlugError) []*SlugError {
	for _, p := range problems {
		if p.Hint == "" {
			p.Hint = slugHint(p)
		}
		if _, ok := p.Err.(*slugReason); !ok {
			p.Err = &slugReason{p.Err.Error(), []error{p.Err}}
		}
	}
	return problems
}

func slugHint(p *SlugError) string {
	err := p.Err
	switch {
	case p.Near != nil:
		return "Did you mean " + quoteAny(p.Near) + "?"
	case errors.Is(err, ErrAmbiguousName):
		return "Configure the pipeline by its UUID."
	case errors.Is(err, ErrAppsDiffer) && errors.Is(err, ErrReleasePending):
		return "Wait until the release phase is over, or allow a longer wait; or pick one of the apps for the stage."
	case errors.Is(err, ErrAppsDiffer):
		return "Pick one of the apps for the stage, or release the same to all of them."
	case errors.Is(err, ErrReleasePending):
		return "Wait until the release phase is over, or allow a longer wait."
	case errors.Is(err, ErrNoCurrent), errors.Is(err, ErrNeverReleased):
		return "Release to the app, or resolve other stages only."
	case errors.Is(err, ErrContainerImage):
		return "What isn't built into a slug or an OCI image can't be released with heroku_app_release: leave the stage out."
	case errors.Is(err, ErrOtherPins):
		return "Write the pins anew for what is asked for, or ask for what is pinned."
	case errors.Is(err, ErrSlugExpired):
		return "Build and release the app anew: Heroku keeps the slugs of the newest 20 releases and of the last 30 days."
	case errors.Is(err, ErrNoApps):
		return "Add apps to the pipeline, or name the stages to resolve."
	case errors.Is(err, ErrStale):
		return "Resolve slugs in one step of the job only, or start the command with the variables set."
	}
	if e, ok := errors.AsType[*platform.APIError](err); ok {
		return e.Hint
	}
	if e, ok := errors.AsType[*platform.RequestError](err); ok {
		return e.Hint
	}
	return ""
}
