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
			{Name: "name", Argument: true},
			{Name: "organization", Live: "organization.name", Argument: true},
			{Name: "region", Live: "region.name", Argument: true},
			{Name: "shield", Type: Bool, Optional: true},
			{Name: "cidr", If: IfLive},
			{Name: "data_cidr", If: IfLive},
			{Name: "generation", As: Generation, Live: "generation.name", If: IfLive, Optional: true, Default: "cedar"},
			{Name: "outbound_ips", As: AnyOrder, From: SpaceNAT, Live: "sources", If: IfSet, Computed: true},
			{Name: "trusted_ip_ranges", As: Set, From: SpaceRuleset, Live: "rules.[].source", Elsewhere: "heroku_space_inbound_ruleset", Gone: "v4.3.0"},
		},
		Import: "{id}",
		Adopt:  Adopt{Detail: []string{"organization.name", "region.name"}},
	},
	{
		Mode: Managed, Type: "heroku_space_app_access", Names: noApp, UUIDs: noApp,

		Origin: Origin{List: SpaceMembers, Keys: []Key{{Attr: "email", Live: "user.email", Fold: true}}, Steps: spaceStep},
		Attrs: []Attr{
			{Name: "id", As: Volatile}, // the user's, whom the email names
			{Name: "space", As: Known, Argument: true},
			{Name: "email", As: Known, Live: "user.email", Argument: true},
			{Name: "permissions", As: Set, Live: "permissions.[].name", Argument: true},
		},
		ID:    "{user.id}",
		Adopt: Adopt{Name: "user.email", Import: "{space}:{user.email}", Detail: []string{"permissions.[].name"}, Unless: []Unless{{"!permissions", "the access comes from the team"}}},
	},
	{
		Mode: Managed, Type: "heroku_space_inbound_ruleset", Names: noApp, UUIDs: noApp,

		Origin: Origin{List: SpaceRuleset, Steps: spaceStep},
		Attrs: []Attr{
			{Name: "id", As: Volatile}, // new with every set of rules
			{Name: "space", As: Known, Argument: true},
			{Name: "rule", As: Set, Live: "rules.[].{action,source}", Argument: true, Blocks: true},
		},
		Adopt: Adopt{Detail: []string{"rules.[].source"}},
	},
	{
		Mode: Managed, Type: "heroku_space_peering_connection_accepter", Names: noApp, UUIDs: noApp,

		Origin: Origin{List: SpacePeerings, Keys: []Key{{Attr: "vpc_peering_connection_id", Live: "pcx_id"}}, Steps: spaceStep},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "space", As: Known, Argument: true},
			{Name: "vpc_peering_connection_id", As: Known, Live: "pcx_id", Argument: true},
			{Name: "status", Computed: true},
			{Name: "type", Computed: true},
		},
		ID:    "{pcx_id}",
		Adopt: Adopt{Import: "{space}:{pcx_id}", Label: "pcx_id", Detail: []string{"status"}},
	},
	{
		Mode: Managed, Type: "heroku_space_vpn_connection", Names: noApp, UUIDs: noApp,

		Origin: Origin{List: SpaceVPNs, Keys: []Key{{Attr: "id", After: true}}, Alias: Key{Attr: "name"}, Steps: spaceStep},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "space", As: Known, Argument: true},
			{Name: "name", Argument: true},
			{Name: "public_ip", Argument: true},
			{Name: "routable_cidrs", As: Set, Argument: true},
			{Name: "space_cidr_block", Computed: true},
			{Name: "ike_version", Type: Int, Computed: true},
			{Name: "tunnels", As: AnyOrder, Live: "tunnels.[].{ip,pre_shared_key}", Secret: true, Blocks: true, Computed: true},
		},
		ID:    "{space}:{id}",
		Adopt: Adopt{Name: "name", Import: "{space}:{id}", Label: "name", Timeouts: true},
	},
}
