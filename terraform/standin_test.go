package terraform

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/herokutf/herokutf/statefile"
)

// The test binary itself stands in for terraform where the real one can't be made to
// fail as wanted, or isn't there. What it does is said by variables of the environment.
const (
	standInDir   = "HEROKUTF_STANDIN_DIR"   // holds the backend's state, and a log of the calls
	standInFault = "HEROKUTF_STANDIN_FAULT" // what goes wrong, in words
	standInSays  = "HEROKUTF_STANDIN_SAYS"  // what it says of itself
	updateVar    = "HEROKUTF_TEST_UPDATE"   // makes the test binary update a folder, and be killed at a stage
)

func TestMain(m *testing.M) {
	switch {
	case os.Getenv(updateVar) != "":
		os.Exit(updateProcess())
	case os.Getenv(standInDir) != "":
		os.Exit(standIn(os.Args[1:]))
	}
	os.Exit(m.Run())
}

const standInState = `{
  "version": 4,
  "terraform_version": "1.11.4",
  "serial": 7,
  "lineage": "5c0d0f2c-1111-4222-8333-444455556666",
  "outputs": {},
  "resources": [
    {
      "mode": "managed",
      "type": "terraform_data",
      "name": "a",
      "provider": "provider[\"terraform.io/builtin/terraform\"]",
      "instances": [
        {
          "schema_version": 0,
          "attributes": {
            "input": "one"
          }
        }
      ]
    }
  ]
}
`

// A bench is a folder whose backend and terraform are the stand-in's.
type bench struct {
	parent, dir, store string
	environ            []string
}

func newBench(t *testing.T, fault string) *bench {
	t.Helper()
	parent := real(t, t.TempDir())
	b := &bench{parent: parent, dir: filepath.Join(parent, "prod"), store: filepath.Join(parent, "store")}
	tree(t, b.dir, map[string]string{
		"main.tf":                      backendBlock("pg") + resource("one"),
		".terraform/terraform.tfstate": backendRecord("pg", `"conn_str":"postgres://u:hunter2@h/d"`),
		".terraform/providers/x/y":     "",
	})
	tree(t, b.store, map[string]string{"remote.tfstate": standInState})
	// A program with the race detector sleeps for a second at its end otherwise.
	b.environ = []string{standInDir + "=" + b.store, standInFault + "=" + fault, "GORACE=atexit_sleep_ms=0"}
	return b
}

func (b *bench) open(t *testing.T, opts Options) *Folder {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	opts.Terraform, opts.Environ = program, append(b.environ, opts.Environ...)
	f, err := Open(b.dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// remote is the backend's state.
func (b *bench) remote(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(b.store, "remote.tfstate"))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// calls returns the commands that were run, without their flags.
func (b *bench) calls(t *testing.T) []string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(b.store, "log"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(data)), "\n")
}

