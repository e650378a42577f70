package statefile

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/herokutf/herokutf/internal/testmode"
)

// The test binary runs itself as the second process: what to do there stands in
// the environment.
func TestMain(m *testing.M) {
	if job := os.Getenv("STATEFILE_CHILD"); job != "" {
		if err := child(job); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(tests(m))
}

// diskTemp is the folder for what has to stand on a disk, and may be executed.
var diskTemp = os.TempDir()

// tests runs the tests. In the short form states stand in memory, where the system
// has a folder for that: on a disk half of the time goes into syncing, which means
// nothing to a test that kills a process and not the machine.
func tests(m *testing.M) int {
	if !testmode.Full() {
		if dir, err := os.MkdirTemp("/dev/shm", "statefile-*"); err == nil {
			defer os.RemoveAll(dir)
			os.Chmod(dir, 0o755) // other users' processes take part
			os.Setenv("TMPDIR", dir)
		}
	}
	return m.Run()
}

// command returns the test binary as a child process with a job. The environment
// is given as pairs.
func command(t testing.TB, job string, env ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
	cmd.Env = append(os.Environ(), "STATEFILE_CHILD="+job)
	for i := 0; i+1 < len(env); i += 2 {
		cmd.Env = append(cmd.Env, env[i]+"="+env[i+1])
	}
	return cmd
}

func child(job string) error {
	path := os.Getenv("STATEFILE_PATH")
	ctx := context.Background()
	switch job {
	case "crash":
		at, err := strconv.Atoi(os.Getenv("STATEFILE_AT"))
		if err != nil {
			return err
		}
		opts := UpdateOptions{Now: fixedTime, disk: &system{chunk: testChunk, fault: (&killer{at: at, half: os.Getenv("STATEFILE_HALF") != ""}).fault}}
		switch op := os.Getenv("STATEFILE_OP"); op {
		case "recover":
			_, err = Recover(ctx, path, opts)
		case "undo":
			_, err = Undo(ctx, path, "", opts)
		case "insert":
			opts.Initial = initial
			_, err = Update(ctx, path, opts, insertApps)
		case "back up first":
			opts.BackUpFirst = true
			_, err = Update(ctx, path, opts, setText(os.Getenv("STATEFILE_TEXT")))
		case "accept":
			_, err = Update(ctx, path, opts, AcceptEdit)
		default:
			_, err = Update(ctx, path, opts, setText(os.Getenv("STATEFILE_TEXT")))
		}
		return err
	case "hold":
		// Holds the lock until standard input ends, and says when it has it.
		_, err := Update(ctx, path, UpdateOptions{Operation: "holding", Info: "for a test", Who: "child@test"}, func(f *File) (*File, error) {
			fmt.Println("locked")
			os.Stdin.Read(make([]byte, 1))
			return f, nil
		})
		return err
	case "try":
		_, err := Update(ctx, path, UpdateOptions{}, func(f *File) (*File, error) { return f, nil })
		if errors.Is(err, ErrLocked) {
			fmt.Println("busy")
			return nil
		}
		if err == nil {
			fmt.Println("free")
		}
		return err
	case "increment":
		n, err := strconv.Atoi(os.Getenv("STATEFILE_TIMES"))
		if err != nil {
			return err
		}
		for range n {
			if _, err := Update(ctx, path, UpdateOptions{LockTimeout: time.Minute}, increase); err != nil {
				return err
			}
		}
		return nil
	}
	return childOfSystem(job, path)
}

// killer lets a process die at one of its steps.
type killer struct {
	at   int  // the step to die before, from 0
	half bool // do half of that step first, if it writes
	n    int
}

func (k *killer) fault(step string, size int) (int, error) {
	k.n++
	if k.n-1 == k.at && k.half && size > 1 {
		return size / 2, errors.New("dying")
	}
	if k.n-1 >= k.at {
		kill()
	}
	return size, nil
}

// testChunk makes small states take several writes.
const testChunk = 300

var fixedTime = func() time.Time { return time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC) }

// textState is a state with one output, called text, which edits change.
func textState(serial int, text string) []byte {
	value, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return fmt.Appendf(nil, `{
  "version": 4,
  "terraform_version": "1.11.4",
  "serial": %d,
  "lineage": "5c0d0f2c-1111-4222-8333-444455556666",
  "outputs": {
    "text": {
      "value": %s,
      "type": "string"
    }
  },
  "resources": [],
  "unknown": [1.0, 2e3, %q],
  "check_results": null
}
`, serial, value, strings.Repeat("behind the edit ", 40))
}

// setText returns an edit that sets the output.
func setText(text string) func(*File) (*File, error) {
	return func(f *File) (*File, error) {
		for o := range f.Outputs() {
			return f.Apply(ReplaceString(o.Value, text))
		}
		return nil, errors.New("no output")
	}
}

// increase is an edit that counts up in the output.
func increase(f *File) (*File, error) {
	for o := range f.Outputs() {
		n, err := strconv.Atoi(o.Value.Text())
		if err != nil {
			return nil, err
		}
		return f.Apply(ReplaceString(o.Value, strconv.Itoa(n+1)))
	}
	return nil, errors.New("no output")
}

// writeState writes a state into a new folder and returns its path.
func writeState(t testing.TB, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "terraform.tfstate")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// wantState fails unless the state holds just data.
func wantState(t testing.TB, path string, data []byte) {
	t.Helper()
	if got := readFile(t, path); !bytes.Equal(got, data) {
		t.Errorf("state is\n%s\nwant\n%s", got, data)
	}
}

// beside lists what is in the state's folder but the state.
func beside(t testing.TB, path string) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if e.Name() != filepath.Base(path) {
			names = append(names, e.Name())
		}
	}
	return names
}

// wantBackups fails unless there is nothing beside the state but n whole copies
// of it as it was.
func wantBackups(t testing.TB, path string, n int, old []byte) {
	t.Helper()
	names := beside(t, path)
	if len(names) != n {
		t.Errorf("beside the state: %q, want %d backups", names, n)
	}
	for _, name := range names {
		if !strings.HasSuffix(name, ".backup") {
			t.Errorf("beside the state: %q, want backups only", name)
		} else if !bytes.Equal(readFile(t, filepath.Join(filepath.Dir(path), name)), old) {
			t.Errorf("backup %s differs from the old state", name)
		}
	}
}
