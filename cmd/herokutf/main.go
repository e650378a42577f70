// Command herokutf works on Heroku apps that Terraform manages: which slugs
// their pipelines run, what has drifted from the state, and how the state gets
// right again after an app was renamed.
//
//	herokutf slugs -- terraform apply     run a command with the slugs as variables
//	herokutf drift                        compare the state with Heroku
//	herokutf rename                       repair the state after apps were renamed
//	herokutf undo                         put the state of before back
//	herokutf deploy                       slugs, drift, plan, judge, apply
//
// "herokutf help VERB" says more.
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
