package provider

// appDerived are the attributes of an app that follow from its name.
var appDerived = []Derived{
	{Attr: "git_url", From: GitURL},
	{Attr: "web_url", From: WebURL},
	{Attr: "heroku_hostname", From: Hostname},
}

// leaders are those whose access comes from what they are.
var leaders = []Unless{
	{"role=owner", "the owner has access in any case"},
	{"role=admin", "admins of the team have access in any case"},
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
			{Name: "uuid", As: Known, Live: "id"},
			{Name: "name", As: AppName, Argument: true},
			{Name: "git_url", As: AppName, Computed: true},
			{Name: "web_url", As: AppName, Blank: true, Computed: true},
			{Name: "heroku_hostname", As: Host, Computed: true},
			{Name: "region", Live: "region.name", Argument: true},
			{Name: "stack", Live: "build_stack.name", Optional: true, Computed: true},
			{Name: "acm", Type: Bool, Optional: true, Computed: true},
			{Name: "internal_routing", Type: Bool, Optional: true, Computed: true},
			{Name: "space", Live: "space.name", Place: "space", Optional: true},
			{Name: "generation", As: Generation, Live: "generation.name", If: IfLive, Computed: true},
			{Name: "organization.name", Live: "team.name", Place: "team", Optional: true},
			{Name: "organization.locked", From: TeamApps, Live: "locked", Type: Bool, If: IfTeam, Optional: true, Computed: true},
			{Name: "organization.personal", As: WriteOnly, Type: Bool},
			{Name: "buildpacks", As: InOrder, From: Buildpacks, Live: "[].buildpack.name", If: IfInstallations | IfKept, Optional: true, Computed: true},
			{Name: "config_vars", As: ManagedKeys, From: ConfigVars, Live: ".", Secret: true, Computed: true},
			{Name: "sensitive_config_vars", As: ManagedKeys, From: ConfigVars, Live: ".", Secret: true, Marked: true, Computed: true},
			{Name: "all_config_vars", As: Snapshot, From: ConfigVars, Live: ".", Secret: true, Marked: true},
		},
		Import: "{id}",
		Adopt:  Adopt{Detail: []string{"team.name", "space.name", "region.name", "build_stack.name"}},
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
			{Name: "app_id", As: AppReference, Argument: true},
			{Name: "vars", As: ManagedKeys, From: ConfigVars, Live: ".", Secret: true},
			{Name: "sensitive_vars", As: ManagedKeys, From: ConfigVars, Live: ".", Secret: true, Marked: true},
		},
		ID: "config:{app}",
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
			{Name: "enabled", Type: Bool, Argument: true, Default: "true"},
		},
		Import:    "{app}:{id}",
		ID:        "{app}:{id}",
		Unmanaged: &Unmanaged{Label: "name", Unless: []string{"enabled=false"}},
		Adopt:     Adopt{Name: "name", Unless: []Unless{{"enabled=false", ""}}},
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
			{Name: "name", Computed: true},
			{Name: "cname", Computed: true},
			{Name: "certificate_chain", As: PEM},
			{Name: "private_key", As: WriteOnly, Secret: true},
		},
		Import: "{app}:{id}",
		Adopt:  Adopt{Never: "Heroku has shut SSL Endpoint down"},
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
		Adopt:     Adopt{Name: "user.email", Unless: leaders, Detail: []string{"role"}},
	},
	{
		Mode: Managed, Type: "heroku_config", Since: "v1.9.0", Names: noApp, UUIDs: noApp,

		Attrs: []Attr{
			{Name: "id", As: Local},
			{Name: "vars", As: Local, Secret: true},
			{Name: "sensitive_vars", As: Local, Secret: true, Marked: true},
		},
		Adopt: Adopt{Never: "it exists in states alone"},
	},
	{
		Mode: Managed, Type: "heroku_domain", Names: byName, UUIDs: byUUID, Within: "domains",

		Origin: Origin{List: Domains, Keys: []Key{{Attr: "id"}}, Alias: Key{Attr: "hostname"}},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "app", As: AppReference, Argument: true},
			{Name: "app_id", As: AppReference, Argument: true},
			{Name: "hostname", Argument: true},
			{Name: "cname", Blank: true, Computed: true},
			{Name: "sni_endpoint_id", Live: "sni_endpoint.id", If: IfLive | IfNoACM, Argument: true},
		},
		Import:    "{app}:{id}",
		Unmanaged: &Unmanaged{Label: "hostname", Unless: []string{"kind=heroku"}},
		Adopt:     Adopt{Name: "hostname", Unless: []Unless{{"kind=heroku", "the app's own domain comes and goes with its name"}}},
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
		Adopt:     Adopt{Name: "type", Detail: []string{"quantity", "size"}, Unless: []Unless{{"quantity=0", "no dynos run"}}},
	},
	{
		Mode: Managed, Type: "heroku_ssl", Since: "v4.5.0",
		Names: Shape{Schema: schema0, Refs: []Ref{field(UUID, "app_id")}},
		UUIDs: Shape{Schema: schema0, Refs: []Ref{field(UUID, "app_id")}},

		Origin: Origin{List: Certificates, Keys: []Key{{Attr: "id"}}, Alias: Key{Attr: "name"}},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "app_id", As: AppReference, Argument: true},
			{Name: "name", Computed: true},
			{Name: "certificate_chain", As: PEM, If: IfLive, Argument: true},
			{Name: "private_key", As: WriteOnly, Secret: true, Marked: true},
		},
		Import: "{app}:{id}",
		Adopt:  Adopt{NoACM: "Heroku renews the certificate by itself", Label: "name", Unless: []Unless{{"!certificate_chain", "it has no certificate yet"}}},
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
		Adopt: Adopt{Name: "user.email", Detail: []string{"role", "permissions.[].name"}, Unless: append(leaders[:len(leaders):len(leaders)],
			Unless{"!permissions", "the access comes from the team"})},
	},
}
