package herokutf

import (
	"errors"
	"fmt"
	"strings"
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

// A PipelinesError lists every fault that [PipelinesFromEnv] found in an
// environment. errors.Is finds the faults themselves.
type PipelinesError struct {
	Prefix   string       // the prefix that was searched for
	Problems []EnvProblem // never empty; sorted by variable
}

// An EnvProblem is one fault among the environment variables that name
// pipelines.
type EnvProblem struct {
	Variables []string // the variables at fault: several, sorted, for ErrPipelineClash
	Value     string   // the value of a single variable, a pipeline's UUID or name
	Err       error    // one of the faults that PipelinesFromEnv lists
}

func (p EnvProblem) Error() string {
	names := strings.Join(p.Variables, " and ")
	switch {
	case errors.Is(p.Err, ErrPipelineRef) && p.Value == "":
		return names + ": the value is empty"
	case errors.Is(p.Err, ErrPipelineRef):
		return fmt.Sprintf("%s: %v: %q", names, p.Err, p.Value)
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

// Hint says how to set the variables right.
func (e *PipelinesError) Hint() string {
	return fmt.Sprintf("set %s{NAME} to a pipeline's UUID or name, as in %sWEB_UI=web-ui; %s changes the prefix",
		e.Prefix, e.Prefix, PipelinePrefixVariable)
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
}

func (p Problem) Error() string {
	var where []string
	if p.Pipeline != (Pipeline{}) {
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
}

func (e *StaleError) Error() string {
	return ErrStale.Error() + ": " + strings.Join(e.Variables, ", ")
}

// Unwrap returns ErrStale.
func (e *StaleError) Unwrap() error { return ErrStale }

// Hint says what to do about the variables.
func (e *StaleError) Hint() string {
	return "resolve slugs in one step of the job only, or run the command with the variables set"
}
