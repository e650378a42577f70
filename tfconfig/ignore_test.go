package tfconfig_test

import (
	"cmp"
	"fmt"
	"log"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/herokutf/herokutf/tfconfig"
)

func TestIgnoreChangesArchives(t *testing.T) {
	eachArchive(t, "ignore", func(t *testing.T, a *archive) {
		c, err := tfconfig.Load(".")
		if err != nil {
			t.Fatal(err)
		}
		changes, err := c.IgnoreChanges()
		if (changes == nil) != (err != nil) {
			t.Errorf("got %v and error %v", changes, err)
		}
		var b strings.Builder
		for _, address := range slices.Sorted(maps.Keys(changes)) {
			b.WriteString(address + ":")
			for _, path := range changes[address] {
				b.WriteString(" " + cmp.Or(path.String(), "*"))
			}
			b.WriteString("\n")
		}
		a.want(t, "[error]", errorText(err))
		a.want(t, "[changes]", b.String())
	})
}

func ExampleConfig_IgnoreChanges() {
	dir, remove := exampleDir(`
resource "heroku_formation" "web" {
  for_each = toset(["a", "b"])
  app_id   = heroku_app.web[each.key].id
  type     = "web"
  quantity = 1
  size     = "standard-1x"

  lifecycle {
    ignore_changes = [quantity]
  }
}
`)
	defer remove()
	c, err := tfconfig.Load(dir)
	if err != nil {
		log.Fatal(err)
	}
	changes, err := c.IgnoreChanges()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(changes)
	// Output: map[heroku_formation.web:[quantity]]
}
