package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/herokutf/herokutf/cmd/herokutf/internal/clitest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){name: main, "heroku-stand-in": clitest.HerokuCLI})
}

func TestScripts(t *testing.T) { clitest.Run(t) }
