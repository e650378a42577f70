package herokutest

import (
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Paths of what isn't part of the API and takes no token: presigned URLs that
// archives are uploaded to, and logs.
const (
	blobPath = "/slug-blobs/"
	logPath  = "/log-sessions/"
)

func sourceRoutes() {
	source := func(c *call, _ *App, _ any) (any, error) {
		id := c.newID("source", "")
		url := c.place("https://sources.example.com/", blobPath) + id + "?signature=" + fmt.Sprintf("%x", c.digest("signature", id, 0))[:16]
		return obj{"source_blob": obj{"get_url": url, "put_url": url}}, nil
	}
	write("POST /sources", http.StatusCreated, func(*call) (*App, error) { return nil, nil }, source)
	write("POST /apps/{app}/sources", http.StatusCreated, (*call).app, source)
}

// serveOther answers a request that is no part of the API, and reports whether it
// was one. An upload is taken and nothing of it is kept; a log has no lines.
func serveOther(w http.ResponseWriter, r *http.Request) bool {
	switch {
	case strings.HasPrefix(r.URL.Path, blobPath):
		if r.Method != http.MethodPut {
			http.NotFound(w, r)
			return true
		}
		io.Copy(io.Discard, r.Body)
	case strings.HasPrefix(r.URL.Path, logPath):
		w.Header().Set("Content-Type", "text/plain")
		if strings.Contains(r.Header.Get("Accept"), "text/event-stream") {
			w.Header().Set("Content-Type", "text/event-stream")
		}
	default:
		return false
	}
	return true
}
