package terraform

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A record is what terraform init leaves in the data folder: which backend keeps the
// state. Source: BackendStateFile in Terraform's internal/command/workdir.
type record struct {
	Type       string
	Config     map[string]any
	StateStore bool // a provider keeps the state, from Terraform 1.16 on
}

// readRecord reads the backend's record in a data folder. It returns nil when there
// is none, which means that the state is a file in the folder itself.
func readRecord(dataDir string) (*record, error) {
	data, err := os.ReadFile(filepath.Join(dataDir, stateName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the backend's record: %w", err)
	}
	type kept struct {
		Type   string         `json:"type"`
		Config map[string]any `json:"config"`
	}
	var file struct {
		Version    int   `json:"version"`
		Backend    *kept `json:"backend"`
		StateStore *kept `json:"state_store"`
		Remote     any   `json:"remote"`
	}
	// The message of a decoder may quote what it read.
	switch err := json.Unmarshal(data, &file); {
	case err != nil:
		return nil, errors.New("the backend's record is no JSON that terraform init writes")
	case file.Version != 3:
		return nil, fmt.Errorf("the backend's record has version %d, and only 3 is known", file.Version)
	case file.Backend != nil && file.Backend.Type != "":
		return &record{Type: file.Backend.Type, Config: file.Backend.Config}, nil
	case file.StateStore != nil && file.StateStore.Type != "":
		return &record{Type: file.StateStore.Type, Config: file.StateStore.Config, StateStore: true}, nil
	case file.Remote != nil:
		return nil, errors.New("the backend's record is one of Terraform before 0.9")
	}
	return nil, nil
}

// text returns a setting that is a string, or "".
func (r *record) text(name string) string {
	s, _ := r.Config[name].(string)
	return s
}

// set reports whether a setting is there and isn't empty or false.
func (r *record) set(name string) bool {
	switch v := r.Config[name].(type) {
	case nil:
		return false
	case string:
		return v != ""
	case bool:
		return v
	}
	return true
}

// Locking says whether a backend keeps others out while a state is written.
type Locking string

// What is known of a backend's locks.
const (
	Locked        Locking = "locked"   // it has locks
	NotLocked     Locking = "unlocked" // it has none, or none are set up
	UnknownLocked Locking = "unknown"  // this package doesn't know the backend
)

// locking judges the backend by its type and settings. What a setting of the
// environment replaces is looked up there.
func (r *record) locking(getenv func(string) string) Locking {
	when := func(yes bool) Locking {
		if yes {
			return Locked
		}
		return NotLocked
	}
	if r.StateStore {
		return UnknownLocked
	}
	switch r.Type {
	case "local", "pg", "gcs", "azurerm", "kubernetes", "cos", "remote", "cloud", "inmem", "oci", "manta":
		return Locked
	case "http":
		return when(r.set("lock_address") || getenv("TF_HTTP_LOCK_ADDRESS") != "")
	case "s3":
		return when(r.set("dynamodb_table") || r.set("use_lockfile"))
	case "oss":
		return when(r.set("tablestore_table"))
	case "consul", "etcdv3":
		return when(r.Config["lock"] != false)
	case "artifactory", "etcd":
		return NotLocked
	}
	return UnknownLocked
}

// secretNames are parts of names behind which secrets are kept, in the environment
// and in the settings of backends.
var secretNames = []string{"TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "CREDENTIAL", "API_KEY", "APIKEY", "ACCESS_KEY",
	"PRIVATE_KEY", "CONN_STR", "DATABASE_URL", "PGPASS", "TF_ENCRYPTION"}

// secret reports whether a name is that of a secret.
func secret(name string) bool {
	name = strings.ToUpper(name)
	return slices.ContainsFunc(secretNames, func(part string) bool { return strings.Contains(name, part) })
}

// secrets returns the values in the settings that are secret.
func (r *record) secrets() []string {
	var found []string
	var collect func(name string, v any)
	collect = func(name string, v any) {
		switch v := v.(type) {
		case string:
			if secret(name) {
				found = append(found, v)
			}
		case map[string]any:
			for key, value := range v {
				collect(name+"."+key, value)
			}
		case []any:
			for _, value := range v {
				collect(name, value)
			}
		}
	}
	if r != nil {
		for name, value := range r.Config {
			collect(name, value)
		}
	}
	return found
}

const (
	defaultWorkspace = "default"
	stateName        = "terraform.tfstate"
	workspacesName   = "terraform.tfstate.d"
)

// readWorkspace returns the name of the selected workspace, and what selected it.
// Source: WorkspaceOverridden in Terraform's internal/command/meta.go.
func readWorkspace(dataDir string, getenv func(string) string) (name, by string, err error) {
	if name, by = getenv("TF_WORKSPACE"), "TF_WORKSPACE"; name == "" {
		by = filepath.Join(dataDir, "environment")
		data, err := os.ReadFile(by)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", by, fmt.Errorf("read the selected workspace: %w", err)
		}
		if name = string(bytes.TrimSpace(data)); name == "" {
			return defaultWorkspace, "", nil
		}
	}
	// What Terraform takes for a name, less what leads elsewhere in a path.
	if url.PathEscape(name) != name || name == "." || name == ".." {
		return "", by, fmt.Errorf("%w: %q, which %s selects, is no name of a workspace", ErrWorkspace, name, by)
	}
	return name, by, nil
}

// localPath returns the path of a workspace's state that the local backend keeps.
// Source: StatePaths in Terraform's internal/backend/local.
func (r *record) localPath(dir, workspace string) string {
	path, workspaces := stateName, workspacesName
	if r != nil {
		if s := r.text("path"); s != "" {
			path = s
		}
		if s := r.text("workspace_dir"); s != "" {
			workspaces = s
		}
	}
	if workspace != defaultWorkspace {
		path = filepath.Join(workspaces, workspace, stateName)
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	return path
}

// localWorkspaces returns the names of the workspaces whose states the local
// backend keeps, sorted, but for the default one; nil when there are none.
func (r *record) localWorkspaces(dir string) []string {
	parent := filepath.Dir(filepath.Dir(r.localPath(dir, "x")))
	entries, _ := os.ReadDir(parent)
	var names []string
	for _, e := range entries {
		if _, err := os.Stat(filepath.Join(parent, e.Name(), stateName)); err == nil {
			names = append(names, e.Name())
		}
	}
	return names
}
