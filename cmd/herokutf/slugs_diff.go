package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/report"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/tfconfig"
)

// A baseline is what slugs are compared with: pins or a state.
type baseline struct {
	pins  *herokutf.Slugs
	state *statefile.File
	dir   string // of the state's configuration
}

// readBaseline reads the file of --diff.
func (o *slugsOptions) readBaseline(ctx context.Context) (*baseline, error) {
	var data []byte
	var err error
	dir := "."
	if o.diff == "-" {
		data, err = o.readStdin(ctx)
	} else {
		dir = filepath.Dir(o.diff)
		data, err = readUnlocked(o.diff)
	}
	if err != nil {
		return nil, fmt.Errorf("--diff: %w", err)
	}
	var kind struct {
		Artifacts *json.RawMessage `json:"artifacts"`
		Version   *json.RawMessage `json:"version"`
	}
	// Whether it is JSON at all, those say who read it.
	if json.Unmarshal(data, &kind) == nil && kind.Version == nil || kind.Artifacts != nil {
		if o.diff == "-" {
			return nil, errors.New("--diff -: standard input is for a state; name the file with the pins")
		}
		pins, err := herokutf.ReadLock(o.diff)
		if err != nil {
			return nil, fmt.Errorf("--diff: %w", err)
		}
		return &baseline{pins: pins}, nil
	}
	f, err := statefile.Parse(stateName(o.diff), data)
	if err != nil {
		return nil, fmt.Errorf("--diff: %w", err)
	}
	return &baseline{state: f, dir: dir}, nil
}

// readUnlocked reads a file that may be a state. Where a state that is locked can't be read,
// the error says so, and who holds the lock.
func readUnlocked(path string) ([]byte, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		if _, serr := statefile.ReadFile(path); errors.Is(serr, statefile.ErrLocked) {
			err = serr
		}
	}
	return data, err
}

// printDiff prints how slugs differ from what was before, and reports whether they do.
func (o *slugsOptions) printDiff(ctx context.Context, before *baseline, slugs *herokutf.Slugs) (changed bool, err error) {
	diff, err := o.compareSlugs(ctx, o.env, "slugs", before, slugs)
	if err != nil {
		return false, err
	}
	var text bytes.Buffer
	opts := report.Options{Color: o.output == "" && o.style(o.Stdout).On(), Width: o.Screen(o.Stdout).Columns()}
	if err := report.WriteSlugs(&text, diff, report.Format(o.format), opts); err != nil {
		return false, err
	}
	if o.output != "" && o.output != "-" {
		err = writePrivate(o.output, text.Bytes())
	} else {
		err = o.printResult(o.Stdout, o.format, text.String(), nil)
	}
	return len(diff.Changes) > 0, err
}

// compareSlugs compares slugs with what was before, and asks Heroku what people want
// to know of the changes: commits, who released and when, and where the commits can be
// looked at. What can't be had is left out.
func (f *slugFlags) compareSlugs(ctx context.Context, e *env, verb string, before *baseline, slugs *herokutf.Slugs) (*report.SlugDiff, error) {
	if before.pins != nil {
		return f.describe(ctx, e, verb, report.DiffSlugs(before.pins, slugs), nil)
	}
	dir := cmp.Or(f.check, before.dir)
	return f.describe(ctx, e, verb, report.DiffState(before.state, slugs, reaches(dir, slugs)), before.state)
}

// reaches says which releases of a configuration each variable leads to; nil if there
// is none that can be read.
func reaches(dir string, slugs *herokutf.Slugs) map[string][]string {
	if !hasConfig(dir) {
		return nil
	}
	config, err := tfconfig.Load(dir)
	if err != nil {
		return nil
	}
	all := make(map[string][]string)
	for _, v := range config.CheckVariables(slugVariables(slugs)).Resolved {
		for _, r := range v.Reaches {
			if r.Exact && !r.Unfollowed {
				all[v.Name] = append(all[v.Name], r.Address)
			}
		}
	}
	return all
}

func (f *slugFlags) describe(ctx context.Context, e *env, verb string, diff *report.SlugDiff, state *statefile.File) (*report.SlugDiff, error) {
	if len(diff.Changes) == 0 || f.offline {
		return diff, nil
	}
	client, err := e.client(verb, nil)
	if err != nil {
		return nil, err
	}
	e.progress.Start()
	defer e.progress.Stop()
	sources := sourcesOf(state)
	var g errgroup.Group
	builds := make(map[string]*[]builtFrom)
	for i := range diff.Changes {
		c := &diff.Changes[i]
		for _, a := range []*herokutf.Artifact{c.Old, c.New} {
			if a != nil && (a.Commit == "" || a.Release.Version == 0) {
				g.Go(func() error { describeArtifact(ctx, client, a); return nil })
			}
		}
		if c.New != nil && c.Old != nil && builds[c.New.Pipeline.ID] == nil {
			of := new([]builtFrom)
			builds[c.New.Pipeline.ID] = of
			g.Go(func() error { *of = latestBuilds(ctx, client, c.New.Pipeline.ID); return nil })
		}
	}
	_ = g.Wait() // nothing fails
	for i := range diff.Changes {
		if c := &diff.Changes[i]; c.Old != nil && c.New != nil {
			c.Compare = compareURL(c, slices.Concat(*builds[c.New.Pipeline.ID], sources[c.New.Pipeline.ID], sources[c.New.App.ID]))
		}
	}
	return diff, ctx.Err()
}

