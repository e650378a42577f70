package herokutf

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
)

// listsAtOnce is how many lists the apps have that are looked at at the same time. Each
// app reads its own at once. It is twice what the client has under way unless it is told
// otherwise, so that there is always one to send while others are judged.
const listsAtOnce = 128

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
// what Heroku doesn't return, isn't. Beyond that, heroku_app_release and
// heroku_build are held against what the app runs now, by slug or image, which
// Terraform doesn't do. Apps are identified by UUID, so that a rename is reported
// as one.
//
// Lists that serve many objects are read in place of single ones, and none is
// read twice. A read that fails makes undetermined what depends on it, and
// nothing else. There is an error, and no report, when the context ends, when
// the options are at fault ([platform.ErrInvalidName]) or an argument is nil, when the
// request budget is used up, and when nothing at all could be read, as with a token that isn't
// accepted ([platform.ErrUnauthorized]) or sees nothing ([platform.ErrForbidden],
// [platform.ErrNotFound]).
func DetectDrift(ctx context.Context, c *platform.Client, f *statefile.File, opts DriftOptions) (*DriftReport, error) {
	return DetectDriftIn(ctx, c, []*statefile.File{f}, opts)
}

// DetectDriftIn is [DetectDrift] for several states, such as those of several
// teams or environments. They share every list, and what one of them manages
// isn't unmanaged for the others.
func DetectDriftIn(ctx context.Context, c *platform.Client, files []*statefile.File, opts DriftOptions) (*DriftReport, error) {
	if err := checkArguments(c, files); err != nil {
		return nil, fmt.Errorf("detect drift: %w", err)
	}
	d, err := newComparison(c, files, opts)
	if err != nil {
		return nil, err
	}
	// What others send with the same client meanwhile isn't this comparison's.
	ctx, d.progress.sent = platform.CountRequests(ctx)
	if err := d.run(ctx); err != nil {
		return nil, fmt.Errorf("detect drift: %w", err)
	}
	report := d.report.report(d.inv.subjects, len(opts.Only) > 0, opts.Unmanaged)
	report.config = opts.Config
	report.Requests = int(d.progress.sent.Load())
	report.states = files
	return report, nil
}

// checkArguments refuses what would be a panic in a goroutine of the comparison.
func checkArguments(c *platform.Client, files []*statefile.File) error {
	if c == nil {
		return errors.New("the client is nil")
	}
	switch i := slices.Index(files, nil); {
	case i < 0:
		return nil
	case len(files) == 1:
		return errors.New("the state is nil")
	default:
		return fmt.Errorf("state %d of %d is nil", i+1, len(files))
	}
}

// A comparison is one call of DetectDriftIn: the planner says what to read, the reader
// reads it, the matcher and the comparer judge, and the assembler makes the report.
type comparison struct {
	files    []*statefile.File
	inv      *inventory // of the files; made by run
	plan     listPlanner
	account  map[provider.List]bool // lists of the whole account that are read
	reader   *reader
	lists    *appReader
	claims   claims
	compare  comparer
	report   *assembler
	progress *progress
}

func newComparison(c *platform.Client, files []*statefile.File, opts DriftOptions) (*comparison, error) {
	chosen, err := newSelection(opts.Only)
	clear, badVars := compileVars(opts.ShowVars)
	if err := errors.Join(err, badVars); err != nil {
		return nil, err
	}
	r := newReader(c)
	plan := listPlanner{chosen: chosen, unmanaged: opts.Unmanaged, blame: opts.Blame}
	return &comparison{
		files:    files,
		plan:     plan,
		reader:   r,
		lists:    &appReader{reader: r, history: plan.history()},
		compare:  comparer{prints: newFingerprinter(opts.Key), clear: clear},
		report:   &assembler{rules: opts.Ignore.Matcher(cmp.Or(opts.Now, time.Now()))},
		progress: &progress{call: opts.Progress},
	}, nil
}

