package statefile_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/herokutf/herokutf/statefile"
)

func ExampleBelongs() {
	for _, name := range []string{"terraform.tfstate.backup", ".terraform.tfstate.lock.info", "terraform.tfvars"} {
		fmt.Println(name, statefile.Belongs(filepath.Join("prod", name), filepath.Join("prod", "terraform.tfstate")))
	}
	// Output:
	// terraform.tfstate.backup true
	// .terraform.tfstate.lock.info true
	// terraform.tfvars false
}

func TestBelongs(t *testing.T) {
	for _, tt := range []struct {
		path, state string
		want        bool
	}{
		{"a/x.tfstate", "a/x.tfstate", true},
		{"a/x.tfstate.backup", "a/x.tfstate", true},
		{"a/.x.tfstate.lock.info", "a/x.tfstate", true},
		{"a/.x.tfstate.lock.info", "a/.x.tfstate", true},
		{"a/x.tfstate.herokutf-new", "a/x.tfstate", true},
		{"a/x.tfstate.herokutf-journal.tmp", "a/x.tfstate", true},
		{"a/x.tfstate.herokutf-20260102T150405Z-serial9.backup", "a/x.tfstate", true},
		{"a/x.tfstate.herokutf-new/b", "a/x.tfstate", false},
		{"a/x.tfstate.old", "a/x.tfstate", false},
		{"a/x.tfstate2", "a/x.tfstate", false},
		{"b/x.tfstate", "a/x.tfstate", false},
		{"a", "a/x.tfstate", false},
		{".backup", "", false},
		{"", "", false},
	} {
		if got := statefile.Belongs(filepath.FromSlash(tt.path), filepath.FromSlash(tt.state)); got != tt.want {
			t.Errorf("%s to %s: got %t", tt.path, tt.state, got)
		}
	}
}
