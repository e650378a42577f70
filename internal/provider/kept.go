package provider

// Kept reports whether the provider only forgets an object that it is to destroy,
// since Heroku has no way to delete one: a release, a build, a slug. To replace one
// makes another, and loses nothing. Source: resourceHerokuAppReleaseDelete,
// resourceHerokuBuildDelete and resourceHerokuSlugDelete, which send no request, in
// provider 5.3.2.
func (r *Resource) Kept() bool {
	switch r.Type {
	case "heroku_app_release", "heroku_build", "heroku_slug":
		return true
	}
	return false
}
