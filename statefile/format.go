package statefile

import (
	"fmt"
	"io"
	"log/slog"
	"strconv"
)

// A state is full of secrets, so nothing that prints or logs a value of this
// package may reach the bytes. The methods here see to it where fmt calls them. It
// calls none for what is in an unexported field, or with a verb that doesn't fit,
// but goes through the fields itself: it prints a pointer's address, or, of the
// first one that the verb doesn't fit, what it leads to. Behind two pointers, as a
// File and an Edit keep their bytes, nothing is ever printed.

// String returns the file's name, its serial and its size in bytes, such as
// statefile.File("terraform.tfstate", serial 7, 4711 bytes).
func (f File) String() string {
	return "statefile.File(" + strconv.Quote(f.name) + ", serial " + f.Serial() + ", " + strconv.Itoa(len(f.Bytes())) + " bytes)"
}

// GoString returns String, for %#v.
func (f File) GoString() string { return f.String() }

// Format prints String, whatever the verb.
func (f File) Format(s fmt.State, _ rune) { io.WriteString(s, f.String()) }

// LogValue returns the file's name, its serial and its size in bytes, for slog.
func (f File) LogValue() slog.Value {
	return slog.GroupValue(slog.String("name", f.name), slog.String("serial", f.Serial()), slog.Int("bytes", len(f.Bytes())))
}

// String says what kind of edit it is and at which byte of the file, from 0, such
// as statefile.Edit(replace at byte 301). It says nothing of the new text.
func (e Edit) String() string {
	if e.edit == nil {
		return "statefile.Edit(none)"
	}
	at := e.at
	if !e.name.none() {
		at = e.name
	}
	return "statefile.Edit(" + e.op.String() + " at byte " + strconv.Itoa(at.start) + ")"
}

// GoString returns String, for %#v.
func (e Edit) GoString() string { return e.String() }

// Format prints String, whatever the verb.
func (e Edit) Format(s fmt.State, _ rune) { io.WriteString(s, e.String()) }

// LogValue returns String, for slog.
func (e Edit) LogValue() slog.Value { return slog.StringValue(e.String()) }
