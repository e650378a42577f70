package platform

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/herokutf/herokutf/internal/leaktest"
)

// TestNetworkHints: what goes wrong on the way has a hint that says what to do
// next.
func TestNetworkHints(t *testing.T) {
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	tests := []struct {
		name string
		err  error
		want []string
	}{
		{"refused", dial(os.NewSyscallError("connect", syscall.ECONNREFUSED)), []string{"nothing listens", "HEROKU_API_URL", "HTTPS_PROXY"}},
		{"refused on Windows", dial(os.NewSyscallError("connectex", syscall.Errno(10061))), []string{"nothing listens"}},
		{"no such host", dial(&net.DNSError{IsNotFound: true}), []string{"no address is known", "HEROKU_API_URL", "HTTPS_PROXY"}},
		{"name server down", dial(&net.DNSError{IsTemporary: true}), []string{"name server", "HTTPS_PROXY"}},
		{"dial timeout", dial(os.ErrDeadlineExceeded), []string{"doesn't answer", "HEROKU_API_URL", "HTTPS_PROXY"}},
		{"proxy refused", &net.OpError{Op: "proxyconnect", Net: "tcp", Err: dial(os.NewSyscallError("connect", syscall.ECONNREFUSED))}, []string{"the proxy can't be reached", "HTTPS_PROXY", "NO_PROXY"}},
		{"proxy wants a password", errors.New("Proxy Authentication Required"), []string{"HTTPS_PROXY", "http://USER:PASSWORD@HOST:PORT"}},
		{"unknown authority", &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, []string{"authority", "SSL_CERT_FILE"}},
		{"another name", &tls.CertificateVerificationError{Err: x509.HostnameError{Certificate: &x509.Certificate{}, Host: "api.heroku.com"}}, []string{"another name", "HEROKU_API_URL", "HTTPS_PROXY"}},
		{"expired", &tls.CertificateVerificationError{Err: x509.CertificateInvalidError{Reason: x509.Expired}}, []string{"clock"}},
		{"no authorities", x509.SystemRootsError{}, []string{"SSL_CERT_FILE"}},
		{"HTTP for TLS", http.ErrSchemeMismatch, []string{"doesn't speak TLS", "HEROKU_API_URL", "HTTPS_PROXY"}},
		{"no TLS at all", tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, []string{"doesn't speak TLS"}},
		{"alert", &net.OpError{Op: "remote error", Err: tls.AlertError(40)}, []string{"no secure connection", "HEROKU_API_URL"}},
		{"old version", errors.New("tls: server selected unsupported protocol version 301"), []string{"no secure connection"}},
		{"reset", &net.OpError{Op: "read", Err: os.NewSyscallError("read", syscall.ECONNRESET)}, []string{"the connection broke", "HTTPS_PROXY"}},
		{"closed", io.EOF, []string{"the connection broke"}},
		{"cut off", io.ErrUnexpectedEOF, []string{"the connection broke"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := New(Options{Token: testToken, Retries: -1, Transport: failing{tt.err}})
			if err != nil {
				t.Fatal(err)
			}
			_, err = Get[thing](t.Context(), c, "/apps/a")
			e, ok := errors.AsType[*RequestError](err)
			if !ok {
				t.Fatalf("got %v", err)
			}
			for _, want := range tt.want {
				if !strings.Contains(e.Hint, want) {
					t.Errorf("got the hint %q, want one with %q", e.Hint, want)
				}
			}
		})
	}
}

