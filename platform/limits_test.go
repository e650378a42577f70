package platform

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	heroku "github.com/heroku/heroku-go/v5"

	"github.com/herokutf/herokutf/internal/testmode"
)

// TestLimits: each bound has an error that says which it is, and what to do.
func TestLimits(t *testing.T) {
	endless := func(body func(n int) string) http.HandlerFunc {
		n := 0
		return func(w http.ResponseWriter, r *http.Request) {
			n++
			say(206, body(n), "Next-Range", fmt.Sprintf("id ]%d..; max=1000", n))(w, r)
		}
	}
	ten := func(n int) string {
		ids := make([]string, 10)
		for i := range ids {
			ids[i] = fmt.Sprint(10*n + i)
		}
		return things(ids...)
	}
	tests := []struct {
		limit   Limit
		limits  Limits
		is      error
		want    string
		handler http.HandlerFunc
	}{
		{LimitAnswer, Limits{Answer: 100}, ErrTooLarge, "GET /apps: answer too large: one answer has more than 100 bytes", endless(ten)},
		{LimitPages, Limits{Pages: 3}, ErrPaging, "GET /apps: pages of the list don't add up: more than 3 pages", endless(ten)},
		{LimitElements, Limits{Elements: 25}, ErrTooLarge, "GET /apps: answer too large: a list has more than 25 elements", endless(ten)},
		{LimitList, Limits{List: 1000}, ErrTooLarge, "GET /apps: answer too large: a list has more than 1000 bytes", endless(ten)},
		{LimitMemory, Limits{Memory: 1 << 20}, ErrTooLarge, "GET /apps: answer too large: what is being read takes more than 1 MiB in all", endless(ten)},
		{LimitMemory, Limits{Memory: 1 << 20}, ErrTooLarge, "GET /apps: answer too large: what is being read takes more than 1 MiB in all", say(200, "["+strings.Repeat("[],", 20_000)+"0]")},
	}
	for _, tt := range tests {
		t.Run(string(tt.limit), func(t *testing.T) {
			for _, service := range []bool{false, true} {
				c := newTestServer(t, tt.handler, func(o *Options) { o.Limits = tt.limits })
				var err error
				if service {
					var list []thing
					err = c.Service().Get(t.Context(), &list, "/apps", nil, nil)
				} else {
					_, err = List[thing](t.Context(), c, "/apps", "id")
				}
				e, ok := errors.AsType[*RequestError](err)
				limit, isLimit := errors.AsType[*LimitError](err)
				if !ok || !isLimit || limit.Limit != tt.limit || !errors.Is(err, tt.is) || e.Error() != tt.want {
					t.Errorf("service=%v: got %v, want %q", service, err, tt.want)
				}
				if ok && !strings.Contains(e.Hint, "Limits.") {
					t.Errorf("service=%v: got the hint %q, want one that names the bound", service, e.Hint)
				}
				if used := c.transport.memory.used; used != 0 {
					t.Errorf("service=%v: %d bytes are still counted", service, used)
				}
			}
		})
	}
}

// TestMemoryIsGivenBack: whatever a call ends in, it counts no longer.
func TestMemoryIsGivenBack(t *testing.T) {
	page := say(206, things("1", "2"), "Next-Range", "id ]2..")
	c := newTestServer(t, answers(t,
		page, say(200, things("3")), // List
		page, say(403, `{}`), // List
		say(200, okBody), say(200, `[]`), say(404, `{}`), // Get
		page,                        // Pages, left after the first
		page, say(200, things("3")), // Service
		say(200, okBody), say(200, `{"name":[]}`), // Service
	))
	List[thing](t.Context(), c, "/apps", "id")
	List[thing](t.Context(), c, "/apps", "id")
	for range 3 {
		Get[thing](t.Context(), c, "/apps/a")
	}
	for range Pages[thing](t.Context(), c, "/apps", newestThings) {
		if used := c.transport.memory.used; used != 0 {
			t.Errorf("in the loop over pages, %d bytes are counted", used)
		}
		break
	}
	if apps, err := c.Service().AppList(t.Context(), nil); err != nil || len(apps) != 3 {
		t.Errorf("AppList: got %v, %v", apps, err)
	}
	c.Service().AppInfo(t.Context(), "a")
	if _, err := c.Service().AppInfo(t.Context(), "a"); err == nil {
		t.Error("AppInfo: no error")
	}
	if used := c.transport.memory.used; used != 0 || c.transport.pending.Load() != 0 {
		t.Errorf("%d bytes and %d requests are still counted", used, c.transport.pending.Load())
	}
}

