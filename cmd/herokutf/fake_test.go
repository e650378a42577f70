package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/herokutf/herokutf/herokutest"
)

// ask sends a request to a fake and returns the answer.
func ask(t *testing.T, method, url, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "application/vnd.heroku+json; version=3")
	req.Header.Set("Authorization", "Bearer "+fakeKey)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return resp.StatusCode, err.Error()
	}
	return resp.StatusCode, string(data)
}

// TestFakeControl: what a test in another language asks of the server.
func TestFakeControl(t *testing.T) {
	heroku := httptest.NewServer(newFakeHandler(herokutest.New(herokutest.Options{})))
	defer heroku.Close()
	for _, step := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"GET", "/_fake/snapshot", "", 200, "{}"},
		{"POST", "/_fake/seed", `{"apps": [{"name": "shop", "log_drains": [{"url": "https://logs.example.com/x"}]}]}`, 200, "{}"},
		{"POST", "/_fake/seed", `{"apps": [{"name": "shop"}]}`, 400, "already taken"},
		{"GET", "/_fake/snapshot", "", 200, `"name": "shop"`},
		// A path of the API that holds another URL isn't cleaned.
		{"GET", "/apps/shop/log-drains/https:%2F%2Flogs.example.com%2Fx", "", 200, `"url":"https://logs.example.com/x"`},
		{"GET", "/_fake/requests", "", 200, `"account": "user@example.com"`},
		{"DELETE", "/_fake/requests", "", 200, "{}"},
		{"GET", "/_fake/requests", "", 200, `"requests": []`},
		{"POST", "/_fake/faults", `{"route": "GET /apps/{app}", "app": "shop", "skip": 1, "status": 503, "latency": "1us", "retry_after": "2s"}`, 200, "{}"},
		{"GET", "/apps/shop", "", 200, `"shop"`},
		{"GET", "/apps/shop", "", 503, "service_unavailable"},
		{"GET", "/apps/shop", "", 200, `"shop"`},
		{"POST", "/_fake/faults", `{"times": -1, "reset": true}`, 200, "{}"},
		{"GET", "/apps/shop", "", 0, "E"},
		{"DELETE", "/_fake/faults", "", 200, "{}"},
		{"GET", "/apps/shop", "", 200, `"shop"`},
		{"POST", "/_fake/faults", `{"route": "GET /nowhere"}`, 400, "no route"},
		{"POST", "/_fake/faults", `{"route": "/apps"}`, 400, "has no method"},
		{"POST", "/_fake/faults", `{"app": "nobody"}`, 400, `no app \"nobody\"`},
		{"POST", "/_fake/faults", `{"route": "{app}"}`, 400, "has no method"},
		{"POST", "/_fake/faults", `{"status": 7}`, 400, "status is one of HTTP"},
		{"POST", "/_fake/faults", `{"status": 199}`, 400, "status is one of HTTP"},
		{"POST", "/_fake/faults", `{"status": 600}`, 400, "status is one of HTTP"},
		{"POST", "/_fake/faults", `{"status": 200, "body": "{\"name\": \"another\"}", "app": "shop"}`, 200, "{}"},
		{"GET", "/apps/shop", "", 200, `{"name": "another"}`},
		{"POST", "/_fake/faults", `{"status": 599, "route": "GET", "times": 2}`, 200, "{}"},
		{"GET", "/apps/shop", "", 599, ""},
		{"GET", "/apps/shop", "", 599, ""},
		{"GET", "/apps/shop", "", 200, `"name":"shop"`},
		{"POST", "/_fake/faults", `{"truncate": true}`, 200, "{}"},
		{"GET", "/apps/shop", "", 200, "unexpected EOF"},
		{"GET", "/apps/shop", "", 200, `"name":"shop"`},
		{"DELETE", "/_fake/faults", "", 200, "{}"},
		{"POST", "/_fake/faults", `{"latency": "soon"}`, 400, "a fault: "},
		{"POST", "/_fake/faults", `{"color": "red"}`, 400, "color"},
		{"GET", "/_fake/", "", 404, "there are GET snapshot"},
		{"PUT", "/_fake/snapshot", "", 404, "PUT /_fake/snapshot: there are"},
	} {
		status, got := ask(t, step.method, heroku.URL+step.path, step.body)
		if status != step.status || !strings.Contains(got, step.want) {
			t.Errorf("%s %s %s: got %d %s, want %d with %q", step.method, step.path, step.body, status, got, step.status, step.want)
		}
	}
}

