package provider

// teamResources are teams and accounts.
var teamResources = []Resource{
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
}