// TestMemoryOfPages: a list of several pages counts once more, as the text that it is
// joined to; where there is no room for that, all that it counted is given back.
func TestMemoryOfPages(t *testing.T) {
	long := func(id string) string { return `[{"id":"` + id + `","name":"` + strings.Repeat("n", 100<<10) + `"}]` }
	for _, most := range []int{500 << 10, 2 << 20} {
		pages := 0
		c := newTestServer(t, answers(t, say(206, long("1"), "Next-Range", "id ]1.."), say(200, long("2")), say(200, things("1"))), func(o *Options) {
			o.Limits.Memory = most
			o.Progress = func(e Event) {
				if e.Kind == EventPage {
					pages = e.Page
				}
			}
		})
		var list []thing
		err := c.Service().Get(t.Context(), &list, "/apps", nil, nil)
		limit, ok := errors.AsType[*LimitError](err)
		if want := most < 1<<20; ok != want || want && (limit.Limit != LimitMemory || !errors.Is(err, ErrTooLarge)) || !want && (err != nil || len(list) != 2) || pages != 2 {
			t.Errorf("of %d bytes: %d things of %d pages, %v", most, len(list), pages, err)
		}
		if used := c.transport.memory.used; used != 0 {
			t.Errorf("of %d bytes: %d are still counted", most, used)
		}
		if err := c.Service().Get(t.Context(), &list, "/apps", nil, nil); err != nil || len(list) != 1 {
			t.Errorf("of %d bytes: the next list has %d things, %v", most, len(list), err)
		}
	}
}

// TestMemoryOfYieldedPages: a page that is yielded is the caller's, and counts no more.
func TestMemoryOfYieldedPages(t *testing.T) {
	c := newTestServer(t, answers(t, say(206, things("1"), "Next-Range", "id ]1.."), say(206, things("2"), "Next-Range", "id ]2.."), say(200, things("3"))))
	pages := 0
	for list, err := range Pages[thing](t.Context(), c, "/apps", heroku.ListRange{Field: "id"}) {
		pages++
		if used := c.transport.memory.used; err != nil || len(list) != 1 || used != 0 {
			t.Errorf("page %d: %d things, %v, and %d bytes are counted", pages, len(list), err, used)
		}
	}
	if pages != 3 {
		t.Errorf("%d pages", pages)
	}
}

// TestCallLimit: pages that come slowly, one after the other, for ever.
func TestCallLimit(t *testing.T) {
	slowPages := func(n *int) reply {
		return func(req *http.Request) (*http.Response, error) {
			time.Sleep(45 * time.Second)
			if err := req.Context().Err(); err != nil {
				return nil, err
			}
			*n++
			return answering(206, things(fmt.Sprint(*n)), "Next-Range", fmt.Sprintf("id ]%d..", *n))(req)
		}
	}
	calls := map[string]func(*testing.T, *Client) error{
		"List": func(t *testing.T, c *Client) error {
			_, err := List[thing](t.Context(), c, "/apps", "id")
			return err
		},
		"Pages": func(t *testing.T, c *Client) (err error) {
			for _, err = range Pages[thing](t.Context(), c, "/apps", newestThings) {
				time.Sleep(time.Minute) // the caller's own time
			}
			return err
		},
		"Service": func(t *testing.T, c *Client) error {
			_, err := c.Service().AppList(t.Context(), nil)
			return err
		},
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				pages := 0
				// The first sign of an API that has never answered has to come sooner.
				network := newNetwork(answer200(okBody), slowPages(&pages))
				c := network.client(t, func(o *Options) { o.Limits.Call = 10 * time.Minute })
				if _, err := Get[thing](t.Context(), c, "/apps/a"); err != nil {
					t.Fatal(err)
				}
				err := call(t, c)
				limit, ok := errors.AsType[*LimitError](err)
				if !ok || limit.Limit != LimitCall || !errors.Is(err, ErrTooSlow) || !strings.HasSuffix(err.Error(), "not done within 10m0s, with all pages, repetitions and waits") {
					t.Errorf("got %v, want LimitCall", err)
				}
				if e, ok := errors.AsType[*RequestError](err); !ok || !strings.Contains(e.Hint, "Limits.Call") {
					t.Errorf("got %v, want a hint that names the bound", err)
				}
				if pages != 13 {
					t.Errorf("got %d pages in ten minutes, want 13", pages)
				}
			})
		})
	}
}

// newestThings asks for what is newest first.
var newestThings = heroku.ListRange{Field: "version", Descending: true, Max: 2}

func TestArray(t *testing.T) {
	for _, items := range [][]string{{}, {"1"}, {"1", `"a"`, "{}"}, {"[]", "[]"}} {
		all := make([]json.RawMessage, len(items))
		for i, item := range items {
			all[i] = json.RawMessage(item)
		}
		want := "[" + strings.Join(items, ",") + "]"
		for _, size := range []int{1, 2, 3, 100} {
			r := &array{items: all}
			var got []byte
			for buf := make([]byte, size); ; {
				n, err := r.Read(buf)
				got = append(got, buf[:n]...)
				if err != nil {
					break
				}
			}
			if string(got) != want || arrayLen(all) != int64(len(want)) {
				t.Errorf("by %d: got %q, said to have %d bytes, want %q", size, got, arrayLen(all), want)
			}
		}
	}
}

