package statefile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// first is what the updates here are made with.
func first(s *system) UpdateOptions {
	return UpdateOptions{BackUpFirst: true, Now: fixedTime, disk: s}
}

func TestBackUpFirst(t *testing.T) {
	for name, text := range newTexts {
		t.Run(name, func(t *testing.T) {
			old := textState(9, oldText)
			path := writeState(t, old)
			// The backup isn't done before the edit is called.
			called := make(chan bool)
			s := &system{chunk: testChunk, fault: func(step string, n int) (int, error) {
				if step == "backup: sync" {
					<-called
				}
				return n, nil
			}}
			got, err := Update(t.Context(), path, first(s), func(f *File) (*File, error) {
				close(called)
				return setText(text)(f)
			})
			must(t, err)
			backup := path + ".herokutf-20260102T150405Z-serial9.backup"
			if want := (Result{Changed: true, OldSerial: "9", NewSerial: "10", Backup: backup}); *got != want {
				t.Errorf("got %+v, want %+v", *got, want)
			}
			wantState(t, path, textState(10, text))
			wantBackups(t, path, 1, old)
			wantBeside(t, path, 1)
		})
	}
}

// The backup has begun when the edit is called, and goes on beside it.
func TestBackUpFirstIsFirst(t *testing.T) {
	old := textState(9, oldText)
	for _, known := range []*File{nil, parse(t, string(old))} {
		begun := make(chan bool)
		s := &system{chunk: testChunk, fault: func(step string, n int) (int, error) {
			if step == "backup: create" {
				close(begun)
			}
			return n, nil
		}}
		opts := first(s)
		opts.Known = known
		_, err := Update(t.Context(), writeState(t, old), opts, func(f *File) (*File, error) {
			select {
			case <-begun:
			case <-time.After(20 * time.Second):
				t.Errorf("known %v: no backup has begun", known != nil)
			}
			return setText("new")(f)
		})
		must(t, err)
	}
}

// wantBeside checks how many files there are beside the state.
func wantBeside(t *testing.T, path string, want int) {
	t.Helper()
	if got := beside(t, path); len(got) != want {
		t.Errorf("there is %q beside the state, want %d files", got, want)
	}
}

func TestBackUpFirstOfNothing(t *testing.T) {
	broken := errors.New("broken")
	old := textState(9, oldText)
	for name, test := range map[string]struct {
		old  []byte
		edit func(*File) (*File, error)
		want error
	}{
		"same file":    {edit: func(f *File) (*File, error) { return f, nil }},
		"same bytes":   {edit: func(f *File) (*File, error) { return Parse("x", bytes.Clone(f.Bytes())) }},
		"error":        {edit: func(*File) (*File, error) { return nil, broken }, want: broken},
		"lower serial": {edit: func(*File) (*File, error) { return Parse("x", textState(8, "other")) }, want: ErrSerial},
		"no state":     {old: []byte("[]"), edit: setText("new"), want: ErrNotState},
	} {
		for _, known := range []*File{nil, parse(t, string(old))} {
			t.Run(fmt.Sprint(name, known != nil), func(t *testing.T) {
				if test.old == nil {
					test.old = old
				}
				path := writeState(t, test.old)
				opts := first(nil)
				opts.Known = known
				if _, err := Update(t.Context(), path, opts, test.edit); !errors.Is(err, test.want) {
					t.Errorf("got error %v, want %v", err, test.want)
				}
				wantState(t, path, test.old)
				wantBeside(t, path, 0)
			})
		}
	}
	t.Run("panic", func(t *testing.T) {
		path := writeState(t, old)
		func() {
			defer func() { recover() }()
			Update(t.Context(), path, first(nil), func(*File) (*File, error) { panic("in the edit") })
		}()
		wantState(t, path, old)
		wantBeside(t, path, 0)
	})
}

// A backup that nobody wanted may fail. That it can't be removed again is an error, as it
// is one of a backup that was wanted; the next update does it.
func TestBackUpFirstFails(t *testing.T) {
	old := textState(9, oldText)
	broken := errors.New("broken")
	same := func(f *File) (*File, error) { return f, nil }
	breaks := func(*File) (*File, error) { return nil, broken }
	for _, test := range []struct {
		step string
		edit func(*File) (*File, error)
		want error
		left int
	}{
		{"backup: write", same, nil, 0},
		{"backup: write", setText("new"), syscall.EIO, 0},
		{"backup: rename", setText("new"), syscall.EIO, 0},
		{"remove backup", same, syscall.EIO, 1},
		{"remove backup", breaks, broken, 1},
		{"backup: write, remove backup", same, nil, 0}, // there is nothing to remove
	} {
		t.Run(test.step, func(t *testing.T) {
			path := writeState(t, old)
			s := &system{chunk: testChunk, fault: func(step string, n int) (int, error) {
				if slices.Contains(strings.Split(test.step, ", "), step) {
					return n / 2, syscall.EIO
				}
				return n, nil
			}}
			got, err := Update(t.Context(), path, first(s), test.edit)
			if !errors.Is(err, test.want) || (got == nil) != (err != nil) || test.want == broken && err != broken {
				t.Errorf("got %+v with error %v, want %v", got, err, test.want)
			}
			wantState(t, path, old)
			wantBeside(t, path, test.left)
			if _, err := Update(t.Context(), path, UpdateOptions{}, same); err != nil {
				t.Error(err)
			}
			wantBeside(t, path, 0)
		})
	}
}

