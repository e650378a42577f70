package provider

import "strings"

// A List is a collection of the Platform API: what one kind of request answers.
type List uint8

// The collections, from those that one request reads for everything the token
// sees to those of one app, one space, one team, one pipeline, and to single
// objects that no list holds.
const (
	NoList List = iota

	Apps
	Addons
	Attachments
	Pipelines
	Couplings
	Spaces
	Teams
	Regions
	AccountFeatures

	TeamApps
	TeamMembers

	ConfigVars
	Formation
	Buildpacks
	Features
	Domains
	Certificates
	SSLEndpoints
	LogDrains
	AppTelemetry
	Collaborators
	Webhooks
	Releases
	Builds
	Slugs

	SpaceNAT
	SpaceMembers
	SpaceRuleset
	SpaceVPNs
	SpacePeerings
	SpacePeeringInfo
	SpaceTelemetry

	LatestReleases
	PipelineConfig
	ReviewConfig
	Promotions
	PromotionTargets

	lists
)

// A Source says how the API is asked for a [platform.List].
type Source struct {
	// Name is what a message calls it, such as "config vars".
	Name string
	// Path is the path of the request. Steps in braces are filled in:
	// {app}, {team}, {space}, {pipeline}, {stage} and {id}.
	Path string
	// One marks an answer that is a single object rather than a list.
	One bool
	// Field is what the list is sorted by while it is paged through; "" lets
	// the API choose, which it may do with lists that are short by nature:
	// by which fields those can be sorted isn't documented.
	Field string
	// Must is the member, in the notation of [Find], that every element has, or the
	// object if it is one: without it the answer is none. "" is id for lists, and
	// nothing for objects.
	Must string
	// Each is the path of a single element by its {id}, for lists that may
	// not show everything that can be read: which of the lists of couplings,
	// say, has those of all teams isn't documented.
	Each string
	// Whole marks an object that is there as soon as what it belongs to is:
	// 404 says that it is gone, not that access is missing.
	Whole bool
	// Newest, for long lists, reads the newest elements first and no more
	// than needed; Field is what their age is read from.
	Newest bool
	// Installed marks what apps built by Cloud Native Buildpacks don't have, see
	// [HasInstallations].
	Installed bool
	// Secret marks answers that hold values nobody may see: they are never
	// kept on disk.
	Secret bool
}

// Needs reports whether the path has the step, as in Needs("app").
func (s *Source) Needs(step string) bool { return strings.Contains(s.Path, "{"+step+"}") }

// Lacks returns the member that an element of the list, or the object, must have and
// hasn't; "" if there is none.
func (s *Source) Lacks(element any) string {
	must := s.Must
	if must == "" && !s.One {
		must = "id"
	}
	if Find(element, must) != nil {
		return ""
	}
	return must
}

// PerAccount reports whether one request serves everything the token sees.
func (s *Source) PerAccount() bool { return !strings.Contains(s.Path, "{") }

var sources = [lists]Source{
	Apps:            {Name: "apps", Path: "/apps", Field: "id", Each: "/apps/{id}"},
	Addons:          {Name: "add-ons", Path: "/addons", Field: "id", Each: "/addons/{id}"},
	Attachments:     {Name: "add-on attachments", Path: "/addon-attachments", Field: "id", Each: "/addon-attachments/{id}", Secret: true}, // log_input_url
	Pipelines:       {Name: "pipelines", Path: "/pipelines", Field: "id", Each: "/pipelines/{id}"},
	Couplings:       {Name: "pipeline couplings", Path: "/pipeline-couplings", Field: "id", Each: "/pipeline-couplings/{id}"},
	Spaces:          {Name: "spaces", Path: "/spaces", Field: "id", Each: "/spaces/{id}"},
	Teams:           {Name: "teams", Path: "/teams", Field: "id", Each: "/teams/{id}"},
	Regions:         {Name: "regions", Path: "/regions", Each: "/regions/{id}"},
	AccountFeatures: {Name: "account features", Path: "/account/features"},

	TeamApps:    {Name: "apps of the team", Path: "/teams/{team}/apps", Field: "id", Each: "/teams/apps/{id}"},
	TeamMembers: {Name: "members of the team", Path: "/teams/{team}/members", Field: "email", Must: "email"},

	ConfigVars:    {Name: "config vars", Path: "/apps/{app}/config-vars", One: true, Secret: true},
	Formation:     {Name: "formation", Path: "/apps/{app}/formation"},
	Buildpacks:    {Name: "buildpacks", Path: "/apps/{app}/buildpack-installations", Must: "buildpack", Installed: true, Secret: true},
	Features:      {Name: "app features", Path: "/apps/{app}/features"},
	Domains:       {Name: "domains", Path: "/apps/{app}/domains"},
	Certificates:  {Name: "SNI endpoints", Path: "/apps/{app}/sni-endpoints"},
	SSLEndpoints:  {Name: "SSL endpoints", Path: "/apps/{app}/ssl-endpoints"},
	LogDrains:     {Name: "log drains", Path: "/apps/{app}/log-drains", Secret: true},
	AppTelemetry:  {Name: "telemetry drains", Path: "/apps/{app}/telemetry-drains", Secret: true},
	Collaborators: {Name: "collaborators", Path: "/apps/{app}/collaborators"},
	Webhooks:      {Name: "webhooks", Path: "/apps/{app}/webhooks", Secret: true},
	Releases:      {Name: "releases", Path: "/apps/{app}/releases", Field: "version", Newest: true, Secret: true},   // output_stream_url
	Builds:        {Name: "builds", Path: "/apps/{app}/builds", Field: "started_at", Newest: true, Secret: true},    // signed URLs
	Slugs:         {Name: "slug", Path: "/apps/{app}/slugs/{id}", One: true, Must: "id", Whole: true, Secret: true}, // signed URL

	SpaceNAT:         {Name: "outbound addresses of the space", Path: "/spaces/{space}/nat", One: true, Must: "sources"},
	SpaceMembers:     {Name: "members of the space", Path: "/spaces/{space}/members", Must: "user.email"},
	SpaceRuleset:     {Name: "inbound rules of the space", Path: "/spaces/{space}/inbound-ruleset", One: true, Must: "rules"},
	SpaceVPNs:        {Name: "VPN connections of the space", Path: "/spaces/{space}/vpn-connections", Secret: true}, // pre_shared_key
	SpacePeerings:    {Name: "peerings of the space", Path: "/spaces/{space}/peerings", Must: "pcx_id"},
	SpacePeeringInfo: {Name: "peering information of the space", Path: "/spaces/{space}/peering-info", One: true},
	SpaceTelemetry:   {Name: "telemetry drains of the space", Path: "/spaces/{space}/telemetry-drains", Secret: true},

	LatestReleases:   {Name: "latest releases of the pipeline", Path: "/pipelines/{pipeline}/latest-releases", Secret: true},
	PipelineConfig:   {Name: "config vars of the pipeline", Path: "/pipelines/{pipeline}/stage/{stage}/config-vars", One: true, Secret: true},
	ReviewConfig:     {Name: "review app configuration", Path: "/pipelines/{pipeline}/review-app-config", One: true, Whole: true},
	Promotions:       {Name: "promotion", Path: "/pipeline-promotions/{id}", One: true, Must: "id", Whole: true},
	PromotionTargets: {Name: "targets of the promotion", Path: "/pipeline-promotions/{id}/promotion-targets"},
}

// Source returns how the list is read. The entry is shared: callers must not
// change it.
func (l List) Source() *Source { return &sources[l] }

// String returns what a message calls the list.
func (l List) String() string { return sources[l].Name }
