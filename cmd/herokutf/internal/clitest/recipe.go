package clitest

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"go.yaml.in/yaml/v3"
)

// recipe runs what a file of a CI system has at a path, as that system does: by bash,
// which stops at the first error. A list is that of its lines.
func recipe(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: recipe CODE FILE PATH")
	}
	text, err := os.ReadFile(filepath.Join("../..", args[1]))
	ts.Check(err)
	var node any
	ts.Check(yaml.Unmarshal(text, &node))
	for step := range strings.SplitSeq(args[2], "/") {
		switch at := node.(type) {
		case map[string]any:
			node = at[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(at) {
				ts.Fatalf("%s has no %s", args[1], args[2])
			}
			node = at[i]
		default:
			node = nil
		}
	}
	var lines []string
	switch at := node.(type) {
	case string:
		lines = []string{at}
	case []any:
		for _, line := range at {
			lines = append(lines, fmt.Sprint(line))
		}
	default:
		ts.Fatalf("%s has no commands at %s", args[1], args[2])
	}
	exits(ts, false, []string{args[0], "bash", "-eo", "pipefail", "-c", strings.Join(lines, "\n")})
}
