package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/herokutf/herokutf/cmd/herokutf/internal/clitest"
	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
	"github.com/herokutf/herokutf/herokutest"
)

// Each of these runs the command lines of the file of its name in testdata/transcript.
func TestTranscriptAccept(t *testing.T)     { replay(t, "accept") }
func TestTranscriptAdopt(t *testing.T)      { replay(t, "adopt") }
func TestTranscriptCompletion(t *testing.T) { replay(t, "completion") }
func TestTranscriptDeploy(t *testing.T)     { replay(t, "deploy") }
func TestTranscriptDrift(t *testing.T)      { replay(t, "drift") }
func TestTranscriptFake(t *testing.T)       { replay(t, "fake") }
func TestTranscriptHelp(t *testing.T)       { replay(t, "help") }
func TestTranscriptPlans(t *testing.T)      { replay(t, "plans") }
func TestTranscriptRename(t *testing.T)     { replay(t, "rename") }
func TestTranscriptSettings(t *testing.T)   { replay(t, "settings") }
func TestTranscriptSlugs(t *testing.T)      { replay(t, "slugs") }
func TestTranscriptWrong(t *testing.T)      { replay(t, "wrong") }

// replay runs the command lines of a transcript, all in this process, and compares
// every line that they print: "| " stands before what goes to standard output, "! "
// before what goes to standard error, and "= " before an exit code other than 0. With
// -update they are rewritten. Before herokutf may stand "full", of a standard output that
// takes nothing, or "unread", of a standard input that can't be read. Besides herokutf
// there are
//
//	heroku WORD ARGS...   change what Heroku holds; see transcriptHeroku
//	requests              print how many came in since the last time
//	env KEY=VALUE         from here on; KEY= unsets it
//	stdin FILE            for the next command
//	cat FILE, ls DIR, cp FROM TO, rm PATH, mkdir DIR, chmod FILE, cd DIR
func replay(t *testing.T, name string) {
	if runtime.GOOS == "windows" {
		t.Skip("the transcripts have the paths of Unix, and a stand-in for terraform that is a script of sh")
	}
	path, err := filepath.Abs("testdata/transcript/" + name + ".txtar")
	if err != nil {
		t.Fatal(err)
	}
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := string(archive.Comment)
	got := newTranscript(t, archive.Files).replay(want)
	if got == want {
		return
	}
	if flag.Lookup("update").Value.String() == "true" {
		archive.Comment = []byte(got)
		if err := os.WriteFile(path, txtar.Format(archive), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Errorf("other output (-want +got):\n%s", cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")))
}

// A transcript is a row of command lines in a folder of its own, with a Heroku of its own.
type transcript struct {
	t       *testing.T
	heroku  *herokutest.Server
	environ map[string]string
	stdin   io.Reader
	masks   *strings.Replacer
}

func newTranscript(t *testing.T, files []txtar.File) *transcript {
	shop, err := filepath.Abs(shopFolder)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	for _, f := range files {
		if err := os.MkdirAll(filepath.Dir(f.Name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(f.Name, f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	heroku := herokutest.New(herokutest.Options{Token: clitest.Token})
	heroku.Start()
	t.Cleanup(heroku.Close)
	return &transcript{t: t, heroku: heroku, stdin: strings.NewReader(""), masks: strings.NewReplacer(dir, "$WORK", heroku.URL, "$API", shop, "$SHOP"),
		environ: map[string]string{"HEROKU_API_URL": heroku.URL, "HEROKU_API_KEY": clitest.Token, "HEROKUTF_TERRAFORM": "none",
			"PATH": os.Getenv("PATH"), "HOME": dir, "SHOP": shop, "WORK": dir, "CHECKPOINT_DISABLE": "1"}}
}

// replay runs the commands of a transcript and returns it with what they print now.
func (s *transcript) replay(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "|") || strings.HasPrefix(line, "!") || strings.HasPrefix(line, "=") {
			continue
		}
		out.WriteString(line)
		if command, ok := strings.CutPrefix(line, "$ "); ok {
			out.WriteString(s.run(strings.TrimSuffix(command, "\n")))
		}
	}
	return out.String()
}

// run runs one command, and returns what it printed.
func (s *transcript) run(line string) string {
	words := shellWords(line, func(name string) string { return s.environ[name] })
	name, args := words[0], words[1:]
	check := func(err error) {
		s.t.Helper()
		if err != nil {
			s.t.Fatalf("%s: %v", line, err)
		}
	}
	read := func(file string) []byte {
		data, err := os.ReadFile(file)
		check(err)
		return data
	}
	var stdout, stderr strings.Builder
	code := 0
	switch name {
	case "herokutf":
		code = s.herokutf(&stdout, &stderr, args)
	case "full":
		code = s.herokutf(brokenStream{}, &stderr, args[1:])
	case "unread":
		s.stdin = brokenStream{}
		code = s.herokutf(&stdout, &stderr, args[1:])
	case "requests":
		fmt.Fprintln(&stdout, len(s.heroku.Log()))
		s.heroku.ResetRequests()
	case "heroku":
		transcriptHeroku[args[0]](s, args[1:])
	case "env":
		key, value, _ := strings.Cut(args[0], "=")
		if s.environ[key] = value; value == "" {
			delete(s.environ, key)
		}
	case "stdin":
		s.stdin = bytes.NewReader(read(args[0]))
	case "cat":
		stdout.Write(read(args[0]))
	case "ls":
		entries, err := os.ReadDir(args[0])
		check(err)
		for _, entry := range entries {
			info, err := entry.Info()
			check(err)
			fmt.Fprintf(&stdout, "%v %s\n", info.Mode(), entry.Name())
		}
	case "cp":
		check(os.WriteFile(args[1], read(args[0]), 0o600))
	case "rm":
		check(os.RemoveAll(args[0]))
	case "mkdir":
		check(os.MkdirAll(args[0], 0o700))
	case "chmod":
		check(os.Chmod(args[0], 0o755))
	case "cd":
		check(os.Chdir(args[0]))
	default:
		s.t.Fatalf("%s: no such command", line)
	}
	if all := stdout.String() + stderr.String(); name == "herokutf" && strings.Contains(all, clitest.Token) {
		s.t.Fatalf("%s: the token is printed", line)
	}
	text := s.marked("| ", stdout.String()) + s.marked("! ", stderr.String())
	if code != 0 {
		text += "= " + strconv.Itoa(code) + "\n"
	}
	return text
}

// A brokenStream can neither be read nor written.
type brokenStream struct{}

func (brokenStream) Read([]byte) (int, error)  { return 0, errors.New("the stream is broken") }
func (brokenStream) Write([]byte) (int, error) { return 0, errors.New("the stream is broken") }

func (s *transcript) herokutf(stdout, stderr io.Writer, args []string) int {
	var environ []string
	for _, name := range slices.Sorted(maps.Keys(s.environ)) {
		environ = append(environ, name+"="+s.environ[name])
	}
	std := ui.IO{Stdin: s.stdin, Stdout: stdout, Stderr: stderr, Environ: environ, GOOS: runtime.GOOS,
		Getenv: func(name string) string { return s.environ[name] }}
	s.stdin = strings.NewReader("")
	return run(context.Background(), std, args)
}

// varying is what differs from run to run.
var varying = []struct {
	pattern *regexp.Regexp
	mask    string
}{
	{regexp.MustCompile(`\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?( UTC|Z)?`), "TIME"},
	// A number behind the serial is that of the second backup within a second.
	{regexp.MustCompile(`\d{8}T\d{6}Z(-serial\d+)?(-\d+)?`), "TIME$1"},
	{regexp.MustCompile(`((?:left_requests|timestamp_seconds) )\d+`), "${1}N"},      // of metrics
	{regexp.MustCompile(`"[A-Z][a-z]{2} \d{4}" "herokutf [^"]*"`), "MONTH VERSION"}, // of man pages
	{regexp.MustCompile(`(secret[ :])[0-9a-f]{16}`), "${1}FINGERPRINT"},
	{regexp.MustCompile(`(127\.0\.0\.1|\[::\]):\d+`), "HOST"},
	{regexp.MustCompile(`[^ "=]*/herokutf-deploy-\d+`), "TMP"},
	{regexp.MustCompile(`GET /(apps|addons): 401`), "GET /LIST: 401"}, // whichever comes first
	{regexp.MustCompile(`(\.herokutf-check-)[a-z0-9]+`), "${1}N"},
	{regexp.MustCompile(`(\.herokutf-plan-|\.)\d{6,}(\.tmp|: )`), "${1}N$2"},
}

// marked is a text with a mark before each line, without what differs from run to run.
func (s *transcript) marked(mark, text string) string {
	text = s.masks.Replace(text)
	for _, v := range varying {
		text = v.pattern.ReplaceAllString(text, v.mask)
	}
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(strings.TrimRight(mark+strings.TrimSuffix(line, "\n"), " "))
		if !strings.HasSuffix(line, "\n") {
			b.WriteString("(no newline)")
		}
		b.WriteString("\n")
	}
	return b.String()
}

// shellWords splits a command line at spaces, but those between single quotes, and
// replaces $NAME outside of them.
func shellWords(line string, getenv func(string) string) []string {
	words := []string{""}
	for i, part := range strings.Split(line, "'") {
		last := len(words) - 1
		if i%2 == 1 {
			words[last] += part
			continue
		}
		fields := strings.Split(os.Expand(part, getenv), " ")
		words[last] += fields[0]
		words = append(words, fields[1:]...)
	}
	return words
}

// transcriptHeroku are the changes of Heroku, by their first word.
var transcriptHeroku = map[string]func(s *transcript, args []string){
	"load": func(s *transcript, args []string) {
		f, err := os.Open(args[0])
		if err != nil {
			s.t.Fatal(err)
		}
		defer f.Close()
		if err := s.heroku.Load(f); err != nil {
			s.t.Fatal(err)
		}
	},
	"app": func(s *transcript, args []string) { s.heroku.AddApp(herokutest.App{Name: args[0], ID: args[1]}) },
	"pipeline": func(s *transcript, args []string) {
		s.heroku.AddPipeline(herokutest.Pipeline{Name: args[0], ID: args[1]})
	},
	"couple": func(s *transcript, args []string) { s.heroku.Couple(args[0], args[1], args[2]) },
	"deploy": func(s *transcript, args []string) {
		s.heroku.AddSlug(args[0], herokutest.Slug{ID: args[1], Commit: strings.Repeat(args[1][len(args[1])-1:], 40)})
		s.heroku.Deploy(args[0], args[1])
	},
	"image": func(s *transcript, args []string) { // a Fir app that runs an image
		s.heroku.AddApp(herokutest.App{Name: args[0], ID: args[1], Generation: herokutest.Fir})
		s.heroku.AddImage(args[0], herokutest.OCIImage{ID: args[2], Commit: strings.Repeat("f", 40)})
		s.heroku.Deploy(args[0], args[2])
	},
	"deploy-image": func(s *transcript, args []string) {
		s.heroku.AddImage(args[0], herokutest.OCIImage{ID: args[1], Commit: strings.Repeat("e", 40)})
		s.heroku.Deploy(args[0], args[1])
	},
	"fault": func(s *transcript, args []string) {
		s.heroku.Inject(herokutest.Fault{Route: args[0], Times: -1, Status: 401})
	},
	"pending": func(s *transcript, args []string) {
		s.heroku.AddSlug(args[0], herokutest.Slug{ID: args[1]})
		s.heroku.PendingRelease(args[0], args[1])
	},
	"build": func(s *transcript, args []string) {
		s.heroku.AddBuild(args[0], herokutest.Build{Slug: args[1], SourceURL: args[2]})
	},
	"rename": func(s *transcript, args []string) { s.heroku.Rename(args[0], args[1]) },
	"scale": func(s *transcript, args []string) {
		n, err := strconv.Atoi(args[2])
		if err != nil {
			s.t.Fatal(err)
		}
		s.heroku.Scale(args[0], args[1], n, "")
	},
	"config": func(s *transcript, args []string) {
		key, value, _ := strings.Cut(args[1], "=")
		s.heroku.SetConfigVars(args[0], map[string]string{key: value})
	},
	"addon": func(s *transcript, args []string) {
		s.heroku.AddAddon(herokutest.Addon{App: args[0], Plan: args[1], Name: args[2], ID: args[3]})
	},
	"remove":      func(s *transcript, args []string) { s.heroku.DeleteAddon(args[0]) },
	"maintenance": func(s *transcript, args []string) { s.heroku.SetMaintenance(args[0], true) },
	"deny":        func(s *transcript, args []string) { s.heroku.Deny(args[0]) },
	"delete":      func(s *transcript, args []string) { s.heroku.DeleteApp(args[0]) },
	"down":        func(s *transcript, _ []string) { s.heroku.Close() },
}
