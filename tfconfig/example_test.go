package tfconfig_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/herokutf/herokutf/tfconfig"
)

// exampleDir writes a configuration of one file to a directory of its own.
func exampleDir(main string) (dir string, remove func()) {
	dir, err := os.MkdirTemp("", "tfconfig")
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(main), 0o666); err != nil {
		log.Fatal(err)
	}
	return dir, func() { os.RemoveAll(dir) }
}

func ExampleLoad() {
	dir, remove := exampleDir(`
module "vpc" {
  source = "terraform-aws-modules/vpc/aws"
}
`)
	defer remove()
	c, err := tfconfig.Load(dir)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(c.Files()), "file", c.Dir() == dir)
	for _, m := range c.Unfollowed() {
		fmt.Println(m.Address, "comes from", m.Source)
	}
	// Output:
	// 1 file true
	// module.vpc comes from terraform-aws-modules/vpc/aws
}

func ExampleConfig_CheckVariables() {
	dir, remove := exampleDir(`
variable "api_slug_production" {}
variable "web_slug_production" {}

resource "heroku_app_release" "api" {
  app_id  = heroku_app.api.id
  slug_id = var.api_slug_production
}
`)
	defer remove()
	c, err := tfconfig.Load(dir)
	if err != nil {
		log.Fatal(err)
	}
	report := c.CheckVariables([]string{"api_slug_production", "api_slug_staging"})
	fmt.Println("fits:", report.OK())
	fmt.Println("undeclared:", report.Undeclared)
	for _, v := range report.Unresolved {
		fmt.Println("unresolved:", v.Name, v.Problems)
	}
	for _, v := range report.Resolved {
		for _, r := range v.Reaches {
			fmt.Printf("%s reaches %s.%s\n", v.Name, r.Address, r.Attribute)
		}
	}
	// Output:
	// fits: false
	// undeclared: [api_slug_staging]
	// unresolved: web_slug_production [it reaches no heroku_app_release]
	// api_slug_production reaches heroku_app_release.api.slug_id
}

func ExampleConfig_Variables() {
	dir, remove := exampleDir(`
variable "api_slug_production" {
  type    = string
  default = ""
}
`)
	defer remove()
	c, err := tfconfig.Load(dir)
	if err != nil {
		log.Fatal(err)
	}
	for _, v := range c.Variables() {
		fmt.Println(v.Name, v.Type, v.HasDefault)
	}
	// Output: api_slug_production string true
}

func ExampleConfig_RenamePlaces() {
	dir, remove := exampleDir(`
variable "env" {
  default = "prod"
}
resource "heroku_app" "web" {
  name = "acme-web"
}
resource "heroku_addon" "db" {
  app  = heroku_app.web.name
  plan = "heroku-postgresql:mini"
}
`)
	defer remove()
	c, err := tfconfig.Load(dir)
	if err != nil {
		log.Fatal(err)
	}
	places := c.RenamePlaces(tfconfig.AppRename{Address: "heroku_app.web", Old: "acme-web", New: "acme-shop"})
	for _, p := range places {
		fmt.Println(p.Line, p.Kind, p.Address, p.Text, p.Editable)
	}
	// Output:
	// 6 name heroku_app.web "acme-web" true
	// 9 reference heroku_addon.db heroku_app.web.name false
}

