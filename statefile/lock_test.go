package statefile

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// holdLock lets a child process hold the lock of the state. The returned function
// lets it go and waits for the end of the process.
func holdLock(t *testing.T, path string) (release func()) {
	t.Helper()
	cmd := command(t, "hold", "STATEFILE_PATH", path)
	// The test's own context ends before its cleanup.
	held := exec.Command(cmd.Path)
	held.Env = cmd.Env
	cmd = held
	in, err := cmd.StdinPipe()
	must(t, err)
	out, err := cmd.StdoutPipe()
	must(t, err)
	cmd.Stderr = os.Stderr
	must(t, cmd.Start())
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "locked\n" {
		t.Fatalf("child says %q, %v", line, err)
	}
	done := false
	release = func() {
		if !done {
			done = true
			in.Close()
			io.Copy(io.Discard, out)
			if err := cmd.Wait(); err != nil {
				t.Errorf("child: %v", err)
			}
		}
	}
	t.Cleanup(release)
	return release
}

// spellings are paths by which the state at path can be reached, besides path
// itself.
func spellings(t *testing.T, path string) map[string]string {
	t.Helper()
	dir := t.TempDir()
	hard, linked := filepath.Join(dir, "hard"), filepath.Join(dir, "linked")
	must(t, os.Link(path, hard))
	names := map[string]string{
		"same":      path,
		"dots":      filepath.Dir(path) + "/./../" + filepath.Base(filepath.Dir(path)) + "/terraform.tfstate",
		"hard link": hard,
	}
	if os.Symlink(filepath.Dir(path), linked) == nil && !absent(linked) { // wine makes none, and has no error
		names["linked folder"] = filepath.Join(linked, "terraform.tfstate")
	}
	if wd, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(wd, path); err == nil {
			names["relative"] = rel
		}
	}
	return names
}

func TestLockAgainstAnotherProcess(t *testing.T) {
	path := writeState(t, textState(9, oldText))
	release := holdLock(t, path)
	for name, other := range spellings(t, path) {
		_, err := Update(t.Context(), other, UpdateOptions{}, setText("x"))
		e, ok := errors.AsType[*LockedError](err)
		if !ok || !errors.Is(err, ErrLocked) || e.Hint == "" {
			t.Errorf("%s: got error %v, want %v with a hint", name, err, ErrLocked)
			continue
		}
		// What the holder says stands beside the name it used.
		if i := e.Info; name != "hard link" && (i.Operation != "holding" || i.Info != "for a test" || i.Who != "child@test" || i.Path != path || i.Created.IsZero()) {
			t.Errorf("%s: got holder %+v", name, i)
		}
	}
	if _, err := Recover(t.Context(), path, UpdateOptions{}); !errors.Is(err, ErrLocked) {
		t.Errorf("Recover: got error %v, want %v", err, ErrLocked)
	}
	if _, err := Undo(t.Context(), path, "", UpdateOptions{}); !errors.Is(err, ErrLocked) {
		t.Errorf("Undo: got error %v, want %v", err, ErrLocked)
	}
	// Failing to get the lock takes nothing from its holder.
	if out, err := command(t, "try", "STATEFILE_PATH", path).Output(); string(out) != "busy\n" {
		t.Errorf("a third process finds it %q, %v", out, err)
	}
	wantState(t, path, textState(9, oldText))
	release()
	if _, err := Update(t.Context(), path, UpdateOptions{}, setText("x")); err != nil {
		t.Error(err)
	}
	wantState(t, path, textState(10, "x"))
}

func TestLockWithinTheProcess(t *testing.T) {
	path := writeState(t, textState(9, oldText))
	names := spellings(t, path)
	try := func(when, want string) {
		t.Helper()
		if out, err := command(t, "try", "STATEFILE_PATH", path).Output(); string(out) != want+"\n" {
			t.Errorf("%s, another process finds it %q, %v; want %q", when, out, err, want)
		}
	}
	_, err := Update(t.Context(), path, UpdateOptions{Operation: "outer"}, func(f *File) (*File, error) {
		for name, other := range names {
			_, err := Update(t.Context(), other, UpdateOptions{}, setText("x"))
			e, ok := errors.AsType[*LockedError](err)
			if !ok || name != "hard link" && e.Info.Operation != "outer" {
				t.Errorf("%s: got error %v, want %v, held by outer", name, err, ErrLocked)
			}
			try("after "+name, "busy")
		}
		return f, nil
	})
	must(t, err)
	try("in the end", "free")
}

