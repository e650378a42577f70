package tfconfig_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

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
