package herokutf

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/herokutf/herokutf/ignore"
	"github.com/herokutf/herokutf/internal/printable"
	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
)

// appsAtOnce is how many apps are looked at at the same time. Each reads its
// lists at once; the client has a limit for the requests of all.
const appsAtOnce = 16

// currentPage is how many of the newest releases are asked for to find the one
// that runs, and historyPage to find out who made a change.
const (
	currentPage = 10
	historyPage = 200
)

// DetectDrift compares a state with Heroku.
//
// It needs no Terraform, no provider, no configuration and no lock, and sends
// GET requests alone. Every resource type and data source of the heroku/heroku
// provider is compared, in the shapes of releases 1 to 5, in states of version
// 3 and 4. Other providers' resources are left alone. Of data sources only what
// they are asked for by counts: all else is read anew by every plan.
//
// Values are compared as the provider does when it refreshes: sizes in any case
// of letters, sets in any order, null as empty. Of config vars those that the
// state manages are compared. What the provider copies without managing it, and
// what Heroku doesn't tell again, isn't. Beyond that, heroku_app_release and
// heroku_build are held against what the app runs now, by slug or image, which
// Terraform doesn't do. Apps are told by UUID, so that a rename is known for
// what it is.
//
// Lists that serve many objects are read in place of single ones, and none is
// read twice. A read that fails makes undetermined what depends on it, and
// nothing else. There is an error, and no report, when the context ends, when
// the options are at fault ([platform.ErrInvalidName]), when the request budget is used
// up, and when nothing at all could be read, as with a token that isn't
// accepted ([platform.ErrUnauthorized]).
func DetectDrift(ctx context.Context, c *platform.Client, f *statefile.File, opts DriftOptions) (*DriftReport, error) {
	return DetectDriftIn(ctx, c, []*statefile.File{f}, opts)
}

// DetectDriftIn is [DetectDrift] for several states, such as those of several
// teams or environments. They share every list, and what one of them manages
// isn't unmanaged for the others.
func DetectDriftIn(ctx context.Context, c *platform.Client, files []*statefile.File, opts DriftOptions) (*DriftReport, error) {
	d, err := newDetector(c, files, opts)
	if err != nil {
		return nil, err
	}
	// What others send with the same client meanwhile isn't this comparison's.
	ctx, d.sent = platform.CountRequests(ctx)
	if err := d.run(ctx); err != nil {
		return nil, fmt.Errorf("detect drift: %w", err)
	}
	report := d.report()
	report.Requests = int(d.sent.Load())
	report.states = files
	return report, nil
}

// A detector is one comparison.
type detector struct {
	client *platform.Client
	opts   DriftOptions
	files  []*statefile.File
	reader *reader
	prints *fingerprinter
	ignore *ignore.Matcher

	sent     *atomic.Int64     // requests
	latest   map[string]string // pipeline by app whose running release it tells
	claims   claims
	subjects []*subject
	apps     []*driftApp
	bulk     map[provider.List]bool // account-wide lists that are read
	kinds    map[string]bool        // resource types chosen; nil: all
	identity bool                   // those of identity are chosen

	mu     sync.Mutex
	strays []DriftObject
	notes  []string
	done   int
}

// identityTypes are those of -only identity: what one list for the whole
// account serves.
var identityTypes = []string{provider.App, provider.Addon, provider.Attachment, provider.Coupling}

func newDetector(c *platform.Client, files []*statefile.File, opts DriftOptions) (*detector, error) {
	d := &detector{
		client: c,
		opts:   opts,
		files:  files,
		reader: newReader(c),
		prints: newFingerprinter(opts.Key),
		ignore: opts.Ignore.Matcher(cmp.Or(opts.Now, time.Now())),
		bulk:   make(map[provider.List]bool),
		claims: make(claims),
	}
	if err := d.choose(); err != nil {
		return nil, err
	}
	for _, f := range files {
		for inst := range f.Instances() {
			if provider.IsHeroku(inst.Provider, inst.Type) {
				d.subjects = append(d.subjects, d.subject(f, inst))
			}
		}
	}
	d.apps = groupApps(d.subjects)
	return d, nil
}

