package herokutest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Deploy releases a slug or an image and returns the release, which is now
// the current one. artifact is the UUID of a slug (or, for an app of the Fir
// generation, of an image) of this or another app; one that is unknown is
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
	if s.opts.Policy.ScaleBeforeCode || len(a.Formation) == 0 {
		types := map[string]string{"web": webCommand}
		if g := a.slug(p.Slug); g != nil {
			types = g.ProcessTypes
		}
		for _, typ := range slices.Sorted(maps.Keys(types)) {
			if findIn(a.Formation, func(p *Process) bool { return p.Type == typ }) != nil {
				continue // it was scaled before there was code
			}
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
	s.emit(a, "release", "create", s.wireRelease(a, p))
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

// recast makes a release of the same code as the current one.
func (s *Server) recast(a *App, description string) *Release {
	r := Release{Description: description}
	if cur := a.current(); cur != nil {
		r.Slug, r.Image = cur.Slug, cur.Image
	}
	p, err := s.addRelease(a, r)
	must("release", err) // a copy of a valid release is valid
	return p
}

func (a *App) current() *Release {
	return findIn(a.Releases, func(r *Release) bool { return r.Current })
}

func (a *App) release(version int) *Release {
	return findIn(a.Releases, func(r *Release) bool { return r.Version == version })
}

// releaseRef finds a release by UUID or version number.
func (a *App) releaseRef(ref string) *Release {
	ref = strings.TrimPrefix(ref, "v")
	return findIn(a.Releases, func(r *Release) bool { return r.ID == ref || strconv.Itoa(r.Version) == ref })
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
	def(&r.User, s.who())
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
