package provider

// appDerived are the attributes of an app that follow from its name.
var appDerived = []Derived{
	{Attr: "git_url", From: GitURL},
	{Attr: "web_url", From: WebURL},
	{Attr: "heroku_hostname", From: Hostname},
}

// appResources are apps, how they are set up and run, and who may work on them.
var appResources = []Resource{
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
			{Name: "space", Live: "space.name", Place: "space"},
			{Name: "generation", As: Generation, Live: "generation.name", If: IfLive},
			{Name: "organization.name", Live: "team.name", Place: "team"},
			{Name: "organization.locked", From: TeamApps, Live: "locked", Type: Bool, If: IfTeam},
			{Name: "organization.personal", As: WriteOnly},
			{Name: "buildpacks", As: InOrder, From: Buildpacks, Live: "[].buildpack.name", If: IfInstallations | IfKept},
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
		Import:    "{app}:{id}",
		Unmanaged: &Unmanaged{Label: "name", Unless: []string{"enabled=false"}},
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
		Import:    "{app}:{user.email}",
		Unmanaged: &Unmanaged{Label: "user.email", Unless: []string{"role=owner", "role=admin"}, Team: Personal},
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
			{Name: "sni_endpoint_id", Live: "sni_endpoint.id", If: IfLive | IfNoACM, Argument: true},
		},
		Import:    "{app}:{id}",
		Unmanaged: &Unmanaged{Label: "hostname", Unless: []string{"kind=heroku"}},
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
		Import:    "{app}:{type}",
		Trace:     []string{"type"},
		Unmanaged: &Unmanaged{Label: "type", Unless: []string{"quantity=0"}},
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
			{Name: "certificate_chain", As: PEM, If: IfLive},
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
		Import:    "{app}:{user.email}",
		Unmanaged: &Unmanaged{Label: "user.email", Unless: []string{"role=owner", "role=admin"}, Team: OfTeams},
	},
}
