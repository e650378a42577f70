package herokutf

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/herokutf/herokutf/internal/provider"
)

// pipelineName is the pattern of a pipeline's name, the definition pipeline.name
// of the Platform API's schema: other than an app's it may end with a dash.
var pipelineName = regexp.MustCompile(`^[a-z][a-z0-9-]{2,29}$`)

// checkApp holds what comes from a state file, an environment or a flag
// against what can identify an app, a UUID or a name, before it gets into a
// path. It returns nil or an *InvalidNameError.
func checkApp(s string) error {
	if provider.IsUUID(s) || provider.IsAppName(s) {
		return nil
	}
	return &InvalidNameError{Kind: "app name or UUID", Value: shorten(s)}
}

func shorten(s string) string {
	const most = 64
	if len(s) <= most {
		return s
	}
	cut := most
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}

// apiPath joins segments to the path of a request, each escaped so that it
// stays one segment: apiPath("apps", id, "releases"). A segment that is
// empty, a dot, two dots, longer than 1000 bytes, or holds control characters
// is an *InvalidNameError: it would address something else.
func apiPath(segments ...string) (string, error) {
	var b strings.Builder
	for _, s := range segments {
		if s == "" || s == "." || s == ".." || len(s) > 1000 || !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
			return "", &InvalidNameError{Kind: "path segment", Value: shorten(s)}
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
func checkPath(u *url.URL) error {
	path := u.EscapedPath()
	if path == "" || path == "/" {
		return nil
	}
	for s := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
		plain, err := url.PathUnescape(s)
		if err != nil || plain == "" || plain == "." || plain == ".." {
			return &InvalidNameError{Kind: "path segment", Value: shorten(s)}
		}
	}
	return nil
}
