//go:build unix

package herokutf

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/internal/diskio/powerloss"
)

// A file that is replaced, as slug files and locks are, is the old or the new one after a loss of power, and the
// new one after the call has returned. Nothing that Terraform reads is beside it.
func TestReplaceFilePowerLoss(t *testing.T) {
	for name, mode := range map[string]fs.FileMode{"slugs": ownerOnly, "lock": 0o644} {
		for _, old := range []string{"", "the old text\n"} {
			t.Run(name+" "+old, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "slugs.auto.tfvars")
				if old != "" {
					if err := os.WriteFile(path, []byte(old), mode); err != nil {
						t.Fatal(err)
					}
				}
				const text = "the new text\n"
				d := powerloss.Record(t, filepath.Dir(path), nil)
				if err := replaceFile(d, path, []byte(text), mode); err != nil {
					t.Fatal(err)
				}
				d.Check(t)
				for loss := range d.Losses(0, 100, 1) {
					got := loss.Files[filepath.Base(path)]
					if got != text && (got != old || loss.After == len(d.Ops())) {
						t.Errorf("before operation %d, lost is %s: the file holds %q", loss.After, loss.Lost, got)
					}
					for name := range loss.Files {
						if ok, _ := filepath.Match("*.tfvars", name); ok && name != filepath.Base(path) {
							t.Errorf("Terraform would read %q", name)
						}
					}
				}
				const want = `create TEMP
write TEMP: 13 bytes at 0
sync TEMP
rename TEMP to slugs.auto.tfvars
sync folder .
`
				steps := regexp.MustCompile(`\.slugs\.auto\.tfvars\.\d+\.tmp`).ReplaceAllString(d.Lines(), "TEMP")
				if diff := cmp.Diff(want, steps); diff != "" {
					t.Errorf("steps (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// Each operation fails: the error is returned, the file is as it was, and nothing is left
// beside it. When the folder can't be synced, the file is the new one, and it isn't known how long.
func TestReplaceFileFaults(t *testing.T) {
	const old, text = "the old text\n", "the new text\n"
	for at := 0; ; at++ {
		path := filepath.Join(t.TempDir(), "slugs.auto.tfvars")
		if err := os.WriteFile(path, []byte(old), 0o600); err != nil {
			t.Fatal(err)
		}
		d := powerloss.Record(t, filepath.Dir(path), nil)
		failed := d.FailAt(at, syscall.EIO)
		err := replaceFile(d, path, []byte(text), ownerOnly)
		if *failed == "" {
			if err != nil || at != 5 {
				t.Errorf("%d operations, error %v", at, err)
			}
			return
		}
		if err == nil {
			t.Errorf("%s failed, and no error was returned", *failed)
		}
		want := old
		if *failed == powerloss.SyncFolder {
			want = text
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("%s failed: the file holds %q, error %v", *failed, got, err)
		}
		if names, _ := os.ReadDir(filepath.Dir(path)); len(names) != 1 {
			t.Errorf("%s failed: beside the file is %v", *failed, names)
		}
	}
}