func TestLockWaits(t *testing.T) {
	path := writeState(t, textState(9, oldText))
	release := holdLock(t, path)
	var waits []Progress
	opts := UpdateOptions{LockTimeout: time.Minute, Progress: func(p Progress) {
		if p.Stage == StageWaiting {
			waits = append(waits, p)
			if len(waits) == 4 {
				release()
			}
		}
	}}
	_, err := Update(t.Context(), path, opts, setText("x"))
	must(t, err)
	wantState(t, path, textState(10, "x"))
	if len(waits) < 4 {
		t.Fatalf("%d pauses, want 4 at least", len(waits))
	}
	for i, p := range waits {
		if p.Path != path || p.Next <= 0 || p.Next > maxPause*3/2 || i > 0 && p.Waited <= waits[i-1].Waited {
			t.Errorf("pause %d: got %+v", i, p)
		}
		// Each is about twice as long as the one before.
		if pause := min(minPause<<i, maxPause); p.Next < pause/2 || p.Next >= pause*3/2 {
			t.Errorf("pause %d is of %v", i, p.Next)
		}
		if i < 4 && p.Holder.Operation != "holding" {
			t.Errorf("pause %d: got holder %+v", i, p.Holder)
		}
	}
}

func TestLockTimesOut(t *testing.T) {
	path := writeState(t, textState(9, oldText))
	holdLock(t, path)
	start := time.Now()
	_, err := Update(t.Context(), path, UpdateOptions{LockTimeout: 150 * time.Millisecond}, setText("x"))
	e, ok := errors.AsType[*LockedError](err)
	if !ok || e.Waited < 150*time.Millisecond || time.Since(start) > 10*time.Second || e.Path != path || e.Hint != lockHint(1) || errors.Is(err, context.Canceled) {
		t.Errorf("got error %#v after %v, want a LockedError after 150ms", err, time.Since(start))
	}
	if want := `held by child@test, operation holding (for a test), version herokutf, since `; !strings.Contains(err.Error(), want) {
		t.Errorf("got error %v, want %q in it", err, want)
	}
}

func TestLockCancelled(t *testing.T) {
	path := writeState(t, textState(9, oldText))
	holdLock(t, path)
	reason := errors.New("the user had enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	var waited time.Duration
	opts := UpdateOptions{LockTimeout: time.Hour, Progress: func(p Progress) {
		waited = p.Waited
		cancel(reason)
	}}
	_, err := Update(ctx, path, opts, setText("x"))
	e, ok := errors.AsType[*LockedError](err)
	if !ok || !errors.Is(err, reason) || !errors.Is(err, ErrLocked) || e.Path != path || e.Info.Operation != "holding" || e.Hint != "" {
		t.Fatalf("got error %#v, want %v and %v", err, reason, ErrLocked)
	}
	if want := "operation holding (for a test)"; !strings.Contains(err.Error(), want) || !strings.HasSuffix(err.Error(), ": the user had enough") {
		t.Errorf("got error %v, want %q and the reason in it", err, want)
	}
	if runtime.GOOS != "windows" && e.Waited <= waited { // whose clock stands still for a while
		t.Errorf("it waited %v, and said %v before", e.Waited, waited)
	}
	if _, err := Update(ctx, path, UpdateOptions{}, setText("x")); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want %v", err, context.Canceled)
	}
}

// A lock whose holder was killed is free, and what it said of itself is replaced.
func TestLockOfTheDead(t *testing.T) {
	path := writeState(t, textState(9, oldText))
	cmd := command(t, "hold", "STATEFILE_PATH", path)
	in, err := cmd.StdinPipe()
	must(t, err)
	defer in.Close()
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "locked\n" {
		t.Fatalf("child says %q, %v", line, err)
	}
	must(t, cmd.Process.Kill())
	cmd.Wait()
	info, err := readLockInfo(lockInfoPath(path))
	must(t, err)
	if info.Operation != "holding" {
		t.Errorf("got %+v, want what the dead process left", info)
	}
	_, err = Update(t.Context(), path, UpdateOptions{Operation: "after"}, func(f *File) (*File, error) {
		info, err := readLockInfo(lockInfoPath(path))
		must(t, err)
		if info.Operation != "after" {
			t.Errorf("got holder %+v", info)
		}
		return f, nil
	})
	must(t, err)
	wantBackups(t, path, 0, nil)
}

