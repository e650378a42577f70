package herokutf

import (
	"cmp"
	"fmt"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/herokutf/herokutf/internal/provider"
)

const (
	// DefaultPipelinePrefix begins the names of the environment variables
	// that name pipelines, unless another prefix is asked for.
	DefaultPipelinePrefix = "BUILD_PIPELINE_"

	// PipelinePrefixVariable is the environment variable that changes the
	// prefix. It is never itself taken for a pipeline, although its name
	// begins with the default prefix.
	PipelinePrefixVariable = "BUILD_PIPELINE_VAR_PREFIX"
)

// A Pipeline is one pipeline as it was configured, before Heroku was asked.
type Pipeline struct {
	// Name is the pipeline's part in the names of Terraform variables, as in
	// web_ui_slug_production. It matches ^[a-z_][a-z0-9_]*$: what Terraform,
	// every shell and every dotenv reader take in a variable's name.
	Name string `json:"name"`

	// Ref is the pipeline's UUID, in lower case, or its name on Heroku.
	Ref string `json:"ref"`
}

var pipelineVarName = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)

// PipelinesFromEnv reads pipelines from environment variables of the form
// {prefix}{NAME}={UUID or pipeline name}. environ holds entries "key=value" as
// [os.Environ] returns them; when a key stands there twice, the later entry
// counts, as it does for a process that os/exec starts. NAME is lower-cased:
// BUILD_PIPELINE_WEB_UI gives the name web_ui. White space around a value doesn't
// count, and the address of a pipeline's page in the dashboard will do.
//
// An empty prefix stands for the value of BUILD_PIPELINE_VAR_PREFIX in environ
// or, where that is unset or empty, for [DefaultPipelinePrefix]. On Windows,
// where the names of environment variables have no case, neither the prefix nor
// NAME has one.
//
// The result is sorted by name and never empty. Two names may hold the same
// pipeline, which then feeds two sets of Terraform variables.
//
// The error joins a [*SlugError] for every fault there is, each with one of
// [ErrNoPipelines], [ErrPipelineName], [ErrPipelineRef] and
// [ErrPipelineClash].
func PipelinesFromEnv(environ []string, prefix string) ([]Pipeline, error) {
	return pipelinesFromEnv(environ, prefix, runtime.GOOS == "windows")
}

// envEntry is one variable of an environment, the last of its key.
type envEntry struct{ key, value string }

// lastEntries returns one entry for each key of environ, sorted by key. With
// fold, keys that differ in case only are the same key, spelled as in the last
// entry.
func lastEntries(environ []string, fold bool) []envEntry {
	last := make(map[string]envEntry, len(environ))
	for _, e := range environ {
		key, value, ok := strings.Cut(e, "=")
		if !ok || key == "" {
			continue // Windows keeps a drive's directory in entries like "=C:=C:\x"
		}
		id := key
		if fold {
			id = strings.ToUpper(key)
		}
		last[id] = envEntry{key, value}
	}
	entries := make([]envEntry, 0, len(last))
	for _, e := range last {
		entries = append(entries, e)
	}
	slices.SortFunc(entries, func(a, b envEntry) int { return cmp.Compare(a.key, b.key) })
	return entries
}

// cutKeyPrefix is strings.CutPrefix, without regard to case if fold is set.
func cutKeyPrefix(key, prefix string, fold bool) (string, bool) {
	if len(key) >= len(prefix) && sameKey(key[:len(prefix)], prefix, fold) {
		return key[len(prefix):], true
	}
	return "", false
}

func sameKey(a, b string, fold bool) bool {
	return a == b || fold && strings.EqualFold(a, b)
}

func pipelinesFromEnv(environ []string, prefix string, fold bool) ([]Pipeline, error) {
	entries := lastEntries(environ, fold)
	if prefix == "" {
		prefix = DefaultPipelinePrefix
		for _, e := range entries {
			if sameKey(e.key, PipelinePrefixVariable, fold) && e.value != "" {
				prefix = e.value
			}
		}
	}

	var pipelines []Pipeline
	var problems []*SlugError
	variables := make(map[string][]string) // by pipeline name
	for _, e := range entries {
		rest, ok := cutKeyPrefix(e.key, prefix, fold)
		if !ok || sameKey(e.key, PipelinePrefixVariable, fold) {
			continue
		}
		p := Pipeline{Name: strings.ToLower(rest), Ref: pipelineRef(e.value)}
		variables[p.Name] = append(variables[p.Name], e.key)
		for _, err := range checkPipeline(p) {
			switch {
			case err == ErrPipelineRef && p.Ref == "":
				err = emptyRef
			case err == ErrPipelineRef && isQuoted(p.Ref):
				err = quotedRef
			}
			problems = append(problems, &SlugError{Variables: []string{e.key}, Err: err})
		}
		pipelines = append(pipelines, p)
	}
	for _, keys := range variables {
		if len(keys) > 1 {
			problems = append(problems, &SlugError{Variables: keys, Err: ErrPipelineClash})
		}
	}
	if len(pipelines) == 0 {
		problems = append(problems, &SlugError{Variables: []string{prefix + "{NAME}"}, Err: ErrNoPipelines})
	}
	if problems != nil {
		slices.SortStableFunc(problems, func(a, b *SlugError) int {
			return cmp.Or(slices.Compare(a.Variables, b.Variables), cmp.Compare(a.Err.Error(), b.Err.Error()))
		})
		return nil, newPipelinesError(prefix, problems)
	}
	slices.SortFunc(pipelines, func(a, b Pipeline) int { return cmp.Compare(a.Name, b.Name) })
	return pipelines, nil
}

// pipelinePage begins the address of a pipeline's page in the dashboard.
const pipelinePage = "https://dashboard.heroku.com/pipelines/"

// pipelineRef returns what a value says of a pipeline: white space around it is a
// slip of the clipboard or of a file, and of the address of a page in the dashboard
// the pipeline's part counts.
func pipelineRef(value string) string {
	ref := strings.TrimSpace(value)
	if page, ok := strings.CutPrefix(ref, pipelinePage); ok {
		ref = page
		if end := strings.IndexAny(ref, "/?#"); end >= 0 {
			ref = ref[:end]
		}
	}
	if provider.IsUUID(ref) {
		ref = strings.ToLower(ref)
	}
	return ref
}

// isQuoted reports whether quotes have come along with a value.
func isQuoted(s string) bool {
	return len(s) > 1 && (s[0] == '"' || s[0] == '\'' || s[0] == '`') && s[len(s)-1] == s[0]
}

func newPipelinesError(prefix string, problems []*SlugError) error {
	for _, p := range problems {
		p.Hint = fmt.Sprintf("Set %s{NAME} to a pipeline's UUID or name, as in %sWEB_UI=web-ui; %s changes the prefix.",
			prefix, prefix, PipelinePrefixVariable)
	}
	return newSlugErrors("read pipelines from the environment", problems)
}

// checkPipeline returns what is wrong with p by itself: ErrPipelineName,
// ErrPipelineRef, both or none.
func checkPipeline(p Pipeline) []error {
	var errs []error
	if !pipelineVarName.MatchString(p.Name) {
		errs = append(errs, ErrPipelineName)
	}
	if !provider.IsUUID(p.Ref) && !pipelineName.MatchString(p.Ref) {
		errs = append(errs, ErrPipelineRef)
	}
	return errs
}

// pipelineName is the pattern of a pipeline's name, the definition pipeline.name
// of the Platform API's schema: other than an app's it may end with a dash.
var pipelineName = regexp.MustCompile(`^[a-z][a-z0-9-]{2,29}$`)
