package herokutest

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/statefile"
)

// FromState returns a server that holds what Heroku holds when nothing has
// drifted from Terraform states: every object of every resource type and data
// source of the Heroku provider, versions 1.4.0 to 5.3.2, with the identifiers
// that the states have, in any form that package statefile reads. A test changes
// the server, and checks what the tool says of the difference:
//
//	s, err := herokutest.FromState(herokutest.Options{}, state)
//	...
//	s.Scale("api-production", "web", 3, "")
//
// Several states are those that share an account. As with [New], the server
// doesn't listen before Start.
//
// What a state names without having it, such as the app of a domain, is there
// as well, under its name or UUID; what Heroku has of an object and no
// attribute holds is made up, as [Server.Seed] does. Config vars are those of
// all_config_vars and of everything that manages some, with their values. Of an
// app's releases the last that a heroku_app_release names is the one that runs,
// else that of the last build. Deposed objects are left out, and so are the
// resource types of other providers.
//
// Where states contradict themselves, the attribute that comes later counts. The
// error is that of [Server.Seed] for what no Heroku can hold, such as an
// identifier that is no UUID; it names the object and holds no attribute that may
// be secret.
func FromState(opts Options, states ...*statefile.File) (*Server, error) {
	seed, err := stateSeed(states)
	if err != nil {
		return nil, err
	}
	s := New(opts)
	if err := s.Seed(seed); err != nil {
		return nil, err
	}
	return s, nil
}

// stateSeed returns what the server of [FromState] is given.
func stateSeed(states []*statefile.File) (Seed, error) {
	objects, err := stateObjects(states)
	if err != nil {
		return Seed{}, err
	}
	b := builder{ids: make(map[string]map[string]string)}
	for _, t := range stateTypes {
		for _, v := range objects[t.stateType] {
			t.add(&b, v)
		}
		delete(objects, t.stateType)
	}
	var errs []error
	for t := range objects {
		errs = append(errs, fmt.Errorf("herokutest: nothing is known of %s %s", t.mode, t.name))
	}
	return b.seed(), errors.Join(errs...)
}

// stateObjects returns the attributes of the objects that states have of each
// type in the provider's table.
func stateObjects(states []*statefile.File) (map[stateType][]attrs, error) {
	objects := make(map[stateType][]attrs)
	var errs []error
	for _, f := range states {
		for inst := range f.Instances() {
			r, ok := provider.Lookup(string(inst.Mode), inst.Type)
			if !ok || inst.Deposed != "" || !provider.IsHeroku(inst.Provider, inst.Type) {
				continue
			}
			v, err := read(inst)
			if err != nil {
				errs = append(errs, err)
				continue
			}
			if v != nil {
				t := stateType{r.Mode, r.Type}
				objects[t] = append(objects[t], v)
			}
		}
	}
	return objects, errors.Join(errs...)
}

// stateType is a resource type, or that of a data source.
type stateType struct{ mode, name string }