// TestFakeRun: it serves until it is ended, and then writes what it holds and what it
// was asked.
func TestFakeRun(t *testing.T) {
	dir := t.TempDir()
	e, stdout, _ := testEnv(t)
	e.Stdin = strings.NewReader(`{"accounts": [{"email": "ann@example.com", "tokens": ["ann"]}]}`)
	reader, writer := io.Pipe()
	e.Stdout = writer
	o := &fakeOptions{env: e, listen: "127.0.0.1:0", states: []string{shopFolder + "shop.tfstate"}, seeds: []string{"-"},
		snapshot: filepath.Join(dir, "after.json"), log: filepath.Join(dir, "requests.jsonl")}
	// One that others can read is there already.
	if err := os.WriteFile(o.snapshot, bytes.Repeat([]byte("x"), 1<<20), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- fakeRun(ctx, o) }()
	line := make([]byte, 100)
	n, err := reader.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	url := strings.TrimSpace(string(line[:n]))
	if status, body := ask(t, "PATCH", url+"/apps/shop", `{"name": "boutique"}`); status != 200 {
		t.Errorf("got %d %s", status, body)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	for name, want := range map[string]string{o.snapshot: `"name": "boutique"`, o.log: `{"method":"PATCH","path":"/apps/shop","route":"PATCH /apps/{app}","status":200,"account":"user@example.com"}` + "\n"} {
		data, err := os.ReadFile(name)
		if err != nil || !strings.Contains(string(data), want) {
			t.Errorf("%s: %v, %s", name, err, data)
		}
		if info, err := os.Stat(name); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %s, %v", name, info.Mode(), err)
		}
	}
	snapshot, err := os.ReadFile(o.snapshot)
	if err != nil {
		t.Fatal(err)
	}
	var seed herokutest.Seed
	if err := json.Unmarshal(snapshot, &seed); err != nil {
		t.Fatal(err)
	}
	if err := herokutest.New(herokutest.Options{}).Seed(seed); err != nil {
		t.Error(err)
	}
	if stdout.Len() > 0 {
		t.Errorf("printed %s", stdout)
	}
}

func TestFakeWrong(t *testing.T) {
	for _, tt := range []struct {
		change func(*fakeOptions)
		want   string
	}{
		{func(o *fakeOptions) { o.listen = "8040" }, "it is a host and a port"},
		{func(o *fakeOptions) { o.command = []string{} }, "no command behind --"},
		{func(o *fakeOptions) { o.states = []string{"-"} }, "standard input is for --seed"},
		{func(o *fakeOptions) { o.listen = "127.0.0.1:99999" }, "--listen 127.0.0.1:99999: "},
		{func(o *fakeOptions) { o.seeds = []string{"none.json"} }, "--seed none.json: "},
		{func(o *fakeOptions) { o.states = []string{"none.tfstate"} }, "none.tfstate"},
		{func(o *fakeOptions) { o.seeds = []string{shopFolder + "shop.tfstate"} }, "unknown field"},
	} {
		e, _, _ := testEnv(t)
		o := &fakeOptions{env: e, listen: "127.0.0.1:0"}
		tt.change(o)
		err := o.check(nil)
		if err == nil {
			err = fakeRun(t.Context(), o)
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got %v, want %q", err, tt.want)
		}
	}
}