func ExampleConfig_EditRename() {
	dir, remove := exampleDir(`
variable "name" {
  default = "acme-web" # as on Heroku
}
resource "heroku_app" "web" {
  name = var.name
}
`)
	defer remove()
	c, err := tfconfig.Load(dir)
	if err != nil {
		log.Fatal(err)
	}
	edits, err := c.EditRename(tfconfig.AppRename{Address: "heroku_app.web", Old: "acme-web", New: "acme-shop"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s", edits[0].New)
	// Output:
	// variable "name" {
	//   default = "acme-shop" # as on Heroku
	// }
	// resource "heroku_app" "web" {
	//   name = var.name
	// }
}

func ExampleApply() {
	dir, remove := exampleDir("resource \"heroku_app\" \"web\" {\n  name = \"acme-web\"\n}\n")
	defer remove()
	c, err := tfconfig.Load(dir)
	if err != nil {
		log.Fatal(err)
	}
	edits, err := c.EditRename(tfconfig.AppRename{Address: "heroku_app.web", Old: "acme-web", New: "acme-shop"})
	if err != nil {
		log.Fatal(err)
	}
	if err := tfconfig.Apply(edits); err != nil {
		log.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(dir, "main.tf"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s", data)
	// Output:
	// resource "heroku_app" "web" {
	//   name = "acme-shop"
	// }
}

func ExampleIsSlugVariable() {
	fmt.Println(tfconfig.IsSlugVariable("api_slug_production"))
	fmt.Println(tfconfig.IsSlugVariable("api_oci_image_staging"))
	fmt.Println(tfconfig.IsSlugVariable("slug_size"))
	// Output:
	// true
	// true
	// false
}

func ExampleConfig_RenameWithState() {
	dir, remove := exampleDir(`
resource "heroku_app" "shop" {
  for_each = toset(["acme-shop", "acme-blog"])
  name     = each.key
}

resource "heroku_addon" "db" {
  for_each = heroku_app.shop
  app      = each.value.id
  plan     = "heroku-postgresql"
}
`)
	defer remove()
	rename := tfconfig.AppRename{Address: `heroku_app.shop["acme-shop"]`, Old: "acme-shop", New: "acme-store"}
	state := []string{`heroku_app.shop["acme-shop"]`, `heroku_addon.db["acme-shop"]`} // and so on, from the state
	// The state alone shows that keys are touched.
	fmt.Println(len(tfconfig.Moves(state, rename)), "addresses move")

	c, err := tfconfig.Load(dir)
	if err != nil {
		log.Fatal(err)
	}
	edit, err := c.RenameWithState(state, rename)
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range edit.Files {
		fmt.Println(filepath.Base(f.Path))
	}
	fmt.Print(edit.Moved[1])
	// Output:
	// 2 addresses move
	// main.tf
	// moved.tf
	// moved {
	//   from = heroku_addon.db["acme-shop"]
	//   to   = heroku_addon.db["acme-store"]
	// }
}

// Two apps have swapped their names, which are keys.
func ExampleStateMoves() {
	moves := tfconfig.Moves(
		[]string{`heroku_app.web["blue"]`, `heroku_app.web["green"]`},
		tfconfig.AppRename{Address: `heroku_app.web["blue"]`, Old: "blue", New: "green"},
		tfconfig.AppRename{Address: `heroku_app.web["green"]`, Old: "green", New: "blue"},
	)
	for _, m := range tfconfig.StateMoves(moves) {
		fmt.Printf("terraform state mv '%s' '%s'\n", m.From, m.To)
	}
	// Output:
	// terraform state mv 'heroku_app.web["blue"]' 'heroku_app.web["blue (moving)"]'
	// terraform state mv 'heroku_app.web["green"]' 'heroku_app.web["blue"]'
	// terraform state mv 'heroku_app.web["blue (moving)"]' 'heroku_app.web["green"]'
}

func ExampleOptions_Load() {
	dir, remove := exampleDir("locals {}\n")
	defer remove()
	if err := os.WriteFile(filepath.Join(dir, "main.tofu"), []byte("locals {}\n"), 0o600); err != nil {
		log.Fatal(err)
	}
	for _, language := range []tfconfig.Language{tfconfig.Terraform, tfconfig.OpenTofu} {
		c, err := tfconfig.Options{Language: language}.Load(dir)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%v reads %s and not %s; %d modules installed\n", c.Language(),
			filepath.Base(c.Files()[0]), filepath.Base(c.PassedOver()[0]), len(c.Installed()))
	}
	// Output:
	// Terraform reads main.tf and not main.tofu; 0 modules installed
	// OpenTofu reads main.tofu and not main.tf; 0 modules installed
}

func ExampleConfig_Release() {
	dir, remove := exampleDir(`
resource "heroku_app" "shop" {
  name   = "shop"
  region = "us"
}

resource "heroku_domain" "www" {
  app_id   = heroku_app.shop.id
  hostname = "www.example.com"
}
`)
	defer remove()
	c, err := tfconfig.Load(dir)
	if err != nil {
		log.Fatal(err)
	}
	release, err := c.Release("heroku_app.shop")
	if err != nil {
		log.Fatal(err)
	}
	for _, address := range release.Addresses {
		fmt.Println("let go:", address)
	}
	fmt.Println(len(release.Files), "file to edit")
	// Output:
	// let go: heroku_app.shop
	// let go: heroku_domain.www
	// 1 file to edit
}
