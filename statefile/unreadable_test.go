package statefile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is open can't be looked at, or not be read: the error says so, and nothing is
// returned in part.
func TestUnreadable(t *testing.T) {
	path := writeState(t, textState(9, oldText))
	closed, err := os.Open(path)
	must(t, err)
	must(t, closed.Close())
	unread, err := os.OpenFile(path, os.O_WRONLY, 0)
	must(t, err)
	defer unread.Close()
	pipe, other, err := os.Pipe()
	must(t, err)
	defer pipe.Close()
	defer other.Close()

	for name, file := range map[string]*os.File{"closed": closed, "for writing": unread} {
		data, err := readAll(file, "a.tfstate")
		if data != nil || err == nil || !strings.HasPrefix(err.Error(), "read state: ") {
			t.Errorf("a state that is %s: got %d bytes, error %v", name, len(data), err)
		}
		j, err := journalIn(path, file)
		if e, ok := errors.AsType[*FileError](err); j != nil || !ok || e.Path != path {
			t.Errorf("a journal that is %s: got %v, error %v", name, j, err)
		}
	}
	if data, err := readAll(pipe, "a.tfstate"); data != nil || err == nil || err.Error() != irregular("a.tfstate").Error() {
		t.Errorf("a pipe: got %d bytes, error %v", len(data), err)
	}
	f, err := Parse("a.tfstate", make([]byte, MaxSize+1)) // of which no page is ever touched
	if e, ok := errors.AsType[*FormatError](err); f != nil || !ok || e.Kind != KindTooLarge || e.Name != "a.tfstate" {
		t.Errorf("too large: got error %v", err)
	}
	if _, err := ReadFile(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), "read state: ") {
		t.Errorf("no file: got error %v", err)
	}
}

// TestQuotedKeys: a key is quoted as Terraform does it, whatever it holds.
func TestQuotedKeys(t *testing.T) {
	for key, want := range map[string]string{
		"":                   `[""]`,
		"\t\n\r":             `["\t\n\r"]`,
		"\"\\":               `["\"\\"]`,
		"${a}%{b}$%":         `["$${a}%%{b}$%"]`,
		"\x00\x1f\u200e":     `["\u0000\u001f\u200e"]`,
		"\U000e0001日本\u00a0": `["\U000e0001日本\u00a0"]`,
	} {
		if got := (Key{text: key, kind: 's'}).String(); got != want {
			t.Errorf("%q: got %s, want %s", key, got, want)
		}
	}
}
