package acceptance

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/herokutf/herokutf/herokutest"
)

// commandOnce builds the command once.
var commandOnce = sync.OnceValues(func() (string, error) {
	path := filepath.Join(scratch, "herokutf")
	out, err := exec.Command("go", "build", "-o", path, "../cmd/herokutf").CombinedOutput()
	if err != nil {
		os.Stderr.Write(out)
	}
	return path, err
})

// command runs the command in the world's folder and returns all that it prints.
func (w *world) command(t *testing.T, want int, args ...string) string {
	t.Helper()
	path, err := commandOnce()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), path, append(args, "--terraform", w.bin)...)
	cmd.Dir, cmd.Env = w.dir, w.environ(t)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != want {
		t.Fatalf("herokutf %q: %v, want exit code %d\n%s", args, err, want, out.String())
	}
	for _, secret := range secrets {
		if strings.Contains(out.String(), secret) {
			t.Errorf("herokutf %q prints a secret", args)
		}
	}
	return out.String()
}

// secrets are values of the world of byHand that nobody else may see.
var secrets = []string{"hunter2", "swordfish", "correct-horse"}

// byHand puts two apps into a Heroku with all that people make by hand.
func byHand(s *herokutest.Server) {
	s.AddApp(herokutest.App{
		Name: "shop-eu", Team: "acme", Region: "eu", Buildpacks: []string{"heroku/go"},
		ConfigVars: map[string]string{"A": "hunter2", "odd.key": "${x} %{y} \"quoted\" \\ \n\t<&> ü", "EMPTY": ""},
		Features:   []string{"preboot"},
		Formation:  []herokutest.Process{{Type: "web", Quantity: 2, Size: "Standard-2X"}, {Type: "worker"}},
		Domains:    []herokutest.Domain{{Hostname: "www.example.com"}, {Hostname: "*.example.com"}},
		LogDrains:  []herokutest.LogDrain{{URL: "https://user:swordfish@logs.example.com/"}},
		Webhooks:   []herokutest.Webhook{{URL: "https://hooks.example.com/correct-horse", Level: "notify", Include: []string{"api:release"}}},
	})
	s.AddApp(herokutest.App{Name: "shop-us", ConfigVars: map[string]string{"B": "hunter2"}, Collaborators: []herokutest.Collaborator{{Email: "friend@example.com"}}})
	s.AddAddon(herokutest.Addon{Name: "shop-db", App: "shop-eu", Plan: "heroku-postgresql:standard-0", Config: map[string]string{"DATABASE_URL": "postgres://u:swordfish@h/d"},
		Attachments: []herokutest.Attachment{{Name: "DATABASE"}}})
	s.Attach("shop-db", herokutest.Attachment{Name: "SHOP_DB", App: "shop-us"})
	s.AddPipeline(herokutest.Pipeline{Name: "shop", Team: "acme", Couplings: []herokutest.Coupling{{App: "shop-eu", Stage: "production"}, {App: "shop-us", Stage: "staging"}}})
}

// listing is what a folder holds, by name: its files' texts.
func listing(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string]string)
	for _, e := range entries {
		if e.Type().IsRegular() {
			data, err := os.ReadFile(filepath.Join(dir, e.Name()))
			if err != nil {
				t.Fatal(err)
			}
			all[e.Name()] = string(data)
		}
	}
	return all
}

