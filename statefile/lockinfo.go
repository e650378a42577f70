package statefile

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"time"
	"unicode"
)

// LockInfo says who holds the lock of a state, and why. Its fields are those of
// the file .NAME.lock.info that Terraform and OpenTofu keep beside a local state
// while they hold its lock (LockInfo in Terraform's internal/states/statemgr).
// Another program may have written them, so all of them may be empty.
type LockInfo struct {
	ID        string    // a UUID; Terraform waits only for a holder that has one
	Operation string    // such as OperationTypeApply
	Info      string    // free text
	Who       string    // user@host
	Version   string    // of Terraform or OpenTofu; "herokutf" for this package
	Created   time.Time // when the lock was taken, in UTC; zero when unknown
	Path      string    // of the state, as its holder was given it
}

// String describes the holder in one line, without the lock's ID and path.
func (i LockInfo) String() string {
	if i == (LockInfo{}) {
		return "an unknown program"
	}
	var b strings.Builder
	b.WriteString(or(i.Who, "someone"))
	if i.Operation != "" {
		fmt.Fprintf(&b, ", operation %s", i.Operation)
	}
	if i.Info != "" {
		fmt.Fprintf(&b, " (%s)", i.Info)
	}
	if i.Version != "" {
		fmt.Fprintf(&b, ", version %s", i.Version)
	}
	if !i.Created.IsZero() {
		fmt.Fprintf(&b, ", since %s", i.Created.UTC().Format(time.RFC3339))
	}
	return b.String()
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// lockInfoPath returns where Terraform looks for the holder of a lock: a leading
// dot of the state's own name is dropped before another one is put there.
func lockInfoPath(path string) string {
	dir, name := filepath.Split(path)
	return dir + "." + strings.TrimPrefix(name, ".") + ".lock.info"
}

// Belongs reports whether the file at path is the state at another path, or one of those
// that are kept beside it: who holds its lock, the backup that Terraform makes, and the
// backups, journal and copy of this package. The paths have to be spelled alike; nothing is
// read, and no file belongs to the state "".
func Belongs(path, state string) bool {
	return state != "" && filepath.Dir(path) == filepath.Dir(state) &&
		(path == state || path == state+".backup" || path == lockInfoPath(state) || strings.HasPrefix(path, state+infix))
}

// newLockInfo describes this process as the holder, but for the time.
func newLockInfo(path string, opts UpdateOptions) LockInfo {
	who := opts.Who
	if who == "" {
		// Neither is needed for the lock to work, so neither failure is one.
		name := "unknown"
		if u, err := user.Current(); err == nil {
			name = u.Username
		}
		host, _ := os.Hostname()
		who = name + "@" + host
	}
	return LockInfo{
		ID:        newUUID(),
		Operation: or(opts.Operation, "herokutf"),
		Info:      opts.Info,
		Who:       who,
		Version:   "herokutf",
		Path:      path,
	}
}

// newUUID returns a random UUID (RFC 9562, version 4).
func newUUID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails since Go 1.24
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// maxLockInfo bounds what is read of a file that others write.
const maxLockInfo = 64 << 10

// readLockInfo reads what the holder of a lock says about itself. The file isn't
// locked and may be caught half written.
func readLockInfo(path string) (LockInfo, error) {
	f, err := openRegular(path)
	if err != nil {
		return LockInfo{}, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxLockInfo))
	if err != nil {
		return LockInfo{}, err
	}
	var raw struct{ ID, Operation, Info, Who, Version, Created, Path string }
	// A field of an unexpected kind is left empty, and the others are filled in.
	if err := json.Unmarshal(data, &raw); err != nil {
		if _, ok := errors.AsType[*json.UnmarshalTypeError](err); !ok {
			return LockInfo{}, fmt.Errorf("read %s: %w", path, err)
		}
	}
	created, _ := time.Parse(time.RFC3339, raw.Created)
	return LockInfo{
		ID: oneLine(raw.ID), Operation: oneLine(raw.Operation), Info: oneLine(raw.Info),
		Who: oneLine(raw.Who), Version: oneLine(raw.Version), Created: created, Path: oneLine(raw.Path),
	}, nil
}

// oneLine makes text of another program fit for a terminal: no control
// characters, and no more of it than anybody reads.
func oneLine(s string) string {
	const limit = 300
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
	if r := []rune(s); len(r) > limit {
		s = string(r[:limit]) + "..."
	}
	return s
}

// writeLockInfo writes the description of the holder, as the holder of the lock.
// What stands there is left over from a process that died: nobody else may write
// here. It is removed first, so that a symbolic link put there leads nowhere and
// the new file's mode is its own.
func (s *system) writeLockInfo(path string, info LockInfo, owner os.FileInfo) error {
	data, err := json.Marshal(info)
	if err != nil {
		return err
	}
	return s.do("write lock info", func() error {
		return whilePassing(func() error { return s.putLockInfo(path, data, owner) }, passing)
	})
}

func (s *system) putLockInfo(path string, data []byte, owner os.FileInfo) error {
	if err := os.Remove(path); inUse(err) {
		return rewriteLockInfo(path, data)
	} else if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	f, err := s.createPrivate(path, owner)
	if err != nil {
		return err
	}
	_, err = s.on().WriteAt(f, data, 0)
	if err = join(err, f.Close()); err != nil {
		s.on().Remove(path)
	}
	return err
}

// rewriteLockInfo writes the description into the file that is there, which another
// program keeps from being removed while it reads it. Terraform does so always.
func rewriteLockInfo(path string, data []byte) error {
	stat, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if !stat.Mode().IsRegular() {
		return irregular(path)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return join(err, f.Close())
}

// whilePassing does something again, a few times within a tenth of a second, while its error is
// one that passes: whoever reads a lock info is soon done.
func whilePassing(do func() error, passes func(error) bool) error {
	for try := 1; ; try++ {
		err := do()
		if err == nil || try == 5 || !passes(err) {
			return err
		}
		time.Sleep(time.Duration(try) * minPause)
	}
}

// removeLockInfo removes the description again, before the lock is released. It
// leaves what is not ours: when another program has put another file in the
// state's place, that file can be locked and described by someone else. A
// failure is no harm, as a description without a lock is ignored by everyone.
func removeLockInfo(path, id string) {
	if info, err := readLockInfo(path); err == nil && info.ID == id {
		os.Remove(path)
	}
}
