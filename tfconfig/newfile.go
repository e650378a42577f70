package tfconfig

import (
	"fmt"
	"io"
	"log/slog"
	"strconv"
)

// NewFile is a file that a configuration is to get. It prints and logs without its text,
// which may hold secrets.
type NewFile struct {
	Name string // without a directory
	Text string
	// Secret marks a file of values that nobody may see: it has mode 0600, and never
	// goes into git.
	Secret bool
}

// Format prints the name, whatever the verb.
func (f NewFile) Format(s fmt.State, _ rune) {
	io.WriteString(s, "tfconfig.NewFile("+strconv.Quote(f.Name)+")")
}

// LogValue returns the name, for slog.
func (f NewFile) LogValue() slog.Value { return slog.StringValue(f.Name) }