// adopted checks a folder after an adoption of the world of byHand.
func (w *world) adopted(t *testing.T, before int) {
	t.Helper()
	if r := w.run(t, "fmt", "-check", "-diff"); r.exit != 0 {
		t.Error(r)
	}
	w.noChanges(t, "adopted")
	w.noChanges(t, "adopted, without a refresh", "-refresh=false")
	w.apply(t)
	if n := writes(w.api) - before; n != 0 {
		t.Errorf("%d writes: %v", n, w.api.Requests())
	}
	for name, text := range listing(t, w.dir) {
		for _, secret := range secrets {
			if strings.HasSuffix(name, ".tf") && strings.Contains(text, secret) {
				t.Errorf("%s holds a secret", name)
			}
		}
		if info, err := os.Stat(filepath.Join(w.dir, name)); strings.HasSuffix(name, ".tfvars.json") && (err != nil || info.Mode().Perm() != 0o600) {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}

// TestAdoptCommand: two apps come under Terraform by one command, in a folder that has
// nothing but a provider: nothing changes on Heroku, a second run does nothing, a refused
// one leaves nothing, an undo takes the state, and a release lets go again.
func TestAdoptCommand(t *testing.T) {
	each(t, []string{v5}, func(t *testing.T, s *setting) {
		w := s.open(t, "adopt-"+s.version, false)
		byHand(w.api)
		before := writes(w.api)
		choice := []string{"adopt", "--app", "shop-eu", "--pipeline", "shop", "--plan-check", "require"}

		// A value that another file sets otherwise would be written to Heroku.
		w.write(t, "z.auto.tfvars.json", []byte(`{"shop_eu_config_vars": {"A": "1"}}`))
		was := listing(t, w.dir)
		if out := w.command(t, 1, choice...); !strings.Contains(out, "heroku_app.shop_eu: update for ") {
			t.Errorf("refused with\n%s", out)
		}
		if is := listing(t, w.dir); len(is) != len(was) {
			t.Errorf("a refused run leaves %d files, there were %d", len(is), len(was))
		}
		w.remove(t, "z.auto.tfvars.json")

		if out := w.command(t, 2, append(choice, "--dry-run")...); !strings.Contains(out, "plan:   no changes") {
			t.Errorf("dry run:\n%s", out)
		}
		if is := listing(t, w.dir); len(is) != len(was)-1 {
			t.Errorf("a dry run leaves %d files", len(is))
		}
		out := w.command(t, 0, choice...)
		if !strings.Contains(out, "serial 0 -> 1") {
			t.Errorf("adopted:\n%s", out)
		}
		if n := len(slices.Collect(w.state(t).Instances())); n < 12 {
			t.Errorf("%d objects are adopted:\n%s", n, out)
		}
		w.adopted(t, before)
		w.command(t, 0, "drift", "--unmanaged")
		was = listing(t, w.dir)
		if out := w.command(t, 0, choice...); !strings.Contains(out, "nothing to adopt") {
			t.Errorf("a second run:\n%s", out)
		}
		if is := listing(t, w.dir); len(is) != len(was) {
			t.Error("a second run writes files")
		}

		w.command(t, 0, append([]string{"adopt", "--release", "heroku_app.shop_eu"}, choice[5:]...)...)
		if p := w.plan(t); len(p.actions()) == 0 {
			t.Error("nothing is forgotten")
		}
		w.apply(t)
		w.noChanges(t, "released")
		if n := writes(w.api) - before; n != 0 {
			t.Errorf("%d writes: %v", n, w.api.Requests())
		}
		for i := range w.state(t).Instances() {
			if strings.HasSuffix(i.ResourceAddress(), "shop_eu") {
				t.Errorf("%s is managed still", i.Address())
			}
		}
	})
}

// TestAdoptUndo: an undo takes the state, and the next run goes on with the files that
// are there.
func TestAdoptUndo(t *testing.T) {
	each(t, []string{v5}, func(t *testing.T, s *setting) {
		w := s.open(t, "adopt-"+s.version, false)
		byHand(w.api)
		before := writes(w.api)
		w.command(t, 0, "adopt", "--all", "--skip", "space,team_member", "--plan-check", "require")
		files := listing(t, w.dir)
		w.command(t, 0, "undo")
		if n := len(slices.Collect(w.state(t).Instances())); n != 0 {
			t.Errorf("%d objects are left", n)
		}
		w.command(t, 0, "adopt", "--all", "--skip", "space,team_member", "--plan-check", "require")
		for name, text := range listing(t, w.dir) {
			if strings.HasSuffix(name, ".tf") && files[name] != text {
				t.Errorf("%s was written again", name)
			}
		}
		w.adopted(t, before)
	})
}

// TestAdoptRemote: beside others on a remote state the files come first, then the state,
// from a checkout that lacks the values.
func TestAdoptRemote(t *testing.T) {
	each(t, []string{v5}, func(t *testing.T, s *setting) {
		w := s.open(t, s.version, true)
		w.remote(t, inHTTP)
		byHand(w.api)
		before := writes(w.api)
		choice := []string{"adopt", "--app", "shop-eu", "--app", "shop-us", "--plan-check", "require"}
		pulled := func() string { return w.run(t, "state", "pull").stdout }
		was := pulled()
		if out := w.command(t, 0, choice...); !strings.Contains(out, "plan:   no changes") || !strings.Contains(out, "the state was not written") || !strings.Contains(out, "--write-state") {
			t.Errorf("the files alone:\n%s", out)
		}
		if pulled() != was {
			t.Error("the state was written")
		}
		w.remove(t, "shop-us.auto.tfvars.json")
		out := w.command(t, 0, append(choice, "--write-state")...)
		if !strings.Contains(out, "adopted, serial ") {
			t.Errorf("the state:\n%s", out)
		}
		w.command(t, 0, "undo")
		if is := pulled(); strings.Contains(is, "shop-us") {
			t.Error("the undo left something")
		}
		w.command(t, 0, append(choice, "--write-state")...)
		w.adopted(t, before)
	})
}

// TestAdoptIntoNothing: into an empty folder there is no plan, and none is needed for
// one without changes afterwards.
func TestAdoptIntoNothing(t *testing.T) {
	each(t, []string{v5}, func(t *testing.T, s *setting) {
		w := s.open(t, "adopt-"+s.version, false)
		byHand(w.api)
		before := writes(w.api)
		w.dir = filepath.Join(t.TempDir(), "w")
		if err := os.MkdirAll(filepath.Join(w.dir, ".git"), 0o700); err != nil {
			t.Fatal(err)
		}
		if out := w.command(t, 0, "adopt", "--app", "shop-eu", "--app", "shop-us"); !strings.Contains(out, "plan:   none was made, the folder isn't initialized") || !strings.Contains(out, ".gitignore names it") {
			t.Errorf("adopted:\n%s", out)
		}
		initialising.Lock()
		r := w.run(t, "init", "-input=false", "-no-color")
		initialising.Unlock()
		if r.exit != 0 {
			t.Fatal(r)
		}
		w.adopted(t, before)
	})
}