// backups returns the paths of all backups.
func (b *bench) backups(t *testing.T) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(filepath.Join(b.dir, ".terraform", "herokutf"), func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil && !d.IsDir() {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// clean fails the test if anything is left of a check folder.
func (b *bench) clean(t *testing.T) {
	t.Helper()
	for _, dir := range []string{b.parent, filepath.Join(b.dir, ".terraform", "herokutf", "5c0d0f2c-1111-4222-8333-444455556666", "default")} {
		if left := scratches(t, dir); left != nil {
			t.Errorf("left behind: %v", left)
		}
	}
}

// standIn is terraform, as far as this package runs it.
func standIn(args []string) int {
	store, faults := os.Getenv(standInDir), strings.Fields(os.Getenv(standInFault))
	fault := func(name string) bool { return slices.Contains(faults, name) }
	dir := "."
	if len(args) > 0 && strings.HasPrefix(args[0], "-chdir=") {
		dir, args = strings.TrimPrefix(args[0], "-chdir="), args[1:]
	}
	var words, flags []string
	for _, arg := range args {
		if strings.HasPrefix(arg, "-") {
			flags = append(flags, arg)
		} else {
			words = append(words, arg)
		}
	}
	if len(words) == 0 {
		return 2
	}
	name := words[0]
	if name == "state" {
		name = "state " + words[1]
	}
	log, err := os.OpenFile(filepath.Join(store, "log"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return fail(err)
	}
	fmt.Fprintln(log, name)
	log.Close()
	if fault("force") || slices.Contains(flags, "-force") || slices.Contains(flags, "-lock=false") && name == "state push" && !strings.Contains(dir, scratchPrefix) {
		return fail(errors.New("forced"))
	}
	if fault("wants-vars") && !slices.Contains(flags, "-var=passphrase=correct-horse") {
		return fail(errors.New("No value for required variable"))
	}
	if fault("hang-" + strings.ReplaceAll(name, " ", "-")) {
		if fault("plugin") {
			plugin := exec.Command(os.Args[0], "plugin")
			if err := plugin.Start(); err != nil {
				return fail(err)
			}
			for range 1000 {
				if _, err := os.Stat(filepath.Join(store, "plugin")); err == nil {
					break
				}
				time.Sleep(time.Millisecond)
			}
		}
		code := hang(store, fault("stubborn"))
		if fault("polite") {
			return 0
		}
		return code
	}
	if fault("fail-" + strings.ReplaceAll(name, " ", "-")) {
		if fault("chatty") {
			os.Stderr.WriteString(strings.Repeat("a word of warning\n", 2*maxStderr/18))
		}
		fmt.Fprintf(os.Stderr, "╷\n│ Error: Failed in %s\n│ \n│ with postgres://u:hunter2@h/d\n╵\n", name)
		return 1
	}
	remote := filepath.Join(store, "remote.tfstate")
	switch name {
	case "version":
		fmt.Println(cmp.Or(os.Getenv(standInSays), "Terraform v1.11.4\non linux_amd64"))
	case "init":
		return standInInit(dir, flags)
	case "plan":
		if _, err := os.Stat(filepath.Join(dir, ".terraform", "initialized")); err != nil && fault("needs-init") {
			return fail(errors.New("Backend initialization required, please run \"terraform init\""))
		}
		if fault("lock-gone") {
			os.Remove(filepath.Join(dir, scratchLock))
		}
		if says := os.Getenv(standInSays); says != "" {
			fmt.Printf(`{"@message":"Error: %[1]s","type":"diagnostic","diagnostic":{"severity":"error","summary":%[1]q,"detail":"hunter2"}}`+"\n", says)
			return 1
		}
		if fault("old") && slices.Contains(flags, "-json") {
			fmt.Fprint(os.Stderr, "flag provided but not defined: -json\nUsage: terraform plan [options]\n")
			return 1
		}
		return standInPlan(dir, flags, fault("odd"))
	case "show":
		data, err := os.ReadFile(words[1])
		if err != nil {
			return fail(err)
		}
		os.Stdout.Write(data)
	case "state pull":
		data, err := os.ReadFile(remote)
		if errors.Is(err, fs.ErrNotExist) && fault("nothing-yet") {
			if fault("unborn") { // as terraform does with some backends
				fmt.Println(`{"version":4,"terraform_version":"1.11.4","serial":0,"lineage":"","outputs":{},"resources":[],"check_results":null}`)
			}
			return 0
		}
		if err != nil {
			return fail(err)
		}
		if fault("apply-after-pull") {
			apply(store, remote)
		}
		os.Stdout.Write(data)
	case "state push":
		if strings.Contains(dir, scratchPrefix) {
			data, err := os.ReadFile(words[2])
			if err == nil {
				err = os.WriteFile((*record)(nil).localPath(dir, os.Getenv("TF_WORKSPACE")), data, 0o600)
			}
			if err != nil {
				return fail(err)
			}
			return 0
		}
		return standInPush(words[2], remote, store, fault)
	case "environ":
		wd, _ := os.Getwd()
		fmt.Println(dir, wd, os.Getenv("TF_WORKSPACE"), os.Getenv("TF_IN_AUTOMATION"), os.Getenv("TF_CLI_ARGS"), os.Getenv("X"))
	case "leave":
		plugin := exec.Command(os.Args[0], "plugin")
		plugin.Stdout = os.Stdout
		if err := plugin.Start(); err != nil {
			return fail(err)
		}
		for range 1000 {
			if _, err := os.Stat(filepath.Join(store, "plugin")); err == nil {
				break
			}
			time.Sleep(time.Millisecond)
		}
		fmt.Println(plugin.Process.Pid)
	case "plugin":
		f, err := os.Create(filepath.Join(store, "plugin.lock"))
		if err == nil {
			err = lockFile(f)
		}
		if err != nil {
			return fail(err)
		}
		os.WriteFile(filepath.Join(store, "plugin"), nil, 0o600)
		time.Sleep(time.Minute)
		f.Close()
	case "apply":
		fmt.Println("applied", strings.Join(flags, " "), os.Getenv("TF_CLI_ARGS_apply"))
		fmt.Fprintln(os.Stderr, "a warning")
		return 3
	}
	return 0
}

func fail(err error) int {
	fmt.Fprintln(os.Stderr, "Error:", err)
	return 1
}

// hang waits for an interrupt, or only notes it.
func hang(store string, stubborn bool) int {
	signals := make(chan os.Signal, 9)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	os.WriteFile(filepath.Join(store, "hanging"), []byte(strconv.Itoa(os.Getpid())), 0o600)
	end := time.After(time.Minute)
	for n := 0; ; {
		select {
		case <-signals:
			n++
			os.WriteFile(filepath.Join(store, "signals"), []byte(strconv.Itoa(n)), 0o600)
			if !stubborn {
				// Another one would come right after.
				end = time.After(300 * time.Millisecond)
			}
		case <-end:
			return 1
		}
	}
}

func standInInit(dir string, flags []string) int {
	for _, want := range []string{"-input=false", "-get=false", "-reconfigure"} {
		if !slices.Contains(flags, want) {
			return fail(errors.New("init without " + want))
		}
	}
	if _, err := os.Stat(filepath.Join(dir, stateName)); err == nil {
		return fail(errors.New("a state would be migrated"))
	}
	if _, err := os.Lstat(filepath.Join(dir, ".terraform", "providers")); err == nil {
		return fail(errors.New("the user's providers would be written to"))
	}
	for _, flag := range flags {
		if providers, ok := strings.CutPrefix(flag, "-plugin-dir="); ok {
			if info, err := os.Stat(providers); err != nil || !info.IsDir() {
				return fail(fmt.Errorf("-plugin-dir: %w", err))
			}
		}
	}
	if err := os.WriteFile(filepath.Join(dir, ".terraform", "initialized"), nil, 0o600); err != nil {
		return fail(err)
	}
	return 0
}

// standInPlan plans an update if the state isn't what main.tf says.
func standInPlan(dir string, flags []string, odd bool) int {
	config, err := os.ReadFile(filepath.Join(dir, "main.tf"))
	if err != nil {
		return fail(err)
	}
	path := (*record)(nil).localPath(dir, cmp.Or(os.Getenv("TF_WORKSPACE"), defaultWorkspace))
	f, err := statefile.ReadFile(path)
	if err != nil {
		return fail(err)
	}
	action := "no-op"
	for i := range f.Instances() {
		for _, v := range i.Scalars() {
			if !strings.Contains(string(config), strconv.Quote(v.Text())) {
				action = "update"
			}
		}
	}
	plan := fmt.Sprintf(`{"format_version":"1.2","terraform_version":"1.11.4","resource_changes":[{"address":"terraform_data.a","mode":"managed","type":"terraform_data","name":"a","change":{"actions":[%q]}}]}`, action)
	out := ""
	for _, flag := range flags {
		if s, ok := strings.CutPrefix(flag, "-out="); ok {
			out = s
		}
	}
	if err := os.WriteFile(out, []byte(plan), 0o600); err != nil {
		return fail(err)
	}
	text := fmt.Sprintf("plan of serial %s in workspace %s: %s", f.Serial(), os.Getenv("TF_WORKSPACE"), action)
	if !slices.Contains(flags, "-json") {
		fmt.Println(text)
		return 0
	}
	fmt.Printf(`{"@message":%q,"terraform":"1.11.4","type":"version"}`+"\n", text)
	if action != "no-op" {
		fmt.Println(`{"type":"planned_change","change":{"action":"update"}}`)
	}
	if odd {
		fmt.Println(`{"type":"something_new"}`)
	}
	fmt.Printf(`{"changes":{"add":0,"change":%d,"import":0,"remove":0,"operation":"plan"},"type":"change_summary"}`+"\n", len(action)-len("no-op"))
	return 0
}

// apply is somebody else's, who doesn't know of this one.
func apply(store, remote string) {
	n, _ := os.ReadFile(filepath.Join(store, "applies"))
	count, _ := strconv.Atoi(string(n))
	most := 1
	if s := os.Getenv("HEROKUTF_STANDIN_APPLIES"); s != "" {
		most, _ = strconv.Atoi(s)
	}
	if count >= most {
		return
	}
	os.WriteFile(filepath.Join(store, "applies"), []byte(strconv.Itoa(count+1)), 0o600)
	f, err := statefile.ReadFile(remote)
	if err != nil {
		return
	}
	g, err := f.RaiseSerial(remote, f.Serial())
	if err != nil {
		return
	}
	text := strings.Replace(string(g.Bytes()), `"outputs": {`, fmt.Sprintf(`"outputs": {"apply%d": {"value": 1, "type": "number"}`, count), 1)
	if count > 0 {
		text = strings.Replace(text, `"number"}"apply`, `"number"},"apply`, 1)
	}
	os.WriteFile(remote, []byte(text), 0o600)
}

// standInPush writes as Terraform does: only what is later, and with a serial one
// higher.
func standInPush(path, remote, store string, fault func(string) bool) int {
	now, err := statefile.ReadFile(remote)
	if errors.Is(err, fs.ErrNotExist) && fault("nothing-yet") {
		if fault("first-of-others") {
			os.WriteFile(remote, []byte(strings.Replace(standInState, "5c0d0f2c", "0c0d0f2c", 1)), 0o600)
			fmt.Fprintln(os.Stderr, "Failed to write state: cannot import state with another lineage")
			return 1
		}
		data, err := os.ReadFile(path)
		if fault("unborn") {
			first, _ := statefile.Parse(path, data)
			data = []byte(strings.Replace(string(data), first.Lineage(), "0c0d0f2c-1111-4222-8333-444455556666", 1))
		}
		if err == nil && !fault("push-lies") {
			err = os.WriteFile(remote, data, 0o600)
		}
		if err != nil {
			return fail(err)
		}
		return 0
	}
	if err != nil {
		return fail(err)
	}
	pushed, err := statefile.ReadFile(path)
	if err != nil {
		return fail(err)
	}
	if info, err := os.Stat(path); err != nil || !hasMode(info, 0o600) {
		return fail(errors.New("the pushed state isn't private"))
	}
	if fault("lock-gone") {
		os.Remove(filepath.Join(filepath.Dir(path), scratchLock))
	}
	switch {
	case fault("locked"):
		fmt.Fprintln(os.Stderr, "Error: Error acquiring the state lock\n\nError message: held by me")
		return 1
	case pushed.Lineage() != now.Lineage():
		fmt.Fprintln(os.Stderr, "Failed to write state: cannot import state with another lineage")
		return 1
	case statefile.CompareSerials(pushed.Serial(), now.Serial()) <= 0:
		fmt.Fprintf(os.Stderr, "Failed to write state: cannot import state with serial %s over newer state with serial %s\n", pushed.Serial(), now.Serial())
		return 1
	case fault("push-lies"):
		return 0
	}
	g, err := pushed.RaiseSerial(remote, pushed.Serial())
	if err == nil && fault("push-relabels") {
		g, err = statefile.Parse(remote, []byte(strings.Replace(string(g.Bytes()), g.Lineage(), "0c0d0f2c-1111-4222-8333-444455556666", 1)))
	}
	if err != nil {
		return fail(err)
	}
	if !fault("push-loses") {
		if err := os.WriteFile(remote+".tmp", g.Bytes(), 0o600); err != nil {
			return fail(err)
		}
		if err := os.Rename(remote+".tmp", remote); err != nil {
			return fail(err)
		}
	}
	switch {
	case fault("overwrite"):
		// An apply that began before, from the old state.
		old, _ := now.RaiseSerial(remote, now.Serial())
		os.WriteFile(remote, old.Bytes(), 0o600)
	case fault("apply-on-top"):
		apply(store, remote)
	case fault("unlock-fails"):
		fmt.Fprintln(os.Stderr, "Error: Error releasing the state lock")
		return 1
	case fault("vanish"):
		os.Remove(remote)
	case fault("break"):
		os.Remove(remote)
		return fail(errors.New("broken"))
	}
	return 0
}

// hasMode reports whether a file has this mode. On Windows none says who may read it.
func hasMode(info os.FileInfo, want os.FileMode) bool {
	return runtime.GOOS == "windows" || info.Mode().Perm() == want
}
