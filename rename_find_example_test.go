package herokutf_test

import (
	"context"
	"fmt"
	"log"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
)

// renamedOnHeroku is a fake Heroku on which the app of the state has been renamed.
func renamedOnHeroku() *herokutest.Server {
	server := herokutest.NewServer()
	server.AddApp(herokutest.App{ID: "01234567-89ab-cdef-0123-456789abcdef", Name: "old-name"})
	server.Rename("old-name", "new-name")
	// Somebody else has taken the name since.
	server.AddApp(herokutest.App{Name: "old-name"})
	return server
}

func ExampleFindRenames() {
	server := renamedOnHeroku()
	defer server.Close()
	client, err := platform.New(platform.Options{BaseURL: server.URL, Token: "token"})
	if err != nil {
		log.Fatal(err)
	}
	f, err := statefile.Parse("terraform.tfstate", []byte(provider4State))
	if err != nil {
		log.Fatal(err)
	}
	renames, err := herokutf.FindRenames(context.Background(), client, f)
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range renames {
		fmt.Printf("%s: %s is now %s\n", r.ID, r.Old, r.New)
	}
	// Output:
	// 01234567-89ab-cdef-0123-456789abcdef: old-name is now new-name
}

// Renames that somebody has given are checked.
func ExampleSurveyNames_given() {
	server := renamedOnHeroku()
	defer server.Close()
	client, err := platform.New(platform.Options{BaseURL: server.URL, Token: "token"})
	if err != nil {
		log.Fatal(err)
	}
	f, err := statefile.Parse("terraform.tfstate", []byte(provider4State))
	if err != nil {
		log.Fatal(err)
	}
	given := herokutf.UpgradeOptions{Renames: []herokutf.Rename{{Old: "old-name", New: "new-name"}}}
	survey, err := herokutf.SurveyNames(context.Background(), client, f, given)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("the same app:", survey.Renames[0].ID)
	given.Renames[0].New = "no-such-app"
	_, err = herokutf.SurveyNames(context.Background(), client, f, given)
	fmt.Println(err)
	// Output:
	// the same app: 01234567-89ab-cdef-0123-456789abcdef
	// rename "old-name" to "no-such-app": no app "no-such-app"; the state's app is called "new-name": GET /apps/no-such-app: 404 not_found: Couldn't find that app.
}

func ExampleLookupAppIDs() {
	server := renamedOnHeroku()
	defer server.Close()
	client, err := platform.New(platform.Options{BaseURL: server.URL, Token: "token"})
	if err != nil {
		log.Fatal(err)
	}
	f, err := statefile.Parse("terraform.tfstate", []byte(provider4State))
	if err != nil {
		log.Fatal(err)
	}
	// The state holds the app's UUID, so there is nothing to ask for.
	ids, err := herokutf.LookupAppIDs(context.Background(), client, f, herokutf.UpgradeOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(ids), "looked up with", client.Requests(), "requests")
	// Output:
	// 0 looked up with 0 requests
}

func ExampleSurveyNames() {
	server := renamedOnHeroku()
	defer server.Close()
	client, err := platform.New(platform.Options{BaseURL: server.URL, Token: "token"})
	if err != nil {
		log.Fatal(err)
	}
	f, err := statefile.Parse("terraform.tfstate", []byte(provider4State))
	if err != nil {
		log.Fatal(err)
	}
	found, err := herokutf.SurveyNames(context.Background(), client, f, herokutf.UpgradeOptions{})
	if err != nil {
		log.Fatal(err)
	}
	for _, note := range found.Notes { // such as of an app that has left its team
		fmt.Printf("%s: %s\n", note.Address, note.Text)
	}
	repair, err := herokutf.RepairNames(f, herokutf.UpgradeOptions{Renames: found.Renames, AddonIDs: found.AddonIDs})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(repair.Changes) > 0)
	if repair.Legacy {
		fmt.Println("first: terraform state replace-provider -- -/heroku heroku/heroku")
	}
	// Output:
	// true
}
