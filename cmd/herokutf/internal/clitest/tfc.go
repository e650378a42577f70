package clitest

import (
	"fmt"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/herokutf/herokutf/internal/faketfc"
)

type tfcKey struct{}

// tfcCommand is the script command "tfc".
func tfcCommand(ts *testscript.TestScript, neg bool, args []string) {
	fake := ts.Value(tfcKey{}).(*faketfc.Server)
	switch {
	case !neg && len(args) == 1 && args[0] == "start":
		server := httptest.NewServer(fake)
		ts.Defer(server.Close)
		ts.Setenv("TFE_ADDRESS", server.URL)
		ts.Setenv("TF_TOKEN_127_0_0_1", Token)
	case !neg && len(args) == 3 && args[0] == "set":
		fake.Set(faketfc.Variable{Key: args[1], Value: args[2], Category: "terraform"})
	case !neg && len(args) == 2 && args[0] == "variables":
		var text strings.Builder
		for _, v := range fake.Variables() {
			fmt.Fprintf(&text, "%s=%s (%s)\n", v.Key, v.Value, v.Description)
		}
		ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text.String()), 0o600))
	default:
		ts.Fatalf("usage: tfc start | set KEY VALUE | variables FILE")
	}
}
