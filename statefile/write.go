package statefile

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
)

// Condition says what a state is after a write to it was interrupted or failed.
type Condition string

// What can be found in a state's place.
const (
	Untouched Condition = "untouched" // the old state, byte for byte
	Written   Condition = "written"   // the new state, byte for byte
	Torn      Condition = "torn"      // parts of both, which Terraform refuses to read
	Replaced  Condition = "replaced"  // another whole state, which someone has written since
	Damaged   Condition = "damaged"   // anything else, such as an empty file
	Missing   Condition = "missing"   // nothing
)

func (c Condition) describe() string {
	switch c {
	case Untouched:
		return "the state is as it was before"
	case Written:
		return "the state is the new one, whole"
	case Torn:
		return "the state is torn, and whole copies of the old and the new one are beside it"
	case Replaced:
		return "another program has written a whole state since"
	case Damaged:
		return "the state is neither the old nor the new one, nor any that can be read"
	}
	return "the state is gone"
}

// While a state is being written, its first bytes are these, so that Terraform
// can't take what is half old and half new for a state. It could otherwise: where
// old and new have the same length, the mixture of them is valid JSON more often
// than not, and a plan made from it would be wrong. The last byte can't stand in
// JSON at all, so that it needs only this one to spoil it.
const (
	markerText = "herokutf was interrupted while it wrote this state"
	marker     = markerText + "; let it recover it.\n\x1a"
)

// markerOf returns the marker for a write between states of these sizes: both are
// at least as long. One write within a disk's sector puts it there or takes it
// away. An empty file needs none: no part of what goes there is valid JSON.
func markerOf(oldSize, newSize int64) []byte {
	n := int(min(int64(len(marker)), oldSize, newSize))
	if n == 0 {
		return nil
	}
	m := []byte(marker[:n])
	m[n-1] = marker[len(marker)-1]
	return m
}

// overwrite gives the file the content want, in steps between which the marker is
// at its beginning, but for the first one:
//
//  1. what goes beyond its end: if the disk is full, this fails, before a byte
//     of the state has changed
//  2. the marker over its first bytes
//  3. all other bytes up to its old end
//  4. its length, if it shrinks
//  5. its first bytes, in place of the marker
//
// All of 1, of 2, and of 3 and 4 is on the disk before the next begins. With have,
// the content as it is known to be, bytes that stand there already aren't written
// again. With nil, when the content isn't known or is mixed, 2 comes before 1. marked
// reports whether 2 was begun; if not, only the length has to be put right.
func (s *system) overwrite(what string, f *os.File, have, want, mark []byte) (marked bool, err error) {
	stat, err := f.Stat()
	if err != nil {
		return false, fmt.Errorf("%s: %w", what, err)
	}
	size := stat.Size()
	end := min(size, int64(len(want)))
	sync := func(step string) error { return s.sync(what+": sync "+step, f) }
	grow := func() error {
		if end == int64(len(want)) {
			return nil
		}
		if err := s.writeAt(what+": grow", f, want[end:], end); err != nil {
			return err
		}
		return sync("growth")
	}
	if have != nil {
		if err := grow(); err != nil {
			return false, err
		}
	}
	if err := s.writeAt(what+": mark", f, mark, 0); err != nil {
		return true, err
	}
	if err := sync("mark"); err != nil {
		return true, err
	}
	if have == nil {
		if err := grow(); err != nil {
			return true, err
		}
	}
	for from := int64(len(mark)); from < end; {
		// A chunk ends where a page does, so that no page is written twice.
		to := min(end, (from/int64(s.chunk)+1)*int64(s.chunk))
		if to > int64(len(have)) || !bytes.Equal(have[from:to], want[from:to]) {
			if err := s.writeAt(what+": write", f, want[from:to], from); err != nil {
				return true, err
			}
		}
		from = to
	}
	if end < size {
		if err := s.truncate(what+": shrink", f, int64(len(want))); err != nil {
			return true, err
		}
	}
	if err := sync("content"); err != nil {
		return true, err
	}
	if err := s.writeAt(what+": unmark", f, want[:len(mark)], 0); err != nil {
		return true, err
	}
	return true, sync("all")
}

// replace writes the new content over the old one and checks it. When any of it
// fails, it puts the old content back and returns Untouched with the error. It
// returns Torn when that fails as well.
func (s *system) replace(f *os.File, old, new []byte) (Condition, error) {
	mark := markerOf(int64(len(old)), int64(len(new)))
	marked, err := s.overwrite("state", f, old, new, mark)
	if err == nil {
		// What is read comes from the system's cache, mostly, as a program can't
		// ask the disk itself. It finds what the cache and a network's disk get
		// wrong, and writes of others that don't lock.
		err = s.compare("state: read back", f, new)
	}
	if err == nil {
		return Written, nil
	}
	var back error
	if marked {
		_, back = s.overwrite("rollback", f, nil, old, mark)
	} else {
		back = s.truncate("rollback: shrink", f, int64(len(old)))
		if back == nil {
			back = s.sync("rollback: sync", f)
		}
	}
	if back == nil {
		back = s.compare("rollback: read back", f, old)
	}
	if back != nil {
		return Torn, join(err, back)
	}
	return Untouched, err
}

// begin puts all beside the state that it takes to have the old or the new one
// whole, whatever happens from then on: a backup of the old one, a copy of the new
// one and the journal, in this order. have is what the state's file holds. On an error
// it leaves none of them.
func (s *system) begin(l *lock, ahead *ahead, old, new *File, have []byte, who, operation string) (backup string, err error) {
	path := l.path
	defer func() {
		if err != nil {
			err = folderError(path, join(err, s.discard(path, backup)))
		}
	}()
	// The checksums are worked out while the disk is busy.
	sums := make(chan string, 2)
	go func() {
		sums <- sum(have)
		sums <- sum(new.Bytes())
	}()
	if backup, err = s.saveBackup(path, ahead, old.Bytes(), old.Serial(), l.stat); err != nil {
		return "", err
	}
	if err := s.save("copy", path+copySuffix, new.Bytes(), l.stat); err != nil {
		return backup, err
	}
	j := journal{
		Format: 1, Created: s.now().UTC(), Who: who, Operation: operation,
		Old: revision{filepath.Base(backup), old.Serial(), int64(len(have)), <-sums},
		New: revision{filepath.Base(path + copySuffix), new.Serial(), int64(len(new.Bytes())), <-sums},
	}
	// The folder is synced with this one, and the copy's name with it.
	return backup, s.saveAs("journal", path+journalSuffix, j.encode(), l.stat)
}

// discard removes what begin has put there.
func (s *system) discard(path, backup string) error {
	err := s.finish(path)
	if err == nil && backup != "" {
		err = s.remove("remove backup", backup)
	}
	return err
}

// finish removes what says that a write is under way. The copy goes first: while
// it is there the journal is, which says what it is.
func (s *system) finish(path string) error {
	if err := s.remove("remove copy", path+copySuffix); err != nil {
		return err
	}
	if err := s.remove("remove journal", path+journalSuffix); err != nil {
		return err
	}
	return s.syncFolder("sync folder", path)
}
