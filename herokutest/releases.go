package herokutest

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Deploy releases a slug or an image and returns the release, which is now
// the current one. artifact is the UUID of a slug (or, for an app of the Fir
// generation, of an image) of this or another app; one that nobody knows is
// added. Empty: a new one is made. An app on the stack "container" has
// neither, and artifact must be empty. It panics if there is no such app.
func (s *Server) Deploy(app, artifact string) Release {
	return s.deploy("Deploy", app, artifact, Succeeded)
}

// FailRelease is Deploy with a release phase that fails: the release is the
// newest one but not the current one, and the previous one goes on running.
func (s *Server) FailRelease(app, artifact string) Release {
	return s.deploy("FailRelease", app, artifact, Failed)
}

// PendingRelease is Deploy with a release phase that goes on until
// FinishRelease.
func (s *Server) PendingRelease(app, artifact string) Release {
	return s.deploy("PendingRelease", app, artifact, Pending)
}

// FinishRelease ends the release phase of an app's newest pending release
// with the status Succeeded, which makes it the current one, or Failed. It
// panics if there is none.
func (s *Server) FinishRelease(app, status string) Release {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.mustApp("FinishRelease", app)
	must("FinishRelease", oneOf("status", status, Succeeded, Failed))
	for _, r := range slices.Backward(a.Releases) {
		if r.Status == Pending {
			p := a.release(r.Version)
			p.Status, p.UpdatedAt = status, s.stamp()
			if status == Succeeded {
				s.makeCurrent(a, p)
			}
			return clone(*p)
		}
	}
	panic(fmt.Sprintf("herokutest: FinishRelease: app %q has no pending release", a.Name))
}

// Rollback releases the code and the config vars of an earlier version again,
// as a new release. It panics if there is no such app or release, or if that
// one didn't succeed or has expired.
func (s *Server) Rollback(app string, version int) Release {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.mustApp("Rollback", app)
	r := a.release(version)
	if r == nil {
		panic(fmt.Sprintf("herokutest: Rollback: app %q has no release v%d", a.Name, version))
	}
	p, err := s.rollback(a, r)
	must("Rollback", err)
	return clone(*p)
}

// Expire gives a release the status Expired, as Heroku does to old ones, and
// deletes its slug if no other release of the app uses it. It panics if there
// is no such app or release.
func (s *Server) Expire(app string, version int) Release {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.mustApp("Expire", app)
	r := a.release(version)
	if r == nil {
		panic(fmt.Sprintf("herokutest: Expire: app %q has no release v%d", a.Name, version))
	}
	r.Status, r.UpdatedAt = Expired, s.stamp()
	used := slices.ContainsFunc(a.Releases, func(x Release) bool { return x.Slug == r.Slug && x.Status != Expired })
	if g := a.slug(r.Slug); g != nil && !used {
		g.Expired = true
	}
	return clone(*r)
}

// SetConfigVars sets config vars of an app, leaving the others, and makes a
// release with the slug of the current one. It panics if there is no such
// app.
func (s *Server) SetConfigVars(app string, vars map[string]string) Release {
	s.mu.Lock()
	defer s.mu.Unlock()
	change := map[string]*string{}
	for name, value := range vars {
		change[name] = &value
	}
	return clone(*s.configure(s.mustApp("SetConfigVars", app), change))
}

// UnsetConfigVars removes config vars of an app and makes a release with the
// slug of the current one. It panics if there is no such app.
func (s *Server) UnsetConfigVars(app string, names ...string) Release {
	s.mu.Lock()
	defer s.mu.Unlock()
	change := map[string]*string{}
	for _, name := range names {
		change[name] = nil
	}
	return clone(*s.configure(s.mustApp("UnsetConfigVars", app), change))
}

func (s *Server) deploy(verb, app, artifact, status string) Release {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.mustApp(verb, app)
	r, err := s.release(a, artifact, Release{Status: status})
	must(verb, err)
	return clone(*r)
}

