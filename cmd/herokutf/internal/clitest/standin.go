package clitest

import (
	"fmt"
	"net/http"
	"os"
	"strings"
)

// HerokuCLI stands in for the Heroku CLI in scripts, as a program of its own: it
// knows apps:rename NAME --app APP alone.
func HerokuCLI() {
	if len(os.Args) != 5 || os.Args[1] != "apps:rename" || os.Args[3] != "--app" {
		fmt.Fprintln(os.Stderr, "usage: heroku apps:rename NAME --app APP")
		os.Exit(2)
	}
	name, app := os.Args[2], os.Args[4]
	req, err := http.NewRequest(http.MethodPatch, os.Getenv("HEROKU_HOST")+"/apps/"+app, strings.NewReader(`{"name":"`+name+`"}`))
	if err == nil {
		req.Header.Set("Accept", "application/vnd.heroku+json; version=3")
		req.Header.Set("Authorization", "Bearer "+os.Getenv("HEROKU_API_KEY"))
		var resp *http.Response
		if resp, err = http.DefaultClient.Do(req); err == nil && resp.StatusCode != http.StatusOK {
			err = fmt.Errorf("%s", resp.Status)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("Renaming %s to %s... done\n", app, name)
}
