package report

import (
	"context"
	"html"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/internal/testmode"
)

// findBrowser returns the command of a Chromium, and skips the test where there is none.
func findBrowser(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("no Chromium on the PATH; the goldens show the page as it is written")
	return ""
}

// browse returns what a browser makes of a page.
func browse(t *testing.T, browser, page string) string {
	t.Helper()
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
	return string(out)
}

// TestDriftFilters picks verdicts, an app and a state in a browser, and counts what is
// still to be seen. The page itself has no script; the test adds one.
func TestDriftFilters(t *testing.T) {
	if !testmode.Full() {
		t.Skip("a browser takes seconds; " + testmode.FullVariable + " has it started")
	}
	t.Parallel()
	browser := findBrowser(t)
	page := writeDrift(t, richDrift(), HTML, Options{Time: driftTime})
	const policy = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`
	if !strings.Contains(page, policy) {
		t.Fatal("the page allows more than styles of its own")
	}
	const count = `<script>
for (const d of document.querySelectorAll("details")) d.open = true;
const seen = [];
const look = (picks) => {
  document.querySelector("#v-all").checked = true;
  for (const s of document.querySelectorAll("select")) s.value = "";
  for (const pick of picks) {
    const radio = document.getElementById(pick);
    if (radio) radio.checked = true; else document.querySelector("option[value=" + pick + "]").selected = true;
  }
  const shown = [...document.querySelectorAll(".object, .line")].filter((e) => e.checkVisibility()).map((e) => e.id);
  const groups = [...document.querySelectorAll(".group")].filter((e) => e.checkVisibility());
  const empty = groups.filter((g) => ![...g.querySelectorAll(".object, .line")].some((e) => e.checkVisibility()));
  seen.push(picks.join("+") + ": " + shown.length + " of " + groups.length + ", " + empty.length + " empty");
};
for (const picks of [[], ["v-changed"], ["v-unmanaged"], ["v-ignored"], ["v-in_sync"], ["a1"], ["a3"], ["s1"], ["s0"], ["s1", "v-changed"], ["a1", "v-missing"], ["a0", "v-missing"], ["a2", "s1", "v-ignored"]]) look(picks);
const pre = document.createElement("pre");
pre.textContent = seen.join("\n");
document.body.append(pre);
</script></body>`
	page = strings.Replace(strings.Replace(page, policy, "", 1), "</body>", count, 1)
	m := regexp.MustCompile(`(?s)<pre>(.*)</pre>`).FindStringSubmatch(browse(t, browser, page))
	if m == nil {
		t.Fatal("the script hasn't counted")
	}
	const want = `: 13 of 6, 0 empty
v-changed: 3 of 2, 0 empty
v-unmanaged: 3 of 2, 0 empty
v-ignored: 1 of 1, 0 empty
v-in_sync: 2 of 1, 0 empty
a1: 6 of 1, 0 empty
a3: 1 of 1, 0 empty
s1: 3 of 2, 0 empty
s0: 10 of 4, 0 empty
s1+v-changed: 1 of 1, 0 empty
a1+v-missing: 1 of 1, 0 empty
a0+v-missing: 0 of 0, 0 empty
a2+s1+v-ignored: 1 of 1, 0 empty`
	if diff := cmp.Diff(want, m[1]); diff != "" {
		t.Errorf("shown (-want +got):\n%s", diff)
	}
}

// TestAnchors: an object has the same anchor whatever else is in the report, and no two
// have one.
func TestAnchors(t *testing.T) {
	anchors := func(r *herokutf.DriftReport) []string {
		var all []string
		for _, m := range regexp.MustCompile(`<(?:article|li)[^>]* id="([^"]*)"`).FindAllStringSubmatch(writeDrift(t, r, HTML, Options{}), -1) {
			all = append(all, html.UnescapeString(m[1]))
		}
		return all
	}
	rich := anchors(richDrift())
	for _, want := range []string{`heroku_formation.shop["web"]`, "staging.tfstate:heroku_addon.db", "heroku_domain/shop-production/shop.example.com", "heroku_app.calm"} {
		if !slices.Contains(rich, want) {
			t.Errorf("no anchor %s in %q", want, rich)
		}
	}
	if len(rich) != len(richDrift().Objects) || len(slices.Compact(slices.Sorted(slices.Values(rich)))) != len(rich) {
		t.Errorf("%d objects have the anchors %q", len(richDrift().Objects), rich)
	}
	for _, a := range anchors(calmDrift()) {
		if !slices.Contains(rich, a) {
			t.Errorf("the anchor %s changes with the report", a)
		}
	}
	twice := richDrift()
	twice.Objects = append(twice.Objects, twice.Objects...)
	if got := anchors(twice); len(slices.Compact(slices.Sorted(slices.Values(got)))) != len(twice.Objects) {
		t.Errorf("objects that look the same share anchors: %q", got)
	}
}

// TestDriftPage has a browser read the page and looks at what it has made of it.
func TestDriftPage(t *testing.T) {
	t.Parallel() // it waits for a program of its own
	page := writeDrift(t, richDrift(), HTML, Options{Time: driftTime})
	if m := regexp.MustCompile(`(?i)<(script|link|img|iframe|object|embed|base)\b|\s(src|on\w+)=|\shref="[^#]|@import|url\(`).FindString(page); m != "" {
		t.Errorf("the page has %q: it has to be whole by itself", m)
	}

	browser := findBrowser(t)
	dom := browse(t, browser, page)

	for what, want := range map[string]int{
		`<article class="object`:   11, // all but those in sync
		`<tbody>`:                  7,
		`<tr><th scope="row">`:     15,
		`<details class="group `:   6,
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
