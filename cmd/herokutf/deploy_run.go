package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
	"github.com/herokutf/herokutf/internal/printable"
	"github.com/herokutf/herokutf/terraform"
)

// run plans, judges and applies. An exit code other than 0 is Terraform's.
func (d *deployment) run(ctx context.Context) error {
	// TMPDIR may be relative, and Terraform would start from -chdir.
	parent, err := filepath.Abs(os.TempDir())
	// Of its own, and "" until it is made: it is removed with all that is in it.
	var tmp string
	if err == nil {
		// The plan holds secrets in clear: it stays in a folder that only this
		// user can read, and no longer than it is needed.
		tmp, err = os.MkdirTemp(parent, "herokutf-deploy-")
	}
	if err != nil {
		return fmt.Errorf("make a folder for the plan: %w", err)
	}
	defer func() {
		// However the run has ended, and whatever it says.
		if err := os.RemoveAll(tmp); err != nil {
			d.printer.Warn(fmt.Sprintf("the plan, which holds secrets in clear, is still there: %v", err))
		}
	}()
	file := filepath.Join(tmp, "plan")
	plan, err := d.plan(ctx, file)
	if err != nil {
		return err
	}
	if err := d.judge(plan.Plan); err != nil {
		return err
	}
	switch {
	case d.planOnly:
		d.summary.Result = resultPlanned
		return d.keep(file)
	case !plan.changes():
		d.summary.Result = resultUnchanged
		d.printer.Say("there is nothing to apply")
		return nil
	}
	if err := d.approve(ctx); err != nil {
		return err
	}
	d.summary.Result = resultApplied
	return d.exec(ctx, d.log(), slices.Concat([]string{"apply", "-input=false"}, d.lockArgs(), d.tofuVars(), []string{file})...)
}

// plan has Terraform make a plan, and reads it. What it would release is reported.
func (d *deployment) plan(ctx context.Context, file string) (*shownPlan, error) {
	// TF_CLI_ARGS_plan could ask for exit codes that look like a failure.
	args := []string{"plan", "-input=false", "-detailed-exitcode=false", "-out=" + file}
	if err := d.exec(ctx, d.log(), slices.Concat(args, d.lockArgs(), varArgs(d.vars), d.planArgs)...); err != nil {
		if _, failed := errors.AsType[exitCode](err); failed && len(d.drifted()) > 0 {
			d.printer.Say("Heroku has drifted from the state, which may be why there is no plan: " + d.self("drift") + " says how to settle it")
		}
		return nil, err
	}
	var out bytes.Buffer
	if err := d.exec(ctx, &out, slices.Concat([]string{"show", "-json"}, d.tofuVars(), []string{file})...); err != nil {
		return nil, err
	}
	parsed, err := herokutf.ParsePlan(fmt.Sprintf("that %s printed", printable.Path(d.terraform+" show -json")), out.Bytes())
	if err != nil {
		return nil, err
	}
	var more struct {
		Applyable *bool `json:"applyable"`
	}
	if err := json.Unmarshal(out.Bytes(), &more); err != nil {
		return nil, err
	}
	plan := &shownPlan{parsed, more.Applyable}
	return plan, d.sumUp(ctx, plan)
}

// A shownPlan is a plan and what terraform-json doesn't read of it.
type shownPlan struct {
	*tfjson.Plan
	// applyable is Terraform's own word on whether there is anything to apply,
	// from 1.9 on; nil before.
	applyable *bool
}

// changes reports whether there is anything to apply.
func (p *shownPlan) changes() bool {
	if p.applyable != nil {
		return *p.applyable
	}
	for _, rc := range p.ResourceChanges {
		if rc != nil && rc.Change != nil && (!rc.Change.Actions.NoOp() || rc.PreviousAddress != "" || rc.Change.Importing != nil) {
			return true
		}
	}
	for _, out := range p.OutputChanges {
		if out != nil && !out.Actions.NoOp() {
			return true
		}
	}
	return false
}

