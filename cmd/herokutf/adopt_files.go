package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
	"github.com/herokutf/herokutf/tfconfig"
)

// edits notes the files that are to be written, .gitignore among them if it has to name
// one with secrets.
func (a *adopting) edits(files []tfconfig.NewFile) error {
	a.files, a.ignored = nil, ""
	var secret []string
	for _, f := range files {
		a.files = append(a.files, tfconfig.FileEdit{Path: filepath.Join(a.dir, f.Name), New: []byte(f.Text), Sensitive: f.Secret})
		if f.Secret {
			secret = append(secret, f.Name)
		}
	}
	if secret == nil {
		return nil
	}
	edit, how, err := ignoreEdit(a.home.location.Dir, filepath.Join(a.dir, gitignore), secret)
	if err != nil {
		return err
	}
	if edit != nil {
		// It comes first: a run that is killed leaves no secret that git sees.
		a.files = append([]tfconfig.FileEdit{*edit}, a.files...)
	}
	a.ignored = how
	return nil
}

const gitignore = ".gitignore"

// ignoreEdit has the folder's .gitignore name files, if the folder is in a repository of
// git and nothing ignores them yet. It says how they are kept out of it.
func ignoreEdit(dir, shown string, names []string) (edit *tfconfig.FileEdit, how string, err error) {
	if repository(dir) == "" {
		return nil, "keep it out of version control", nil
	}
	names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return isIgnored(dir, name) })
	if len(names) == 0 {
		return nil, gitignore + " names it", nil
	}
	file := filepath.Join(dir, gitignore)
	if info, err := os.Lstat(file); err == nil && !info.Mode().IsRegular() {
		return nil, "keep it out of version control: " + gitignore + " is no regular file, and git doesn't follow a link there", nil
	}
	old, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, "", fmt.Errorf("look whether git ignores files with secrets: %w", err)
	}
	newline := "\n"
	if bytes.Contains(old, []byte("\r\n")) {
		newline = "\r\n"
	}
	text := bytes.Clone(old)
	if len(text) > 0 && text[len(text)-1] != '\n' {
		text = append(text, newline...)
	}
	for _, name := range names {
		text = append(append(append(text, '/'), ignorePattern.Replace(name)...), newline...)
	}
	return &tfconfig.FileEdit{Path: shown, Old: old, New: text}, gitignore + " names it", nil
}

// ignorePattern makes a name a pattern for itself alone.
var ignorePattern = strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`)

// isIgnored reports whether a .gitignore of the folder or one above it surely ignores a
// file in the folder, by its name alone.
func isIgnored(dir, name string) bool {
	for at := dir; ; at = filepath.Dir(at) {
		var text []byte
		if info, err := os.Lstat(filepath.Join(at, gitignore)); err == nil && info.Mode().IsRegular() {
			text, _ = os.ReadFile(filepath.Join(at, gitignore))
		}
		ignored, negated := false, false
		for line := range strings.Lines(string(text)) {
			pattern := strings.TrimRight(line, " \r\n")
			if strings.HasPrefix(pattern, "!") {
				ignored, negated = false, true // whatever it is about
				continue
			}
			if strings.ContainsAny(pattern, `[\`) {
				continue // git reads these in another way than path.Match
			}
			if at == dir {
				pattern = strings.TrimPrefix(pattern, "/")
			}
			pattern = strings.TrimPrefix(pattern, "**/")
			if ok, err := path.Match(pattern, name); ok && err == nil {
				ignored = true
			}
		}
		if ignored {
			return true
		}
		// What is negated here counts for more than what a folder above ignores.
		_, err := os.Stat(filepath.Join(at, ".git"))
		if negated || err == nil || at == filepath.Dir(at) {
			return false
		}
	}
}

// write writes the files. What another attempt of this run has written stays.
func (a *adopting) write() error {
	if len(a.files) == 0 {
		return nil
	}
	if err := tfconfig.Apply(a.files); err != nil {
		return err
	}
	for _, f := range a.files {
		a.report.files = append(a.report.files, f.Path)
	}
	a.files = nil
	return nil
}

// adviseFiles says what to do when files were written and the state wasn't.
func (a *adopting) adviseFiles(err error) error {
	if len(a.report.files) == 0 || a.report.written {
		return err
	}
	return ui.Advise(fmt.Errorf("%w\n%s written, and the state isn't, as far as is known", err, filesWere(a.report.files)),
		"Run the same command again, which goes on from there, and apply nothing until then: Terraform would create what is adopted, "+a.refusal())
}

// refusal says what Heroku makes of an apply while the files are there and the state
// isn't written.
func (a *adopting) refusal() string {
	adopted := make(map[string]bool) // apps
	for i := range a.report.Objects {
		if o := &a.report.Objects[i]; o.Type == "heroku_app" {
			adopted[o.App] = true
		}
	}
	for i := range a.report.Objects {
		if !adopted[a.report.Objects[i].App] {
			return "and Heroku may make a second time what doesn't belong to an app that is adopted with it, such as an add-on of one that was managed before."
		}
	}
	return "which Heroku refuses, since the names of the apps are taken."
}

// filesWere is "A and B were" for paths.
func filesWere(paths []string) string {
	if len(paths) == 1 {
		return ui.Printable(paths[0]) + " is"
	}
	return ui.Printable(strings.Join(paths[:len(paths)-1], ", ")) + " and " + ui.Printable(paths[len(paths)-1]) + " are"
}

// changedNames are the arguments that a plan changes, sorted; nil if it names none.
func changedNames(c *tfjson.Change) []string {
	before, _ := c.Before.(map[string]any)
	after, _ := c.After.(map[string]any)
	unknown, _ := c.AfterUnknown.(map[string]any)
	was, _ := c.BeforeSensitive.(map[string]any)
	is, _ := c.AfterSensitive.(map[string]any)
	var names []string
	for name := range after {
		if !reflect.DeepEqual(before[name], after[name]) || !reflect.DeepEqual(was[name], is[name]) {
			names = append(names, name)
		}
	}
	for name, v := range unknown {
		if v == true {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