// TestAnswerHints: the same for answers that aren't the API's.
func TestAnswerHints(t *testing.T) {
	const html = "<!DOCTYPE html><title>Sign in</title>"
	tests := []struct {
		name  string
		reply reply
		want  []string
	}{
		{"login page", answer200(html, "Content-Type", "text/html; charset=utf-8"), []string{"web page", "HEROKU_API_URL", "HTTPS_PROXY", "NO_PROXY"}},
		{"page without a type", answer200(html, "Content-Type", ""), []string{"web page"}},
		{"text", answer200("OK", "Content-Type", "text/plain"), []string{"HEROKU_API_URL"}},
		{"403 of a proxy", answering(403, html, "Content-Type", "text/html"), []string{"web page", "HTTPS_PROXY"}},
		{"404 of a web server", answering(404, html, "Content-Type", "text/html"), []string{"web page", "HEROKU_API_URL"}},
		{"407", answering(407, html, "Content-Type", "text/html"), []string{"HTTPS_PROXY", "http://USER:PASSWORD@HOST:PORT"}},
		{"503 of a router", answering(503, html, "Content-Type", "text/html"), []string{"status.heroku.com"}},
		{"redirect", answering(302, html, "Content-Type", "text/html", "Location", "https://sso.example"), []string{"HEROKU_API_URL"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := New(Options{Token: testToken, Retries: -1, Transport: roundTripper(tt.reply)})
			if err != nil {
				t.Fatal(err)
			}
			_, err = Get[thing](t.Context(), c, "/apps/a")
			hint := ""
			if e, ok := errors.AsType[*RequestError](err); ok {
				hint = e.Hint
			} else if e, ok := errors.AsType[*APIError](err); ok {
				hint = e.Hint
			}
			for _, want := range tt.want {
				if !strings.Contains(hint, want) {
					t.Errorf("got the hint %q of %v, want one with %q", hint, err, want)
				}
			}
		})
	}
}

// TestRealNetworkHints goes through net/http, whose errors aren't all typed.
func TestRealNetworkHints(t *testing.T) {
	plain := httptest.NewServer(say(200, okBody))
	defer plain.Close()
	secure := httptest.NewUnstartedServer(say(200, okBody))
	secure.Config.ErrorLog = log.New(io.Discard, "", 0) // of handshakes that are broken off
	secure.StartTLS()
	defer secure.Close()
	proxy := httptest.NewServer(say(407, "<html>"))
	defer proxy.Close()
	gone := httptest.NewServer(nil)
	gone.Close()
	through := func(address string) http.RoundTripper {
		rt := http.DefaultTransport.(*http.Transport).Clone()
		rt.Proxy = func(*http.Request) (*url.URL, error) {
			u, err := url.Parse(address)
			if err != nil {
				// As golang.org/x/net/http/httpproxy says it.
				return nil, fmt.Errorf("invalid proxy address %q: %v", address, err)
			}
			return u, nil
		}
		return rt
	}
	tests := []struct {
		name string
		opts Options
		want string // part of the hint
	}{
		{"nothing listens", Options{BaseURL: gone.URL}, "nothing listens there"},
		{"unknown authority", Options{BaseURL: secure.URL}, "SSL_CERT_FILE"},
		{"no TLS", Options{BaseURL: strings.Replace(plain.URL, "http:", "https:", 1)}, "doesn't speak TLS"},
		{"proxy wants a password", Options{BaseURL: "https://api.heroku.com", Transport: through(proxy.URL)}, proxyLogin},
		{"proxy is gone", Options{BaseURL: "https://api.heroku.com", Transport: through(gone.URL)}, "the proxy can't be reached"},
		{"proxy isn't a URL", Options{BaseURL: "https://api.heroku.com", Transport: through("http://u:z-secret%@proxy.example")}, "special characters"},
		{"no such host", Options{BaseURL: "https://no-such-host.invalid"}, "HTTPS_PROXY"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.opts.Token, tt.opts.Retries = testToken, -1
			tt.opts.Timeout = 5 * time.Second
			c, err := New(tt.opts)
			if err != nil {
				t.Fatal(err)
			}
			defer c.CloseIdleConnections()
			_, err = Get[thing](t.Context(), c, "/apps/a")
			e, ok := errors.AsType[*RequestError](err)
			if !ok || !strings.Contains(e.Hint, tt.want) {
				t.Errorf("got %v with the hint %q, want one with %q", err, e.Hint, tt.want)
			}
			for _, text := range leaktest.Dumps(err) {
				if strings.Contains(text, "z-secret") {
					t.Errorf("the password of the proxy is shown: %s", text)
				}
			}
		})
	}
}