// release adds a release of new code.
func (s *Server) release(a *App, artifact string, r Release) (*Release, error) {
	artifact = strings.ToLower(artifact)
	if artifact != "" && !uuidForm.MatchString(artifact) {
		return nil, fmt.Errorf("slug or image %q is no UUID", artifact)
	}
	r.Deployment = true
	switch {
	case a.Stack == "container":
		if artifact != "" {
			return nil, fmt.Errorf("app %q is on the stack container and has no slugs", a.Name)
		}
		def(&r.Description, "Deployed web")
	case a.Generation == Fir:
		if artifact == "" {
			artifact = s.newID("image", a.Name)
		}
		r.Image = artifact
	default:
		if artifact == "" {
			artifact = s.newID("slug", a.Name)
		}
		r.Slug = artifact
	}
	p, err := s.addRelease(a, r)
	if err != nil {
		return nil, err
	}
	if len(a.Formation) == 0 {
		types := map[string]string{"web": webCommand}
		if g := a.slug(p.Slug); g != nil {
			types = g.ProcessTypes
		}
		for _, typ := range slices.Sorted(maps.Keys(types)) {
			line := Process{Type: typ, Command: types[typ]}
			if typ == "web" {
				line.Quantity = 1
			}
			if err := s.fillProcess(a, &line); err != nil {
				return nil, err
			}
			a.Formation = append(a.Formation, line)
		}
	}
	return a.release(p.Version), nil
}

// addRelease adds a release to the app's, and the slug it names.
func (s *Server) addRelease(a *App, r Release) (*Release, error) {
	if r.ConfigVars == nil {
		r.ConfigVars = maps.Clone(a.ConfigVars)
	}
	if err := s.fillRelease(a, &r); err != nil {
		return nil, err
	}
	a.Releases = append(a.Releases, r)
	p := &a.Releases[len(a.Releases)-1]
	if p.Status == Succeeded {
		s.makeCurrent(a, p)
	}
	return p, nil
}

func (s *Server) makeCurrent(a *App, r *Release) {
	for i := range a.Releases {
		a.Releases[i].Current = false
	}
	r.Current = true
	a.ReleasedAt, a.UpdatedAt = s.stamp(), s.stamp()
	if g := a.slug(r.Slug); g != nil {
		a.SlugSize = g.Size
	}
}

func (s *Server) rollback(a *App, to *Release) (*Release, error) {
	if to.Status != Succeeded {
		return nil, invalid("Cannot roll back to v%d, which is %s", to.Version, to.Status)
	}
	vars := maps.Clone(to.ConfigVars)
	for _, name := range s.addonVars(a) {
		// Add-ons stay as they are, and so does what they set.
		if value, ok := a.ConfigVars[name]; ok {
			vars[name] = value
		}
	}
	a.ConfigVars = vars
	return s.addRelease(a, Release{
		Slug: to.Slug, Image: to.Image, Description: fmt.Sprintf("Rollback to v%d", to.Version),
		Deployment: true, Rollback: true,
	})
}

// configure changes config vars; a nil value removes the variable.
func (s *Server) configure(a *App, change map[string]*string) *Release {
	verb := "Set"
	for name, value := range change {
		if value == nil {
			delete(a.ConfigVars, name)
			verb = "Remove"
		} else {
			a.ConfigVars[name] = *value
		}
	}
	names := slices.Sorted(maps.Keys(change))
	return s.recast(a, verb+" "+strings.Join(names, ", ")+" config vars")
}

// recast makes a release of the same code as the current one.
func (s *Server) recast(a *App, description string) *Release {
	r := Release{Description: description}
	if cur := a.current(); cur != nil {
		r.Slug, r.Image = cur.Slug, cur.Image
	}
	p, err := s.addRelease(a, r)
	must("release", err) // a copy of what stands can't be wrong
	return p
}

func (a *App) current() *Release {
	return findIn(a.Releases, func(r *Release) bool { return r.Current })
}

func (a *App) release(version int) *Release {
	return findIn(a.Releases, func(r *Release) bool { return r.Version == version })
}

func (a *App) slug(id string) *Slug {
	return findIn(a.Slugs, func(g *Slug) bool { return g.ID == id })
}

const webCommand = "./bin/web"