func TestLockInfo(t *testing.T) {
	for name, file := range map[string]string{
		"terraform.tfstate":      ".terraform.tfstate.lock.info",
		".terraform.tfstate":     ".terraform.tfstate.lock.info",
		"..odd":                  "..odd.lock.info",
		"name with space.<&>é":   ".name with space.<&>é.lock.info",
		"terraform.tfstate.d.x ": ".terraform.tfstate.d.x .lock.info",
	} {
		if runtime.GOOS == "windows" && strings.ContainsAny(name, "<> ") {
			continue
		}
		path := filepath.Join(t.TempDir(), name)
		must(t, os.WriteFile(path, textState(9, oldText), 0o600))
		opts := UpdateOptions{Operation: "OperationTest", Info: "<why>", Who: "me@here", Now: fixedTime}
		info := filepath.Join(filepath.Dir(path), file)
		_, err := Update(t.Context(), path, opts, func(f *File) (*File, error) {
			// Exactly the fields that Terraform reads, and no more.
			var got map[string]string
			must(t, json.Unmarshal(readFile(t, info), &got))
			if id := got["ID"]; !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(id) {
				t.Errorf("got ID %q", id)
			}
			delete(got, "ID")
			want := map[string]string{"Operation": "OperationTest", "Info": "<why>", "Who": "me@here", "Version": "herokutf",
				"Created": "2026-01-02T15:04:05Z", "Path": path}
			if len(got) != len(want) {
				t.Errorf("got %v, want %v", got, want)
			}
			for k, v := range want {
				if got[k] != v {
					t.Errorf("%s: got %q, want %q", k, got[k], v)
				}
			}
			return f, nil
		})
		must(t, err)
		if names := beside(t, path); len(names) > 0 {
			t.Errorf("left %q", names)
		}
	}
	who := "unknown"
	if u, err := user.Current(); err == nil {
		who = u.Username
	}
	host, _ := os.Hostname()
	got := newLockInfo("x", UpdateOptions{})
	id := got.ID
	if got.ID = ""; got != (LockInfo{Operation: "herokutf", Who: who + "@" + host, Version: "herokutf", Path: "x"}) {
		t.Errorf("got %+v", got)
	}
	seen := map[string]bool{id: true}
	for range 50 {
		id := newUUID()
		if seen[id] || !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(id) {
			t.Fatalf("got %q", id)
		}
		seen[id] = true
	}
}

// A time that has no JSON: nothing is written, and the lock is free again.
func TestLockInfoWithoutJSON(t *testing.T) {
	path := writeState(t, textState(9, oldText))
	opts := UpdateOptions{Now: func() time.Time { return fixedTime().AddDate(10_000, 0, 0) }}
	_, err := Update(t.Context(), path, opts, neverCalled(t))
	if e, ok := errors.AsType[*FileError](err); !ok || e.Path != path {
		t.Errorf("got error %v", err)
	}
	wantState(t, path, textState(9, oldText))
	wantBackups(t, path, 0, nil)
	_, err = Update(t.Context(), path, UpdateOptions{}, setText("x"))
	must(t, err)
}

// The description is gone when the lock is released, not after it.
func TestLockInfoGoesFirst(t *testing.T) {
	path := writeState(t, textState(9, oldText))
	l, err := acquire(t.Context(), path, UpdateOptions{})
	must(t, err)
	release, released := l.release, false
	l.release = func() error {
		released = true
		if names := beside(t, path); len(names) > 0 {
			t.Errorf("at the release there is %q", names)
		}
		return release()
	}
	if names := beside(t, path); len(names) != 1 {
		t.Errorf("while it is locked there is %q", names)
	}
	must(t, l.close())
	if !released {
		t.Error("not released")
	}
}

