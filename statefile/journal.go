package statefile

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/herokutf/herokutf/internal/printable"
)

// What stands beside a state called NAME while it is written, and what stays:
//
//	NAME.herokutf-<time>-serial<n>.backup   the old state; it stays
//	NAME.herokutf-new                       the new state
//	NAME.herokutf-journal                   says that a write is under way
//	NAME.herokutf-backup.tmp                a backup that began before it was known what
//	                                        to write, and that gets its name then
//
// All match the pattern *.tfstate.* of the usual .gitignore. A name that ends in
// .tmp is a file that isn't complete yet.
const (
	infix         = ".herokutf-"
	copySuffix    = infix + "new"
	journalSuffix = infix + "journal"
	aheadSuffix   = infix + "backup" + tmpSuffix
	backupSuffix  = ".backup"
	tmpSuffix     = ".tmp"
)

// timeLayout is that of a backup's name: sortable, in UTC, and without characters
// that Windows refuses.
const timeLayout = "20060102T150405Z"

// Backup is a copy of a state that [Update] or [Undo] made before they wrote.
type Backup struct {
	Path   string
	Time   time.Time // when it was made, in UTC, to the second
	Serial string    // of the state in it; "" when it is too long for a file's name

	count int // distinguishes backups of the same second and serial
}

// backupName returns the name of a backup of the state called base. Later ones
// sort behind earlier ones.
func backupName(base string, at time.Time, serial string, count int) string {
	// A serial can have any number of digits, a file's name only some 250.
	if !plainNumber(serial) {
		serial = "-long"
	}
	name := base + infix + at.UTC().Format(timeLayout) + "-serial" + serial
	if count > 0 {
		name += "-" + strconv.Itoa(count+1)
	}
	return name + backupSuffix
}

// plainNumber reports whether s is a number of a few digits and nothing else.
func plainNumber(s string) bool {
	return s != "" && len(s) <= 20 && strings.Trim(s, "0123456789") == ""
}

// parseBackupName reads what backupName wrote.
func parseBackupName(base, name string) (Backup, bool) {
	rest, ok := strings.CutPrefix(name, base+infix)
	if !ok {
		return Backup{}, false
	}
	if rest, ok = strings.CutSuffix(rest, backupSuffix); !ok {
		return Backup{}, false
	}
	stamp, rest, _ := strings.Cut(rest, "-serial")
	// Parse takes fractions of a second, too.
	at, _ := time.Parse(timeLayout, stamp)
	if at.Format(timeLayout) != stamp {
		return Backup{}, false
	}
	b := Backup{Time: at}
	if after, ok := strings.CutPrefix(rest, "-long"); ok {
		rest = after
	} else {
		b.Serial = rest[:len(rest)-len(strings.TrimLeft(rest, "0123456789"))]
		if rest = rest[len(b.Serial):]; !plainNumber(b.Serial) {
			return Backup{}, false
		}
	}
	if rest != "" {
		count, _ := strconv.Atoi(strings.TrimPrefix(rest, "-"))
		if count < 2 || rest != "-"+strconv.Itoa(count) {
			return Backup{}, false
		}
		b.count = count - 1
	}
	return b, true
}

// Backups returns the backups of the state at path that this package made, the
// newest first, and nil when there are none. Backups of Terraform aren't among
// them. Only names are looked at.
func Backups(path string) ([]Backup, error) {
	dir, base := filepath.Split(path)
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("list backups: %w", err)
	}
	var backups []Backup
	for _, entry := range entries {
		if b, ok := parseBackupName(base, entry.Name()); ok && entry.Type().IsRegular() {
			b.Path = dir + entry.Name()
			backups = append(backups, b)
		}
	}
	slices.SortFunc(backups, func(a, b Backup) int {
		return cmp.Or(b.Time.Compare(a.Time), compareNumbers(b.Serial, a.Serial), cmp.Compare(b.count, a.count))
	})
	return backups, nil
}

