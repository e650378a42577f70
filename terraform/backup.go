package terraform

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/herokutf/herokutf/internal/diskio"
	"github.com/herokutf/herokutf/statefile"
)

// Backup is a copy of a state that [Folder.Update] or [Folder.Undo] made before they
// wrote.
type Backup struct {
	Path    string
	Time    time.Time // when it was made, in UTC, to the second
	Lineage string    // of the state in it; "" for a local state, which isn't looked into
	Serial  string    // of the state in it
	// Next is the serial of the state that took its place, as it was read back: "" if
	// the run that made the copy didn't come that far, if others wrote the state right
	// after, and for a local state.
	Next string
}

// Backups of a remote state are in
//
//	BASE/<lineage>/<workspace>/<time>-serial<n>-<random>.tfstate
//	BASE/<lineage>/<workspace>/<time>-serial<n>-<random>-then<n>.tfstate
//
// where the second is the first when it is known what took its place.
const (
	timeLayout   = "20060102T150405Z"
	backupSuffix = ".tfstate"
)

// backupsDir returns the folder of all backups.
func (f *Folder) backupsDir() string {
	dir := f.getenv("HEROKUTF_BACKUPS")
	switch {
	case dir == "":
		return filepath.Join(f.dataDir, "herokutf")
	case !filepath.IsAbs(dir):
		return filepath.Join(f.cwd, dir)
	}
	return dir
}

// backupPath returns the folder of the backups of a state's lineage.
func (f *Folder) backupPath(state *statefile.File) string {
	return filepath.Join(f.backupsDir(), fileName(state.Lineage()), fileName(f.location.Workspace))
}

// backupFolder makes it.
func (f *Folder) backupFolder(state *statefile.File) (string, error) {
	dir := f.backupPath(state)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", &FolderError{Dir: f.location.Dir, Err: fmt.Errorf("make a folder for backups: %w", err),
			Hint: "Nothing was written. Make it possible, or say with HEROKUTF_BACKUPS where backups go."}
	}
	return dir, nil
}

// fileName makes a name of a folder out of any text.
func fileName(s string) string {
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '.' && i > 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	if b.Len() == 0 {
		return "%"
	}
	const most = 200
	return b.String()[:min(most, b.Len())]
}

// saveBackup puts a copy of the state into the folder, durably, and returns its path.
func (f *Folder) saveBackup(dir string, state *statefile.File) (path string, err error) {
	defer func() {
		if err != nil {
			err = &FolderError{Dir: f.location.Dir, Err: fmt.Errorf("save the old state: %w", err),
				Hint: "Nothing was written. Make room for it and its folder writable, or say with HEROKUTF_BACKUPS where backups go."}
		}
	}()
	serial := state.Serial()
	const most = 40 // digits, lest the name get too long
	if len(serial) > most {
		serial = "0"
	}
	name := fmt.Sprintf("%s-serial%s-%s", f.opts.Now().UTC().Format(timeLayout), serial, strings.ToLower(rand.Text()[:8]))
	path = filepath.Join(dir, name+backupSuffix)
	return path, saveFile(diskio.OS{}, path, state.Bytes())
}

// saveFile makes a file that has its name only when it is whole, and durably so.
func saveFile(on diskio.Calls, path string, data []byte) error {
	tmp := path + ".tmp"
	file, err := on.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = on.WriteAt(file, data, 0)
	if err == nil {
		err = on.Sync(file)
	}
	err = errors.Join(err, file.Close())
	if err == nil {
		err = on.Rename(tmp, path)
	}
	if err != nil {
		return errors.Join(err, on.Remove(tmp))
	}
	return diskio.SyncFolder(on, filepath.Dir(path))
}

// followed notes in a backup's name what took its place, and returns the new path. On an
// error it is the old one.
func followed(on diskio.Calls, path, serial string) (string, error) {
	name := strings.TrimSuffix(path, backupSuffix) + "-then" + serial + backupSuffix
	if err := on.Rename(path, name); err != nil {
		return path, fmt.Errorf("note what followed a backup: %w", err)
	}
	return name, diskio.SyncFolder(on, filepath.Dir(name))
}

// discard removes the backup of a state that wasn't written.
func discard(path string) error {
	if path == "" {
		return nil
	}
	return os.Remove(path)
}

// parseBackupName reads what is said by a backup's name.
func parseBackupName(name string) (Backup, bool) {
	rest, ok := strings.CutSuffix(name, backupSuffix)
	if !ok {
		return Backup{}, false
	}
	stamp, rest, ok := strings.Cut(rest, "-serial")
	if !ok {
		return Backup{}, false
	}
	at, err := time.Parse(timeLayout, stamp)
	if err != nil {
		return Backup{}, false
	}
	words := strings.Split(rest, "-")
	b := Backup{Time: at, Serial: words[0]}
	if len(words) == 3 {
		b.Next, ok = strings.CutPrefix(words[2], "then")
	}
	return b, ok && digits(b.Serial) && (len(words) == 2 || digits(b.Next))
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// Backups returns the copies of the folder's state that were made before it was written,
// the newest first; nil when there are none. A lineage of "" stands for all lineages that
// the workspace has had. Only names are looked at.
//
// Those of a local state are beside it (see [statefile.Backups]), whatever their lineage.
// Those of any other one are in .terraform/herokutf, or below HEROKUTF_BACKUPS, in
// folders by lineage and workspace that only this user can read. They stay until somebody
// removes them.
func (f *Folder) Backups(lineage string) ([]Backup, error) {
	var backups []Backup
	if f.inPlace() {
		beside, err := statefile.Backups(f.location.Path)
		for _, b := range beside {
			backups = append(backups, Backup{Path: b.Path, Time: b.Time, Serial: b.Serial})
		}
		return backups, err
	}
	lineages := []string{fileName(lineage)}
	if lineage == "" {
		entries, err := os.ReadDir(f.backupsDir())
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("list backups: %w", err)
		}
		lineages = nil
		for _, e := range entries {
			lineages = append(lineages, e.Name())
		}
	}
	for _, name := range lineages {
		dir := filepath.Join(f.backupsDir(), name, fileName(f.location.Workspace))
		entries, err := os.ReadDir(dir)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("list backups: %w", err)
		}
		for _, e := range entries {
			if b, ok := parseBackupName(e.Name()); ok && e.Type().IsRegular() {
				b.Path, b.Lineage = filepath.Join(dir, e.Name()), name
				backups = append(backups, b)
			}
		}
	}
	slices.SortFunc(backups, func(a, b Backup) int {
		return cmp.Or(b.Time.Compare(a.Time), statefile.CompareSerials(b.Serial, a.Serial), cmp.Compare(a.Path, b.Path))
	})
	return backups, nil
}