func (s *Server) fillReleases(a *App) error {
	if a.Releases == nil {
		a.Releases = []Release{
			{Version: 1, Description: "Initial release", ConfigVars: map[string]string{}},
			{Version: 2, Description: "Enable Logplex", ConfigVars: map[string]string{}},
		}
	}
	given := a.Releases
	for i, r := range given {
		if r.Version == 0 {
			given[i].Version = 1
			for _, x := range given[:i] {
				given[i].Version = max(given[i].Version, x.Version+1)
			}
		}
	}
	slices.SortStableFunc(given, func(x, y Release) int { return cmp.Compare(x.Version, y.Version) })
	a.Releases = make([]Release, 0, len(given))
	currents, running := 0, ""
	for _, r := range given {
		if r.ConfigVars == nil {
			r.ConfigVars = maps.Clone(a.ConfigVars)
		}
		// A release that brings other code than the one before it, as far as
		// that one ran, is a deployment.
		code := r.Slug + r.Image
		r.Deployment = r.Deployment || code != "" && code != running
		if err := s.fillRelease(a, &r); err != nil {
			return err
		}
		if r.Status != Failed && r.Status != Pending {
			running = code
		}
		if r.Current {
			currents++
		}
		a.Releases = append(a.Releases, r)
	}
	if currents > 1 {
		return fmt.Errorf("%d releases are current", currents)
	}
	if currents == 0 {
		for i, r := range slices.Backward(a.Releases) {
			if r.Status == Succeeded {
				a.Releases[i].Current = true
				break
			}
		}
	}
	if r := a.current(); r != nil {
		if a.ReleasedAt.IsZero() {
			a.ReleasedAt = r.CreatedAt
		}
		if g := a.slug(r.Slug); g != nil {
			def(&a.SlugSize, g.Size)
		}
	}
	return nil
}

// fillRelease completes a release that isn't yet one of the app's.
func (s *Server) fillRelease(a *App, r *Release) error {
	if r.Version == 0 {
		r.Version = 1
		for _, x := range a.Releases {
			r.Version = max(r.Version, x.Version+1)
		}
	}
	if r.Version < 1 || a.release(r.Version) != nil {
		return fmt.Errorf("release v%d: versions count from 1 and are unique", r.Version)
	}
	if err := s.ident(&r.ID, "release", a.Name+" v"+strconv.Itoa(r.Version)); err != nil {
		return err
	}
	def(&r.Status, Succeeded)
	if err := oneOf("status of release v"+strconv.Itoa(r.Version), r.Status, Succeeded, Pending, Failed, Expired, Null); err != nil {
		return err
	}
	if r.Current && (r.Status == Failed || r.Status == Pending) {
		return fmt.Errorf("release v%d: a %s release can't be current", r.Version, r.Status)
	}
	def(&r.User, s.opts.Email)
	s.date(&r.CreatedAt, &r.UpdatedAt)
	if r.Slug != "" {
		if a.slug(r.Slug) == nil {
			g := Slug{ID: r.Slug, CreatedAt: r.CreatedAt}
			if from := s.slugAnywhere(r.Slug); from != nil {
				g = clone(*from)
			}
			g.Expired = g.Expired || r.Status == Expired
			if err := s.fillSlug(a, &g); err != nil {
				return err
			}
			a.Slugs = append(a.Slugs, g)
		}
		def(&r.Description, "Deploy "+s.shortCommit(a.slug(r.Slug)))
	}
	if r.Image != "" {
		if !slices.ContainsFunc(a.Images, func(i OCIImage) bool { return i.ID == r.Image }) {
			i := OCIImage{ID: r.Image, CreatedAt: r.CreatedAt}
			if err := s.fillImage(a, &i); err != nil {
				return err
			}
			a.Images = append(a.Images, i)
		}
		def(&r.Description, "Deploy "+r.Image[:8])
	}
	def(&r.Description, "Release v"+strconv.Itoa(r.Version))
	return nil
}

func (s *Server) slugAnywhere(id string) *Slug {
	for _, a := range s.state.apps {
		if g := a.slug(id); g != nil {
			return g
		}
	}
	return nil
}

func (s *Server) shortCommit(g *Slug) string {
	commit := g.Commit
	if commit == Null {
		commit = g.ID
	}
	return commit[:min(8, len(commit))]
}

func (s *Server) fillSlug(a *App, g *Slug) error {
	if err := s.ident(&g.ID, "slug", a.Name); err != nil {
		return err
	}
	s.date(&g.CreatedAt, &g.UpdatedAt)
	sum := fmt.Sprintf("%x", s.digest("commit", g.ID, 0))
	def(&g.Commit, sum[:40])
	def(&g.Checksum, "SHA256:"+sum)
	def(&g.Stack, a.Stack)
	if g.ProcessTypes == nil {
		g.ProcessTypes = map[string]string{"web": webCommand}
	}
	return nil
}

