package herokutest

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The children of an app: what is read and written under /apps/{app}/.

func (s *Server) fillProcess(a *App, p *Process) error {
	if p.Type == "" {
		return fmt.Errorf("a process without type")
	}
	if err := s.ident(&p.ID, "process", a.ID+" "+p.Type); err != nil {
		return err
	}
	s.date(&p.CreatedAt, &p.UpdatedAt)
	def(&p.Command, "./bin/"+p.Type)
	if a.Generation == Fir {
		def(&p.Size, "dyno-1c-0.5gb")
	}
	def(&p.Size, "Standard-1X")
	p.Size = sizeName(a, p.Size)
	return nil
}

// sizeName spells the size of a dyno as Heroku does, however it was asked for:
// Standard-1X, Performance-L-RAM, and dyno-1c-0.5gb for Fir.
func sizeName(a *App, size string) string {
	if a.Generation == Fir {
		return strings.ToLower(size)
	}
	family, rest, _ := strings.Cut(size, "-")
	if family != "" {
		family = strings.ToUpper(family[:1]) + strings.ToLower(family[1:])
	}
	if rest == "" {
		return family
	}
	return family + "-" + strings.ToUpper(rest)
}

func (s *Server) fillDomain(a *App, d *Domain) error {
	if d.Hostname == "" {
		return fmt.Errorf("a domain without hostname")
	}
	if err := s.ident(&d.ID, "domain", d.Hostname); err != nil {
		return err
	}
	s.date(&d.CreatedAt, &d.UpdatedAt)
	def(&d.Kind, "custom")
	if err := oneOf("kind of domain", d.Kind, "heroku", "custom"); err != nil {
		return err
	}
	def(&d.Status, "succeeded")
	if d.Kind == "custom" {
		label := strings.Trim(strings.ReplaceAll(strings.ReplaceAll(d.Hostname, "*", "wildcard"), ".", "-"), "-")
		def(&d.CNAME, label+"-"+fmt.Sprintf("%x", s.digest("cname", d.ID, 0))[:12]+".herokudns.com")
	}
	if d.SNIEndpoint != "" {
		e := a.sni(d.SNIEndpoint)
		if e == nil {
			return fmt.Errorf("domain %q: no SNI endpoint %q", d.Hostname, d.SNIEndpoint)
		}
		d.SNIEndpoint = e.ID
	}
	return nil
}

func (s *Server) fillSNI(a *App, e *SNIEndpoint) error {
	if err := s.ident(&e.ID, "sni-endpoint", a.ID+" "+e.Name); err != nil {
		return err
	}
	s.date(&e.CreatedAt, &e.UpdatedAt)
	def(&e.Name, "certificate-"+e.ID[:5])
	def(&e.CertificateChain, "-----BEGIN CERTIFICATE-----\n(made by herokutest)\n-----END CERTIFICATE-----")
	def(&e.Subject, "/CN="+a.Hostname)
	def(&e.Issuer, "/CN=herokutest")
	if e.StartsAt.IsZero() {
		e.StartsAt = e.CreatedAt
	}
	if e.ExpiresAt.IsZero() {
		e.ExpiresAt = e.StartsAt.AddDate(0, 3, 0)
	}
	return nil
}

func (s *Server) fillSSL(a *App, e *SSLEndpoint) error {
	if err := s.ident(&e.ID, "ssl-endpoint", a.ID+" "+e.Name); err != nil {
		return err
	}
	s.date(&e.CreatedAt, &e.UpdatedAt)
	def(&e.Name, "endpoint-"+e.ID[:5])
	def(&e.CNAME, e.Name+".herokussl.com")
	def(&e.CertificateChain, "-----BEGIN CERTIFICATE-----\n(made by herokutest)\n-----END CERTIFICATE-----")
	return nil
}

func (s *Server) fillFeature(f *Feature) error {
	if f.Name == "" {
		return errors.New("a feature without name")
	}
	if f.ID == "" {
		return nil // made up where it is sent, as for features without details
	}
	return s.ident(&f.ID, "feature", f.Name)
}

func (s *Server) fillLogDrain(a *App, d *LogDrain) error {
	if d.URL == "" {
		return fmt.Errorf("a log drain without URL")
	}
	if err := s.ident(&d.ID, "log-drain", a.ID+" "+d.URL); err != nil {
		return err
	}
	s.date(&d.CreatedAt, &d.UpdatedAt)
	def(&d.Token, "d."+s.fixedID("drain-token", d.ID))
	return nil
}

