package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/herokutf/herokutf/herokutest"
)

// fakePath begins the paths at which tests reach the server beside the API.
const fakePath = "/_fake/"

// newFakeHandler answers the Platform API, and below fakePath what a test in
// another language asks of the server, as one in Go calls its methods.
func newFakeHandler(server *herokutest.Server) http.Handler {
	mux := http.NewServeMux()
	answer := func(pattern string, do func(body []byte) (any, error)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			body, err := io.ReadAll(r.Body)
			var v any
			if err == nil {
				v, err = do(body)
			}
			if err != nil {
				w.WriteHeader(http.StatusBadRequest)
				v = map[string]string{"message": err.Error()}
			}
			forPeople(w).Encode(v)
		})
	}
	done := map[string]any{}
	answer("GET "+fakePath+"snapshot", func([]byte) (any, error) { return server.Snapshot(), nil })
	answer("POST "+fakePath+"seed", func(body []byte) (any, error) { return done, server.Load(bytes.NewReader(body)) })
	answer("GET "+fakePath+"requests", func([]byte) (any, error) {
		return map[string]any{"requests": append([]herokutest.Request{}, server.Log()...)}, nil
	})
	answer("DELETE "+fakePath+"requests", func([]byte) (any, error) { server.ResetRequests(); return done, nil })
	answer("POST "+fakePath+"faults", func(body []byte) (any, error) { return done, injectFault(server, body) })
	answer("DELETE "+fakePath+"faults", func([]byte) (any, error) { server.ClearFaults(); return done, nil })
	mux.HandleFunc(fakePath, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusNotFound)
		forPeople(w).Encode(map[string]string{"message": r.Method + " " + r.URL.Path + ": there are GET snapshot, POST seed, GET and DELETE requests, POST and DELETE faults below " + fakePath})
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The API's own paths may hold another URL, which a ServeMux would clean.
		if strings.HasPrefix(r.URL.Path, fakePath) {
			mux.ServeHTTP(w, r)
			return
		}
		server.ServeHTTP(w, r)
	})
}

// A fakeFault is a herokutest.Fault as JSON.
type fakeFault struct {
	Route      string    `json:"route"`
	App        string    `json:"app"`
	Skip       int       `json:"skip"`
	Times      int       `json:"times"`
	Latency    fakeDelay `json:"latency"`
	Status     int       `json:"status"`
	Body       string    `json:"body"`
	RetryAfter fakeDelay `json:"retry_after"`
	Reset      bool      `json:"reset"`
	Truncate   bool      `json:"truncate"`
}

// A fakeDelay is a duration as JSON has it: "1.5s".
type fakeDelay time.Duration

func (d *fakeDelay) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	*d = fakeDelay(v)
	return err
}

// injectFault makes requests fail as a body says.
func injectFault(server *herokutest.Server, body []byte) error {
	var in fakeFault
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		return fmt.Errorf("a fault: %w", err)
	}
	// Inject panics where a test in Go has made a mistake.
	if strings.Contains(in.Route, " ") && !slices.Contains(herokutest.Routes(), in.Route) {
		return fmt.Errorf("no route %q; a fault names one as GET /apps/{app}, a method alone, or none", in.Route)
	}
	if strings.ContainsAny(in.Route, "/{") && !strings.Contains(in.Route, " ") {
		return fmt.Errorf("route %q has no method", in.Route)
	}
	if _, ok := server.App(in.App); in.App != "" && !ok {
		return fmt.Errorf("no app %q", in.App)
	}
	if in.Status != 0 && (in.Status < 200 || in.Status > 599) {
		return errors.New("status is one of HTTP, such as 503")
	}
	server.Inject(herokutest.Fault{
		Route: in.Route, App: in.App, Skip: in.Skip, Times: in.Times, Latency: time.Duration(in.Latency), Status: in.Status,
		Body: in.Body, RetryAfter: time.Duration(in.RetryAfter), Reset: in.Reset, Truncate: in.Truncate,
	})
	return nil
}
