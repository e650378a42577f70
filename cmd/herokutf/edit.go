package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/herokutf/herokutf/internal/printable"
	"github.com/herokutf/herokutf/statefile"
)

// maxEdits is how often an edit of a state is worked out at most: anew when the
// state was changed while Heroku was asked.
const maxEdits = 3

// errMoving is for a state that doesn't stay as it was read.
var errMoving = errors.New("the state was changed by another program each time while Heroku was being asked; nothing was written")

// editState edits the state at path in place. What edit does may take long, as
// asking Heroku does, so it gets the state without the lock being held: the
// state is read under the lock, edited without it, and written under it again if
// it is still the same to the byte. Else the edit is worked out anew from what
// the state is then, and edit is called up to three times.
func (e *env) editState(ctx context.Context, path, verb string, lockTimeout time.Duration, edit func(*statefile.File) (*statefile.File, error)) (*statefile.Result, error) {
	opts := e.update(verb, lockTimeout)
	var f *statefile.File
	result, err := statefile.Update(ctx, path, opts, func(read *statefile.File) (*statefile.File, error) {
		f = read
		return read, nil
	})
	if err != nil {
		return nil, err
	}
	for range maxEdits {
		after, err := edit(f)
		if err != nil || bytes.Equal(after.Bytes(), f.Bytes()) {
			return result, err
		}
		same := true
		opts.Known = f
		result, err = statefile.Update(ctx, path, opts, func(now *statefile.File) (*statefile.File, error) {
			if same = now == f; same {
				return after, nil
			}
			f = now
			return now, nil
		})
		if err != nil || same {
			return result, err
		}
	}
	return nil, fmt.Errorf("edit state %s: %w", printable.Path(path), errMoving)
}

// editLocked edits the state at path in place, all under the lock: it is for an edit that
// asks nobody, and that changes something, mostly.
func (e *env) editLocked(ctx context.Context, path, verb string, lockTimeout time.Duration, edit func(*statefile.File) (*statefile.File, error)) (*statefile.Result, error) {
	opts := e.update(verb, lockTimeout)
	opts.BackUpFirst = true
	return statefile.Update(ctx, path, opts, edit)
}
