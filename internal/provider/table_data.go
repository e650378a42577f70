package provider

// dataSources are what configurations only read.
var dataSources = []Resource{
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