func (s *Server) fillTelemetryDrain(owner string, d *TelemetryDrain) error {
	if err := s.ident(&d.ID, "telemetry-drain", owner+" "+d.Endpoint); err != nil {
		return err
	}
	s.date(&d.CreatedAt, &d.UpdatedAt)
	def(&d.Type, "otlphttp")
	if d.Signals == nil {
		d.Signals = []string{"traces", "metrics", "logs"}
	}
	for _, signal := range d.Signals {
		if err := oneOf("signal of telemetry drain", signal, "traces", "metrics", "logs"); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) fillCollaborator(a *App, c *Collaborator) error {
	if c.Email == "" {
		return fmt.Errorf("a collaborator without email")
	}
	if err := s.ident(&c.ID, "collaborator", a.ID+" "+c.Email); err != nil {
		return err
	}
	s.date(&c.CreatedAt, &c.UpdatedAt)
	def(&c.Role, "collaborator")
	if c.Permissions == nil {
		c.Permissions = []string{"deploy", "view"}
		if c.Role == "owner" || c.Role == "admin" {
			c.Permissions = []string{"deploy", "manage", "operate", "view"}
		}
	}
	return nil
}

func (s *Server) fillWebhook(a *App, w *Webhook) error {
	if w.URL == "" {
		return fmt.Errorf("a webhook without URL")
	}
	if err := s.ident(&w.ID, "webhook", a.ID+" "+w.URL); err != nil {
		return err
	}
	s.date(&w.CreatedAt, &w.UpdatedAt)
	def(&w.Level, "notify")
	if w.Include == nil {
		w.Include = []string{"api:release"}
	}
	return oneOf("level of webhook", w.Level, "notify", "sync")
}

func (a *App) sni(ref string) *SNIEndpoint {
	return findIn(a.SNIEndpoints, func(e *SNIEndpoint) bool { return e.ID == ref || e.Name == ref })
}

// add is what the AddX methods for an app's children share: fill completes
// the child, and where says which of the app's slices it goes to.
func add[T any](s *Server, verb, app string, v T, fill func(*App, *T) error, where func(*App) *[]T) T {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.mustApp(verb, app)
	v = clone(v)
	must(verb, fill(a, &v))
	all := where(a)
	*all = append(*all, v)
	return clone(v)
}

// AddDomain adds a domain to an app. It panics if there is no such app or the
// domain can't be.
func (s *Server) AddDomain(app string, d Domain) Domain {
	return add(s, "AddDomain", app, d, s.fillDomain, func(a *App) *[]Domain { return &a.Domains })
}

// AddSNIEndpoint adds a certificate to an app. It panics if there is no such
// app.
func (s *Server) AddSNIEndpoint(app string, e SNIEndpoint) SNIEndpoint {
	return add(s, "AddSNIEndpoint", app, e, s.fillSNI, func(a *App) *[]SNIEndpoint { return &a.SNIEndpoints })
}

// AddLogDrain adds a log drain to an app. It panics if there is no such app
// or the drain can't be.
func (s *Server) AddLogDrain(app string, d LogDrain) LogDrain {
	return add(s, "AddLogDrain", app, d, s.fillLogDrain, func(a *App) *[]LogDrain { return &a.LogDrains })
}

// AddCollaborator adds a collaborator to an app. It panics if there is no
// such app or the collaborator can't be.
func (s *Server) AddCollaborator(app string, c Collaborator) Collaborator {
	return add(s, "AddCollaborator", app, c, s.fillCollaborator, func(a *App) *[]Collaborator { return &a.Collaborators })
}

// AddWebhook adds a webhook to an app. It panics if there is no such app or
// the webhook can't be.
func (s *Server) AddWebhook(app string, w Webhook) Webhook {
	return add(s, "AddWebhook", app, w, s.fillWebhook, func(a *App) *[]Webhook { return &a.Webhooks })
}

// AddSlug adds a slug to an app without releasing it. It panics if there is
// no such app or the slug can't be.
func (s *Server) AddSlug(app string, g Slug) Slug {
	return add(s, "AddSlug", app, g, s.fillSlug, func(a *App) *[]Slug { return &a.Slugs })
}

// AddImage adds an OCI image to an app without releasing it. It panics if
// there is no such app or the image can't be.
func (s *Server) AddImage(app string, i OCIImage) OCIImage {
	return add(s, "AddImage", app, i, s.fillImage, func(a *App) *[]OCIImage { return &a.Images })
}

// AddBuild adds a build to an app. It panics if there is no such app or the
// build can't be.
func (s *Server) AddBuild(app string, b Build) Build {
	return add(s, "AddBuild", app, b, s.fillBuild, func(a *App) *[]Build { return &a.Builds })
}

// AddTelemetryDrain adds a telemetry drain to an app or a space, by name or
// UUID. It panics if there is neither.
func (s *Server) AddTelemetryDrain(owner string, d TelemetryDrain) TelemetryDrain {
	s.mu.Lock()
	defer s.mu.Unlock()
	d = clone(d)
	if x := s.state.findSpace(owner); x != nil {
		must("AddTelemetryDrain", s.fillTelemetryDrain(x.ID, &d))
		x.TelemetryDrains = append(x.TelemetryDrains, d)
		return clone(d)
	}
	a := s.mustApp("AddTelemetryDrain", owner)
	must("AddTelemetryDrain", s.fillTelemetryDrain(a.ID, &d))
	a.TelemetryDrains = append(a.TelemetryDrains, d)
	return clone(d)
}

// Scale sets the quantity and the size of a process type, which it adds when
// the app doesn't have it. An empty size leaves it. It panics if there is no
// such app.
func (s *Server) Scale(app, process string, quantity int, size string) Process {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.scale(s.mustApp("Scale", app), process, &quantity, size)
	must("Scale", err)
	return *p
}

func (s *Server) scale(a *App, process string, quantity *int, size string) (*Process, error) {
	p := findIn(a.Formation, func(p *Process) bool { return p.ID == process || p.Type == process })
	if p == nil {
		line := Process{Type: process}
		if err := s.fillProcess(a, &line); err != nil {
			return nil, err
		}
		a.Formation = append(a.Formation, line)
		p = &a.Formation[len(a.Formation)-1]
	}
	if quantity != nil {
		p.Quantity = *quantity
	}
	p.Size = sizeName(a, cmp.Or(size, p.Size))
	p.UpdatedAt = s.stamp()
	return p, nil
}

// SetFeature switches a feature of an app. It panics if there is no such app.
func (s *Server) SetFeature(app, feature string, enabled bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mustApp("SetFeature", app).setFeature(feature, enabled)
}

func (a *App) setFeature(name string, enabled bool) {
	a.Features = slices.DeleteFunc(a.Features, func(f string) bool { return f == name })
	if enabled {
		a.Features = append(a.Features, name)
	}
}

// SetBuildpacks replaces an app's buildpacks. It panics if there is no such
// app.
func (s *Server) SetBuildpacks(app string, buildpacks ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mustApp("SetBuildpacks", app).Buildpacks = slices.Clone(buildpacks)
}

func (s *Server) wireProcess(a *App, p *Process) obj {
	return obj{
		"app":        s.appObj(a.ID),
		"command":    p.Command,
		"created_at": wireTime(p.CreatedAt),
		"dyno_size":  s.named("dyno-size", p.Size),
		"id":         p.ID,
		"quantity":   p.Quantity,
		"size":       p.Size,
		"type":       p.Type,
		"updated_at": wireTime(p.UpdatedAt),
	}
}

func (s *Server) wireDomain(a *App, d *Domain) obj {
	o := obj{
		"acm_status":        orNull(d.ACMStatus),
		"acm_status_reason": orNull(d.ACMStatusReason),
		"app":               s.appObj(a.ID),
		"cname":             wordOrNull(d.CNAME),
		"created_at":        wireTime(d.CreatedAt),
		"hostname":          d.Hostname,
		"id":                d.ID,
		"kind":              d.Kind,
		"sni_endpoint":      nil,
		"status":            d.Status,
		"updated_at":        wireTime(d.UpdatedAt),
	}
	if e := a.sni(d.SNIEndpoint); d.SNIEndpoint != "" && e != nil {
		o["sni_endpoint"] = obj{"id": e.ID, "name": e.Name}
	}
	return o
}

func (s *Server) wireSNI(a *App, e *SNIEndpoint) obj {
	domains, hosts := []string{}, []string{}
	for _, d := range a.Domains {
		if d.SNIEndpoint == e.ID {
			domains, hosts = append(domains, d.ID), append(hosts, d.Hostname)
		}
	}
	o := obj{
		"app":               s.appObj(a.ID),
		"certificate_chain": e.CertificateChain,
		"created_at":        wireTime(e.CreatedAt),
		"display_name":      orNull(e.DisplayName),
		"domains":           domains,
		"id":                e.ID,
		"name":              e.Name,
		"ssl_cert": obj{
			"ca_signed?":   !e.SelfSigned,
			"cert_domains": hosts,
			"expires_at":   wireTime(e.ExpiresAt),
			"id":           s.fixedID("ssl-cert", e.ID),
			"issuer":       e.Issuer,
			"self_signed?": e.SelfSigned,
			"starts_at":    wireTime(e.StartsAt),
			"subject":      e.Subject,
		},
		"updated_at": wireTime(e.UpdatedAt),
	}
	if e.Pending {
		o["certificate_chain"], o["ssl_cert"] = nil, obj{}
	}
	return o
}

func (s *Server) wireSSL(a *App, e *SSLEndpoint) obj {
	return obj{
		"app":               s.appObj(a.ID),
		"certificate_chain": e.CertificateChain,
		"cname":             e.CNAME,
		"created_at":        wireTime(e.CreatedAt),
		"id":                e.ID,
		"name":              e.Name,
		"updated_at":        wireTime(e.UpdatedAt),
	}
}

func (s *Server) wireLogDrain(a *App, d *LogDrain) obj {
	o := obj{
		"addon":      nil,
		"app":        s.appObj(a.ID),
		"created_at": wireTime(d.CreatedAt),
		"id":         d.ID,
		"token":      d.Token,
		"updated_at": wireTime(d.UpdatedAt),
		"url":        d.URL,
	}
	if x := s.state.findAddon(d.Addon); d.Addon != "" && x != nil {
		o["addon"] = obj{"id": x.ID, "name": x.Name, "app": s.appObj(x.App)}
	}
	return o
}

func wireTelemetryDrain(kind, owner string, d *TelemetryDrain) obj {
	headers := d.Headers
	if headers == nil {
		headers = map[string]string{}
	}
	return obj{
		"created_at": wireTime(d.CreatedAt),
		"exporter":   obj{"type": d.Type, "endpoint": d.Endpoint, "headers": headers},
		"id":         d.ID,
		"owner":      obj{"id": owner, "type": kind},
		"signals":    d.Signals,
		"updated_at": wireTime(d.UpdatedAt),
	}
}

func (s *Server) wireCollaborator(a *App, c *Collaborator) obj {
	perms := []obj{}
	for _, p := range c.Permissions {
		perms = append(perms, obj{"name": p, "description": "Can " + p + " the app."})
	}
	return obj{
		"app":         s.appObj(a.ID),
		"created_at":  wireTime(c.CreatedAt),
		"id":          c.ID,
		"permissions": perms,
		"role":        wordOrNull(c.Role),
		"updated_at":  wireTime(c.UpdatedAt),
		"user":        obj{"email": c.Email, "federated": false, "id": s.fixedID("user", c.Email)},
	}
}

func (s *Server) wireWebhook(a *App, w *Webhook) obj {
	return obj{
		"app":        s.appObj(a.ID),
		"created_at": wireTime(w.CreatedAt),
		"id":         w.ID,
		"include":    nonNil(w.Include),
		"level":      w.Level,
		"updated_at": wireTime(w.UpdatedAt),
		"url":        w.URL,
	}
}

func (s *Server) wireBuild(a *App, b *Build) obj {
	o := obj{
		"app":               obj{"id": a.ID},
		"buildpacks":        nil,
		"created_at":        wireTime(b.CreatedAt),
		"id":                b.ID,
		"output_stream_url": b.OutputStreamURL,
		"release":           nil,
		"slug":              nil,
		"source_blob": obj{"checksum": orNull(b.SourceChecksum), "url": b.SourceURL,
			"version": orNull(b.SourceVersion), "version_description": orNull(b.VersionDescription)},
		"stack":      b.Stack,
		"status":     b.Status,
		"updated_at": wireTime(b.UpdatedAt),
		"user":       s.user(b.User),
	}
	if b.Buildpacks != nil {
		packs := []obj{}
		for _, p := range b.Buildpacks {
			packs = append(packs, wireBuildpack(p))
		}
		o["buildpacks"] = packs
	}
	if b.Release != "" {
		o["release"] = obj{"id": b.Release}
	}
	if b.Slug != "" {
		o["slug"] = obj{"id": b.Slug}
	}
	return o
}

// wireBuildpack spells a buildpack: those of the registry have a URN.
func wireBuildpack(name string) obj {
	if strings.Contains(name, "://") {
		return obj{"name": name, "url": name}
	}
	return obj{"name": name, "url": "urn:buildpack:" + name}
}

func wireImage(s *Server, i *OCIImage) obj {
	procs := obj{}
	for typ, command := range i.ProcessTypes {
		procs[typ] = obj{"name": typ, "display_cmd": command, "command": command, "working_dir": "/workspace", "default": typ == "web"}
	}
	return obj{
		"architecture":       orNull(i.Architecture),
		"base_image_name":    i.BaseImageName,
		"base_top_layer":     i.BaseTopLayer,
		"buildpacks":         []obj{},
		"commit":             i.Commit,
		"commit_description": i.CommitDescription,
		"created_at":         wireTime(i.CreatedAt),
		"digest":             i.Digest,
		"id":                 i.ID,
		"image_repo":         i.ImageRepo,
		"process_types":      procs,
		"stack":              s.named("stack", i.Stack),
		"updated_at":         wireTime(i.UpdatedAt),
	}
}

// The features that Heroku has. What it says of them is longer.

var appFeatures = []Feature{
	{Name: "http-end-to-end-continue", DisplayName: "HTTP end-to-end continue", Description: "Answers of 100-continue come from the app.", State: "general"},
	{Name: "http-session-affinity", DisplayName: "Session affinity", Description: "Requests of a client go to the same dyno.", State: "general"},
	{Name: "log-runtime-metrics", DisplayName: "Log runtime metrics", Description: "Memory and load of each dyno go to the log.", State: "beta"},
	{Name: "nodejs-language-metrics", DisplayName: "Node.js language metrics", Description: "Metrics of the Node.js runtime.", State: "general"},
	{Name: "preboot", DisplayName: "Preboot", Description: "New dynos start before the old ones stop.", State: "general"},
	{Name: "runtime-dyno-metadata", DisplayName: "Dyno metadata", Description: "Dynos see the app's name and release.", State: "beta"},
	{Name: "spaces-dns-discovery", DisplayName: "DNS discovery", Description: "Dynos of a space find each other by name.", State: "general"},
	{Name: "spaces-strict-tls", DisplayName: "Strict TLS", Description: "Only strong ciphers.", State: "general"},
}

var accountFeatures = []Feature{
	{Name: "pipelines", DisplayName: "Pipelines", Description: "Pipelines in the dashboard.", State: "general"},
	{Name: "team-permissions", DisplayName: "Team permissions", Description: "Permissions within teams.", State: "beta"},
}

func (s *Server) wireFeature(kind, owner string, f Feature, enabled bool, at time.Time) obj {
	return obj{
		"created_at":     wireTime(at),
		"description":    f.Description,
		"display_name":   f.DisplayName,
		"doc_url":        "https://devcenter.heroku.com/articles/" + f.Name,
		"enabled":        enabled,
		"feedback_email": "feedback@example.com",
		"id":             cmp.Or(f.ID, s.fixedID(kind, f.Name+" "+owner)),
		"name":           f.Name,
		"state":          f.State,
		"updated_at":     wireTime(at),
	}
}

// features lists what Heroku has and whatever else is enabled or has details.
func (s *Server) features(kind, owner string, known, details []Feature, enabled []string, at time.Time) []obj {
	all := slices.Clone(known)
	one := func(name string) *Feature {
		if f := findIn(all, func(f *Feature) bool { return f.Name == name }); f != nil {
			return f
		}
		all = append(all, Feature{Name: name, DisplayName: name, State: "beta"})
		return &all[len(all)-1]
	}
	for _, name := range enabled {
		one(name)
	}
	for _, d := range details {
		f := one(d.Name)
		f.ID = d.ID
		f.DisplayName = cmp.Or(d.DisplayName, f.DisplayName)
		f.Description = cmp.Or(d.Description, f.Description)
		f.State = cmp.Or(d.State, f.State)
	}
	wires := make([]obj, len(all))
	for i, f := range all {
		wires[i] = s.wireFeature(kind, owner, f, slices.Contains(enabled, f.Name), at)
	}
	return wires
}

func (s *Server) appFeatures(a *App) []obj {
	return s.features("app-feature", a.ID, appFeatures, a.FeatureDetails, a.Features, a.CreatedAt)
}

func (s *Server) accountFeatures() []obj {
	var enabled []string
	for _, name := range slices.Sorted(maps.Keys(s.state.features)) {
		if s.state.features[name] {
			enabled = append(enabled, name)
		}
	}
	return s.features("account-feature", s.opts.Email, accountFeatures, s.state.featureDetails, enabled, epoch)
}

// objects is a list of objects that are on hand as they are sent.
func objects(all []obj, keys ...string) listing[obj] {
	l := listing[obj]{items: all, wire: func(o obj) obj { return o }}
	for _, k := range keys {
		l.fields = append(l.fields, field[obj]{name: k, key: func(o obj) string { s, _ := o[k].(string); return s }})
	}
	return l
}

// child describes the children of one kind, for their list and the read of
// one of them.
type child[T any] struct {
	path    string // below /apps/{app}/
	kind    string // the API's word, for errors
	all     func(*App) []T
	matches func(v *T, ref string) bool
	wire    func(*Server, *App, *T) obj
	fields  []field[*T]
	updated func(*T) time.Time
	// gone tells of which apps there isn't even an empty list; may be nil.
	gone func(*App) bool
}

func (d child[T]) register() {
	list("/apps/{app}/"+d.path, func(c *call) (listing[*T], error) {
		a, err := c.app()
		if err != nil {
			return listing[*T]{}, err
		}
		if d.gone != nil && d.gone(a) {
			return listing[*T]{}, notFound("", "resource")
		}
		all := d.all(a)
		l := listing[*T]{fields: d.fields, updated: d.updated, wire: func(v *T) obj { return d.wire(c.Server, a, v) }}
		for i := range all {
			l.items = append(l.items, &all[i])
		}
		return l, nil
	})
	get("/apps/{app}/"+d.path+"/{id}", func(c *call) (any, error) {
		a, v, err := d.find(c)
		if err != nil {
			return nil, err
		}
		if d.updated != nil {
			c.modified = d.updated(v)
		}
		return d.wire(c.Server, a, v), nil
	})
}

func (d child[T]) find(c *call) (*App, *T, error) {
	a, err := c.app()
	if err != nil {
		return nil, nil, err
	}
	ref := c.args["id"]
	v := findIn(d.all(a), func(v *T) bool { return d.matches(v, ref) })
	if v == nil {
		return nil, nil, notFound(strings.ReplaceAll(d.kind, "-", "_"), strings.ReplaceAll(d.kind, "-", " "))
	}
	return a, v, nil
}

// remove registers the DELETE of one.
// keep tells why one has to stay; it may be nil.
func (d child[T]) remove(from func(*App) *[]T, keep func(*T) error) {
	handle("DELETE /apps/{app}/"+d.path+"/{id}", func(c *call) (int, any, error) {
		a, v, err := d.find(c)
		if err != nil {
			return 0, nil, err
		}
		if keep != nil {
			if err := keep(v); err != nil {
				return 0, nil, err
			}
		}
		o := d.wire(c.Server, a, v)
		all, ref := from(a), c.args["id"]
		*all = slices.DeleteFunc(*all, func(v T) bool { return d.matches(&v, ref) })
		return http.StatusOK, o, nil
	})
}

// create registers the POST of one: in decodes the body.
func (d child[T]) create(to func(*App) *[]T, fill func(*Server, *App, *T) error, in func(*call) (T, error)) {
	handle("POST /apps/{app}/"+d.path, func(c *call) (int, any, error) {
		a, err := c.app()
		if err != nil {
			return 0, nil, err
		}
		v, err := in(c)
		if err != nil {
			return 0, nil, err
		}
		if err := fill(c.Server, a, &v); err != nil {
			return 0, nil, refused(err)
		}
		all := to(a)
		*all = append(*all, v)
		return http.StatusCreated, d.wire(c.Server, a, &v), nil
	})
}

// change registers the PATCH of one.
func (d child[T]) change(patch func(*call, *App, *T) error) {
	handle("PATCH /apps/{app}/"+d.path+"/{id}", func(c *call) (int, any, error) {
		a, v, err := d.find(c)
		if err != nil {
			return 0, nil, err
		}
		if err := patch(c, a, v); err != nil {
			return 0, nil, refused(err)
		}
		return http.StatusOK, d.wire(c.Server, a, v), nil
	})
}

func childRoutes() {
	formationRoutes()
	domainRoutes()

	drains := child[LogDrain]{
		path: "log-drains", kind: "log-drain",
		all:     func(a *App) []LogDrain { return a.LogDrains },
		matches: func(d *LogDrain, ref string) bool { return d.ID == ref || d.URL == ref || d.Token == ref },
		wire:    (*Server).wireLogDrain,
		fields:  byID(func(d *LogDrain) string { return d.ID }),
		updated: func(d *LogDrain) time.Time { return d.UpdatedAt },
	}
	drains.register()
	drains.remove(func(a *App) *[]LogDrain { return &a.LogDrains }, nil)
	drains.create(func(a *App) *[]LogDrain { return &a.LogDrains }, (*Server).fillLogDrain, func(c *call) (LogDrain, error) {
		var in struct {
			URL string `json:"url"`
		}
		err := c.bind(&in)
		return LogDrain{URL: in.URL}, err
	})

	for _, prefix := range []string{"", "teams/"} {
		collaboratorRoutes(prefix)
	}

	hooks := child[Webhook]{
		path: "webhooks", kind: "webhook",
		all:     func(a *App) []Webhook { return a.Webhooks },
		matches: func(w *Webhook, ref string) bool { return w.ID == ref },
		wire:    (*Server).wireWebhook,
		fields:  byID(func(w *Webhook) string { return w.ID }),
		updated: func(w *Webhook) time.Time { return w.UpdatedAt },
	}
	hooks.register()
	hooks.remove(func(a *App) *[]Webhook { return &a.Webhooks }, nil)
	type hookBody struct {
		Include []string `json:"include"`
		Level   string   `json:"level"`
		URL     string   `json:"url"`
	}
	hooks.create(func(a *App) *[]Webhook { return &a.Webhooks }, (*Server).fillWebhook, func(c *call) (Webhook, error) {
		var in hookBody
		err := c.bind(&in)
		return Webhook{URL: in.URL, Include: in.Include, Level: in.Level}, err
	})
	hooks.change(func(c *call, a *App, w *Webhook) error {
		var in hookBody
		if err := c.bind(&in); err != nil {
			return err
		}
		w.URL, w.Level, w.UpdatedAt = cmp.Or(in.URL, w.URL), cmp.Or(in.Level, w.Level), c.stamp()
		if in.Include != nil {
			w.Include = in.Include
		}
		return nil
	})

	builds := child[Build]{
		path: "builds", kind: "build",
		all:     func(a *App) []Build { return a.Builds },
		matches: func(b *Build, ref string) bool { return b.ID == ref },
		wire:    (*Server).wireBuild,
		fields: []field[*Build]{
			{name: "id", key: func(b *Build) string { return b.ID }},
			{name: "started_at", key: func(b *Build) string { return wireTime(b.CreatedAt) }},
		},
		updated: func(b *Build) time.Time { return b.UpdatedAt },
	}
	builds.register()
	handle("POST /apps/{app}/builds", (*call).createBuild)

	list("/apps/{app}/features", func(c *call) (listing[obj], error) {
		a, err := c.app()
		if err != nil {
			return listing[obj]{}, err
		}
		return objects(c.appFeatures(a), "id", "name"), nil
	})
	feature1 := func(c *call) (*App, obj, error) {
		a, err := c.app()
		if err != nil {
			return nil, nil, err
		}
		for _, o := range c.appFeatures(a) {
			if o["id"] == c.args["id"] || o["name"] == c.args["id"] {
				return a, o, nil
			}
		}
		return nil, nil, notFound("app_feature", "app feature")
	}
	get("/apps/{app}/features/{id}", func(c *call) (any, error) {
		_, o, err := feature1(c)
		return o, err
	})
	handle("PATCH /apps/{app}/features/{id}", func(c *call) (int, any, error) {
		a, o, err := feature1(c)
		if err != nil {
			return 0, nil, err
		}
		var in struct {
			Enabled bool `json:"enabled"`
		}
		if err := c.bind(&in); err != nil {
			return 0, nil, err
		}
		a.setFeature(o["name"].(string), in.Enabled)
		o["enabled"] = in.Enabled
		return http.StatusOK, o, nil
	})

	buildpacks := func(c *call) (listing[obj], error) {
		a, err := c.app()
		if err != nil {
			return listing[obj]{}, err
		}
		if a.Generation == Fir {
			return listing[obj]{}, invalid("This app uses Cloud Native Buildpacks, which are configured in project.toml.")
		}
		var all []obj
		for i, p := range a.Buildpacks {
			all = append(all, obj{"ordinal": i, "buildpack": wireBuildpack(p)})
		}
		return listing[obj]{items: all, wire: func(o obj) obj { return o }, fields: []field[obj]{{
			name: "ordinal", numeric: true, key: func(o obj) string { return strconv.Itoa(o["ordinal"].(int)) },
		}}}, nil
	}
	list("/apps/{app}/buildpack-installations", buildpacks)
	handle("PUT /apps/{app}/buildpack-installations", func(c *call) (int, any, error) {
		a, err := c.app()
		if err != nil {
			return 0, nil, err
		}
		var in struct {
			Updates []struct {
				Buildpack string `json:"buildpack"`
			} `json:"updates"`
		}
		if err := c.bind(&in); err != nil {
			return 0, nil, err
		}
		a.Buildpacks = nil
		for _, u := range in.Updates {
			a.Buildpacks = append(a.Buildpacks, strings.TrimPrefix(u.Buildpack, "urn:buildpack:"))
		}
		l, err := buildpacks(c)
		if err != nil {
			return 0, nil, err
		}
		return l.page(c)
	})

	get("/apps/{app}/oci-images/{id}", func(c *call) (any, error) {
		a, err := c.app()
		if err != nil {
			return nil, err
		}
		i := findIn(a.Images, func(i *OCIImage) bool { return i.ID == c.args["id"] || i.Digest == c.args["id"] })
		if i == nil {
			return nil, notFound("oci_image", "OCI image")
		}
		return []obj{wireImage(c.Server, i)}, nil // the API answers with a list of one
	})
	list("/apps/{app}/telemetry-drains", func(c *call) (listing[obj], error) {
		a, err := c.app()
		if err != nil {
			return listing[obj]{}, err
		}
		var all []obj
		for i := range a.TelemetryDrains {
			all = append(all, wireTelemetryDrain("app", a.ID, &a.TelemetryDrains[i]))
		}
		return objects(all, "id"), nil
	})
	telemetryRoutes()
}

func telemetryRoutes() {
	// one finds a drain, and the list of its owner that it is in.
	one := func(c *call) (kind, owner string, in *[]TelemetryDrain, d *TelemetryDrain, err error) {
		is := func(d *TelemetryDrain) bool { return d.ID == c.args["id"] }
		for _, a := range c.state.apps {
			if d := findIn(a.TelemetryDrains, is); d != nil && !c.hidden(a) {
				return "app", a.ID, &a.TelemetryDrains, d, nil
			}
		}
		for _, x := range c.state.spaces {
			if d := findIn(x.TelemetryDrains, is); d != nil {
				return "space", x.ID, &x.TelemetryDrains, d, nil
			}
		}
		return "", "", nil, nil, notFound("telemetry_drain", "telemetry drain")
	}
	type body struct {
		Owner struct {
			ID   string `json:"id"`
			Type string `json:"type"`
		} `json:"owner"`
		Signals  []string `json:"signals"`
		Exporter *struct {
			Type     string            `json:"type"`
			Endpoint string            `json:"endpoint"`
			Headers  map[string]string `json:"headers"`
		} `json:"exporter"`
	}
	set := func(c *call, owner string, d *TelemetryDrain, in body) error {
		if in.Exporter != nil {
			d.Type, d.Endpoint, d.Headers = in.Exporter.Type, in.Exporter.Endpoint, in.Exporter.Headers
		}
		if in.Signals != nil {
			d.Signals = in.Signals
		}
		return c.fillTelemetryDrain(owner, d)
	}
	get("/telemetry-drains/{id}", func(c *call) (any, error) {
		kind, owner, _, d, err := one(c)
		if err != nil {
			return nil, err
		}
		return wireTelemetryDrain(kind, owner, d), nil
	})
	handle("POST /telemetry-drains", func(c *call) (int, any, error) {
		var in body
		if err := c.bind(&in); err != nil {
			return 0, nil, err
		}
		if in.Exporter == nil || in.Exporter.Endpoint == "" {
			return 0, nil, invalid("exporter is required")
		}
		var drains *[]TelemetryDrain
		var generation, owner string
		switch in.Owner.Type {
		case "app":
			a, err := c.appRef(in.Owner.ID)
			if err != nil {
				return 0, nil, err
			}
			drains, generation, owner = &a.TelemetryDrains, a.Generation, a.ID
		case "space":
			x := c.state.findSpace(in.Owner.ID)
			if x == nil {
				return 0, nil, notFound("space", "space")
			}
			drains, generation, owner = &x.TelemetryDrains, x.Generation, x.ID
		default:
			return 0, nil, invalid("owner.type is app or space")
		}
		if generation != Fir {
			return 0, nil, invalid("Telemetry drains are of the Fir generation")
		}
		var d TelemetryDrain
		if err := set(c, owner, &d, in); err != nil {
			return 0, nil, refused(err)
		}
		*drains = append(*drains, d)
		return http.StatusCreated, wireTelemetryDrain(in.Owner.Type, owner, &d), nil
	})
	handle("PATCH /telemetry-drains/{id}", func(c *call) (int, any, error) {
		kind, owner, _, d, err := one(c)
		if err != nil {
			return 0, nil, err
		}
		var in body
		if err := c.bind(&in); err != nil {
			return 0, nil, err
		}
		next := *d
		if err := set(c, owner, &next, in); err != nil {
			return 0, nil, refused(err)
		}
		next.UpdatedAt = c.stamp()
		*d = next
		return http.StatusOK, wireTelemetryDrain(kind, owner, d), nil
	})
	handle("DELETE /telemetry-drains/{id}", func(c *call) (int, any, error) {
		kind, owner, in, d, err := one(c)
		if err != nil {
			return 0, nil, err
		}
		o, id := wireTelemetryDrain(kind, owner, d), d.ID
		*in = slices.DeleteFunc(*in, func(d TelemetryDrain) bool { return d.ID == id })
		return http.StatusOK, o, nil
	})
}

func (c *call) createBuild() (int, any, error) {
	a, err := c.app()
	if err != nil {
		return 0, nil, err
	}
	var in struct {
		Buildpacks []struct {
			URL  string `json:"url"`
			Name string `json:"name"`
		} `json:"buildpacks"`
		SourceBlob struct {
			Checksum string `json:"checksum"`
			URL      string `json:"url"`
			Version  string `json:"version"`
		} `json:"source_blob"`
	}
	if err := c.bind(&in); err != nil {
		return 0, nil, err
	}
	r, err := c.Server.release(a, "", Release{})
	if err != nil {
		return 0, nil, refused(err)
	}
	b := Build{SourceURL: in.SourceBlob.URL, SourceVersion: in.SourceBlob.Version,
		SourceChecksum: in.SourceBlob.Checksum, Slug: r.Slug, Release: r.ID}
	for _, p := range in.Buildpacks {
		b.Buildpacks = append(b.Buildpacks, cmp.Or(p.Name, p.URL))
	}
	if err := c.fillBuild(a, &b); err != nil {
		return 0, nil, refused(err)
	}
	a.Builds = append(a.Builds, b)
	return http.StatusCreated, c.wireBuild(a, &b), nil
}

func formationRoutes() {
	lines := child[Process]{
		path: "formation", kind: "formation",
		all:     func(a *App) []Process { return a.Formation },
		matches: func(p *Process, ref string) bool { return p.ID == ref || p.Type == ref },
		wire:    (*Server).wireProcess,
		fields:  byID(func(p *Process) string { return p.ID }),
		updated: func(p *Process) time.Time { return p.UpdatedAt },
	}
	lines.register()
	type update struct {
		Type     string `json:"type"`
		Quantity *int   `json:"quantity"`
		Size     string `json:"size"`
		DynoSize struct {
			Name string `json:"name"`
		} `json:"dyno_size"`
	}
	lines.change(func(c *call, a *App, p *Process) error {
		var in update
		if err := c.bind(&in); err != nil {
			return err
		}
		_, err := c.scale(a, p.Type, in.Quantity, cmp.Or(in.DynoSize.Name, in.Size))
		return err
	})
	handle("PATCH /apps/{app}/formation", func(c *call) (int, any, error) {
		a, err := c.app()
		if err != nil {
			return 0, nil, err
		}
		var in struct {
			Updates []update `json:"updates"`
		}
		if err := c.bind(&in); err != nil {
			return 0, nil, err
		}
		out := []obj{}
		for _, u := range in.Updates {
			if !slices.ContainsFunc(a.Formation, func(p Process) bool { return p.Type == u.Type }) {
				return 0, nil, notFound("formation", "process type")
			}
		}
		for _, u := range in.Updates {
			p, err := c.scale(a, u.Type, u.Quantity, cmp.Or(u.DynoSize.Name, u.Size))
			if err != nil {
				return 0, nil, refused(err)
			}
			out = append(out, c.wireProcess(a, p))
		}
		return http.StatusOK, out, nil
	})
}

func domainRoutes() {
	domains := child[Domain]{
		path: "domains", kind: "domain",
		all:     func(a *App) []Domain { return a.Domains },
		matches: func(d *Domain, ref string) bool { return d.ID == ref || d.Hostname == ref },
		wire:    (*Server).wireDomain,
		fields: []field[*Domain]{
			{name: "id", key: func(d *Domain) string { return d.ID }},
			{name: "hostname", key: func(d *Domain) string { return d.Hostname }},
		},
		updated: func(d *Domain) time.Time { return d.UpdatedAt },
	}
	domains.register()
	domains.remove(func(a *App) *[]Domain { return &a.Domains }, func(d *Domain) error {
		if d.Kind == "heroku" {
			return invalid("The app's own domain %s can't be removed", d.Hostname)
		}
		return nil
	})
	domains.create(func(a *App) *[]Domain { return &a.Domains }, (*Server).fillDomain, func(c *call) (Domain, error) {
		var in struct {
			Hostname    string  `json:"hostname"`
			SNIEndpoint *string `json:"sni_endpoint"`
		}
		if err := c.bind(&in); err != nil {
			return Domain{}, err
		}
		d := Domain{Hostname: in.Hostname}
		if in.SNIEndpoint != nil {
			d.SNIEndpoint = *in.SNIEndpoint
		}
		return d, nil
	})
	domains.change(func(c *call, a *App, d *Domain) error {
		var in struct {
			SNIEndpoint *string `json:"sni_endpoint"`
		}
		if err := c.bind(&in); err != nil {
			return err
		}
		d.SNIEndpoint, d.UpdatedAt = "", c.stamp()
		if in.SNIEndpoint != nil {
			e := a.sni(*in.SNIEndpoint)
			if e == nil {
				return notFound("sni_endpoint", "SNI endpoint")
			}
			d.SNIEndpoint = e.ID
		}
		return nil
	})

	old := child[SSLEndpoint]{
		path: "ssl-endpoints", kind: "ssl-endpoint",
		all:     func(a *App) []SSLEndpoint { return a.SSLEndpoints },
		matches: func(e *SSLEndpoint, ref string) bool { return e.ID == ref || e.Name == ref },
		wire:    (*Server).wireSSL,
		fields:  byIDAndName(func(e *SSLEndpoint) string { return e.ID }, func(e *SSLEndpoint) string { return e.Name }),
		updated: func(e *SSLEndpoint) time.Time { return e.UpdatedAt },
		gone:    func(a *App) bool { return len(a.SSLEndpoints) == 0 },
	}
	old.register()

	certs := child[SNIEndpoint]{
		path: "sni-endpoints", kind: "sni-endpoint",
		all:     func(a *App) []SNIEndpoint { return a.SNIEndpoints },
		matches: func(e *SNIEndpoint, ref string) bool { return e.ID == ref || e.Name == ref },
		wire:    (*Server).wireSNI,
		fields:  byIDAndName(func(e *SNIEndpoint) string { return e.ID }, func(e *SNIEndpoint) string { return e.Name }),
		updated: func(e *SNIEndpoint) time.Time { return e.UpdatedAt },
	}
	certs.register()
	certs.remove(func(a *App) *[]SNIEndpoint { return &a.SNIEndpoints }, nil)
	certs.create(func(a *App) *[]SNIEndpoint { return &a.SNIEndpoints }, (*Server).fillSNI, func(c *call) (SNIEndpoint, error) {
		var in struct {
			CertificateChain string `json:"certificate_chain"`
		}
		err := c.bind(&in)
		return SNIEndpoint{CertificateChain: in.CertificateChain}, err
	})
	certs.change(func(c *call, a *App, e *SNIEndpoint) error {
		var in struct {
			CertificateChain string `json:"certificate_chain"`
		}
		if err := c.bind(&in); err != nil {
			return err
		}
		e.CertificateChain, e.UpdatedAt = cmp.Or(in.CertificateChain, e.CertificateChain), c.stamp()
		return nil
	})
}

// collaboratorRoutes registers the collaborators of apps, below /apps and
// again below /teams/apps.
func collaboratorRoutes(prefix string) {
	base := "/" + prefix + "apps/{app}/collaborators"
	one := func(c *call) (*App, *Collaborator, error) {
		a, err := c.app()
		if err != nil {
			return nil, nil, err
		}
		v := findIn(a.Collaborators, func(v *Collaborator) bool {
			return v.ID == c.args["id"] || v.Email == c.args["id"]
		})
		if v == nil {
			return nil, nil, notFound("collaborator", "collaborator")
		}
		return a, v, nil
	}
	list(base, func(c *call) (listing[*Collaborator], error) {
		a, err := c.app()
		if err != nil {
			return listing[*Collaborator]{}, err
		}
		l := listing[*Collaborator]{
			fields:  byID(func(v *Collaborator) string { return v.ID }),
			wire:    func(v *Collaborator) obj { return c.wireCollaborator(a, v) },
			updated: func(v *Collaborator) time.Time { return v.UpdatedAt },
		}
		for i := range a.Collaborators {
			l.items = append(l.items, &a.Collaborators[i])
		}
		return l, nil
	})
	get(base+"/{id}", func(c *call) (any, error) {
		a, v, err := one(c)
		if err != nil {
			return nil, err
		}
		return c.wireCollaborator(a, v), nil
	})
	type body struct {
		User        string   `json:"user"`
		Permissions []string `json:"permissions"`
	}
	handle("POST "+base, func(c *call) (int, any, error) {
		a, err := c.app()
		if err != nil {
			return 0, nil, err
		}
		var in body
		if err := c.bind(&in); err != nil {
			return 0, nil, err
		}
		if slices.ContainsFunc(a.Collaborators, func(v Collaborator) bool { return v.Email == in.User }) {
			return 0, nil, invalid("User is already a collaborator on app.")
		}
		v := Collaborator{Email: in.User, Permissions: in.Permissions}
		if err := c.fillCollaborator(a, &v); err != nil {
			return 0, nil, refused(err)
		}
		a.Collaborators = append(a.Collaborators, v)
		return http.StatusCreated, c.wireCollaborator(a, &v), nil
	})
	handle("DELETE "+base+"/{id}", func(c *call) (int, any, error) {
		a, v, err := one(c)
		if err != nil {
			return 0, nil, err
		}
		if v.Email == a.Owner {
			return 0, nil, invalid("The owner of an app can't be removed")
		}
		o, id := c.wireCollaborator(a, v), v.ID
		a.Collaborators = slices.DeleteFunc(a.Collaborators, func(v Collaborator) bool { return v.ID == id })
		return http.StatusOK, o, nil
	})
	if prefix != "" {
		handle("PATCH "+base+"/{id}", func(c *call) (int, any, error) {
			a, v, err := one(c)
			if err != nil {
				return 0, nil, err
			}
			var in body
			if err := c.bind(&in); err != nil {
				return 0, nil, err
			}
			v.Permissions, v.UpdatedAt = in.Permissions, c.stamp()
			return http.StatusOK, c.wireCollaborator(a, v), nil
		})
	}
}
