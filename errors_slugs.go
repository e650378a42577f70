package herokutf

import (
	"errors"
	"fmt"
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
	ErrPipelineClash = errors.New("the names fall together when lower-cased")
)

// Problems of [ResolveSlugs]. Heroku's own answers are errors of [platform.APIError].
var (
	// ErrSlugOptions: a field of SlugOptions has a value that it can't have.
	ErrSlugOptions = errors.New("not a valid option")

	// ErrNotInStage: the app picked for a stage isn't in it, in any of the
	// pipelines.
	ErrNotInStage = errors.New("the app isn't in the stage")

	// ErrAmbiguousName: several pipelines bear the name.
	ErrAmbiguousName = errors.New("several pipelines have this name")

	// ErrNoApps: the pipeline has no app in any stage that is to be resolved.
	ErrNoApps = errors.New("the pipeline has no app in the stages to resolve")

	// ErrAppsDiffer: the apps of a stage run different slugs or images.
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
)

// A ResolveError lists every problem that kept [ResolveSlugs] from resolving
// all there is. errors.Is and errors.As find what the problems wrap.
type ResolveError struct {
	Problems []Problem // never empty; sorted by pipeline, stage and app
}

func newResolveError(problems []Problem) *ResolveError {
	return &ResolveError{Problems: withHints(problems)}
}

func (e *ResolveError) Error() string { return "resolve slugs: " + listProblems(e.Problems) }

// Unwrap returns the problems.
func (e *ResolveError) Unwrap() []error { return asErrors(e.Problems) }

// withHints fills in what to do about problems.
func withHints(problems []Problem) []Problem {
	for i := range problems {
		problems[i].Hint = slugHint(problems[i].Err)
	}
	return problems
}

func slugHint(err error) string {
	switch {
	case errors.Is(err, ErrAmbiguousName):
		return "configure the pipeline by its UUID"
	case errors.Is(err, ErrAppsDiffer):
		return "pick one of the apps for the stage, or release the same to all of them"
	case errors.Is(err, ErrReleasePending):
		return "wait until the release phase is over, or allow a longer wait"
	case errors.Is(err, ErrNoCurrent), errors.Is(err, ErrNeverReleased):
		return "release to the app, or resolve other stages only"
	case errors.Is(err, ErrContainerImage):
		return "what isn't built into a slug or an OCI image can't be released with heroku_app_release: leave the stage out"
	case errors.Is(err, ErrSlugExpired):
		return "build and release the app anew: Heroku keeps the slugs of the newest 20 releases and of the last 30 days"
	case errors.Is(err, ErrNoApps):
		return "add apps to the pipeline, or name the stages to resolve"
	}
	if e, ok := errors.AsType[*platform.APIError](err); ok {
		return e.Hint
	}
	if e, ok := errors.AsType[*platform.RequestError](err); ok {
		return e.Hint
	}
	return ""
}

// A PipelinesError lists every fault that [PipelinesFromEnv] found in an
// environment. errors.Is finds the faults themselves.
type PipelinesError struct {
	Prefix   string       // the prefix that was searched for
	Problems []EnvProblem // never empty; sorted by variable
	Hint     string       // what to do next
}

// An EnvProblem is one fault among the environment variables that name
// pipelines. It holds no values: what isn't a pipeline's may be a secret, like
// that of HEROKU_API_KEY with the prefix HEROKU_.
type EnvProblem struct {
	Variables []string // the variables at fault: several, sorted, for ErrPipelineClash
	Empty     bool     // the value is empty, which is an ErrPipelineRef too
	Err       error    // one of the faults that PipelinesFromEnv lists
}

func (p EnvProblem) Error() string {
	names := strings.Join(p.Variables, " and ")
	if p.Empty {
		return names + ": the value is empty"
	}
	return names + ": " + p.Err.Error()
}

// Unwrap returns the fault.
func (p EnvProblem) Unwrap() error { return p.Err }

