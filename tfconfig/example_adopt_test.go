package tfconfig_test

import (
	"fmt"
	"log"

	"github.com/herokutf/herokutf/tfconfig"
)

func ExampleConfig_Provider() {
	dir, remove := exampleDir(`
terraform {
  required_providers {
    heroku = {
      source  = "heroku/heroku"
      version = "~> 5.3"
    }
  }
}

provider "heroku" {
  alias = "eu"

  customizations {
    set_app_all_config_vars_in_state = false
  }
}
`)
	defer remove()
	c, err := tfconfig.Load(dir)
	if err != nil {
		log.Fatal(err)
	}
	p := c.Provider("heroku")
	fmt.Println(p.Local, p.Source, p.Version)
	fmt.Println(p.Blocks[0].Alias, p.Blocks[0].Off)
	// Output:
	// heroku heroku/heroku ~> 5.3
	// eu [customizations.set_app_all_config_vars_in_state]
}

func ExampleConfig_Declared() {
	dir, remove := exampleDir(`
resource "heroku_app" "web" {
  name = "acme-web"
}

removed {
  from = heroku_app.old
}

import {
  to = heroku_app.web
  id = "acme-web"
}
`)
	defer remove()
	c, err := tfconfig.Load(dir)
	if err != nil {
		log.Fatal(err)
	}
	declared := c.Declared()
	fmt.Println(declared["heroku_app.web"].Arguments["name"], declared["heroku_app.web"].Imported)
	fmt.Println(declared["heroku_app.old"].Line)
	// Output:
	// "acme-web" true
	// 6
}

func ExampleNewFile() {
	f := tfconfig.NewFile{Name: "web.auto.tfvars.json", Text: `{"web_config_vars": {"KEY": "secret"}}`, Secret: true}
	fmt.Println(f)
	fmt.Println(f.LogValue())
	// Output:
	// tfconfig.NewFile("web.auto.tfvars.json")
	// web.auto.tfvars.json
}
