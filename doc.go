// Package herokutf helps teams that run their apps on Heroku with Terraform. It
// answers questions that neither Heroku nor Terraform answers: which slugs do
// my pipelines run, what has drifted, how do I get my state back after an
// app was renamed, and how do apps that were made by hand come under Terraform.
//
// # Which slugs do my pipelines run?
//
// [PipelinesFromEnv] reads pipelines from environment variables and
// [ResolveSlugs] finds what the apps of each stage run, with one request a
// pipeline and one for all. [Slugs] are written as Terraform variables for a shell, a file, a
// CI job or a child process:
//
//	pipelines, err := herokutf.PipelinesFromEnv(os.Environ(), "")
//	...
//	slugs, err := herokutf.ResolveSlugs(ctx, client, pipelines, herokutf.SlugOptions{})
//	...
//	cmd.Env = slugs.Environ(os.Environ()) // TF_VAR_api_slug_production=...
//
// [Slugs.Lock] keeps them as pins in a file, and with the pins that [ReadLock] reads
// in SlugOptions.Locked a later run has the very same.
//
// # What has drifted?
//
// [DetectDrift] compares a state with Heroku, attribute by attribute, without
// Terraform, its provider or a lock. Each object of the state gets a [Verdict]:
// in sync, changed, missing, renamed or replaced; where that is asked for, what no
// state manages is reported as unmanaged. An app that runs another slug than
// Terraform has released is changed, which Terraform itself doesn't see. What
// couldn't be read is undetermined: no drift seen isn't the same as none.
//
//	f, err := statefile.ReadFile("terraform.tfstate")
//	...
//	drift, err := herokutf.DetectDrift(ctx, client, f, herokutf.DriftOptions{Unmanaged: true})
//	...
//	err = report.Write(os.Stdout, drift, report.Text, report.Options{})
//	...
//	if drift.Drifted() {
//
// Lists that serve many objects are read in place of single ones: one request
// for all apps, one for all add-ons, and then one list an app and kind.
// [DetectDriftIn] compares several states, which share them. [ignore.Parse]
// reads rules for drift that is not to be reported. [DriftReport.Accept] writes
// what Heroku says into the state and, with [DriftOptions.Config], into the
// configuration; [DriftReport.WriteImports] writes the import blocks for what is
// unmanaged. [Slugs.Explains] says which drift is no
// more than a release that the next apply makes.
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
// # How do apps that were made by hand come under Terraform?
//
// [Adopt] reads what apps, pipelines, teams and Private Spaces have and no state
// manages, and returns the configuration for it and the instances for the state, so
// that the next plan has no changes, config vars included:
//
//	adoption, err := herokutf.Adopt(ctx, client, state, herokutf.AdoptOptions{Apps: []string{"shop-eu"}, Config: config})
//	...
//	for _, f := range adoption.Files { // write them first
//	...
//	_, err = statefile.Update(ctx, "terraform.tfstate", statefile.UpdateOptions{}, adoption.Apply)
//
// What Heroku and add-ons make by themselves is left out, with the reason;
// report.Inventory writes all of it as a page.
//
// # Does this plan destroy an app?
//
// [ParsePlan] reads what "terraform show -json PLANFILE" prints. [CheckPlan]
// refuses a plan that does anything to a Heroku app or add-on that isn't known to be
// harmless, [CheckPlanStrict] one that destroys or replaces anything,
// [CheckPlanSettled] one that creates a Heroku object as well, which the plan of a
// repaired state doesn't, and [Slugs.CheckPlan] one that was made with other slugs than
// were resolved.
//
// # How is Heroku reached?
//
// Package platform has the client, a [platform.Client]: credentials as the
// Terraform provider finds them, pages, repetitions, the account's request
// budget. herokutest stands in for Heroku in tests.
//
//	client, err := platform.FromEnv(os.Getenv, platform.Options{})
//
// # Errors
//
// What a caller can act on is a sentinel, for [errors.Is]. It comes with a
// [*SlugError], a [*RenameError] or a [*PlanError], which has the data and, in
// Hint, what to do next. A function that finds several faults reports them
// all, joined.
//
// # Limits
//
// States of version 3 (Terraform 0.7 to 0.11) and 4 are read and edited; older
// and encrypted ones are refused with advice. Package terraform reads and writes
// remote ones. The live API decides what it lets a token see: an app that answers
// 404 may be deleted or merely invisible, and errors and reports say when it may be
// either.
//
// Drift is what differs between the state and Heroku. What differs between the
// configuration and the state is Terraform's to say. Values that Heroku never
// shows again, such as the private key of a certificate or the secret of a
// webhook, can't be compared; docs/resource-types.md lists them. What changes on
// Heroku while a comparison runs may be seen in part.
//
// The resource types and attributes known are those of the heroku/heroku
// provider 1.4.0 to 5.3.2. A type or attribute that isn't known is undetermined,
// never in sync.
//
// # Secrets
//
// Neither tokens nor the values of config vars are ever part of an error, an
// event or a report. In a drift report fingerprints stand for secret values:
// they say whether two values of one place are the same, and with a key of the
// caller's own ([DriftOptions]) they do so across reports. Which attributes are
// secret is decided here and not by the marks in the state, which most states
// lack. Only [github.com/herokutf/herokutf/report.Options] with ShowSecrets shows
// them, in text alone. Config vars that are no secrets can be named in
// [DriftOptions], and are shown in clear. Backups, the states that are returned and
// Service of a [platform.Client] hold what the user's own files and Heroku hold.
package herokutf
