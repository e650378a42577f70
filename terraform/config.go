package terraform

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
)

// maxConfigFile is the largest file of a configuration that is looked into for a
// backend, in bytes.
const maxConfigFile = 4 << 20

// configFiles returns the names of the configuration's files in dir, in the order in
// which Terraform reads them: override files last. tofu says whether OpenTofu reads
// them, which takes NAME.tofu in the place of NAME.tf.
func configFiles(dir string, tofu bool) (primary, overrides []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, nil, err
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() {
			names = append(names, e.Name())
		}
	}
	for _, name := range names {
		stem, ext := cutConfigExt(name)
		switch {
		case ext == "", strings.HasPrefix(name, "."): // what Terraform takes for an editor's
		case strings.HasPrefix(ext, ".tofu") && !tofu:
		case tofu && strings.HasPrefix(ext, ".tf") && slices.Contains(names, stem+strings.Replace(ext, ".tf", ".tofu", 1)):
		case isOverride(stem):
			overrides = append(overrides, name)
		default:
			primary = append(primary, name)
		}
	}
	return primary, overrides, nil
}

// cutConfigExt cuts the ending of a configuration's file off, which is "" for any
// other file.
func cutConfigExt(name string) (stem, ext string) {
	for _, ext := range []string{".tf", ".tf.json", ".tofu", ".tofu.json"} {
		if stem, ok := strings.CutSuffix(name, ext); ok {
			return stem, ext
		}
	}
	return name, ""
}

func isOverride(stem string) bool { return stem == "override" || strings.HasSuffix(stem, "_override") }

// A block says where a configuration wants its state kept.
type block struct {
	Type string // of the backend or state store; "cloud" for a cloud block
	File string // name of the file that says so
}

var (
	terraformSchema = &hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "terraform"}}}
	backendSchema   = &hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{
		{Type: "backend", LabelNames: []string{"type"}},
		{Type: "cloud"},
		{Type: "state_store", LabelNames: []string{"type"}},
	}}
)

// findBackend looks for the block that says where the state is kept, and returns nil
// when there is none. What can't be read is passed over: Terraform judges the
// configuration.
func findBackend(dir string, files []string) *block {
	var found *block
	for _, name := range files {
		for _, b := range backendBlocks(filepath.Join(dir, name)) {
			found = &block{Type: b.Type, File: name}
			if len(b.Labels) > 0 {
				found.Type = b.Labels[0]
			}
		}
	}
	return found
}

func backendBlocks(path string) hcl.Blocks {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxConfigFile {
		return nil
	}
	data, _ := os.ReadFile(path)
	parser := hclparse.NewParser()
	parse := parser.ParseHCL
	if strings.HasSuffix(path, ".json") {
		parse = parser.ParseJSON
	}
	// Whatever has faults, there is a file, and what could be read of it.
	file, _ := parse(data, path)
	content, _, _ := file.Body.PartialContent(terraformSchema)
	var found hcl.Blocks
	for _, b := range content.Blocks {
		inner, _, _ := b.Body.PartialContent(backendSchema)
		found = append(found, inner.Blocks...)
	}
	return found
}

// overrideStem returns the name, without its ending, of an override file that
// Terraform reads after all of those: they are read in the order of their names, and
// the last one wins.
func overrideStem(overrides []string) string {
	stem := "zz_herokutf_check_override"
	for _, name := range overrides {
		if other, _ := cutConfigExt(name); other+"." >= stem+"." {
			stem = strings.TrimSuffix(other, "override") + "z_override"
		}
	}
	return stem
}

// mentions reports whether one of the files has the word in it.
func mentions(dir string, files []string, word string) bool {
	return slices.ContainsFunc(files, func(name string) bool {
		data, err := os.ReadFile(filepath.Join(dir, name))
		return err == nil && strings.Contains(string(data), word)
	})
}

func (b *block) String() string {
	if b.Type == "cloud" {
		return "a cloud block in " + b.File
	}
	return fmt.Sprintf("backend %q in %s", b.Type, b.File)
}