func (s *Server) fillImage(a *App, i *OCIImage) error {
	if err := s.ident(&i.ID, "image", a.Name); err != nil {
		return err
	}
	s.date(&i.CreatedAt, &i.UpdatedAt)
	sum := fmt.Sprintf("%x", s.digest("commit", i.ID, 0))
	def(&i.Commit, sum[:40])
	def(&i.BaseImageName, "heroku/heroku:24")
	def(&i.BaseTopLayer, "sha256:"+sum)
	def(&i.ImageRepo, "images.heroku.example/"+a.ID)
	def(&i.Digest, "sha256:"+fmt.Sprintf("%x", s.digest("digest", i.ID, 0)))
	def(&i.Stack, a.Stack)
	def(&i.Architecture, "amd64")
	if i.ProcessTypes == nil {
		i.ProcessTypes = map[string]string{"web": webCommand}
	}
	return nil
}

func (s *Server) fillBuild(a *App, b *Build) error {
	if err := s.ident(&b.ID, "build", a.Name); err != nil {
		return err
	}
	s.date(&b.CreatedAt, &b.UpdatedAt)
	def(&b.Status, Succeeded)
	def(&b.Stack, a.BuildStack)
	def(&b.User, s.opts.Email)
	def(&b.SourceURL, "https://source.example.com/"+b.ID+".tgz")
	def(&b.OutputStreamURL, "https://build-output.example.com/streams/"+b.ID)
	return oneOf("status of a build", b.Status, Succeeded, Pending, Failed)
}

func (s *Server) wireRelease(a *App, r *Release) obj {
	o := obj{
		"addon_plan_names":      nonNil(r.AddonPlans),
		"app":                   s.appObj(a.ID),
		"artifacts":             []obj{},
		"created_at":            wireTime(r.CreatedAt),
		"current":               r.Current,
		"description":           r.Description,
		"eligible_for_rollback": r.Status == Succeeded && !r.Current && (r.Slug != "" || r.Image != ""),
		"id":                    r.ID,
		"output_stream_url":     orNull(r.OutputStreamURL),
		"slug":                  nil,
		"status":                wordOrNull(r.Status),
		"updated_at":            wireTime(r.UpdatedAt),
		"user":                  s.user(r.User),
		"version":               r.Version,
	}
	if r.Slug != "" {
		o["slug"] = obj{"id": r.Slug}
		o["artifacts"] = []obj{{"type": "slug", "id": r.Slug}}
	}
	if r.Image != "" {
		o["artifacts"] = []obj{{"type": "oci-image", "id": r.Image}}
	}
	return o
}

// appRelease is a release with the app it is of.
type appRelease struct {
	app     *App
	release *Release
}

func (c *call) releases(all []appRelease) listing[appRelease] {
	return listing[appRelease]{
		items: all,
		fields: []field[appRelease]{
			{name: "id", key: func(r appRelease) string { return r.release.ID }},
			{name: "version", numeric: true, key: func(r appRelease) string { return strconv.Itoa(r.release.Version) }},
		},
		wire:    func(r appRelease) obj { return c.wireRelease(r.app, r.release) },
		updated: func(r appRelease) time.Time { return r.release.UpdatedAt },
	}
}

