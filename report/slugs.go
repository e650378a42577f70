package report

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/internal/printable"
	"github.com/herokutf/herokutf/statefile"
)

// A SlugDiff is what would change if slugs were released: against pins
// ([DiffSlugs]), or against a state ([DiffState]).
type SlugDiff struct {
	Changes   []SlugChange // sorted by variable and address; nil if there are none
	Unchanged int          // how many values are as they were
	Notes     []string     // those of the slugs; what Heroku is about to delete of Old is reported besides
}

// A SlugChange is a variable whose value isn't what it was.
type SlugChange struct {
	Variable string
	Address  string // of the release in the state; "" for pins, and for what the state doesn't have

	// Old is nil where there was none, and New where there is none any more.
	// Of a release in a state, Old knows Value, Kind, App.ID, or App.Name with
	// provider 4, and Release.ID; whoever asks Heroku for more may add it.
	Old, New *herokutf.Artifact

	// Compare is the address of a page with the commits; "" if it isn't known.
	// DiffSlugs and DiffState leave it empty: see [CompareURL].
	Compare string
}

// DiffSlugs compares slugs with pins from [herokutf.ReadLock]. Pins of other
// pipelines and stages than slugs are for don't count, nor do releases of the same
// slug. Nil slugs are empty.
func DiffSlugs(pins, slugs *herokutf.Slugs) *SlugDiff {
	d := &SlugDiff{}
	if slugs == nil {
		slugs = &herokutf.Slugs{}
	}
	old := make(map[string]*herokutf.Artifact)
	if pins != nil {
		for i := range pins.Artifacts {
			old[pins.Artifacts[i].Variable] = &pins.Artifacts[i]
		}
	}
	current := make(map[string]bool)
	for i := range slugs.Artifacts {
		a := &slugs.Artifacts[i]
		if a.Kind == herokutf.KindRelease {
			continue
		}
		current[a.Variable] = true
		d.add("", old[a.Variable], a)
	}
	for name, a := range old {
		if !current[name] && within(a, slugs) {
			d.add("", a, nil)
		}
	}
	return d.finish(slugs)
}

// within says whether an artifact is of the pipelines and stages of slugs.
func within(a *herokutf.Artifact, slugs *herokutf.Slugs) bool {
	if !slices.Contains(slugs.Stages, a.Stage) {
		return false
	}
	return slices.ContainsFunc(slugs.Pipelines, func(p herokutf.Pipeline) bool {
		return a.Variable == p.Name+"_slug_"+a.Stage || a.Variable == p.Name+"_oci_image_"+a.Stage
	})
}

// DiffState compares slugs with the releases that a state holds, which is what
// Terraform has released: each heroku_app_release by its slug_id or oci_image.
//
// reaches says which releases a variable leads to: their addresses without instance
// keys, as [tfconfig.Config.CheckVariables] finds them. A variable that isn't there
// leads to the releases of its own apps, and else to one that has the value already.
// A variable that leads to no release of the state has no Old. A nil state has no
// releases.
//
// [tfconfig.Config.CheckVariables]: https://pkg.go.dev/github.com/herokutf/herokutf/tfconfig#Config.CheckVariables
func DiffState(f *statefile.File, slugs *herokutf.Slugs, reaches map[string][]string) *SlugDiff {
	d := &SlugDiff{}
	if slugs == nil {
		slugs = &herokutf.Slugs{}
	}
	all := releases(f)
	for i := range slugs.Artifacts {
		a := &slugs.Artifacts[i]
		if a.Kind == herokutf.KindRelease {
			continue
		}
		of := slices.DeleteFunc(slices.Clone(all), func(r stateRelease) bool {
			if addresses, ok := reaches[a.Variable]; ok {
				return !slices.Contains(addresses, r.resource)
			}
			return !runsOn(a, r.old.App)
		})
		if _, ok := reaches[a.Variable]; len(of) == 0 && !ok {
			of = slices.DeleteFunc(slices.Clone(all), func(r stateRelease) bool { return r.old.Value != a.Value })
		}
		for _, r := range of {
			r.old.Variable, r.old.Stage, r.old.Pipeline = a.Variable, a.Stage, a.Pipeline
			if runsOn(a, r.old.App) && r.old.App.Name == "" {
				r.old.App.Name = a.App.Name
			}
			d.add(r.address, &r.old, a)
		}
		if len(of) == 0 {
			d.add("", nil, a)
		}
	}
	return d.finish(slugs)
}

// A stateRelease is a heroku_app_release of a state.
type stateRelease struct {
	address, resource string
	old               herokutf.Artifact
}

// instanceKeys are those of count and for_each in an address.
var instanceKeys = regexp.MustCompile(`\[(\d+|"(\\.|[^"\\])*")\]`)

