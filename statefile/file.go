package statefile

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// MaxSize is the largest state that is read, in bytes: 1 GiB, which is some
// 600,000 resources.
const MaxSize = 1 << 30

// File is a state file: its bytes, and an index of what stands where. Make one
// with [Parse]. It is never changed after that; [File.Apply] makes another.
//
// A File prints and logs as its name, its serial and its size in bytes, with
// every verb of [fmt] and in [log/slog]: no byte of the state gets into a log by
// mistake. [File.Bytes] and [Value.Text] give the content.
type File struct {
	name string
	*text

	version   string
	serials   []span // of each member that Terraform reads as the serial, in document order
	versionAt Member // beside which a missing serial is added
	lineage   string
	terraform string

	root      span
	members   []rootMember // of the root
	instances []Instance
	outputs   []outputs
	addresses func() map[string]*Instance // made when first asked for
}

// text is a state's bytes, out of the reach of what prints by reflection, see
// format.go.
type text struct{ *content }

type content struct{ data []byte }

func newText(data []byte) *text { return &text{&content{data}} }

// rootMember is the place of a member of the root.
type rootMember struct{ name, value span }

// outputs is an object of outputs in a module.
type outputs struct {
	module string
	at     span
}

// Parse reads a state of version 3 or 4. The name serves messages only. The
// file keeps data itself, not a copy, so data must not be changed any more.
//
// The error is a [*SyntaxError] for text that isn't JSON, and a [*FormatError] for
// whatever else isn't such a state. With an error the file is nil: nothing is
// returned in part.
func Parse(name string, data []byte) (*File, error) {
	if len(data) > MaxSize {
		return nil, tooLarge(name, int64(len(data)))
	}
	if err := sniff(name, data); err != nil {
		return nil, err
	}
	return index(name, data)
}

// ReadFile reads and parses the state at path without locking it, which serves
// dry runs: Terraform may write the file meanwhile. It must not be called while
// this process holds a lock on the file, since closing any descriptor of a file
// drops the POSIX locks on it. It refuses what is larger than [MaxSize] or no
// regular file before reading it. Errors are those of
// [os.Open] and [Parse], and, on Windows, where a locked state can't be read,
// a [*LockedError]; a [*SyntaxError] or a [*FormatError] names the newest
// backup beside the file, if there is one.
func ReadFile(path string) (*File, error) {
	// To open a pipe waits for its other end, and to open a device can do things.
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read state: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, irregular(path)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read state: %w", err)
	}
	defer file.Close()
	data, err := readAll(file, path)
	if err != nil {
		return nil, err
	}
	f, err := Parse(path, data)
	if err != nil {
		return nil, withBackup(err, path)
	}
	return f, nil
}

// readAll reads an open state from its beginning, into a slice of just its
// size: a growing one would take twice the memory.
func readAll(file *os.File, name string) ([]byte, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("read state: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, irregular(name)
	}
	if info.Size() > MaxSize {
		return nil, tooLarge(name, info.Size())
	}
	data, err := readSize(file, int(info.Size()))
	if rangeLocked(err) {
		return nil, &LockedError{Path: name, Info: holder(name), Hint: lockHint(0)}
	}
	if err != nil {
		return nil, fmt.Errorf("read state: %w", err)
	}
	return data, nil
}

// readSize reads so many bytes from the beginning. A file that shrank meanwhile is
// judged by what is left of it.
func readSize(file io.ReaderAt, size int) ([]byte, error) {
	data := room(size)
	var mu sync.Mutex
	err := inHalves(size, func(from, to int) error {
		n, err := file.ReadAt(data[from:to], int64(from))
		if err == io.EOF {
			mu.Lock()
			size = min(size, from+n)
			mu.Unlock()
			err = nil
		}
		return err
	})
	return data[:size], err
}

func tooLarge(name string, size int64) error {
	return &FormatError{Kind: KindTooLarge, Name: name,
		Problem: fmt.Sprintf("%d bytes are more than the %d that a state may have", size, int64(MaxSize)),
		Hint:    "Split the configuration, or move resources into another state with terraform state mv."}
}

// newestBackup returns the path of the newest backup of the state at path:
// those of Terraform (.backup, .<time>.backup), of its users and of this
// package. It returns "" when there is none that holds anything.
func newestBackup(path string) string {
	dir, base := filepath.Split(path)
	entries, err := os.ReadDir(cmp.Or(dir, "."))
	if err != nil {
		return ""
	}
	newest := ""
	var at int64
	for _, entry := range entries {
		name := entry.Name()
		if !strings.HasPrefix(name, base+".") || !strings.HasSuffix(name, ".backup") {
			continue
		}
		info, err := entry.Info()
		if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
			continue
		}
		if t := info.ModTime().UnixNano(); newest == "" || t >= at {
			newest, at = dir+name, t
		}
	}
	return newest
}