func (e *PipelinesError) Error() string {
	return "read pipelines from the environment: " + listProblems(e.Problems)
}

// Unwrap returns the problems.
func (e *PipelinesError) Unwrap() []error { return asErrors(e.Problems) }

func newPipelinesError(prefix string, problems []EnvProblem) *PipelinesError {
	return &PipelinesError{Prefix: prefix, Problems: problems, Hint: fmt.Sprintf(
		"set %s{NAME} to a pipeline's UUID or name, as in %sWEB_UI=web-ui; %s changes the prefix",
		prefix, prefix, PipelinePrefixVariable)}
}

// listProblems renders one problem on the line and several below each other.
func listProblems[E error](problems []E) string {
	if len(problems) == 1 {
		return problems[0].Error()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d problems:", len(problems))
	for _, p := range problems {
		b.WriteString("\n\t" + p.Error())
	}
	return b.String()
}

func asErrors[E error](problems []E) []error {
	errs := make([]error, len(problems))
	for i, p := range problems {
		errs[i] = p
	}
	return errs
}

// A Problem says why there is no artifact for a pipeline, a stage or an app.
// It wraps one of the reasons that [ResolveSlugs] lists and, where Heroku's
// answer was the cause, that answer's error.
type Problem struct {
	Pipeline Pipeline // as configured; zero when the fault is in the options
	Stage    string   // "" when it is the whole pipeline
	App      NamedID  // zero when it is the whole stage; Name is "" when Heroku didn't tell it
	Err      error
	Hint     string // what to do next; "" if nothing general can be said
}

func (p Problem) Error() string {
	var where []string
	switch {
	case p.Pipeline == Pipeline{}:
	case errors.Is(p.Err, ErrPipelineRef), errors.Is(p.Err, ErrPipelineName):
		// What they hold instead may be anything, a secret among it.
		where = append(where, fmt.Sprintf("pipeline %q", printable.Short(p.Pipeline.Name)))
	default:
		where = append(where, fmt.Sprintf("pipeline %s (%s)", p.Pipeline.Name, p.Pipeline.Ref))
	}
	if p.Stage != "" {
		where = append(where, "stage "+p.Stage)
	}
	if p.App != (NamedID{}) {
		where = append(where, "app "+p.App.label())
	}
	if where == nil {
		return p.Err.Error()
	}
	return strings.Join(where, ", ") + ": " + p.Err.Error()
}

// Unwrap returns Err.
func (p Problem) Unwrap() error { return p.Err }

// label returns the name, or the id where the name isn't known.
func (n NamedID) label() string {
	if n.Name != "" {
		return fmt.Sprintf("%q", n.Name)
	}
	return n.ID
}

// ErrUnquotable: a variable can't be written in a format.
var ErrUnquotable = errors.New("not to be expressed in this format")

// An UnquotableError says which variable can't be written in a format, and
// why. It wraps [ErrUnquotable].
type UnquotableError struct {
	Variable string
	Format   Format
	Reason   string
}

func (e *UnquotableError) Error() string {
	return fmt.Sprintf("write variable %q as %s: %s", e.Variable, e.Format, e.Reason)
}

// Unwrap returns ErrUnquotable.
func (e *UnquotableError) Unwrap() error { return ErrUnquotable }

// ErrStale: variables of an earlier run can't be unset.
var ErrStale = errors.New("variables of an earlier run have no value now and can't be unset here")

// A StaleError lists the environment variables that should be unset in a
// format that can't. It wraps [ErrStale].
type StaleError struct {
	Variables []string // sorted
	Hint      string   // what to do next
}

func newStaleError(variables []string) *StaleError {
	return &StaleError{Variables: variables,
		Hint: "resolve slugs in one step of the job only, or start the command with the variables set"}
}

func (e *StaleError) Error() string {
	return ErrStale.Error() + ": " + strings.Join(e.Variables, ", ")
}

// Unwrap returns ErrStale.
func (e *StaleError) Unwrap() error { return ErrStale }
