// Package tfc sets the variables of an HCP Terraform (Terraform Cloud) or Terraform
// Enterprise workspace to what pipelines run. Runs that a version control system or
// the web interface starts never see the environment of a shell: what isn't a
// workspace's variable doesn't reach them.
//
//	opts, err := tfc.FromEnv(os.Getenv)
//	...
//	result, err := tfc.Push(ctx, opts, "acme/production", slugs)
//
// Variables that [Push] has made carry a mark in their description. It changes and
// removes no others. It uses four requests of HCP Terraform's API, and none of its
// client library, which is larger than the rest of such a program.
package tfc
