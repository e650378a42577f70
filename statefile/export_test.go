package statefile

import (
	"context"
	"errors"
	"os"
)

// InterruptForExample leaves the state at path as a process does that is killed
// while it writes.
func InterruptForExample(path string, edit func(*File) (*File, error)) {
	fail := false
	s := &system{now: fixedTime, chunk: 100, fault: func(step string, n int) (int, error) {
		if fail = fail || step == "state: write"; fail {
			return n / 2, errors.New("killed")
		}
		return n, nil
	}}
	Update(context.Background(), path, UpdateOptions{disk: s}, edit)
	os.Remove(lockInfoPath(path))
}
