package tfconfig_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/herokutf/herokutf/tfconfig"
)

func ExampleConfig_Position() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	for name, text := range map[string]string{
		"main.tf":  "module \"eu\" {\n  source = \"./app\"\n}\n",
		"app/a.tf": "# The shop.\nresource \"heroku_app\" \"shop\" {}\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			log.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			log.Fatal(err)
		}
	}
	c, err := tfconfig.Load(dir)
	if err != nil {
		log.Fatal(err)
	}
	for _, inRoot := range []bool{false, true} {
		at, ok := c.Position("module.eu.heroku_app.shop", inRoot)
		fmt.Println(filepath.Base(at.File), at.Line, ok)
	}
	// Output:
	// a.tf 2 true
	// main.tf 1 true
}

func ExampleConfig_Append() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte("# The shop.\nresource \"heroku_app\" \"shop\" {}\n"), 0o644); err != nil {
		log.Fatal(err)
	}
	c, err := tfconfig.Load(dir)
	if err != nil {
		log.Fatal(err)
	}
	edit, err := c.Append(c.Files()[0], []byte("resource \"heroku_app\" \"jobs\" {}\n"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s", edit.New)
	// Output:
	// # The shop.
	// resource "heroku_app" "shop" {}
	//
	// resource "heroku_app" "jobs" {}
}
