package platform

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/herokutf/herokutf/internal/neterr"
	"github.com/herokutf/herokutf/internal/printable"
)

const (
	maxBackoff    = 30 * time.Second
	maxRetryAfter = time.Hour   // a server that asks for more is mistaken
	clockSkew     = time.Minute // by which a date may be over before it is odd
)

// delay is the wait before the n-th repetition, from 0: twice as long each
// time, up to maxBackoff, give or take a quarter so that many clients that
// failed at once don't come back at once.
func (t *transport) delay(n int) time.Duration {
	d := t.backoff
	for ; n > 0 && d < maxBackoff; n-- {
		d *= 2
	}
	return time.Duration(float64(min(d, maxBackoff)) * (0.75 + rand.Float64()/2))
}

// waiter adds up what one request waits.
type waiter struct {
	most, used time.Duration
}

func (w *waiter) left() time.Duration { return w.most - w.used }

// sleep waits for d, or for the end of the context, which is the error.
func (w *waiter) sleep(ctx context.Context, d time.Duration) error {
	w.used += d
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
	if ctx.Err() != nil {
		return endOf(ctx)
	}
	return nil
}

// statusOf is the status in an *APIError; 0 for other errors.
func statusOf(err error) int {
	if e, ok := errors.AsType[*APIError](err); ok {
		return e.Status
	}
	return 0
}

func isRateLimited(err error) bool { return errors.Is(err, ErrRateLimited) }

// resendable says whether req's body can be sent a second time.
func resendable(req *http.Request) bool {
	return req.Body == nil || req.Body == http.NoBody || req.GetBody != nil
}

// isTransient says whether a GET that failed so may succeed when repeated.
func isTransient(status int, err error) bool {
	if status != 0 {
		return status >= 500
	}
	for _, permanent := range []error{ErrTooLarge, ErrPaging, errProxyAddress, http.ErrSchemeMismatch} {
		if errors.Is(err, permanent) {
			return false
		}
	}
	// The answers of a name server and certificates don't change in seconds.
	if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
		return false
	}
	for _, permanent := range []func(error) bool{
		is[x509.UnknownAuthorityError], is[x509.HostnameError], is[x509.CertificateInvalidError], is[x509.SystemRootsError],
	} {
		if permanent(err) {
			return false
		}
	}
	return true
}

// isOutOfReach says whether a request that failed so has reached nothing that
// could have answered it. A connection that breaks has reached something.
func isOutOfReach(err error) bool {
	if errors.Is(err, errProxyAddress) || errors.Is(err, ErrTooSlow) || neterr.Refused(err) || tlsHint(err) != "" || is[*net.DNSError](err) {
		return true
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && (op.Op == "dial" || op.Op == "proxyconnect") {
		return true
	}
	if strings.Contains(err.Error(), http.StatusText(http.StatusProxyAuthRequired)) {
		return true
	}
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout()
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// retryAfter is the wait that an answer asks for, in seconds or as a date
// (RFC 9110, section 10.2.3), and what of it makes no sense and isn't heeded.
// Heroku doesn't document it; routers send it. A date is by the server's clock:
// it counts from the answer's own, answered, if that has one.
func retryAfter(text, answered string, now time.Time) (wait time.Duration, odd string) {
	if text == "" {
		return 0, ""
	}
	because := func(why string) string {
		return fmt.Sprintf("Retry-After is %q, which is %s, and isn't heeded", printable.Short(text), why)
	}
	over, long := because("over"), because("more than "+maxRetryAfter.String())
	digits, negative := strings.CutPrefix(text, "-")
	date, err := http.ParseTime(text)
	switch {
	case digits != "" && strings.Trim(digits, "0123456789") == "":
		seconds, err := strconv.ParseInt(text, 10, 32)
		if negative && seconds != 0 {
			return 0, over
		}
		if err != nil {
			return 0, long
		}
		wait = time.Duration(seconds) * time.Second
	case err == nil:
		if server, err := http.ParseTime(answered); err == nil {
			now = server
		}
		if wait = date.Sub(now); wait < -clockSkew {
			return 0, over
		}
	default:
		return 0, because("neither seconds nor a date")
	}
	if wait > maxRetryAfter {
		return 0, long
	}
	return max(wait, 0), ""
}

// remaining is RateLimit-Remaining, or unknownLow.
func remaining(h http.Header) int {
	n, err := strconv.Atoi(strings.TrimSpace(h.Get("RateLimit-Remaining")))
	if err != nil || n < 0 {
		return unknownLow
	}
	return n
}
