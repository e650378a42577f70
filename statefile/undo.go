package statefile

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/herokutf/herokutf/internal/printable"
)

// Undo puts the state at path back to a backup that [Update] or Undo made: every
// byte is that of the backup but the serial, which is one above the higher of the
// two, so that Terraform takes the outcome for the newer state. With "" it takes
// the backup of ours beside the state (see [Backups]) whose serial comes right
// before that of the state, whatever the clock said when it was made; in a folder
// with the sticky bit that is none of another user's but the state's owner's and
// root's. Since Undo saves what it replaces in the same way, an Undo after an Undo
// gives that back.
//
// A state that was written again since the backup is refused with a
// [*MovedOnError]: what came after would be lost. opts.Force goes back all the same
// to a backup that is named. What has been created or destroyed since, Terraform
// finds out from the provider, or not at all: Undo is for going back over edits, not
// over applies.
//
// The lock, the write, the options and the errors are those of [Update], and
// further [ErrNoBackup], [*LineageError] when the backup is one of another state,
// and those of [Parse] for the backup.
func Undo(ctx context.Context, path, backup string, opts UpdateOptions) (*Result, error) {
	var name, restored string
	opts.Initial = nil
	result, err := Update(ctx, path, opts, func(now *File) (*File, error) {
		// Under the lock, so that no other write comes between the choice and this
		// one.
		old, err := choose(path, backup, now, opts.Force)
		if err != nil {
			return nil, err
		}
		name, restored = old.Name(), old.Serial()
		if bytes.Equal(old.Bytes(), now.Bytes()) {
			return now, nil
		}
		return old.RaiseSerial(path, now.Serial())
	})
	if err != nil {
		return nil, err
	}
	result.Restored, result.RestoredSerial = name, restored
	return result, nil
}

// PlanUndo says what [Undo] would do, and does none of it: it takes no lock and
// writes nothing, so that Result.Backup is "". Of the options it takes Force. Errors
// are those of [ReadFile] and of Undo, but for the lock and the write; a write that
// was interrupted is an [*InterruptedError].
func PlanUndo(path, backup string, opts UpdateOptions) (*Result, error) {
	pending, err := Pending(path)
	if err != nil {
		return nil, err
	}
	if pending != nil {
		return nil, &InterruptedError{Interrupted: *pending, Hint: "Recover ends it first. Nothing was changed."}
	}
	now, err := ReadFile(path)
	if err != nil {
		return nil, err
	}
	old, err := choose(path, backup, now, opts.Force)
	if err != nil {
		return nil, err
	}
	result := &Result{OldSerial: now.Serial(), NewSerial: now.Serial(), Restored: old.Name(), RestoredSerial: old.Serial()}
	if !bytes.Equal(old.Bytes(), now.Bytes()) {
		result.Changed = true
		result.NewSerial = string(raised(old.Serial(), now.Serial()))
	}
	return result, nil
}

// choose reads the backup that Undo puts back: the one that is named, or the one
// that comes right before the state by its serial.
func choose(path, backup string, now *File, force bool) (*File, error) {
	name := backup
	if name == "" {
		backups, err := ofOurs(path)
		if err != nil {
			return nil, err
		}
		// The nearest below is what the refusal is about if none comes right before.
		nearest := slices.MaxFunc(backups, func(a, b Backup) int {
			return cmp.Or(below(a.Serial, now.Serial())-below(b.Serial, now.Serial()), CompareSerials(a.Serial, b.Serial), a.Time.Compare(b.Time))
		})
		name = nearest.Path
	}
	old, err := readBackup(path, name)
	if err != nil {
		return nil, err
	}
	switch {
	case old.Lineage() != now.Lineage():
		return nil, &LineageError{Path: path, Lineage: now.Lineage(), Other: name, OtherLin: old.Lineage(),
			Hint: "The backup is one of another state, which was created anew since or elsewhere. Nothing was changed."}
	case force && backup != "", bytes.Equal(old.Bytes(), now.Bytes()), string(increment([]byte(old.Serial()))) == now.Serial():
		return old, nil
	}
	return nil, NewMovedOnError(old, now, string(increment([]byte(old.Serial()))))
}

// below is 1 for a serial below another one, and 0 for any other.
func below(serial, other string) int {
	if CompareSerials(serial, other) < 0 {
		return 1
	}
	return 0
}

// raised is one above the higher of two serials.
func raised(a, b string) []byte {
	if compareNumbers(b, a) > 0 {
		a = b
	}
	return increment([]byte(a))
}

// ofOurs returns the backups beside the state that this package made, newest first,
// and none that someone else has put there. No backup at all is an error.
func ofOurs(path string) ([]Backup, error) {
	backups, err := Backups(path)
	if err != nil {
		return nil, err
	}
	backups = slices.DeleteFunc(backups, func(b Backup) bool {
		stat, err := os.Lstat(b.Path)
		return err != nil || planted(path, stat)
	})
	if len(backups) == 0 {
		return nil, &FileError{Path: path, Err: ErrNoBackup,
			Hint: "No copy made by this program is beside the state. Give the path of one."}
	}
	return backups, nil
}

// readBackup reads a backup of the state at path, which is locked. The state
// itself by another name is none: closing it would release the lock on some
// systems.
func readBackup(path, name string) (*File, error) {
	stat, err := os.Lstat(name)
	if err == nil {
		if state, serr := os.Lstat(path); serr == nil && os.SameFile(stat, state) {
			return nil, &FileError{Path: name, Err: fmt.Errorf("%w: it is the state itself", ErrNoBackup), Hint: "Give the path of a copy."}
		}
		var f *os.File
		if f, err = openRegular(name); err == nil {
			defer f.Close()
			data, err := readAll(f, name)
			if err != nil {
				return nil, fmt.Errorf("read backup: %w", err)
			}
			return Parse(name, data)
		}
	}
	if errors.Is(err, os.ErrNotExist) {
		return nil, &FileError{Path: name, Err: fmt.Errorf("%w: %w", ErrNoBackup, err), Hint: "Give the path of a backup that is there."}
	}
	return nil, fmt.Errorf("open backup: %w", err)
}

// RaiseSerial returns the file under another name, with a serial that is one above
// the higher of its own and other, and proved to differ in nothing else. That is
// how an old state takes the place of a newer one: Terraform takes the higher serial
// for the later state. A serial other than the digits of a number ends in
// [ErrSerial], and an outcome that is anything else in a [*ProofError].
func (f *File) RaiseSerial(name, other string) (*File, error) {
	if !number(other) {
		return nil, fmt.Errorf("raise the serial of %s: %w: %q is no number", printable.Path(f.name), ErrSerial, other)
	}
	return f.withSerial(name, raised(f.Serial(), other))
}

// CompareSerials compares two serials, which may have more digits than any integer
// type holds: -1 when a is below b, 0 when they are the same number, and +1 when a is
// above b.
func CompareSerials(a, b string) int { return compareNumbers(a, b) }

// number reports whether s is a whole number, with a sign or without.
func number(s string) bool {
	digits := strings.TrimPrefix(s, "-")
	return digits != "" && strings.Trim(digits, "0123456789") == ""
}

// withSerial returns the file under another name and with another serial, proved
// to differ in nothing else.
func (f *File) withSerial(name string, serial []byte) (*File, error) {
	p := plan{f: f}
	for _, at := range f.serials {
		if string(at.of(f.data)) != string(serial) {
			p.replace(at, serial)
		}
	}
	if len(f.serials) == 0 {
		p.insert(f.versionAt.name, f.versionAt.Value.at, []byte(`"serial"`), serial)
	}
	return p.outcome(name)
}
