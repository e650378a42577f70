package acceptance

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the provider's schema in internal/provider/testdata")

// A schemaBlock is a block of "terraform providers schema -json".
type schemaBlock struct {
	Attributes map[string]struct {
		Type                                                json.RawMessage
		Required, Optional, Computed, Sensitive, Deprecated bool
	}
	BlockTypes map[string]struct {
		Mode  string `json:"nesting_mode"`
		Block schemaBlock
	} `json:"block_types"`
}

// lines are what a block has, an attribute a line.
func (b *schemaBlock) lines(prefix string) []string {
	var all []string
	for name, a := range b.Attributes {
		words := []string{prefix + name, strings.NewReplacer(`"`, "", ",", "(").Replace(strings.Trim(string(a.Type), "[]"))}
		if strings.Contains(words[1], "(") {
			words[1] += ")"
		}
		for word, is := range map[string]bool{"required": a.Required, "optional": a.Optional, "computed": a.Computed, "sensitive": a.Sensitive} {
			if is {
				words = append(words, word)
			}
		}
		slices.Sort(words[2:])
		all = append(all, strings.Join(words, " "))
	}
	for name, nested := range b.BlockTypes {
		all = append(all, prefix+name+" blocks("+nested.Mode+")")
		if name != "timeouts" {
			all = append(all, nested.Block.lines(prefix+name+".")...)
		}
	}
	slices.Sort(all)
	return all
}

// TestSchema: the schema that the table of internal/provider is tested against is the
// provider's.
func TestSchema(t *testing.T) {
	const file = "../internal/provider/testdata/schema-5.3.2.txt"
	each(t, []string{v5}, func(t *testing.T, s *setting) {
		w := s.open(t, "adopt-"+s.version, false)
		r := w.run(t, "providers", "schema", "-json")
		var all struct {
			Schemas map[string]struct {
				Resources map[string]struct {
					Version int
					Block   schemaBlock
				} `json:"resource_schemas"`
			} `json:"provider_schemas"`
		}
		if err := json.Unmarshal([]byte(r.stdout), &all); err != nil {
			t.Fatal(err, r)
		}
		lines := []string{}
		for _, p := range all.Schemas {
			for typ, resource := range p.Resources {
				lines = append(lines, fmt.Sprintf("%s version %d", typ, resource.Version))
				for _, line := range resource.Block.lines("") {
					lines = append(lines, typ+" "+line)
				}
			}
		}
		slices.Sort(lines)
		got := "# The resource types of heroku/heroku 5.3.2, as terraform providers schema prints them.\n" + strings.Join(lines, "\n") + "\n"
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(string(want), got); diff != "" {
			t.Errorf("-update rewrites it (-%s +provider):\n%s", file, diff)
		}
	})
}
