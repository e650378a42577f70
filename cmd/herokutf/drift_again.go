package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
	"github.com/herokutf/herokutf/report"
)

// bindAgain binds what prints a report that an earlier run made.
func (o *driftOptions) bindAgain(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.again, "report", "", "print the report in `FILE`, which --format json wrote, in another format; nothing is compared, and no token is needed (- is standard input)")
	completeFiles(cmd, "report", "json")
}

func (o *driftOptions) checkAgain() error {
	switch {
	case o.again == "":
		return nil
	case len(o.states) > 0 || len(o.folders) > 0:
		return errors.New("--report goes without a STATE and --folders: it prints what was compared")
	case o.accept.accept || o.importFile != "" || o.baseline.file != "" || o.next:
		return errors.New("--report goes without --accept, --import, --write-baseline and --next-apply: a report that was read back can only be printed")
	case o.scope.unmanaged || o.scope.blame || len(o.scope.only) > 0 || len(o.scope.ignore) > 0 || len(o.look.showVars) > 0:
		return errors.New("--report goes without --unmanaged, --blame, --only, --ignore and --show-var: give them to the run that compares")
	case o.look.showSecrets:
		return errors.New("--report goes without --show-secrets: the file has fingerprints in place of secrets")
	}
	if o.again != "-" {
		o.again = o.inDir(o.again)
	}
	return nil
}

// printAgain prints a report that an earlier run made, and ends as that run did.
func (o *driftOptions) printAgain() error {
	data, err := o.readReport()
	if err != nil {
		return fmt.Errorf("read the report: %w", err)
	}
	found, err := report.ReadJSON(bytes.NewReader(data))
	if err != nil {
		return ui.Advise(fmt.Errorf("%s: %w", o.again, err), "herokutf drift --format json writes such a file")
	}
	// Where the configurations are: each state of several folders is named by its folder.
	dirs := make(map[string]string)
	for _, object := range found.Objects {
		if dirs[object.State] != "" {
			continue
		}
		dirs[object.State] = cmp.Or(o.dir, ".")
		if object.State != "" && isHome(o.inDir(object.State)) {
			dirs[object.State] = o.inDir(object.State)
		}
	}
	if err := o.deliver(found, report.Options{Place: o.placer(dirs)}); err != nil {
		return err
	}
	return ending(found)
}

func (o *driftOptions) readReport() ([]byte, error) {
	if o.again == "-" {
		return io.ReadAll(o.Stdin)
	}
	return os.ReadFile(o.again)
}

// ending is the exit code that a report gives a run.
func ending(found *herokutf.DriftReport) error {
	switch {
	case found.Drifted():
		return exitCode(exitDrift)
	case found.Count(herokutf.Undetermined) > 0:
		return exitCode(exitIncomplete)
	}
	return nil
}