// A link that waits where the description will be written leads nowhere, and the
// description of another holder isn't removed.
func TestLockInfoOfOthers(t *testing.T) {
	path := writeState(t, textState(9, oldText))
	victim := filepath.Join(t.TempDir(), "victim")
	must(t, os.WriteFile(victim, []byte("precious"), 0o644))
	link(t, victim, lockInfoPath(path))
	theirs := []byte(`{"ID":"theirs"}`)
	_, err := Update(t.Context(), path, UpdateOptions{}, func(f *File) (*File, error) {
		must(t, os.WriteFile(lockInfoPath(path), theirs, 0o600))
		return f, nil
	})
	must(t, err)
	wantState(t, victim, []byte("precious"))
	wantState(t, lockInfoPath(path), theirs)
}

// The description is written by others, and may be anything.
func TestReadLockInfo(t *testing.T) {
	created := time.Date(2026, 1, 2, 15, 4, 5, 600700800, time.UTC)
	for name, test := range map[string]struct {
		text string
		want LockInfo
		line string // of the error about it
		err  bool
	}{
		"terraform": {`{"ID":"5e2d","Operation":"OperationTypeApply","Info":"","Who":"me@here","Version":"1.11.4","Created":"2026-01-02T15:04:05.6007008Z","Path":"terraform.tfstate"}`,
			LockInfo{ID: "5e2d", Operation: "OperationTypeApply", Who: "me@here", Version: "1.11.4", Created: created, Path: "terraform.tfstate"},
			"me@here, operation OperationTypeApply, version 1.11.4, since 2026-01-02T15:04:05Z", false},
		"other kinds":  {`{"ID":7,"Operation":["x"],"Who":"me","Created":12,"More":{}}`, LockInfo{Who: "me"}, "me", false},
		"no time":      {`{"ID":"x","Created":"yesterday"}`, LockInfo{ID: "x"}, "someone", false},
		"terminal":     {"{\"Who\":\"a\\u001b[31mb\\nc\xffd\"}", LockInfo{Who: "a [31mb c\ufffdd"}, "", false},
		"long":         {`{"Info":"` + strings.Repeat("é", 5000) + `"}`, LockInfo{Info: strings.Repeat("é", 300) + "..."}, "", false},
		"not too long": {`{"Info":"` + strings.Repeat("é", 300) + `"}`, LockInfo{Info: strings.Repeat("é", 300)}, "", false},
		"all": {`{"ID":"i","Operation":"o","Info":"n","Who":"w","Version":"v","Created":"2026-01-02T16:04:05+01:00","Path":"p"}`,
			LockInfo{ID: "i", Operation: "o", Info: "n", Who: "w", Version: "v", Created: time.Date(2026, 1, 2, 16, 4, 5, 0, time.FixedZone("", 3600)), Path: "p"},
			"w, operation o (n), version v, since 2026-01-02T15:04:05Z", false},
		"empty object": {`{}`, LockInfo{}, "an unknown program", false},
		"empty":        {``, LockInfo{}, "an unknown program", true},
		"torn":         {`{"ID":"5e2d","Opera`, LockInfo{}, "an unknown program", true},
		"huge":         {`{"ID":"` + strings.Repeat("x", maxLockInfo) + `"}`, LockInfo{}, "an unknown program", true},
		"rubbish":      {"\x00\x01", LockInfo{}, "an unknown program", true},
	} {
		path := filepath.Join(t.TempDir(), "info")
		must(t, os.WriteFile(path, []byte(test.text), 0o600))
		got, err := readLockInfo(path)
		if !got.Created.Equal(test.want.Created) {
			t.Errorf("%s: got a lock of %v, want %v", name, got.Created, test.want.Created)
		}
		if got.Created = test.want.Created; got != test.want || (err != nil) != test.err {
			t.Errorf("%s: got %+v, %v, want %+v", name, got, err, test.want)
		}
		if test.line != "" && got.String() != test.line {
			t.Errorf("%s: got %q, want %q", name, got, test.line)
		}
	}
	if _, err := readLockInfo(t.TempDir()); !errors.Is(err, ErrNotState) {
		t.Errorf("a folder: got error %v", err)
	}
}