// compareNumbers compares two whole numbers of any length as text; "" counts as
// 0.
func compareNumbers(a, b string) int {
	a, aneg := strings.CutPrefix(a, "-")
	b, bneg := strings.CutPrefix(b, "-")
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	aneg, bneg = aneg && a != "", bneg && b != ""
	switch {
	case aneg && bneg:
		a, b = b, a
	case aneg:
		return -1
	case bneg:
		return +1
	}
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}

// saveBackup makes a durable, byte-identical backup and returns its path. It
// never replaces a file: the name is a free one, and as everyone who makes such
// names holds the lock of the state, it stays free. What has been saved ahead, if that
// isn't nil, gets the name.
func (s *system) saveBackup(path string, ahead *ahead, data []byte, serial string, owner os.FileInfo) (string, error) {
	dir, base := filepath.Split(path)
	at := s.now()
	var name string
	for count := 0; ; count++ {
		name = dir + backupName(base, at, serial, count)
		if _, err := os.Lstat(name); errors.Is(err, os.ErrNotExist) {
			break
		} else if err != nil {
			return "", err
		}
	}
	var err error
	if ahead != nil {
		err = ahead.saveAs(name)
	} else {
		err = s.saveAs("backup", name, data, owner)
	}
	if err != nil {
		return "", err
	}
	return name, nil
}

// saveAs makes a file that has its name only when it is whole, and durably so.
func (s *system) saveAs(what, path string, data []byte, owner os.FileInfo) error {
	tmp := path + tmpSuffix
	if err := s.save(what, tmp, data, owner); err != nil {
		return err
	}
	return s.name(what, tmp, path)
}

// name gives a whole file its name, durably, or removes it.
func (s *system) name(what, tmp, path string) error {
	err := s.do(what+": rename", func() error { return s.on().Rename(tmp, path) })
	if err != nil {
		s.on().Remove(tmp)
		return err
	}
	if err := s.syncFolder(what+": sync folder", path); err != nil {
		s.on().Remove(path)
		return err
	}
	return nil
}

// ahead is a backup that is saved beside the edit. A nil one is none.
type ahead struct {
	s    *system
	path string
	done chan struct{} // closed when it is saved, or couldn't be
	err  error         // then
	kept bool          // under another name
}

// saveAhead begins to save the backup of what the state holds.
func (s *system) saveAhead(l *lock, have []byte) *ahead {
	a := &ahead{s: s, path: l.path + aheadSuffix, done: make(chan struct{})}
	go func() {
		defer close(a.done)
		a.err = s.save("backup", a.path, have, l.stat)
	}()
	return a
}

// saveAs waits for the backup and gives it its name.
func (a *ahead) saveAs(path string) error {
	<-a.done
	a.kept = true
	if a.err != nil {
		return a.err
	}
	return a.s.name("backup", a.path, path)
}

// discard waits for the backup and removes it, if nobody wanted it.
func (a *ahead) discard() error {
	if a == nil || a.kept {
		return nil
	}
	<-a.done
	if a.err != nil { // and it isn't there
		return nil
	}
	return a.s.remove("remove backup", a.path)
}

// sweep removes the incomplete files that a process left which died before its
// write began. The caller holds the lock and has seen that there is no journal.
func (s *system) sweep(path string) error {
	dir, base := filepath.Split(path)
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return err
	}
	for _, entry := range entries {
		name := entry.Name()
		stem, tmp := strings.CutSuffix(name, tmpSuffix)
		_, backup := parseBackupName(base, stem)
		if name == base+copySuffix || name == base+aheadSuffix || tmp && (backup || stem == base+journalSuffix) {
			if err := s.remove("remove leftovers", dir+name); err != nil {
				return err
			}
		}
	}
	return nil
}

// journal describes a write that is under way. It is there from before the first
// byte of the state is written until after the last one has been checked.
type journal struct {
	Format    int       `json:"format"` // 1
	Created   time.Time `json:"created"`
	Who       string    `json:"who"`
	Operation string    `json:"operation"`
	Old       revision  `json:"old"`
	New       revision  `json:"new"`
}

// revision is one of the two states that a write is between, and the file beside
// the state that holds a copy of it.
type revision struct {
	File   string `json:"file"` // name only
	Serial string `json:"serial"`
	Size   int64  `json:"size"`   // bytes
	CRC32C string `json:"crc32c"` // hexadecimal
}

