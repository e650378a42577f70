package statefile

import (
	"context"
	"errors"
	"os"
	"testing"
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

// AcceptEdit is an edit that a test of another package has, which processes are
// killed in the middle of.
var AcceptEdit func(*File) (*File, error)

// CrashAccept lets a process die at the steps of an update with AcceptEdit, and
// checks that the state is the old or the new one, or can be made the new one. It
// returns how often what was left was which.
func CrashAccept(t *testing.T, old, new []byte) map[Outcome]int {
	t.Helper()
	seen := make(map[Outcome]int)
	steps := recordEdit(t, old, AcceptEdit)
	for at, half := range crashPoints(steps) {
		path := writeState(t, old)
		if !crash(t, path, "accept", "", at, half) {
			t.Fatalf("step %d, %s: the child lived on", at, steps[at])
		}
		seen[checkRecovery(t, path, old, new)]++
		if t.Failed() {
			t.Fatalf("step %d, %s, half %v", at, steps[at], half)
		}
	}
	return seen
}