// The lock is that of the file which is there when it is free: what others have
// put in its place meanwhile is found.
func TestLockFollowsTheName(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("an open file can't be replaced here")
	}
	path := writeState(t, textState(9, oldText))
	holdLock(t, path)
	opts := UpdateOptions{LockTimeout: time.Minute, Progress: func(p Progress) {
		if p.Stage == StageWaiting {
			must(t, os.WriteFile(path+".other", textState(20, "replaced"), 0o600))
			must(t, os.Rename(path+".other", path))
		}
	}}
	_, err := Update(t.Context(), path, opts, setText("x"))
	must(t, err)
	wantState(t, path, textState(21, "x"))
}

// terraform runs the real binary in the folder of a state.
func terraform(t *testing.T, dir string, args ...string) *exec.Cmd {
	t.Helper()
	exe, err := exec.LookPath("terraform")
	if err != nil {
		t.Skipf("no terraform on the PATH: %v", err)
	}
	cmd := exec.CommandContext(t.Context(), exe, args...)
	cmd.Dir = dir
	rc := filepath.Join(t.TempDir(), "terraformrc")
	must(t, os.WriteFile(rc, nil, 0o600))
	cmd.Env = append(os.Environ(), "TF_IN_AUTOMATION=1", "TF_INPUT=0", "CHECKPOINT_DISABLE=1", "TF_CLI_CONFIG_FILE="+rc, "TF_CLI_ARGS=-no-color")
	return cmd
}

func run(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(cmd.Args, " "), err, out)
	}
	return string(out)
}

// project makes a folder with a configuration and an applied state, and returns
// the state's path. The provider is the one within terraform, which needs no init.
func project(t *testing.T, config string) string {
	t.Helper()
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "main.tf"), []byte(config), 0o600))
	run(t, terraform(t, dir, "apply", "-auto-approve"))
	return filepath.Join(dir, "terraform.tfstate")
}

const oneResource = "resource \"terraform_data\" \"a\" {\n  input = \"one\"\n}\n"

// setID returns an edit that sets the id of terraform_data.a, which Terraform
// takes from the state.
func setID(id string) func(*File) (*File, error) {
	return func(f *File) (*File, error) {
		for i := range f.Instances() {
			if v, ok := i.Attr("id"); ok && i.Address() == "terraform_data.a" {
				return f.Apply(ReplaceString(v, id))
			}
		}
		return nil, errors.New("no terraform_data.a")
	}
}

// idOf returns the id of a resource in the state, or "".
func idOf(t *testing.T, path, address string) string {
	t.Helper()
	f, err := ReadFile(path)
	must(t, err)
	for i := range f.Instances() {
		if v, ok := i.Attr("id"); ok && i.Address() == address {
			return v.Text()
		}
	}
	return ""
}

// watcher collects output and says when it has a text in it.
type watcher struct {
	text string
	seen chan struct{}
	all  strings.Builder
}

func (w *watcher) Write(p []byte) (int, error) {
	before := strings.Contains(w.all.String(), w.text)
	w.all.Write(p)
	if !before && strings.Contains(w.all.String(), w.text) {
		close(w.seen)
	}
	return len(p), nil
}

// Terraform waits for our lock, reads what we have written, and its own result
// stays.
func TestTerraformWaits(t *testing.T) {
	t.Parallel()
	terraformWaits(t)
}

