package statefile_test

import (
	"fmt"

	"github.com/herokutf/herokutf/statefile"
)

func ExampleFile_Root() {
	f := mustParse(state)
	fmt.Println(f.Name(), "by Terraform", f.TerraformVersion())
	for member := range f.Root().Members() {
		if member.Name == "serial" || member.Name == "resources" {
			fmt.Printf("%s: %v at byte %d\n", member.Name, member.Value.Kind(), member.Value.Offset())
		}
	}
	// Output:
	// terraform.tfstate by Terraform 1.11.4
	// serial: number at byte 63
	// resources: array at byte 209
}

func ExampleFile_Instance() {
	f := mustParse(state)
	for _, address := range []string{`module.env["blue"].heroku_app.shop[0]`, `module.env["blue"].heroku_app.shop`} {
		instance, ok := f.Instance(address)
		if !ok {
			fmt.Println(address, "is no instance of the state")
			continue
		}
		id, _ := instance.Attr("id")
		fmt.Println(address, "has the id", id.Text())
	}
	// Output:
	// module.env["blue"].heroku_app.shop[0] has the id shop-staging
	// module.env["blue"].heroku_app.shop is no instance of the state
}

// A state is full of secrets, so a File says what it is and nothing that is in
// it.
func ExampleFile_String() {
	f := mustParse([]byte(`{"version":4,"serial":7,"outputs":{"token":{"value":"a secret"}}}`))
	fmt.Println(f)
	fmt.Printf("%+v\n", struct{ State *statefile.File }{f})
	// Output:
	// statefile.File("terraform.tfstate", serial 7, 65 bytes)
	// {State:statefile.File("terraform.tfstate", serial 7, 65 bytes)}
}

func ExampleInstance_Attributes() {
	f := mustParse(state)
	for i := range f.Instances() {
		schema, _ := i.SchemaVersionValue()
		fmt.Println(i.ResourceAddress(), "schema", schema.Text(), "flat", i.Flat())
		for member := range i.Attributes().Members() {
			if member.Value.IsString() {
				fmt.Println(member.Name, "is", member.Value.Text())
			}
			for element := range member.Value.Elements() {
				fmt.Println(member.Name, "holds an", element.Kind())
			}
		}
	}
	// Output:
	// module.env["blue"].heroku_app.shop schema 0 flat false
	// id is shop-staging
	// config_vars holds an object
}

func ExampleKey() {
	var none statefile.Key
	for _, key := range []statefile.Key{none, statefile.IntKey(2), statefile.StringKey("eu.west")} {
		fmt.Printf("heroku_app.shop%s\n", key)
		if n, ok := key.Int(); ok {
			fmt.Println("  count", n)
		} else if s, ok := key.Str(); ok {
			fmt.Println("  for_each", s)
		} else {
			fmt.Println("  no key:", key.IsZero())
		}
	}
	// Output:
	// heroku_app.shop
	//   no key: true
	// heroku_app.shop[2]
	//   count 2
	// heroku_app.shop["eu.west"]
	//   for_each eu.west
}

func ExamplePath_Clone() {
	f := mustParse(state)
	var kept []statefile.Path
	for i := range f.Instances() {
		for path := range i.Scalars() {
			kept = append(kept, path.Clone()) // the next step reuses path
		}
	}
	fmt.Println(kept[1], kept[1].Equal(statefile.Path{"config_vars", 0, "LIMIT"}))
	// Output: config_vars[0].LIMIT true
}

func ExampleFile_MayContain() {
	f := mustParse(state)
	for _, name := range []string{"shop-staging", "shop-production"} {
		if !f.MayContain(name) {
			fmt.Println(name, "is nowhere in the file")
			continue
		}
		for i := range f.Instances() {
			if i.MayContain(name) {
				fmt.Println(name, "may be in", i.Address())
			}
		}
	}
	// Output:
	// shop-staging may be in module.env["blue"].heroku_app.shop[0]
	// shop-production is nowhere in the file
}
