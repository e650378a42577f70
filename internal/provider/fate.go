package provider

import "strings"

// A Fate is what an apply makes of an attribute whose value on Heroku isn't the
// state's, as far as the provider decides that and not the configuration.
type Fate uint8

const (
	// Configured: the provider takes the value from Heroku where the configuration
	// has none, so only a configuration says what comes of it.
	Configured Fate = iota
	// PutBack: an update in place brings back the configuration's value.
	PutBack
	// Replaced: Terraform destroys the object and creates another one.
	Replaced
	// Left: the value on Heroku stays, since it is computed there, or since the
	// provider never looks at it.
	Left
)

// The attributes of managed resources that are compared, by what the schema of
// v5.3.2, or of the last release that has them, says: a change of those in forced
// replaces the object, those in computed can't be configured, and those in either can
// be, and are computed otherwise. All others are arguments that are updated in place.
var (
	forced = words(`
heroku_addon_attachment.addon_id heroku_drain.url heroku_drain.sensitive_url
heroku_space.organization heroku_space.region heroku_space.shield heroku_space.generation
heroku_space_vpn_connection.name heroku_space_vpn_connection.public_ip heroku_space_vpn_connection.routable_cidrs
heroku_team_member.email heroku_app.region heroku_app.space heroku_app.organization.name
heroku_app_feature.name heroku_collaborator.email heroku_domain.hostname heroku_team_collaborator.email
heroku_build.source.version heroku_pipeline.owner.id heroku_pipeline.owner.type
heroku_pipeline_coupling.pipeline heroku_pipeline_coupling.stage
heroku_pipeline_promotion.pipeline heroku_pipeline_promotion.source_app_id
heroku_slug.buildpack_provided_description heroku_slug.commit heroku_slug.commit_description heroku_slug.process_types`)

	computed = words(`
heroku_addon.provider_id heroku_addon.config_vars heroku_drain.token heroku_telemetry_drain.created_at
heroku_space.outbound_ips heroku_space_peering_connection_accepter.status heroku_space_peering_connection_accepter.type
heroku_space_vpn_connection.space_cidr_block heroku_space_vpn_connection.ike_version
heroku_account_feature.description heroku_account_feature.state heroku_app.generation
heroku_cert.name heroku_cert.cname heroku_domain.cname heroku_ssl.name
heroku_build.stack heroku_build.status heroku_build.release_id heroku_build.user.email heroku_build.user.id
heroku_pipeline_promotion.status heroku_pipeline_promotion.created_at heroku_pipeline_promotion.promoted_release_ids
heroku_review_app_config.repo_id heroku_slug.size heroku_slug.stack_id`)

	either = words(`
heroku_addon.name heroku_addon_attachment.name heroku_addon_attachment.namespace
heroku_space.cidr heroku_space.data_cidr heroku_space.trusted_ip_ranges heroku_space_vpn_connection.tunnels
heroku_app.stack heroku_app.acm heroku_app.internal_routing heroku_app.organization.locked heroku_app.buildpacks
heroku_app_release.description heroku_build.buildpacks heroku_build.source.checksum
heroku_review_app_config.base_name heroku_review_app_config.stale_days heroku_slug.checksum heroku_slug.stack`)
)

func words(text string) map[string]bool {
	set := make(map[string]bool)
	for word := range strings.FieldsSeq(text) {
		set[word] = true
	}
	return set
}

// Fate returns what the next apply makes of an attribute that differs.
//
// Keys of config vars are in a state because somebody has configured them, though the
// provider takes the attribute for computed as well.
func (r *Resource) Fate(a *Attr) Fate {
	name := r.Type + "." + a.Name
	switch {
	case r.Mode != Managed, a.As == Running, computed[name], !a.As.Compared():
		return Left
	case forced[name]:
		return Replaced
	case either[name]:
		return Configured
	}
	return PutBack
}

// Recreates reports whether Terraform creates an object again that is gone from
// Heroku. Only apps and add-ons have an Exists function that takes 404 for an answer
// (resource_heroku_app.go and resource_heroku_addon.go, v0.1.1 to v5.3.2); the refresh
// of any other object fails, and the plan with it, until the object is taken out of the
// state.
func (r *Resource) Recreates() bool { return r.Irreplaceable }
