package provider

import (
	"cmp"
	"slices"
)

// field is a reference whose whole text is the app.
func field(holds Identity, path ...string) Ref { return Ref{Path: path, Holds: holds} }

// Schema versions are those of the provider's releases: the addon's grew to 1
// in v1.1.1, 2 in v2.1.0 and 3 in v5.0.0, the attachment's to 1 in v1.1.1, and
// v5.0.0 raised ten more from 0 to 1. What isn't listed there stayed at 0.
var (
	schema0  = []int{0}
	schema1  = []int{1}
	schema01 = []int{0, 1}
)

// byName and byUUID are the shapes of a child whose only reference to its app
// is the argument "app" up to v4.9.0 and "app_id" since v5.0.0.
var (
	byName = Shape{Schema: schema0, Refs: []Ref{field(Name, "app")}}
	byUUID = Shape{Schema: schema1, Refs: []Ref{field(UUID, "app_id")}}
)

// asConfigured is the shape, the same in both eras, of a child whose "app_id"
// keeps what was configured, with no check and no upgrader.
var asConfigured = Shape{Schema: schema0, Refs: []Ref{field(Either, "app_id")}}

// noApp is the shape of what doesn't refer to apps.
var noApp = Shape{Schema: schema0}

// table has one entry for each resource type and data source, managed resources
// first, each kind sorted by type. The entries stand in table_*.go, by what they
// are about.
var table = sorted(appResources, addonResources, pipelineResources, spaceResources, teamResources, dataSources)

func sorted(groups ...[]Resource) []Resource {
	all := slices.Concat(groups...)
	slices.SortFunc(all, func(a, b Resource) int {
		if a.Mode != b.Mode {
			return cmp.Compare(b.Mode, a.Mode) // "managed" before "data"
		}
		return cmp.Compare(a.Type, b.Type)
	})
	return all
}
