package herokutest

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
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
	features   map[string]bool // enabled account features
	// featureDetails are of the account's features, ids those that a seed
	// has given, by kind and name.
	featureDetails []Feature
	ids            map[string]map[string]string
	// denied holds what the token may not see: UUIDs of things the server
	// holds, and names and UUIDs of things it doesn't. The value tells
	// whether the message comes under "error".
	denied map[string]bool
}

func (s *Server) newState() state {
	return state{apps: map[string]*App{}, appNames: map[string]string{}, features: map[string]bool{}, denied: map[string]bool{}}
}

var (
	appName  = regexp.MustCompile(`^[a-z][a-z0-9-]{1,28}[a-z0-9]$`)
	anyUUID  = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	uuidForm = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
)

// digest derives 32 bytes from the seed and what they are for.
func (s *Server) digest(kind, key string, n int) [32]byte {
	b := binary.BigEndian.AppendUint64(nil, s.opts.Seed)
	b = append(b, kind+"\x00"+key+"\x00"+strconv.Itoa(n)...)
	return sha256.Sum256(b)
}

// kinds are those of [Seed.IDs].
var kinds = []string{"addon-service", "dyno-size", "generation", "plan", "region", "stack", "user"}

func (st *state) setID(kind, name, id string) {
	if st.ids == nil {
		st.ids = map[string]map[string]string{}
	}
	if st.ids[kind] == nil {
		st.ids[kind] = map[string]string{}
	}
	st.ids[kind][name] = id
}

// fixedID is the UUID that a thing always has: a region, a user.
func (s *Server) fixedID(kind, key string) string {
	if id := s.state.ids[kind][key]; id != "" {
		return id
	}
	return uuid(s.digest(kind, key, 0))
}

// newID is a UUID that wasn't given out before, and that no seed brought along.
func (s *Server) newID(kind, key string) string {
	for {
		if id := uuid(s.digest(kind, key, s.serial(kind, key))); !s.seeded[id] {
			return id
		}
	}
}

func (s *Server) serial(kind, key string) int {
	s.serials[kind+"\x00"+key]++
	return s.serials[kind+"\x00"+key]
}

// newHex is n hex digits that weren't given out before, and that no seed brought
// along.
func (s *Server) newHex(kind, key string, n int) string {
	for {
		if digits := fmt.Sprintf("%x", s.digest(kind, key, s.serial(kind, key)))[:n]; !s.seeded[digits] {
			return digits
		}
	}
}

var hexDigits = regexp.MustCompile(`[0-9a-f]{6,}`)

// keepClear notes the identifiers of a seed. A server with the same options made
// them up, if the seed is its snapshot, and this one would make them up again.
func (s *Server) keepClear(seed Seed) {
	text, err := json.Marshal(seed)
	if err != nil {
		panic("herokutest: a seed has no JSON: " + err.Error())
	}
	for _, pattern := range []*regexp.Regexp{anyUUID, hexDigits} {
		for _, id := range pattern.FindAll(text, -1) {
			s.seeded[string(id)] = true
		}
	}
}

