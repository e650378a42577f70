// Command herokutf works on Heroku apps that Terraform manages. It passes the
// slugs that their pipelines run to Terraform, reports what has drifted from the
// state, and repairs the state after an app was renamed.
//
//	herokutf slugs -- terraform apply     run a command with the slugs as variables
//	herokutf drift                        compare the state with Heroku
//	herokutf rename                       repair the state after apps were renamed
//	herokutf undo                         restore the state from a backup
//	herokutf recover                      finish a write that was interrupted
//	herokutf deploy                       resolve slugs, check for drift, plan, apply
//	herokutf fake                         be a Heroku in memory, for tests and rehearsals
//
// "herokutf help VERB" prints the help of a verb, with flags, exit codes and
// examples.
package main

import (
	"context"
	"os"
	"runtime/debug"

	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
)

func main() {
	// A run is short and holds little but the state, before and after: to
	// collect garbage meanwhile takes a fifth of its time and frees nothing
	// worth it.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	ui.Main(run)
}

func run(ctx context.Context, std ui.IO, args []string) int {
	e := newEnv(std, args)
	return e.finish(e.execute(ctx, newRootCmd(e), args))
}
