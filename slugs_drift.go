package herokutf

import (
	"slices"

	"github.com/herokutf/herokutf/statefile"
)

// Explains reports whether a drifted object is nothing but a release of what was
// resolved from that very app: a heroku_app_release whose app, one of an artifact's
// App and Others, runs the artifact's Value instead of what the state has. Pipelines
// bring slugs to their apps before Terraform hears of them, and the next apply with
// the variables of s releases them anyway, so a deployment needn't stop for it:
//
//	stop := slices.ContainsFunc(report.Objects, func(o herokutf.DriftObject) bool {
//		return o.Verdict.IsDrift() && !slugs.Explains(o)
//	})
//
// Whatever else differs, in the object or in another one of the app, isn't
// explained. Nil slugs explain nothing.
func (s *Slugs) Explains(object DriftObject) bool {
	if s == nil || object.Type != "heroku_app_release" || object.Verdict != Changed || len(object.Differences) == 0 {
		return false
	}
	return !slices.ContainsFunc(object.Differences, func(d DriftDifference) bool {
		return !slices.ContainsFunc(s.Artifacts, func(a Artifact) bool {
			return a.Value != "" && d.Live == any(a.Value) && d.Path.Equal(a.Kind.releasedIn()) && a.runsOn(object.App)
		})
	})
}

// releasedIn returns the attribute of heroku_app_release that holds an artifact of
// kind k.
func (k ArtifactKind) releasedIn() statefile.Path {
	if k == KindOCIImage {
		return statefile.Path{"oci_image"}
	}
	return statefile.Path{"slug_id"}
}

// runsOn reports whether one of the artifact's apps has the name.
func (a *Artifact) runsOn(app string) bool {
	return app != "" && (a.App.Name == app || slices.ContainsFunc(a.Others, func(o NamedID) bool { return o.Name == app }))
}
