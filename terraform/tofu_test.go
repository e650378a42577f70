package terraform

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/tfconfig"
)

// TestRealTofu: the OpenTofu on this machine, which encrypts the state, in a file and in
// a backend: it is read, planned and written by it alone, and never in clear but in the
// backups.
func TestRealTofu(t *testing.T) {
	tofu, err := exec.LookPath("tofu")
	if err != nil {
		t.Skipf("there is no tofu to try: %v", err)
	}
	const encryption = `variable "passphrase" {
  sensitive = true
}
terraform {
  encryption {
    key_provider "pbkdf2" "key" {
      passphrase = var.passphrase
    }
    method "aes_gcm" "method" {
      keys = key_provider.pbkdf2.key
    }
    state {
      method = method.aes_gcm.method
    }
  }
}
`
	for _, remote := range []bool{false, true} {
		t.Run(map[bool]string{false: "file", true: "http"}[remote], func(t *testing.T) {
			t.Parallel()
			b := newHTTPBackend(t)
			config := func(input string) string {
				if remote {
					return b.config(true, input)
				}
				return resource(input)
			}
			parent := real(t, t.TempDir())
			dir := filepath.Join(parent, "prod")
			tree(t, dir, map[string]string{"main.tf": config("one"), "encryption.tofu": encryption, "encryption.tf": "terraform {\n  what_tofu_does_not_read = 1\n}\n"})
			var environ []string
			for _, kv := range os.Environ() {
				if !strings.HasPrefix(kv, "TF_") {
					environ = append(environ, kv)
				}
			}
			environ = append(environ, "TF_CLI_CONFIG_FILE="+os.DevNull)
			run := func(args ...string) string {
				t.Helper()
				cmd := exec.Command(tofu, append(args, "-var=passphrase=correct-horse-battery-staple")...)
				cmd.Dir, cmd.Env = dir, environ
				out, err := cmd.CombinedOutput()
				if err != nil {
					t.Fatalf("tofu %s: %v\n%s", strings.Join(args, " "), err, out)
				}
				return string(out)
			}
			run("init", "-input=false")
			tree(t, dir, map[string]string{".terraform/README": ""}) // as with any provider that isn't built in
			run("apply", "-auto-approve", "-input=false")
			kept := func() string {
				if remote {
					return string(b.states["/state"])
				}
				data, err := os.ReadFile(filepath.Join(dir, stateName))
				if err != nil {
					t.Fatal(err)
				}
				return string(data)
			}
			if !strings.Contains(kept(), "encrypted_data") {
				t.Fatal("the state isn't encrypted")
			}
			f, err := Open(dir, Options{Terraform: tofu, Environ: environ, Vars: []Var{{Value: "passphrase=correct-horse-battery-staple"}}})
			if err != nil {
				t.Fatal(err)
			}
			if where := f.Location(); !where.Encrypted || where.Local() == remote {
				t.Errorf("location %+v", where)
			}
			if v, err := f.Version(t.Context()); err != nil || v.Name != "OpenTofu" {
				t.Errorf("version %v, %v", v, err)
			}
			opts := UpdateOptions{Plan: PlanRequire, Files: func() []tfconfig.FileEdit {
				return []tfconfig.FileEdit{edit(t, dir, "main.tf", config("two"))}
			}}
			done, err := f.Update(t.Context(), opts, rename("one", "two"))
			if err != nil {
				t.Fatal(err)
			}
			if actions(done.Plan) != "" {
				t.Errorf("plan %s", actions(done.Plan))
			}
			if now := kept(); !strings.Contains(now, "encrypted_data") || strings.Contains(now, `"two"`) {
				t.Error("the new state isn't encrypted")
			}
			tree(t, dir, map[string]string{"main.tf": config("two")})
			if out := run("plan", "-no-color", "-input=false"); !strings.Contains(out, "No changes.") {
				t.Errorf("the plan afterwards:\n%s", out)
			}
			back, err := f.Undo(t.Context(), "", UpdateOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if actions(back.Plan) != "terraform_data.a[update]" || back.Restored != done.Backup {
				t.Errorf("undo: %+v", back)
			}
			if now, err := f.Pull(t.Context()); err != nil || !strings.Contains(string(now.Bytes()), `"one"`) {
				t.Errorf("after the undo: %v", err)
			}
			if left := scratches(t, parent); left != nil {
				t.Errorf("left behind: %v", left)
			}
			wrong, err := Open(dir, Options{Terraform: tofu, Environ: environ, Vars: []Var{{Value: "passphrase=wrong-horse-battery-staple"}}})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := wrong.Update(t.Context(), opts, func(f *statefile.File) (*statefile.File, error) { return f, nil }); err == nil || strings.Contains(err.Error(), "wrong-horse") {
				t.Errorf("another passphrase: %v", err)
			}
		})
	}
}
