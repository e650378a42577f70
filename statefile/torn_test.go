package statefile

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// journalOf writes the copies that a journal names, and returns the state's path and the
// journal.
func journalOf(t *testing.T, old, new []byte) (path string, j *journal) {
	t.Helper()
	path = writeState(t, old)
	backup := path + ".herokutf-20260102T150405Z-serial9.backup"
	must(t, os.WriteFile(backup, old, 0o600))
	must(t, os.WriteFile(path+copySuffix, new, 0o600))
	return path, &journal{Format: 1,
		Old: revision{filepath.Base(backup), "9", int64(len(old)), sum(old)}, New: revision{filepath.Base(path + copySuffix), "10", int64(len(new)), sum(new)}}
}

// What a write leaves between its steps is found torn, each bit of it; and with any one byte
// of it changed it isn't.
func TestTorn(t *testing.T) {
	small := func(serial int, more string) []byte {
		return fmt.Appendf(nil, `{"version":4,"serial":%d,"lineage":"x"%s}`, serial, more)
	}
	for name, states := range map[string][2][]byte{
		"larger":              {textState(9, oldText), textState(10, newTexts["much larger"])},
		"smaller":             {textState(9, newTexts["much larger"]), textState(10, oldText)},
		"equal":               {textState(9, oldText), textState(9, newTexts["equal"])},
		"below the marker":    {small(9, ""), small(8, "")},
		"from below to above": {small(9, ""), textState(10, oldText)},
	} {
		old, new := states[0], states[1]
		path, j := journalOf(t, old, new)
		mark := markerOf(j.Old.Size, j.New.Size)
		n := len(mark)
		is := func(what string, data []byte, want bool) {
			t.Helper()
			if got := j.torn(path, data); got != want {
				t.Errorf("%s, %s: torn: %v, want %v", name, what, got, want)
			}
		}
		is("the old state", old, false)
		is("the new state", new, false)
		is("nothing", nil, false)
		is("the marker alone", mark, true)
		is("the marker but for its end", mark[:n-1], false)
		for which, whole := range map[string][]byte{"old": old, "new": new} {
			is("marked over the "+which, slices.Concat(mark, whole[n:]), true)
			is("marked over something else than the "+which, slices.Concat(mark, bytes.Repeat([]byte{'?'}, len(whole)-n)), true)
			for k := 1; k < n; k++ {
				for how, head := range map[string][]byte{"partly marked": slices.Concat(mark[:k], whole[k:n]), "partly unmarked": slices.Concat(whole[:k], mark[k:])} {
					is(fmt.Sprintf("%s, %d of the %s", how, k, which), slices.Concat(head, whole[n:]), true)
					for _, at := range []int{0, k - 1, k, n - 1} {
						other := slices.Concat(head, whole[n:])
						other[at] = '?'
						is(fmt.Sprintf("%s, %d of the %s, with another byte at %d", how, k, which, at), other, false)
					}
				}
			}
		}
		if len(new) <= len(old) {
			continue
		}
		for size := len(old) + 1; size <= len(new); size += 7 {
			grown := slices.Concat(old, new[len(old):size])
			is(fmt.Sprintf("grown to %d", size), grown, true)
			is(fmt.Sprintf("grown to %d zeros", size), slices.Concat(old, make([]byte, size-len(old))), true)
			for _, at := range []int{0, len(old) - 1, len(old), size - 1} {
				other := bytes.Clone(grown)
				other[at] ^= 1
				is(fmt.Sprintf("grown to %d, with another byte at %d", size, at), other, false)
				if at >= len(old) {
					other[at] = 0
					is(fmt.Sprintf("grown to %d, with a zero at %d", size, at), other, true)
				}
			}
		}
		is("grown by all", slices.Concat(old, new[len(old):]), true)
		is("grown by too much", slices.Concat(old, new[len(old):], []byte{0}), false)
		is("grown by too many zeros", slices.Concat(old, make([]byte, len(new)-len(old)+1)), false)
		must(t, os.Remove(path+copySuffix))
		is("grown, without the copy", slices.Concat(old, new[len(old):]), false)
		is("grown by zeros, without the copy", slices.Concat(old, make([]byte, 3)), true)
	}
}

// Of an empty file no byte is marked: it is torn when a part of the new state is there, or
// room for it.
func TestTornFromNothing(t *testing.T) {
	new := initial.Bytes()
	path, j := journalOf(t, nil, new)
	for name, tt := range map[string]struct {
		data []byte
		want Condition
	}{
		"nothing": {nil, Untouched}, "all": {new, Written}, "a byte": {new[:1], Torn}, "most": {new[:len(new)-3], Torn}, "zeros": {make([]byte, 10), Torn},
		"zeros, and more than it takes": {make([]byte, len(new)+1), Damaged}, "rubbish": {[]byte("rubbish"), Damaged}, "the marker": {[]byte(marker), Damaged},
		"another state": {textState(3, "x"), Replaced},
	} {
		if got := j.judge(path, tt.data); got != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
	// What is to be there again is nothing, and takes no copy.
	must(t, os.Remove(path+copySuffix))
	must(t, os.Remove(filepath.Join(filepath.Dir(path), j.Old.File)))
	must(t, os.WriteFile(path, make([]byte, 10), 0o600))
	must(t, os.WriteFile(path+journalSuffix, j.encode(), 0o600))
	done, err := Recover(t.Context(), path, UpdateOptions{})
	must(t, err)
	if done.Outcome != RestoredOld || done.Serial != "9" || done.Backup != "" {
		t.Errorf("got %+v, want the old one", done)
	}
	wantState(t, path, nil)
}

// Bytes beyond what the file is known to hold are written, whatever stands there.
func TestOverwriteOfMoreThanIsKnown(t *testing.T) {
	is := textState(9, newTexts["much larger"])
	for name, want := range map[string][]byte{"larger": textState(10, strings.Repeat("larger ", 300)), "smaller": textState(10, oldText), "equal": textState(10, newTexts["much larger"])} {
		for _, known := range []int{0, 100, testChunk, 2*testChunk - 1, len(is) - 1, len(is)} {
			path := writeState(t, is)
			f, err := os.OpenFile(path, os.O_RDWR, 0)
			must(t, err)
			s := &system{chunk: testChunk}
			marked, err := s.overwrite("state", f, is[:known], want, markerOf(int64(len(is)), int64(len(want))))
			must(t, err)
			must(t, f.Close())
			if !marked {
				t.Errorf("%s, %d bytes known: it wasn't marked", name, known)
			}
			wantState(t, path, want)
		}
	}
}

// A journal has JSON, or nothing is written.
func TestJournalEncode(t *testing.T) {
	j := &journal{Format: 1, Created: fixedTime(), Who: "me@here", Operation: "test", Old: revision{"o", "9", 1, "00"}, New: revision{"n", "10", 2, "01"}}
	const want = `{
  "format": 1,
  "created": "2026-01-02T15:04:05Z",
  "who": "me@here",
  "operation": "test",
  "old": {
    "file": "o",
    "serial": "9",
    "size": 1,
    "crc32c": "00"
  },
  "new": {
    "file": "n",
    "serial": "10",
    "size": 2,
    "crc32c": "01"
  }
}
`
	if got := string(j.encode()); got != want {
		t.Errorf("got %s", got)
	}
	defer func() {
		if recover() == nil {
			t.Error("a journal without JSON was encoded")
		}
	}()
	j.Created = j.Created.AddDate(10_000, 0, 0)
	j.encode()
}