func releaseRoutes() {
	list("/apps/{app}/releases", func(c *call) (listing[appRelease], error) {
		a, err := c.app()
		if err != nil {
			return listing[appRelease]{}, err
		}
		var all []appRelease
		for i := range a.Releases {
			all = append(all, appRelease{a, &a.Releases[i]})
		}
		l := c.releases(all)
		slices.Reverse(l.fields) // releases come by version when no Range says otherwise
		return l, nil
	})
	get("/apps/{app}/releases/{release}", func(c *call) (any, error) {
		a, r, err := c.release1()
		if err != nil {
			return nil, err
		}
		c.modified = r.UpdatedAt
		return c.wireRelease(a, r), nil
	})
	get("/apps/{app}/config-vars", func(c *call) (any, error) {
		a, err := c.app()
		if err != nil {
			return nil, err
		}
		return a.ConfigVars, nil
	})
	get("/apps/{app}/releases/{release}/config-vars", func(c *call) (any, error) {
		_, r, err := c.release1()
		if err != nil {
			return nil, err
		}
		return r.ConfigVars, nil
	})
	handle("PATCH /apps/{app}/config-vars", func(c *call) (int, any, error) {
		a, err := c.app()
		if err != nil {
			return 0, nil, err
		}
		var change map[string]*string
		if err := c.bind(&change); err != nil {
			return 0, nil, err
		}
		if len(change) > 0 {
			c.configure(a, change)
		}
		return http.StatusOK, a.ConfigVars, nil
	})
	handle("POST /apps/{app}/releases", func(c *call) (int, any, error) {
		a, err := c.app()
		if err != nil {
			return 0, nil, err
		}
		var in struct {
			Slug        string `json:"slug"`
			OCIImage    string `json:"oci_image"`
			Release     string `json:"release"` // rollback
			Description string `json:"description"`
		}
		if err := c.bind(&in); err != nil {
			return 0, nil, err
		}
		if in.Release != "" {
			r := a.releaseRef(in.Release)
			if r == nil {
				return 0, nil, notFound("release", "release")
			}
			p, err := c.rollback(a, r)
			if err != nil {
				return 0, nil, err
			}
			return http.StatusCreated, c.wireRelease(a, p), nil
		}
		artifact := in.Slug
		if a.Generation == Fir {
			artifact = in.OCIImage
		}
		if a.Generation == Cedar {
			g := c.slugAnywhere(artifact)
			if g == nil || g.Expired {
				return 0, nil, notFound("slug", "slug")
			}
		} else if artifact == "" {
			return 0, nil, invalid("oci_image is required")
		}
		p, err := c.Server.release(a, artifact, Release{Description: in.Description})
		if err != nil {
			return 0, nil, refused(err)
		}
		return http.StatusCreated, c.wireRelease(a, p), nil
	})
	get("/apps/{app}/slugs/{slug}", func(c *call) (any, error) {
		a, err := c.app()
		if err != nil {
			return nil, err
		}
		g := a.slug(c.args["slug"])
		if g == nil || g.Expired {
			return nil, notFound("slug", "slug")
		}
		return c.wireSlug(g, http.MethodGet), nil
	})
	handle("POST /apps/{app}/slugs", func(c *call) (int, any, error) {
		a, err := c.app()
		if err != nil {
			return 0, nil, err
		}
		var in struct {
			ProcessTypes                 map[string]string `json:"process_types"`
			BuildpackProvidedDescription string            `json:"buildpack_provided_description"`
			Checksum                     string            `json:"checksum"`
			Commit                       string            `json:"commit"`
			CommitDescription            string            `json:"commit_description"`
			Stack                        string            `json:"stack"`
		}
		if err := c.bind(&in); err != nil {
			return 0, nil, err
		}
		if len(in.ProcessTypes) == 0 {
			return 0, nil, invalid("process_types is required")
		}
		g := Slug{ProcessTypes: in.ProcessTypes, BuildpackProvidedDescription: in.BuildpackProvidedDescription,
			Checksum: in.Checksum, Commit: in.Commit, CommitDescription: in.CommitDescription, Stack: in.Stack}
		def(&g.Commit, Null)
		if err := c.fillSlug(a, &g); err != nil {
			return 0, nil, refused(err)
		}
		a.Slugs = append(a.Slugs, g)
		return http.StatusCreated, c.wireSlug(&g, http.MethodPut), nil
	})
}

// blobPath begins the path of the place where slugs are uploaded to.
const blobPath = "/slug-blobs/"

// wireSlug is a slug with the URL at which its archive is to be put or got.
func (c *call) wireSlug(g *Slug, method string) obj {
	place := "https://slugs.example.com/"
	if c.URL != "" {
		place = c.URL + blobPath
	}
	return obj{
		"blob":                           obj{"method": method, "url": place + g.ID + "?signature=" + fmt.Sprintf("%x", c.digest("signature", g.ID, 0))[:16]},
		"buildpack_provided_description": orNull(g.BuildpackProvidedDescription),
		"checksum":                       wordOrNull(g.Checksum),
		"commit":                         wordOrNull(g.Commit),
		"commit_description":             orNull(g.CommitDescription),
		"created_at":                     wireTime(g.CreatedAt),
		"id":                             g.ID,
		"process_types":                  g.ProcessTypes,
		"size":                           orNull(g.Size),
		"stack":                          c.named("stack", g.Stack),
		"updated_at":                     wireTime(g.UpdatedAt),
	}
}

// releaseRef finds a release by UUID or version number.
func (a *App) releaseRef(ref string) *Release {
	ref = strings.TrimPrefix(ref, "v")
	return findIn(a.Releases, func(r *Release) bool { return r.ID == ref || strconv.Itoa(r.Version) == ref })
}

func (c *call) release1() (*App, *Release, error) {
	a, err := c.app()
	if err != nil {
		return nil, nil, err
	}
	r := a.releaseRef(c.args["release"])
	if r == nil {
		return nil, nil, notFound("release", "release")
	}
	return a, r, nil
}
