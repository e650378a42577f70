package herokutf

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	heroku "github.com/heroku/heroku-go/v5"
	"golang.org/x/sync/errgroup"

	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/platform"
)

// steps fill in the steps in braces of a path.
type steps map[string]string

// A reader reads every answer at most once and keeps it. It can be used from
// many goroutines.
type reader struct {
	client *platform.Client

	mu      sync.Mutex
	answers map[string]*answer
	read    bool  // something of the account has come
	failure error // the first one
	refusal error // the first 403, or 404 for what is always there
}

// An answer is what the API said, or why it didn't.
type answer struct {
	done  chan struct{} // closed when the rest is there
	value any           // a []any, or the map of a single object
	err   error
	byID  map[string]any // the elements of a list

	grouping sync.Mutex
	groups   map[string]map[string][]any // see where
}

func newReader(c *platform.Client) *reader {
	return &reader{client: c, answers: make(map[string]*answer)}
}

// A jsonValue is any JSON, with numbers kept as text.
type jsonValue struct{ any }

func (v *jsonValue) UnmarshalJSON(data []byte) (err error) {
	v.any, err = decodeAnswer(data)
	return err
}

// get returns the answer for a path, asking at the first call.
// single says that the object may well be gone.
func (r *reader) get(path string, single bool, ask func() (any, error)) *answer {
	r.mu.Lock()
	a := r.answers[path]
	if a != nil {
		r.mu.Unlock()
		<-a.done
		return a
	}
	a = &answer{done: make(chan struct{})}
	r.answers[path] = a
	r.mu.Unlock()
	defer close(a.done)
	a.value, a.err = ask()
	a.index()
	r.mu.Lock()
	defer r.mu.Unlock()
	absent := errors.Is(a.err, platform.ErrNotFound)
	switch {
	case a.err == nil:
		r.read = true
	case absent && single: // that is an answer, but none of another address
	case absent || errors.Is(a.err, platform.ErrForbidden):
		r.refusal = cmp.Or(r.refusal, a.err)
	default:
		r.failure = cmp.Or(r.failure, a.err)
	}
	return a
}

// down returns the first failure if nothing could be read and nothing was refused: a
// token that may read no list may still read single apps.
func (r *reader) down() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.read || r.refusal != nil {
		return nil
	}
	return r.failure
}

// failed returns the first failure or refusal if nothing could be read at all.
func (r *reader) failed() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.read:
		return nil
	case r.failure != nil || r.refusal == nil:
		return r.failure
	}
	return &nothingReadError{r.refusal}
}

// A nothingReadError is a refusal of all that was asked for.
type nothingReadError struct{ err error }

func (e *nothingReadError) Error() string {
	return "Heroku shows this token nothing at all: " + e.err.Error()
}

func (e *nothingReadError) Unwrap() error { return e.err }

// Hint says what to look at.
func (e *nothingReadError) Hint() string {
	if errors.Is(e.err, platform.ErrNotFound) {
		return "the address isn't that of the Platform API, or the token is another account's: check HEROKU_API_URL and HEROKU_API_KEY"
	}
	return "the token's scope or its account doesn't allow to read: `heroku authorizations:create --scope read-protected` makes a token that does; " +
		"for another address check HEROKU_API_URL"
}

// fatal returns an error that ends the whole comparison: the context's, or that
// of a budget which is used up and isn't refilled within the time that requests
// may wait. Anything else concerns what was asked for alone.
func (r *reader) fatal(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, platform.ErrRateLimited) && r.client.Left() == 0:
		return err
	}
	return nil
}

// forget drops the answers below a path.
func (r *reader) forget(prefix string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for path := range r.answers {
		if strings.HasPrefix(path, prefix) {
			delete(r.answers, path)
		}
	}
}

// fill fills in the steps of a path, each escaped.
func fill(path string, with steps) (string, error) {
	segments := strings.Split(strings.TrimPrefix(path, "/"), "/")
	for i, s := range segments {
		if name, ok := strings.CutPrefix(s, "{"); ok {
			segments[i] = with[strings.TrimSuffix(name, "}")]
		}
	}
	return platform.Path(segments...)
}

// list reads a list, or the single object that stands for one.
func (r *reader) list(ctx context.Context, l provider.List, with steps) *answer {
	source := l.Source()
	path, err := fill(source.Path, with)
	if err != nil {
		return &answer{err: err}
	}
	return r.get(path, source.Whole, func() (any, error) {
		if source.One {
			return r.one(ctx, path, source)
		}
		all, err := platform.List[jsonValue](ctx, r.client, path, source.Field)
		if err != nil {
			return nil, err
		}
		return appendObjects(make([]any, 0, len(all)), all, path, source)
	})
}

// newest reads the newest elements of a long list, until enough says so.
func (r *reader) newest(ctx context.Context, l provider.List, with steps, page int, enough func([]any) bool) *answer {
	source := l.Source()
	path, err := fill(source.Path, with)
	if err != nil {
		return &answer{err: err}
	}
	return r.get(path, false, func() (any, error) {
		list := []any{}
		for page, err := range platform.Pages[jsonValue](ctx, r.client, path, heroku.ListRange{Field: source.Field, Descending: true, Max: page}) {
			if err != nil {
				return nil, err
			}
			if list, err = appendObjects(list, page, path, source); err != nil {
				return nil, err
			}
			if enough(list) {
				break
			}
		}
		return list, nil
	})
}

// appendObjects appends the elements of a page, all of which have to have what identifies
// them, as objects alone can: for what is anything else, the object that it is would be
// taken for missing.
func appendObjects(list []any, page []jsonValue, path string, source *provider.Source) ([]any, error) {
	for i := range page {
		if member := source.Lacks(page[i].any); member != "" {
			return nil, fmt.Errorf("GET %s: %w: an element has no %s", path, platform.ErrBadAnswer, member)
		}
		list = append(list, page[i].any)
	}
	return list, nil
}

