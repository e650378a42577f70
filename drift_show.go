package herokutf

import (
	"encoding/json"
	"fmt"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/herokutf/herokutf/statefile"
)

// ParseShowJSON reads what "terraform show -json" prints of a state, so that
// [DetectDrift] can compare a state that is kept remotely without a file of it.
// The name serves messages only. What it returns is for reading: it holds the
// managed and data resources, and nothing of the rest of a state. A plan, and
// text that isn't such output, are an error; "show" of no state at all gives a
// file without resources.
func ParseShowJSON(name string, data []byte) (*statefile.File, error) {
	var plan struct {
		Planned json.RawMessage `json:"planned_values"`
	}
	if json.Unmarshal(data, &plan) == nil && plan.Planned != nil {
		return nil, fmt.Errorf("%s: it is a plan, not a state: print the state with terraform show -json and no plan file", name)
	}
	var state tfjson.State
	state.UseJSONNumber(true)
	if err := state.UnmarshalJSON(data); err != nil {
		return nil, fmt.Errorf("%s: read the output of terraform show -json: %w", name, err)
	}
	return fromShowJSON(name, &state)
}

// fromShowJSON is ParseShowJSON of what terraform-json has read.
func fromShowJSON(name string, state *tfjson.State) (*statefile.File, error) {
	doc := shownState{Version: 4, Terraform: state.TerraformVersion, Resources: []shownResource{}}
	if state.Values != nil {
		doc.add(state.Values.RootModule)
	}
	text, err := json.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return statefile.Parse(name, text)
}

// shownState is a state of version 4 as far as show -json has one.
type shownState struct {
	Version   int             `json:"version"`
	Terraform string          `json:"terraform_version"`
	Serial    int             `json:"serial"`
	Lineage   string          `json:"lineage"`
	Outputs   struct{}        `json:"outputs"`
	Resources []shownResource `json:"resources"`
}

type shownResource struct {
	Module    string          `json:"module,omitempty"`
	Mode      string          `json:"mode"`
	Type      string          `json:"type"`
	Name      string          `json:"name"`
	Provider  string          `json:"provider"`
	Instances []shownInstance `json:"instances"`
}

type shownInstance struct {
	Key        any            `json:"index_key,omitempty"`
	Deposed    string         `json:"deposed,omitempty"`
	Schema     uint64         `json:"schema_version"`
	Attributes map[string]any `json:"attributes"`
}

// add adds the resources of a module and of those in it. Instances of one
// resource follow one another, and become one resource again.
func (s *shownState) add(m *tfjson.StateModule) {
	if m == nil {
		return
	}
	for _, r := range m.Resources {
		if r == nil {
			continue
		}
		instance := shownInstance{Key: r.Index, Deposed: r.DeposedKey, Schema: r.SchemaVersion, Attributes: r.AttributeValues}
		resource := shownResource{
			Module:    m.Address,
			Mode:      string(r.Mode),
			Type:      r.Type,
			Name:      r.Name,
			Provider:  shownProvider(r.ProviderName),
			Instances: []shownInstance{instance},
		}
		if n := len(s.Resources); n > 0 {
			last := &s.Resources[n-1]
			if last.Module == resource.Module && last.Mode == resource.Mode && last.Type == resource.Type && last.Name == resource.Name {
				last.Instances = append(last.Instances, instance)
				continue
			}
		}
		s.Resources = append(s.Resources, resource)
	}
	for _, child := range m.ChildModules {
		s.add(child)
	}
}

// shownProvider spells the provider as a state does.
func shownProvider(name string) string {
	if name == "" || !strings.Contains(name, "/") {
		return name // Terraform 0.12 says heroku
	}
	return fmt.Sprintf("provider[%q]", name)
}
