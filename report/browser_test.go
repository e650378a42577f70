package report

import (
	"context"
	"html"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestDriftPage has a browser read the page and looks at what it has made of it.
func TestDriftPage(t *testing.T) {
	t.Parallel() // it waits for a program of its own
	page := writeDrift(t, richDrift(), HTML, Options{Time: driftTime})
	if m := regexp.MustCompile(`(?i)<(script|link|img|iframe|object|embed|base)\b|\s(src|href|on\w+)=|@import|url\(`).FindString(page); m != "" {
		t.Errorf("the page has %q: it has to be whole by itself", m)
	}

	browser := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			browser = path
			break
		}
	}
	if browser == "" {
		t.Skip("no Chromium on the PATH; the goldens show the page as it is written")
	}
	file := filepath.Join(t.TempDir(), "drift.html")
	if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	// The profile isn't in t.TempDir, since the browser's processes may write
	// to it until after its end, and to clean up would fail the test.
	profile, err := os.MkdirTemp("", "drift-browser")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(profile) })
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run",
		"--user-data-dir="+profile, "--dump-dom", (&url.URL{Scheme: "file", Path: filepath.ToSlash(file)}).String())
	cmd.WaitDelay = 5 * time.Second
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", filepath.Base(browser), err)
	}
	dom := string(out)

	for what, want := range map[string]int{
		`<article class="object`:   11, // all but those in sync
		`<tbody>`:                  7,
		`<tr><th scope="row">`:     15,
		`<details class="group"`:   6,
		`<ul class="plain">`:       1,
		`<script`:                  0,
		`<ul class="blame"`:        2,
		`<code class="secret">`:    6,
		`<time datetime="2026-11-`: 3,
	} {
		if got := strings.Count(dom, what); got != want {
			t.Errorf("the DOM has %d of %s, want %d", got, what, want)
		}
	}
	text := html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(dom, ""))
	for _, want := range []string{`"<script>alert(1)</script>"`, "Drift found", "heroku_formation.shop[\"web\"]", "(secret eba34cd781bb7dce)",
		"compared 2026-11-28 10:04 UTC", `\x1b[31mred`, "v42 by ann@example.com", "rule 3 (heroku_app_feature.*) has never matched"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page doesn't show %s", want)
		}
	}
}
