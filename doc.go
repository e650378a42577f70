// Package herokutf helps teams that build slugs with Heroku Pipelines and run
// their apps with Terraform. It answers questions that neither Heroku nor
// Terraform answers.
//
// # Which slugs do my pipelines run?
//
// [PipelinesFromEnv] reads pipelines from environment variables and
// [ResolveSlugs] finds what the apps of each stage run, with two requests a
// pipeline. [Slugs] are written as Terraform variables for a shell, a file, a
// CI job or a child process:
//
//	pipelines, err := herokutf.PipelinesFromEnv(os.Environ(), "")
//	...
//	slugs, err := herokutf.ResolveSlugs(ctx, client, pipelines, herokutf.SlugOptions{})
//	...
//	cmd.Env = slugs.Environ(os.Environ()) // TF_VAR_api_slug_production=...
//
// # How do I get my state back after an app was renamed?
//
// With versions of the Heroku provider up to 4, an app's name is its identity
// in the state. After a rename Terraform fails, or plans to create a second app
// and to replace the database. [FindRenames] finds renames by the apps' UUIDs,
// and [RepairRename] plans and makes the edits that the state needs, and no
// other; [UpgradeAppIDs] converts the state to the form of provider 5, in which
// a rename no longer hurts. The state is locked, backed up and written by
// package statefile:
//
//	_, err := statefile.Update(ctx, "terraform.tfstate", statefile.UpdateOptions{},
//		func(f *statefile.File) (*statefile.File, error) {
//			renames, err := herokutf.FindRenames(ctx, client, f)
//			if err != nil {
//				return nil, err
//			}
//			repair, err := herokutf.RepairRename(f, renames...)
//			if err != nil {
//				return nil, err
//			}
//			return repair.Apply()
//		})
//
// # Does this plan lose an app?
//
// [CheckPlan] reads a plan and refuses it when it destroys or replaces a Heroku
// app or add-on. [Slugs.CheckPlan] refuses one that was made with other slugs
// than were resolved.
//
// # Limits
//
// States of version 3 (Terraform 0.7 to 0.11) and 4 are read and edited; older
// and encrypted ones are refused with advice. Remote states go through
// "terraform state pull" and "terraform state push". The live API decides what
// it lets a token see: an app that answers 404 may be deleted or merely
// invisible, and the errors say when the two can't be told apart.
//
// # Secrets
//
// Neither tokens nor the values of config vars are ever part of an error, an
// event or a report.
package herokutf
