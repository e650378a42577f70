package herokutf

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/platform"
)

// homesAtOnce is how many apps and pipelines are read at the same time; the client has a
// limit for the requests of all.
const homesAtOnce = 32

// A home is what adopted objects belong to: an app, a Private Space, a pipeline or a
// team. Its objects share a file and the beginning of their names.
type home struct {
	typ      string // resource type of the home itself; "" for a team
	id, name string
	live     any
	objects  []*adoptee
	left     []AdoptObject
	warnings []string
	lists    map[provider.List]any
	owner    *subject // what the state of the folder has of it; nil if it has nothing
	address  string   // its own; "" if it isn't adopted and no state of the folder has it
	away     string   // why nothing of it is adopted; "" if it is
}

// An adoptee is an object on its way into the state.
type adoptee struct {
	object AdoptObject
	res    *provider.Resource
	home   *home
	provider.Adoptee
	name    string // of the resource
	pending string // name of the file of the configuration that has it already; "" if none has
}

// age orders objects of one type, so that a second run gives the same names.
func (o *adoptee) age() string { return provider.Text(provider.Find(o.Own, "created_at")) }

// steps fill in the paths of a home's lists, by UUID.
func (h *home) steps() steps {
	switch h.typ {
	case provider.App:
		return steps{"app": h.id, "team": provider.Text(provider.Find(h.live, "team.name"))}
	case provider.Space:
		return steps{"space": h.id}
	case provider.Pipeline:
		return steps{"pipeline": h.id}
	}
	return steps{"team": h.name}
}

// An adoptFinder reads what the chosen homes have, and sorts out what is adopted.
type adoptFinder struct {
	opts      AdoptOptions
	skip      map[string]bool
	reader    *reader
	inv       *inventory
	claims    claims
	folder    *adoptFolder
	progress  *progress
	warnings  []string
	snapshots [2]bool // of apps and of add-ons, see adoptFolder
}

// lists of the whole account that the choice needs.
func (a *adoptFinder) account() []provider.List {
	lists := []provider.List{provider.Apps, provider.Addons, provider.Attachments, provider.Couplings}
	if a.opts.All || len(a.opts.Pipelines) > 0 {
		lists = append(lists, provider.Pipelines)
	}
	if a.opts.All || len(a.opts.Spaces) > 0 {
		lists = append(lists, provider.Spaces)
	}
	if a.opts.All {
		lists = append(lists, provider.Teams)
	}
	return lists
}

