package herokutf

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/herokutf/herokutf/internal/diskio"
)

// A renamer fails a number of renames.
type renamer struct {
	diskio.OS
	fails int // -1: all
	err   error
	asked []string
}

func (r *renamer) Rename(from, to string) error {
	r.asked = append(r.asked, from+" "+to)
	if r.fails < 0 || len(r.asked) <= r.fails {
		return r.err
	}
	return nil
}

// TestRenameOver: on Windows a rename that others hinder is tried again for half a second,
// and elsewhere, or for another reason, none is.
func TestRenameOver(t *testing.T) {
	const step = 10 * time.Millisecond
	other := errors.New("other")
	for name, tt := range map[string]struct {
		on      renamer
		windows bool
		tries   int
		took    time.Duration
		err     error
	}{
		"at once":         {renamer{}, true, 1, 0, nil},
		"permission":      {renamer{fails: 2, err: fs.ErrPermission}, true, 3, 3 * step, nil},
		"shared":          {renamer{fails: 1, err: syscall.Errno(32)}, true, 2, step, nil},
		"the last time":   {renamer{fails: 9, err: fs.ErrPermission}, true, 10, 45 * step, nil},
		"never":           {renamer{fails: -1, err: fs.ErrPermission}, true, 10, 45 * step, fs.ErrPermission},
		"another reason":  {renamer{fails: -1, err: other}, true, 1, 0, other},
		"another system":  {renamer{fails: -1, err: fs.ErrPermission}, false, 1, 0, fs.ErrPermission},
		"another, shared": {renamer{fails: -1, err: syscall.Errno(32)}, false, 1, 0, syscall.Errno(32)},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				err := renameOver(&tt.on, "from", "to", tt.windows)
				if !errors.Is(err, tt.err) || (err != nil) != (tt.err != nil) || !slices.Equal(tt.on.asked, slices.Repeat([]string{"from to"}, tt.tries)) || time.Since(begin) != tt.took {
					t.Errorf("%v after %v, asked for %q", err, time.Since(begin), tt.on.asked)
				}
			})
		})
	}
}

// TestReadAtMost: a file that is too large is read no further than that shows.
func TestReadAtMost(t *testing.T) {
	for size, fits := range map[int]bool{0: true, 9: true, 10: true, 11: false, 1000: false} {
		in := strings.NewReader(strings.Repeat("x", size))
		data, err := readAtMost(in, 10)
		if fits && (err != nil || len(data) != size) || !fits && (!errors.Is(err, ErrPinFile) || err.Error() != fmt.Sprintf("%v: it has more than 10 bytes", ErrPinFile) || in.Len() != size-11) {
			t.Errorf("%d bytes: %d, %v, %d left", size, len(data), err, in.Len())
		}
	}
	broken := errors.New("broken")
	if _, err := readAtMost(iotest.ErrReader(broken), 10); err != broken {
		t.Errorf("got %v", err)
	}
}
