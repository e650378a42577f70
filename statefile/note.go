package statefile

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/herokutf/herokutf/internal/printable"
)

// noteSuffix is what follows the name of a backup in that of the note beside it.
const noteSuffix = ".files"

// maxNote is how long a note may be, in bytes, to be read.
const maxNote = 1 << 20

// A note says what went along with the write that a backup was made for.
type note struct {
	FormatVersion string `json:"format_version"`
	// Edited are paths, with slashes, that start in the note's folder, so that a
	// checkout may be moved as a whole.
	Edited []string `json:"edited"`
}

// NoteEdited notes, in a file beside a backup, which files of the configuration are
// edited along with the state that takes the backup's place: whoever goes back to the
// backup has to take back those, too, and nobody else knows them. No files remove the
// note. Paths that aren't absolute start in the current folder.
func NoteEdited(backup string, files ...string) error { return disk.noteEdited(backup, files) }

func (s *system) noteEdited(backup string, files []string) error {
	path := backup + noteSuffix
	if len(files) == 0 {
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err := s.remove("note: remove", path); err != nil {
			return err
		}
		return s.syncFolder("note: sync folder", path)
	}
	dir, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("note what is edited with a state: %w", err)
	}
	n := note{FormatVersion: "1.0"}
	for _, file := range files {
		if file, err = filepath.Abs(file); err != nil {
			return fmt.Errorf("note what is edited with a state: %w", err)
		}
		if rel, err := filepath.Rel(dir, file); err == nil {
			file = rel
		}
		n.Edited = append(n.Edited, filepath.ToSlash(file))
	}
	data, err := json.MarshalIndent(n, "", "  ")
	if err == nil {
		err = s.saveNote(path, append(data, '\n'))
	}
	if err != nil {
		return fmt.Errorf("note what is edited with a state: %w", err)
	}
	return nil
}

// saveNote writes a note, in place of one that is there.
func (s *system) saveNote(path string, data []byte) error {
	owner, err := os.Stat(filepath.Dir(path))
	if err == nil {
		err = s.remove("note: remove leftovers", path+tmpSuffix)
	}
	if err != nil {
		return err
	}
	return s.saveAs("note", path, data, owner)
}

// Edited returns the files that [NoteEdited] has noted for a backup, in its order: their
// paths start where that of the backup does. It is nil if there is no note, as for a
// backup of a state that was written alone.
func Edited(backup string) ([]string, error) {
	path := backup + noteSuffix
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it isn't a file")
	}
	var data []byte
	if err == nil {
		var f *os.File
		if f, err = os.Open(path); err == nil {
			data, err = io.ReadAll(io.LimitReader(f, maxNote))
			f.Close()
		}
	}
	var n note
	if err == nil {
		err = json.Unmarshal(data, &n)
	}
	if err != nil {
		return nil, fmt.Errorf("read the note of a backup %s: %w", printable.Path(path), err)
	}
	files := make([]string, 0, len(n.Edited))
	for _, file := range n.Edited {
		if file = filepath.FromSlash(file); !filepath.IsAbs(file) {
			file = filepath.Join(filepath.Dir(path), file)
		}
		files = append(files, file)
	}
	return files, nil
}
