package herokutf_test

import (
	"fmt"
	"log"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/report"
	"github.com/herokutf/herokutf/statefile"
)

// What a help text or a check of flags is made of.
func ExampleFormats() {
	fmt.Println(herokutf.Formats())
	fmt.Println(herokutf.Stages())
	fmt.Println(report.Formats())
	fmt.Println(herokutf.Verdicts())
	fmt.Println(herokutf.DriftKinds()[:4])
	// Output:
	// [shell fish powershell dotenv tfvars tfvars-json json github github-output circleci external]
	// [test review development staging production]
	// [text json markdown html sarif junit metrics github]
	// [in sync changed missing renamed replaced unmanaged ignored undetermined]
	// [identity account_feature addon addon_attachment]
}

func ExampleRepair_AppRenames() {
	f, err := statefile.Parse("terraform.tfstate", []byte(provider4State))
	if err != nil {
		log.Fatal(err)
	}
	repair, err := herokutf.RepairRename(f, herokutf.Rename{Old: "old-name", New: "new-name"})
	if err != nil {
		log.Fatal(err)
	}
	// RenamePlaces and EditRename of package tfconfig take them.
	for _, r := range repair.AppRenames() {
		fmt.Printf("%s: %s -> %s\n", r.Address, r.Old, r.New)
	}
	// Output: heroku_app.shop: old-name -> new-name
}
