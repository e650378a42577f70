package report

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf"
)

func TestInventory(t *testing.T) {
	a := &herokutf.Adoption{
		Objects: []herokutf.AdoptObject{
			{Address: "heroku_app.shop", Type: "heroku_app", App: "shop", ID: "1", Label: "shop", Detail: "acme, eu, heroku-24"},
			{Address: "heroku_domain.shop_x", Type: "heroku_domain", App: "shop", ID: "2", Label: "<script>alert(1)</script>\x1b[31m"},
			{Address: "heroku_pipeline.shop", Type: "heroku_pipeline", ID: "3", Label: "shop", Detail: "shop"},
		},
		Left: []herokutf.AdoptObject{
			{Address: "heroku_addon.db", State: "prod.tfstate", Type: "heroku_addon", App: "shop", ID: "4", Label: "db", Detail: "heroku-postgresql:mini", Reason: "it is managed already"},
			{Type: "heroku_collaborator", App: "shop", ID: "5", Label: "boss@example.com", Detail: "owner", Reason: "the owner has access in any case"},
		},
		Notes:    []herokutf.Note{{Address: "heroku_addon.db", Text: "Heroku doesn't return config"}},
		Warnings: []string{"shop: the <b>drains</b> aren't adopted"},
		Requests: 12,
	}
	var b bytes.Buffer
	if err := Inventory(&b, a, Options{Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	golden(t, "inventory.html", page)
	for _, want := range []string{
		"<title>Heroku inventory: 3 objects not managed</title>", "1 app, 12 requests, read 2026-01-02 03:04 UTC", "--page: #f7f7f5",
		"<span class=\"count\">3</span><span class=\"words\">not managed</span>", "<span class=\"count\">1</span><span class=\"words\">managed</span>", "<span class=\"count\">1</span><span class=\"words\">left out</span>",
		"<h2>shop</h2><span class=\"tally\">4 objects</span>", "<h2>Not in an app</h2>",
		"<h3>db<span class=\"aside\">addon</span><span class=\"aside\">heroku-postgresql:mini</span></h3>", "as heroku_addon.db in prod.tfstate",
		"the owner has access in any case", "&lt;script&gt;", "&lt;b&gt;drains", "heroku_addon.db: Heroku doesn&#39;t return config",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in the page", want)
		}
	}
	var outline []string
	for _, m := range regexp.MustCompile(`<h[23]>([^<]*)`).FindAllStringSubmatch(page, -1) {
		outline = append(outline, m[1])
	}
	if got := regexp.MustCompile(`<h3>[^\n]*</h3>`).FindAllString(page, -1); !slices.Equal(got, []string{
		`<h3>shop<span class="aside">app</span><span class="aside">acme, eu, heroku-24</span></h3>`,
		`<h3>&lt;script&gt;alert(1)&lt;/script&gt;\x1b[31m<span class="aside">domain</span></h3>`,
		`<h3>db<span class="aside">addon</span><span class="aside">heroku-postgresql:mini</span></h3>`,
		`<h3>boss@example.com<span class="aside">collaborator</span><span class="aside">owner</span></h3>`,
		`<h3>shop<span class="aside">pipeline</span></h3>`,
	}) {
		t.Errorf("objects and what is said besides: %q", got)
	}
	if diff := cmp.Diff([]string{"shop", "shop", `&lt;script&gt;alert(1)&lt;/script&gt;\x1b[31m`, "db", "boss@example.com", "Not in an app", "shop"}, outline); diff != "" {
		t.Errorf("apps and their objects (-want +got):\n%s", diff)
	}
	for _, not := range []string{"<script", "\x1b", "<b>drains", "http://", "https://", "ZgotmplZ"} {
		if strings.Contains(page, not) {
			t.Errorf("%q is in the page", not)
		}
	}
	if err := Inventory(io.Discard, nil, Options{}); err == nil {
		t.Error("no adoption, and no error")
	}
	if err := Inventory(brokenWriter{}, a, Options{}); err == nil {
		t.Error("nothing was written, and no error")
	}
	b.Reset()
	if err := Inventory(&b, &herokutf.Adoption{}, Options{Title: "Acme"}); err != nil || !strings.Contains(b.String(), "<title>Acme: All is managed or left out</title>") {
		t.Errorf("an empty one: %v\n%s", err, b.String())
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("broken") }
