package platform

import (
	"bytes"
	"cmp"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/herokutf/herokutf/internal/provider"
)

const (
	cacheMaxEntry = 4 << 20             // bytes of an answer that is kept; a page of 1000 add-ons has about 1.5 MB
	cacheMaxTotal = 256 << 20           // bytes of all entries
	cacheMaxAge   = 30 * 24 * time.Hour // since an entry was last of use
	cacheOverhead = 64 << 10            // bytes of an entry beside the answer's body, at most
	cacheBlock    = 4 << 10             // bytes that the smallest file takes
	cacheTemp     = "tmp-"              // what the names of unfinished files begin with
	cacheTempAge  = time.Hour           // after which nobody is going to finish one
	cacheFormat   = "herokutf cache 1"  // changes with the form of an entry
)

// NewCache returns a transport for [Options.Transport] that keeps answers
// on disk and asks the API whether they have changed, instead of reading them
// anew: for jobs that compare the same apps again and again. As many requests
// are sent as without it, but what hasn't changed doesn't travel. Whether
// an answer "not modified" costs something of the account's request budget,
// Heroku doesn't say. inner sends the requests; nil: as without a Transport.
//
// Only lists that hold no secrets are kept: never config vars, releases, log
// and telemetry drains, webhooks or anything else that can hold a password or a
// signed URL. Names and contents of the files are made with keys that only the
// token gives: without it neither a path nor an answer can be read from the
// folder, and another token never sees or uses the entry. Requests without an
// Authorization header aren't cached.
//
// The folder is made if need be, readable for this user alone; the mode of one
// that exists is left alone. Files are readable for this user alone. The cache
// takes up to 256 MiB, and drops first what wasn't of use for longest, and all
// that wasn't for 30 days. Several processes may share a folder, and it can be
// removed at any time, or carried from one CI job to the next.
//
// A request never fails because of the cache: what can't be read or written, or
// isn't what was written, is as good as not there. The one error is that the
// folder can't be made.
//
// Source: "Caching" in the Platform API reference; RFC 9110, section 13.
func NewCache(dir string, inner http.RoundTripper) (http.RoundTripper, error) {
	if dir == "" {
		return nil, errors.New("cache: no folder is given")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("cache: make the folder: %w", err)
	}
	if inner == nil {
		inner = defaultTransport(20)
	}
	return &cache{dir: dir, inner: inner, maxEntry: cacheMaxEntry, maxTotal: cacheMaxTotal, size: -1, now: time.Now}, nil
}

// cache is an http.RoundTripper that keeps answers on disk. It is used from
// many goroutines, and several processes use the same folder; a file is whole
// or not there, since it gets its name last.
type cache struct {
	dir      string
	inner    http.RoundTripper
	maxEntry int64
	maxTotal int64
	now      func() time.Time

	mu   sync.Mutex // guards what follows
	size int64      // of all files when the folder was last read, and of what was written since; -1 before the first time
	slop int64      // of what was written since
}

var _ http.RoundTripper = (*cache)(nil)

// cacheKey is where an answer is kept and what it is encrypted with.
type cacheKey struct {
	name string
	aead cipher.AEAD
}

// cacheEntry is an answer. In a file it is a line of JSON and the body.
type cacheEntry struct {
	Status int
	Header http.Header // those of keptHeaders
	body   []byte
}

// keptHeaders are the headers that belong to the body, and don't tell of one
// exchange.
var keptHeaders = []string{"Accept-Ranges", "Content-Range", "Content-Type", "Etag", "Last-Modified", "Next-Range"}

// RoundTrip sends req, with the question whether the answer has changed if
// there is one. An answer "not modified" becomes the one that was kept, with
// the other headers of the new one.
func (c *cache) RoundTrip(req *http.Request) (*http.Response, error) {
	key, ok := keyOf(req)
	if !ok {
		return c.inner.RoundTrip(req)
	}
	kept := c.load(key)
	sent := req
	if kept != nil {
		sent = req.Clone(req.Context()) // a RoundTripper doesn't change its request
		sent.Header.Set("If-None-Match", kept.Header.Get("Etag"))
	}
	resp, err := c.inner.RoundTrip(sent)
	if err != nil || resp == nil {
		return resp, err
	}
	switch {
	case resp.StatusCode == http.StatusNotModified && kept != nil:
		now := c.now()
		os.Chtimes(c.path(key), now, now) // it was of use
		resp = kept.response(resp)
	case resp.StatusCode == http.StatusOK || resp.StatusCode == http.StatusPartialContent:
		c.keep(key, req, resp)
	}
	resp.Request = req
	return resp, nil
}

