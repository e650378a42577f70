package main

import (
	"context"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestConflicts: flags that don't go together are refused by name, and each of them is
// taken without the other.
func TestConflicts(t *testing.T) {
	verbs := map[string]func(*env) *cobra.Command{
		"drift":   func(e *env) *cobra.Command { return newDriftCmd(e, nothing[driftOptions]) },
		"rename":  func(e *env) *cobra.Command { return newRenameCmd(e, nothing[renameOptions]) },
		"undo":    func(e *env) *cobra.Command { return newUndoCmd(e, nothing[undoOptions]) },
		"recover": func(e *env) *cobra.Command { return newRecoverCmd(e, nothing[recoverOptions]) },
		"slugs":   func(e *env) *cobra.Command { return newSlugsCmd(e, nothing[slugsOptions]) },
		"deploy":  func(e *env) *cobra.Command { return newDeployCmd(e, nothing[deployOptions]) },
		"adopt":   func(e *env) *cobra.Command { return newAdoptCmd(e, nothing[adoptOptions]) },
	}
	const (
		accept = "go with --accept"
		again  = "--report goes without"
		config = "--config goes with --state"
	)
	for _, tt := range []struct{ args, want string }{ // want: part of the error; "" if it is taken
		{"drift", ""},
		{"drift --dry-run", accept}, {"drift --address a", accept}, {"drift --lock-timeout 1s", accept}, {"drift --write-config", accept}, {"drift --partial", accept},
		{"drift --accept --dry-run --address a --lock-timeout 1s --write-config --partial", ""},
		{"drift --accept --partial", "--partial goes with --write-config"},
		{"drift --accept --verbose", "without --verbose"}, {"drift --verbose", ""},
		{"drift --accept --format json", ""}, {"drift --accept --format html", "prints text or json"},
		{"drift --accept a", ""}, {"drift --accept a b", "one state at a time"}, {"drift a b", ""},
		{"drift --accept --unmanaged", "without --unmanaged"}, {"drift --accept --import x.tf", "without --unmanaged and --import"},
		{"drift --folders a", ""}, {"drift --folders a --chdir b", "without --chdir"}, {"drift --folders a --state b", "without --state"},
		{"drift --folders a --config b", "without --config"}, {"drift --chdir b", ""}, {"drift --state s --config b", ""},
		{"drift --config b", config}, {"drift --config b --state s --chdir d", config},
		{"drift - -", "one standard input"}, {"drift - a", ""},
		{"drift --show-secrets", ""}, {"drift --show-secrets --format json", "--format text alone"},
		{"drift --verbose --format json", "--verbose goes with"},
		{"drift --markdown-limit 9", "--markdown-limit goes with"}, {"drift --markdown-limit 9 --format markdown", ""},
		{"drift --import -", ""}, {"drift --import - --format json", "--format goes without it"}, {"drift --import x --format json", ""},
		{"drift --report r", ""}, {"drift --report r --chdir d --format html", ""}, {"drift --report r a", again}, {"drift --report r --folders a", again}, {"drift --report r --accept", again},
		{"drift --report r --import x", again}, {"drift --report r --write-baseline b", again}, {"drift --report r --next-apply", again}, {"drift --report r --unmanaged", again},
		{"drift --report r --blame", again}, {"drift --report r --only app", again}, {"drift --report r --ignore i", again}, {"drift --report r --show-var X", again}, {"drift --report r --show-secrets", again},
		{"drift --next-apply --accept", "--next-apply goes without"}, {"drift --next-apply", ""}, {"drift --next-apply a", ""}, {"drift --next-apply --plan-check require", ""},
		{"drift --next-apply --plan-check require a", "goes without --state"}, {"drift --plan-check require a", ""},
		{"drift --baseline-expires 9d", "goes with --write-baseline"}, {"drift --baseline-expires 9d --write-baseline b", ""}, {"drift --write-baseline b --accept", "without --accept"},
		{"drift --write-baseline -", "needs a file"}, {"drift --write-baseline b.json", "doesn't end in .json"}, {"drift --write-baseline b --baseline-expires 2001-01-01", "is past"},

		{"rename", ""}, {"rename a=b", ""}, {"rename a", "a rename is OLD=NEW"},
		{"rename --app-id a=1", ""}, {"rename --app-id a", "NAME=UUID"}, {"rename --app-id =1", "NAME=UUID"}, {"rename --app-id a=", "NAME=UUID"},
		{"rename --offline", "--offline needs OLD=NEW"}, {"rename --offline a=b", ""}, {"rename --offline --to-ids", ""},
		{"rename --offline aaaa=b --app-id aaab=1", `did you mean "aaaa"?`}, {"rename --offline a=b --app-id a=1", ""}, {"rename --offline --to-ids a=b --app-id c=1", ""}, {"rename a=b --app-id c=1", ""},
		{"rename --config d", config}, {"rename --config d --state s", ""}, {"rename --config d --state s --chdir c", config},
		{"rename --plan-check require", ""}, {"rename --state s --plan-check require", "without --state"}, {"rename --state s --plan-check off", ""},

		{"undo", ""}, {"undo b", ""}, {"undo b c", "unexpected argument"}, {"undo --state -", "not standard input"}, {"undo --list", ""}, {"undo --list --dry-run", "--list goes without"}, {"undo --list b", "--list goes without"},
		{"undo --dry-run b", ""}, {"undo --force", "--force goes with"}, {"undo --force b", ""}, {"undo --plan-check require", ""}, {"undo --state s --plan-check require", "without --state"},

		{"recover", ""}, {"recover s", ""}, {"recover -", "not standard input"}, {"recover --state s t", "unexpected argument"}, {"recover --state s", ""}, {"recover s t", "unexpected argument"},

		{"slugs", ""}, {"slugs --", "no command behind --"}, {"slugs -- x", ""}, {"slugs --format json -- x", "don't go with a command"}, {"slugs -o f -- x", "don't go with a command"},
		{"slugs --diff f -- x", "--diff and --to don't go"}, {"slugs --to tfc --workspace a/b -- x", "--diff and --to don't go"},
		{"slugs --format text", "is for --diff"}, {"slugs --format markdown", "is for --diff"}, {"slugs --diff f", ""}, {"slugs --diff f --format markdown", ""}, {"slugs --diff f --format json", ""},
		{"slugs --diff f --format dotenv", "--diff prints text, json or markdown, not dotenv"}, {"slugs --to x --workspace a/b", "it is tfc"}, {"slugs --to tfc", "name the workspace"}, {"slugs --to tfc --workspace a/b", ""},
		{"slugs --workspace a/b", "goes with --to tfc"}, {"slugs --to tfc --workspace a/b --format json", "--to prints nothing"}, {"slugs --to tfc --workspace a/b -o f", "--to prints nothing"},
		{"slugs --to tfc --workspace a/b --diff f", "--to prints nothing"}, {"slugs --app a", "STAGE=NAME"}, {"slugs --app =a", "STAGE=NAME"}, {"slugs --app a=", "STAGE=NAME"}, {"slugs --app a=b", ""},
		{"slugs --offline", "--offline takes pins"}, {"slugs --offline --locked f", ""}, {"slugs --locked f --wait 1m", "go without it"}, {"slugs --locked f --latest-succeeded", "go without it"}, {"slugs --wait 1m --latest-succeeded", ""},

		{"deploy", ""}, {"deploy --drift off", ""}, {"deploy --drift off --ignore f", "--ignore has nothing to do"}, {"deploy --drift warn --ignore f", ""}, {"deploy --plan-only --auto-approve", "--auto-approve goes without it"},
		{"deploy --plan-only", ""}, {"deploy --auto-approve", ""}, {"deploy --out f", "--out keeps the plan of --plan-only"}, {"deploy --out f --plan-only", ""}, {"deploy -- -out=f", "can't be among"}, {"deploy -- --out", "can't be among"},
		{"deploy -- -detailed-exitcode", "can't be among"}, {"deploy -- -target=out", ""}, {"deploy -- out", ""}, {"deploy x", "arguments for the plan go behind --"}, {"deploy --var x", "NAME=VALUE"}, {"deploy --var =x", "NAME=VALUE"},
		{"deploy --var x=", ""}, {"deploy --var-file x", ""}, {"deploy --app a", "STAGE=NAME"}, {"deploy --offline", "--offline takes pins"},

		{"adopt", "nothing is chosen"}, {"adopt --all", ""}, {"adopt --app a", ""}, {"adopt --pipeline a", ""}, {"adopt --team a", ""}, {"adopt --space a", ""}, {"adopt --all s", ""},
		{"adopt --release a", ""}, {"adopt --release a --all", "goes by itself"}, {"adopt --release a --app a", "goes by itself"}, {"adopt --release a --write-state", "goes by itself"}, {"adopt --release a s", "goes by itself"}, {"adopt --release a --state s", "goes by itself"},
		{"adopt --release a --format html", "has no HTML"}, {"adopt --all --format html", ""}, {"adopt --all --no-config-vars --config-association", "exclude each other"}, {"adopt --all --no-config-vars", ""},
		{"adopt --all --config-association", ""}, {"adopt --all --out x.tf", ""}, {"adopt --all --out d/x.tf", "name of a .tf file"}, {"adopt --all --out x.json", "name of a .tf file"},
	} {
		words := strings.Fields(tt.args)
		e, _, _ := testEnv(t)
		cmd := verbs[words[0]](e)
		cmd.SetArgs(words[1:])
		cmd.SilenceErrors, cmd.SilenceUsage = true, true
		switch err := cmd.ExecuteContext(t.Context()); {
		case tt.want == "" && err != nil:
			t.Errorf("%s: %v", tt.args, err)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%s: %v, want %q", tt.args, err, tt.want)
		}
	}
}

// nothing stands for a verb whose flags are to be checked alone.
func nothing[O any](context.Context, *O) error { return nil }
