package tfconfig_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unicode"

	"github.com/herokutf/herokutf/internal/testmode"
	"github.com/herokutf/herokutf/tfconfig"
)

func TestLoadNoModule(t *testing.T) {
	dir := t.TempDir()
	if _, err := tfconfig.Load(filepath.Join(dir, "gone")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing directory: got %v, want fs.ErrNotExist", err)
	}
	writeFile(t, filepath.Join(dir, "terraform.tfvars"), []byte("a = 1\n"))
	if _, err := tfconfig.Load(dir); !errors.Is(err, tfconfig.ErrNoConfiguration) {
		t.Errorf("directory without .tf: got %v, want ErrNoConfiguration", err)
	}
	if _, err := tfconfig.Load(filepath.Join(dir, "terraform.tfvars")); err == nil || !strings.Contains(err.Error(), "isn't a directory") {
		t.Errorf("file: got %v, want that it isn't a directory", err)
	}
}

// For sources that would exhaust a recursive parser Load returns an error.
func TestLoadBombs(t *testing.T) {
	n, long := 5_000, 4_000 // beyond all bounds
	if testmode.Full() {
		n, long = 20_000, 20_000
	}
	bombs := map[string]string{
		"parens.tf":      "locals {\na = " + strings.Repeat("(", n) + "1" + strings.Repeat(")", n) + "\n}\n",
		"lists.tf":       "locals {\na = " + strings.Repeat("[", n) + strings.Repeat("]", n) + "\n}\n",
		"blocks.tf":      strings.Repeat("a {\n", n) + strings.Repeat("}\n", n),
		"not.tf":         "locals {\na = " + strings.Repeat("!", n) + "true\n}\n",
		"minus.tf":       "locals {\na = " + strings.Repeat("-", n) + "1\n}\n",
		"sum.tf":         "locals {\na = 1" + strings.Repeat("+1", n) + "\n}\n",
		"lines.tf":       "locals {\na = (1" + strings.Repeat("\n+1", n) + ")\n}\n",
		"conditional.tf": "locals {\na = " + strings.Repeat("t ? 1 : ", n) + "0\n}\n",
		"index.tf":       "locals {\na = x" + strings.Repeat("[y]", n) + "\n}\n",
		"splat.tf":       "locals {\na = x" + strings.Repeat("[*]", n) + "\n}\n",
		"template.tf":    "locals {\na = " + strings.Repeat(`"${`, n) + "1" + strings.Repeat(`}"`, n) + "\n}\n",
		"directive.tf":   "locals {\na = \"" + strings.Repeat("%{if true}", n/2) + strings.Repeat("%{endif}", n/4) + "\"\n}\n",
		"lists.tf.json":  strings.Repeat("[", n),
		"string.tf.json": `{"locals": {"a": "` + strings.Repeat("${(", n) + `"}}`,
		"quotes.tf.json": `{"locals": {"a": "${` + strings.Repeat(`\"${`, n) + `"}}`,
	}
	for name, text := range bombs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			writeFile(t, filepath.Join(dir, name), []byte(text))
			if _, err := tfconfig.Load(dir); err == nil || !strings.Contains(err.Error(), "nested too deep") {
				t.Errorf("got %.300v, want that it is nested too deep", err)
			}
		})
	}
	// Long, and yet flat.
	flat := map[string]string{
		"list.tf":      "locals {\na = [" + strings.Repeat("-1, ", 5*long) + "]\n}\n",
		"blocks.tf":    strings.Repeat("a {}\n", long),
		"template.tf":  "locals {\na = \"" + strings.Repeat("${var.x}", long) + "\"\n}\n",
		"list.tf.json": `{"locals": {"a": [` + strings.Repeat("[1], ", 5*long/2) + `0]}}`,
	}
	for name, text := range flat {
		t.Run("flat-"+name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			writeFile(t, filepath.Join(dir, name), []byte(text))
			if _, err := tfconfig.Load(dir); err != nil {
				t.Errorf("got %.300v, want no error", err)
			}
		})
	}
}

