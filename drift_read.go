package herokutf

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	heroku "github.com/heroku/heroku-go/v5"

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
	answers map[string]*liveAnswer
	read    bool  // an answer has come
	failed  error // the first failure
}

// A liveAnswer is what the API said, or why it didn't.
type liveAnswer struct {
	once  sync.Once
	value any // a []any, or the map of a single object
	err   error
	byID  map[string]any // the elements of a list

	grouping sync.Mutex
	groups   map[string]map[string][]any // see of
}

func newReader(c *platform.Client) *reader {
	return &reader{client: c, answers: make(map[string]*liveAnswer)}
}

// A jsonValue is any JSON, with numbers kept as text.
type jsonValue struct{ any }

func (v *jsonValue) UnmarshalJSON(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	return d.Decode(&v.any)
}

// get returns the answer for a path, asking at the first call.
func (r *reader) get(path string, ask func() (any, error)) *liveAnswer {
	r.mu.Lock()
	a := r.answers[path]
	if a == nil {
		a = &liveAnswer{}
		r.answers[path] = a
	}
	r.mu.Unlock()
	a.once.Do(func() {
		a.value, a.err = ask()
		a.index()
		r.mu.Lock()
		defer r.mu.Unlock()
		// That something isn't there, or not for this token, is an answer.
		if a.err == nil || errors.Is(a.err, platform.ErrNotFound) || errors.Is(a.err, platform.ErrForbidden) {
			r.read = true
		} else if r.failed == nil {
			r.failed = a.err
		}
	})
	return a
}

// hopeless returns the first failure if nothing could be read at all.
func (r *reader) hopeless() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.read {
		return nil
	}
	return r.failed
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
func (r *reader) list(ctx context.Context, l provider.List, with steps) *liveAnswer {
	source := l.Source()
	path, err := fill(source.Path, with)
	if err != nil {
		return &liveAnswer{err: err}
	}
	return r.get(path, func() (any, error) {
		if source.One {
			return r.one(ctx, path)
		}
		all, err := platform.List[jsonValue](ctx, r.client, path, source.Field)
		if err != nil {
			return nil, noList(path, err)
		}
		return appendObjects(make([]any, 0, len(all)), all, path)
	})
}

// newest reads the newest elements of a long list, until enough says so.
func (r *reader) newest(ctx context.Context, l provider.List, with steps, page int, enough func([]any) bool) *liveAnswer {
	source := l.Source()
	path, err := fill(source.Path, with)
	if err != nil {
		return &liveAnswer{err: err}
	}
	return r.get(path, func() (any, error) {
		list := []any{}
		for page, err := range platform.Pages[jsonValue](ctx, r.client, path, heroku.ListRange{Field: source.Field, Descending: true, Max: page}) {
			if err != nil {
				return nil, noList(path, err)
			}
			if list, err = appendObjects(list, page, path); err != nil {
				return nil, err
			}
			if enough(list) {
				break
			}
		}
		return list, nil
	})
}

// noList names what is wrong with an answer that is JSON and no list, of which
// the decoder says what Go makes of it.
func noList(path string, err error) error {
	if _, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("GET %s: %w: it is no list", path, platform.ErrBadAnswer)
	}
	return err
}

// appendObjects appends the elements of a page, all of which have to be objects:
// for what is anything else, the object that it is would be taken for missing.
func appendObjects(list []any, page []jsonValue, path string) ([]any, error) {
	for i := range page {
		if _, ok := page[i].any.(map[string]any); !ok {
			return nil, fmt.Errorf("GET %s: %w: an element is no object", path, platform.ErrBadAnswer)
		}
		list = append(list, page[i].any)
	}
	return list, nil
}

// each reads an element of a list by itself.
func (r *reader) each(ctx context.Context, l provider.List, id string) *liveAnswer {
	path, err := fill(l.Source().Each, steps{"id": id})
	if err != nil {
		return &liveAnswer{err: err}
	}
	return r.get(path, func() (any, error) { return r.one(ctx, path) })
}

func (r *reader) one(ctx context.Context, path string) (any, error) {
	v, err := platform.Get[jsonValue](ctx, r.client, path)
	if err != nil {
		return nil, err
	}
	if _, ok := v.any.(map[string]any); !ok {
		return nil, fmt.Errorf("GET %s: %w: it is no object", path, platform.ErrBadAnswer)
	}
	return v.any, nil
}

// index makes the elements of a list known by their id.
func (a *liveAnswer) index() {
	list := a.elements()
	a.byID = make(map[string]any, len(list))
	for _, e := range list {
		if id := strings.ToLower(provider.Text(provider.Find(e, "id"))); id != "" {
			a.byID[id] = e
		}
	}
}

// elements returns the elements of a list; nil for what is none.
func (a *liveAnswer) elements() []any {
	list, _ := a.value.([]any)
	return list
}

// of returns the elements in which a path leads to the id. They are grouped at
// the first call.
func (a *liveAnswer) of(path, id string) []any {
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
	return a.groups[path][strings.ToLower(id)]
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
