package clitest

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
)

// A backend is a state store of the kind that Terraform's http backend talks
// to: GET, POST, LOCK and UNLOCK on one address.
type backend struct {
	mu    sync.Mutex
	state []byte
	lock  []byte // who holds it; nil: nobody
	log   []string
}

func (b *backend) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.log = append(b.log, r.Method)
	switch r.Method {
	case http.MethodGet:
		if b.state == nil {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.Write(b.state)
	case http.MethodPost:
		b.state = body
	case "LOCK":
		if b.lock != nil {
			w.WriteHeader(http.StatusLocked)
			w.Write(b.lock)
			return
		}
		b.lock = body
	case "UNLOCK":
		b.lock = nil
	default:
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}

type backendKey struct{}

// backendCommand is the script command "backend":
//
//	backend start         serve a store without a state at $BACKEND_URL
//	backend load FILE     put a state there
//	backend save FILE     save the state that is there now
//	backend unlocked      it was locked, and isn't any more
func backendCommand(ts *testscript.TestScript, neg bool, args []string) {
	b := ts.Value(backendKey{}).(*backend)
	switch {
	case !neg && len(args) == 1 && args[0] == "start":
		server := httptest.NewServer(b)
		ts.Defer(server.Close)
		ts.Setenv("BACKEND_URL", server.URL)
	case !neg && len(args) == 2 && args[0] == "load":
		data, err := os.ReadFile(ts.MkAbs(args[1]))
		ts.Check(err)
		b.mu.Lock()
		b.state = data
		b.mu.Unlock()
	case !neg && len(args) == 2 && args[0] == "save":
		b.mu.Lock()
		state := bytes.Clone(b.state)
		b.mu.Unlock()
		ts.Check(os.WriteFile(ts.MkAbs(args[1]), state, 0o600))
	case !neg && len(args) == 1 && args[0] == "unlocked":
		b.mu.Lock()
		defer b.mu.Unlock()
		locks := 0
		for _, method := range b.log {
			if method == "LOCK" {
				locks++
			}
		}
		if locks == 0 || b.lock != nil {
			ts.Fatalf("%d locks, held now: %v", locks, b.lock != nil)
		}
	default:
		ts.Fatalf("usage: backend start | load FILE | save FILE | unlocked")
	}
}
