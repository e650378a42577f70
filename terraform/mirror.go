package terraform

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/tfconfig"
)

// A mirror stands for a folder of the user's: a scratch folder of links into it, in
// which edited files take the place of their links. It stands beside what it stands for,
// so that "../modules" leads where it does there.
type mirror struct {
	scratch *scratch
	base    string   // the folder that it stands for: the configuration's, or one above it
	config  string   // the configuration's folder
	skip    []string // names in it that are left out
	states  []string // paths of states, left out with the files that belong to them
	added   []string // files of its own that no file of the user's stands for
}

// newMirror makes a mirror of base, which is config or a folder above it. In the
// configuration's folder the names in skip are left out, and states wherever they are:
// where links can't be made a lock keeps its state from being copied. Where no folder can
// be made beside base it is made among the temporary files, and mirrors every folder above
// config up to the root.
func newMirror(base, config string, skip []string, states ...string) (*mirror, error) {
	m := &mirror{base: base, config: config, skip: skip, states: states}
	var err error
	if parent := filepath.Dir(base); parent != base {
		m.scratch, err = newScratch(parent)
	}
	if m.scratch == nil {
		root := filepath.VolumeName(config) + string(filepath.Separator)
		var terr error
		if m.scratch, terr = newScratch(os.TempDir()); terr != nil {
			return nil, errors.Join(err, terr)
		}
		m.base = root
	}
	if err := m.apply(nil); err != nil {
		m.close()
		return nil, err
	}
	return m, nil
}

func (m *mirror) close() error {
	if m == nil {
		return nil
	}
	return m.scratch.close()
}

// there returns a path's counterpart in the mirror, and the path itself if it is none
// of base's.
func (m *mirror) there(path string) string {
	if rel, ok := within(m.base, path); ok {
		return filepath.Join(m.scratch.root, rel)
	}
	return path
}

// dir is the configuration's folder in the mirror.
func (m *mirror) dir() string { return m.there(m.config) }

// within returns the path that leads from dir to path, if it leads down.
func within(dir, path string) (rel string, ok bool) {
	rel, err := filepath.Rel(dir, path)
	if err != nil || !filepath.IsLocal(rel) {
		return "", false
	}
	return rel, true
}

// leavesOut reports whether a path of the user's has no counterpart in the mirror.
func (m *mirror) leavesOut(path string) bool {
	dir, name := filepath.Dir(path), filepath.Base(path)
	return strings.HasPrefix(name, scratchPrefix) || dir == m.config && slices.Contains(m.skip, name) ||
		slices.ContainsFunc(m.states, func(state string) bool { return statefile.Belongs(path, state) })
}

// An edited file has two paths: the one that it was read by, and the one that links
// lead to.
type edited struct {
	path, real string
	data       []byte
}

// resolve makes the paths of edits, which start in cwd, absolute and real.
func resolve(cwd string, edits []tfconfig.FileEdit) ([]edited, error) {
	var files []edited
	for _, e := range edits {
		path := e.Path
		if !filepath.IsAbs(path) {
			path = filepath.Join(cwd, path)
		}
		dir, err := filepath.EvalSymlinks(filepath.Dir(path))
		if err != nil {
			return nil, err
		}
		path = filepath.Join(dir, filepath.Base(path))
		real, err := filepath.EvalSymlinks(path)
		if errors.Is(err, fs.ErrNotExist) {
			real, err = path, nil // a new file
		}
		if err != nil {
			return nil, err
		}
		files = append(files, edited{path, real, e.New})
	}
	return files, nil
}

// covering returns the lowest folder that holds dir and all of the files.
func covering(dir string, files []edited) string {
	for _, e := range files {
		for {
			if _, ok := within(dir, e.path); ok {
				break
			}
			parent := filepath.Dir(dir)
			if parent == dir {
				break
			}
			dir = parent
		}
	}
	return dir
}

// apply makes the mirror show the user's files as they are but for those, whatever it
// showed before.
func (m *mirror) apply(files []edited) error {
	for _, name := range m.added {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	m.added = nil
	a := application{m: m, dirs: map[string]bool{}, files: map[string][]byte{}}
	a.above(m.config)
	for _, e := range files {
		for _, path := range []string{e.path, e.real} {
			if _, ok := within(m.base, path); ok {
				a.above(filepath.Dir(path))
			}
			a.files[path] = e.data
		}
	}
	if err := a.folder(m.base); err != nil {
		return err
	}
	for _, e := range files {
		if _, err := os.Lstat(e.path); !errors.Is(err, fs.ErrNotExist) {
			continue
		}
		name := m.there(e.path)
		if name == e.path {
			continue
		}
		if err := os.WriteFile(name, e.data, 0o600); err != nil {
			return err
		}
		m.added = append(m.added, name)
	}
	return nil
}

// An application is one pass over a mirror.
type application struct {
	m     *mirror
	dirs  map[string]bool   // folders of the user's that are folders in the mirror
	files map[string][]byte // edited files, by their paths
}

// above notes that dir, and what is above it, must be folders of the mirror's own.
func (a *application) above(dir string) {
	for ; ; dir = filepath.Dir(dir) {
		a.dirs[dir] = true
		if dir == a.m.base || dir == filepath.Dir(dir) {
			return
		}
	}
}

// folder fills a folder of the mirror.
func (a *application) folder(dir string) error {
	there := a.m.there(dir)
	if info, err := os.Lstat(there); err == nil && !info.IsDir() {
		if err := os.Remove(there); err != nil {
			return err
		}
	}
	if err := os.Mkdir(there, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil && dir == a.m.config {
		return err
	}
	if err != nil {
		// One may be passed through and not be listed.
		for sub := range a.dirs {
			if filepath.Dir(sub) == dir && sub != dir {
				if err := a.folder(sub); err != nil {
					return err
				}
			}
		}
	}
	for _, e := range entries {
		if err := a.entry(dir, e); err != nil {
			return err
		}
	}
	return nil
}

// entry puts one entry of a folder into the mirror: a folder of its own, a file with
// other content, or a link.
func (a *application) entry(dir string, e fs.DirEntry) error {
	path := filepath.Join(dir, e.Name())
	if a.m.leavesOut(path) {
		return nil
	}
	there := a.m.there(path)
	data, edited := a.files[path]
	target := path
	if e.Type()&fs.ModeSymlink != 0 {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			if content, ok := a.files[real]; ok {
				data, edited = content, true
			}
			if a.dirs[real] {
				target = a.m.there(real)
			}
		}
	}
	switch {
	case e.IsDir() && a.dirs[path]:
		return a.folder(path)
	case edited:
		if err := os.RemoveAll(there); err != nil {
			return err
		}
		return os.WriteFile(there, data, 0o600)
	}
	if now, err := os.Readlink(there); err == nil && now == target {
		return nil
	}
	if err := os.RemoveAll(there); err != nil {
		return err
	}
	return link(target, there, a.m.leavesOut)
}

// copyTree copies a file, or a folder with all that is in it but for what is left out, where
// the system lets this user make no links.
func copyTree(from, to string, leavesOut func(path string) bool) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := to + strings.TrimPrefix(path, from)
		switch {
		case leavesOut(path) && d.IsDir():
			return fs.SkipDir
		case leavesOut(path):
		case d.IsDir():
			return os.MkdirAll(name, 0o700)
		case d.Type().IsRegular():
			return copyFile(path, name)
		}
		return nil
	})
}

// copyFile copies a file's content into a new private one.
func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