// CloseIdleConnections asks the transport below to close its own.
func (c *cache) CloseIdleConnections() { closeIdle(c.inner) }

// keyOf returns the key of what answers the request; false if that isn't to be
// kept, or the caller asks a question about changes of its own.
func keyOf(req *http.Request) (*cacheKey, bool) {
	token := req.Header.Get("Authorization")
	if req.Method != http.MethodGet || token == "" || req.Body != nil && req.Body != http.NoBody ||
		req.URL.RawQuery != "" || !provider.Cacheable(req.URL.EscapedPath()) {
		return nil, false
	}
	for _, name := range []string{"If-None-Match", "If-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range", "Cache-Control", "Pragma"} {
		if req.Header.Get(name) != "" {
			return nil, false
		}
	}
	// No header holds a line break, and no URL does.
	id := []string{cacheFormat, req.URL.String()}
	for _, name := range []string{"Range", "Accept", "Accept-Expansion"} {
		id = append(id, strings.Join(req.Header.Values(name), ","))
	}
	derive := func(use string) []byte {
		mac := hmac.New(sha256.New, []byte(token))
		io.WriteString(mac, use+"\n"+strings.Join(id, "\n"))
		return mac.Sum(nil)
	}
	block, err := aes.NewCipher(derive("content"))
	if err != nil {
		return nil, false
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, false
	}
	return &cacheKey{hex.EncodeToString(derive("name")), aead}, true
}

func (c *cache) path(key *cacheKey) string { return filepath.Join(c.dir, key.name) }

// load returns what is kept, nil if there is nothing of use.
func (c *cache) load(key *cacheKey) *cacheEntry {
	path := c.path(key)
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > c.maxEntry+cacheOverhead {
		return nil
	}
	sealed, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	// This finds out what was cut off, changed or renamed, by whomever.
	data, err := key.aead.Open(nil, nil, sealed, nil)
	if err != nil {
		return nil
	}
	head, body, ok := bytes.Cut(data, []byte("\n"))
	e := &cacheEntry{body: body}
	if !ok || json.Unmarshal(head, e) != nil {
		return nil
	}
	return e
}

// response makes the kept answer of an answer "not modified".
func (e *cacheEntry) response(fresh *http.Response) *http.Response {
	if fresh.Body != nil {
		// Read to its end, the connection can be used again.
		io.Copy(io.Discard, io.LimitReader(fresh.Body, maxErrBody))
		fresh.Body.Close()
	}
	r := *fresh
	r.Header = fresh.Header.Clone()
	for _, name := range []string{"Content-Length", "Content-Encoding", "Transfer-Encoding"} {
		r.Header.Del(name)
	}
	// What the fresh answer says counts: a page may have got a successor
	// without any change of its own.
	for name, values := range e.Header {
		if r.Header.Get(name) == "" {
			r.Header[name] = slices.Clone(values)
		}
	}
	status := e.Status
	if r.Header.Get("Next-Range") != "" {
		status = http.StatusPartialContent
	}
	r.StatusCode, r.Status = status, fmt.Sprintf("%d %s", status, http.StatusText(status))
	r.Body = io.NopCloser(bytes.NewReader(e.body))
	r.ContentLength = int64(len(e.body))
	r.TransferEncoding, r.Uncompressed, r.Trailer = nil, false, nil
	return &r
}

