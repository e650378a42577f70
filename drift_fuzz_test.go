package herokutf_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/report"
	"github.com/herokutf/herokutf/statefile"
)

// answers gives one answer to every request whose path ends in a text, and has a
// fake answer all others.
type answers struct {
	http.RoundTripper
	suffix string
	body   []byte
}

func (a *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	if !bytes.HasSuffix([]byte(r.URL.Path), []byte(a.suffix)) {
		return a.RoundTripper.RoundTrip(r)
	}
	return &http.Response{
		StatusCode: 200, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{}, Request: r,
		Body: io.NopCloser(bytes.NewReader(a.body)), ContentLength: int64(len(a.body)),
	}, nil
}

// FuzzDriftAnswers: whatever Heroku answers and whatever the state holds, there
// is a report or an error that says what was wrong with the answers.
func FuzzDriftAnswers(f *testing.F) {
	for _, name := range driftStates {
		for _, suffix := range []string{"/apps", "/config-vars", "/releases", "/formation", "s", "/nat", ""} {
			for _, body := range []string{`[{"id":1,"name":{},"app":[]}]`, `{"rules":[{"source":[]}]}`, `[[]]`, `null`, `{`} {
				f.Add(stateText(f, name), suffix, []byte(body))
			}
		}
	}
	f.Fuzz(func(t *testing.T, state []byte, suffix string, body []byte) {
		file, err := statefile.Parse("fuzz", state)
		if err != nil {
			return
		}
		s, err := herokutest.FromState(herokutest.Options{}, file)
		if err != nil {
			s = newFake() // no Heroku is as the state says
		}
		c, err := platform.New(platform.Options{
			Token: "t", Transport: &answers{s, suffix, body}, Retries: -1, Backoff: time.Microsecond, MaxWait: time.Millisecond,
		})
		if err != nil {
			t.Fatal(err)
		}
		drift, err := herokutf.DetectDrift(t.Context(), c, file, herokutf.DriftOptions{Unmanaged: true, Blame: true})
		if err != nil {
			for _, known := range []error{platform.ErrBadAnswer, platform.ErrPaging, platform.ErrNotFound, platform.ErrForbidden, platform.ErrTooLarge, platform.ErrRateLimited} {
				if errors.Is(err, known) {
					return
				}
			}
			t.Fatal(err)
		}
		if err := report.Write(io.Discard, drift, report.JSON, report.Options{}); err != nil {
			t.Errorf("write: %v", err)
		}
		if err := drift.WriteImports(io.Discard); err != nil {
			t.Errorf("imports: %v", err)
		}
		accepted, err := drift.Accept(file)
		if err != nil {
			t.Fatal(err)
		}
		// A state with duplicate members may refuse edits; nothing may panic.
		_, _ = accepted.Apply()
	})
}

// FuzzShowJSON: any input is a state or an error.
func FuzzShowJSON(f *testing.F) {
	for _, name := range driftStates {
		f.Add(decodeState(f, stateText(f, name)).show().encode(f))
	}
	f.Add([]byte(`{"planned_values":{}}`))
	f.Add([]byte(`{"format_version":"1.0","values":{"root_module":{"child_modules":[null]}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := herokutf.ParseShowJSON("fuzz", data)
		if (file == nil) == (err == nil) {
			t.Errorf("got %v, %v", file, err)
		}
	})
}
