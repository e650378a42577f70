// Package terraform works in a configuration's folder: it finds out which state is
// meant, wherever the backend keeps it, makes a plan of a state that nobody else sees
// yet, and writes that state so that nothing of anybody's is lost. It runs terraform or
// tofu, and knows nothing of any provider.
//
// # Which state
//
// [Open] reads what terraform init has left in a folder, and says in [Folder.Location]
// which state terraform would work on there: a file, or a workspace in a backend.
//
//	f, err := terraform.Open("production", terraform.Options{})
//	...
//	fmt.Println(f.Location()) // the state of workspace "default" in backend "pg"
//
// # Writing
//
// [Folder.Update] is [statefile.Update] for a state that may be anywhere. It takes the
// same edit, and before anything is written a plan of the outcome is made, on which the
// caller has the last word:
//
//	result, err := f.Update(ctx, terraform.UpdateOptions{
//		Judge: func(plan *tfjson.Plan) error { return herokutf.CheckPlan(plan) },
//	}, func(state *statefile.File) (*statefile.File, error) {
//		return state.Apply(edits(state)...)
//	})
//
// The old state is saved first, and [Folder.Undo] goes back to it.
//
// # What runs
//
// terraform runs in a process group of its own, without standard input, and is
// interrupted once when the context ends. What it prints goes nowhere but to
// [Options.Output], and errors have its summaries, without secrets. Arguments in TF_CLI_ARGS are left out, but for those that set
// variables and how a plan refreshes; nothing is ever pushed with -force or without a
// lock.
//
// # Limits
//
// A backend without locks can't keep an apply that is under way from overwriting what
// was pushed; [Folder.Update] watches for that for a while only. On Windows,
// where links need a permission, the folder that plans are made in may be a copy.
package terraform
