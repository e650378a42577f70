package leaktest

// A Secret is an attribute whose values nobody may see.
type Secret struct {
	Mode, Type string // "managed" or "data", and such as "heroku_app"
	Attr       string // a dot leads into a block
	// Schema marks what the provider's schema has as sensitive as well; Terraform
	// prints the others.
	Schema bool
}

// Secrets returns what is secret of all that the Heroku provider keeps in states. The
// list is written by hand from the provider's schemas and the Platform API's reference,
// and made from nothing: a protection that goes from a table, or from a page or a golden
// file that is made from one, doesn't go from here. Tests hold the table of resource
// types and every format of a report against it. What is added to the table is added
// here by hand; what is taken out here is shown to everybody.
func Secrets() []Secret {
	const managed, data = "managed", "data"
	return []Secret{
		{managed, "heroku_addon", "config_var_values", true},
		{managed, "heroku_addon", "config", false}, // what an add-on is made with, such as a license
		{managed, "heroku_app", "config_vars", false},
		{managed, "heroku_app", "sensitive_config_vars", true},
		{managed, "heroku_app", "all_config_vars", true},
		{managed, "heroku_app_config_association", "vars", false},
		{managed, "heroku_app_config_association", "sensitive_vars", true},
		{managed, "heroku_app_webhook", "url", false}, // with a password, or being one
		{managed, "heroku_app_webhook", "secret", true},
		{managed, "heroku_app_webhook", "authorization", true},
		{managed, "heroku_build", "source.url", false}, // signed
		{managed, "heroku_build", "output_stream_url", false},
		{managed, "heroku_cert", "private_key", false},
		{managed, "heroku_config", "vars", false},
		{managed, "heroku_config", "sensitive_vars", true},
		{managed, "heroku_drain", "url", false}, // with a password
		{managed, "heroku_drain", "sensitive_url", true},
		{managed, "heroku_drain", "token", false},
		{managed, "heroku_pipeline_config_var", "vars", false},
		{managed, "heroku_pipeline_config_var", "sensitive_vars", true},
		{managed, "heroku_pipeline_config_var", "all_vars", true},
		{managed, "heroku_slug", "blob", false},                    // signed
		{managed, "heroku_slug", "file_url", false},                // signed
		{managed, "heroku_space_vpn_connection", "tunnels", false}, // with the keys
		{managed, "heroku_ssl", "private_key", true},
		{managed, "heroku_telemetry_drain", "endpoint", false}, // with a key, as a rule
		{managed, "heroku_telemetry_drain", "headers", false},
		{data, "heroku_app", "config_vars", false},
	}
}
