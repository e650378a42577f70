package main

import (
	"bytes"
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
	"time"

	"github.com/spf13/cobra"

	"github.com/herokutf/herokutf/cmd/herokutf/internal/ui"
	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/statefile"
)

const fakeHelp = `Answers as the Heroku Platform API does, from memory, until it is interrupted or
COMMAND has ended: for tests of tools in any language, and to rehearse a
runbook. Nothing of it reaches Heroku, and no token is needed.

The address is printed when requests are answered. COMMAND finds it in
HEROKU_API_URL, which this command and Terraform's provider read, and in
HEROKU_HOST, which the Heroku CLI reads; HEROKU_API_KEY is "fake" for it.

It holds what the states are in sync with, and what the seeds have; without
either, nothing. A seed is JSON, and a snapshot of what it holds at the end is a
seed again. Below /_fake/ at the address a test finds more: a snapshot, the
requests that came in, and faults.`

// fakeKey is the token that COMMAND gets: the user's own has no business here.
const fakeKey = "fake"

type fakeOptions struct {
	*env
	listen   string
	states   []string
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
		SuggestFor: []string{"mock", "stub", "serve", "server", "herokutest"},
		Example: `herokutf fake --listen 127.0.0.1:8040 --seed heroku.json
herokutf fake --state terraform.tfstate -- ./rehearsal.sh
herokutf fake --seed heroku.json --snapshot after.json -- heroku apps`,
		Annotations: map[string]string{exitCodes: `0  ended by an interrupt, a termination signal or --timeout
1  error
COMMAND's own, where one is run`},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.listen, "listen", "127.0.0.1:0", "the `ADDR` to listen on: a host and a port, of which 0 is a free one (default 127.0.0.1:0)")
	complete(cmd, "listen")
	flags.StringArrayVar(&o.states, "state", nil, "hold what a Terraform state, the `FILE`, is in sync with (repeatable)")
	completeFiles(cmd, "state", "tfstate")
	flags.StringArrayVar(&o.seeds, "seed", nil, "add what this `FILE` holds; - is standard input (repeatable)")
	completeFiles(cmd, "seed", "json")
	flags.StringVar(&o.snapshot, "snapshot", "", "write what it holds at the end to `FILE`; - is standard output")
	completeFiles(cmd, "snapshot", "json")
	flags.StringVar(&o.log, "log", "", "write the requests to `FILE` at the end, a line of JSON each; - is standard output")
	completeFiles(cmd, "log")
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if dash := cmd.ArgsLenAtDash(); dash >= 0 {
			o.command = append([]string{}, args[dash:]...)
			args = args[:dash]
		}
		if err := noArgs(args, "a seed goes behind --seed, and a command behind --"); err != nil {
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
	switch {
	case o.command != nil && len(o.command) == 0:
		return errors.New("there is no command behind --")
	case slices.Contains(o.states, "-"):
		return errors.New("--state -: name a file; standard input is for --seed")
	}
	return nil
}

func fakeRun(ctx context.Context, o *fakeOptions) error {
	server, err := o.hold(ctx)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", o.listen)
	if err != nil {
		return fmt.Errorf("--listen %s: %w", o.listen, err)
	}
	server.URL = "http://" + listener.Addr().String()
	if ip := listener.Addr().(*net.TCPAddr).IP; !ip.IsLoopback() {
		o.printer.Warn(fmt.Sprintf("%s isn't an address of this machine alone: whoever reaches it reads and changes what the fake holds.", o.listen))
	}
	web := &http.Server{Handler: newFakeHandler(server), ReadHeaderTimeout: time.Minute}
	go web.Serve(listener) // ends with Close; its error is always ErrServerClosed
	defer web.Close()

	status := exitOK
	if o.command != nil {
		environ := slices.DeleteFunc(slices.Clone(o.Environ), func(entry string) bool {
			name, _, _ := strings.Cut(entry, "=")
			return slices.Contains([]string{"HEROKU_API_URL", "HEROKU_HOST", "HEROKU_API_KEY"}, strings.ToUpper(name))
		})
		environ = append(environ, "HEROKU_API_URL="+server.URL, "HEROKU_HOST="+server.URL, "HEROKU_API_KEY="+fakeKey)
		if status, err = ui.Run(ctx, o.IO, ui.Child{Args: o.command, Environ: environ}); err != nil {
			return err
		}
	} else {
		if err := o.print(o.Stdout, server.URL+"\n"); err != nil {
			return err
		}
		<-ctx.Done()
	}
	web.Close() // what comes from now on isn't in the files
	if err := o.keep(server); err != nil {
		return err
	}
	return code(status)
}

// hold returns a server that holds what the states and seeds say.
func (o *fakeOptions) hold(ctx context.Context) (*herokutest.Server, error) {
	var states []*statefile.File
	for _, name := range o.states {
		state, err := statefile.ReadFile(name)
		if err != nil {
			return nil, err
		}
		states = append(states, state)
	}
	server, err := herokutest.FromState(herokutest.Options{}, states...)
	if err != nil {
		return nil, fmt.Errorf("--state: %w", err)
	}
	for _, name := range o.seeds {
		var data []byte
		if name == "-" {
			data, err = ui.ReadAll(ctx, o.Stdin)
		} else {
			data, err = os.ReadFile(name)
		}
		if err == nil {
			err = server.Load(bytes.NewReader(data))
		}
		if err != nil {
			return nil, fmt.Errorf("--seed %s: %w", name, err)
		}
	}
	return server, nil
}

// keep writes the snapshot and the log, where they are asked for.
func (o *fakeOptions) keep(server *herokutest.Server) error {
	var snapshot, log bytes.Buffer
	if err := forPeople(&snapshot).Encode(server.Snapshot()); err != nil {
		return err
	}
	lines := json.NewEncoder(&log)
	lines.SetEscapeHTML(false)
	for _, request := range server.Log() {
		if err := lines.Encode(request); err != nil {
			return err
		}
	}
	for _, out := range []struct {
		flag, name string
		data       []byte
	}{{"--snapshot", o.snapshot, snapshot.Bytes()}, {"--log", o.log, log.Bytes()}} {
		var err error
		switch out.name {
		case "":
		case "-":
			err = o.write(out.data)
		default:
			// Config vars of a state may be in it.
			err = writePrivate(out.name, out.data)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", out.flag, err)
		}
	}
	return nil
}

// forPeople encodes JSON, indented.
func forPeople(w io.Writer) *json.Encoder {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e
}
