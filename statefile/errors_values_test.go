package statefile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// said is all that an error about a file says: its type, path, text and hint, and which
// of the conditions it unwraps to.
func said(err error, conditions ...error) string {
	kind, path, hint := fmt.Sprintf("%T", err), "", ""
	switch e := err.(type) {
	case *FileError:
		path, hint = e.Path, e.Hint
	case *FormatError:
		path, hint = e.Name, e.Hint
	}
	var is []string
	for _, c := range conditions {
		if errors.Is(err, c) {
			is = append(is, c.Error())
		}
	}
	return fmt.Sprintf("%s of %s: %v\nhint: %s\nis: %q", kind, path, err, hint, is)
}

// Why a state can't be opened, or something be put beside it: what happened, to which
// file, and what to do.
func TestErrorsOfFiles(t *testing.T) {
	full := errors.New("the disk is full, say")
	file, format := &FileError{Path: "p", Hint: "h", Err: full}, &FormatError{Kind: KindEmpty, Name: "p", Problem: "empty", Hint: "h"}
	conditions := []error{ErrChanged, ErrReadOnly, fs.ErrNotExist, errors.ErrUnsupported, full, errMoved, errDiffers, ErrNotState}
	for name, tt := range map[string]struct {
		err  error
		want string
	}{
		"open, moved": {openError("s", errMoved), `*statefile.FileError of s: state "s": state was changed by another program: file was replaced while it was being locked
hint: Another program keeps putting new files in its place. Try again when it is done.
is: ["state was changed by another program" "file was replaced while it was being locked"]`},
		"open, missing": {openError("s", fs.ErrNotExist), `*statefile.FileError of s: state "s": file does not exist
hint: Give the path of a state that Terraform has written; with a remote backend, terraform state pull prints it.
is: ["file does not exist"]`},
		"open, not allowed": {openError("s", fs.ErrPermission), `*statefile.FileError of s: state "s": no permission to write: permission denied
hint: Locking a state takes the permission to write it. Run as its owner, or make it writable.
is: ["no permission to write"]`},
		"open, no locks": {openError("s", errors.ErrUnsupported), `*statefile.FileError of s: state "s": its file system or this system has no locks: unsupported operation
hint: Copy the state to a local disk, or keep it in a remote backend.
is: ["unsupported operation"]`},
		"open, other": {openError("s", full), `*statefile.FileError of s: state "s": the disk is full, say
hint:` + ` ` + `
is: ["the disk is full, say"]`},
		"beside, not allowed": {folderError("s", fs.ErrPermission), `*statefile.FileError of s: state "s": no permission to write: permission denied
hint: The lock's description and the backup are written into the folder of the state. Make it writable.
is: ["no permission to write"]`},
		"beside, other": {folderError("s", full), `*statefile.FileError of s: state "s": the disk is full, say
hint:` + ` ` + `
is: ["the disk is full, say"]`},
		"changed, moved": {changedError("s", errMoved), `*statefile.FileError of s: state "s": state was changed by another program: file was replaced while it was being locked
hint: Another program writes it without a lock. Nothing of ours was written to it; try again when that program is done.
is: ["state was changed by another program" "file was replaced while it was being locked"]`},
		"changed, differs": {changedError("s", errDiffers), `*statefile.FileError of s: state "s": state was changed by another program: content differs
hint: Another program writes it without a lock. Nothing of ours was written to it; try again when that program is done.
is: ["state was changed by another program" "content differs"]`},
		"changed, other": {changedError("s", full), `*statefile.FileError of s: state "s": the disk is full, say
hint:` + ` ` + `
is: ["the disk is full, say"]`},
		"irregular": {irregular("s"), `*statefile.FormatError of s: s: no regular file
hint: Give the path of the state file itself, such as terraform.tfstate.
is: ["not a Terraform state of version 3 or 4"]`},
	} {
		if diff := cmp.Diff(tt.want, said(tt.err, conditions...)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	// What has been explained isn't explained a second time.
	for _, err := range []error{errBusy, file, format} {
		if got := openError("other", fmt.Errorf("open: %w", err)); !errors.Is(got, err) || err != errBusy && got != err {
			t.Errorf("got %v, want %v", got, err)
		}
	}
	if got := irregular("s").(*FormatError).Kind; got != KindNoRegularFile {
		t.Errorf("got kind %q", got)
	}
}

func TestJoin(t *testing.T) {
	a, b := errors.New("a"), errors.New("b")
	if join(nil, nil) != nil || join(a, nil) != a || join(nil, b) != b {
		t.Error("one error isn't that one")
	}
	if both := join(a, b); both == nil || both.Error() != "a; and b" || !errors.Is(both, a) || !errors.Is(both, b) {
		t.Errorf("got %v", both)
	}
}

func TestLockHint(t *testing.T) {
	const first, second = "Try again when the other program is done, or let this one wait with a lock timeout.", "Try again when the other program is done, or wait longer for it."
	for timeout, want := range map[time.Duration]string{-1: first, 0: first, 1: second} {
		if got := lockHint(timeout); got != want {
			t.Errorf("%d: got %q, want %q", timeout, got, want)
		}
	}
}

// What a state has got since its backup: managed instances that are new, gone or changed,
// in the order of the file, and of many the first ones.
func TestMovedOn(t *testing.T) {
	state := func(serial string, instances ...string) *File {
		return parse(t, `{"version":4,"serial":`+serial+`,"lineage":"l","resources":[`+strings.Join(instances, ",")+`]}`)
	}
	one := func(mode, name, id string) string {
		return fmt.Sprintf(`{"mode":%q,"type":"t","name":%q,"provider":"p","instances":[{"attributes":{"id":%q}}]}`, mode, name, id)
	}
	backup := state("4", one("managed", "same", "1"), one("managed", "z", "1"), one("managed", "b", "1"), one("data", "d", "1"), one("data", "old", "1"), one("managed", "a", "1"))
	now := state("9", one("managed", "n2", "1"), one("managed", "same", "1"), one("managed", "b", "2"), one("data", "d", "2"), one("data", "new", "1"), one("managed", "n1", "1"))
	got := NewMovedOnError(backup, now, "5")
	want := &MovedOnError{Path: "test.tfstate", Serial: "9", Backup: "test.tfstate", Next: "5", Added: []string{"t.n2", "t.n1"}, Removed: []string{"t.z", "t.a"}, Changed: []string{"t.b"},
		Hint: "Undoing would lose what was written since. Make the reverse change, or name the backup and force it."}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !errors.Is(got, ErrMovedOn) {
		t.Error("it isn't ErrMovedOn")
	}
	if diff := cmp.Diff(&MovedOnError{Path: "test.tfstate", Serial: "4", Backup: "test.tfstate", Hint: want.Hint}, NewMovedOnError(backup, backup, "")); diff != "" {
		t.Errorf("of the backup itself (-want +got):\n%s", diff)
	}
	for _, tt := range []struct {
		err  MovedOnError
		want string
	}{
		{*want, "state has moved on: its serial is 9, and that of the state that followed the backup was 5; new since: t.n2, t.n1; gone since: t.z, t.a; changed since: t.b"},
		{MovedOnError{Serial: "7"}, "state has moved on, or may have: its serial is 7, and which state followed the backup isn't known"},
		{MovedOnError{Serial: "7", Next: "5", Changed: strings.Fields("a b c d e")}, "state has moved on: its serial is 7, and that of the state that followed the backup was 5; changed since: a, b, c, d, e"},
		{MovedOnError{Serial: "7", Next: "5", Added: strings.Fields("a b c d e f g")}, "state has moved on: its serial is 7, and that of the state that followed the backup was 5; new since: a, b, c, d, e and 2 more"},
	} {
		if got := tt.err.Error(); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
	}
}

// A link's error says where it leads, and whether something is there.
func TestSymlinkErrors(t *testing.T) {
	dir := t.TempDir()
	target := filepath.Join(dir, "real.tfstate")
	must(t, os.WriteFile(target, nil, 0o600))
	for name, tt := range map[string]struct{ path, target, want string }{
		"a link":        {"a", "real.tfstate", `state is a symbolic link to "real.tfstate"`},
		"a broken link": {"b", "none", `state is a symbolic link to "none", which is not there`},
		"no link":       {"real.tfstate", "", `state is a symbolic link`},
	} {
		path := filepath.Join(dir, tt.path)
		if tt.target != "" {
			link(t, tt.target, path)
		}
		err := symlinkError(path)
		e, ok := err.(*FileError)
		if !ok || !errors.Is(err, ErrSymlink) || e.Path != path || e.Err.Error() != tt.want || !strings.HasPrefix(e.Hint, "The state would be locked") {
			t.Errorf("%s: got %#v, %v", name, e, err)
		}
	}
}

// An edit that doesn't start from the state that it is given: the error says so.
func TestErrorsOfEdits(t *testing.T) {
	old := parse(t, string(textState(9, oldText)))
	returning := func(new *File) (*File, error) {
		return edited("s", old, UpdateOptions{}, func(*File) (*File, error) { return new, nil })
	}
	refused := func(serial int, from, to string) error {
		_, err := returning(parse(t, strings.Replace(string(textState(serial, "x")), from, to, 1)))
		return err
	}
	want := &LineageError{Path: "s", Lineage: old.Lineage(), OtherLin: "6" + old.Lineage()[1:], Hint: "An edit must start from the state it is given."}
	if diff := cmp.Diff(error(want), refused(10, "5c0d", "6c0d")); diff != "" {
		t.Errorf("another lineage (-want +got):\n%s", diff)
	}
	if got, text := want.Error(), fmt.Sprintf(`state "s" has lineage %q, its edit %q`, want.Lineage, want.OtherLin); got != text {
		t.Errorf("another lineage: got %s, want %s", got, text)
	}
	for _, serial := range []int{8, 9} {
		err := refused(serial, "", "")
		e, ok := err.(*FileError)
		if want := fmt.Sprintf(`state "s": serial of the new state is not above that of the old one: %d over 9`, serial); !ok || !errors.Is(err, ErrSerial) || e.Path != "s" || err.Error() != want ||
			e.Hint != "An edit must raise the serial, as File.Apply does." {
			t.Errorf("serial %d: got %#v, want %s", serial, err, want)
		}
	}
	if got, err := returning(nil); got != nil || err == nil || err.Error() != `update state "s": the edit returned no file` {
		t.Errorf("no file: got %v, %v", got, err)
	}
	if got, err := returning(old); got != nil || err != nil {
		t.Errorf("the same file: got %v, %v", got, err)
	}
}
