//go:build unix

package statefile

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/herokutf/herokutf/internal/diskio"
)

// failingCalls are calls of which one fails, the one that is counted down to.
type failingCalls struct {
	diskio.OS
	left   int
	failed string
}

func (c *failingCalls) next(call, path string) error {
	if c.left--; c.left != 0 {
		return nil
	}
	c.failed = call + " " + filepath.Base(path)
	return &os.PathError{Op: call, Path: path, Err: syscall.EIO}
}

func (c *failingCalls) OpenFile(path string, flag int, perm os.FileMode) (*os.File, error) {
	if err := c.next("open", path); err != nil {
		return nil, err
	}
	return c.OS.OpenFile(path, flag, perm)
}

func (c *failingCalls) WriteAt(f *os.File, p []byte, off int64) (int, error) {
	if err := c.next("write", f.Name()); err != nil {
		return 0, err
	}
	return c.OS.WriteAt(f, p, off)
}

func (c *failingCalls) Truncate(f *os.File, size int64) error {
	return errors.Join(c.next("truncate", f.Name()), c.OS.Truncate(f, size))
}

func (c *failingCalls) Sync(f *os.File) error {
	return errors.Join(c.next("sync", f.Name()), c.OS.Sync(f))
}

func (c *failingCalls) Remove(path string) error {
	if err := c.next("remove", path); err != nil {
		return err
	}
	return c.OS.Remove(path)
}

// TestEachCallFails: whichever single call to the disk fails, the verb says so with the
// system's own error, and the state is the old or the new one, or a recovery makes it so.
// That goes for each sync, whose failure nothing else shows.
func TestEachCallFails(t *testing.T) {
	old := textState(9, oldText)
	for name, verb := range map[string]struct {
		prepare func(t *testing.T) (path string)
		do      func(path string, opts UpdateOptions) error
		calls   []string // some that have to be among them
	}{
		"update": {
			func(t *testing.T) string { return writeState(t, old) },
			func(path string, opts UpdateOptions) error {
				_, err := Update(t.Context(), path, opts, setText(newTexts["smaller"]))
				return err
			},
			[]string{"sync terraform.tfstate", "sync folder", "truncate terraform.tfstate", "remove terraform.tfstate" + journalSuffix},
		},
		"undo": {
			func(t *testing.T) string {
				path := writeState(t, old)
				_, err := Update(t.Context(), path, UpdateOptions{Now: fixedTime}, setText(newTexts["larger"]))
				must(t, err)
				return path
			},
			func(path string, opts UpdateOptions) error {
				_, err := Undo(t.Context(), path, "", opts)
				return err
			},
			[]string{"sync terraform.tfstate", "sync folder", "remove terraform.tfstate" + journalSuffix},
		},
		"recover": {
			func(t *testing.T) string { return leftAt(t, old, newTexts["larger"], "state: write") },
			func(path string, opts UpdateOptions) error {
				_, err := Recover(t.Context(), path, opts)
				return err
			},
			[]string{"sync terraform.tfstate", "sync folder", "remove terraform.tfstate" + journalSuffix},
		},
		"note": {
			func(t *testing.T) string { return writeState(t, old) },
			func(path string, opts UpdateOptions) error { return opts.disk.noteEdited(path, []string{"main.tf"}) },
			[]string{"sync folder"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			seen := make(map[string]bool)
			for n := 1; ; n++ {
				path := verb.prepare(t)
				calls := &failingCalls{left: n}
				opts := UpdateOptions{Now: fixedTime, disk: &system{now: fixedTime, chunk: testChunk, calls: calls}}
				err := verb.do(path, opts)
				if calls.failed == "" {
					must(t, err)
					break
				}
				failed := strings.ReplaceAll(calls.failed, filepath.Base(filepath.Dir(path)), "folder")
				seen[failed] = true
				if !errors.Is(err, syscall.EIO) {
					t.Errorf("call %d, %s: got error %v", n, failed, err)
				}
				if _, err := Recover(t.Context(), path, UpdateOptions{}); err != nil {
					t.Errorf("call %d, %s: recover: %v", n, failed, err)
				}
				if data, err := os.ReadFile(path); err != nil || !bytes.HasPrefix(data, []byte("{")) {
					t.Errorf("call %d, %s: the state is %.60s, %v", n, failed, data, err)
				} else if _, err := Parse(path, data); err != nil {
					t.Errorf("call %d, %s: %v", n, failed, err)
				}
			}
			for _, call := range verb.calls {
				if !seen[call] {
					t.Errorf("no call is %q, of %s", call, fmt.Sprint(seen))
				}
			}
		})
	}
}