// Name returns the name given to [Parse].
func (f *File) Name() string { return f.name }

// Bytes returns the file's text: the very slice given to [Parse], which must not
// be changed.
func (f *File) Bytes() []byte {
	if f.text == nil {
		return nil // the zero File
	}
	return f.data
}

// Version returns the version of the state's format, 3 or 4.
func (f *File) Version() int { return int(f.version[0] - '0') }

// Serial returns the number of the state's revision, as its digits stand in the
// file: it may be larger than any integer type. It is "0" where the file has
// none, as Terraform reads it.
func (f *File) Serial() string {
	if len(f.serials) == 0 {
		return "0"
	}
	if text := string(f.serials[len(f.serials)-1].of(f.data)); text != "null" {
		return text
	}
	return "0"
}

// Lineage returns the identifier that all revisions of a state share, or "" if
// there is none.
func (f *File) Lineage() string { return f.lineage }

// TerraformVersion returns the version of Terraform or OpenTofu that wrote the
// state, or "" if the file doesn't say.
func (f *File) TerraformVersion() string { return f.terraform }

// Root returns the whole document.
func (f *File) Root() Value { return Value{f, f.root} }

// Instances yields every instance in document order: managed and data
// resources of all modules, counted ones, those of for_each, and deposed ones.
// The instances belong to the file and must not be changed.
func (f *File) Instances() iter.Seq[*Instance] {
	return func(yield func(*Instance) bool) {
		for i := range f.instances {
			if !yield(&f.instances[i]) {
				return
			}
		}
	}
}

// Instance returns the instance with an address, spelled as Terraform and
// [Instance.Address] spell it: module.env["blue"].heroku_app.web[0],
// data.heroku_app.web, and, for a deposed object,
// heroku_app.web["eu"] (deposed 1a2b3c4d). Without that mark the address is that
// of the current object and never of a deposed one. The address of a resource
// with count or for_each is the address of no instance. Of several instances
// with one address, which Terraform doesn't write, it is the last one; ok is
// false, and the instance nil, where there is none.
//
// The first call goes through all instances once; further ones look the address
// up, also from several goroutines at once.
func (f *File) Instance(address string) (instance *Instance, ok bool) {
	instance, ok = f.addresses()[address]
	return instance, ok
}

// byAddress maps addresses to instances.
func (f *File) byAddress() map[string]*Instance {
	m := make(map[string]*Instance, len(f.instances))
	for i := range f.instances {
		m[f.instances[i].Address()] = &f.instances[i]
	}
	return m
}

// Output is a named value that a module of the state gives out. State version 4
// keeps those of the root module only.
type Output struct {
	Module    string // address of the module, "" for the root
	Name      string
	Value     Value
	Sensitive bool
}

// Address returns the output's address: output.x, or module.m.output.x.
func (o Output) Address() string {
	if o.Module == "" {
		return "output." + o.Name
	}
	return o.Module + ".output." + o.Name
}

// Outputs yields the outputs in document order.
func (f *File) Outputs() iter.Seq[Output] {
	return func(yield func(Output) bool) {
		for _, set := range f.outputs {
			for name, at := range members(f.data, set.at) {
				output := Output{Module: set.module, Name: unquote(name.of(f.data))}
				for m := range (Value{f, at}).Members() {
					switch raw := m.name.of(f.data); {
					case isField(raw, "value"):
						output.Value = m.Value
					case isField(raw, "sensitive"):
						output.Sensitive = m.Value.Text() == "true"
					}
				}
				if output.Value.file != nil && !yield(output) {
					return
				}
			}
		}
	}
}

// MayContain reports whether a string anywhere in the file may hold s. False is
// certain; true may be wrong, since escapes are judged by single characters.
func (f *File) MayContain(s string) bool { return mayContain(f.data, s) }

// position returns line and column of an offset, both from 1. The column counts
// characters; a byte that is no part of one counts by itself.
func position(data []byte, offset int) (line, col int) {
	before := data[:min(offset, len(data))]
	line = 1 + bytes.Count(before, []byte{'\n'})
	before = before[bytes.LastIndexByte(before, '\n')+1:]
	if line == 1 {
		before = bytes.TrimPrefix(before, bom)
	}
	return line, 1 + len(bytes.Runes(before))
}
