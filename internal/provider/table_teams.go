package provider

// teamResources are teams and accounts.
var teamResources = []Resource{
	{
		Mode: Managed, Type: "heroku_account_feature", Since: "v1.6.0", Names: noApp, UUIDs: noApp,

		Origin: Origin{List: AccountFeatures, Keys: []Key{{Attr: "name"}}},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "name", As: Known},
			{Name: "description", Computed: true},
			{Name: "enabled", Type: Bool},
			{Name: "state", Computed: true},
		},
		Adopt: Adopt{Never: "it belongs to the account of the token"},
	},
	{
		Mode: Managed, Type: "heroku_team_member", Names: noApp, UUIDs: noApp,

		Origin: Origin{List: TeamMembers, Keys: []Key{{Attr: "email", Fold: true}}, Steps: map[string][]string{"team": {"team"}}},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "team", As: Known, Argument: true},
			{Name: "email", Argument: true},
			{Name: "role", Argument: true},
			{Name: "federated", Type: Bool, Optional: true},
		},
		ID:    "{team}:{email}",
		Adopt: Adopt{Name: "email", Import: "{team}:{email}", Label: "email", Detail: []string{"role"}, Unless: []Unless{{"role=admin", "admins of the team stay in it in any case"}, {"role=owner", "the owner of the team"}}},
	},
}
