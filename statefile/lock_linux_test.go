package statefile

import (
	"os/exec"
	"slices"
	"syscall"
	"testing"

	"github.com/herokutf/herokutf/internal/testmode"
)

// Whoever else reads the state in this process doesn't release its lock.
func TestLockOutlivesReaders(t *testing.T) {
	path := writeState(t, textState(9, oldText))
	_, err := Update(t.Context(), path, UpdateOptions{}, func(f *File) (*File, error) {
		if _, err := ReadFile(path); err != nil {
			t.Error(err)
		}
		if out, err := command(t, "try", "STATEFILE_PATH", path).Output(); string(out) != "busy\n" {
			t.Errorf("another process finds it %q, %v", out, err)
		}
		return f, nil
	})
	must(t, err)
}

// A child that is being started while the lock is released doesn't keep it.
func TestLockWhileChildrenStart(t *testing.T) {
	path := writeState(t, textState(1, "0"))
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
				exec.Command("/bin/true").Run()
			}
		}
	}()
	for range 150 {
		l, err := acquire(t.Context(), path, UpdateOptions{})
		if err != nil {
			t.Error(err)
			break
		}
		must(t, l.close())
	}
	close(stop)
	<-done
}

// All that holds for locks of the open file holds for those of the process, which
// other systems have.
func TestPOSIXLocks(t *testing.T) {
	commands := lockCommands
	defer func() { lockCommands = commands }()
	lockCommands = []int{syscall.F_SETLK}
	for name, test := range map[string]func(*testing.T){
		"other process":  TestLockAgainstAnotherProcess,
		"same process":   TestLockWithinTheProcess,
		"waiting":        TestLockWaits,
		"replaced":       TestLockFollowsTheName,
		"concurrent":     TestUpdateConcurrently,
		"pending":        TestPendingDuringAWrite,
		"links":          TestUpdateThroughLinks,
		"moved":          TestLockMoved,
		"terraform":      terraformWaits,
		"under its lock": terraformHolds,
	} {
		if name == "terraform" && !testmode.Full() {
			continue // it asks for the lock once a second
		}
		t.Run(name, test)
	}
}

// The locks are those that exclude each other and Terraform's.
func TestLockCommands(t *testing.T) {
	const setlk, ofdSetlk = 6, 37 // on all architectures but MIPS and SPARC
	if syscall.F_SETLK == setlk && !slices.Equal(lockCommands, []int{ofdSetlk, setlk}) {
		t.Errorf("got %v", lockCommands)
	}
}

// Where the kernel has no locks of the open file, those of the process serve.
func TestLockCommandUnknown(t *testing.T) {
	commands := lockCommands
	defer func() { lockCommands = commands }()
	lockCommands = []int{9999, syscall.F_SETLK}
	TestLockAgainstAnotherProcess(t)
	lockCommands = []int{9999}
	if _, err := Update(t.Context(), writeState(t, textState(9, oldText)), UpdateOptions{}, setText("x")); err == nil {
		t.Error("no error without a lock")
	}
}
