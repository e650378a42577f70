package platform

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/herokutf/herokutf/internal/printable"
)

// Path joins segments to the path of a request, each escaped so that it stays
// one segment: Path("apps", id, "releases"). A segment that is
// empty, a dot, two dots, longer than 1000 bytes, or holds control characters
// or a token of Heroku is an *InvalidNameError: it would address something else,
// or show what nobody is to see.
func Path(segments ...string) (string, error) {
	var b strings.Builder
	for _, s := range segments {
		if s == "" || s == "." || s == ".." || len(s) > 1000 || !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) || looksLikeToken(s) {
			return "", badSegment(s)
		}
		b.WriteByte('/')
		b.WriteString(url.PathEscape(s))
	}
	return b.String(), nil
}

// checkPath refuses the path of a request that holds an empty segment or dots
// for one. The methods of heroku.Service put their arguments into paths as
// they are: an empty name would make GET /apps/{app} list all apps, and
// "../teams" would leave /apps altogether.
//
// Nor is the token part of a path: it would stand in the logs of every proxy.
func checkPath(u *url.URL, token secret) error {
	path := u.EscapedPath()
	if path == "" || path == "/" {
		return nil
	}
	for s := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
		plain, err := url.PathUnescape(s)
		if err != nil || plain == "" || plain == "." || plain == ".." {
			return badSegment(token.redact(s))
		}
		if token.is(strings.TrimSpace(plain)) || looksLikeToken(plain) {
			return &InvalidNameError{Kind: segment, Secret: true}
		}
	}
	return nil
}

const segment = "path segment"

// badSegment is the error of a segment that can't be one, and may be a token
// with something around it.
func badSegment(s string) error {
	if looksLikeToken(s) {
		return &InvalidNameError{Kind: segment, Secret: true}
	}
	return &InvalidNameError{Kind: segment, Value: printable.Short(s)}
}