// choose reads opts.Only.
func (d *detector) choose() error {
	var errs []error
	for _, word := range d.opts.Only {
		if d.kinds == nil {
			d.kinds = make(map[string]bool)
		}
		if word == "identity" {
			d.identity = true
			continue
		}
		typ := "heroku_" + strings.TrimPrefix(word, "heroku_")
		_, managed := provider.Lookup(provider.Managed, typ)
		_, data := provider.Lookup(provider.Data, typ)
		if !managed && !data {
			errs = append(errs, &platform.InvalidNameError{Kind: `resource type, nor "identity"`, Value: printable.Short(word)})
			continue
		}
		d.kinds[typ] = true
	}
	return errors.Join(errs...)
}

// chosen says whether objects of a type are compared, and whether without what
// takes a list an app.
func (d *detector) chosen(typ string) (chosen, shallow bool) {
	if d.kinds == nil || d.kinds[typ] {
		return true, false
	}
	identity := d.identity && slices.Contains(identityTypes, typ)
	return identity, identity
}

func (d *detector) subject(f *statefile.File, inst *statefile.Instance) *subject {
	s := &subject{attrs: newAttributes(inst), res: lookup(inst)}
	s.chosen, s.shallow = d.chosen(inst.Type)
	s.object = DriftObject{
		Address:     inst.Address(),
		Type:        inst.Type,
		ID:          provider.Text(s.attrs.Value("id")),
		Differences: []DriftDifference{},
		origin:      &origin{file: f, inst: inst},
	}
	if inst.Mode == statefile.Data {
		s.object.Type = "data." + inst.Type
	}
	if len(d.files) > 1 {
		s.object.State = f.Name()
	}
	if s.res != nil {
		s.object.Label = s.label()
		if s.res.Refers() {
			s.ref = newAppRef(inst, s.res)
		}
	}
	return s
}

// label is what people call the subject: what another object would have to be
// called to take its place.
func (s *subject) label() string {
	attr := s.res.Attr(s.res.Origin.Alias.Attr)
	if attr == nil || attr.Secret || attr.As == provider.AppReference || attr.As == provider.AppName {
		return ""
	}
	return provider.Text(s.attrs.Value(attr.Name))
}

