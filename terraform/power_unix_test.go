//go:build unix

package terraform

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/internal/diskio/powerloss"
)

// The backup of a remote state has its name only when it is whole, and has it for good when
// the call has returned; so has the one whose name says what followed.
func TestBackupPowerLoss(t *testing.T) {
	const text = "the old state\n"
	dir := t.TempDir()
	d := powerloss.Record(t, dir, nil)
	if err := saveFile(d, filepath.Join(dir, "x"+backupSuffix), []byte(text)); err != nil {
		t.Fatal(err)
	}
	saved := len(d.Ops())
	if name, err := followed(d, filepath.Join(dir, "x"+backupSuffix), "7"); err != nil || filepath.Base(name) != "x-then7"+backupSuffix {
		t.Fatal(name, err)
	}
	d.Check(t)
	for loss := range d.Losses(0, 100, 1) {
		whole := 0
		for name, content := range loss.Files {
			if filepath.Ext(name) != backupSuffix {
				continue
			}
			whole++
			if content != text || loss.After == len(d.Ops()) && name != "x-then7"+backupSuffix {
				t.Errorf("before operation %d, lost is %s: %s holds %q", loss.After, loss.Lost, name, content)
			}
		}
		if loss.After >= saved && whole != 1 {
			t.Errorf("before operation %d, lost is %s: %d backups", loss.After, loss.Lost, whole)
		}
	}
	const want = `create x.tfstate.tmp
write x.tfstate.tmp: 14 bytes at 0
sync x.tfstate.tmp
rename x.tfstate.tmp to x.tfstate
sync folder .
rename x.tfstate to x-then7.tfstate
sync folder .
`
	if diff := cmp.Diff(want, d.Lines()); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}

// Each operation fails: the error is returned, and nothing that isn't whole has a backup's name.
func TestBackupFaults(t *testing.T) {
	for at := range 5 {
		dir := t.TempDir()
		d := powerloss.Record(t, dir, nil)
		n := -1
		d.Before = func(powerloss.Op) error {
			if n++; n == at {
				return syscall.EIO
			}
			return nil
		}
		if err := saveFile(d, filepath.Join(dir, "x"+backupSuffix), []byte("state")); err == nil {
			t.Errorf("operation %d failed, and no error was returned", at)
		}
		if _, err := os.Stat(filepath.Join(dir, "x"+backupSuffix+".tmp")); err == nil {
			t.Errorf("operation %d failed, and a file is left", at)
		}
	}
}