// Each step fails once, and a process is killed at each.
func TestBackUpFirstInterrupted(t *testing.T) {
	text := newTexts["much larger"]
	old, new := textState(9, oldText), textState(10, text)
	var steps []string
	s := &system{chunk: testChunk, fault: func(step string, n int) (int, error) {
		steps = append(steps, step)
		return n, nil
	}}
	if _, err := Update(t.Context(), writeState(t, old), first(s), setText(text)); err != nil {
		t.Fatal(err)
	}
	for at, step := range steps {
		t.Run(fmt.Sprint(at, " ", step), func(t *testing.T) {
			path := writeState(t, old)
			n := -1
			s := &system{chunk: testChunk, fault: func(_ string, size int) (int, error) {
				if n++; n == at {
					return size / 2, syscall.ENOSPC
				}
				return size, nil
			}}
			if _, err := Update(t.Context(), path, first(s), setText(text)); !errors.Is(err, syscall.ENOSPC) {
				t.Fatalf("got error %v, want %v", err, syscall.ENOSPC)
			}
			checkRecovery(t, path, old, new)
		})
	}
	for at, half := range crashPoints(steps) {
		path := writeState(t, old)
		if !crash(t, path, "back up first", text, at, half) {
			t.Fatalf("step %d, %s: the child lived on", at, steps[at])
		}
		if checkRecovery(t, path, old, new); t.Failed() {
			t.Fatalf("killed at step %d, %s, half %v", at, steps[at], half)
		}
	}
}

// What is read and compared in halves is all of it, of any length and with any change.
func TestInHalves(t *testing.T) {
	for _, size := range []int{0, 1, large - 1, large, large + 1, large + testChunk/2} {
		text := bytes.Repeat([]byte("0123456789abcde"), size/15+1)[:size]
		path := writeState(t, text)
		f, err := os.Open(path)
		must(t, err)
		defer f.Close()
		got, err := readAll(f, path)
		if err != nil || !bytes.Equal(got, text) {
			t.Errorf("%d bytes: read %d others, %v", size, len(got), err)
		}
		s := &system{chunk: 1 << 16}
		must(t, s.compare("compare", f, text))
		for _, at := range []int{0, size/2 - 1, size / 2, size - 1} {
			if at < 0 || at >= size {
				continue
			}
			text[at] ^= 1
			if err := s.compare("compare", f, text); !errors.Is(err, errDiffers) {
				t.Errorf("%d bytes with another one at %d: %v", size, at, err)
			}
			text[at] ^= 1
		}
		// The file has become shorter since its length was asked for.
		for _, left := range []int{0, size / 3, size / 2, size - 1} {
			if left < 0 {
				continue
			}
			got, err := readSize(bytes.NewReader(text[:left]), size)
			if err != nil || !bytes.Equal(got, text[:left]) {
				t.Errorf("%d bytes of %d: read %d, %v", left, size, len(got), err)
			}
		}
	}
}

// failing fails to read what lies at these offsets or behind them.
type failing struct {
	io.ReaderAt
	from int64
}

func (f failing) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > f.from {
		return 0, syscall.EIO
	}
	return f.ReaderAt.ReadAt(p, off)
}

func TestReadSizeFails(t *testing.T) {
	text := strings.NewReader(strings.Repeat(" ", large))
	for _, from := range []int64{0, large/2 + 1, large - 1} {
		if _, err := readSize(failing{text, from}, large); !errors.Is(err, syscall.EIO) {
			t.Errorf("from %d: got error %v", from, err)
		}
	}
	if _, err := readSize(failing{text, large}, large); err != nil {
		t.Error(err)
	}
	var order []int
	err := inHalves(3, func(from, to int) error { order = append(order, from, to); return nil })
	if diff := cmp.Diff([]int{0, 3}, order); diff != "" || err != nil {
		t.Errorf("a small text (-want +got):\n%s, %v", diff, err)
	}
}