// run reads what is needed and judges every subject.
func (d *detector) run(ctx context.Context) error {
	d.plan()
	if err := d.readBulk(ctx); err != nil {
		return err
	}
	if err := d.resolve(ctx); err != nil {
		return err
	}
	for _, s := range d.subjects {
		if s.res != nil && s.object.origin.inst.Mode == statefile.Managed {
			d.claims.add(s)
		}
	}
	d.announce(ctx)

	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(appsAtOnce)
	g.Go(func() error { return d.withoutApp(ctx) })
	for _, a := range d.apps {
		g.Go(func() error {
			if err := d.judgeApp(ctx, a); err != nil {
				return err
			}
			if a.id != "" {
				d.reader.forget("/apps/" + a.id + "/")
			}
			d.progress()
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return d.reader.hopeless()
}

func (d *detector) progress() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.done++
	if d.opts.Progress != nil {
		d.opts.Progress(DriftProgress{Apps: len(d.apps), Done: d.done})
	}
}

// note adds a line to the report's notes.
func (d *detector) note(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.notes = append(d.notes, fmt.Sprintf(format, args...))
}

// readBulk reads the lists that serve the whole account. One that can't be read
// is found out again where it is needed.
func (d *detector) readBulk(ctx context.Context) error {
	needed := slices.Sorted(maps.Keys(d.bulk))
	_, errs := each(needed, func(l provider.List) (struct{}, error) {
		return struct{}{}, d.reader.list(ctx, l, nil).err
	})
	for _, err := range errs {
		if err := d.ends(ctx, err); err != nil {
			return err
		}
	}
	return d.reader.hopeless()
}

// judgeApp judges everything that belongs to an app.
func (d *detector) judgeApp(ctx context.Context, a *driftApp) error {
	if !d.wanted(a) {
		return nil
	}
	if err := d.readApp(ctx, a); err != nil {
		return err
	}
	for _, s := range a.subjects {
		if err := d.judge(ctx, s); err != nil {
			return err
		}
	}
	a.doubt()
	d.comparePins(a)
	d.tellRename(a)
	for _, s := range a.subjects {
		s.conclude()
		s.own = nil // thousands of apps would add up
	}
	if d.opts.Unmanaged && a.fate == "" && a.managed() {
		if err := d.findStrays(ctx, a); err != nil {
			return err
		}
	}
	d.ignoreIn(a.subjects)
	if d.opts.Blame && a.fate == "" {
		return d.blame(ctx, a)
	}
	return nil
}

// readApp reads the lists of an app that its subjects need, all at once, so that
// judging finds them there.
func (d *detector) readApp(ctx context.Context, a *driftApp) error {
	if a.fate != "" || a.id == "" {
		return nil
	}
	needed := d.listsOf(a)
	g, ctx := errgroup.WithContext(ctx)
	for l := range needed {
		switch {
		case l == provider.Releases:
			g.Go(func() error {
				a.running, a.runErr = d.runningRelease(ctx, a)
				return d.ends(ctx, a.runErr)
			})
		case l.Source().Newest:
			g.Go(func() error { return d.ends(ctx, d.appList(ctx, a, l).err) })
		default:
			with := steps{"app": a.id, "team": a.team()}
			if l == provider.TeamApps && with["team"] == "" {
				continue
			}
			g.Go(func() error { return d.ends(ctx, d.reader.list(ctx, l, with).err) })
		}
	}
	return g.Wait()
}

// appList reads a list of an app.
func (d *detector) appList(ctx context.Context, a *driftApp, l provider.List) *liveAnswer {
	with := steps{"app": a.id, "team": a.team()}
	if !l.Source().Newest {
		return d.reader.list(ctx, l, with)
	}
	if l == provider.Releases {
		page := currentPage
		if d.opts.Blame || d.opts.Unmanaged {
			page = historyPage
		}
		return d.reader.newest(ctx, l, with, page, func(all []any) bool { return current(all, a.id) != nil })
	}
	// All that the states name have to be there.
	var wanted []string
	for _, s := range a.subjects {
		if s.res != nil && s.res.Origin.List == l {
			wanted = append(wanted, strings.ToLower(s.object.ID))
		}
	}
	return d.reader.newest(ctx, l, with, historyPage, func(all []any) bool {
		for _, e := range all {
			wanted = slices.DeleteFunc(wanted, func(id string) bool {
				return strings.EqualFold(id, provider.Text(provider.Find(e, "id")))
			})
		}
		return len(wanted) == 0
	})
}

// runningRelease returns the release that an app runs, nil if it runs none. One
// request for a pipeline may tell for all its apps.
func (d *detector) runningRelease(ctx context.Context, a *driftApp) (any, error) {
	if pipeline := d.latest[a.id]; pipeline != "" {
		answer := d.reader.list(ctx, provider.LatestReleases, steps{"pipeline": pipeline})
		if answer.err == nil {
			// The newest release may have failed or be pending; then another
			// one runs.
			for _, r := range answer.elements() {
				if strings.EqualFold(provider.Text(provider.Find(r, "app.id")), a.id) && provider.Find(r, "current") == true {
					return r, nil
				}
			}
		}
	}
	answer := d.appList(ctx, a, provider.Releases)
	if answer.err != nil {
		return nil, answer.err
	}
	return current(answer.elements(), a.id), nil
}

// withoutApp judges what belongs to no app.
func (d *detector) withoutApp(ctx context.Context) error {
	var rest []*subject
	for _, s := range d.subjects {
		if s.app == nil {
			rest = append(rest, s)
		}
	}
	_, errs := each(rest, func(s *subject) (struct{}, error) {
		if err := d.judge(ctx, s); err != nil {
			return struct{}{}, err
		}
		s.conclude()
		return struct{}{}, nil
	})
	d.ignoreIn(rest)
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// judge finds the subject on Heroku and compares it. It leaves the verdict to
// conclude unless there is nothing to compare.
func (d *detector) judge(ctx context.Context, s *subject) error {
	o := &s.object
	if s.app != nil {
		o.App, o.origin.appID = s.app.name(), s.app.id
	}
	switch {
	case !s.chosen:
		return nil
	case o.origin.inst.Deposed != "":
		o.Verdict, o.Reason = Ignored, "deposed: Terraform has replaced it and will destroy it"
		return nil
	case s.res == nil:
		o.Verdict, o.Reason = Undetermined, "this version of the library doesn't know the type"
		return nil
	case s.res.Origin.List == provider.NoList:
		o.Verdict, o.Reason = InSync, "it is in the state alone; Heroku has nothing to compare it with"
		return nil
	case s.app != nil && s.app.fate != "" && s.withApp():
		d.fate(s)
		return nil
	case s.app == nil && s.withApp():
		o.Verdict, o.Reason = Undetermined, "the state doesn't say which app it belongs to"
		return nil
	}
	if err := d.locate(ctx, s); err != nil || o.Verdict != "" {
		return err
	}
	return d.compare(ctx, s)
}

// withApp reports whether the subject can't be looked at without its app. What
// is in a list of the whole account, such as an add-on, can.
func (s *subject) withApp() bool {
	list := s.ownList()
	return list == provider.Apps || list.Source().Needs("app")
}

// fate gives a subject the verdict of its app.
func (d *detector) fate(s *subject) {
	a, o := s.app, &s.object
	o.Verdict, o.Reason = a.fate, a.reason
	if s.ref.isApp() {
		if a.taken != nil && a.fate == Missing {
			id := provider.Text(provider.Find(a.taken, "id"))
			o.Verdict, o.ImportID = Replaced, id
			o.Reason = fmt.Sprintf("the app %s is gone, and another one, %s, is called %s", a.id, id, provider.Text(provider.Find(a.taken, "name")))
		}
	} else if a.fate == Missing {
		o.Reason = "its app is gone: " + a.reason
	}
}

// ownList is the list that has the subject.
func (s *subject) ownList() provider.List {
	other := s.res.Origin.Else
	if other.Attr != "" && provider.Text(s.attrs.Value(other.Attr)) == other.Value {
		return other.List
	}
	return s.res.Origin.List
}

// steps fill in the path of the lists that a subject needs.
func (s *subject) steps() steps {
	with := make(steps)
	for step, attrs := range s.res.Origin.Steps {
		for _, attr := range attrs {
			if with[step] == "" {
				with[step] = provider.Text(s.attrs.Value(attr))
			}
		}
	}
	if s.app != nil {
		with["app"], with["team"] = s.app.id, s.app.team()
	}
	// Below a space, a pipeline or a promotion stands itself.
	for _, step := range []string{"space", "pipeline", "id"} {
		if with[step] == "" {
			with[step] = s.object.ID
		}
	}
	return with
}

// locate finds the subject on Heroku, or gives it the verdict that says why not.
func (d *detector) locate(ctx context.Context, s *subject) error {
	o, list := &s.object, s.ownList()
	if s.app != nil && list == provider.Apps {
		if s.own = s.app.live; s.own == nil {
			return d.undetermined(ctx, s, list, d.reader.list(ctx, list, nil).err)
		}
		return nil
	}
	if s.res.Origin.Current {
		if s.app.runErr != nil {
			return d.undetermined(ctx, s, list, s.app.runErr)
		}
		if s.own = s.app.running; s.own == nil {
			s.own = map[string]any{}
		}
		return nil
	}
	var answer *liveAnswer
	if s.app != nil && list.Source().Needs("app") && list.Source().Newest {
		answer = d.appList(ctx, s.app, list)
	} else {
		answer = d.reader.list(ctx, list, s.steps())
	}
	if answer.err != nil {
		if errors.Is(answer.err, platform.ErrNotFound) && list.Source().Whole {
			o.Verdict, o.Reason = Missing, "Heroku has no such "+list.String()
			return nil
		}
		return d.undetermined(ctx, s, list, answer.err)
	}
	if list.Source().One {
		s.own = answer.value
		return nil
	}
	if s.own = s.pick(answer); s.own != nil {
		return nil
	}
	return d.miss(ctx, s, list, answer)
}

// pick returns the element of a list that the subject is, nil if none is it.
func (s *subject) pick(answer *liveAnswer) any {
	for _, key := range s.res.Origin.Keys {
		want := key.Value(provider.Text(s.attrs.Value(key.Attr)))
		if want == "" {
			continue
		}
		if key.Path() == "id" {
			if e := answer.byID[strings.ToLower(want)]; e != nil {
				return e
			}
			continue
		}
		for _, e := range answer.elements() {
			if key.Is(provider.Text(provider.Find(e, key.Path())), want) {
				return e
			}
		}
	}
	return nil
}

// miss says why the subject isn't in its list.
func (d *detector) miss(ctx context.Context, s *subject, list provider.List, answer *liveAnswer) error {
	o := &s.object
	if s.app != nil && s.app.fate != "" {
		d.fate(s)
		return nil
	}
	if list.Source().Each != "" {
		// The list may not show all that can be read.
		id := o.ID
		for _, key := range slices.Backward(s.res.Origin.Keys) {
			if value := key.Value(provider.Text(s.attrs.Value(key.Attr))); value != "" {
				id = value
			}
		}
		single := d.reader.each(ctx, list, id)
		switch {
		case single.err == nil:
			s.own = single.value
			return nil
		case !errors.Is(single.err, platform.ErrNotFound):
			return d.undetermined(ctx, s, list, single.err)
		}
	}
	o.Verdict, o.Reason = Missing, "it isn't among the "+list.String()
	if other := s.alias(answer); other != nil {
		id := provider.Text(provider.Find(other, "id"))
		ref := ""
		if s.app != nil {
			ref, _ = s.app.reference()
			s.app.successors = append(s.app.successors, id)
		}
		o.Verdict, o.ImportID = Replaced, importID(s.res, other, ref)
		o.Reason = fmt.Sprintf("it is gone, and another one, %s, has taken its place", id)
	}
	return nil
}

// alias returns the element of a list that people know by what they knew the
// subject by, which is gone.
func (s *subject) alias(answer *liveAnswer) any {
	alias := s.res.Origin.Alias
	if alias.Attr == "" {
		return nil
	}
	want := provider.Text(s.attrs.Value(alias.Attr))
	// Another attribute may have what that one has elsewhere.
	for i := range s.res.Attrs {
		if attr := &s.res.Attrs[i]; want == "" && attr.Path() == alias.Path() {
			want = provider.Text(s.attrs.Value(attr.Name))
		}
	}
	if want == "" && s.app != nil && strings.HasPrefix(alias.Path(), "app.") {
		want = s.app.id
	}
	for _, e := range answer.elements() {
		id := provider.Text(provider.Find(e, "app.id"))
		if id != "" && s.app != nil && !strings.EqualFold(id, s.app.id) {
			continue
		}
		if want != "" && alias.Is(provider.Text(provider.Find(e, alias.Path())), want) {
			return e
		}
	}
	return nil
}

// undetermined says that a list which the subject is found in can't be read.
func (d *detector) undetermined(ctx context.Context, s *subject, list provider.List, err error) error {
	if err := d.ends(ctx, err); err != nil {
		return err
	}
	s.object.Verdict = Undetermined
	s.object.Reason = fmt.Sprintf("the %s can't be read: %v", list, err)
	return nil
}

// compare compares the subject's attributes with what Heroku says.
func (d *detector) compare(ctx context.Context, s *subject) error {
	view := &provider.View{Own: s.own, Lists: make(map[provider.List]any), State: s.attrs}
	if s.app != nil {
		view.App = s.app.live
	}
	with := s.steps()
	for i := range s.res.Attrs {
		attr := &s.res.Attrs[i]
		if !attr.As.Compared() || !s.attrs.has(attr.Top()) || !s.needs(attr) {
			continue
		}
		if attr.From != provider.NoList && view.Lists[attr.From] == nil {
			v, err := d.from(ctx, s, attr, with)
			if err := d.ends(ctx, err); err != nil {
				return err
			}
			if err != nil {
				s.unread = append(s.unread, fmt.Sprintf("%s: the %s can't be read: %v", attr.Name, attr.From, err))
				continue
			}
			view.Lists[attr.From] = v
		}
		if attr.As == provider.Running {
			continue // see comparePins
		}
		d.compareAttr(s, view, attr)
	}
	for _, name := range s.attrs.unknown(s.res) {
		s.unread = append(s.unread, "this version of the library doesn't know the attribute "+name)
	}
	return nil
}

// from reads the list that an attribute is compared with; nil if there is
// nothing to compare with.
func (d *detector) from(ctx context.Context, s *subject, attr *provider.Attr, with steps) (any, error) {
	switch attr.From {
	case provider.Releases:
		return s.app.running, s.app.runErr
	case provider.TeamApps:
		if with["team"] == "" {
			return nil, nil
		}
		answer := d.reader.list(ctx, attr.From, with)
		if answer.err != nil {
			return nil, answer.err
		}
		app := answer.byID[s.app.id]
		if app == nil {
			return nil, errors.New("the app isn't among them")
		}
		return app, nil
	case provider.Buildpacks:
		// An app of the Fir generation has none.
		if s.app.fir() {
			return nil, nil
		}
	}
	answer := d.reader.list(ctx, attr.From, with)
	return answer.value, answer.err
}

// needs reports whether an attribute can differ at all: of a map of managed
// keys without keys, nothing can.
func (s *subject) needs(attr *provider.Attr) bool {
	if s.shallow && attr.From != provider.NoList {
		return false
	}
	return attr.As != provider.ManagedKeys || !provider.Empty(s.attrs.Value(attr.Top()))
}

func (d *detector) compareAttr(s *subject, view *provider.View, attr *provider.Attr) {
	state := s.attrs.Value(attr.Name)
	if attr.As == provider.AppReference {
		s.compareReference(view, attr)
		return
	}
	unknown := attr.If.NeedsApp() && view.App == nil
	if !unknown && !view.Holds(attr, s.attrs) {
		return
	}
	differences := view.Compare(attr, state)
	if unknown && differences != nil {
		s.unread = append(s.unread, attr.Name+": it depends on the app, which can't be read")
		return
	}
	for _, diff := range differences {
		s.differ(d.prints, attr, diff)
	}
}

// differ adds a difference, with fingerprints in place of secrets.
func (s *subject) differ(prints *fingerprinter, attr *provider.Attr, diff provider.Difference) {
	path := s.attrs.path(attr.Name, diff.Key)
	if attr.Secret || holdsPassword(diff.State) || holdsPassword(diff.Live) {
		// Two states may have the same address, of two apps.
		scope := strings.Join([]string{s.object.State, s.object.origin.appID, s.object.ID, s.object.Address, path.String()}, "\x00")
		s.object.Differences = append(s.object.Differences, prints.difference(scope, path, diff.State, diff.Live))
		return
	}
	s.object.Differences = append(s.object.Differences, DriftDifference{Path: path, State: diff.State, Live: diff.Live})
}

// withPassword is a URL with a user or a password in it, as those of private
// buildpacks have.
var withPassword = regexp.MustCompile(`://[^/?#\s]*@`)

// holdsPassword reports whether a value has such a URL anywhere.
func holdsPassword(v any) bool {
	switch v := v.(type) {
	case string:
		return withPassword.MatchString(v)
	case []any:
		return slices.ContainsFunc(v, holdsPassword)
	case map[string]any:
		for _, e := range v {
			if holdsPassword(e) {
				return true
			}
		}
	}
	return false
}

// compareReference compares the app that an object belongs to with the one that
// the state has. That the app has another name is told at the app.
func (s *subject) compareReference(view *provider.View, attr *provider.Attr) {
	state := provider.Text(s.attrs.Value(attr.Name))
	if attr.Live == "" || state == "" || s.app == nil || s.app.id == "" {
		return
	}
	id := provider.Text(view.Value(attr))
	if id == "" || strings.EqualFold(id, s.app.id) {
		return
	}
	live := id
	if name := provider.Text(provider.Find(view.Own, "app.name")); !provider.IsUUID(state) && name != "" {
		live = name
	}
	s.object.Differences = append(s.object.Differences, DriftDifference{Path: s.attrs.path(attr.Name, ""), State: state, Live: live})
}

// comparePins holds the releases and builds that the states name against what
// the app runs. Of several the one that runs will do; where the states have
// releases, builds only make slugs for them.
func (d *detector) comparePins(a *driftApp) {
	var pins, builds []*subject
	released := false
	for _, s := range a.subjects {
		if s.res != nil && s.res.Origin.Current && s.object.origin.inst.Deposed == "" {
			released = true
		}
		if s.own == nil || s.res == nil || s.object.Verdict != "" {
			continue
		}
		switch {
		case s.res.Origin.Current:
			pins = append(pins, s)
		case slices.ContainsFunc(s.res.Attrs, func(a provider.Attr) bool { return a.As == provider.Running }):
			builds = append(builds, s)
		}
	}
	if !released {
		pins = builds
	}
	if a.runErr != nil {
		return
	}
	differing := make(map[*subject][]func())
	for _, s := range pins {
		view := &provider.View{Own: a.running, App: a.live, Lists: map[provider.List]any{provider.Releases: a.running}}
		told := 0
		for i := range s.res.Attrs {
			attr := &s.res.Attrs[i]
			state := s.attrs.Value(attr.Name)
			// Null in one of slug and image is the other's doing.
			if attr.As != provider.Running || provider.Empty(state) {
				continue
			}
			told++
			for _, diff := range view.Compare(attr, state) {
				differing[s] = append(differing[s], func() { s.differ(d.prints, attr, diff) })
			}
		}
		if told > 0 && differing[s] == nil {
			return
		}
	}
	for _, s := range pins {
		for _, differ := range differing[s] {
			differ()
		}
		if differing[s] == nil {
			continue
		}
		s.object.origin.running, s.object.origin.pins = a.running, len(pins)
		s.object.Reason = "the app runs no release"
		if a.running != nil {
			s.object.Reason = fmt.Sprintf("the app runs release v%s", provider.Text(provider.Find(a.running, "version")))
		}
	}
}

// tellRename gives one subject in each state the verdict that the app was
// renamed, and takes what follows from that from all others.
func (d *detector) tellRename(a *driftApp) {
	stale := a.stale()
	if a.fate != "" || stale == nil {
		return
	}
	for _, f := range d.files {
		var anchor *subject
		holders := 0
		for _, s := range a.subjects {
			if s.object.origin.file != f || s.object.Verdict != "" || !s.chosen || !slices.ContainsFunc(s.ref.names, func(name string) bool { return slices.Contains(stale, name) }) {
				continue
			}
			holders++
			if anchor == nil || s.ref.isManagedApp() && !anchor.ref.isManagedApp() || s.ref.isApp() && !anchor.ref.isApp() {
				anchor = s
			}
		}
		if anchor == nil {
			continue
		}
		byName := anchor.rename(a, stale, holders-1)
		for _, s := range a.subjects {
			if s != anchor && s.object.origin.file == f {
				s.followRename(a, byName)
			}
		}
	}
}

// rename makes the subject the one at which the rename is told.
func (s *subject) rename(a *driftApp, stale []string, others int) (what string) {
	what = fmt.Sprintf("renamed from %s to %s", strings.Join(stale, " and "), a.name())
	s.object.Verdict = Renamed
	s.object.Reason, s.object.origin.holders = what, others
	byUUID := provider.IsUUID(provider.Text(s.attrs.Value("id")))
	switch {
	case others > 0:
		s.object.Reason += fmt.Sprintf("; the old name stands in %s of the state; RepairRename (herokutf rename) puts the new one there", printable.Count(others, "more object"))
	case s.ref.isManagedApp() && byUUID:
		s.object.Reason += "; with the old name in the configuration, the next apply would rename it back"
	default:
		s.object.Reason += "; RepairRename (herokutf rename) puts the new name into the state"
	}
	return what
}

// followRename takes the differences that the rename explains from an app that
// isn't the one at which it is told.
func (s *subject) followRename(a *driftApp, what string) {
	if !s.ref.isApp() || s.object.Verdict != "" {
		return
	}
	before := len(s.object.Differences)
	s.object.Differences = slices.DeleteFunc(s.object.Differences, func(d DriftDifference) bool {
		top, _ := d.Path[0].(string)
		attr := s.res.Attr(top)
		return attr != nil && (attr.As == provider.AppName || attr.As == provider.Host)
	})
	if len(s.object.Differences) < before {
		s.object.Reason = "the app was " + what
	}
}

// conclude gives the subject its verdict, if it has none.
func (s *subject) conclude() {
	o := &s.object
	if s.unread != nil {
		o.origin.partial = true
		if o.Reason != "" {
			o.Reason += "; "
		}
		o.Reason += strings.Join(s.unread, "; ")
	}
	switch {
	case o.Verdict != "" || !s.chosen:
	case len(o.Differences) > 0:
		o.Verdict = Changed
	case s.unread != nil:
		o.Verdict = Undetermined
	default:
		o.Verdict = InSync
	}
}

// ignoreIn applies the rules that say what isn't to be told.
func (d *detector) ignoreIn(subjects []*subject) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range subjects {
		d.applyRules(&s.object)
	}
}

// applyRules moves what a rule covers out of the object's differences. The
// caller holds the lock.
func (d *detector) applyRules(o *DriftObject) {
	if o.Verdict == "" {
		return
	}
	if rule := d.ignore.Object(o.subject()); rule != nil {
		o.Verdict, o.Reason = Ignored, ruleReason(rule, o)
		o.Ignored, o.Differences = o.Differences, []DriftDifference{}
		if len(o.Ignored) == 0 {
			o.Ignored = nil
		}
		return
	}
	kept := []DriftDifference{}
	var last *ignore.Rule
	for _, diff := range o.Differences {
		if rule := d.ignore.Difference(o.subject(), diff.Path); rule != nil {
			o.Ignored, last = append(o.Ignored, diff), rule
			continue
		}
		kept = append(kept, diff)
	}
	o.Differences = kept
	switch {
	case last == nil || len(kept) > 0 || o.Verdict != Changed && o.Verdict != Renamed:
	case o.origin.partial:
		// What couldn't be compared is no rule's business.
		o.Verdict = Undetermined
	default:
		o.Verdict, o.Reason = Ignored, ruleReason(last, o)
	}
}

// subject is the object as rules see it.
func (o *DriftObject) subject() ignore.Subject {
	return ignore.Subject{Address: o.Address, Type: o.Type, App: o.App, ID: o.ID, Label: o.Label, Verdict: string(o.Verdict)}
}

func ruleReason(rule *ignore.Rule, o *DriftObject) string {
	return fmt.Sprintf("%s (was %s)", rule.Reason, strings.ReplaceAll(string(o.Verdict), "_", " "))
}

// report puts everything into the order of the states.
func (d *detector) report() *DriftReport {
	r := &DriftReport{Objects: []DriftObject{}}
	for _, s := range d.subjects {
		if s.chosen {
			r.Objects = append(r.Objects, s.object)
		}
	}
	slices.SortStableFunc(d.strays, func(a, b DriftObject) int {
		return slices.Compare([]string{a.App, a.Type, a.Label, a.ID}, []string{b.App, b.Type, b.Label, b.ID})
	})
	r.Objects = append(r.Objects, d.strays...)
	slices.Sort(d.notes)
	r.Notes = append(slices.Compact(d.notes), d.ignore.Notes(len(d.opts.Only) > 0, d.opts.Unmanaged)...)
	return r
}