// A hostile server answers lists in ways that cost it nothing.
var hostile = []struct {
	name  string
	serve func() http.HandlerFunc
}{
	{"pages without end", func() http.HandlerFunc {
		var n atomic.Int64
		return func(w http.ResponseWriter, _ *http.Request) {
			page := n.Add(1)
			w.Header().Set("Next-Range", fmt.Sprintf("id ]%d..; max=1000", page))
			w.WriteHeader(206)
			var b bytes.Buffer
			for i := range 1000 {
				fmt.Fprintf(&b, `%c{"id":"%036d","name":"app-%d-%d","owner":{"id":"%036d","email":"me@example.com"},"tags":["a","b",null,true,7]}`, "[,"[min(i, 1)], page*1000+int64(i), page, i, i)
			}
			b.WriteByte(']')
			w.Write(b.Bytes())
		}
	}},
	{"fat pages without end", func() http.HandlerFunc {
		var n atomic.Int64
		return func(w http.ResponseWriter, _ *http.Request) {
			page := n.Add(1)
			w.Header().Set("Next-Range", fmt.Sprintf("id ]%d..; max=1000", page))
			w.WriteHeader(206)
			fmt.Fprintf(w, `[{"id":"%d","x":"`, page)
			repeat(w, "x", 6<<20)
			io.WriteString(w, `"}]`)
		}
	}},
	{"64 MiB of one text", func() http.HandlerFunc { return sized(`["`, "x", `"]`, true) }},
	{"64 MiB of one text, length unsaid", func() http.HandlerFunc { return sized(`["`, "x", `"]`, false) }},
	{"64 MiB of brackets", func() http.HandlerFunc { return sized(`[`, "[],", `[]]`, false) }},
	{"64 MiB of numbers", func() http.HandlerFunc { return sized(`[`, "1,", `1]`, false) }},
	{"64 MiB of objects", func() http.HandlerFunc { return sized(`[`, `{"a":{"b":{"c":"d"}}},`, `1]`, false) }},
	{"an error of 64 MiB", func() http.HandlerFunc {
		text := sized(`{"message":"`, "x", `"}`, false)
		return func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(422); text(w, r) }
	}},
}

// sized answers with about 64 MiB.
func sized(before, middle, after string, said bool) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		n := (64 << 20) / len(middle) * len(middle)
		if said {
			w.Header().Set("Content-Length", fmt.Sprint(n+len(before)+len(after)))
		}
		io.WriteString(w, before)
		repeat(w, middle, n)
		io.WriteString(w, after)
	}
}

func repeat(w io.Writer, s string, n int) {
	chunk := strings.Repeat(s, 64<<10/len(s))
	for n > 0 {
		k, err := io.WriteString(w, chunk[:min(n, len(chunk))])
		if err != nil {
			return
		}
		n -= k
	}
}

// TestHostileServer: nine lists at once, decoded into whatever comes, take
// less than 400 MB, and end in errors. In the short form one of the servers
// goes against an eighth of the limits.
func TestHostileServer(t *testing.T) {
	tests, part, both := hostile, 1, []bool{false, true}
	if !testmode.Full() {
		tests, part, both = hostile[:1], 8, both[:1]
	}
	for _, tt := range tests {
		for _, cached := range both {
			t.Run(fmt.Sprintf("%s cached=%v", tt.name, cached), func(t *testing.T) {
				c := newTestServer(t, tt.serve(), func(o *Options) {
					o.Limits.Memory = Limits{}.withDefaults().Memory / part
					if cached {
						o.Transport, _ = NewCache(t.TempDir(), nil)
					}
				})
				runtime.GC()
				peak := peakMemory(t)
				var wg sync.WaitGroup
				for i := range 9 {
					wg.Go(func() {
						var err error
						if i%3 == 0 {
							var list []any
							err = c.Service().Get(t.Context(), &list, "/apps", nil, nil)
						} else {
							_, err = List[any](t.Context(), c, "/apps", "id")
						}
						if !errors.Is(err, ErrTooLarge) && !errors.Is(err, ErrPaging) && statusOf(err) != 422 {
							t.Errorf("got %v, want ErrTooLarge", err)
						}
					})
				}
				wg.Wait()
				c.CloseIdleConnections()
				got, most := peak()/1e6, 400/uint64(part)
				t.Logf("took %d MB", got)
				if got > most {
					t.Errorf("took %d MB, want %d at most", got, most)
				}
			})
		}
	}
}

// peakMemory returns a function that returns the most that the heap has grown
// to meanwhile, in bytes, garbage included.
func peakMemory(t *testing.T) func() uint64 {
	t.Helper()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	stop, peak := make(chan struct{}), make(chan uint64)
	go func() {
		var most uint64
		for tick := time.NewTicker(5 * time.Millisecond); ; {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			if m.HeapAlloc > before.HeapAlloc {
				most = max(most, m.HeapAlloc-before.HeapAlloc)
			}
			select {
			case <-stop:
				tick.Stop()
				peak <- most
				return
			case <-tick.C:
			}
		}
	}()
	return func() uint64 {
		close(stop)
		return <-peak
	}
}
