package terraform_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/terraform"
	"github.com/herokutf/herokutf/tfconfig"
)

const (
	exampleConfig = `terraform {
  backend "pg" {}
}
resource "terraform_data" "a" {
  input = "one"
}
`
	exampleRecord = `{"version":3,"backend":{"type":"pg","config":{},"hash":1}}`
	exampleState  = `{
  "version": 4,
  "serial": 7,
  "lineage": "5c0d0f2c-1111-4222-8333-444455556666",
  "resources": [
    {"mode": "managed", "type": "terraform_data", "name": "a", "provider": "provider[\"terraform.io/builtin/terraform\"]",
      "instances": [{"schema_version": 0, "attributes": {"input": "one"}}]}
  ]
}
`
)

// newFolder makes a folder that terraform init was run in, for Examples without a
// terraform: the options lead to a program that stands in for it, with a backend of its
// own.
func newFolder() (dir string, options terraform.Options, remove func()) {
	top, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	if top, err = filepath.EvalSymlinks(top); err != nil {
		log.Fatal(err)
	}
	dir = filepath.Join(top, "production")
	for name, text := range map[string]string{
		"production/main.tf":                      exampleConfig,
		"production/.terraform/terraform.tfstate": exampleRecord,
		"backend/remote.tfstate":                  exampleState,
	} {
		path := filepath.Join(top, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			log.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			log.Fatal(err)
		}
	}
	program, err := os.Executable()
	if err != nil {
		log.Fatal(err)
	}
	options = terraform.Options{Terraform: program, Environ: append(os.Environ(), "HEROKUTF_STANDIN_DIR="+filepath.Join(top, "backend"), "GORACE=atexit_sleep_ms=0")}
	return dir, options, func() { os.RemoveAll(top) }
}

// setInput puts another name into the state, in place of "one".
func setInput(name string) func(*statefile.File) (*statefile.File, error) {
	return func(state *statefile.File) (*statefile.File, error) {
		var edits []statefile.Edit
		for instance := range state.Instances() {
			for _, value := range instance.Scalars() {
				if value.Text() == "one" {
					edits = append(edits, statefile.ReplaceString(value, name))
				}
			}
		}
		return state.Apply(edits...)
	}
}

// printPlan prints what a plan does.
func printPlan(plan *tfjson.Plan) {
	for _, change := range plan.ResourceChanges {
		fmt.Println(change.Address, change.Change.Actions)
	}
}

func ExampleOpen() {
	dir, options, remove := newFolder()
	defer remove()

	f, err := terraform.Open(dir, options)
	if err != nil {
		log.Fatal(err)
	}
	where := f.Location()
	fmt.Println(where)
	fmt.Println("a file here:", where.Local(), "- locks:", where.Locks)
	// Output:
	// the state of workspace "default" in backend "pg"
	// a file here: false - locks: locked
}

// A folder whose backend nobody has initialized on this machine.
func ExampleOpen_uninitialized() {
	dir, options, remove := newFolder()
	defer remove()
	if err := os.RemoveAll(filepath.Join(dir, ".terraform")); err != nil {
		log.Fatal(err)
	}

	_, err := terraform.Open(dir, options)
	fmt.Println(errors.Is(err, terraform.ErrUninitialized))
	if e, ok := errors.AsType[*terraform.FolderError](err); ok {
		fmt.Println(e.Err)
	}
	// Output:
	// true
	// folder isn't initialized, and its configuration has backend "pg" in main.tf
}

