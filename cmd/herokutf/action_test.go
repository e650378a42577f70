package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// step runs a script of the action, with the environment of a runner.
func step(t *testing.T, script string, environ ...string) (string, error) {
	t.Helper()
	for _, tool := range []string{"bash", "curl", "jq"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("no %s, which GitHub has on its runners", tool)
		}
	}
	cmd := exec.Command("bash", filepath.Join("../../action", script))
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}, environ...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// TestActionComments: one comment, that of the first run, is updated by later ones.
func TestActionComments(t *testing.T) {
	type comment struct {
		ID   int                   `json:"id"`
		Body string                `json:"body"`
		User struct{ Type string } `json:"user"`
	}
	var comments []comment
	add := func(kind, body string) {
		c := comment{ID: len(comments) + 1, Body: body}
		c.User.Type = kind
		comments = append(comments, c)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /repos/acme/shop/issues/7/comments", func(w http.ResponseWriter, r *http.Request) {
		page := []comment{}
		first := 0
		if r.FormValue("page") == "2" {
			first = 100
		}
		page = append(page, comments[min(first, len(comments)):min(first+100, len(comments))]...)
		type user struct {
			Type string `json:"type"`
		}
		out := []map[string]any{}
		for _, c := range page {
			out = append(out, map[string]any{"id": c.ID, "body": c.Body, "user": user{c.User.Type}})
		}
		json.NewEncoder(w).Encode(out)
	})
	body := func(r *http.Request) string {
		var got struct{ Body string }
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
		return got.Body
	}
	mux.HandleFunc("POST /repos/acme/shop/issues/7/comments", func(w http.ResponseWriter, r *http.Request) { add("Bot", body(r)) })
	mux.HandleFunc("PATCH /repos/acme/shop/issues/comments/{id}", func(w http.ResponseWriter, r *http.Request) {
		for i := range comments {
			if fmt.Sprint(comments[i].ID) == r.PathValue("id") {
				comments[i].Body = body(r)
			}
		}
	})
	var mu sync.Mutex // of the comments
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if r.Header.Get("Authorization") != "Bearer of-the-job" {
			t.Errorf("%s %s: authorization %q", r.Method, r.URL, r.Header.Get("Authorization"))
		}
		mux.ServeHTTP(w, r)
	}))
	defer server.Close()

	report := filepath.Join(t.TempDir(), "report.md")
	// The test has the comments but while a script runs.
	mu.Lock()
	defer mu.Unlock()
	run := func(text, id string) error {
		if err := os.WriteFile(report, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		mu.Unlock()
		defer mu.Lock()
		out, err := step(t, "comment.sh", "GITHUB_API_URL="+server.URL, "GITHUB_REPOSITORY=acme/shop", "NUMBER=7",
			"GH_TOKEN=of-the-job", "REPORT="+report, "COMMENT_ID="+id)
		if strings.Contains(out, "of-the-job") {
			t.Errorf("the token is printed: %s", out)
		}
		return err
	}
	// More than a page of others, among them somebody's who begins with the marker.
	for range 100 {
		add("User", "<!-- herokutf drift -->\nmine")
	}
	for i, text := range []string{"## first \"quoted\" `code` $(x)\n", "## second\n"} {
		if err := run(text, "drift"); err != nil {
			t.Fatal(err)
		}
		if len(comments) != 101 || comments[100].Body != "<!-- herokutf drift -->\n"+text {
			t.Fatalf("run %d: %d comments, the last is %q", i, len(comments), comments[len(comments)-1].Body)
		}
	}
	if err := run("other\n", "staging"); err != nil || len(comments) != 102 || comments[99].Body != "<!-- herokutf drift -->\nmine" {
		t.Errorf("another id: %v, %d comments", err, len(comments))
	}
	if err := run("x", "--> <b>"); err == nil || len(comments) != 102 {
		t.Errorf("an id that ends the marker was taken: %v", err)
	}
}

// TestActionInstalls: a release is used if its sum is right, and no other.
func TestActionInstalls(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the stand-in for the command is a shell script")
	}
	var archive bytes.Buffer
	zw := gzip.NewWriter(&archive)
	tw := tar.NewWriter(zw)
	program := "#!/bin/sh\necho herokutf stand-in \"$@\"\n"
	tw.WriteHeader(&tar.Header{Name: "herokutf", Mode: 0o755, Size: int64(len(program))})
	io.WriteString(tw, program)
	tw.Close()
	zw.Close()
	const name = "herokutf_0.3.0_linux_amd64.tar.gz"
	sum := fmt.Sprintf("%x", sha256.Sum256(archive.Bytes()))
	sums := strings.Repeat("0", 64) + "  other.tar.gz\n" + sum + "  " + name + "\n"
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v0.3.0/"+name, func(w http.ResponseWriter, r *http.Request) { w.Write(archive.Bytes()) })
	var list atomic.Value // what checksums.txt is
	mux.HandleFunc("GET /v0.3.0/checksums.txt", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, list.Load().(string)) })
	server := httptest.NewServer(mux)
	defer server.Close()

	for _, tt := range []struct {
		name    string
		environ []string
		sums    string
		want    string // in what is printed
		fails   bool
	}{
		{"by version", []string{"VERSION=v0.3.0"}, sums, "herokutf stand-in version", false},
		{"at the action's version", []string{"ACTION_REF=v0.3.0"}, sums, "herokutf stand-in version", false},
		{"by sum", []string{"VERSION=v0.3.0", "SHA256=" + sum}, "", "herokutf stand-in version", false},
		{"another sum", []string{"VERSION=v0.3.0", "SHA256=" + strings.Repeat("1", 64)}, sums, "it is not used", true},
		{"another sum in the list", []string{"VERSION=v0.3.0"}, strings.Repeat("2", 64) + "  " + name + "\n", "it is not used", true},
		{"not in the list", []string{"VERSION=v0.3.0"}, strings.Repeat("2", 64) + "  x\n", "doesn't have " + name, true},
		{"no such release, and a sum", []string{"VERSION=v9.9.9", "SHA256=" + sum}, sums, "there is no archive of v9.9.9", true},
		{"no such release, and no Go", []string{"VERSION=v9.9.9", "PATH=/usr/bin:/bin"}, sums, "no Go to build it", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			list.Store(tt.sums)
			if strings.HasPrefix(tt.environ[len(tt.environ)-1], "PATH=") {
				if _, err := os.Stat("/usr/bin/go"); err == nil {
					t.Skip("there is a Go in /usr/bin")
				}
			}
			temp := t.TempDir()
			path := filepath.Join(temp, "path")
			out, err := step(t, "install.sh", append([]string{"HEROKUTF_RELEASES=" + server.URL, "RUNNER_TEMP=" + temp,
				"RUNNER_OS=Linux", "RUNNER_ARCH=X64", "GITHUB_PATH=" + path}, tt.environ...)...)
			if (err != nil) != tt.fails || !strings.Contains(out, tt.want) {
				t.Fatalf("%v, %s", err, out)
			}
			text, _ := os.ReadFile(path)
			if want := filepath.Join(temp, "herokutf", "bin") + "\n"; !tt.fails && string(text) != want || tt.fails && text != nil {
				t.Errorf("on the PATH: %q", text)
			}
		})
	}
}