func releases(f *statefile.File) []stateRelease {
	var all []stateRelease
	if f == nil {
		return nil
	}
	for i := range f.Instances() {
		if i.Type != "heroku_app_release" || i.Mode != statefile.Managed || i.Deposed != "" {
			continue
		}
		attr := func(name string) string {
			if v, _ := i.Attr(name); v.IsString() {
				return v.Text()
			}
			return ""
		}
		a := herokutf.Artifact{Kind: herokutf.KindSlug, Value: attr("slug_id"), App: herokutf.NamedID{ID: attr("app_id"), Name: attr("app")}}
		if image := attr("oci_image"); a.Value == "" && image != "" {
			a.Kind, a.Value = herokutf.KindOCIImage, image
		}
		a.Release.ID = attr("id")
		if a.Value != "" {
			all = append(all, stateRelease{i.Address(), instanceKeys.ReplaceAllString(i.Address(), ""), a})
		}
	}
	return all
}

// runsOn says whether an app is one of the artifact's.
func runsOn(a *herokutf.Artifact, app herokutf.NamedID) bool {
	same := func(x herokutf.NamedID) bool {
		return app.ID != "" && strings.EqualFold(x.ID, app.ID) || app.ID == "" && app.Name != "" && (x.Name == app.Name || strings.EqualFold(x.ID, app.Name))
	}
	return same(a.App) || slices.ContainsFunc(a.Others, same)
}

func (d *SlugDiff) add(address string, old, new *herokutf.Artifact) {
	if old != nil && new != nil && old.Kind == new.Kind && strings.EqualFold(old.Value, new.Value) {
		d.Unchanged++
		return
	}
	variable := ""
	switch {
	case new != nil:
		variable = new.Variable
	case old != nil:
		variable = old.Variable
	}
	d.Changes = append(d.Changes, SlugChange{Variable: variable, Address: address, Old: old, New: new})
}

func (d *SlugDiff) finish(slugs *herokutf.Slugs) *SlugDiff {
	slices.SortStableFunc(d.Changes, func(a, b SlugChange) int {
		return cmp.Or(cmp.Compare(a.Variable, b.Variable), cmp.Compare(a.Address, b.Address))
	})
	d.Notes = slices.Clone(slugs.Notes)
	return d
}

// hosts are those whose pages compare commits, with the path between the
// repository and the commits.
var hosts = map[string]string{"github.com": "/compare/", "gitlab.com": "/-/compare/"}

var (
	commitID   = regexp.MustCompile(`^[0-9a-f]{7,64}$`)
	pathWord   = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)
	gitAddress = regexp.MustCompile(`^(?:ssh://)?git@([a-z.]+)[:/](.+)$`)
)

// CompareURL returns the address of the page that shows the commits from old to new,
// or "" where that isn't known for sure: both have to be ids of commits, and source
// has to lead to a repository on GitHub or GitLab. It may be the repository's own
// address, or that of an archive of its code, which the source of a build is.
func CompareURL(source, old, new string) string {
	if old == new || !commitID.MatchString(old) || !commitID.MatchString(new) {
		return ""
	}
	if m := gitAddress.FindStringSubmatch(source); m != nil {
		source = "https://" + m[1] + "/" + m[2]
	}
	u, err := url.Parse(source)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	words := strings.Split(strings.Trim(u.Path, "/"), "/")
	host := strings.ToLower(u.Hostname())
	switch {
	case host == "www.github.com" || host == "codeload.github.com":
		host = "github.com"
	case host == "api.github.com" && words[0] == "repos":
		host, words = "github.com", words[1:]
	}
	between, ok := hosts[host]
	if !ok {
		return ""
	}
	if host == "github.com" {
		words = words[:min(len(words), 2)]
	} else if i := slices.Index(words, "-"); i > 0 {
		words = words[:i]
	}
	if len(words) < 2 {
		return ""
	}
	last := len(words) - 1
	words[last] = strings.TrimSuffix(words[last], ".git")
	if slices.ContainsFunc(words, func(w string) bool { return !pathWord.MatchString(w) || strings.Trim(w, ".") == "" }) {
		return ""
	}
	return "https://" + host + "/" + strings.Join(words, "/") + between + old + "..." + new
}

