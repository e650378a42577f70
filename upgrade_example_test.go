package herokutf_test

import (
	"fmt"
	"log"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/statefile"
)

func ExampleUpgradeAppIDs() {
	f, err := statefile.Parse("terraform.tfstate", []byte(provider4State))
	if err != nil {
		log.Fatal(err)
	}
	upgrade, err := herokutf.UpgradeAppIDs(f, herokutf.UpgradeOptions{})
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range upgrade.Changes {
		fmt.Printf("%s %s: %v -> %v\n", c.Address, c.Path, c.Old, c.New)
	}
	// Output:
	// heroku_app.shop schema_version: 0 -> 1
	// heroku_app.shop id: old-name -> 01234567-89ab-cdef-0123-456789abcdef
	// heroku_domain.www schema_version: 0 -> 1
	// heroku_domain.www app: old-name -> <nil>
	// heroku_domain.www app_id: <nil> -> 01234567-89ab-cdef-0123-456789abcdef
}