// keep reads the body of an answer, gives it back to the answer, and writes it
// to the folder if it is complete and can be of use again.
func (c *cache) keep(key *cacheKey, req *http.Request, resp *http.Response) {
	tag := resp.Header.Get("Etag")
	if tag == "" || len(tag) > 256 || resp.Body == nil || resp.ContentLength > c.maxEntry ||
		strings.Contains(resp.Header.Get("Cache-Control"), "no-store") {
		return
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, c.maxEntry+1))
	whole := err == nil && int64(len(body)) <= c.maxEntry
	// Who reads the answer gets every byte and the error, as without a cache.
	var rest io.Reader = resp.Body
	if err != nil {
		rest = failedReader{err}
	} else if whole {
		rest = http.NoBody
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(body), rest), resp.Body}

	if !whole || resp.ContentLength >= 0 && resp.ContentLength != int64(len(body)) || !json.Valid(body) {
		return
	}
	if resp.Header.Get("Next-Range") == "" && isFullPage(req, body) {
		// When the list grows, this page stays the same, tag and all, and a
		// 304 needn't say that others follow.
		return
	}
	e := &cacheEntry{Status: resp.StatusCode, Header: http.Header{}}
	for _, name := range keptHeaders {
		if values := resp.Header.Values(name); len(values) > 0 {
			e.Header[name] = values
		}
	}
	head, err := json.Marshal(e)
	if err != nil || len(head) > cacheOverhead/2 {
		return
	}
	c.write(key, slices.Concat(head, []byte("\n"), body))
}

// isFullPage reports whether the body is a list of as many elements as a page
// can have.
func isFullPage(req *http.Request, body []byte) bool {
	full := cmp.Or(rangeMax(req.Header.Get("Range")), defaultPage)
	items, err := elements(body, full)
	return errors.Is(err, errMore) || err == nil && len(items) >= full // a single object has none
}

// failedReader goes on with an error.
type failedReader struct{ err error }

func (r failedReader) Read([]byte) (int, error) { return 0, r.err }

// write encrypts an entry and puts it in its place. It isn't synced: after a
// crash an entry that isn't whole can't be decrypted, and is none.
func (c *cache) write(key *cacheKey, data []byte) {
	f, err := os.CreateTemp(c.dir, cacheTemp) // for this user alone
	if err != nil {
		return
	}
	sealed := key.aead.Seal(nil, nil, data, nil)
	_, err = f.Write(sealed)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		now := c.now()
		os.Chtimes(f.Name(), now, now)
		err = os.Rename(f.Name(), c.path(key))
	}
	if err != nil {
		os.Remove(f.Name())
		return
	}
	c.account(int64(len(sealed)))
}

// account counts what was written, and makes room when that is needed. Other
// processes' files are counted when the folder is read; so it is read again now
// and then, and not each time when that doesn't help.
func (c *cache) account(n int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n = max(n, cacheBlock)
	c.slop += n
	if c.size >= 0 {
		c.size += n
		if c.size <= c.maxTotal && c.slop < c.maxTotal/4 || c.slop < c.maxTotal/16 {
			return
		}
	}
	c.size, c.slop = c.sweep(), 0
}

// sweep removes what is too old or too much, the oldest first, down to three
// quarters of the limit, and returns what is left in bytes. Files that aren't
// the cache's are left alone.
func (c *cache) sweep() (total int64) {
	type file struct {
		name string
		size int64
		used time.Time
	}
	var files []file
	entries, _ := os.ReadDir(c.dir)
	now := c.now()
	for _, e := range entries {
		temp := strings.HasPrefix(e.Name(), cacheTemp)
		if !e.Type().IsRegular() || !temp && !isEntryName(e.Name()) {
			continue
		}
		info, err := e.Info()
		if err != nil {
			continue // gone meanwhile
		}
		age := now.Sub(info.ModTime())
		if temp && age > cacheTempAge || age > cacheMaxAge {
			os.Remove(filepath.Join(c.dir, e.Name()))
			continue
		}
		if !temp {
			f := file{e.Name(), max(info.Size(), cacheBlock), info.ModTime()}
			files = append(files, f)
			total += f.size
		}
	}
	if total <= c.maxTotal {
		return total
	}
	slices.SortFunc(files, func(a, b file) int { return cmp.Or(a.used.Compare(b.used), strings.Compare(a.name, b.name)) })
	for _, f := range files {
		if total <= c.maxTotal/4*3 {
			break
		}
		if err := os.Remove(filepath.Join(c.dir, f.name)); err == nil || errors.Is(err, os.ErrNotExist) {
			total -= f.size
		}
	}
	return total
}

func isEntryName(name string) bool {
	return len(name) == 2*sha256.Size && strings.Trim(name, "0123456789abcdef") == ""
}