// WriteSlugs writes the difference to w as [Text], [JSON] or [Markdown], in one call
// of w.Write. The form of the JSON is that of schemas/slugs-diff.schema.json.
// Options.Color, Width, Title and Limit count as for [Write]; Title is "Heroku slugs"
// by default.
//
// It is an error to ask for another format, for a Limit that is too small, and to
// write none at all.
func WriteSlugs(w io.Writer, d *SlugDiff, format Format, opts Options) error {
	if d == nil {
		return errors.New("the difference is nil")
	}
	var text []byte
	var err error
	switch format {
	case Text:
		text = slugText(d, opts)
	case JSON:
		if text, err = json.MarshalIndent(d, "", "  "); err == nil {
			text = append(printable.JSON(text), '\n')
		}
	case Markdown:
		text, err = slugMarkdown(d, opts)
	default:
		err = fmt.Errorf("unknown format %q: it has to be one of text, json, markdown", string(format))
	}
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

// The form of schemas/slugs-diff.schema.json. Members may be added, and none may
// change.
type (
	jsonDiff struct {
		FormatVersion string       `json:"format_version"`
		Changes       []jsonChange `json:"changes"`
		Unchanged     int          `json:"unchanged"`
		Notes         []string     `json:"notes,omitempty"`
	}
	jsonChange struct {
		Variable string     `json:"variable"`
		Address  string     `json:"address,omitempty"`
		Pipeline string     `json:"pipeline,omitempty"`
		Stage    string     `json:"stage,omitempty"`
		Old      *jsonValue `json:"old,omitempty"`
		New      *jsonValue `json:"new,omitempty"`
		Compare  string     `json:"compare,omitempty"`
	}
	jsonValue struct {
		Value        string                `json:"value"`
		Kind         herokutf.ArtifactKind `json:"kind"`
		App          jsonApp               `json:"app"`
		Release      jsonRelease           `json:"release,omitzero"`
		Commit       string                `json:"commit,omitempty"`
		ExpiresAfter time.Time             `json:"expires_after,omitzero"`
	}
	jsonApp struct {
		ID   string `json:"id,omitempty"`
		Name string `json:"name,omitempty"`
	}
	jsonRelease struct {
		ID        string    `json:"id,omitempty"`
		Version   int       `json:"version,omitempty"`
		Status    string    `json:"status,omitempty"`
		CreatedAt time.Time `json:"created_at,omitzero"`
		User      string    `json:"user,omitempty"`
	}
)

func valueJSON(a *herokutf.Artifact) *jsonValue {
	if a == nil {
		return nil
	}
	return &jsonValue{
		Value: a.Value, Kind: a.Kind, App: jsonApp(a.App), Release: jsonRelease(a.Release), Commit: a.Commit, ExpiresAfter: a.ExpiresAfter,
	}
}

// MarshalJSON returns the form of schemas/slugs-diff.schema.json.
func (d SlugDiff) MarshalJSON() ([]byte, error) {
	out := jsonDiff{FormatVersion: "1.0", Changes: []jsonChange{}, Unchanged: d.Unchanged, Notes: d.notes()}
	for _, c := range d.Changes {
		a := cmp.Or(c.New, c.Old)
		if a == nil {
			a = &herokutf.Artifact{}
		}
		out.Changes = append(out.Changes, jsonChange{Variable: c.Variable, Address: c.Address, Pipeline: a.Pipeline.Name, Stage: a.Stage,
			Old: valueJSON(c.Old), New: valueJSON(c.New), Compare: c.Compare})
	}
	return json.Marshal(out)
}

// notes are the notes, and what is to be said of the old values.
func (d *SlugDiff) notes() []string {
	notes := slices.Clone(d.Notes)
	for _, c := range d.Changes {
		if c.Old == nil || c.New == nil || !strings.EqualFold(c.Old.App.ID, c.New.App.ID) {
			continue
		}
		newest := c.New.Release.Version
		if c.New.Newest != nil {
			newest = max(newest, c.New.Newest.Version)
		}
		if note := c.Old.Expiry(newest, time.Now()); note != "" {
			notes = append(notes, note)
		}
	}
	slices.Sort(notes)
	return slices.Compact(notes)
}

// slugHeadline is the result in a few words.
func slugHeadline(d *SlugDiff) string {
	all := printable.Count(len(d.Changes)+d.Unchanged, "value")
	if len(d.Changes) == 0 {
		return "No difference (" + all + ")"
	}
	return fmt.Sprintf("%d of %s changed", len(d.Changes), all)
}

// app is the name, or what is known instead, of the app that a change is about.
func (c *SlugChange) app() string {
	a := cmp.Or(c.New, c.Old)
	if a == nil {
		return ""
	}
	return cmp.Or(a.App.Name, a.App.ID)
}

// versionText is a release in a word.
func versionText(a *herokutf.Artifact) string {
	switch {
	case a == nil:
		return "none"
	case a.Release.Version == 0:
		return "unknown release"
	}
	return fmt.Sprintf("v%d", a.Release.Version)
}

// released is who has made a release and when; "" if nothing is known.
func released(a *herokutf.Artifact) string {
	if a == nil {
		return ""
	}
	var parts []string
	if a.Release.User != "" {
		parts = append(parts, "by "+printable.Text(a.Release.User))
	}
	if !a.Release.CreatedAt.IsZero() {
		parts = append(parts, minute(a.Release.CreatedAt))
	}
	return strings.Join(parts, ", ")
}

// commits is the pair of commits, or the only one, shortened; "" if none is known.
func (c *SlugChange) commits() string {
	short := func(a *herokutf.Artifact) string {
		switch {
		case a.Commit == "":
			return "unknown"
		case commitID.MatchString(a.Commit):
			return a.Commit[:min(len(a.Commit), 10)]
		}
		return elide(printable.Text(a.Commit), 40)
	}
	if (c.Old == nil || c.Old.Commit == "") && (c.New == nil || c.New.Commit == "") {
		return ""
	}
	switch {
	case c.Old == nil:
		return "commit " + short(c.New)
	case c.New == nil:
		return "commit " + short(c.Old)
	}
	return "commits " + short(c.Old) + " -> " + short(c.New)
}

func slugText(d *SlugDiff, opts Options) []byte {
	w := &textWriter{opts: opts}
	color := paintNew
	if len(d.Changes) > 0 {
		color = paintWarn
	}
	w.line(0, w.paint(color, slugHeadline(d)))
	for i := range d.Changes {
		c := &d.Changes[i]
		w.line(0)
		at := printable.Text(c.app())
		if c.Address != "" {
			at += ", " + printable.Text(c.Address)
		}
		w.line(0, w.paint(paintBold, printable.Text(c.Variable)), " (", at, ")")
		release := w.paint(paintOld, versionText(c.Old)) + " -> " + w.paint(paintNew, versionText(c.New))
		if who := released(c.New); who != "" {
			release += ", released " + who
		}
		w.line(objectIndent, release)
		w.line(objectIndent, slugValue(c.Old), " -> ", slugValue(c.New))
		if commits := c.commits(); commits != "" {
			w.line(objectIndent, commits)
		}
		if c.Compare != "" {
			w.line(objectIndent, printable.Text(c.Compare))
		}
	}
	if notes := d.notes(); len(notes) > 0 {
		w.line(0)
		w.line(0, w.paint(paintBold, "Notes"))
		for _, n := range notes {
			w.prose(objectIndent, n)
		}
	}
	return w.b.Bytes()
}

func slugValue(a *herokutf.Artifact) string {
	if a == nil {
		return "none"
	}
	return printable.Text(a.Value)
}

func slugMarkdown(d *SlugDiff, opts Options) ([]byte, error) {
	limit := cmp.Or(opts.Limit, defaultLimit)
	if limit < leastLimit {
		return nil, fmt.Errorf("a limit of %d bytes for Markdown is too small: it has to be %d at least, or 0 for what GitHub takes", opts.Limit, leastLimit)
	}
	opts.Title = cmp.Or(opts.Title, "Heroku slugs")
	notes := markdownNotes(&herokutf.DriftReport{Notes: d.notes()}, share(limit))
	var b bytes.Buffer
	fmt.Fprintf(&b, "## %s\n\n**%s**\n", markdownProse(elide(opts.heading(), pathLimit)), slugHeadline(d))
	const leftOut = "\n%s left out: more than fits into a comment.\n"
	room := limit - len(notes) - len(leftOut) - len("1234567890 changes")
	for i := range d.Changes {
		row := d.Changes[i].markdown()
		if i == 0 {
			row = "\n| Variable | Release | Commits |\n|---|---|---|\n" + row
		}
		if b.Len()+len(row) > room {
			fmt.Fprintf(&b, leftOut, printable.Count(len(d.Changes)-i, "change"))
			break
		}
		b.WriteString(row)
	}
	b.WriteString(notes)
	return b.Bytes(), nil
}

// markdown is the change's row, with the line break.
func (c *SlugChange) markdown() string {
	names := markdownCode(elide(printable.Text(c.Variable), pathLimit)) + "<br>" + markdownCode(elide(printable.Text(c.app()), pathLimit))
	if c.Address != "" {
		names += "<br>" + markdownCode(elide(printable.Text(c.Address), 2*pathLimit))
	}
	release := versionText(c.Old) + " → " + versionText(c.New)
	if who := released(c.New); who != "" {
		release += "<br>" + markdownCode(who)
	}
	commits := ""
	if text := c.commits(); text != "" {
		_, text, _ = strings.Cut(text, " ")
		commits = markdownCode(strings.ReplaceAll(text, "->", "→"))
	}
	if c.Compare != "" {
		commits += "<br>[compare](" + c.Compare + ")"
	}
	return "| " + names + " | " + release + " | " + strings.TrimPrefix(commits, "<br>") + " |\n"
}
