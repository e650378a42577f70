package tfconfig_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/herokutf/herokutf/tfconfig"
)

// TestSourcesArchives: the sources of the expressions in [asked], of a trace for a
// rename, and with ! of a strict one for a value, if they differ. A line there is an expression, or
// ADDRESS | PATH | EXPRESSION.
func TestSourcesArchives(t *testing.T) {
	eachArchive(t, "sources", func(t *testing.T, a *archive) {
		c, err := tfconfig.Load(".")
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, line := range a.lines("[asked]") {
			in, at, text := "", "", line
			if p := strings.SplitN(line, " | ", 3); len(p) == 3 {
				in, at, text = strings.TrimSpace(strings.TrimSuffix(p[0], "-")), strings.TrimSuffix(p[1], "-"), p[2]
			}
			plain, err := c.Sources(in, at, text, false)
			if err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			strict, err := c.Sources(in, at, text, true)
			if err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			fmt.Fprintf(&b, "%s\n", line)
			for _, s := range plain {
				fmt.Fprintf(&b, "    %s\n", s)
			}
			if !slices.Equal(plain, strict) {
				for _, s := range strict {
					fmt.Fprintf(&b, "  ! %s\n", s)
				}
				if strict == nil {
					b.WriteString("  ! nothing\n")
				}
			}
		}
		a.want(t, "[sources]", b.String())
	})
}
