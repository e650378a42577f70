package statefile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// classify decides from the members of the root what the document is.
func (x *indexer) classify() error {
	f := x.f
	fault := func(kind FormatKind, problem, hint string) error {
		return &FormatError{Kind: kind, Name: f.name, Problem: problem, Hint: hint}
	}
	kind := func(s span) Kind {
		if s.none() {
			return 0
		}
		return kindOf(f.data[s.start])
	}
	version := string(x.version.of(f.data))
	switch {
	case kind(f.root) != Object:
		return fault(KindOther, "JSON, but no object: not a Terraform state", "Give the path of a state file, such as terraform.tfstate.")
	case kind(x.encrypted) == String && !x.encryption.none():
		return fault(KindEncrypted, "a state that OpenTofu encrypted",
			"Only OpenTofu can decrypt it: work in the configuration's folder with tofu, or pipe it through tofu state pull.")
	case kind(x.sops) == Object:
		return fault(KindSOPS, "a file that SOPS encrypted", "Decrypt it with sops first, and encrypt the outcome again.")
	case version == "3" && kind(x.store) == Object:
		return fault(KindBackend, "a record of the state store in use, not a state",
			"The file in .terraform only says in which store, of which provider, the state is kept. Fetch the state with terraform state pull.")
	case version == "3" && kind(x.backend) == Object:
		return fault(KindBackend, "a record of the backend in use, not a state",
			"The file in .terraform only says where the state is kept. Fetch the state with terraform state pull.")
	case x.version.none() && kind(x.format) == String && !x.planned.none():
		return fault(KindShowJSON, "a plan as terraform show -json prints it, not a state",
			"That output can't be turned back into a state. Fetch the state with terraform state pull.")
	case x.version.none() && kind(x.format) == String:
		return fault(KindShowJSON, "output of terraform show -json, not a state",
			"That output can't be turned back into a state. Fetch the state with terraform state pull.")
	case x.version.none():
		return fault(KindOther, "JSON without a version: not a Terraform state", "Give the path of a state file, such as terraform.tfstate.")
	case kind(x.version) != Number || strings.ContainsAny(version, ".eE-"):
		return x.wrong("version", x.version, "a whole number")
	case version == "1" || version == "2":
		return fault(KindOldVersion, "a state of version "+version+", which Terraform before 0.7 wrote",
			"Let Terraform 0.12 or newer rewrite it: run terraform init and terraform apply -refresh-only, or terraform refresh, and try again.")
	case version == "0":
		return fault(KindOther, "version 0 is no version of a Terraform state", "Give the path of a state file, such as terraform.tfstate.")
	case version != "3" && version != "4":
		if len(version) > 20 {
			version = version[:20] + "..."
		}
		return fault(KindNewVersion, "a state of version "+version+", newer than this program knows", "Look for a newer version of this program.")
	}
	for _, serial := range f.serials {
		if !isSerial(serial.of(f.data)) {
			return x.wrong("serial", serial, "a whole number")
		}
	}
	f.version = version
	for _, text := range []struct {
		name string
		at   span
		into *string
	}{{"lineage", x.lineage, &f.lineage}, {"terraform_version", x.terraform, &f.terraform}} {
		switch kind(text.at) {
		case String:
			*text.into = unquote(text.at.of(f.data))
		case 0, Null:
		default:
			return x.wrong(text.name, text.at, "a string")
		}
	}
	read := x.v4
	if version == "3" {
		read = x.v3
	}
	if read.malformed != nil {
		return read.malformed
	}
	f.instances, f.outputs = read.instances, read.outputs
	return nil
}

// isSerial reports whether a value can be the serial: a whole number, or null.
func isSerial(value []byte) bool {
	kind := kindOf(value[0])
	return kind == Null || kind == Number && !bytes.ContainsAny(value, ".eE")
}

// errMore is about a second value after the root.
var errMore = errors.New("more text after the end of the state")

// fault returns the error about text that is no JSON, which a decoder finds.
func (x *indexer) fault() error {
	name, data := x.f.name, x.f.data
	if err := conflict(name, data); err != nil {
		return err
	}
	text := bytes.TrimPrefix(data, bom)
	base := len(data) - len(text)
	// It reads straight from the buffer's slice.
	dec := jsontext.NewDecoder(bytes.NewBuffer(text), jsontext.AllowDuplicateNames(true))
	_, err := dec.ReadToken()
	for err == nil && dec.StackDepth() > 0 {
		_, err = dec.ReadToken()
	}
	if err == nil {
		if _, err = dec.ReadToken(); err == nil || err == io.EOF {
			err = errMore
		}
	}
	e := &SyntaxError{Name: name, Offset: base + int(dec.InputOffset()), Problem: err.Error(),
		Hint: "Terraform can't read this file either. Restore a backup, or correct the text at this place."}
	if syntactic, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		e.Offset = base + int(syntactic.ByteOffset)
		e.Problem = syntactic.Err.Error()
		// The decoder quotes what it takes for an escape, and up to eleven
		// characters after the one at fault with it.
		for _, problem := range []string{"invalid escape sequence", "invalid surrogate pair"} {
			if strings.HasPrefix(e.Problem, problem) {
				e.Problem = problem + " in a string"
			}
		}
		if e.Problem == "invalid UTF-8" || strings.HasPrefix(e.Problem, "invalid surrogate pair") {
			e.Hint = "Terraform reads U+FFFD in its place, and writes that with its next change of the state. Correct the text at this place first."
		}
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		e.Truncated = true
		e.Offset = len(data)
		e.Problem = "the text ends in the middle"
		e.Hint = "The file is truncated: a write was interrupted, or a download. Restore a backup or pull the state again; don't complete it by hand."
	}
	e.Line, e.Col = position(data, e.Offset)
	return e
}

// wrong returns the error about something of the wrong kind.
func (x *indexer) wrong(what string, at span, want string) error {
	e := &FormatError{Kind: KindMalformed, Name: x.f.name,
		Problem: fmt.Sprintf("%s is not %s", what, want),
		Hint:    "Terraform can't read this file either. Restore a backup, or correct the text at this place."}
	e.Line, e.Col = position(x.f.data, at.start)
	return e
}
