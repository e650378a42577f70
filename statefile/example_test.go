package statefile_test

import (
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/herokutf/herokutf/statefile"
)

var state = []byte(`{
  "version": 4,
  "terraform_version": "1.11.4",
  "serial": 7,
  "lineage": "7f3c2a11-5d0e-4b7a-9a51-3a6f0c0f9e21",
  "outputs": {
    "app": {"value": "shop-staging", "type": "string"}
  },
  "resources": [
    {
      "module": "module.env[\"blue\"]",
      "mode": "managed",
      "type": "heroku_app",
      "name": "shop",
      "provider": "provider[\"registry.terraform.io/heroku/heroku\"]",
      "instances": [
        {
          "index_key": 0,
          "schema_version": 0,
          "attributes": {
            "id": "shop-staging",
            "config_vars": [{"LIMIT": 1.0}]
          },
          "dependencies": ["heroku_pipeline.shop"]
        }
      ]
    }
  ],
  "check_results": [{"object_addr": "heroku_app.shop", "status": "pass"}]
}
`)

func mustParse(data []byte) *statefile.File {
	f, err := statefile.Parse("terraform.tfstate", data)
	if err != nil {
		log.Fatal(err)
	}
	return f
}

func ExampleParse() {
	f, err := statefile.Parse("terraform.tfstate", state)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("version", f.Version(), "serial", f.Serial(), "lineage", f.Lineage())
	for instance := range f.Instances() {
		fmt.Println(instance.Address())
		for path, value := range instance.Scalars() {
			fmt.Println(" ", path, "=", value.Text())
		}
	}
	// Output:
	// version 4 serial 7 lineage 7f3c2a11-5d0e-4b7a-9a51-3a6f0c0f9e21
	// module.env["blue"].heroku_app.shop[0]
	//   id = shop-staging
	//   config_vars[0].LIMIT = 1.0
}

func ExampleParse_syntaxError() {
	_, err := statefile.Parse("terraform.tfstate", state[:50])
	if e, ok := errors.AsType[*statefile.SyntaxError](err); ok {
		fmt.Println(e)
		fmt.Println("truncated:", e.Truncated)
	}
	// Output:
	// terraform.tfstate:3:33: the text ends in the middle
	// truncated: true
}

func ExampleReadFile() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "terraform.tfstate")
	if err := os.WriteFile(path, []byte(`{"version":3,"backend":{"type":"s3"}}`), 0o600); err != nil {
		log.Fatal(err)
	}

	_, err = statefile.ReadFile(path)
	if e, ok := errors.AsType[*statefile.FormatError](err); ok {
		fmt.Println(e.Problem)
		fmt.Println(e.Hint)
	}
	// Output:
	// a record of the backend in use, not a state
	// The file in .terraform only says where the state is kept. Fetch the state with terraform state pull.
}

func ExampleFile_Apply() {
	f := mustParse(state)
	var edits []statefile.Edit
	for instance := range f.Instances() {
		if id, ok := instance.Attr("id"); ok && id.Text() == "shop-staging" {
			edits = append(edits, statefile.ReplaceString(id, "store-staging"))
		}
	}
	after, err := f.Apply(edits...)
	if err != nil {
		log.Fatal(err)
	}
	for instance := range after.Instances() {
		id, _ := instance.Attr("id")
		fmt.Println("serial", after.Serial(), "id", id.Text())
	}
	// Output:
	// serial 8 id store-staging
}

func ExampleAddMember() {
	f := mustParse([]byte("{\n\t\"version\": 4,\n\t\"serial\": 9,\n\t\"resources\": [{\"instances\": [{\"attributes\": {\n\t\t\"app\": \"shop\"\n\t}}]}]\n}"))
	var edits []statefile.Edit
	for instance := range f.Instances() {
		for _, app := range instance.AttrAll("app") {
			edits = append(edits,
				statefile.RenameMember(app, "app_id"),
				statefile.ReplaceString(app.Value, "01234567-89ab-cdef-0123-456789abcdef"),
				statefile.AddMember(app, "tags", []byte(`["a", "b"]`)))
		}
	}
	after, err := f.Apply(edits...)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", after.Bytes())
	// Output:
	// {
	// 	"version": 4,
	// 	"serial": 10,
	// 	"resources": [{"instances": [{"attributes": {
	// 		"app_id": "01234567-89ab-cdef-0123-456789abcdef",
	// 		"tags": ["a", "b"]
	// 	}}]}]
	// }
}

func ExampleRemoveMember() {
	f := mustParse([]byte(`{"version":4,"serial":1,"resources":[{"instances":[{"attributes":{"id":"a", "old":1, "n":2}}]}]}`))
	for instance := range f.Instances() {
		after, err := f.Apply(statefile.RemoveMember(instance.AttrAll("old")[0]))
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s\n", after.Bytes())
	}
	// Output:
	// {"version":4,"serial":2,"resources":[{"instances":[{"attributes":{"id":"a", "n":2}}]}]}
}

func ExampleReplaceRaw() {
	f := mustParse([]byte(`{"version":4,"serial":1,"resources":[{"instances":[{"attributes":{"source":{"path":"x"}}}]}]}`))
	for instance := range f.Instances() {
		source, _ := instance.Attr("source")
		after, err := f.Apply(statefile.ReplaceRaw(source, []byte("["+string(source.Raw())+"]")))
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s\n", after.Bytes())
	}
	// Output:
	// {"version":4,"serial":2,"resources":[{"instances":[{"attributes":{"source":[{"path":"x"}]}}]}]}
}

func ExampleFile_Outputs() {
	for output := range mustParse(state).Outputs() {
		fmt.Println(output.Address(), output.Value.Kind(), output.Sensitive)
	}
	// Output:
	// output.app string false
}

func ExampleFile_Rest() {
	for path, value := range mustParse(state).Rest() {
		fmt.Println(path, "=", value.Text())
	}
	// Output:
	// check_results[0].object_addr = heroku_app.shop
	// check_results[0].status = pass
}

func ExamplePath() {
	path := statefile.Path{"resources", 2, "attributes", "config var"}
	asJSON, err := path.MarshalJSON()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(path)
	fmt.Println(string(asJSON))
	// Output:
	// resources[2].attributes["config var"]
	// ["resources",2,"attributes","config var"]
}