func (d *deployment) lockArgs() []string {
	if d.lockTimeout == 0 {
		return nil
	}
	return []string{"-lock-timeout=" + d.lockTimeout.String()}
}

// varArgs spells variables as Terraform's arguments.
func varArgs(vars []terraform.Var) []string {
	var args []string
	for _, v := range vars {
		if v.File != "" {
			args = append(args, "-var-file="+v.File)
		} else {
			args = append(args, "-var="+v.Value)
		}
	}
	return args
}

// tofuVars are the variables that OpenTofu wants at every command, for backends and
// keys that depend on them. Terraform takes them at a plan alone.
func (d *deployment) tofuVars() []string {
	if !strings.Contains(filepath.Base(d.terraform), "tofu") {
		return nil
	}
	return varArgs(d.vars)
}

// keep copies a plan to the file of --out, which only this user can read, and says
// how to apply it.
func (d *deployment) keep(file string) error {
	if d.out == "" {
		return nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("keep the plan: %w", err)
	}
	path := d.inDir(d.out)
	// CreateTemp's mode is 0600, whatever a file of that name had.
	f, err := os.CreateTemp(filepath.Dir(path), ".herokutf-plan-")
	if err != nil {
		return fmt.Errorf("keep the plan: %w", err)
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("keep the plan: %w", err), os.Remove(f.Name()))
	}
	d.summary.Plan.File = path
	words := append(append([]string{d.terraform}, d.chdir()...), "apply", d.out)
	for i, word := range words {
		if flag, dir, ok := strings.Cut(word, "-chdir="); ok && flag == "" {
			words[i] = "-chdir=" + shellQuote(dir)
		} else {
			words[i] = shellQuote(word)
		}
	}
	d.printer.Say(fmt.Sprintf("the plan is in %s, with secrets in clear; once it is approved, apply it: %s", ui.Printable(path), ui.Printable(strings.Join(words, " "))))
	return nil
}

// approve waits for a yes at the terminal, where there is one.
func (d *deployment) approve(ctx context.Context) error {
	if d.approved {
		return nil
	}
	if !d.Interactive() {
		return refuse(gateApproval, ui.Advise(errors.New("nothing was applied: there is no terminal to ask at"),
			"--auto-approve applies without asking; --plan-only --out FILE keeps the plan to apply it later"))
	}
	d.printer.Print("Apply this plan? Only yes is taken for one: ")
	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(io.LimitReader(d.Stdin, 100)).ReadString('\n')
		answer <- strings.TrimSpace(line)
	}()
	select {
	case said := <-answer:
		if said == "yes" {
			return nil
		}
	case <-ctx.Done():
		return ctx.Err()
	}
	return refuse(gateApproval, ui.Advise(errors.New("nothing was applied: nobody has said yes to the plan"),
		"--auto-approve applies without asking, where nobody can answer; --plan-only doesn't apply"))
}

// log is where to what Terraform prints for people goes.
func (d *deployment) log() io.Writer {
	if d.format == formatJSON {
		return d.Stderr
	}
	return d.Stdout
}

// chdir has Terraform work in the folder with the configuration. It changes there
// itself, so that path.cwd is what it is without this command.
func (d *deployment) chdir() []string {
	if filepath.Clean(d.dir) == "." {
		return nil
	}
	return []string{"-chdir=" + d.dir}
}

// exec runs Terraform with its output to stdout. An exit code other than 0 is
// the error.
func (d *deployment) exec(ctx context.Context, stdout io.Writer, args ...string) error {
	std := d.IO
	std.Stdout = stdout
	status, err := ui.Run(ctx, std, ui.Child{Args: slices.Concat([]string{d.terraform}, d.chdir(), args), Environ: d.environ, OwnGroup: true})
	if err != nil {
		return err
	}
	return code(status)
}