// stateTypes add the objects of one type each, in an order in which what others
// name comes before them.
var stateTypes = []struct {
	stateType
	add func(*builder, attrs)
}{
	{stateType{provider.Data, "heroku_team"}, (*builder).addTeam},
	{stateType{provider.Managed, "heroku_space"}, (*builder).addSpace},
	{stateType{provider.Data, "heroku_space"}, (*builder).addSpace},
	{stateType{provider.Managed, "heroku_app"}, (*builder).addApp},
	// A coupling up to v4.9.0 has the app's name and UUID.
	{stateType{provider.Managed, "heroku_pipeline_coupling"}, (*builder).addCoupling},
	{stateType{provider.Data, "heroku_app"}, (*builder).addApp},
	{stateType{provider.Managed, "heroku_pipeline"}, (*builder).addPipeline},
	{stateType{provider.Data, "heroku_pipeline"}, (*builder).addPipeline},
	{stateType{provider.Managed, "heroku_addon"}, (*builder).addAddon},
	{stateType{provider.Data, "heroku_addon"}, (*builder).addAddon},

	{stateType{provider.Managed, "heroku_account_feature"}, (*builder).addAccountFeature},
	{stateType{provider.Managed, "heroku_addon_attachment"}, (*builder).addAttachment},
	{stateType{provider.Managed, "heroku_app_config_association"}, (*builder).addAssociation},
	{stateType{provider.Managed, "heroku_app_feature"}, (*builder).addFeature},
	{stateType{provider.Managed, "heroku_slug"}, (*builder).addSlug},
	{stateType{provider.Managed, "heroku_build"}, (*builder).addBuild},
	{stateType{provider.Managed, "heroku_app_release"}, (*builder).addRelease},
	{stateType{provider.Managed, "heroku_app_webhook"}, (*builder).addWebhook},
	{stateType{provider.Managed, "heroku_cert"}, (*builder).addCert},
	{stateType{provider.Managed, "heroku_collaborator"}, (*builder).addCollaborator},
	{stateType{provider.Managed, "heroku_config"}, func(*builder, attrs) {}}, // in the state alone
	{stateType{provider.Managed, "heroku_ssl"}, (*builder).addSSL},
	{stateType{provider.Managed, "heroku_domain"}, (*builder).addDomain},
	{stateType{provider.Managed, "heroku_drain"}, (*builder).addDrain},
	{stateType{provider.Managed, "heroku_formation"}, (*builder).addFormation},
	{stateType{provider.Managed, "heroku_pipeline_config_var"}, (*builder).addPipelineVars},
	{stateType{provider.Managed, "heroku_pipeline_promotion"}, (*builder).addPromotion},
	{stateType{provider.Managed, "heroku_review_app_config"}, (*builder).addReviewConfig},
	{stateType{provider.Managed, "heroku_space_app_access"}, (*builder).addSpaceMember},
	{stateType{provider.Managed, "heroku_space_inbound_ruleset"}, (*builder).addRuleset},
	{stateType{provider.Managed, "heroku_space_peering_connection_accepter"}, (*builder).addPeering},
	{stateType{provider.Managed, "heroku_space_vpn_connection"}, (*builder).addVPN},
	{stateType{provider.Managed, "heroku_team_collaborator"}, (*builder).addCollaborator},
	{stateType{provider.Managed, "heroku_team_member"}, (*builder).addMember},
	{stateType{provider.Managed, "heroku_telemetry_drain"}, (*builder).addTelemetry},
	{stateType{provider.Data, "heroku_space_peering_info"}, func(b *builder, v attrs) { b.space(v.text("name")) }},
	{stateType{provider.Data, "heroku_team_members"}, func(b *builder, v attrs) { b.team(v.text("team")) }},
}

// builder holds the seed while it grows. Everything is named by what its maps
// have it under: its name and its UUID, as far as they are known.
type builder struct {
	apps      registry[App]
	teams     registry[Team]
	spaces    registry[Space]
	pipelines registry[Pipeline]
	addons    registry[Addon]

	promotions      []Promotion
	features        []string
	accountFeatures []Feature
	ids             map[string]map[string]string
}

// registry holds the objects of one kind in the order in which they came.
type registry[T any] struct {
	all []*T
	by  map[string]*T
}

// of returns the object that has any of the names, and makes it if there is
// none: then with all of them. Empty names are none.
func (r *registry[T]) of(names ...string) *T {
	var v *T
	for _, name := range names {
		if name != "" && v == nil {
			v = r.by[name]
		}
	}
	if v == nil {
		v = new(T)
		r.all = append(r.all, v)
	}
	for _, name := range names {
		if name != "" && r.by[name] == nil {
			if r.by == nil {
				r.by = make(map[string]*T)
			}
			r.by[name] = v
		}
	}
	return v
}

func (r *registry[T]) values() []T {
	all := make([]T, len(r.all))
	for i, v := range r.all {
		all[i] = *v
	}
	return all
}

// split sorts names and UUIDs apart.
func split(refs []string) (name, uuid string) {
	for _, ref := range refs {
		if provider.IsUUID(ref) {
			uuid = cmp.Or(uuid, strings.ToLower(ref))
		} else {
			name = cmp.Or(name, ref)
		}
	}
	return name, uuid
}

