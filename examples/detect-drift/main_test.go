package main

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/herokutf/herokutf/examples/internal/clitest"
	"github.com/herokutf/herokutf/statefile"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){name: main, "undo": undo})
}

// undo is what "repair-rename -undo" does, which -accept advises.
func undo() {
	if _, err := statefile.Undo(context.Background(), os.Args[1], "", statefile.UpdateOptions{Operation: "undo"}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func TestScripts(t *testing.T) { clitest.Run(t) }