// each reads an element of a list by itself.
func (r *reader) each(ctx context.Context, l provider.List, id string) *answer {
	path, err := fill(l.Source().Each, steps{"id": id})
	if err != nil {
		return &answer{err: err}
	}
	return r.get(path, true, func() (any, error) { return r.one(ctx, path, l.Source()) })
}

func (r *reader) one(ctx context.Context, path string, source *provider.Source) (any, error) {
	v, err := platform.Get[jsonValue](ctx, r.client, path)
	if err != nil {
		return nil, err
	}
	if _, ok := v.any.(map[string]any); !ok {
		return nil, fmt.Errorf("GET %s: %w: it is no object", path, platform.ErrBadAnswer)
	}
	if member := source.Lacks(v.any); member != "" {
		return nil, fmt.Errorf("GET %s: %w: it has no %s", path, platform.ErrBadAnswer, member)
	}
	return v.any, nil
}

// index makes the elements of a list known by their id.
func (a *answer) index() {
	list := a.elements()
	a.byID = make(map[string]any, len(list))
	for _, e := range list {
		if id := strings.ToLower(provider.Text(provider.Find(e, "id"))); id != "" {
			a.byID[id] = e
		}
	}
}

// elements returns the elements of a list; nil for what is none.
func (a *answer) elements() []any {
	list, _ := a.value.([]any)
	return list
}

// where returns the elements in which a path leads to the text, in any case of
// letters. They are grouped at the first call.
func (a *answer) where(path, text string) []any {
	a.grouping.Lock()
	defer a.grouping.Unlock()
	if a.groups[path] == nil {
		group := make(map[string][]any)
		for _, e := range a.elements() {
			key := strings.ToLower(provider.Text(provider.Find(e, path)))
			group[key] = append(group[key], e)
		}
		if a.groups == nil {
			a.groups = make(map[string]map[string][]any)
		}
		a.groups[path] = group
	}
	return a.groups[path][strings.ToLower(text)]
}

// current returns the release that runs, of a list of releases; nil if none of
// them does.
func current(releases []any, app string) any {
	i := slices.IndexFunc(releases, func(r any) bool {
		if provider.Find(r, "current") != true {
			return false
		}
		id := provider.Text(provider.Find(r, "app.id"))
		return id == "" || strings.EqualFold(id, app)
	})
	if i < 0 {
		return nil
	}
	return releases[i]
}

// An appReader reads the lists of apps.
type appReader struct {
	reader *reader
	// history says that the releases of an app are needed beyond the one that runs.
	history bool
	// latest is the pipeline whose latest releases have that of an app, by app.
	latest map[string]string
}

// The sizes of pages of lists that are read from the newest element: few releases
// find the one that runs, more of them who made a change.
const (
	currentPage = 10
	historyPage = 200
)

// list reads a list of an app.
func (r *appReader) list(ctx context.Context, a *driftApp, l provider.List) *answer {
	if !l.Source().Newest {
		return r.reader.list(ctx, l, a.steps())
	}
	if l == provider.Releases {
		page := currentPage
		if r.history {
			page = historyPage
		}
		return r.reader.newest(ctx, l, a.steps(), page, func(all []any) bool { return current(all, a.id) != nil })
	}
	// All that the states name have to be there.
	var wanted []string
	for _, s := range a.subjects {
		if s.res.Origin.List == l {
			wanted = append(wanted, strings.ToLower(s.object.ID))
		}
	}
	return r.reader.newest(ctx, l, a.steps(), historyPage, func(all []any) bool {
		for _, e := range all {
			wanted = slices.DeleteFunc(wanted, func(id string) bool {
				return strings.EqualFold(id, provider.Text(provider.Find(e, "id")))
			})
		}
		return len(wanted) == 0
	})
}

// runs returns the release that an app runs. One request for a pipeline may have
// those of all its apps.
func (r *appReader) runs(ctx context.Context, a *driftApp) release {
	if pipeline := r.latest[a.id]; pipeline != "" {
		// The newest release may have failed or be pending; then another
		// one runs.
		latest := r.reader.list(ctx, provider.LatestReleases, steps{"pipeline": pipeline})
		for _, e := range latest.where("app.id", a.id) {
			if provider.Find(e, "current") == true {
				return release{running: e, newest: e}
			}
		}
	}
	all := r.list(ctx, a, provider.Releases)
	read := release{running: current(all.elements(), a.id), err: all.err}
	if elements := all.elements(); len(elements) > 0 {
		read.newest = elements[0]
	}
	return read
}

// read reads lists of an app, all at once, so that judging finds them there.
func (r *appReader) read(ctx context.Context, a *driftApp, lists map[provider.List]bool) error {
	if !a.readable() || a.id == "" {
		return nil
	}
	g, ctx := errgroup.WithContext(ctx)
	for l := range lists {
		switch {
		case l == provider.Releases:
			g.Go(func() error {
				a.release = r.runs(ctx, a)
				return r.reader.fatal(ctx, a.release.err)
			})
		case l == provider.TeamApps && a.team() == "":
		default:
			g.Go(func() error { return r.reader.fatal(ctx, r.list(ctx, a, l).err) })
		}
	}
	return g.Wait()
}

// has reads the list that has a subject.
func (r *appReader) has(ctx context.Context, s *subject, l provider.List) *answer {
	if s.app != nil && l.Source().Needs("app") && l.Source().Newest {
		return r.list(ctx, s.app, l)
	}
	return r.reader.list(ctx, l, s.steps())
}