// TestUnprintable: no text of the server's brings a control or a bidirectional
// character into an error or an event.
func TestUnprintable(t *testing.T) {
	const bad = "a\u202eb\u009bc\u2066d\u200fe\x1b[31mf\x07g\u2028h\u061ci"
	raw := "a\x9bb\xe2\x80\xaec\x1b[31m" // as a header can hold them
	var texts []string
	for _, status := range []int{200, 206, 302, 403, 422, 429, 503} {
		opts := Options{Token: testToken, MaxWait: -1, Progress: func(e Event) { texts = append(texts, e.String()) }}
		opts.Transport = roundTripper(func(req *http.Request) (*http.Response, error) {
			body := fmt.Sprintf(`{"id":%q,"message":%q,"resource":%q}`, bad, bad, bad)
			resp, _ := answering(status, body)(req)
			for _, name := range []string{"Request-Id", "X-Heroku-Warning", "Warning-Message", "Retry-After", "Content-Type", "Next-Range"} {
				resp.Header[name] = []string{raw}
			}
			return resp, nil
		})
		c, err := New(opts)
		if err != nil {
			t.Fatal(err)
		}
		_, err = List[thing](t.Context(), c, "/apps/"+url.PathEscape(bad)+"/x", "id")
		if err == nil {
			t.Fatalf("%d: no error", status)
		}
		texts = append(texts, err.Error())
		if e, ok := errors.AsType[*APIError](err); ok {
			texts = append(texts, e.ID, e.Message, e.Resource, e.RequestID, e.Hint, e.URL)
		} else if e, ok := errors.AsType[*RequestError](err); ok {
			texts = append(texts, e.Hint, e.URL)
		}
	}
	for _, text := range texts {
		if strings.ContainsAny(text, "\u202e\u009b\u2066\u200f\x1b\x07\u2028\u061c\n") || strings.Contains(text, "\x9b") {
			t.Errorf("got %q", text)
		}
	}
	if len(texts) < 30 {
		t.Errorf("%d texts were looked at; that can't be all", len(texts))
	}
}

// TestRetryAfterOdd: what makes no sense is not heeded, and said so.
func TestRetryAfterOdd(t *testing.T) {
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	const sun = "Sun, 01 Nov 2026 "
	tests := []struct {
		text, date string
		want       time.Duration
		odd        string // part of it
	}{
		{"", "", 0, ""},
		{"0", "", 0, ""},
		{"17", "", 17 * time.Second, ""},
		{"3600", "", time.Hour, ""},
		{"3601", "", 0, "more than 1h0m0s"},
		{"31536000", "", 0, "more than 1h0m0s"},
		{"99999999999999999999999", "", 0, "more than 1h0m0s"},
		{"-5", "", 0, "over"},
		{"-99999999999999999999999", "", 0, "over"},
		{"-", "", 0, "neither"},
		{"soon", "", 0, "neither"},
		{"1.5", "", 0, "neither"},
		{"100%d", "", 0, "100%d"},
		{strings.Repeat("9", 1000), "", 0, "more than"},
		{sun + "12:00:40 GMT", "", 40 * time.Second, ""},
		{sun + "11:59:30 GMT", "", 0, ""},
		{sun + "11:00:00 GMT", "", 0, "over"},
		{"Mon, 01 Nov 2027 12:00:00 GMT", "", 0, "more than"},
		// The server's clock is an hour behind, or years ahead.
		{sun + "11:00:40 GMT", sun + "11:00:00 GMT", 40 * time.Second, ""},
		{"Mon, 01 Nov 2027 12:00:30 GMT", "Mon, 01 Nov 2027 12:00:00 GMT", 30 * time.Second, ""},
		{sun + "12:00:40 GMT", "yesterday", 40 * time.Second, ""},
	}
	for _, tt := range tests {
		got, odd := retryAfter(tt.text, tt.date, now)
		if got != tt.want || (odd == "") != (tt.odd == "") || !strings.Contains(odd, tt.odd) || len(odd) > 200 {
			t.Errorf("%q: got %v, %q; want %v, %q", tt.text, got, odd, tt.want, tt.odd)
		}
	}
}
