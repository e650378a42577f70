package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
	"github.com/herokutf/herokutf/herokutest"
)

const fakeHelp = `Answers as the Heroku Platform API does, from memory, until it is interrupted or
COMMAND has ended: for tests of tools in any language, and for trying out a
runbook. Nothing of it reaches Heroku. Any token will do.

The address is printed when requests are answered. COMMAND finds it in
HEROKU_API_URL, which this command and Terraform's provider read, and in
HEROKU_HOST, which the Heroku CLI reads; HEROKU_API_KEY is set as well.

A seed is what the fake Heroku holds at the start, as JSON; a snapshot is what
it holds at the end, in the same form. Below /_fake/ the server answers what
tests ask of it: GET /_fake/snapshot, GET and DELETE /_fake/requests, POST
/_fake/seed, and POST and DELETE /_fake/faults.`

type fakeOptions struct {
	*env
	listen   string
	seeds    []string
	snapshot string
	log      string
	command  []string // nil: none
}

func newFakeCmd(e *env, standIn func(context.Context, *fakeOptions) error) *cobra.Command {
	o := &fakeOptions{env: e}
	cmd := &cobra.Command{
		Use:        "fake [flags]\nfake [flags] -- COMMAND [ARGS]",
		Short:      "Be a Heroku Platform API in memory, for tests",
		Long:       fakeHelp,
		SuggestFor: []string{"mock", "stub", "serve", "server"},
		Example: `herokutf fake --listen 127.0.0.1:8040 --seed heroku.json
herokutf fake --seed heroku.json --snapshot after.json -- heroku apps`,
		Annotations: map[string]string{exitCodes: `0  ended by an interrupt or a termination signal
1  error
COMMAND's own, where one is run`},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.listen, "listen", "127.0.0.1:0", "the `ADDR` to listen on: host and port; port 0 takes a free one")
	complete(cmd, "listen")
	flags.StringArrayVar(&o.seeds, "seed", nil, "start with what this `FILE` holds, JSON; - is standard input (repeatable)")
	completeFiles(cmd, "seed", "json")
	flags.StringVar(&o.snapshot, "snapshot", "", "write what the server holds at the end to `FILE`; - is standard output")
	completeFiles(cmd, "snapshot", "json")
	flags.StringVar(&o.log, "log", "", "write a line of JSON for every request to `FILE`; - is standard error")
	completeFiles(cmd, "log")
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if dash := cmd.ArgsLenAtDash(); dash >= 0 {
			o.command = append([]string{}, args[dash:]...)
			args = args[:dash]
		}
		if err := noArgs(args, "a seed goes behind --seed, a command behind --"); err != nil {
			return &usageError{cmd.CommandPath(), err}
		}
		return nil
	}
	cmd.RunE = runs(e, o, (*fakeOptions).check, fakeRun, standIn)
	return cmd
}

func (o *fakeOptions) check([]string) error {
	if _, _, err := net.SplitHostPort(o.listen); err != nil {
		return fmt.Errorf("--listen %q: it is a host and a port, such as 127.0.0.1:8040", o.listen)
	}
	if o.command != nil && len(o.command) == 0 {
		return errors.New("there is no command behind --")
	}
	return nil
}

func fakeRun(ctx context.Context, o *fakeOptions) error {
	server := herokutest.New(herokutest.Options{})
	for _, name := range o.seeds {
		if err := o.load(ctx, server, name); err != nil {
			return err
		}
	}
	listener, err := net.Listen("tcp", o.listen)
	if err != nil {
		return fmt.Errorf("--listen %s: %w", o.listen, err)
	}
	server.URL = "http://" + listener.Addr().String()
	_ = json.Marshal
	_ = io.EOF
	_ = os.Args
	_ = slices.Sort[[]int]
	_ = strings.Cut
	var _ sync.Mutex
	web := &http.Server{Handler: server, ReadHeaderTimeout: time.Minute}
	go web.Serve(listener)
	defer web.Close()
	if o.command != nil {
		status, err := ui.Run(ctx, o.IO, ui.Child{Args: o.command, Environ: append(o.Environ, "HEROKU_API_URL="+server.URL, "HEROKU_HOST="+server.URL, "HEROKU_API_KEY=fake")})
		if err != nil {
			return err
		}
		return code(status)
	}
	if err := o.print(o.Stdout, server.URL+"\n"); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

func (o *fakeOptions) load(ctx context.Context, server *herokutest.Server, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return server.Load(f)
}