func (c revision) is(data []byte) bool {
	if int64(len(data)) != c.Size {
		return false
	}
	return c.CRC32C == sum(data)
}

// sum returns the checksum of a state. It guards against accidents, for which the
// length and 32 bits are enough: on the word of it alone no state is ever written
// over. It takes a tenth of the time of one against malice, which would find
// nothing to guard, as who can write the journal can write the copies, too.
func sum(data []byte) string {
	return fmt.Sprintf("%08x", crc32.Checksum(data, castagnoli))
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// load reads the copy beside the state, and fails unless it is intact.
// That of an empty file is the initial state, for an undo; what is to be there again is
// nothing.
func (c revision) load(path string) ([]byte, error) {
	if c.Size == 0 {
		return []byte{}, nil
	}
	f, err := openRegular(filepath.Join(filepath.Dir(path), c.File))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := readAll(f, f.Name())
	if err != nil {
		return nil, err
	}
	if !c.is(data) {
		return nil, fmt.Errorf("%s: %w from what was written to it", printable.Path(f.Name()), errDiffers)
	}
	return data, nil
}

// head reads the first n bytes of the copy beside the state, or less when it is
// gone.
func (c revision) head(path string, n int) []byte {
	f, err := openRegular(filepath.Join(filepath.Dir(path), c.File))
	if err != nil {
		return nil
	}
	defer f.Close()
	data, _ := io.ReadAll(io.LimitReader(f, int64(n)))
	return data
}

// maxJournal bounds what is read of a journal.
const maxJournal = 1 << 20

// readJournal returns the journal of the state at path, or nil when no write is
// under way.
func readJournal(path string) (*journal, error) {
	name := path + journalSuffix
	f, err := openRegular(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, journalError(path, err)
	}
	defer f.Close()
	return journalIn(path, f)
}

// journalIn reads the journal of the state at path from an open file.
func journalIn(path string, f *os.File) (*journal, error) {
	stat, err := f.Stat()
	if err != nil {
		return nil, journalError(path, err)
	}
	if planted(path, stat) {
		return nil, journalError(path, errors.New("another user may have put it there"))
	}
	data, err := io.ReadAll(io.LimitReader(f, maxJournal))
	if err != nil {
		return nil, journalError(path, err)
	}
	j := new(journal)
	if err := json.Unmarshal(data, j); err != nil {
		return nil, journalError(path, err)
	}
	if err := j.check(filepath.Base(path)); err != nil {
		return nil, journalError(path, err)
	}
	return j, nil
}

// check refuses a journal that isn't one of ours: the names in it are read from.
func (j *journal) check(base string) error {
	if j.Format != 1 {
		return fmt.Errorf("format %d is not known here", j.Format)
	}
	_, ok := parseBackupName(base, j.Old.File)
	if !ok || j.New.File != base+copySuffix || j.Old.Size < 0 || j.New.Size <= 0 ||
		!isNumber(j.Old.Serial) || !isNumber(j.New.Serial) {
		return errors.New("not written by this program")
	}
	return nil
}

// isNumber reports whether s is a number as JSON spells it.
func isNumber(s string) bool {
	return s != "" && (s[0] == '-' || '0' <= s[0] && s[0] <= '9') && json.Valid([]byte(s))
}

func (j *journal) encode() []byte {
	data, err := json.MarshalIndent(j, "", "  ")
	if err != nil {
		panic("statefile: a journal has no JSON: " + err.Error())
	}
	return append(data, '\n')
}

func journalError(path string, err error) error {
	// Not with the advice that an error about a file has: it is about states.
	return &FileError{Path: path, Err: fmt.Errorf("%w, and its journal %s can't be read: %v", ErrInterrupted, printable.Path(path+journalSuffix), err),
		Hint: fmt.Sprintf("A write may have left the state torn. Look at it, and at its backups and %s beside it; put a whole one in its place and remove the journal.",
			printable.Path(path+copySuffix))}
}