func ExampleFolder_Version() {
	dir, options, remove := newFolder()
	defer remove()
	f, err := terraform.Open(dir, options)
	if err != nil {
		log.Fatal(err)
	}

	version, err := f.Version(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(version)
	// Output: Terraform v1.11.4
}

func ExampleFolder_Pull() {
	dir, options, remove := newFolder()
	defer remove()
	f, err := terraform.Open(dir, options)
	if err != nil {
		log.Fatal(err)
	}

	state, err := f.Pull(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	for instance := range state.Instances() {
		fmt.Println("serial", state.Serial(), instance.Address())
	}
	// Output: serial 7 terraform_data.a
}

// A state and a file of the configuration are changed together: what would Terraform
// plan, if both were written?
func ExampleFolder_Plan() {
	dir, options, remove := newFolder()
	defer remove()
	f, err := terraform.Open(dir, options)
	if err != nil {
		log.Fatal(err)
	}
	state, err := f.Pull(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	if state, err = setInput("two")(state); err != nil {
		log.Fatal(err)
	}

	plan, err := f.Plan(context.Background(), state, nil)
	if err != nil {
		log.Fatal(err)
	}
	printPlan(plan)
	config := tfconfig.FileEdit{Path: filepath.Join(dir, "main.tf"), New: []byte(`resource "terraform_data" "a" { input = "two" }`)}
	if plan, err = f.Plan(context.Background(), state, []tfconfig.FileEdit{config}); err != nil {
		log.Fatal(err)
	}
	printPlan(plan)
	// Output:
	// terraform_data.a [update]
	// terraform_data.a [no-op]
}

// The caller refuses a plan, and nothing is written.
func ExampleFolder_Update() {
	dir, options, remove := newFolder()
	defer remove()
	f, err := terraform.Open(dir, options)
	if err != nil {
		log.Fatal(err)
	}

	refuse := func(plan *tfjson.Plan) error {
		for _, change := range plan.ResourceChanges {
			if !change.Change.Actions.NoOp() {
				return fmt.Errorf("%s would be changed: %v", change.Address, change.Change.Actions)
			}
		}
		return nil
	}
	_, err = f.Update(context.Background(), terraform.UpdateOptions{Judge: refuse}, setInput("two"))
	fmt.Println(err)

	// With the configuration that goes with it, there is nothing left to do.
	config := tfconfig.FileEdit{Path: filepath.Join(dir, "main.tf"), New: []byte(`resource "terraform_data" "a" { input = "two" }`)}
	result, err := f.Update(context.Background(), terraform.UpdateOptions{
		Judge: refuse,
		Files: func() []tfconfig.FileEdit { return []tfconfig.FileEdit{config} },
	}, setInput("two"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("changed:", result.Changed, "- serial", result.OldSerial, "->", result.NewSerial)
	// Output:
	// terraform_data.a would be changed: [update]
	// changed: true - serial 7 -> 9
}

func ExampleFolder_Undo() {
	dir, options, remove := newFolder()
	defer remove()
	f, err := terraform.Open(dir, options)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := f.Update(context.Background(), terraform.UpdateOptions{Plan: terraform.PlanOff}, setInput("two")); err != nil {
		log.Fatal(err)
	}

	backups, err := f.Backups("")
	if err != nil {
		log.Fatal(err)
	}
	for _, backup := range backups {
		fmt.Println("serial", backup.Serial, "was followed by", backup.Next)
	}
	result, err := f.Undo(context.Background(), "", terraform.UpdateOptions{})
	if err != nil {
		log.Fatal(err)
	}
	printPlan(result.Plan)
	fmt.Println("back to serial", result.RestoredSerial, "as", result.NewSerial)
	// Output:
	// serial 7 was followed by 9
	// terraform_data.a [no-op]
	// back to serial 7 as 11
}

// A state that others have written since isn't overwritten.
func ExampleFolder_Push() {
	dir, options, remove := newFolder()
	defer remove()
	f, err := terraform.Open(dir, options)
	if err != nil {
		log.Fatal(err)
	}
	old, err := statefile.Parse("old.tfstate", []byte(exampleState))
	if err != nil {
		log.Fatal(err)
	}

	err = f.Push(context.Background(), old)
	if e, ok := errors.AsType[*terraform.CommandError](err); ok {
		fmt.Println(e.Command, e.Code, e.Diagnostics)
	}
	// Output: terraform state push 1 [Failed to write state: cannot import state with serial 7 over newer state with serial 7]
}

// A plan that is judged before it is applied.
func ExampleFolder_Run() {
	dir, options, remove := newFolder()
	defer remove()
	options.Vars = []terraform.Var{{Value: "region=eu"}}
	f, err := terraform.Open(dir, options)
	if err != nil {
		log.Fatal(err)
	}
	// The stand-in has no backend in common with Terraform's plan.
	if err := os.WriteFile(filepath.Join(dir, "terraform.tfstate"), []byte(exampleState), 0o600); err != nil {
		log.Fatal(err)
	}

	file := filepath.Join(dir, ".terraform", "plan")
	code, err := f.Run(context.Background(), terraform.Command{Args: []string{"plan", "-input=false", "-out=" + file}})
	if err != nil || code != 0 {
		log.Fatal(code, err)
	}
	plan, err := f.ReadPlan(context.Background(), file)
	if err != nil {
		log.Fatal(err)
	}
	printPlan(plan)
	// Output: terraform_data.a [no-op]
}
