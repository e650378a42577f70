package statefile_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/herokutf/herokutf/statefile"
)

// web is an app as Terraform would have written it.
var web = statefile.NewInstance{
	Type: "heroku_app", Name: "web", Provider: `provider["registry.terraform.io/heroku/heroku"]`, SchemaVersion: 1,
	Attributes: []byte(`{"id": "01234567-89ab-cdef-0123-456789abcdef", "name": "shop"}`),
}

func ExampleInsertInstance() {
	path, remove := newState()
	defer remove()
	_, err := statefile.Update(context.Background(), path, statefile.UpdateOptions{}, func(f *statefile.File) (*statefile.File, error) {
		return f.Apply(statefile.InsertInstance(f, web))
	})
	if err != nil {
		log.Fatal(err)
	}
	f, err := statefile.ReadFile(path)
	if err != nil {
		log.Fatal(err)
	}
	for i := range f.Instances() {
		fmt.Println(i.Address())
	}
	_, err = f.Apply(statefile.InsertInstance(f, web))
	fmt.Println("once more:", err.(*statefile.EditError).Problem)
	// Output:
	// heroku_app.web
	// once more: insert heroku_app.web: the state has it already
}

func ExampleRemoveInstance() {
	f := mustParse([]byte(fileText))
	more, err := f.Apply(statefile.InsertInstance(f, web))
	if err != nil {
		log.Fatal(err)
	}
	i, _ := more.Instance("heroku_app.web")
	less, err := more.Apply(statefile.RemoveInstance(i))
	if err != nil {
		log.Fatal(err)
	}
	_, there := less.Instance("heroku_app.web")
	fmt.Println(there, len(less.Bytes()) == len(f.Bytes()), f.Serial(), less.Serial())
	// Output: false true 7 9
}

// The first state of a configuration that nothing was applied from.
func ExampleNew() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "terraform.tfstate")
	result, err := statefile.Update(context.Background(), path, statefile.UpdateOptions{Initial: statefile.New(path, "1.11.4")},
		func(f *statefile.File) (*statefile.File, error) {
			return f.Apply(statefile.InsertInstance(f, web))
		})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.OldSerial, result.NewSerial)
	// Output: 0 1
}

func ExampleNewInstance_Address() {
	i := web
	i.Module, i.Key = "module.eu", statefile.StringKey("a")
	fmt.Println(i.Address())
	// Output: module.eu.heroku_app.web["a"]
}

func ExampleNewInstance_Format() {
	fmt.Printf("%+v\n", web)
	// Output: statefile.NewInstance(heroku_app.web)
}

func ExampleNewInstance_LogValue() {
	fmt.Println(web.LogValue())
	// Output: heroku_app.web
}
