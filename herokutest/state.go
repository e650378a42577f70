package herokutest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// state is what the server holds. Where one thing names another it does so
// by UUID, which AddX puts in place of names.
type state struct {
	apps       map[string]*App   // by UUID
	appNames   map[string]string // current name to UUID
	teams      []*Team
	spaces     []*Space
	pipelines  []*Pipeline
	addons     []*Addon
	promotions []*Promotion
	accounts   []*Account
	transfers  []*AppTransfer
	features   map[string]bool // enabled account features
	// featureDetails are of the account's features, ids those that a seed
	// has given, by kind and name.
	featureDetails []Feature
	ids            map[string]map[string]string
	// denied holds what the token may not see: UUIDs of things the server
	// holds, and names and UUIDs of things it doesn't. The value says
	// whether the message comes under "error".
	denied map[string]bool
}

func (s *Server) newState() state {
	return state{apps: map[string]*App{}, appNames: map[string]string{}, features: map[string]bool{}, denied: map[string]bool{}}
}

var (
	appName  = regexp.MustCompile(`^[a-z][a-z0-9-]{1,28}[a-z0-9]$`)
	uuidForm = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
)

// clone copies a value of this package's types in depth.
func clone[T any](v T) T {
	data, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("herokutest: %v", err))
	}
	var c T
	if err := json.Unmarshal(data, &c); err != nil {
		panic(fmt.Sprintf("herokutest: %v", err))
	}
	return c
}

// must turns a mistake in the test that calls verb into a panic.
func must(verb string, err error) {
	if err != nil {
		panic(fmt.Sprintf("herokutest: %s: %v", verb, err))
	}
}

// oneOf checks a value that has a closed list of words.
func oneOf(what, got string, words ...string) error {
	if slices.Contains(words, got) {
		return nil
	}
	return fmt.Errorf("%s %q: want one of %s", what, got, strings.Join(words, ", "))
}

// def sets *p to v when it is zero.
func def[T comparable](p *T, v T) {
	*p = cmp.Or(*p, v)
}

// findApp returns the app with this UUID or current name, or nil.
func (st *state) findApp(ref string) *App {
	if a := st.apps[strings.ToLower(ref)]; a != nil {
		return a
	}
	return st.apps[st.appNames[ref]]
}

func (st *state) findTeam(ref string) *Team {
	return find(st.teams, func(t *Team) bool { return t.ID == ref || t.Name == ref })
}

func (st *state) findSpace(ref string) *Space {
	return find(st.spaces, func(x *Space) bool { return x.ID == ref || x.Name == ref })
}

// findPipeline returns the pipeline with this UUID, else the first with this
// name.
func (st *state) findPipeline(ref string) *Pipeline {
	if p := find(st.pipelines, func(p *Pipeline) bool { return p.ID == ref }); p != nil {
		return p
	}
	return find(st.pipelines, func(p *Pipeline) bool { return p.Name == ref })
}

func (st *state) findAddon(ref string) *Addon {
	return find(st.addons, func(a *Addon) bool { return a.ID == ref || a.Name == ref })
}

func find[T any](all []*T, is func(*T) bool) *T {
	if i := slices.IndexFunc(all, is); i >= 0 {
		return all[i]
	}
	return nil
}

// findIn is find for things held by value.
func findIn[T any](all []T, is func(*T) bool) *T {
	for i := range all {
		if is(&all[i]) {
			return &all[i]
		}
	}
	return nil
}

func (s *Server) mustApp(verb, ref string) *App {
	return mustBe(verb, "app", ref, s.state.findApp(ref))
}

func (s *Server) mustTeam(verb, ref string) *Team {
	return mustBe(verb, "team", ref, s.state.findTeam(ref))
}

func (s *Server) mustAddon(verb, ref string) *Addon {
	return mustBe(verb, "add-on", ref, s.state.findAddon(ref))
}

// mustBe turns a reference to nothing, in the test that calls verb, into a panic.
func mustBe[T any](verb, kind, ref string, v *T) *T {
	if v == nil {
		panic(fmt.Sprintf("herokutest: %s: no %s %q", verb, kind, ref))
	}
	return v
}

// fields of most lists.
func byID[T any](id func(T) string) []field[T] { return []field[T]{{name: "id", key: id}} }

func byIDAndName[T any](id, name func(T) string) []field[T] {
	return []field[T]{{name: "id", key: id}, {name: "name", key: name}}
}

// set stores what a PATCH gave.
func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}
