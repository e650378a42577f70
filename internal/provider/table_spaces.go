package provider

// spaceStep is where the state has the space that an object belongs to.
var spaceStep = map[string][]string{"space": {"space"}}

// spaceResources are Private Spaces, their networks and who may use them.
var spaceResources = []Resource{
	{
		Mode: Managed, Type: "heroku_space", Names: noApp, UUIDs: noApp,

		Origin: Origin{List: Spaces, Keys: []Key{{Attr: "id"}, {Attr: "id", Live: "name"}}, Alias: Key{Attr: "name"}},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "name"},
			{Name: "organization", Live: "organization.name"},
			{Name: "region", Live: "region.name"},
			{Name: "shield", Type: Bool},
			{Name: "cidr", If: IfLive},
			{Name: "data_cidr", If: IfLive},
			{Name: "generation", As: Generation, Live: "generation.name", If: IfLive},
			{Name: "outbound_ips", As: AnyOrder, From: SpaceNAT, Live: "sources", If: IfSet},
			{Name: "trusted_ip_ranges", As: Set, From: SpaceRuleset, Live: "rules.[].source", Elsewhere: "heroku_space_inbound_ruleset"},
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
}
