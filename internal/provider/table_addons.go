package provider

// addonResources are what is connected to an app: add-ons, drains and webhooks.
var addonResources = []Resource{
	{
		Mode: Managed, Type: "heroku_addon",
		Names: Shape{Schema: []int{0, 1, 2}, Refs: []Ref{field(Name, "app")}},
		UUIDs: Shape{Schema: []int{3}, Refs: []Ref{field(UUID, "app_id")}},

		Addons:        []string{"id"},
		Irreplaceable: true,

		// An import by name leaves the name as id.
		Origin: Origin{List: Addons, Keys: []Key{{Attr: "id"}, {Attr: "id", Live: "name"}}, Alias: Key{Attr: "name"}},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "app", As: AppReference, Live: "app.id", Argument: true},
			{Name: "app_id", As: AppReference, Live: "app.id", Argument: true},
			{Name: "plan", As: Plan, Live: "plan.name", Argument: true},
			{Name: "name", Computed: true},
			{Name: "provider_id", Computed: true},
			{Name: "config_vars", As: AnyOrder, Computed: true},
			{Name: "config_var_values", As: Snapshot, From: ConfigVars, Live: ".", Named: "config_vars", Secret: true, Marked: true},
			{Name: "config", As: WriteOnly, Secret: true},
		},
		Import:    "{id}",
		Trace:     []string{"name", "plan"},
		Unmanaged: &Unmanaged{Of: "app.id", Label: "name"},
		Adopt:     Adopt{Name: "plan.name", Detail: []string{"plan.name"}},
	},
	{
		// Its argument was called app_id when it still held a name.
		Mode: Managed, Type: "heroku_addon_attachment",
		Names: Shape{Schema: schema01, Refs: []Ref{field(Name, "app_id")}},
		UUIDs: Shape{Schema: schema1, Refs: []Ref{field(UUID, "app_id")}},

		Addons: []string{"addon_id"},

		Origin: Origin{List: Attachments, Keys: []Key{{Attr: "id"}}, Alias: Key{Attr: "name"}},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "app_id", As: AppReference, Live: "app.id", Argument: true},
			{Name: "addon_id", Live: "addon.id", Argument: true},
			{Name: "name", Argument: true, Computed: true},
			{Name: "namespace", Blank: true, Computed: true},
		},
		Import:    "{id}",
		Trace:     []string{"name"},
		Unmanaged: &Unmanaged{Of: "app.id", Label: "name"},
		Adopt:     Adopt{Name: "name", Detail: []string{"addon.name"}},
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
			{Name: "secret", As: WriteOnly, Secret: true, Marked: true},
			{Name: "authorization", As: WriteOnly, Secret: true, Marked: true},
		},
		Import: "{app}:{id}", ImportsUUID: true,
		Unmanaged: &Unmanaged{Label: "id"},
		Adopt:     Adopt{Detail: []string{"level", "include"}},
	},
	{
		Mode: Managed, Type: "heroku_drain", Names: byName, UUIDs: byUUID, Within: "log-drains",

		Origin: Origin{List: LogDrains, Keys: []Key{{Attr: "id"}}, Alias: Key{Attr: "url"}},
		Attrs: []Attr{
			{Name: "id", As: Known},
			{Name: "app", As: AppReference, Argument: true},
			{Name: "app_id", As: AppReference, Argument: true},
			{Name: "token", Secret: true, Computed: true},
			{Name: "url", Secret: true, If: IfSet, Unused: true},
			{Name: "sensitive_url", Live: "url", Secret: true, If: IfSet, Argument: true, Marked: true},
		},
		// Imported as sensitive, since the URL is.
		Import:    "{app}:{id}:sensitive",
		Unmanaged: &Unmanaged{Label: "id", Unless: []string{"addon"}},
		Adopt:     Adopt{Unless: []Unless{{"addon", "an add-on has made the drain and removes it"}}},
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
			{Name: "owner_id", As: Known, Live: "owner.id", Argument: true},
			{Name: "owner_type", As: Known, Live: "owner.type", Argument: true},
			{Name: "endpoint", Live: "exporter.endpoint", Secret: true, Argument: true}, // may hold a key
			{Name: "exporter_type", Live: "exporter.type", Argument: true},
			{Name: "headers", As: Mapping, Live: "exporter.headers", Secret: true, Argument: true},
			{Name: "signals", As: Set, Argument: true},
			{Name: "created_at", As: Timestamp, Computed: true},
			{Name: "updated_at", As: Volatile, Type: Time},
		},
		Unmanaged: &Unmanaged{Label: "id", Fir: true},
		Adopt:     Adopt{Detail: []string{"exporter.type", "signals"}},
	},
}
