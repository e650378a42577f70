package terraform

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/zclconf/go-cty/cty"
)

var (
	lockSchema     = &hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "provider", LabelNames: []string{"address"}}}}
	providerSchema = &hcl.BodySchema{Attributes: []hcl.AttributeSchema{{Name: "version"}}}
)

// missingProviders returns the providers that the lock file selects and terraform init
// hasn't installed, each with its version and the installed ones; nil when there are
// none, or the lock file can't be read.
func (f *Folder) missingProviders() []string {
	file, diags := hclparse.NewParser().ParseHCLFile(filepath.Join(f.location.Dir, lockFileName))
	if diags.HasErrors() {
		return nil
	}
	content, _, _ := file.Body.PartialContent(lockSchema)
	var missing []string
	for _, b := range content.Blocks {
		inner, _, _ := b.Body.PartialContent(providerSchema)
		version, ok := inner.Attributes["version"]
		if !ok {
			continue
		}
		value, diags := version.Expr.Value(nil)
		if diags.HasErrors() || value.IsNull() || value.Type() != cty.String {
			continue
		}
		dir := filepath.Join(f.dataDir, "providers", filepath.FromSlash(b.Labels[0]))
		entries, _ := os.ReadDir(dir)
		var installed []string
		for _, e := range entries {
			installed = append(installed, e.Name())
		}
		switch {
		case slices.Contains(installed, value.AsString()):
		case len(installed) == 0:
			missing = append(missing, fmt.Sprintf("%s %s", b.Labels[0], value.AsString()))
		default:
			missing = append(missing, fmt.Sprintf("%s %s (%s is)", b.Labels[0], value.AsString(), quoted(installed)))
		}
	}
	return missing
}