// known is split of what an object goes by, with a name if there is nothing.
func known(kind string, refs []string) (name, uuid string) {
	name, uuid = split(refs)
	if name == "" && uuid == "" {
		name = kind + "-unknown"
	}
	return name, uuid
}

// placeholder is the name of something that only its UUID is known of. Names of
// apps have at most 30 characters.
func placeholder(kind, uuid string) string { return kind + "-" + uuid[:8] + "-" + uuid[24:] }

func (b *builder) app(refs ...string) *App {
	name, id := known("app", refs)
	a := b.apps.of(name, id)
	a.ID, a.Name = cmp.Or(a.ID, id), cmp.Or(a.Name, name)
	if a.Name == "" {
		a.Name = placeholder("app", a.ID)
		b.apps.of(a.ID, a.Name)
	}
	if a.ConfigVars == nil {
		a.ConfigVars = make(map[string]string)
	}
	return a
}

// parent returns the app that an object belongs to.
func (b *builder) parent(v attrs) *App { return b.app(v.text("app_id"), v.text("app")) }

func (b *builder) team(refs ...string) *Team {
	name, id := known("team", refs)
	t := b.teams.of(name, id)
	t.ID, t.Name = cmp.Or(t.ID, id), cmp.Or(t.Name, name)
	return t // without a name if only the UUID is known so far
}

func (b *builder) space(refs ...string) *Space {
	name, id := known("space", refs)
	x := b.spaces.of(name, id)
	x.ID, x.Name = cmp.Or(x.ID, id), cmp.Or(x.Name, name)
	if x.Name == "" {
		x.Name = placeholder("space", x.ID)
		b.spaces.of(x.ID, x.Name)
	}
	return x
}

func (b *builder) pipeline(refs ...string) *Pipeline {
	name, id := known("pipeline", refs)
	p := b.pipelines.of(cmp.Or(id, name)) // names aren't unique
	p.ID, p.Name = cmp.Or(p.ID, id), cmp.Or(name, p.Name)
	if p.Name == "" {
		p.Name = placeholder("pipeline", p.ID)
	}
	return p
}

func (b *builder) addon(refs ...string) *Addon {
	name, id := known("addon", refs)
	x := b.addons.of(name, id)
	x.ID, x.Name = cmp.Or(x.ID, id), cmp.Or(x.Name, name)
	if x.Name == "" {
		x.Name = placeholder("addon", x.ID)
		b.addons.of(x.ID, x.Name)
	}
	return x
}

// identify notes the identifier of something that no account can make.
func (b *builder) identify(kind, name, id string) {
	if name == "" || id == "" {
		return
	}
	if b.ids[kind] == nil {
		b.ids[kind] = make(map[string]string)
	}
	b.ids[kind][name] = id
}

// seed completes what only all of the objects together show.
func (b *builder) seed() Seed {
	for _, a := range b.apps.all {
		if a.Team != "" {
			b.team(a.Team)
		}
		if a.Space != "" {
			x := b.space(a.Space)
			x.Team = cmp.Or(x.Team, a.Team)
			a.Space = x.Name
		}
		for _, d := range a.Domains {
			if d.SNIEndpoint != "" && sni(a, d.SNIEndpoint) == nil {
				a.SNIEndpoints = append(a.SNIEndpoints, SNIEndpoint{ID: d.SNIEndpoint})
			}
		}
		if a.Releases != nil {
			first := Release{Description: "Initial release", ConfigVars: map[string]string{}}
			a.Releases = append([]Release{first}, a.Releases...)
		}
	}
	b.finishAddons()
	for _, p := range b.pipelines.all {
		if p.Team != "" {
			t := b.owner(p.Team)
			p.Team = cmp.Or(t.ID, t.Name)
		}
		for i := range p.Couplings {
			if b.app(p.Couplings[i].App).Generation == Fir {
				p.Generation = Fir
			}
		}
	}
	for _, x := range b.spaces.all {
		if x.Team == "" {
			if len(b.teams.all) == 0 {
				b.team() // the states don't say
			}
			x.Team = cmp.Or(b.teams.all[0].Name, b.teams.all[0].ID)
		}
		b.team(x.Team)
	}
	for _, t := range b.teams.all {
		if t.Name == "" {
			t.Name = placeholder("team", t.ID)
		}
	}
	return Seed{
		Teams:                 b.teams.values(),
		Spaces:                b.spaces.values(),
		Apps:                  b.apps.values(),
		Addons:                b.addons.values(),
		Pipelines:             b.pipelines.values(),
		Promotions:            b.promotions,
		AccountFeatures:       b.features,
		AccountFeatureDetails: b.accountFeatures,
		IDs:                   b.ids,
	}
}