func TestLoadLimits(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "big.tf"), []byte(strings.Repeat("# comment\n", 1<<19)))
	if _, err := tfconfig.Load(dir); err == nil || !strings.Contains(err.Error(), "larger than 4 MiB") {
		t.Errorf("big file: got %v, want the limit", err)
	}

	// Each module calls the next twice: 2^20 calls from twenty files.
	dir = t.TempDir()
	for i := range 20 {
		var body string
		if i < 19 {
			next := "../m" + string(rune('a'+i+1))
			body = "module \"x\" {\n  source = \"" + next + "\"\n}\nmodule \"y\" {\n  source = \"" + next + "\"\n}\n"
		}
		writeFile(t, filepath.Join(dir, "m"+string(rune('a'+i)), "main.tf"), []byte(body))
	}
	if _, err := tfconfig.Load(filepath.Join(dir, "ma")); err == nil || !strings.Contains(err.Error(), "module calls") {
		t.Errorf("doubling calls: got %.200v, want the limit", err)
	}
}

func TestLoadLinks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("creating symbolic links needs a privilege on Windows")
	}
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "shared", "common.tf"), []byte("locals {\n  a = 1\n}\n"))
	writeFile(t, filepath.Join(dir, "root", "main.tf"), []byte("module \"m\" {\n  source = \"./link\"\n}\n"))
	link := func(old, new string) {
		t.Helper()
		if err := os.Symlink(old, filepath.Join(dir, new)); err != nil {
			t.Fatal(err)
		}
	}
	link("../shared/common.tf", "root/common.tf")
	link("../shared", "root/link")
	c, err := tfconfig.Load(filepath.Join(dir, "root"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(c.Files()), 3; got != want {
		t.Errorf("got %d files %v, want %d", got, c.Files(), want)
	}

	// A module that reaches itself by a link ends as well.
	writeFile(t, filepath.Join(dir, "loop", "main.tf"), []byte("module \"m\" {\n  source = \"./again\"\n}\n"))
	link(".", "loop/again")
	if _, err := tfconfig.Load(filepath.Join(dir, "loop")); err == nil || !strings.Contains(err.Error(), "calls itself") {
		t.Errorf("loop by link: got %v, want that it calls itself", err)
	}

	// A dangling link is a fault of that file.
	link("nowhere", "root/x.tf")
	if _, err := tfconfig.Load(filepath.Join(dir, "root")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("dangling link: got %v, want fs.ErrNotExist", err)
	}
}

func TestLoadLanguage(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "main.tofu"), []byte("locals {\n  a = 1\n}\n"))
	c, err := tfconfig.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if c.Language() != tfconfig.OpenTofu || len(c.Files()) != 1 {
		t.Errorf("main.tofu alone: got %v and the files %v", c.Language(), c.Files())
	}
	_, err = tfconfig.Options{Language: tfconfig.Terraform}.Load(dir)
	if !errors.Is(err, tfconfig.ErrNoConfiguration) || !strings.Contains(err.Error(), "main.tofu") {
		t.Errorf("for Terraform: got %v, want ErrNoConfiguration that names the file", err)
	}
	writeFile(t, filepath.Join(dir, "main.tf"), []byte("locals {\n  a = 2\n}\n"))
	for language, want := range map[tfconfig.Language]string{
		tfconfig.Auto: "main.tofu", tfconfig.Terraform: "main.tf", tfconfig.OpenTofu: "main.tofu",
	} {
		c, err := tfconfig.Options{Language: language}.Load(dir)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Files(); len(got) != 1 || filepath.Base(got[0]) != want {
			t.Errorf("%v of both: got %v, want %s", language, got, want)
		}
		if got := c.PassedOver(); len(got) != 1 || filepath.Base(got[0]) == want {
			t.Errorf("%v of both: passed over %v, want the other", language, got)
		}
	}
}