// run reads what is needed and judges every subject.
func (c *comparison) run(ctx context.Context) error {
	// Their answers come while the inventory is made.
	for _, l := range c.plan.certain(c.files) {
		go c.reader.list(ctx, l, nil)
	}
	c.inv = newInventory(c.files, c.plan.chosen)
	c.account = c.plan.ofAccount(c.inv)
	if err := c.readAccount(ctx); err != nil {
		return err
	}
	if err := resolveApps(ctx, c.reader, c.plan, c.inv, c.account); err != nil {
		return err
	}
	if c.plan.unmanaged {
		c.claims = newClaims(c.inv.subjects)
	}
	if c.account[provider.Couplings] && !c.plan.history() {
		c.lists.latest = c.plan.latest(c.inv.apps, c.reader.list(ctx, provider.Couplings, nil).elements())
	}
	if c.progress.call != nil {
		apps, requests := c.plan.cost(c.inv, c.lists.latest)
		c.progress.begin(apps, requests, c.reader.client.Left())
	}

	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return c.judgeRest(ctx) })
	room := semaphore.NewWeighted(listsAtOnce)
	for _, a := range c.inv.apps {
		if !c.plan.wants(a) {
			continue
		}
		lists := c.plan.ofApp(a)
		takes := int64(max(1, len(lists)))
		if room.Acquire(ctx, takes) != nil {
			g.Go(func() error { return context.Cause(ctx) })
			break
		}
		g.Go(func() error {
			defer room.Release(takes)
			if err := c.judgeApp(ctx, a, lists); err != nil {
				return err
			}
			if a.id != "" {
				c.reader.forget("/apps/" + a.id + "/")
			}
			for _, s := range a.subjects {
				s.attrs.drop()
			}
			if c.progress.call != nil && c.plan.compares(a) {
				c.progress.step()
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return c.reader.failed()
}

// readAccount reads the lists that serve the whole account. One that can't be read
// is found out again where it is needed.
func (c *comparison) readAccount(ctx context.Context) error {
	_, errs := each(slices.Sorted(maps.Keys(c.account)), func(l provider.List) (struct{}, error) {
		return struct{}{}, c.reader.list(ctx, l, nil).err
	})
	for _, err := range errs {
		if err := c.reader.fatal(ctx, err); err != nil {
			return err
		}
	}
	return c.reader.down()
}

// judgeApp judges everything that belongs to an app. lists are those that it needs.
func (c *comparison) judgeApp(ctx context.Context, a *driftApp, lists map[provider.List]bool) error {
	if err := c.lists.read(ctx, a, lists); err != nil {
		return err
	}
	for _, s := range a.subjects {
		if err := c.judge(ctx, s); err != nil {
			return err
		}
	}
	withdraw(a)
	c.noteFacts(a)
	c.compare.comparePins(a)
	reportRename(a, c.inv.files)
	for _, s := range a.subjects {
		conclude(s)
	}
	if c.plan.unmanaged && a.readable() && a.managed() {
		u := &unmanagedFinder{plan: c.plan, lists: c.lists, claims: c.claims, report: c.report}
		if err := u.find(ctx, a); err != nil {
			return err
		}
	}
	c.report.ignoreIn(a.subjects)
	if c.plan.blame && a.readable() {
		return c.blame(ctx, a)
	}
	return nil
}

// noteFacts notes what the answers about an app's managed objects say beyond their
// attributes. What DriftOptions.Unmanaged reports as an object isn't noted as well.
func (c *comparison) noteFacts(a *driftApp) {
	for _, s := range a.subjects {
		if s.own == nil || !s.chosen || s.object.Verdict == Undetermined || s.object.origin.inst.Mode != statefile.Managed || s.deposed() {
			continue
		}
		var facts []string
		if s.object.Type != provider.App || !c.plan.unmanaged {
			facts = provider.Facts(s.object.Type, s.own, a.live)
		}
		if s.object.Type == provider.App && a.release.newest != nil && !c.plan.unmanaged {
			for _, o := range releaseFacts(a, []any{a.release.newest}) {
				facts = append(facts, o.Reason)
			}
		}
		for _, fact := range facts {
			name := s.object.Address
			if s.object.State != "" {
				name = s.object.State + ": " + name
			}
			c.report.note("%s (%s): %s", name, a.name(), fact)
		}
	}
}

// judgeRest judges what belongs to no app.
func (c *comparison) judgeRest(ctx context.Context) error {
	rest := c.inv.withoutApp()
	_, errs := each(rest, func(s *subject) (struct{}, error) {
		if err := c.judge(ctx, s); err != nil {
			return struct{}{}, err
		}
		conclude(s)
		return struct{}{}, nil
	})
	c.report.ignoreIn(rest)
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// judge finds the subject on Heroku and compares it. It leaves the verdict to
// conclude unless there is nothing to compare.
func (c *comparison) judge(ctx context.Context, s *subject) error {
	if s.app != nil {
		s.object.App, s.object.origin.appID = s.app.name(), s.app.id
	}
	if settle(s) {
		return nil
	}
	c.followSpace(ctx, s)
	if err := c.reader.fatal(ctx, c.orphan(ctx, s, c.find(ctx, s))); err != nil || s.object.Verdict != "" {
		return err
	}
	lists, err := c.readings(ctx, s)
	if err != nil {
		return err
	}
	c.compare.compare(s, lists)
	if s.object.Type == provider.Attachment && c.account[provider.Addons] {
		explainAddonID(s, c.inv.addons(), c.reader.list(ctx, provider.Addons, nil).elements())
	} else {
		explainAddonID(s, nil, nil)
	}
	return nil
}

// find reads the list that has the subject, and matches it. The error is the one that
// says why it couldn't be read.
func (c *comparison) find(ctx context.Context, s *subject) error {
	list := s.list()
	switch {
	case s.app != nil && list == provider.Apps:
		return matchApp(s, c.reader.list(ctx, list, nil).err)
	case s.res.Origin.Current:
		return matchRelease(s)
	}
	return match(s, list, c.lists.has(ctx, s, list), func(id string) *answer { return c.reader.each(ctx, list, id) })
}

// readings reads the lists that the subject is compared with, beside the one that has
// it.
func (c *comparison) readings(ctx context.Context, s *subject) (map[provider.List]reading, error) {
	lists := make(map[provider.List]reading)
	for i := range s.res.Attrs {
		attr := &s.res.Attrs[i]
		if _, ok := lists[attr.From]; ok || attr.From == provider.NoList || !s.compares(attr) {
			continue
		}
		r := c.reading(ctx, s, attr.From)
		if err := c.reader.fatal(ctx, r.err); err != nil {
			return nil, err
		}
		lists[attr.From] = r
	}
	return lists, nil
}

// reading reads one list that the subject is compared with.
func (c *comparison) reading(ctx context.Context, s *subject, l provider.List) reading {
	with := s.steps()
	switch {
	case l == provider.Releases:
		return reading{s.app.release.running, s.app.release.err}
	case l == provider.TeamApps && with["team"] == "":
		return reading{}
	case l.Source().Installed && !s.app.installed():
		return reading{}
	}
	answer := c.reader.list(ctx, l, with)
	switch {
	case l == provider.TeamApps && answer.err == nil:
		return teamApp(answer, s.app.id)
	case l == provider.TeamApps && refused(answer.err):
		if single := c.reader.each(ctx, l, s.app.id); single.err == nil {
			return reading{value: single.value}
		}
	case l == provider.Regions && answer.err != nil && refused(answer.err):
		id := provider.RegionOf(s.res, s.own)
		if id == "" {
			return reading{}
		}
		if single := c.reader.each(ctx, l, id); single.err == nil {
			return reading{value: []any{single.value}}
		}
	}
	return reading{answer.value, answer.err}
}

// A progress counts the apps of a comparison, and its requests.
type progress struct {
	call func(DriftProgress) // nil: nothing is called
	sent *atomic.Int64       // requests

	mu  sync.Mutex
	now DriftProgress
}

// begin announces apps and the requests that they are going to take, of which left are
// in the budget.
func (p *progress) begin(apps, requests, left int) {
	p.now = DriftProgress{Apps: apps, Requests: int(p.sent.Load()) + requests, Left: left}
	if left >= 0 && requests > left {
		p.now.Wait = platform.Refill * time.Duration(requests-left)
	}
	p.call(p.now)
}

// step counts an app that was compared.
func (p *progress) step() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now.Done++
	p.call(p.now)
}