// owner returns the team of that UUID that owns a pipeline. Where the only team
// of the states is known by name alone, it is that one.
func (b *builder) owner(id string) *Team {
	if _, known := b.teams.by[id]; !known && len(b.teams.all) == 1 && b.teams.all[0].ID == "" {
		return b.team(b.teams.all[0].Name, id)
	}
	return b.team(id)
}

// finishAddons gives add-ons their config vars and the attachment to their own
// app that each has on Heroku, under a name that is free there.
func (b *builder) finishAddons() {
	taken := make(map[[2]string]bool) // app and name of an attachment
	var detached, unnamed []*Addon
	for _, x := range b.addons.all {
		b.finishAddon(x)
		own := false
		for _, t := range x.Attachments {
			taken[[2]string{t.App, t.Name}] = true
			own = own || t.App == x.App
		}
		if !own {
			detached = append(detached, x)
		}
	}
	attach := func(x *Addon, name string) {
		taken[[2]string{x.App, name}] = true
		// The first one names the variable of an add-on of which none is known.
		x.Attachments = slices.Insert(x.Attachments, 0, Attachment{Name: name, App: x.App})
	}
	for _, x := range detached {
		if name := x.named(); name != "" && !taken[[2]string{x.App, name}] {
			attach(x, name)
		} else {
			unnamed = append(unnamed, x)
		}
	}
	for _, x := range unnamed {
		name, ok := freeAttachment(x.service(), func(name string) bool { return taken[[2]string{x.App, name}] })
		base := name
		for n := 1; !ok; n++ {
			name = fmt.Sprintf("%s_%d", base, n)
			ok = !taken[[2]string{x.App, name}]
		}
		attach(x, name)
	}
}

// finishAddon completes an add-on, but for its own attachment.
func (b *builder) finishAddon(x *Addon) {
	if x.App == "" {
		for _, t := range x.Attachments {
			x.App = t.App
		}
	}
	if x.App == "" {
		x.App = b.app().Name // the states don't say
	}
	x.Plan = cmp.Or(x.Plan, "heroku-postgresql:essential-0")
	a := b.app(x.App)
	for name, value := range x.Config {
		if value == "" {
			// The address holds digits of the UUID.
			x.ID = cmp.Or(x.ID, uuid(sha256.Sum256([]byte("add-on "+x.Name))))
			x.Config[name] = cmp.Or(a.ConfigVars[name], x.url())
		}
	}
}

// named is the attachment that the only config var of an add-on is named after;
// "" if there is none.
func (x *Addon) named() string {
	if len(x.Config) == 1 {
		for variable := range x.Config {
			if name, ok := strings.CutSuffix(variable, "_URL"); ok {
				return name
			}
		}
	}
	return ""
}

func sni(a *App, id string) *SNIEndpoint {
	for i := range a.SNIEndpoints {
		if a.SNIEndpoints[i].ID == id {
			return &a.SNIEndpoints[i]
		}
	}
	return nil
}

// instant reads a time as Go prints it, which is how the provider stores one;
// zero if it is none.
func instant(text string) time.Time {
	for _, layout := range []string{"2006-01-02 15:04:05.999999999 -0700 MST", time.RFC3339Nano} {
		if t, err := time.Parse(layout, text); err == nil {
			return t
		}
	}
	return time.Time{}
}

// textOrNull is the text of an attribute that a server makes up where it is
// empty: there and empty, it is null on Heroku.
func (v attrs) textOrNull(name string) string {
	if text := v.text(name); text != "" || !v.has(name) {
		return text
	}
	return Null
}
