package terraform

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/herokutf/herokutf/internal/leaktest"
)

// nothing is an environment without anything that counts, and without terraform.
var nothing = []string{"HEROKUTF_TERRAFORM=/nowhere/terraform"}

func backendRecord(typ, config string) string {
	return `{"version":3,"terraform_version":"1.11.4","backend":{"type":"` + typ + `","config":{` + config + `},"hash":1}}`
}

const emptyBlock = "terraform {\n  backend \"%\" {}\n}\n"

func backendBlock(typ string) string { return strings.ReplaceAll(emptyBlock, "%", typ) }

func TestOpen(t *testing.T) {
	const rec = ".terraform/terraform.tfstate"
	for _, test := range []struct {
		name    string
		files   map[string]string
		environ []string
		want    Location // Path below the folder; Dir is added
		err     error
		says    string // in the error and its hint
	}{
		{"nothing at all", map[string]string{"main.tf": ""}, nil,
			Location{Workspace: "default", Backend: "local", Path: "terraform.tfstate", Locks: Locked}, nil, ""},
		{"providers alone", map[string]string{"main.tf": "terraform {}", ".terraform/providers/x": ""}, nil,
			Location{Workspace: "default", Backend: "local", Path: "terraform.tfstate", Locks: Locked}, nil, ""},
		{"a local workspace", map[string]string{"main.tf": "", ".terraform/environment": "prod\n"}, nil,
			Location{Workspace: "prod", Backend: "local", Path: "terraform.tfstate.d/prod/terraform.tfstate", Locks: Locked}, nil, ""},
		{"a workspace of the environment", map[string]string{"main.tf": "", ".terraform/environment": "prod"}, []string{"TF_WORKSPACE=stage"},
			Location{Workspace: "stage", Backend: "local", Path: "terraform.tfstate.d/stage/terraform.tfstate", Locks: Locked}, nil, ""},
		{"the default workspace of the environment", map[string]string{"main.tf": "", ".terraform/environment": "prod"}, []string{"TF_WORKSPACE=default"},
			Location{Workspace: "default", Backend: "local", Path: "terraform.tfstate", Locks: Locked}, nil, ""},
		{"an empty TF_WORKSPACE", map[string]string{"main.tf": "", ".terraform/environment": "prod"}, []string{"TF_WORKSPACE="},
			Location{Workspace: "prod", Backend: "local", Path: "terraform.tfstate.d/prod/terraform.tfstate", Locks: Locked}, nil, ""},
		{"a local path", map[string]string{"main.tf": backendBlock("local"), rec: backendRecord("local", `"path":"states/app.tfstate","workspace_dir":null`)}, nil,
			Location{Workspace: "default", Backend: "local", Path: "states/app.tfstate", Locks: Locked}, nil, ""},
		{"a local path isn't that of a workspace", map[string]string{"main.tf": backendBlock("local"), rec: backendRecord("local", `"path":"states/app.tfstate"`), ".terraform/environment": "prod"}, nil,
			Location{Workspace: "prod", Backend: "local", Path: "terraform.tfstate.d/prod/terraform.tfstate", Locks: Locked}, nil, ""},
		{"a folder of workspaces", map[string]string{"main.tf": backendBlock("local"), rec: backendRecord("local", `"workspace_dir":"ws"`), ".terraform/environment": "prod"}, nil,
			Location{Workspace: "prod", Backend: "local", Path: "ws/prod/terraform.tfstate", Locks: Locked}, nil, ""},
		{"a data folder", map[string]string{"main.tf": backendBlock("pg"), "data/terraform.tfstate": backendRecord("pg", ""), rec: backendRecord("local", ""), "data/environment": "x"}, []string{"TF_DATA_DIR=data"},
			Location{Workspace: "x", Backend: "pg", Locks: Locked}, nil, ""},
		{"pg, with an old state beside it", map[string]string{"main.tf": backendBlock("pg"), rec: backendRecord("pg", `"conn_str":"postgres://u:hunter2@h/d"`), "terraform.tfstate": ""}, nil,
			Location{Workspace: "default", Backend: "pg", Locks: Locked}, nil, ""},
		{"http without locks", map[string]string{"main.tf": backendBlock("http"), rec: backendRecord("http", `"address":"http://h","lock_address":null`)}, nil,
			Location{Workspace: "default", Backend: "http", Locks: NotLocked}, nil, ""},
		{"http with locks", map[string]string{"main.tf": backendBlock("http"), rec: backendRecord("http", `"lock_address":"http://h"`)}, nil,
			Location{Workspace: "default", Backend: "http", Locks: Locked}, nil, ""},
		{"http with locks of the environment", map[string]string{"main.tf": backendBlock("http"), rec: backendRecord("http", "")}, []string{"TF_HTTP_LOCK_ADDRESS=http://h"},
			Location{Workspace: "default", Backend: "http", Locks: Locked}, nil, ""},
		{"s3 without locks", map[string]string{"main.tf": backendBlock("s3"), rec: backendRecord("s3", `"dynamodb_table":null,"use_lockfile":false`)}, nil,
			Location{Workspace: "default", Backend: "s3", Locks: NotLocked}, nil, ""},
		{"s3 with a lock file", map[string]string{"main.tf": backendBlock("s3"), rec: backendRecord("s3", `"use_lockfile":true`)}, nil,
			Location{Workspace: "default", Backend: "s3", Locks: Locked}, nil, ""},
		{"consul", map[string]string{"main.tf": backendBlock("consul"), rec: backendRecord("consul", `"lock":false`)}, nil,
			Location{Workspace: "default", Backend: "consul", Locks: NotLocked}, nil, ""},
		{"a backend of the future", map[string]string{"main.tf": backendBlock("moon"), rec: backendRecord("moon", "")}, nil,
			Location{Workspace: "default", Backend: "moon", Locks: UnknownLocked}, nil, ""},
		{"HCP Terraform", map[string]string{"main.tf": "terraform {\n  cloud {\n    organization = \"a\"\n  }\n}\n", rec: backendRecord("cloud", `"token":"hunter2"`), ".terraform/environment": "prod"}, nil,
			Location{Workspace: "prod", Backend: "cloud", Locks: Locked}, nil, ""},
		{"a state store", map[string]string{"main.tf": "terraform {\n  state_store \"simple6_fs\" {\n    provider \"simple6\" {}\n  }\n}\n",
			rec: `{"version":3,"terraform_version":"1.16.0","state_store":{"type":"simple6_fs","provider":{"version":"0.0.1","source":"registry.terraform.io/hashicorp/simple6","config":{}},"config":{"workspace_dir":"states"},"hash":1}}`}, nil,
			Location{Workspace: "default", Backend: "simple6_fs", StateStore: true, Locks: UnknownLocked}, nil, ""},
		{"a state store called local", map[string]string{rec: `{"version":3,"state_store":{"type":"local"}}`}, nil,
			Location{Workspace: "default", Backend: "local", StateStore: true, Locks: UnknownLocked}, nil, ""},
		{"a record without a configuration", map[string]string{rec: backendRecord("pg", "")}, nil,
			Location{Workspace: "default", Backend: "pg", Locks: Locked}, nil, ""},
		{"a record of a state store without a type", map[string]string{"main.tf": "", rec: `{"version":3,"state_store":{"config":{}}}`}, nil,
			Location{Workspace: "default", Backend: "local", Path: "terraform.tfstate", Locks: Locked}, nil, ""},
		{"a record of a backend without a type", map[string]string{"main.tf": "", rec: `{"version":3,"backend":{"config":{}}}`}, nil,
			Location{Workspace: "default", Backend: "local", Path: "terraform.tfstate", Locks: Locked}, nil, ""},
		{"a record of no backend", map[string]string{"main.tf": "", rec: `{"version":3,"terraform_version":"1.11.4"}`}, nil,
			Location{Workspace: "default", Backend: "local", Path: "terraform.tfstate", Locks: Locked}, nil, ""},
		{"JSON", map[string]string{"main.tf.json": `{"terraform":{"backend":{"pg":{}}}}`, rec: backendRecord("pg", "")}, nil,
			Location{Workspace: "default", Backend: "pg", Locks: Locked}, nil, ""},
		{"an override", map[string]string{"main.tf": backendBlock("pg"), "b_override.tf": backendBlock("gcs"), rec: backendRecord("gcs", "")}, nil,
			Location{Workspace: "default", Backend: "gcs", Locks: Locked}, nil, ""},
		{"a configuration with a fault", map[string]string{"main.tf": backendBlock("pg") + "\nresource {{{", rec: backendRecord("pg", "")}, nil,
			Location{Workspace: "default", Backend: "pg", Locks: Locked}, nil, ""},
		{"OpenTofu's file in place of Terraform's", map[string]string{"main.tf": backendBlock("gcs"), "main.tofu": backendBlock("pg"), rec: backendRecord("pg", "")}, nil,
			Location{Workspace: "default", Backend: "pg", Locks: Locked}, nil, ""},
		{"backups and editors' files aren't read", map[string]string{"main.tf": "", "main.tf~": backendBlock("pg"), ".x.tf": backendBlock("pg"), "main.tf.bak": backendBlock("pg")}, nil,
			Location{Workspace: "default", Backend: "local", Path: "terraform.tfstate", Locks: Locked}, nil, ""},

		{"not initialized", map[string]string{"main.tf": backendBlock("pg")}, nil, Location{}, ErrUninitialized, `backend "pg" in main.tf`},
		{"not initialized, an override alone", map[string]string{"override.tf": backendBlock("pg")}, nil, Location{}, ErrUninitialized, `backend "pg" in override.tf`},
		{"not initialized, HCP Terraform", map[string]string{"main.tf": "terraform {\n  cloud {}\n}\n"}, nil, Location{}, ErrUninitialized, "a cloud block in main.tf"},
		{"not initialized, and an empty state", map[string]string{"main.tf": backendBlock("pg"), "terraform.tfstate": "", "terraform.tfstate.backup": "{}"}, nil,
			Location{}, ErrUninitialized, "The empty terraform.tfstate there is what a migration to another backend leaves behind"},
		{"not initialized, and an old state", map[string]string{"main.tf": backendBlock("pg"), "terraform.tfstate": "{}"}, nil,
			Location{}, ErrUninitialized, "The terraform.tfstate there isn't the state, most likely"},
		{"another backend", map[string]string{"main.tf": backendBlock("pg"), rec: backendRecord("http", "")}, nil, Location{}, ErrBackendChanged, `it was "http", and the configuration has backend "pg" in main.tf`},
		{"no backend any more", map[string]string{"main.tf": "", rec: backendRecord("http", "")}, nil, Location{}, ErrBackendChanged, "the configuration names none"},
		{"a torn record", map[string]string{"main.tf": "", rec: `{"version":3,"backend":{"conn_str":"hunter2`}, nil, Location{}, ErrUninitialized, "terraform init -reconfigure"},
		{"a record of the future", map[string]string{"main.tf": "", rec: `{"version":4}`}, nil, Location{}, ErrUninitialized, "version 4"},
		{"a record of Terraform 0.8", map[string]string{"main.tf": "", rec: `{"version":3,"remote":{"type":"s3"}}`}, nil, Location{}, ErrUninitialized, "before 0.9"},
		{"a bad workspace", map[string]string{"main.tf": "", ".terraform/environment": "../prod"}, nil, Location{}, ErrWorkspace, "environment selects"},
		{"a workspace above", map[string]string{"main.tf": ""}, []string{"TF_WORKSPACE=.."}, Location{}, ErrWorkspace, "TF_WORKSPACE selects"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := real(t, t.TempDir())
			tree(t, dir, test.files)
			f, err := Open(dir, Options{Environ: append(slices.Clone(nothing), test.environ...)})
			if test.err != nil {
				e, ok := errors.AsType[*FolderError](err)
				if f != nil || !ok || !errors.Is(err, test.err) || e.Hint == "" || e.Dir != dir || !strings.Contains(err.Error()+e.Hint, test.says) {
					t.Fatalf("error %v (%+v), want %v that says %q", err, e, test.err, test.says)
				}
				if strings.Contains(err.Error()+e.Hint, "hunter2") {
					t.Errorf("a secret is shown: %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			test.want.Dir = dir
			if test.want.Path != "" {
				test.want.Path = filepath.Join(dir, filepath.FromSlash(test.want.Path))
			}
			if diff := cmp.Diff(test.want, f.Location()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			for _, s := range leaktest.Dumps(f) {
				if strings.Contains(s, "hunter2") {
					t.Errorf("a secret is shown: %s", s)
				}
			}
		})
	}
}

// real is a folder's path without links, as some systems have them above the temporary
// one.
func real(t *testing.T, dir string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestOpenFolders(t *testing.T) {
	dir := real(t, t.TempDir())
	tree(t, dir, map[string]string{"infra/prod/main.tf": "", "file": ""})
	for name, want := range map[string]string{"none": "no such file", "file": "it isn't a folder", "file/x": ""} {
		path := filepath.Join(dir, name)
		_, err := Open(path, Options{})
		e, ok := errors.AsType[*FolderError](err)
		if !ok || e.Dir != path || e.Hint != "Give the folder that holds the configuration." || errors.Is(err, fs.ErrNotExist) != (name == "none") && runtime.GOOS != "windows" ||
			!strings.Contains(err.Error(), want) && runtime.GOOS != "windows" {
			t.Errorf("%s: %v", name, err)
		}
	}
	t.Chdir(filepath.Join(dir, "infra"))
	f, err := Open("prod", Options{Environ: nothing})
	if err != nil || f.Location().Dir != filepath.Join(dir, "infra", "prod") {
		t.Errorf("a relative folder: %v, %v", f, err)
	}
	if runtime.GOOS == "windows" {
		return
	}
	if err := os.Symlink(filepath.Join("infra", "prod"), filepath.Join(dir, "current")); err != nil {
		t.Fatal(err)
	}
	if f, err = Open(filepath.Join(dir, "current"), Options{Environ: nothing}); err != nil || f.Location().Dir != filepath.Join(dir, "infra", "prod") {
		t.Errorf("a link: %v, %v", f, err)
	}
	// A shell enters a folder through a link, and says so in PWD.
	if err := os.Symlink("infra", filepath.Join(dir, "here")); err != nil {
		t.Fatal(err)
	}
	t.Chdir(filepath.Join(dir, "here"))
	for _, name := range []string{"prod", "./prod", "../here/prod", "../current"} {
		if f, err = Open(name, Options{Environ: nothing}); err != nil || f.Location().Dir != filepath.Join(dir, "infra", "prod") {
			t.Errorf("%s, in a folder that is a link: %v, %v", name, f, err)
		}
	}
	t.Chdir(filepath.Join(dir, "current"))
	if f, err = Open("", Options{Environ: nothing}); err != nil || f.Location().Dir != filepath.Join(dir, "infra", "prod") {
		t.Errorf("a working folder that is a link: %v, %v", f, err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "gone"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Chdir(filepath.Join(dir, "gone"))
	if err := os.Remove(filepath.Join(dir, "gone")); err != nil {
		t.Fatal(err)
	}
	_, err = Open(dir, Options{Environ: nothing})
	if e, ok := errors.AsType[*FolderError](err); !ok || e.Dir != dir || !errors.Is(err, fs.ErrNotExist) || !strings.Contains(e.Hint, "The current folder is gone.") {
		t.Errorf("a working folder that is gone: %v (%+v)", err, e)
	}
}

// TestLocations: what the state is called in messages.
func TestLocations(t *testing.T) {
	for _, test := range []struct {
		location Location
		want     string
	}{
		{Location{Backend: "local", Path: "/x/terraform.tfstate", Workspace: "default"}, `state "/x/terraform.tfstate"`},
		{Location{Backend: "pg", Workspace: "prod"}, `the state of workspace "prod" in backend "pg"`},
		{Location{Backend: "cloud", Workspace: "prod"}, `the state of workspace "prod" in HCP Terraform`},
		{Location{Backend: "simple6_fs", StateStore: true, Workspace: "default"}, `the state of workspace "default" in state store "simple6_fs"`},
	} {
		if got := test.location.String(); got != test.want {
			t.Errorf("got %s, want %s", got, test.want)
		}
	}
}

// TestPullLocal: a local state needs no terraform, and what isn't there is explained.
func TestPullLocal(t *testing.T) {
	const state = `{"version":4,"serial":1,"lineage":"l","resources":[]}`
	for _, test := range []struct {
		name  string
		files map[string]string
		says  string // "" when it is there
	}{
		{"a state", map[string]string{"terraform.tfstate": state}, ""},
		{"none", nil, "Nothing was applied there yet"},
		{"an empty one", map[string]string{"terraform.tfstate": ""}, "what a migration to another backend leaves behind"},
		{"in other workspaces", map[string]string{"terraform.tfstate.d/prod/terraform.tfstate": state, "terraform.tfstate.d/stage/terraform.tfstate": state},
			`Workspace "default" is selected, and there are states of "prod", "stage"`},
		{"in other workspaces than the selected one", map[string]string{"terraform.tfstate.d/prod/terraform.tfstate": state, ".terraform/environment": "pord", "terraform.tfstate": state},
			`Workspace "pord" is selected, and there are states of "prod"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			tree(t, dir, map[string]string{"main.tf": ""})
			tree(t, dir, test.files)
			f, err := Open(dir, Options{Environ: nothing})
			if err != nil {
				t.Fatal(err)
			}
			got, err := f.Pull(t.Context())
			if test.says == "" {
				if err != nil || string(got.Bytes()) != state {
					t.Errorf("pulled %v, %v", got, err)
				}
				return
			}
			e, ok := errors.AsType[*FolderError](err)
			if !ok || !errors.Is(err, ErrNoState) || !strings.Contains(e.Hint, test.says) {
				t.Errorf("error %+v, want ErrNoState that says %q", e, test.says)
			}
			if _, err := f.Update(t.Context(), UpdateOptions{}, rename("a", "b")); !errors.Is(err, ErrNoState) {
				t.Errorf("update: %v", err)
			}
			if _, err := f.Undo(t.Context(), "", UpdateOptions{}); !errors.Is(err, ErrNoState) {
				t.Errorf("undo: %v", err)
			}
		})
	}
}

func TestFindCommand(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the programs are scripts")
	}
	bin, dir := real(t, t.TempDir()), t.TempDir()
	program := func(name string) string {
		path := filepath.Join(bin, name)
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		return path
	}
	t.Setenv("PATH", bin)
	find := func(opts Options) (string, error) {
		t.Helper()
		f, err := Open(dir, opts)
		if err != nil {
			t.Fatal(err)
		}
		return f.command()
	}
	where, err := filepath.EvalSymlinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = find(Options{Environ: []string{}})
	if e, ok := errors.AsType[*FolderError](err); !ok || !errors.Is(err, ErrNoTerraform) || e.Dir != where || !strings.HasPrefix(e.Hint, "Install one of them, ") || !strings.HasSuffix(err.Error(), ": no terraform command: neither terraform nor tofu is in PATH") {
		t.Errorf("none: %v", err)
	}
	tofu := program("tofu")
	if got, err := find(Options{Environ: []string{}}); got != tofu || err != nil {
		t.Errorf("tofu alone: %s, %v", got, err)
	}
	terraform, other := program("terraform"), program("other")
	if got, err := find(Options{Environ: []string{}}); got != terraform || err != nil {
		t.Errorf("both: %s, %v", got, err)
	}
	if got, err := find(Options{Environ: []string{"HEROKUTF_TERRAFORM=" + other}}); got != other || err != nil {
		t.Errorf("HEROKUTF_TERRAFORM: %s, %v", got, err)
	}
	if got, err := find(Options{Terraform: "tofu", Environ: []string{"HEROKUTF_TERRAFORM=" + other}}); got != tofu || err != nil {
		t.Errorf("the option: %s, %v", got, err)
	}
	if _, err := find(Options{Terraform: "tofu1"}); !errors.Is(err, ErrNoTerraform) || !strings.Contains(err.Error(), `the option says "tofu1"`) {
		t.Errorf("an option that leads nowhere: %v", err)
	}
	none := filepath.Join(bin, "x")
	_, err = find(Options{Environ: []string{"HEROKUTF_TERRAFORM=" + none}})
	if e, ok := errors.AsType[*FolderError](err); !ok || !errors.Is(err, ErrNoTerraform) || e.Dir != where || e.Hint != "Give the path of terraform or tofu." ||
		!strings.HasSuffix(err.Error(), fmt.Sprintf(`: no terraform command: HEROKUTF_TERRAFORM says %q: stat %s: no such file or directory`, none, none)) {
		t.Errorf("a variable that leads nowhere: %v", err)
	}
	// A path is absolute, also where PATH isn't; and what is in no absolute folder of PATH
	// has to be named.
	t.Chdir(bin)
	if got, err := find(Options{Terraform: "./other"}); got != other || err != nil {
		t.Errorf("a relative path: %s, %v", got, err)
	}
	t.Setenv("PATH", ".")
	if got, err := find(Options{Terraform: "other"}); got != other || err != nil {
		t.Errorf("a name in a relative PATH: %s, %v", got, err)
	}
	if got, err := find(Options{Environ: []string{}}); !errors.Is(err, ErrNoTerraform) {
		t.Errorf("a program in a relative PATH: %s, %v", got, err)
	}
}
