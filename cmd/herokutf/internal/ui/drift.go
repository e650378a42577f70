package cli

import (
	"fmt"
	"os"

	"github.com/herokutf/herokutf/ignore"
)

// ReadIgnoreRules reads rules for what is no drift; without a file there are
// none. They are never nil without an error.
func ReadIgnoreRules(file string) (*ignore.Rules, error) {
	if file == "" {
		return &ignore.Rules{}, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the ignore rules: %w", err)
	}
	return ignore.Parse(file, data)
}
