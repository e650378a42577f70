package platform

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"

	"github.com/herokutf/herokutf/internal/neterr"
)

// webPage is the hint to an answer in HTML, which the API never gives.
const webPage = "the answer is a web page, and the API sends none: a proxy or a login page stands between; check HEROKU_API_URL, HTTPS_PROXY and NO_PROXY"

// proxyLogin is the hint to a proxy that wants to know who is asking.
const proxyLogin = "the proxy wants a user and a password: put them into HTTPS_PROXY (http://USER:PASSWORD@HOST:PORT), or name the API's host in NO_PROXY"

const budgetHint = "all of the account's tools share one request budget, refilled with 75 requests a minute: wait some minutes or allow a longer wait"

// hint says what to do about e. from is where the token is from; page says
// that the body is a web page.
func (e *APIError) hint(from Credentials, page bool) string {
	is := e.Is
	switch {
	case e.Status == http.StatusProxyAuthRequired:
		return proxyLogin
	case page && e.Status/100 == 4 && e.Status != http.StatusTooManyRequests:
		return webPage
	case is(ErrUnauthorized):
		return tokenHint(from)
	case is(ErrDelinquent):
		return "the account or team that pays for this has an unpaid invoice or an unconfirmed payment"
	case is(ErrSuspended):
		return "the app or the account is suspended; Heroku's support lifts that"
	case is(ErrTwoFactor):
		return "the app asks for a second factor: pre-authorize the account (PUT /apps/{app}/pre-authorizations with a Heroku-Two-Factor-Code header), or use one that has access without"
	case is(ErrForbidden):
		return "it exists, but the token's account has no access: ask for it, or use another token; after a rename the old name may belong to somebody else"
	case is(ErrNotFound):
		return "it is deleted, renamed, or not visible to the token's account; the API doesn't say which"
	case is(ErrRateLimited):
		if e.RetryAfter > 0 {
			return "the API asks to wait " + e.RetryAfter.String() + "; " + budgetHint
		}
		return budgetHint
	case is(ErrUnavailable):
		if e.RetryAfter > 0 {
			return "the API asks to wait " + e.RetryAfter.String() + " (https://status.heroku.com): try again then"
		}
		return "the fault is on Heroku's side (https://status.heroku.com): try again later"
	case is(ErrRedirect):
		return "HEROKU_API_URL has to be the address of the API itself"
	}
	return ""
}

// tokenHint says how to get a token that is right. `heroku auth:token` prints
// what HEROKU_API_KEY says as long as that is set, and what is left in netrc if
// nobody has signed in since: neither would help by itself.
func tokenHint(from Credentials) string {
	const again = "sign in with `heroku login`, then " + exportToken
	switch from.Source {
	case FromVariable:
		return "the token in HEROKU_API_KEY is wrong or expired: `unset HEROKU_API_KEY`, " + again + "; in CI, make a new one with `heroku authorizations:create`"
	case FromNetrc:
		return "the token in " + from.Place + " may be left over from an older login, since the Heroku CLI keeps new ones elsewhere: " + again
	case FromStore:
		return "the token in " + from.Place + " is wrong or expired: " + again
	case FromOptions:
		return "the token that the program was given is wrong or expired: make a new one with `heroku authorizations:create`, or " + again
	}
	return "no token was sent: " + again
}

// requestHint says what to do about a request that failed with err.
func requestHint(err error) string {
	if limit, ok := errors.AsType[*LimitError](err); ok {
		return limit.hint()
	}
	if bad, ok := errors.AsType[*badAnswerError](err); ok {
		if bad.page {
			return webPage
		}
		return "the answer was cut off, or isn't the API's: check HEROKU_API_URL and the proxy, if there is one, and try again"
	}
	switch {
	case errors.Is(err, ErrForeignHost):
		return "ask for paths below the base URL only"
	case errors.Is(err, ErrPaging):
		return "the list may have changed meanwhile: try again; if it stays so, ask Heroku's support"
	case errors.Is(err, ErrRateLimited):
		return budgetHint
	}
	return networkHint(err)
}

// networkHint says what to do about an error of the network; "" if it is none.
func networkHint(err error) string {
	text := err.Error()
	refused := neterr.Refused(err)
	op, _ := errors.AsType[*net.OpError](err)
	switch dns, isDNS := errors.AsType[*net.DNSError](err); {
	case op != nil && op.Op == "proxyconnect":
		return "the proxy can't be reached: check HTTPS_PROXY and HTTP_PROXY, or name the API's host in NO_PROXY"
	case strings.Contains(text, http.StatusText(http.StatusProxyAuthRequired)):
		return proxyLogin
	case errors.Is(err, errProxyAddress):
		return "write it as http://USER:PASSWORD@HOST:PORT, with special characters of the password as %XX"
	case isDNS && dns.IsNotFound:
		return "no address is known for this name: check HEROKU_API_URL and the network; behind a proxy, set HTTPS_PROXY"
	case isDNS:
		return "the name server doesn't answer: check the network; behind a proxy, set HTTPS_PROXY"
	case refused:
		return "nothing listens there: check HEROKU_API_URL; behind a proxy, set HTTPS_PROXY"
	}
	if hint := tlsHint(err); hint != "" {
		return hint
	}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() && op != nil {
		return "the address doesn't answer: check HEROKU_API_URL and the network; behind a proxy, set HTTPS_PROXY"
	}
	if op != nil || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return "the connection broke: check the network and try again; behind a proxy, set HTTPS_PROXY"
	}
	return ""
}

// tlsHint says what to do about a connection that couldn't be made secure.
func tlsHint(err error) string {
	text := err.Error()
	_, noTLS := errors.AsType[tls.RecordHeaderError](err)
	switch {
	case is[x509.UnknownAuthorityError](err):
		return "the certificate is signed by an authority that this machine doesn't know, as a company's proxy uses: name the file with its certificate in SSL_CERT_FILE, or on macOS and Windows add it to the system's own"
	case is[x509.HostnameError](err):
		return "the certificate is for another name: check HEROKU_API_URL and HTTPS_PROXY"
	case is[x509.CertificateInvalidError](err):
		return "the certificate isn't valid: check this machine's clock, HEROKU_API_URL and the proxy, if there is one"
	case is[x509.SystemRootsError](err):
		return "this machine has no certificates of authorities: install them, or name a file with them in SSL_CERT_FILE"
	case noTLS || errors.Is(err, http.ErrSchemeMismatch):
		return "what answers there doesn't speak TLS: check HEROKU_API_URL and its port, and HTTPS_PROXY"
	case strings.Contains(text, "tls: "):
		return "no secure connection could be agreed on: check HEROKU_API_URL and the proxy, if there is one"
	}
	return ""
}

// errProxyAddress stands for an error that shows the address of the proxy, and
// with it a password.
var errProxyAddress = errors.New("the address of the proxy in HTTPS_PROXY or HTTP_PROXY isn't a URL")

// withoutProxy takes the proxy's address out of an error.
func withoutProxy(err error) error {
	if err != nil && strings.Contains(err.Error(), "invalid proxy address") {
		return errProxyAddress
	}
	return err
}

// A badAnswerError is an answer that says that all is well, and isn't what the
// API sends.
type badAnswerError struct {
	what string
	page bool // it is a web page
}

func (e *badAnswerError) Error() string        { return ErrBadAnswer.Error() + ": " + e.what }
func (e *badAnswerError) Is(target error) bool { return target == ErrBadAnswer }
