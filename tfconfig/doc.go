// Package tfconfig reads a Terraform configuration and answers questions about
// it without running Terraform: which variables the root module declares, and
// which heroku_app_release each slug variable reaches.
//
// # Reading
//
// [Load] reads the root module of a directory and every child module that is
// called by a local path, in native and in JSON syntax, with override files,
// terraform.tfvars and the other variable files. Modules from elsewhere (a
// registry, a git address) aren't followed; [Config.Unfollowed] names them.
// Nothing is evaluated: no function runs, no provider is asked, no file
// outside the configuration is opened.
//
// # Slug variables
//
// [Config.CheckVariables] compares the variables that a tool resolved with
// the ones the root module declares, and follows each to the
// heroku_app_release resources it reaches.
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