// describeArtifact asks for what isn't known of an artifact's release and commit.
func describeArtifact(ctx context.Context, client *platform.Client, a *herokutf.Artifact) {
	app := cmp.Or(a.App.ID, a.App.Name)
	if a.Release.Version == 0 {
		type release struct {
			App       herokutf.NamedID `json:"app"`
			Version   int              `json:"version"`
			Status    string           `json:"status"`
			CreatedAt time.Time        `json:"created_at"`
			User      struct {
				Email string `json:"email"`
			} `json:"user"`
		}
		if path, err := platform.Path("apps", app, "releases", a.Release.ID); err == nil {
			if r, _ := platform.Get[release](ctx, client, path); r.Version > 0 {
				a.Release.Version, a.Release.Status, a.Release.CreatedAt, a.Release.User = r.Version, r.Status, r.CreatedAt.UTC(), r.User.Email
				a.App = r.App
			}
		}
	}
	if a.Commit == "" {
		a.Commit = commitOf(ctx, client, app, a.Kind, a.Value)
	}
}

// commitOf asks which commit an artifact was built from; "" if that can't be had.
func commitOf(ctx context.Context, client *platform.Client, app string, kind herokutf.ArtifactKind, value string) string {
	list := "slugs"
	if kind == herokutf.KindOCIImage {
		list = "oci-images"
	}
	path, err := platform.Path("apps", app, list, value)
	if err != nil {
		return ""
	}
	type built struct {
		Commit string `json:"commit"`
	}
	if kind != herokutf.KindOCIImage {
		slug, _ := platform.Get[built](ctx, client, path)
		return slug.Commit
	}
	// Of an image Heroku answers with a list.
	images, _ := platform.Get[[]built](ctx, client, path)
	if len(images) == 0 {
		return ""
	}
	return images[0].Commit
}

// builtFrom is where the code of a pipeline's apps comes from.
type builtFrom struct {
	slug   string // "" if it isn't of one
	source string // an address
}

// latestBuilds asks what a pipeline's apps were built from; nil if that can't be had.
func latestBuilds(ctx context.Context, client *platform.Client, pipeline string) []builtFrom {
	path, err := platform.Path("pipelines", pipeline, "latest-builds")
	if err != nil {
		return nil
	}
	type build struct {
		Slug   *herokutf.NamedID `json:"slug"`
		Source struct {
			URL string `json:"url"`
		} `json:"source_blob"`
	}
	all, _ := platform.List[build](ctx, client, path, "id")
	var out []builtFrom
	for _, b := range all {
		from := builtFrom{source: b.Source.URL}
		if b.Slug != nil {
			from.slug = b.Slug.ID
		}
		out = append(out, from)
	}
	return out
}

// sourcesOf are the repositories that a state knows, by the id of the app or the
// pipeline: of builds, and of the configuration for review apps.
func sourcesOf(state *statefile.File) map[string][]builtFrom {
	all := make(map[string][]builtFrom)
	if state == nil {
		return all
	}
	for i := range state.Instances() {
		text := func(name string) string {
			if v, ok := i.Attr(name); ok && v.IsString() {
				return v.Text()
			}
			return ""
		}
		switch i.Type {
		case "heroku_review_app_config":
			if repo := text("org_repo"); repo != "" {
				id := strings.ToLower(text("pipeline_id"))
				all[id] = append(all[id], builtFrom{source: "https://github.com/" + repo})
			}
		case "heroku_build":
			for path, v := range i.Scalars() {
				if n := len(path); n > 1 && path[0] == "source" && path[n-1] == "url" && v.IsString() {
					all[text("app_id")] = append(all[text("app_id")], builtFrom{source: v.Text()})
				}
			}
		}
	}
	return all
}

// compareURL is the page with a change's commits: of the repository that the new slug
// was built from, else of the one that all there is to know agrees on; "" otherwise.
func compareURL(c *report.SlugChange, from []builtFrom) string {
	found := ""
	for _, b := range from {
		page := report.CompareURL(b.source, c.Old.Commit, c.New.Commit)
		switch {
		case page == "":
		case b.slug == c.New.Value:
			return page
		case found != "" && found != page:
			return ""
		default:
			found = page
		}
	}
	return found
}
