package main

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/herokutf/herokutf/tfconfig"
)

// TestIgnoredByGit: whatever stands in the .gitignore files, git ignores the secrets in the
// end, or the report says that it doesn't.
func TestIgnoredByGit(t *testing.T) {
	const name = "api.auto.tfvars.json"
	for _, tt := range []struct {
		name         string
		above, here  string // "-": no such file
		file         string // "": name
		want         string // what is there afterwards
		unmaintained bool   // by git, and said so
	}{
		{name: "none", above: "-", here: "-", want: "/" + name + "\n"},
		{name: "empty", above: "-", here: "", want: "/" + name + "\n"},
		{name: "without a final newline", above: "-", here: ".terraform", want: ".terraform\n/" + name + "\n"},
		{name: "CRLF", above: "-", here: ".terraform\r\n*.bak", want: ".terraform\r\n*.bak\r\n/" + name + "\r\n"},
		{name: "named by CRLF", above: "-", here: "*.tfvars.json\r\n", want: "*.tfvars.json\r\n"},
		{name: "named above", above: "*.auto.tfvars.json\n", here: "-", want: "-"},
		{name: "anchored above", above: "/" + name + "\n", here: "-", want: "/" + name + "\n"},
		{name: "negated", above: "-", here: "*.json\n!*.auto.tfvars.json\n", want: "*.json\n!*.auto.tfvars.json\n/" + name + "\n"},
		{name: "negated below", above: "*.tfvars.json\n", here: "!*.auto.tfvars.json\n", want: "!*.auto.tfvars.json\n/" + name + "\n"},
		{name: "a class of git", above: "-", here: "[!a]*\n", want: "[!a]*\n/" + name + "\n"},
		{name: "a comment", above: "-", here: "# " + name + "\n", want: "# " + name + "\n/" + name + "\n"},
		{name: "a folder", above: "-", here: "*.auto.tfvars.json/\n", want: "*.auto.tfvars.json/\n/" + name + "\n"},
		{name: "a name with brackets", above: "-", here: "-", file: "[x]*.auto.tfvars.json", want: "/\\[x]\\*.auto.tfvars.json\n"},
		{name: "a link", above: "-", here: "->", want: "->", unmaintained: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			root := t.TempDir()
			dir := filepath.Join(root, "infra")
			file := tt.file
			if file == "" {
				file = name
			}
			write := func(path, text string) {
				t.Helper()
				if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			write(filepath.Join(root, ".git", "HEAD"), "ref: refs/heads/main\n")
			if err := os.MkdirAll(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			if tt.above != "-" {
				write(filepath.Join(root, gitignore), tt.above)
			}
			at := filepath.Join(dir, gitignore)
			switch tt.here {
			case "-":
			case "->":
				if err := os.Symlink(filepath.Join(root, "elsewhere"), at); err != nil {
					t.Skip(err)
				}
				if info, err := os.Lstat(at); err != nil || info.Mode()&os.ModeSymlink == 0 {
					t.Skipf("a link isn't seen to be one: %v, %v", info, err)
				}
			default:
				write(at, tt.here)
			}
			edit, how, err := ignoreEdit(dir, at, []string{file})
			if err != nil {
				t.Fatal(err)
			}
			if edit != nil {
				if err := tfconfig.Apply([]tfconfig.FileEdit{*edit}); err != nil {
					t.Fatal(err)
				}
			}
			if said := strings.HasPrefix(how, "keep it out"); said != tt.unmaintained {
				t.Errorf("says %q", how)
			}
			if tt.unmaintained {
				if edit != nil {
					t.Error("edits what a link leads to")
				}
				return
			}
			got, err := os.ReadFile(at)
			if errors.Is(err, fs.ErrNotExist) {
				got = []byte("-")
			}
			if string(got) != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			git, err := exec.LookPath("git")
			if err != nil {
				return
			}
			write(filepath.Join(root, ".git", "config"), "[core]\n\trepositoryformatversion = 0\n")
			for _, folder := range []string{"objects", "refs"} {
				if err := os.MkdirAll(filepath.Join(root, ".git", folder), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			if out, err := exec.Command(git, "-C", dir, "check-ignore", "--no-index", "./"+file).CombinedOutput(); err != nil {
				t.Errorf("git doesn't ignore it: %v %s", err, out)
			}
		})
	}
}