func terraformWaits(t *testing.T) {
	path := project(t, oneResource)
	before, err := ReadFile(path)
	must(t, err)
	dir := filepath.Dir(path)
	must(t, os.WriteFile(filepath.Join(dir, "more.tf"), []byte(strings.ReplaceAll(oneResource, `"a"`, `"b"`)), 0o600))
	apply := terraform(t, dir, "apply", "-auto-approve", "-lock-timeout=15s")
	out := &watcher{text: "Acquiring state lock", seen: make(chan struct{})}
	apply.Stdout, apply.Stderr = out, out
	done := make(chan error, 1)
	_, err = Update(t.Context(), path, UpdateOptions{}, func(f *File) (*File, error) {
		must(t, apply.Start())
		go func() { done <- apply.Wait() }()
		select {
		case <-out.seen: // it has met the lock
		case err := <-done:
			t.Fatalf("terraform didn't wait: %v\n%s", err, out.all.String())
		}
		return setID("edited-while-it-waited")(f)
	})
	must(t, err)
	if err := <-done; err != nil {
		t.Fatalf("terraform: %v\n%s", err, out.all.String())
	}
	if got := idOf(t, path, "terraform_data.a"); got != "edited-while-it-waited" {
		t.Errorf("our edit is lost: id %q", got)
	}
	if idOf(t, path, "terraform_data.b") == "" {
		t.Error("terraform's result is lost")
	}
	after, err := ReadFile(path)
	must(t, err)
	// Ours is one; Terraform saves once or more during an apply.
	if a, b := after.Serial(), string(increment([]byte(before.Serial()))); compareNumbers(a, b) <= 0 || after.Lineage() != before.Lineage() {
		t.Errorf("got serial %s after %s", after.Serial(), before.Serial())
	}
	if out := run(t, terraform(t, dir, "plan", "-detailed-exitcode")); !strings.Contains(out, "No changes") {
		t.Errorf("terraform plans:\n%s", out)
	}
}

// Without patience, Terraform says who holds the lock.
func TestTerraformSaysWhoHolds(t *testing.T) {
	t.Parallel()
	path := project(t, oneResource)
	_, err := Update(t.Context(), path, UpdateOptions{Operation: "repair-rename", Who: "me@here"}, func(f *File) (*File, error) {
		out, err := terraform(t, filepath.Dir(path), "apply", "-auto-approve").CombinedOutput()
		if err == nil || !regexp.MustCompile(`Operation: +repair-rename\s`).Match(out) || !regexp.MustCompile(`Who: +me@here\s`).Match(out) {
			t.Errorf("terraform: %v\n%s", err, out)
		}
		return f, nil
	})
	must(t, err)
	run(t, terraform(t, filepath.Dir(path), "apply", "-auto-approve"))
}

// We see Terraform's lock, say what it says of itself, and wait for it.
func TestTerraformHolds(t *testing.T) {
	t.Parallel()
	terraformHolds(t)
}

func terraformHolds(t *testing.T) {
	path := project(t, oneResource)
	dir := filepath.Dir(path)
	must(t, os.WriteFile(filepath.Join(dir, "more.tf"), []byte(`
resource "terraform_data" "slow" {
  provisioner "local-exec" {
    interpreter = ["sh", "-c"]
    command     = "touch begun; while [ ! -e go ]; do sleep 0.05; done"
  }
}
`), 0o600))
	apply := terraform(t, dir, "apply", "-auto-approve")
	out := &watcher{text: "\x00"}
	apply.Stdout, apply.Stderr = out, out
	must(t, apply.Start())
	done := make(chan error, 1)
	go func() { done <- apply.Wait() }()
	defer os.WriteFile(filepath.Join(dir, "go"), nil, 0o600)
	for {
		if _, err := os.Stat(filepath.Join(dir, "begun")); err == nil {
			break
		}
		select {
		case err := <-done:
			t.Fatalf("terraform: %v\n%s", err, out.all.String())
		case <-time.After(20 * time.Millisecond):
		}
	}
	_, err := Update(t.Context(), path, UpdateOptions{}, setID("x"))
	e, ok := errors.AsType[*LockedError](err)
	if !ok {
		t.Fatalf("got error %v, want a LockedError", err)
	}
	if i := e.Info; i.ID == "" || i.Operation != "OperationTypeApply" || i.Version == "" || !strings.Contains(i.Who, "@") || time.Since(i.Created) > time.Hour {
		t.Errorf("got holder %+v", i)
	}
	waited := false
	opts := UpdateOptions{LockTimeout: time.Minute, Progress: func(p Progress) {
		if p.Stage == StageWaiting && !waited {
			waited = true
			must(t, os.WriteFile(filepath.Join(dir, "go"), nil, 0o600))
		}
	}}
	_, err = Update(t.Context(), path, opts, setID("edited-after-it"))
	must(t, err)
	if err := <-done; err != nil {
		t.Fatalf("terraform: %v\n%s", err, out.all.String())
	}
	if !waited {
		t.Error("we didn't wait")
	}
	if got := idOf(t, path, "terraform_data.a"); got != "edited-after-it" {
		t.Errorf("our edit is lost: id %q", got)
	}
	if idOf(t, path, "terraform_data.slow") == "" {
		t.Error("terraform's result is lost")
	}
}

