package herokutf_test

import (
	"fmt"
	"log"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/statefile"
)

// provider4State is what provider 4 leaves of an app, a domain and an output.
const provider4State = `{
  "version": 4,
  "serial": 7,
  "lineage": "6fd1f4a5-0d2a-6a3d-ae9c-1d9cfb1cd3ad",
  "outputs": {
    "url": {
      "value": "https://old-name.herokuapp.com/",
      "type": "string"
    }
  },
  "resources": [
    {
      "mode": "managed",
      "type": "heroku_app",
      "name": "shop",
      "provider": "provider[\"registry.terraform.io/heroku/heroku\"]",
      "instances": [
        {
          "schema_version": 0,
          "attributes": {
            "git_url": "https://git.heroku.com/old-name.git",
            "id": "old-name",
            "name": "old-name",
            "uuid": "01234567-89ab-cdef-0123-456789abcdef",
            "web_url": "https://old-name.herokuapp.com/"
          }
        }
      ]
    },
    {
      "mode": "managed",
      "type": "heroku_domain",
      "name": "www",
      "provider": "provider[\"registry.terraform.io/heroku/heroku\"]",
      "instances": [
        {
          "schema_version": 0,
          "attributes": {
            "app": "old-name",
            "hostname": "www.example.com",
            "id": "8c6f5d0e-42d1-4c5c-b1a4-6cb3e5c1ad5d"
          }
        }
      ]
    }
  ]
}
`

func ExampleRepairRename() {
	f, err := statefile.Parse("terraform.tfstate", []byte(provider4State))
	if err != nil {
		log.Fatal(err)
	}
	repair, err := herokutf.RepairRename(f, herokutf.Rename{Old: "old-name", New: "new-name"})
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range repair.Changes {
		fmt.Printf("%s %s: %s -> %s\n", c.Address, c.Path, c.Old, c.New)
	}
	for _, l := range repair.Left {
		fmt.Printf("%s %s stays: %s\n", l.Address, l.Path, l.Reason)
	}
	for _, m := range repair.Mentions {
		fmt.Println(m.Address, "mentions the old name")
	}
	// Output:
	// heroku_app.shop git_url: https://git.heroku.com/old-name.git -> https://git.heroku.com/new-name.git
	// heroku_app.shop id: old-name -> new-name
	// heroku_app.shop name: old-name -> new-name
	// heroku_domain.www app: old-name -> new-name
	// heroku_app.shop web_url stays: the app's address can't be computed from its name; the next refresh corrects it
	// output.url mentions the old name
}

func ExampleRepair_Apply() {
	f, err := statefile.Parse("terraform.tfstate", []byte(provider4State))
	if err != nil {
		log.Fatal(err)
	}
	repair, err := herokutf.RepairRename(f, herokutf.Rename{Old: "old-name", New: "new-name"})
	if err != nil {
		log.Fatal(err)
	}
	repaired, err := repair.Apply()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("serial", f.Serial(), "->", repaired.Serial())
	fmt.Println("bytes", len(f.Bytes()), "->", len(repaired.Bytes()))
	// Output:
	// serial 7 -> 8
	// bytes 1148 -> 1148
}
