// Command adopt brings the Heroku apps that are named under Terraform, in the folder
// that it runs in, whose state is a file:
//
//	adopt shop-eu shop-us
//
// It shows how little a tool of one's own takes; "herokutf adopt" plans before it
// writes, and does more.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/tfconfig"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, ".", os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "adopt:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, dir string, apps []string, stdout io.Writer) error {
	client, err := platform.FromEnv(os.Getenv, platform.Options{UserAgent: "example-adopt"})
	if err != nil {
		return err
	}
	config, err := tfconfig.Load(dir)
	if err != nil && !errors.Is(err, tfconfig.ErrNoConfiguration) {
		return err
	}
	path := filepath.Join(dir, "terraform.tfstate")
	state, err := statefile.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		state, err = statefile.New(path, "1.5.0"), nil
	}
	if err != nil {
		return err
	}
	adoption, err := herokutf.Adopt(ctx, client, state, herokutf.AdoptOptions{Apps: apps, Config: config})
	if err != nil {
		return err
	}
	// The files come first: without them the state would have Terraform destroy.
	var files []tfconfig.FileEdit
	for _, f := range adoption.Files {
		files = append(files, tfconfig.FileEdit{Path: filepath.Join(dir, f.Name), New: []byte(f.Text), Sensitive: f.Secret})
	}
	if err := tfconfig.Apply(files); err != nil {
		return err
	}
	result, err := statefile.Update(ctx, path, statefile.UpdateOptions{Operation: "adopt", Initial: state}, adoption.Apply)
	if err != nil {
		return err
	}
	for _, o := range adoption.Objects {
		fmt.Fprintln(stdout, o.Address)
	}
	fmt.Fprintf(stdout, "serial %s -> %s\n", result.OldSerial, result.NewSerial)
	return nil
}
