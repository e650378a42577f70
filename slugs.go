package herokutf

import (
	"cmp"
	"slices"
	"time"
)

// An ArtifactKind says what a release runs.
type ArtifactKind string

const (
	// KindSlug is the slug of an app of the Cedar generation.
	KindSlug ArtifactKind = "slug"

	// KindOCIImage is the OCI image of an app of the Fir generation.
	KindOCIImage ArtifactKind = "oci-image"
)

// variable returns the Terraform variable for an artifact of kind k:
// {name}_slug_{stage} or {name}_oci_image_{stage}.
func (k ArtifactKind) variable(name, stage string) string {
	if k == KindOCIImage {
		return name + "_oci_image_" + stage
	}
	return name + "_slug_" + stage
}

// A NamedID is an object of Heroku's: its UUID and its name.
type NamedID struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// A Release is what [ResolveSlugs] keeps of a release of an app.
type Release struct {
	ID        string    // UUID
	Version   int       // counts an app's releases from 1
	Status    string    // "succeeded", "failed", "pending", "expired", or "" where Heroku says nothing
	CreatedAt time.Time // as Heroku has it, in UTC
	User      string    // the email address of whoever released
}

// An Artifact is what the apps of one stage of a pipeline run.
type Artifact struct {
	Variable string       // the Terraform variable, as in web_ui_slug_production
	Kind     ArtifactKind // what Value identifies
	Value    string       // UUID of the slug or OCI image

	// Pipeline is the pipeline with its UUID. Its name is the one it was
	// configured by: Heroku's name when Ref was one, else [Pipeline.Name],
	// since asking for Heroku's would cost a request.
	Pipeline NamedID
	Stage    string    // "development", "staging", "production", "review" or "test"
	App      NamedID   // the app that runs it, the first by name
	Others   []NamedID // the stage's other apps, sorted by name, which all run the same; nil when there are none

	Release Release  // the release of App that Value belongs to
	Newest  *Release // App's newest release when that isn't Release, as it failed, is pending or was overtaken; else nil
}

// Slugs is what [ResolveSlugs] found.
type Slugs struct {
	// Artifacts holds one artifact for each pipeline name and stage, sorted
	// by variable.
	Artifacts []Artifact

	// Problems says what couldn't be resolved. It is nil unless
	// SlugOptions.KeepGoing was set.
	Problems []Problem

	// Pipelines and Stages say whose variables these are, with or without a
	// value: see [Slugs.Stale]. Both are sorted.
	Pipelines []Pipeline
	Stages    []string
}

// Variables returns the names of the Terraform variables that have a value,
// sorted.
func (s *Slugs) Variables() []string {
	names := make([]string, 0, len(s.Artifacts))
	for _, a := range s.Artifacts {
		names = append(names, a.Variable)
	}
	slices.Sort(names)
	return names
}

// sortArtifacts sorts by variable.
func sortArtifacts(artifacts []Artifact) {
	slices.SortFunc(artifacts, func(a, b Artifact) int { return cmp.Compare(a.Variable, b.Variable) })
}
