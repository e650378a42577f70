package statefile_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/herokutf/herokutf/statefile"
)

const fileText = `{
  "version": 4,
  "terraform_version": "1.11.4",
  "serial": 7,
  "lineage": "5c0d0f2c-1111-4222-8333-444455556666",
  "outputs": {
    "app": {
      "value": "old-name",
      "type": "string"
    }
  },
  "resources": []
}
`

// newState writes the state into a new folder and returns its path.
func newState() (path string, remove func()) {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	path = filepath.Join(dir, "terraform.tfstate")
	if err := os.WriteFile(path, []byte(fileText), 0o600); err != nil {
		log.Fatal(err)
	}
	return path, func() { os.RemoveAll(dir) }
}

// rename sets all outputs that hold the old name.
func rename(f *statefile.File) (*statefile.File, error) {
	var edits []statefile.Edit
	for output := range f.Outputs() {
		if output.Value.Text() == "old-name" {
			edits = append(edits, statefile.ReplaceString(output.Value, "new-name"))
		}
	}
	return f.Apply(edits...)
}

func show(path string) {
	f, err := statefile.ReadFile(path)
	if err != nil {
		log.Fatal(err)
	}
	for output := range f.Outputs() {
		fmt.Printf("serial %s: %s\n", f.Serial(), output.Value.Text())
	}
}

func ExampleUpdate() {
	path, remove := newState()
	defer remove()

	opts := statefile.UpdateOptions{
		LockTimeout: 30 * time.Second, // for a terraform apply to end
		Operation:   "rename",
	}
	result, err := statefile.Update(context.Background(), path, opts, rename)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.Changed, result.OldSerial, result.NewSerial)
	show(path)

	// There is nothing left to rename, so nothing is written.
	result, err = statefile.Update(context.Background(), path, opts, rename)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.Changed, result.OldSerial, result.NewSerial)
	// Output:
	// true 7 8
	// serial 8: new-name
	// false 8 8
}

func ExampleUndo() {
	path, remove := newState()
	defer remove()
	ctx := context.Background()

	if _, err := statefile.Update(ctx, path, statefile.UpdateOptions{}, rename); err != nil {
		log.Fatal(err)
	}
	show(path)
	for range 2 { // the second one undoes the first
		if _, err := statefile.Undo(ctx, path, "", statefile.UpdateOptions{}); err != nil {
			log.Fatal(err)
		}
		show(path)
	}
	// Output:
	// serial 8: new-name
	// serial 9: old-name
	// serial 10: new-name
}

func ExamplePlanUndo() {
	path, remove := newState()
	defer remove()
	ctx := context.Background()

	if _, err := statefile.Update(ctx, path, statefile.UpdateOptions{}, rename); err != nil {
		log.Fatal(err)
	}
	plan, err := statefile.PlanUndo(path, "", statefile.UpdateOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("put back serial", plan.RestoredSerial, "as", plan.NewSerial)
	show(path)
	// Output:
	// put back serial 7 as 9
	// serial 8: new-name
}

func ExampleRecover() {
	path, remove := newState()
	defer remove()
	ctx := context.Background()

	statefile.InterruptForExample(path, rename)

	_, err := statefile.Update(ctx, path, statefile.UpdateOptions{}, rename)
	fmt.Println(errors.Is(err, statefile.ErrInterrupted))

	recovery, err := statefile.Recover(ctx, path, statefile.UpdateOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(recovery.Found.Condition, "->", recovery.Outcome)
	show(path)
	// Output:
	// true
	// torn -> finished new
	// serial 8: new-name
}

func ExamplePending() {
	path, remove := newState()
	defer remove()

	statefile.InterruptForExample(path, rename)

	interrupted, err := statefile.Pending(path)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(interrupted.Condition, interrupted.OldSerial, interrupted.NewSerial)
	fmt.Println(filepath.Base(interrupted.Backup))
	fmt.Println(filepath.Base(interrupted.Copy))
	// Output:
	// torn 7 8
	// terraform.tfstate.herokutf-20260102T150405Z-serial7.backup
	// terraform.tfstate.herokutf-new
}

func ExampleBackups() {
	path, remove := newState()
	defer remove()

	opts := statefile.UpdateOptions{Now: func() time.Time { return time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC) }}
	if _, err := statefile.Update(context.Background(), path, opts, rename); err != nil {
		log.Fatal(err)
	}
	backups, err := statefile.Backups(path)
	if err != nil {
		log.Fatal(err)
	}
	for _, b := range backups {
		fmt.Println(b.Serial, b.Time.Format(time.DateTime), filepath.Base(b.Path))
	}
	// Output:
	// 7 2026-03-04 05:06:07 terraform.tfstate.herokutf-20260304T050607Z-serial7.backup
}

// A run that edits the configuration along with the state leaves word of it for an undo.
func ExampleNoteEdited() {
	path, remove := newState()
	defer remove()

	result, err := statefile.Update(context.Background(), path, statefile.UpdateOptions{}, rename)
	if err != nil {
		log.Fatal(err)
	}
	if err := statefile.NoteEdited(result.Backup, filepath.Join(filepath.Dir(path), "main.tf")); err != nil {
		log.Fatal(err)
	}
	files, err := statefile.Edited(result.Backup)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("edited with it:", filepath.Base(files[0]))
	// Output: edited with it: main.tf
}

// A backup of a state that was written alone has no note.
func ExampleEdited() {
	path, remove := newState()
	defer remove()

	files, err := statefile.Edited(path + ".herokutf-20260304T050607Z-serial7.backup")
	fmt.Println(len(files), err)
	// Output: 0 <nil>
}

// An old state goes back to a backend that refuses lower serials.
func ExampleFile_RaiseSerial() {
	old, err := statefile.Parse("serial7.tfstate", []byte(fileText))
	if err != nil {
		log.Fatal(err)
	}
	raised, err := old.RaiseSerial("terraform.tfstate", "41")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(old.Serial(), "becomes", raised.Serial())
	// Output: 7 becomes 42
}

func ExampleCompareSerials() {
	fmt.Println(statefile.CompareSerials("9", "10"), statefile.CompareSerials("10", "10"))
	// Output: -1 0
}

// A tool that keeps backups of its own refuses as Undo does.
func ExampleNewMovedOnError() {
	parse := func(serial int, resources string) *statefile.File {
		f, err := statefile.Parse("terraform.tfstate", fmt.Appendf(nil,
			`{"version": 4, "terraform_version": "1.11.4", "serial": %d, "lineage": "l", "outputs": {}, "resources": [%s]}`, serial, resources))
		if err != nil {
			log.Fatal(err)
		}
		return f
	}
	const app = `{"mode": "managed", "type": "heroku_app", "name": "shop", "provider": "provider[\"registry.terraform.io/heroku/heroku\"]", "instances": [{"schema_version": 1, "attributes": {"id": "1"}}]}`
	err := statefile.NewMovedOnError(parse(7, ""), parse(9, app), "8")
	fmt.Println(errors.Is(err, statefile.ErrMovedOn))
	fmt.Println(err)
	// Output:
	// true
	// state has moved on: its serial is 9, and that of the state that followed the backup was 8; new since: heroku_app.shop
}