func TestLoadDataDir(t *testing.T) {
	dir, data := t.TempDir(), t.TempDir()
	writeFile(t, filepath.Join(dir, "main.tf"), []byte("module \"app\" {\n  source = \"acme/app/heroku\"\n}\n"))
	writeFile(t, filepath.Join(data, "modules", "app", "main.tf"), []byte("locals {}\n"))
	manifest, err := json.Marshal(map[string]any{"Modules": []map[string]string{
		{"Key": "app", "Source": "registry.opentofu.org/acme/app/heroku", "Dir": filepath.Join(data, "modules", "app")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(data, "modules", "modules.json"), manifest)
	installed := func(o tfconfig.Options) int {
		t.Helper()
		c, err := o.Load(dir)
		if err != nil {
			t.Fatal(err)
		}
		return len(c.Installed())
	}
	t.Setenv("TF_DATA_DIR", "")
	if got := installed(tfconfig.Options{}); got != 0 {
		t.Errorf("without a data directory: got %d modules", got)
	}
	if got := installed(tfconfig.Options{DataDir: data}); got != 1 {
		t.Errorf("by option: got %d modules, want 1", got)
	}
	t.Setenv("TF_DATA_DIR", data)
	if got := installed(tfconfig.Options{}); got != 1 {
		t.Errorf("by TF_DATA_DIR: got %d modules, want 1", got)
	}
}

// A number that takes gigabytes to write out is no key.
func TestHugeNumbers(t *testing.T) {
	c, _ := load(t, map[string]string{"main.tf": `
locals {
  m = { 1e1000000000 = "old-app", 12 = "x" }
}
resource "heroku_app" "web" {
  name = local.m[1e1000000000]
}
resource "heroku_app" "neg" {
  name = local.m[1e-1000000000]
}
`})
	if got := c.RenamePlaces(webRename); len(got) == 0 {
		t.Error("got no places")
	}
}

// Whatever is in names of blocks, files and texts, messages are fit to print.
func TestMessagesArePrintable(t *testing.T) {
	const evil = "a\u202eb\u009bc\x1b[2J"
	files := map[string]string{
		"main.tf.json": `{"resource": {"heroku_app": {"a\u202eb\u009bc\u001b[2J": {"name": "${local.n}"}}},
			"module": {"a\u202eb\u009b": {"source": "git::https://x/\u202e"}},
			"variable": {"x\u202e_slug_staging": {"type": "\u009b"}, "y\u009b_slug_z": {}},
			"locals": {"n": "${format(\"\u202e%s\", \"old-app\")}"}}`,
	}
	if runtime.GOOS != "windows" {
		files[evil+".tf"] = "resource \"heroku_app_release\" \"" + "a\u202eb" + "\" {\n  app_id  = \"old-app\"\n  slug_id = var.y\n}\n"
	}
	c, dir := load(t, files)
	renames := []tfconfig.AppRename{
		{Address: `heroku_app.gone["` + evil + `"]`, Old: "old-app", New: "new-app"},
		{Address: "heroku_app.web", Old: "old-app", New: "new-app"},
	}
	var texts []string
	for _, p := range c.RenamePlaces(renames...) {
		texts = append(texts, p.String(), p.Note, p.Text)
	}
	if len(texts) < 6 {
		t.Errorf("got only the texts %q", texts)
	}
	other, _ := load(t, map[string]string{"main.tf.json": `{"locals": {"n": "old-app"},
		"resource": {"heroku_app": {"web": {"name": "${local.n}"}, "e\u202ef": {"name": "${local.n}"}}}}`})
	noted := false
	for _, p := range other.RenamePlaces(renames[1]) {
		noted = noted || strings.Contains(p.Note, `heroku_app.e\u202ef`)
		texts = append(texts, p.Note)
	}
	if !noted {
		t.Error("no note says that the name is another app's, too")
	}
	texts = append(texts, strings.Split(c.CheckVariables([]string{evil}).String(), "\n")...)
	writeFile(t, filepath.Join(dir, "bad.tf"), []byte("x = \"\u202e\x1b[2J\" }\nresource \"\u202e\" {}\nmodule \"\u202e\" {\n  source = \"./\u009b\"\n}\n"))
	_, err := tfconfig.Load(dir)
	if err == nil {
		t.Fatal("no error for a bad file")
	}
	texts = append(texts, strings.Split(err.Error(), "\n")...)
	os.Remove(filepath.Join(dir, "bad.tf"))
	writeFile(t, filepath.Join(dir, "bad2.tf"), []byte("resource \"\u202e\" {}\nmodule \"\u202e\" {\n  source = \"./\u009b\"\n}\n"))
	if _, err = tfconfig.Load(dir); err == nil {
		t.Fatal("no error for bad blocks")
	}
	texts = append(texts, strings.Split(err.Error(), "\n")...)
	for _, text := range texts {
		if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("not fit to print: %q", text)
		}
	}
}
