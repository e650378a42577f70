//go:build unix

// Package postgrestest runs Postgres servers for tests.
package postgrestest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// Start starts a server of the test's own, which only a socket leads to, and returns the
// address of its database, with the password hunter2. It ends with the test, which is
// skipped where there is no server to start.
func Start(t *testing.T) string {
	t.Helper()
	server, err := exec.LookPath("postgres")
	if err != nil {
		found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
		if found == nil {
			t.Skipf("there is no Postgres server to try: %v", err)
		}
		server = found[len(found)-1]
	}
	if server, err = filepath.EvalSymlinks(server); err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "pg") // the path of a socket has to be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	attr := &syscall.SysProcAttr{Setpgid: true}
	if os.Geteuid() == 0 {
		// It refuses to be run by root.
		name := "postgres"
		u, err := user.Lookup(name)
		if err != nil {
			if u, err = user.Lookup("nobody"); err != nil {
				t.Skipf("there is no user but root to run Postgres: %v", err)
			}
		}
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		if err := os.Chown(dir, uid, gid); err != nil {
			t.Fatal(err)
		}
	}
	command := func(name string, args ...string) *exec.Cmd {
		cmd := exec.Command(name, args...)
		cmd.Dir, cmd.SysProcAttr = dir, attr
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
		return cmd
	}
	data := filepath.Join(dir, "data")
	init := filepath.Join(filepath.Dir(server), "initdb")
	if out, err := command(init, "-D", data, "-U", "tester", "-A", "trust", "--no-sync", "-E", "UTF8").CombinedOutput(); err != nil {
		if errors.Is(err, os.ErrNotExist) {
			t.Skipf("there is no initdb beside the Postgres server: %v", err)
		}
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	cmd := command(server, "-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=20", "-c", "shared_buffers=1MB")
	var log bytes.Buffer
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		<-done
	})
	for range 500 {
		if _, err := os.Stat(filepath.Join(dir, ".s.PGSQL.5432")); err == nil {
			// The host's place is empty: the parameter says it.
			return fmt.Sprintf("postgres://tester:hunter2@/postgres?host=%s&sslmode=disable", dir)
		}
		select {
		case err := <-done:
			done <- err
			t.Fatalf("postgres: %v\n%s", err, log.String())
		case <-time.After(20 * time.Millisecond):
		}
	}
	t.Fatalf("postgres doesn't start:\n%s", log.String())
	return ""
}
