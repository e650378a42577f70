package provider

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

// appDerived are the attributes of an app that follow from its name.
var appDerived = []Derived{
	{Attr: "git_url", From: GitURL},
	{Attr: "web_url", From: WebURL},
	{Attr: "heroku_hostname", From: Hostname},
}

var table = []Resource{
	{Mode: Managed, Type: "heroku_account_feature", Since: "v1.6.0", Names: noApp, UUIDs: noApp},
	{
		Mode: Managed, Type: "heroku_addon",
		Names: Shape{Schema: []int{0, 1, 2}, Refs: []Ref{field(Name, "app")}},
		UUIDs: Shape{Schema: []int{3}, Refs: []Ref{field(UUID, "app_id")}},

		Irreplaceable: true,
	},
	{
		// Its argument was called app_id when it still held a name.
		Mode: Managed, Type: "heroku_addon_attachment",
		Names: Shape{Schema: schema01, Refs: []Ref{field(Name, "app_id")}},
		UUIDs: Shape{Schema: schema1, Refs: []Ref{field(UUID, "app_id")}},
	},
	{
		Mode: Managed, Type: "heroku_app",
		Names: Shape{Schema: schema0, Refs: []Ref{
			field(Name, "id"), field(Name, "name"), field(UUID, "uuid"),
		}},
		UUIDs: Shape{Schema: schema1, Refs: []Ref{
			field(UUID, "id"), field(Name, "name"), field(UUID, "uuid"),
		}},
		Derived: appDerived,

		Irreplaceable: true,
	},
	{
		Mode: Managed, Type: "heroku_app_config_association", Since: "v1.9.0",
		Names: Shape{Schema: schema0, Refs: []Ref{
			field(Either, "app_id"),
			{Path: []string{"id"}, Holds: Either, Part: Suffix, Lead: "config:"},
		}},
		UUIDs: Shape{Schema: schema0, Refs: []Ref{
			field(Either, "app_id"),
			{Path: []string{"id"}, Holds: Either, Part: Suffix, Lead: "config:"},
		}},

		UpdatesApp: true,
	},
	{
		// Its refresh takes the app from the id, and so does "app_id" of an
		// import by name in v5.
		Mode: Managed, Type: "heroku_app_feature",
		Names: Shape{Schema: schema0, Refs: []Ref{
			field(Name, "app"),
			{Path: []string{"id"}, Holds: Name, Part: Prefix},
		}},
		UUIDs: Shape{Schema: schema1, Refs: []Ref{
			field(Either, "app_id"),
			{Path: []string{"id"}, Holds: Either, Part: Prefix},
		}},
	},
	{Mode: Managed, Type: "heroku_app_release", Names: byName, UUIDs: byUUID, Within: "releases"},
	{Mode: Managed, Type: "heroku_app_webhook", Since: "v2.2.0", Names: asConfigured, UUIDs: asConfigured, Within: "webhooks"},
	{
		Mode: Managed, Type: "heroku_build", Since: "v1.7.0", Names: byName, UUIDs: byUUID, Within: "builds",
		ListedMaps: []ListedMap{
			{Attr: "source", Keys: []string{"checksum", "path", "url", "version"}},
			{Attr: "user", Keys: []string{"email", "id"}},
		},
	},
	{
		// v5.0.0 to v5.2.10 kept its "app", which takes a UUID as well.
		Mode: Managed, Type: "heroku_cert", Gone: "v5.2.11",
		Names: byName,
		UUIDs: Shape{Schema: schema0, Refs: []Ref{field(Either, "app")}},
	},
	{Mode: Managed, Type: "heroku_collaborator", Since: "v3.1.0", Names: byName, UUIDs: byUUID, Within: "collaborators"},
	{Mode: Managed, Type: "heroku_config", Since: "v1.9.0", Names: noApp, UUIDs: noApp},
	{Mode: Managed, Type: "heroku_domain", Names: byName, UUIDs: byUUID, Within: "domains"},
	{Mode: Managed, Type: "heroku_drain", Names: byName, UUIDs: byUUID, Within: "log-drains"},
	{Mode: Managed, Type: "heroku_formation", Names: byName, UUIDs: byUUID, Within: "formation"},
	{Mode: Managed, Type: "heroku_pipeline", Names: noApp, UUIDs: noApp},
	{Mode: Managed, Type: "heroku_pipeline_config_var", Since: "v2.3.0", Names: noApp, UUIDs: noApp},
	{
		Mode: Managed, Type: "heroku_pipeline_coupling",
		Names: Shape{Schema: schema0, Refs: []Ref{field(Name, "app"), field(UUID, "app_id")}},
		UUIDs: byUUID,
	},
	{
		Mode: Managed, Type: "heroku_pipeline_promotion", Since: "v5.3.0",
		UUIDs: Shape{Schema: schema0, Refs: []Ref{
			field(UUID, "source_app_id"),
			field(UUID, "targets", "*"),
			field(UUID, "promoted_release_ids", "*", "app_id"),
		}},
	},
	{Mode: Managed, Type: "heroku_review_app_config", Since: "v4.2.0", Names: noApp, UUIDs: noApp},
	{Mode: Managed, Type: "heroku_slug", Names: byName, UUIDs: byUUID},
	{Mode: Managed, Type: "heroku_space", Names: noApp, UUIDs: noApp},
	{Mode: Managed, Type: "heroku_space_app_access", Names: noApp, UUIDs: noApp},
	{Mode: Managed, Type: "heroku_space_inbound_ruleset", Names: noApp, UUIDs: noApp},
	{Mode: Managed, Type: "heroku_space_peering_connection_accepter", Names: noApp, UUIDs: noApp},
	{Mode: Managed, Type: "heroku_space_vpn_connection", Names: noApp, UUIDs: noApp},
	{
		Mode: Managed, Type: "heroku_ssl", Since: "v4.5.0",
		Names: Shape{Schema: schema0, Refs: []Ref{field(UUID, "app_id")}},
		UUIDs: Shape{Schema: schema0, Refs: []Ref{field(UUID, "app_id")}},
	},
	{Mode: Managed, Type: "heroku_team_collaborator", Names: byName, UUIDs: byUUID, Within: "collaborators"},
	{Mode: Managed, Type: "heroku_team_member", Names: noApp, UUIDs: noApp},
	{
		Mode: Managed, Type: "heroku_telemetry_drain", Since: "v5.3.0",
		UUIDs: Shape{Schema: schema0, Refs: []Ref{{
			Path: []string{"owner_id"}, Holds: UUID,
			When: struct{ Attr, Value string }{"owner_type", "app"},
		}}},
	},

	{
		Mode: Data, Type: "heroku_addon",
		Names: byName,
		UUIDs: Shape{Schema: schema0, Refs: []Ref{field(UUID, "app_id")}},
	},
	{
		// Its id was a timestamp before v2.4.0, and uuid came with v4.0.0.
		// The name is the argument of the lookup, for which a UUID will do.
		Mode: Data, Type: "heroku_app",
		Names: Shape{Schema: schema0, Refs: []Ref{
			field(UUID, "id"), field(Name, "name"), field(UUID, "uuid"),
		}},
		UUIDs: Shape{Schema: schema0, Refs: []Ref{
			field(UUID, "id"), field(Name, "name"), field(UUID, "uuid"),
		}},
		Derived: appDerived,
	},
	{Mode: Data, Type: "heroku_pipeline", Since: "v2.5.0", Names: noApp, UUIDs: noApp},
	{Mode: Data, Type: "heroku_space", Names: noApp, UUIDs: noApp},
	{Mode: Data, Type: "heroku_space_peering_info", Names: noApp, UUIDs: noApp},
	{Mode: Data, Type: "heroku_team", Since: "v1.9.0", Names: noApp, UUIDs: noApp},
	{Mode: Data, Type: "heroku_team_members", Since: "v4.4.0", Names: noApp, UUIDs: noApp},
}
