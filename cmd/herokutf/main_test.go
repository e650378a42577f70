package main

import (
	"flag"
	"runtime"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/herokutf/herokutf/cmd/herokutf/internal/clitest"
)

func TestMain(m *testing.M) {
	// Scripts wait for retries, signals and terminals more than they compute.
	if err := flag.Set("test.parallel", strconv.Itoa(max(6, runtime.GOMAXPROCS(0)))); err != nil {
		panic(err)
	}
	testscript.Main(m, map[string]func(){name: main, "heroku-stand-in": clitest.HerokuCLI})
}

func TestScripts(t *testing.T) { clitest.Run(t) }