// Terraform refuses the state that a crash left, in whatever command, and reads the
// one that was recovered.
func TestTerraformRefusesTornStates(t *testing.T) {
	t.Parallel()
	path := project(t, oneResource)
	old := readFile(t, path)
	f, err := Parse(path, old)
	must(t, err)
	// As long as the old id, so that a mixture would be valid JSON.
	id := strings.Repeat("f", len(idOf(t, path, "terraform_data.a")))
	new, err := setID(id)(f)
	must(t, err)
	steps := 0
	s := &system{chunk: testChunk, fault: func(step string, n int) (int, error) {
		if strings.HasPrefix(step, "state: ") {
			if steps++; steps%3 == 0 {
				out, err := terraform(t, filepath.Dir(path), "state", "list").CombinedOutput()
				whole := string(readFile(t, path)) == string(old) || string(readFile(t, path)) == string(new.Bytes())
				if (err == nil) != whole {
					t.Errorf("%s: terraform: %v\n%s", step, err, out)
				}
			}
		}
		return n, nil
	}}
	_, err = Update(t.Context(), path, UpdateOptions{disk: s, Now: fixedTime}, setID(id))
	must(t, err)
	if steps < 6 {
		t.Errorf("%d steps only", steps)
	}
	run(t, terraform(t, filepath.Dir(path), "plan"))
	undone, err := Undo(t.Context(), path, "", UpdateOptions{})
	must(t, err)
	run(t, terraform(t, filepath.Dir(path), "plan"))
	t.Logf("serial %s after the undo", undone.NewSerial)
}

// TestRewriteLockInfo: where another program keeps the description of a dead
// holder open, so that it can't be removed, ours is written into it.
func TestRewriteLockInfo(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, ".terraform.tfstate.lock.info")
	if err := os.WriteFile(path, []byte(strings.Repeat("old ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := rewriteLockInfo(path, []byte(`{"ID":"new"}`)); err != nil {
		t.Fatal(err)
	}
	if info, err := readLockInfo(path); err != nil || info.ID != "new" {
		t.Errorf("got %+v, %v", info, err)
	}
	linked := filepath.Join(dir, "link")
	link(t, path, linked)
	if err := rewriteLockInfo(linked, []byte(`{"ID":"other"}`)); err == nil {
		t.Error("a link was followed")
	}
	if info, _ := readLockInfo(path); info.ID != "new" {
		t.Errorf("the link's target was written: %+v", info)
	}
	if err := rewriteLockInfo(filepath.Join(dir, "none"), nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("without a file: %v", err)
	}
}

// TestWhilePassing: what passes is tried again, a few times within a tenth of a second, and
// nothing else is.
func TestWhilePassing(t *testing.T) {
	inUse, other := errors.New("in use"), errors.New("other")
	passes := func(err error) bool { return errors.Is(err, inUse) }
	for name, test := range map[string]struct {
		errs []error // of each try; the last one stays
		want error
		most int
	}{
		"at once":  {[]error{nil}, nil, 1},
		"soon":     {[]error{inUse, inUse, nil}, nil, 3},
		"never":    {[]error{inUse}, inUse, 5},
		"other":    {[]error{other, nil}, other, 1},
		"then not": {[]error{inUse, other, nil}, other, 2},
	} {
		synctest.Test(t, func(t *testing.T) {
			tries, begun := 0, time.Now()
			err := whilePassing(func() error {
				tries++
				return test.errs[min(tries, len(test.errs))-1]
			}, passes)
			if err != test.want || tries != test.most {
				t.Errorf("%s: got %v after %d tries, want %v after %d", name, err, tries, test.want, test.most)
			}
			pauses := time.Duration(tries*(tries-1)/2) * minPause // one, two, three, four of them
			if waited := time.Since(begun); waited != pauses {
				t.Errorf("%s: waited %v, want %v", name, waited, pauses)
			}
		})
	}
}
