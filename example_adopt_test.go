package herokutf_test

import (
	"context"
	"fmt"
	"log"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/platform"
)

func ExampleAdopt() {
	// An account with an app that somebody has made by hand.
	server := herokutest.New(herokutest.Options{})
	server.AddApp(herokutest.App{Name: "shop-eu", Region: "eu", ConfigVars: map[string]string{"KEY": "secret"}})
	server.AddAddon(herokutest.Addon{App: "shop-eu", Plan: "heroku-redis:mini"})

	client, err := platform.New(platform.Options{Token: "any", Transport: server})
	if err != nil {
		log.Fatal(err)
	}
	// There is no state yet, and no configuration.
	adoption, err := herokutf.Adopt(context.Background(), client, nil, herokutf.AdoptOptions{Apps: []string{"shop-eu"}})
	if err != nil {
		log.Fatal(err)
	}
	for _, o := range adoption.Objects {
		fmt.Println(o.Address)
	}
	for _, f := range adoption.Files {
		if f.Name == "shop-eu.tf" {
			fmt.Println()
			fmt.Print(f.Text)
		}
	}
	// Output:
	// heroku_app.shop_eu
	// heroku_addon.shop_eu_redis
	//
	// resource "heroku_app" "shop_eu" {
	//   name                  = "shop-eu"
	//   region                = "eu"
	//   stack                 = "heroku-24"
	//   sensitive_config_vars = var.shop_eu_config_vars
	// }
	//
	// resource "heroku_addon" "shop_eu_redis" {
	//   app_id = heroku_app.shop_eu.id
	//   plan   = "heroku-redis:mini"
	// }
	//
	// variable "shop_eu_config_vars" {
	//   description = "Config vars of the app shop-eu"
	//   type        = map(string)
	//   sensitive   = true
	// }
}

func ExampleAdoption_Apply() {
	server := herokutest.New(herokutest.Options{})
	server.AddApp(herokutest.App{Name: "shop-eu"})
	client, err := platform.New(platform.Options{Token: "any", Transport: server})
	if err != nil {
		log.Fatal(err)
	}
	adoption, err := herokutf.Adopt(context.Background(), client, nil, herokutf.AdoptOptions{All: true})
	if err != nil {
		log.Fatal(err)
	}
	// Write adoption.Files first. Apply is the edit of a state for statefile.Update
	// and for terraform.Folder.Update; nil is none.
	state, err := adoption.Apply(nil)
	if err != nil {
		log.Fatal(err)
	}
	for instance := range state.Instances() {
		fmt.Println(instance.Address(), instance.Provider)
	}
	// Output:
	// heroku_app.shop_eu provider["registry.terraform.io/heroku/heroku"]
}
