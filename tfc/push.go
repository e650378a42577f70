package tfc

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/internal/printable"
)

// mark begins the description of every variable that Push has made.
const mark = "herokutf slugs: "

// ErrForeign: the workspace has variables of these names that Push hasn't made.
var ErrForeign = errors.New("not set by herokutf")

// A Result says what [Push] has done, by the variables' names, each list sorted, and
// nil when it is empty.
type Result struct {
	Created, Updated, Unchanged, Removed []string
}

// String counts what was done.
func (r *Result) String() string {
	return fmt.Sprintf("%d created, %d updated, %d unchanged, %d removed", len(r.Created), len(r.Updated), len(r.Unchanged), len(r.Removed))
}

// workspaceName is ORGANIZATION/WORKSPACE.
var workspaceName = regexp.MustCompile(`^([A-Za-z0-9_-]+)/([A-Za-z0-9_-]+)$`)

// Push gives the workspace, ORGANIZATION/NAME, a Terraform variable for each artifact
// of slugs, and takes out those that it has made earlier for the same pipelines and
// stages and that have no value now, as [herokutf.Slugs.Environ] would. Each is marked
// in its description with what it is of. Variables without the mark, and those of
// other pipelines and stages, are left alone.
//
// If a variable of the same name is there without the mark, nothing is changed, and
// the error matches [ErrForeign]. When a change fails, those before it stay, and the
// result says which they are; running it again does the rest. What the service
// refuses is an [*Error].
func Push(ctx context.Context, opts Options, workspace string, slugs *herokutf.Slugs) (*Result, error) {
	m := workspaceName.FindStringSubmatch(workspace)
	switch {
	case m == nil:
		return nil, fmt.Errorf("the workspace %q: it is ORGANIZATION/NAME", printable.Short(workspace))
	case slugs == nil:
		return nil, errors.New("the slugs are nil")
	case opts.Token == "":
		return nil, ErrNoToken
	}
	c, err := newClient(opts)
	if err != nil {
		return nil, err
	}
	var space document[struct{}]
	if err := c.do(ctx, http.MethodGet, "organizations/"+m[1]+"/workspaces/"+m[2], nil, &space); err != nil {
		return nil, fmt.Errorf("look for the workspace %s: %w", workspace, err)
	}
	if !identifier.MatchString(space.Data.ID) {
		return nil, fmt.Errorf("look for the workspace %s: %w", workspace, errAnswer)
	}
	path := "workspaces/" + space.Data.ID + "/vars"
	there, err := c.variables(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("list the variables of %s: %w", workspace, err)
	}
	todo, err := compare(there, slugs)
	if err != nil {
		return nil, fmt.Errorf("set the variables of %s: %w", workspace, err)
	}
	result := &Result{Unchanged: todo.unchanged}
	for _, v := range todo.create {
		if err := c.do(ctx, http.MethodPost, path, v.document(), nil); err != nil {
			return result, fmt.Errorf("create the variable %s: %w", v.Key, err)
		}
		result.Created = append(result.Created, v.Key)
	}
	for _, v := range todo.update {
		if err := c.do(ctx, http.MethodPatch, path+"/"+v.id, v.document(), nil); err != nil {
			return result, fmt.Errorf("update the variable %s: %w", v.Key, err)
		}
		result.Updated = append(result.Updated, v.Key)
	}
	for _, v := range todo.remove {
		// Somebody else may have removed it meanwhile.
		if err := c.do(ctx, http.MethodDelete, path+"/"+v.id, nil, nil); err != nil && !isStatus(err, http.StatusNotFound) {
			return result, fmt.Errorf("remove the variable %s: %w", v.Key, err)
		}
		result.Removed = append(result.Removed, v.Key)
	}
	return result, nil
}

// A variable is one of a workspace.
type variable struct {
	id string
	attributes
}

type attributes struct {
	Key         string `json:"key"`
	Value       string `json:"value"`
	Description string `json:"description"`
	Category    string `json:"category"`
	HCL         bool   `json:"hcl"`
	Sensitive   bool   `json:"sensitive"`
}

// document is the variable as the service takes it.
func (v variable) document() []byte {
	var d document[attributes]
	d.Data.ID, d.Data.Type, d.Data.Attributes = v.id, "vars", v.attributes
	text, _ := json.Marshal(d) // texts and booleans always go
	return text
}

// A plan is what is to be done to a workspace's variables.
type plan struct {
	create, update, remove []variable
	unchanged              []string
}

// compare holds the variables that are there against what they are to be.
func compare(there []variable, slugs *herokutf.Slugs) (plan, error) {
	var p plan
	var foreign []string
	byKey := make(map[string]variable)
	var own []string // as an environment, for Slugs.Environ
	for _, v := range there {
		if v.Category != "terraform" {
			continue
		}
		byKey[v.Key] = v
		if strings.HasPrefix(v.Description, mark) {
			own = append(own, "TF_VAR_"+v.Key+"=")
		}
	}
	for _, a := range slugs.Artifacts {
		want := attributes{
			Key: a.Variable, Value: a.Value, Category: "terraform",
			Description: fmt.Sprintf("%spipeline %s, stage %s. Changes by hand are overwritten.", mark, a.Pipeline.Name, a.Stage),
		}
		had, ok := byKey[a.Variable]
		switch {
		case !ok:
			p.create = append(p.create, variable{attributes: want})
		case !strings.HasPrefix(had.Description, mark):
			foreign = append(foreign, a.Variable)
		case had.attributes == want:
			p.unchanged = append(p.unchanged, a.Variable)
		default:
			// What is sensitive can't be made otherwise.
			want.Sensitive = had.Sensitive
			p.update = append(p.update, variable{had.id, want})
		}
	}
	if foreign != nil {
		slices.Sort(foreign)
		return plan{}, fmt.Errorf("%w: %s: delete each there, or hand it over by a description that begins with %q",
			ErrForeign, strings.Join(foreign, ", "), mark)
	}
	kept := make(map[string]bool)
	for _, entry := range slugs.Environ(own) {
		key, _, _ := strings.Cut(strings.TrimPrefix(entry, "TF_VAR_"), "=")
		kept[key] = true
	}
	for _, entry := range own {
		key, _, _ := strings.Cut(strings.TrimPrefix(entry, "TF_VAR_"), "=")
		if !kept[key] {
			p.remove = append(p.remove, byKey[key])
		}
	}
	byName := func(a, b variable) int { return cmp.Compare(a.Key, b.Key) }
	slices.SortFunc(p.create, byName)
	slices.SortFunc(p.update, byName)
	slices.SortFunc(p.remove, byName)
	slices.Sort(p.unchanged)
	return p, nil
}
