// Package tfconfig reads a Terraform configuration and answers five questions
// about it without running Terraform: what must change in the files when a
// Heroku app was renamed, what when attributes have other values, which
// heroku_app_release each slug variable reaches, which changes of which
// resources Terraform is told to ignore, and which provider and addresses there
// are ([Config.Provider], [Config.Declared]).
//
// # Reading
//
// [Load] reads the root module of a directory, every child module that is
// called by a local path, and those from elsewhere (a registry, a git address)
// that init has installed, in native and in JSON syntax, with override files,
// terraform.tfvars and the other variable files. For OpenTofu ([Options]) it
// reads .tofu files, in the place of the .tf file of the same name. Modules
// that aren't installed aren't followed; [Config.Unfollowed] names them.
// Nothing is evaluated: no function runs, no provider is asked, no file
// outside the configuration is opened.
//
// # Renames
//
//	c, err := tfconfig.Load("infra")
//	...
//	rename := tfconfig.AppRename{Address: `heroku_app.web["eu"]`, Old: "acme-web", New: "acme-web-eu"}
//	for _, p := range c.RenamePlaces(rename) {
//		fmt.Println(p) // infra/main.tf:3:13: name of heroku_app.web: "acme-web"
//	}
//	edits, err := c.EditRename(rename)
//	...
//	err = tfconfig.Apply(edits)
//
// [Config.RenamePlaces] follows the app's name from the name argument through
// variables, locals, module arguments, for_each maps and the functions that
// hand a value on unchanged (coalesce, lookup, merge, element, try and their
// like) to the literals it may come from. [Config.EditRename] changes those
// literals, and only where the whole literal is the old name and everything
// that literal feeds is this app: its name, a child's app or app_id, a data
// source, an output. All other bytes stay as they are.
//
// Where the name is the key of for_each, or of a module with for_each, the
// addresses in the state change with it. [Config.RenameWithState] knows them
// and edits keys as well, with what reads by them, and adds the moved blocks;
// [Moves] says from the state alone that there are any.
//
// # Values
//
// [Config.SetValues] does the same for any attribute: it follows each argument
// to the one place that its value comes from, and edits that, if all that the
// place feeds changes alike. Keys of maps, elements of lists, arguments and
// blocks come and go; comments, heredocs and the form of terraform fmt stay.
// What a condition or another expression decides is returned with its place
// and the reason. Secrets change in variable files only. Resources whose objects
// are gone are taken out, where nothing that stays refers to them. [FileEdit.Patch]
// shows an edit, with what may be secret masked.
//
// # Slug variables
//
// [Config.CheckVariables] compares the variables that a tool resolved with
// the ones the root module declares, and follows each to the
// heroku_app_release resources it reaches.
//
// # Ignored changes
//
// [Config.IgnoreChanges] collects the ignore_changes arguments of all managed
// resources, as paths that Terraform keeps as they are; what Terraform accepts
// without any effect isn't among them.
//
// # Limits
//
// The tracing is static. What a function computes (format, join, lower), a
// template ("${var.env}-api") or a condition decides is listed with the
// variables it is made of, never guessed. Values set by TF_VAR_ variables of
// the environment or by -var aren't in the files, so they aren't seen. A file
// is at most 4 MiB, all files together 64 MiB, and brackets nest at most 500
// levels deep.
package tfconfig