// find reads what there is and returns the homes, in the order of the configuration.
func (a *adoptFinder) find(ctx context.Context) ([]*home, error) {
	lists := a.account()
	_, errs := each(lists, func(l provider.List) (struct{}, error) {
		return struct{}{}, a.reader.list(ctx, l, nil).err
	})
	for i, err := range errs {
		switch {
		case err == nil:
		case a.opts.All && refused(err) && (lists[i] == provider.Spaces || lists[i] == provider.Teams):
			a.warnings = append(a.warnings, fmt.Sprintf("reading the %s failed, so that none is adopted: %v", lists[i], err))
		default:
			// Without one of the others nothing says what is whose.
			return nil, fmt.Errorf("read the %s: %w", lists[i], err)
		}
	}
	a.resolveNames(ctx)
	homes, err := a.choose(ctx)
	if err != nil {
		return nil, err
	}
	if a.progress.call != nil {
		apps, requests := a.cost(homes)
		a.progress.begin(apps, requests, a.reader.client.Left())
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(homesAtOnce)
	for _, h := range homes {
		g.Go(func() error {
			if err := a.readHome(ctx, h); err != nil {
				return err
			}
			if a.progress.call != nil && h.typ == provider.App {
				a.progress.step()
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return homes, nil
}

// cost returns how many apps are read, and how many requests that takes beyond the
// lists of the account.
func (a *adoptFinder) cost(homes []*home) (apps, requests int) {
	paths := make(map[string]bool)
	for _, h := range homes {
		if h.typ == provider.App {
			apps++
		}
		for l := range a.listsOf(h) {
			path, _ := fill(l.Source().Path, h.steps())
			paths[path] = true
		}
		if h.typ == provider.Pipeline {
			requests += len(varStages)
		}
	}
	return apps, requests + len(paths)
}

// varStages are the stages of a pipeline that have config vars.
var varStages = []string{"test", "review"}

// types yields the resource types whose objects a home can have, each with the list
// that has them.
func (a *adoptFinder) types(h *home) map[*provider.Resource]provider.List {
	all := make(map[*provider.Resource]provider.List)
	step := map[string]string{provider.App: "app", provider.Space: "space", provider.Pipeline: "pipeline", "": "team"}[h.typ]
	for res := range provider.All() {
		if res.Mode != provider.Managed || res.Adopt.Never != "" {
			continue
		}
		for _, list := range []provider.List{res.Origin.List, res.Origin.Else.List} {
			source := list.Source()
			switch {
			case list == provider.NoList:
			case source.Needs(step),
				h.typ == provider.App && res.Unmanaged != nil && res.Unmanaged.Of != "":
				if res.Unmanaged == nil || res.Unmanaged.IsFor(h.live) {
					all[res] = list
				}
			}
		}
	}
	return all
}

// listsOf are the lists of a home that are read before anything is known of it.
func (a *adoptFinder) listsOf(h *home) map[provider.List]bool {
	lists := make(map[provider.List]bool)
	if h.away != "" {
		return lists
	}
	for res, list := range a.types(h) {
		if !a.skip[res.Type] && !list.Source().PerAccount() && !list.Source().Needs("stage") && list != provider.Certificates {
			lists[list] = true
		}
	}
	if h.typ == provider.App {
		lists[provider.ConfigVars] = true
	}
	if res, ok := provider.Lookup(provider.Managed, h.typ); ok && h.owner == nil {
		for i := range res.Attrs {
			attr := &res.Attrs[i]
			if attr.From != provider.NoList && res.In5(attr) && (!attr.From.Source().Installed || provider.HasInstallations(h.live, nil)) {
				lists[attr.From] = true
			}
		}
	}
	if h.steps()["team"] == "" {
		delete(lists, provider.TeamApps)
	}
	return lists
}

// readHome reads what a home has and sorts out what is adopted.
func (a *adoptFinder) readHome(ctx context.Context, h *home) error {
	answers := make(map[provider.List]*answer)
	lists := slices.Sorted(maps.Keys(a.listsOf(h)))
	read, _ := each(lists, func(l provider.List) (*answer, error) { return a.read(ctx, h, l), nil })
	for i, l := range lists {
		answers[l] = read[i]
		if err := a.reader.fatal(ctx, read[i].err); err != nil {
			return err
		}
		h.lists[l] = read[i].value
	}
	if h.away == "" {
		a.itself(h, answers)
	}
	if h.away != "" {
		h.left = append(h.left, a.leave(h, nil, h.live, h.away))
		return nil
	}
	all := a.types(h)
	for _, res := range slices.SortedFunc(maps.Keys(all), func(x, y *provider.Resource) int { return cmp.Compare(x.Type, y.Type) }) {
		if a.skip[res.Type] {
			continue
		}
		if err := a.readType(ctx, h, res, all[res], answers); err != nil {
			return err
		}
	}
	addons, attachments := a.reader.list(ctx, provider.Addons, nil), a.reader.list(ctx, provider.Attachments, nil)
	a.association(h, addons.where("app.id", h.id), attachments.where("app.id", h.id))
	a.reader.forget("/apps/" + h.id + "/")
	return nil
}

// read reads a list of a home.
func (a *adoptFinder) read(ctx context.Context, h *home, l provider.List) *answer {
	all := a.reader.list(ctx, l, h.steps())
	if l != provider.TeamApps || !refused(all.err) {
		return all
	}
	single := a.reader.each(ctx, l, h.id)
	if single.err != nil {
		return all
	}
	return &answer{byID: map[string]any{h.id: single.value}}
}

// readType sorts out what a home has of a type.
func (a *adoptFinder) readType(ctx context.Context, h *home, res *provider.Resource, list provider.List, answers map[provider.List]*answer) error {
	in := answers[list]
	switch {
	case list.Source().Needs("stage"):
		return a.readStages(ctx, h, res)
	case list == provider.Certificates:
		// The domains say whether there are any.
		if !usesCertificates(h, answers[provider.Domains]) {
			return nil
		}
		in = a.read(ctx, h, list)
	case list.Source().PerAccount():
		in = a.reader.list(ctx, list, nil)
	}
	if err := a.reader.fatal(ctx, in.err); err != nil {
		return err
	}
	if in.err != nil {
		if list.Source().Whole || !list.Source().One || list == provider.SpaceRuleset {
			h.warnings = append(h.warnings, fmt.Sprintf("%s: reading the %s failed, so that none is adopted: %v", h.name, list, in.err))
		}
		return nil
	}
	elements := in.elements()
	switch {
	case list.Source().One:
		elements = []any{in.value}
	case res.Unmanaged != nil && res.Unmanaged.Of != "":
		elements = in.where(res.Unmanaged.Of, h.id)
	}
	for _, e := range elements {
		a.sort(h, res, list, e, elements)
	}
	return nil
}

// usesCertificates reports whether an app has domains with certificates of its own.
func usesCertificates(h *home, domains *answer) bool {
	if provider.Find(h.live, "acm") == true || domains == nil {
		return false
	}
	return slices.ContainsFunc(domains.elements(), func(e any) bool {
		return provider.Text(provider.Find(e, "kind")) != "heroku" && provider.Find(e, "sni_endpoint.id") != nil
	})
}

// sort adopts an element of a list of a home, or leaves it with the reason.
func (a *adoptFinder) sort(h *home, res *provider.Resource, list provider.List, e any, all []any) {
	if s := a.holder(h, res, list, e); s != nil {
		h.left = append(h.left, a.managed(h, res, e, s))
		return
	}
	why, left := res.Leaves(e, h.live)
	if res.Type == provider.Attachment && provider.IsOwnAttachment(e, all) {
		why, left = "the add-on has come with it", true
	}
	switch {
	case !left:
		a.adopt(h, res, e, nil)
	case why != "":
		h.left = append(h.left, a.leave(h, res, e, why))
	}
}

// holder returns what a state has of an element; nil if no state has it.
func (a *adoptFinder) holder(h *home, res *provider.Resource, list provider.List, e any) *subject {
	if h.typ == provider.App {
		return a.claims.of(list, h.id, e)
	}
	// What belongs to a space, a pipeline or a team has no id of its own.
	for _, s := range a.inv.subjects {
		if s.res != res || s.deposed() || s.list() != list {
			continue
		}
		of := false
		for _, ref := range s.steps() {
			of = of || ref != "" && (strings.EqualFold(ref, h.id) || ref == h.name)
		}
		same := true
		for _, key := range res.Origin.Keys {
			same = same && key.Is(key.Value(provider.Text(s.attrs.Value(key.Attr))), provider.Text(provider.Find(e, key.Path())))
		}
		if of && same {
			return s
		}
	}
	return nil
}

// adopt takes an element of a home, or the home itself, into the adoption.
func (a *adoptFinder) adopt(h *home, res *provider.Resource, e any, more steps) *adoptee {
	with := h.steps()
	if h.typ == provider.Space {
		with["space"] = cmp.Or(h.name, h.id)
	}
	maps.Copy(with, more)
	o := &adoptee{res: res, home: h, object: a.describe(h, res, e)}
	o.View = provider.View{Own: e, App: h.live, Lists: h.lists}
	o.Steps = with
	o.Snapshots = a.snapshots[0]
	if res.Type == provider.Addon {
		o.Snapshots = a.snapshots[1]
	}
	o.object.ID = cmp.Or(provider.Text(provider.Find(e, "id")), res.Identity(&o.Adoptee))
	o.object.ImportID = provider.Fill(cmp.Or(res.Adopt.Import, res.Import), e, with)
	h.objects = append(h.objects, o)
	return o
}

func (a *adoptFinder) describe(h *home, res *provider.Resource, e any) AdoptObject {
	o := AdoptObject{Type: res.Type, ID: provider.Text(provider.Find(e, "id")), Label: res.Called(e), Detail: res.Details(e)}
	if h.typ == provider.App {
		o.App = h.name
	}
	return o
}

// leave is an element of a home, or with no res the home itself, that isn't adopted.
func (a *adoptFinder) leave(h *home, res *provider.Resource, e any, why string) AdoptObject {
	if res == nil {
		res, _ = provider.Lookup(provider.Managed, h.typ)
	}
	o := a.describe(h, res, e)
	o.Reason = why
	return o
}

// managed is an element that a state has.
func (a *adoptFinder) managed(h *home, res *provider.Resource, e any, s *subject) AdoptObject {
	o := a.leave(h, res, e, "it is managed already")
	o.Address, o.State = s.object.Address, s.object.origin.file.Name()
	return o
}

// inFolder reports whether a subject is in the state of the folder.
func (a *adoptFinder) inFolder(s *subject) bool {
	return a.folder.file != nil && s.object.origin.file == a.folder.file
}

// readStages adopts the config vars of a pipeline.
func (a *adoptFinder) readStages(ctx context.Context, h *home, res *provider.Resource) error {
	if a.opts.NoConfigVars {
		return nil
	}
	read, _ := each(varStages, func(stage string) (*answer, error) {
		return a.reader.list(ctx, provider.PipelineConfig, steps{"pipeline": h.id, "stage": stage}), nil
	})
	for i, in := range read {
		stage := varStages[i]
		switch err := a.reader.fatal(ctx, in.err); {
		case err != nil:
			return err
		case in.err != nil:
			if !errors.Is(in.err, platform.ErrNotFound) {
				h.warnings = append(h.warnings, fmt.Sprintf("%s: reading the config vars of stage %s failed, so that none is adopted: %v", h.name, stage, in.err))
			}
			continue
		case len(provider.Keys(in.value)) == 0:
			continue
		}
		if s := a.stageHolder(h, res, stage); s != nil {
			o := a.managed(h, res, in.value, s)
			o.ID, o.Label = h.id+":"+stage, stage
			h.left = append(h.left, o)
			continue
		}
		o := a.adopt(h, res, in.value, steps{"stage": stage})
		o.Vars = textsOf(in.value, nil)
		o.object.Label = stage
	}
	return nil
}

func (a *adoptFinder) stageHolder(h *home, res *provider.Resource, stage string) *subject {
	for _, s := range a.inv.subjects {
		if s.res == res && !s.deposed() && strings.EqualFold(s.steps()["pipeline"], h.id) && s.steps()["stage"] == stage {
			return s
		}
	}
	return nil
}

// textsOf returns the config vars of an answer that aren't among those known.
func textsOf(vars any, known map[string]bool) map[string]string {
	all := make(map[string]string)
	for _, key := range provider.Keys(vars) {
		object, _ := vars.(map[string]any)
		if !known[key] {
			all[key] = provider.Text(object[key])
		}
	}
	return all
}
