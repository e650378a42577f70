package statefile

import (
	"errors"
	"fmt"
	"strings"

	"github.com/herokutf/herokutf/internal/printable"
)

// Conditions that callers match with [errors.Is].
var (
	// ErrNotState says that a file is no Terraform state that this package
	// reads. A [FormatError] says what it is.
	ErrNotState = errors.New("not a Terraform state of version 3 or 4")
	// ErrSyntax says that a file is no valid JSON. A [SyntaxError] says where.
	ErrSyntax = errors.New("invalid JSON")
	// ErrEdit says that edits can't be applied: they overlap, belong to another
	// file or hold invalid JSON. An [EditError] says where.
	ErrEdit = errors.New("invalid edit")
	// ErrProof says that the outcome of edits is not what the edits ask for.
	// A [ProofError] says where.
	ErrProof = errors.New("edited state differs from the original in more or less than the edits")
)

// FormatKind says what a file is that is no state of version 3 or 4.
type FormatKind string

// What can take the place of a state.
const (
	KindEmpty         FormatKind = "empty"          // no bytes at all
	KindBlank         FormatKind = "blank"          // white space or a byte order mark only
	KindZeros         FormatKind = "zeros"          // zero bytes only, as a crashed file system leaves them
	KindBackend       FormatKind = "backend"        // .terraform/terraform.tfstate: which backend, or state store, is in use
	KindEncrypted     FormatKind = "encrypted"      // a state that OpenTofu encrypted
	KindSOPS          FormatKind = "sops"           // encrypted by SOPS
	KindShowJSON      FormatKind = "show-json"      // output of terraform show -json
	KindPlan          FormatKind = "plan"           // a plan, or another zip archive
	KindBinary        FormatKind = "binary"         // the state or plan of Terraform before 0.6
	KindConflict      FormatKind = "merge-conflict" // left by a version control system
	KindUTF16         FormatKind = "utf-16"         // text of two or four bytes a character
	KindGzip          FormatKind = "gzip"           // compressed
	KindHTML          FormatKind = "html"           // HTML or XML, such as a login page
	KindOther         FormatKind = "other"          // JSON of another purpose
	KindOldVersion    FormatKind = "old-version"    // a state of version 1 or 2
	KindNewVersion    FormatKind = "new-version"    // a state of version 5 or later
	KindMalformed     FormatKind = "malformed"      // a state in which something has the wrong kind
	KindInterrupted   FormatKind = "interrupted"    // half written by Update, which was killed; Recover ends it
	KindTooLarge      FormatKind = "too-large"      // larger than MaxSize
	KindNoRegularFile FormatKind = "no-regular"     // a folder, a device or a pipe
)

// FormatError says what a file is that can't be read as a state. It unwraps to
// [ErrNotState].
type FormatError struct {
	Kind FormatKind
	Name string // of the file, as given to Parse
	Line int    // from 1; 0 when the whole file is meant
	Col  int    // in characters, from 1; 0 when the whole file is meant
	// Problem says what the file is, in a few words.
	Problem string
	// Hint is advice: what to do, in whole sentences.
	Hint string
	// Backup is the path of the newest backup beside the file, or empty when
	// there is none or the name isn't a path. Only [ReadFile] and the verbs
	// that open the file themselves fill it in.
	Backup string
}

func (e *FormatError) Error() string {
	return place(e.Name, e.Line, e.Col) + ": " + e.Problem
}

func (e *FormatError) Unwrap() error { return ErrNotState }

// SyntaxError is a fault in the JSON text itself. It unwraps to [ErrSyntax].
// It shows no text of the file beyond the character at fault.
type SyntaxError struct {
	Name      string // of the file, as given to Parse
	Line      int    // from 1
	Col       int    // in characters, from 1
	Offset    int    // in bytes, from 0
	Truncated bool   // whether the text ends too early
	Problem   string // what is wrong, in a few words
	Hint      string // what to do, in whole sentences
	Backup    string // as in FormatError
}

func (e *SyntaxError) Error() string {
	return place(e.Name, e.Line, e.Col) + ": " + e.Problem
}

func (e *SyntaxError) Unwrap() error { return ErrSyntax }

// EditError says why edits can't be applied. It unwraps to [ErrEdit].
type EditError struct {
	Name    string // of the file, as given to Parse
	Line    int    // from 1, of the value to be edited; 0 when there is none
	Col     int    // in characters, from 1; 0 when there is none
	Problem string
}

func (e *EditError) Error() string {
	return place(e.Name, e.Line, e.Col) + ": edit: " + e.Problem
}

func (e *EditError) Unwrap() error { return ErrEdit }

// ProofError says where the outcome of edits is not what they ask for. It means
// a fault in this package or in the edits, and that nothing may be written. It
// unwraps to [ErrProof] and shows no value.
type ProofError struct {
	Name    string // of the file, as given to Parse
	Path    Path   // from the document's root, in the original; nil when the whole file is meant
	Problem string
}

func (e *ProofError) Error() string {
	if len(e.Path) == 0 {
		return fmt.Sprintf("%s: proof: %s", e.Name, e.Problem)
	}
	return fmt.Sprintf("%s: proof: %s: %s", e.Name, e.Path, e.Problem)
}

func (e *ProofError) Unwrap() error { return ErrProof }

func place(name string, line, col int) string {
	switch {
	case line == 0:
		return name
	case name == "":
		return fmt.Sprintf("%d:%d", line, col)
	}
	return fmt.Sprintf("%s:%d:%d", name, line, col)
}

// withBackup fills in which backup stands beside the file an error is about.
func withBackup(err error, path string) error {
	if e, ok := errors.AsType[*SyntaxError](err); ok {
		if e.Backup = newestBackup(path); e.Backup != "" {
			e.Hint = backupHint(e.Hint, e.Backup)
		}
	} else if e, ok := errors.AsType[*FormatError](err); ok && e.lost() {
		if e.Backup = newestBackup(path); e.Backup != "" {
			e.Hint = backupHint(e.Hint, e.Backup)
		}
	}
	return err
}

// lost reports whether the file may have been a state once.
func (e *FormatError) lost() bool {
	switch e.Kind {
	case KindEmpty, KindBlank, KindZeros, KindConflict, KindUTF16, KindMalformed, KindInterrupted:
		return true
	}
	return false
}

func backupHint(hint, backup string) string {
	return strings.TrimSpace(hint + " The newest backup beside it is " + printable.Path(backup) + ".")
}
