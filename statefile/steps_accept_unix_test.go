//go:build unix

package statefile_test

import (
	"testing"

	"github.com/herokutf/herokutf/statefile"
)

// TestStepsOfAccept: accepting drift is an update as any other.
func TestStepsOfAccept(t *testing.T) {
	statefile.StepsOfAccept(t, acceptState(9, "quiet", 2))
}
