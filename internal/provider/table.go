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

// spaceStep is where the state has the space that an object belongs to.
var spaceStep = map[string][]string{"space": {"space"}}

// appDerived are the attributes of an app that follow from its name.
var appDerived = []Derived{
	{Attr: "git_url", From: GitURL},
	{Attr: "web_url", From: WebURL},
	{Attr: "heroku_hostname", From: Hostname},
}

var table = []Resource{
	{
		Mode: Managed, Type: "heroku_account_feature", Since: "v1.6.0", Names: noApp, UUIDs: noApp,

		Origin: Origin{List: AccountFeatures, Keys: []Key{{Attr: "name"}}},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "name", As: Known},
			{Name: "description"},
			{Name: "enabled", Type: Bool},
			{Name: "state"},
		},
	},
	{
		Mode: Managed, Type: "heroku_addon",
		Names: Shape{Schema: []int{0, 1, 2}, Refs: []Ref{field(Name, "app")}},
		UUIDs: Shape{Schema: []int{3}, Refs: []Ref{field(UUID, "app_id")}},

		Irreplaceable: true,

		// An import by name leaves the name as id.
		Origin: Origin{List: Addons, Keys: []Key{{Attr: "id"}, {Attr: "id", Live: "name"}}, Alias: Key{Attr: "name"}},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "app", As: AppReference, Live: "app.id", Argument: true},
			{Name: "app_id", As: AppReference, Live: "app.id", Argument: true},
			{Name: "plan", As: Plan, Live: "plan.name", Argument: true},
			{Name: "name"},
			{Name: "provider_id"},
			{Name: "config_vars", As: AnyOrder},
			{Name: "config_var_values", As: Snapshot, Secret: true},
			{Name: "config", As: WriteOnly, Secret: true},
		},
		Import: "{id}",
		Trace:  []string{"name", "plan"},
		Stray:  &Stray{Of: "app.id", Label: "name"},
	},
	{
		// Its argument was called app_id when it still held a name.
		Mode: Managed, Type: "heroku_addon_attachment",
		Names: Shape{Schema: schema01, Refs: []Ref{field(Name, "app_id")}},
		UUIDs: Shape{Schema: schema1, Refs: []Ref{field(UUID, "app_id")}},

		Origin: Origin{List: Attachments, Keys: []Key{{Attr: "id"}}, Alias: Key{Attr: "name"}},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "app_id", As: AppReference, Live: "app.id", Argument: true},
			{Name: "addon_id", Live: "addon.id", Argument: true},
			{Name: "name", Argument: true},
			{Name: "namespace"},
		},
		Import: "{id}",
		Trace:  []string{"name"},
		Stray:  &Stray{Of: "app.id", Label: "name"},
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

		Origin: Origin{List: Apps, Alias: Key{Attr: "name"}},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "uuid", As: Known},
			{Name: "name", As: AppName, Argument: true},
			{Name: "git_url", As: AppName},
			{Name: "web_url", As: AppName},
			{Name: "heroku_hostname", As: Host},
			{Name: "region", Live: "region.name", Argument: true},
			{Name: "stack", Live: "build_stack.name"},
			{Name: "acm", Type: Bool},
			{Name: "internal_routing", Type: Bool},
			{Name: "space", Live: "space.name"},
			{Name: "generation", As: Generation, Live: "generation.name", If: IfTold},
			{Name: "organization.name", Live: "team.name", If: IfTeam},
			{Name: "organization.locked", From: TeamApps, Live: "locked", Type: Bool, If: IfTeam},
			{Name: "organization.personal", As: WriteOnly},
			{Name: "buildpacks", As: InOrder, From: Buildpacks, Live: "[].buildpack.name", If: IfCedar | IfKept},
			{Name: "config_vars", As: ManagedKeys, From: ConfigVars, Live: ".", Secret: true},
			{Name: "sensitive_config_vars", As: ManagedKeys, From: ConfigVars, Live: ".", Secret: true},
			{Name: "all_config_vars", As: Snapshot, Secret: true},
		},
		Import: "{id}",
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

		Origin: Origin{List: Apps},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "app_id", As: AppReference},
			{Name: "vars", As: ManagedKeys, From: ConfigVars, Live: ".", Secret: true},
			{Name: "sensitive_vars", As: ManagedKeys, From: ConfigVars, Live: ".", Secret: true},
		},
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

		// The second part of an imported id may be the feature's name.
		Origin: Origin{List: Features, Keys: []Key{{Attr: "id", After: true}, {Attr: "id", Live: "name", After: true}}, Alias: Key{Attr: "name"}},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "app", As: AppReference, Argument: true},
			{Name: "app_id", As: AppReference, Argument: true},
			{Name: "name", Argument: true},
			{Name: "enabled", Type: Bool, Argument: true},
		},
		Import: "{app}:{id}",
		Stray:  &Stray{Label: "name", Unless: []string{"enabled=false"}},
	},
	{
		Mode: Managed, Type: "heroku_app_release", Names: byName, UUIDs: byUUID, Within: "releases",

		Origin: Origin{List: Releases, Current: true},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "app", As: AppReference, Argument: true},
			{Name: "app_id", As: AppReference, Argument: true},
			{Name: "slug_id", As: Running, Live: "slug.id", Argument: true},
			{Name: "oci_image", As: Running, Live: "artifacts.[type=oci-image].id"},
			{Name: "description", If: IfNamed},
		},
		Import: "{app}",
	},
	{
		Mode: Managed, Type: "heroku_app_webhook", Since: "v2.2.0", Names: asConfigured, UUIDs: asConfigured, Within: "webhooks",

		Origin: Origin{List: Webhooks, Keys: []Key{{Attr: "id"}}, Alias: Key{Attr: "url"}},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "app_id", As: AppReference, Argument: true},
			{Name: "level", Argument: true},
			{Name: "url", Secret: true, Argument: true, Open: true}, // may hold a password, or be one
			{Name: "include", As: InOrder, Argument: true},
			{Name: "secret", As: WriteOnly, Secret: true},
			{Name: "authorization", As: WriteOnly, Secret: true},
		},
		Import: "{app}:{id}", ImportsUUID: true,
		Stray: &Stray{Label: "id"},
	},
	{
		Mode: Managed, Type: "heroku_build", Since: "v1.7.0", Names: byName, UUIDs: byUUID, Within: "builds",
		ListedMaps: []ListedMap{
			{Attr: "source", Keys: []string{"checksum", "path", "url", "version"}},
			{Attr: "user", Keys: []string{"email", "id"}},
		},

		Origin: Origin{List: Builds, Keys: []Key{{Attr: "id"}}},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "app", As: AppReference, Argument: true},
			{Name: "app_id", As: AppReference, Argument: true},
			{Name: "uuid", As: Known},
			{Name: "buildpacks", As: InOrder, Live: "buildpacks.[].url"},
			{Name: "stack"},
			{Name: "status"},
			{Name: "release_id", Live: "release.id", If: IfTold | IfSet},
			{Name: "slug_id", As: Running, From: Releases, Live: "slug.id"},
			{Name: "user.email"},
			{Name: "user.id"},
			{Name: "source.version", Live: "source_blob.version", If: IfTold},
			{Name: "source.checksum", Live: "source_blob.checksum", If: IfTold | IfNoPath},
			// A new signature of the same source is no other source.
			{Name: "source.url", As: Volatile, Secret: true},
			{Name: "source.path", As: Local},
			{Name: "local_checksum", As: Local},
			{Name: "output_stream_url", As: Volatile, Secret: true},
		},
		Import: "{app}:{id}",
	},
	{
		// v5.0.0 to v5.2.10 kept its "app", which takes a UUID as well.
		Mode: Managed, Type: "heroku_cert", Gone: "v5.2.11",
		Names: byName,
		UUIDs: Shape{Schema: schema0, Refs: []Ref{field(Either, "app")}},

		Origin: Origin{List: SSLEndpoints, Keys: []Key{{Attr: "id"}}, Alias: Key{Attr: "name"}},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "app", As: AppReference},
			{Name: "name"},
			{Name: "cname"},
			{Name: "certificate_chain", As: PEM},
			{Name: "private_key", As: WriteOnly, Secret: true},
		},
		Import: "{app}:{id}",
	},
	{
		Mode: Managed, Type: "heroku_collaborator", Since: "v3.1.0", Names: byName, UUIDs: byUUID, Within: "collaborators",

		Origin: Origin{List: Collaborators, Keys: []Key{{Attr: "id"}}, Alias: Key{Attr: "email", Live: "user.email", Fold: true}},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "app", As: AppReference, Argument: true},
			{Name: "app_id", As: AppReference, Argument: true},
			{Name: "email", Live: "user.email", Argument: true},
		},
		Import: "{app}:{user.email}",
		Stray:  &Stray{Label: "user.email", Unless: []string{"role=owner", "role=admin"}, Team: Personal},
	},
	{
		Mode: Managed, Type: "heroku_config", Since: "v1.9.0", Names: noApp, UUIDs: noApp,

		Attrs: []Attr{
			{Name: "id", As: Local},
			{Name: "vars", As: Local, Secret: true},
			{Name: "sensitive_vars", As: Local, Secret: true},
		},
	},
	{
		Mode: Managed, Type: "heroku_domain", Names: byName, UUIDs: byUUID, Within: "domains",

		Origin: Origin{List: Domains, Keys: []Key{{Attr: "id"}}, Alias: Key{Attr: "hostname"}},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "app", As: AppReference, Argument: true},
			{Name: "app_id", As: AppReference, Argument: true},
			{Name: "hostname", Argument: true},
			{Name: "cname"},
			{Name: "sni_endpoint_id", Live: "sni_endpoint.id", If: IfTold | IfNoACM, Argument: true},
		},
		Import: "{app}:{id}",
		Stray:  &Stray{Label: "hostname", Unless: []string{"kind=heroku"}},
	},
	{
		Mode: Managed, Type: "heroku_drain", Names: byName, UUIDs: byUUID, Within: "log-drains",

		Origin: Origin{List: LogDrains, Keys: []Key{{Attr: "id"}}, Alias: Key{Attr: "url"}},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "app", As: AppReference, Argument: true},
			{Name: "app_id", As: AppReference, Argument: true},
			{Name: "token", Secret: true},
			{Name: "url", Secret: true, If: IfSet},
			{Name: "sensitive_url", Live: "url", Secret: true, If: IfSet, Argument: true},
		},
		// Imported as sensitive, since the URL is.
		Import: "{app}:{id}:sensitive",
		Stray:  &Stray{Label: "id", Unless: []string{"addon"}},
	},
	{
		Mode: Managed, Type: "heroku_formation", Names: byName, UUIDs: byUUID, Within: "formation",

		Origin: Origin{List: Formation, Keys: []Key{{Attr: "id"}}, Alias: Key{Attr: "type"}},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "app", As: AppReference, Argument: true},
			{Name: "app_id", As: AppReference, Argument: true},
			{Name: "type", Argument: true},
			{Name: "quantity", Type: Int, Argument: true},
			{Name: "size", As: FoldCase, Argument: true},
		},
		Import: "{app}:{type}",
		Trace:  []string{"type"},
		Stray:  &Stray{Label: "type", Unless: []string{"quantity=0"}},
	},
	{
		Mode: Managed, Type: "heroku_pipeline", Names: noApp, UUIDs: noApp,

		// An import by name left the name as id up to v2.4.0.
		Origin: Origin{List: Pipelines, Keys: []Key{{Attr: "id"}, {Attr: "id", Live: "name"}}},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "name"},
			{Name: "owner.id"},
			{Name: "owner.type"},
		},
		Import: "{id}",
	},
	{
		Mode: Managed, Type: "heroku_pipeline_config_var", Since: "v2.3.0", Names: noApp, UUIDs: noApp,

		Origin: Origin{List: PipelineConfig, Steps: map[string][]string{"pipeline": {"pipeline_id"}, "stage": {"pipeline_stage"}}},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "pipeline_id", As: Known},
			{Name: "pipeline_stage", As: Known},
			{Name: "vars", As: ManagedKeys, Live: ".", Secret: true},
			{Name: "sensitive_vars", As: ManagedKeys, Live: ".", Secret: true},
			{Name: "all_vars", As: Snapshot, Secret: true},
		},
	},
	{
		Mode: Managed, Type: "heroku_pipeline_coupling",
		Names: Shape{Schema: schema0, Refs: []Ref{field(Name, "app"), field(UUID, "app_id")}},
		UUIDs: byUUID,

		// Another coupling of the same app has taken its place: an app has one.
		Origin: Origin{List: Couplings, Keys: []Key{{Attr: "id"}}, Alias: Key{Attr: "app_id", Live: "app.id"}},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "app", As: AppReference, Live: "app.id", Argument: true},
			{Name: "app_id", As: AppReference, Live: "app.id", Argument: true},
			{Name: "pipeline", Live: "pipeline.id", Argument: true},
			{Name: "stage", Argument: true},
		},
		Import: "{id}",
		Stray:  &Stray{Of: "app.id", Label: "stage"},
	},
	{
		Mode: Managed, Type: "heroku_pipeline_promotion", Since: "v5.3.0",
		UUIDs: Shape{Schema: schema0, Refs: []Ref{
			field(UUID, "source_app_id"),
			field(UUID, "targets", "*"),
			field(UUID, "promoted_release_ids", "*", "app_id"),
		}},

		Origin: Origin{List: Promotions, Steps: map[string][]string{"id": {"id"}}},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "pipeline", Live: "pipeline.id"},
			{Name: "source_app_id", Live: "source.app.id"},
			{Name: "status"},
			{Name: "created_at", As: Timestamp},
			{Name: "promoted_release_ids", As: InOrder, From: PromotionTargets, Live: "[?release].{app_id:app.id,release_id:release.id}"},
			{Name: "promoted_release_id", As: Snapshot}, // the first of those
			{Name: "release_id", As: WriteOnly},
			{Name: "targets", As: WriteOnly},
		},
	},
	{
		Mode: Managed, Type: "heroku_review_app_config", Since: "v4.2.0", Names: noApp, UUIDs: noApp,

		Origin: Origin{List: ReviewConfig, Steps: map[string][]string{"pipeline": {"pipeline_id", "id"}}},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "pipeline_id", As: Known},
			{Name: "org_repo", As: WriteOnly},
			{Name: "repo_id", Live: "repo.id", Type: Int},
			{Name: "automatic_review_apps", Type: Bool},
			{Name: "base_name"},
			{Name: "destroy_stale_apps", Type: Bool},
			{Name: "stale_days", Type: Int},
			{Name: "wait_for_ci", Type: Bool},
			{Name: "deploy_target.type"},
			{Name: "deploy_target.id", As: Region, From: Regions},
		},
	},
	{
		Mode: Managed, Type: "heroku_slug", Names: byName, UUIDs: byUUID,

		Origin: Origin{List: Slugs, Steps: map[string][]string{"id": {"id"}}},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "app", As: AppReference, Argument: true},
			{Name: "app_id", As: AppReference, Argument: true},
			{Name: "buildpack_provided_description"},
			{Name: "checksum"},
			{Name: "commit"},
			{Name: "commit_description"},
			{Name: "process_types", As: Mapping},
			{Name: "size", Type: Int},
			{Name: "stack", Live: "stack.name"},
			{Name: "stack_id", Live: "stack.id"},
			{Name: "blob", As: Volatile, Secret: true},
			{Name: "file_path", As: Local},
			{Name: "file_url", As: WriteOnly, Secret: true},
		},
		Import: "{app}:{id}",
	},
	{
		Mode: Managed, Type: "heroku_space", Names: noApp, UUIDs: noApp,

		Origin: Origin{List: Spaces, Keys: []Key{{Attr: "id"}, {Attr: "id", Live: "name"}}, Alias: Key{Attr: "name"}},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "name"},
			{Name: "organization", Live: "organization.name"},
			{Name: "region", Live: "region.name"},
			{Name: "shield", Type: Bool},
			{Name: "cidr", If: IfTold},
			{Name: "data_cidr", If: IfTold},
			{Name: "generation", As: Generation, Live: "generation.name", If: IfTold},
			{Name: "outbound_ips", As: AnyOrder, From: SpaceNAT, Live: "sources"},
			{Name: "trusted_ip_ranges", As: Set, From: SpaceRuleset, Live: "rules.[].source"},
		},
		Import: "{id}",
	},
	{
		Mode: Managed, Type: "heroku_space_app_access", Names: noApp, UUIDs: noApp,

		Origin: Origin{List: SpaceMembers, Keys: []Key{{Attr: "email", Live: "user.email", Fold: true}}, Steps: spaceStep},
		Attrs: []Attr{
			{Name: "id", As: Volatile}, // the user's, whom the email names
			{Name: "space", As: Known},
			{Name: "email", As: Known},
			{Name: "permissions", As: Set, Live: "permissions.[].name"},
		},
	},
	{
		Mode: Managed, Type: "heroku_space_inbound_ruleset", Names: noApp, UUIDs: noApp,

		Origin: Origin{List: SpaceRuleset, Steps: spaceStep},
		Attrs: []Attr{
			{Name: "id", As: Volatile}, // new with every set of rules
			{Name: "space", As: Known},
			{Name: "rule", As: Set, Live: "rules.[].{action,source}"},
		},
	},
	{
		Mode: Managed, Type: "heroku_space_peering_connection_accepter", Names: noApp, UUIDs: noApp,

		Origin: Origin{List: SpacePeerings, Keys: []Key{{Attr: "vpc_peering_connection_id", Live: "pcx_id"}}, Steps: spaceStep},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "space", As: Known},
			{Name: "vpc_peering_connection_id", As: Known},
			{Name: "status"},
			{Name: "type"},
		},
	},
	{
		Mode: Managed, Type: "heroku_space_vpn_connection", Names: noApp, UUIDs: noApp,

		Origin: Origin{List: SpaceVPNs, Keys: []Key{{Attr: "id", After: true}}, Alias: Key{Attr: "name"}, Steps: spaceStep},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "space", As: Known},
			{Name: "name"},
			{Name: "public_ip"},
			{Name: "routable_cidrs", As: Set},
			{Name: "space_cidr_block"},
			{Name: "ike_version", Type: Int},
			{Name: "tunnels", As: AnyOrder, Live: "tunnels.[].{ip,pre_shared_key}", Secret: true},
		},
	},
	{
		Mode: Managed, Type: "heroku_ssl", Since: "v4.5.0",
		Names: Shape{Schema: schema0, Refs: []Ref{field(UUID, "app_id")}},
		UUIDs: Shape{Schema: schema0, Refs: []Ref{field(UUID, "app_id")}},

		Origin: Origin{List: Certificates, Keys: []Key{{Attr: "id"}}, Alias: Key{Attr: "name"}},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "app_id", As: AppReference},
			{Name: "name"},
			{Name: "certificate_chain", As: PEM, If: IfTold},
			{Name: "private_key", As: WriteOnly, Secret: true},
		},
		Import: "{app}:{id}",
	},
	{
		Mode: Managed, Type: "heroku_team_collaborator", Names: byName, UUIDs: byUUID, Within: "collaborators",

		Origin: Origin{List: Collaborators, Keys: []Key{{Attr: "id"}}, Alias: Key{Attr: "email", Live: "user.email", Fold: true}},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "app", As: AppReference, Argument: true},
			{Name: "app_id", As: AppReference, Argument: true},
			{Name: "email", Live: "user.email", Argument: true},
			{Name: "permissions", As: Set, Live: "permissions.[].name", Argument: true},
		},
		Import: "{app}:{user.email}",
		Stray:  &Stray{Label: "user.email", Unless: []string{"role=owner", "role=admin"}, Team: OfTeams},
	},
	{
		Mode: Managed, Type: "heroku_team_member", Names: noApp, UUIDs: noApp,

		Origin: Origin{List: TeamMembers, Keys: []Key{{Attr: "email", Fold: true}}, Steps: map[string][]string{"team": {"team"}}},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "team", As: Known},
			{Name: "email"},
			{Name: "role"},
			{Name: "federated", Type: Bool},
		},
	},
	{
		Mode: Managed, Type: "heroku_telemetry_drain", Since: "v5.3.0",
		UUIDs: Shape{Schema: schema0, Refs: []Ref{{
			Path: []string{"owner_id"}, Holds: UUID,
			When: struct{ Attr, Value string }{"owner_type", "app"},
		}}},

		Origin: Origin{
			List:  AppTelemetry,
			Else:  Otherwise{Attr: "owner_type", Value: "space", List: SpaceTelemetry},
			Keys:  []Key{{Attr: "id"}},
			Steps: map[string][]string{"space": {"owner_id"}},
		},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "owner_id", As: Known},
			{Name: "owner_type", As: Known},
			{Name: "endpoint", Live: "exporter.endpoint", Secret: true}, // may hold a key
			{Name: "exporter_type", Live: "exporter.type"},
			{Name: "headers", As: Mapping, Live: "exporter.headers", Secret: true},
			{Name: "signals", As: Set},
			{Name: "created_at", As: Timestamp},
			{Name: "updated_at", As: Volatile},
		},
	},

	{
		Mode: Data, Type: "heroku_addon",
		Names: byName,
		UUIDs: Shape{Schema: schema0, Refs: []Ref{field(UUID, "app_id")}},

		Origin: Origin{List: Addons, Keys: []Key{{Attr: "id"}, {Attr: "name"}}},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "name"},
			{Name: "app", As: Snapshot},
			{Name: "app_id", As: Snapshot},
			{Name: "config_vars", As: Snapshot},
			{Name: "plan", As: Snapshot},
			{Name: "provider_id", As: Snapshot},
		},
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

		Origin: Origin{List: Apps, Alias: Key{Attr: "name"}},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "uuid", As: Known},
			{Name: "name", As: AppName},
			{Name: "acm", As: Snapshot},
			{Name: "buildpacks", As: Snapshot},
			{Name: "config_vars", As: Snapshot, Secret: true},
			{Name: "generation", As: Snapshot},
			{Name: "git_url", As: Snapshot},
			{Name: "heroku_hostname", As: Snapshot},
			{Name: "internal_routing", As: Snapshot},
			{Name: "last_release_id", As: Snapshot},
			{Name: "last_slug_id", As: Snapshot},
			{Name: "organization.locked", As: Snapshot},
			{Name: "organization.name", As: Snapshot},
			{Name: "organization.personal", As: Snapshot},
			{Name: "region", As: Snapshot},
			{Name: "space", As: Snapshot},
			{Name: "stack", As: Snapshot},
			{Name: "web_url", As: Snapshot},
		},
	},
	{
		Mode: Data, Type: "heroku_pipeline", Since: "v2.5.0", Names: noApp, UUIDs: noApp,

		Origin: Origin{List: Pipelines, Keys: []Key{{Attr: "id"}, {Attr: "name"}}},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "name"},
			{Name: "owner_id", As: Snapshot},
			{Name: "owner_type", As: Snapshot},
		},
	},
	{
		Mode: Data, Type: "heroku_space", Names: noApp, UUIDs: noApp,

		// Its id is the name that was asked for.
		Origin: Origin{List: Spaces, Keys: []Key{{Attr: "uuid", Live: "id"}, {Attr: "name"}, {Attr: "name", Live: "id"}}},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "uuid", As: Known},
			{Name: "name", As: Known},
			{Name: "cidr", As: Snapshot},
			{Name: "data_cidr", As: Snapshot},
			{Name: "generation", As: Snapshot},
			{Name: "organization", As: Snapshot},
			{Name: "outbound_ips", As: Snapshot},
			{Name: "region", As: Snapshot},
			{Name: "shield", As: Snapshot},
			{Name: "state", As: Snapshot},
			{Name: "trusted_ip_ranges", As: Snapshot},
		},
	},
	{
		Mode: Data, Type: "heroku_space_peering_info", Names: noApp, UUIDs: noApp,

		Origin: Origin{List: Spaces, Keys: []Key{{Attr: "name"}, {Attr: "name", Live: "id"}}},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "name", As: Known},
			{Name: "aws_account_id", As: Snapshot},
			{Name: "aws_region", As: Snapshot},
			{Name: "dyno_cidr_blocks", As: Snapshot},
			{Name: "unavailable_cidr_blocks", As: Snapshot},
			{Name: "vpc_cidr", As: Snapshot},
			{Name: "vpc_id", As: Snapshot},
		},
	},
	{
		Mode: Data, Type: "heroku_team", Since: "v1.9.0", Names: noApp, UUIDs: noApp,

		Origin: Origin{List: Teams, Keys: []Key{{Attr: "id"}, {Attr: "name"}}},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "name"},
			{Name: "default", As: Snapshot},
			{Name: "membership_limit", As: Snapshot},
			{Name: "provisioned_licenses", As: Snapshot},
			{Name: "type", As: Snapshot},
		},
	},
	{
		Mode: Data, Type: "heroku_team_members", Since: "v4.4.0", Names: noApp, UUIDs: noApp,

		Origin: Origin{List: Teams, Keys: []Key{{Attr: "team", Live: "name"}, {Attr: "team", Live: "id"}}},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "team", As: Known},
			{Name: "members", As: Snapshot},
			{Name: "roles", As: Snapshot},
		},
	},
}