func uuid(sum [32]byte) string {
	sum[6] = sum[6]&0x0f | 0x40 // version 4
	sum[8] = sum[8]&0x3f | 0x80 // variant of RFC 9562
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[0:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// stamp is the server's time in the API's precision.
func (s *Server) stamp() time.Time { return s.now().UTC().Truncate(time.Second) }

// date fills in the dates of something new.
func (s *Server) date(created, updated *time.Time) {
	if created.IsZero() {
		*created = s.stamp()
	}
	if updated.IsZero() {
		*updated = *created
	}
	*created, *updated = created.UTC().Truncate(time.Second), updated.UTC().Truncate(time.Second)
}

// ident fills in or checks an identifier.
func (s *Server) ident(id *string, kind, key string) error {
	if *id == "" {
		*id = s.newID(kind, key)
	}
	if *id = strings.ToLower(*id); !uuidForm.MatchString(*id) {
		return fmt.Errorf("%s %q: id %q is no UUID", kind, key, *id)
	}
	return nil
}

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

// orNull is v, or null for the zero value.
func orNull[T comparable](v T) any {
	var zero T
	if v == zero {
		return nil
	}
	return v
}

// timeOrNull is a time as the API spells it, or null.
func timeOrNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return wireTime(t)
}

func wireTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// wordOrNull sends the word [Null] as null.
func wordOrNull(v string) any {
	if v == Null {
		return nil
	}
	return v
}

// nonNil keeps an empty list from becoming null.
func nonNil[T any](v []T) []T {
	if v == nil {
		return []T{}
	}
	return v
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
	a := s.state.findApp(ref)
	if a == nil {
		panic(fmt.Sprintf("herokutest: %s: no app %q", verb, ref))
	}
	return a
}

// forbidden returns the error for something denied, or nil.
func (s *Server) forbidden(kind, name string, refs ...string) error {
	for _, ref := range refs {
		if asError, ok := s.state.denied[ref]; ok {
			return &apiError{status: http.StatusForbidden, id: "forbidden", asError: asError,
				message: fmt.Sprintf("You do not have access to the %s %s.", kind, name)}
		}
	}
	return nil
}

// hidden reports whether an app doesn't show in lists.
func (s *Server) hidden(a *App) bool {
	if a == nil {
		return true
	}
	_, denied := s.state.denied[a.ID]
	return denied
}

// app returns the app that the route's {app} names, or the error answer.
func (c *call) app() (*App, error) { return c.appRef(c.args["app"]) }

func (c *call) appRef(ref string) (*App, error) {
	a := c.state.findApp(ref)
	err := c.forbidden("app", ref, ref)
	if a != nil {
		err = c.forbidden("app", a.Name, a.ID)
	}
	if err != nil {
		if c.opts.Policy.DeniedIDNotFound && uuidForm.MatchString(strings.ToLower(ref)) {
			return nil, notFound("app", "app")
		}
		return nil, err
	}
	if a == nil {
		return nil, notFound("app", "app")
	}
	if a.Suspended {
		return nil, &apiError{status: http.StatusForbidden, id: "suspended",
			message: fmt.Sprintf("The app %s is suspended.", a.Name)}
	}
	return a, nil
}

func (c *call) team() (*Team, error) {
	ref := c.args["team"]
	t := c.state.findTeam(ref)
	if t != nil {
		if err := c.forbidden("team", t.Name, t.ID); err != nil {
			return nil, err
		}
		return t, nil
	}
	if err := c.forbidden("team", ref, ref); err != nil {
		return nil, err
	}
	return nil, notFound("team", "team")
}

func (c *call) space() (*Space, error) {
	ref := c.args["space"]
	x := c.state.findSpace(ref)
	if x != nil {
		if err := c.forbidden("space", x.Name, x.ID); err != nil {
			return nil, err
		}
		return x, nil
	}
	if err := c.forbidden("space", ref, ref); err != nil {
		return nil, err
	}
	return nil, notFound("space", "space")
}

// pipeline returns the pipeline that {pipeline} names, by UUID alone, as all
// routes but GET /pipelines/{pipeline} have it.
func (c *call) pipeline() (*Pipeline, error) {
	ref := c.args["pipeline"]
	return c.pipelineThat(ref, func(p *Pipeline) bool { return p.ID == ref })
}

func (c *call) pipelineThat(ref string, is func(*Pipeline) bool) (*Pipeline, error) {
	p := find(c.state.pipelines, is)
	if p != nil {
		if err := c.forbidden("pipeline", p.Name, p.ID); err != nil {
			return nil, err
		}
		return p, nil
	}
	if err := c.forbidden("pipeline", ref, ref); err != nil {
		return nil, err
	}
	return nil, notFound("pipeline", "pipeline")
}

// user is a reference to a user; the UUID hangs on the address.
func (s *Server) user(email string) obj {
	return obj{"email": email, "id": s.fixedID("user", email)}
}

func (s *Server) named(kind, name string) obj {
	return obj{"id": s.fixedID(kind, name), "name": name}
}

func (s *Server) appObj(id string) obj {
	if a := s.state.apps[id]; a != nil {
		return obj{"id": a.ID, "name": a.Name}
	}
	return obj{"id": id, "name": ""}
}

// self reports whether a {user} is the token's account.
func (c *call) self(ref string) bool {
	return ref == "~" || ref == c.opts.Email || ref == c.fixedID("user", c.opts.Email)
}

// selfOnly is the error for anybody else.
func (c *call) selfOnly() error {
	if !c.self(c.args["user"]) {
		return notFound("user", "user")
	}
	return nil
}

// fields of most lists.
func byID[T any](id func(T) string) []field[T] { return []field[T]{{name: "id", key: id}} }

func byIDAndName[T any](id, name func(T) string) []field[T] {
	return []field[T]{{name: "id", key: id}, {name: "name", key: name}}
}
