package platform

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxNetrc       = 1 << 20 // bytes that a netrc file may have
	maxNetrcFaults = 3       // how many that are passed over are noted
)

// netrcEntry is what a netrc file says of one machine.
type netrcEntry struct {
	login, password string
}

// A netrcFault is what is wrong in a line. Its text shows nothing of what
// stands there.
type netrcFault struct {
	line int
	err  error
}

// readNetrc returns the entry for host, empty if there is none, and the first
// faults elsewhere in the file.
func readNetrc(path, host string) (netrcEntry, []netrcFault, error) {
	fail := func(line int, err error) error {
		return &CredentialsError{
			Source: path,
			Line:   line,
			Err:    err,
			Hint:   "correct the file, or set HEROKU_API_KEY, which goes before it: " + exportToken,
		}
	}
	data, err := readSmall(path, maxNetrc)
	if errors.Is(err, fs.ErrNotExist) {
		return netrcEntry{}, nil, nil
	}
	if err != nil {
		return netrcEntry{}, nil, fail(0, err)
	}
	entry, faults, fault := findNetrc(data, host)
	if fault != nil {
		return netrcEntry{}, nil, fail(fault.line, fault.err)
	}
	return entry, faults[:min(len(faults), maxNetrcFaults)], nil
}

// readSmall reads a file of most bytes at the most. A directory in its place
// counts as none. Its errors don't name the path.
func readSmall(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, bare(err)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, fs.ErrNotExist
	}
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, bare(err)
	}
	if int64(len(data)) > most {
		return nil, fmt.Errorf("larger than %d bytes", most)
	}
	return data, nil
}

// bare is the error without the path, which CredentialsError names already.
func bare(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("%s: %w", e.Op, e.Err)
	}
	return err
}

// A netrcMachine is an entry while it is read.
type netrcMachine struct {
	netrcEntry
	account string
}

// findNetrc looks host up in the text of a netrc file. fault is that of the
// entry that counts; faults are those of others, in their order, and of what
// stands outside of any entry.
//
// The rules are those of the parser in the Terraform provider
// (bgentry/go-netrc): words between white space, no quoting; # begins a
// comment where a keyword is expected, and a value that begins with # goes on
// to the end of its line; the first entry of a name counts. Other than in that
// parser, a macro's text is skipped whole, up to an empty line, whatever words
// it holds; a fault of an entry, and a place after "default", concern that entry
// alone; and port and protocol, which git's helper reads, are keywords.
func findNetrc(data []byte, host string) (entry netrcEntry, faults []netrcFault, fault *netrcFault) {
	p := &netrcParser{netrcScanner: netrcScanner{rest: bytes.TrimPrefix(data, []byte("\ufeff")), line: 1}, host: host}
	for p.step() {
	}
	counts := p.found
	if counts == nil {
		counts = p.byDefault
	}
	for _, f := range p.faults {
		if counts != nil && f.of == counts {
			if fault == nil {
				fault = &f.netrcFault
			}
			continue
		}
		faults = append(faults, f.netrcFault)
	}
	if counts == nil || fault != nil {
		return netrcEntry{}, faults, fault
	}
	return counts.netrcEntry, faults, nil
}

type netrcParser struct {
	netrcScanner
	host             string
	current          *netrcMachine // nil before the first
	found, byDefault *netrcMachine
	faults           []faultOf
}

type faultOf struct {
	netrcFault
	of *netrcMachine // nil outside of any
}

// fail notes a fault of the line that the scanner is in.
func (p *netrcParser) fail(line int, format string, args ...any) {
	p.faults = append(p.faults, faultOf{netrcFault{line, fmt.Errorf(format, args...)}, p.current})
}

// step reads a keyword and its value, and reports whether there was one.
func (p *netrcParser) step() bool {
	word, ok := p.word()
	if !ok {
		return false
	}
	line := p.line
	if strings.HasPrefix(word, "#") {
		return true
	}
	switch word {
	case "machine":
		name, ok := p.word()
		p.current = &netrcMachine{}
		if !ok {
			p.fail(line, `"machine" without a name`)
		}
		if p.byDefault != nil {
			p.fail(line, `"default" has to come after all machines`)
			p.faults[len(p.faults)-1].of = nil // it is the file's, and does this entry no harm
		}
		if p.found == nil && name == p.host {
			p.found = p.current
		}
	case "default":
		p.current = &netrcMachine{}
		if p.byDefault != nil {
			p.fail(line, `"default" for the second time`)
		} else {
			p.byDefault = p.current
		}
	case "login", "password", "account":
		if p.current == nil {
			p.fail(line, "%q before any machine", word)
			p.word()
			return true
		}
		field := map[string]*string{"login": &p.current.login, "password": &p.current.password, "account": &p.current.account}[word]
		value, ok := p.word()
		switch {
		case *field != "":
			p.fail(line, "%q for the second time", word)
		case !ok:
			p.fail(line, "%q without a value", word)
		default:
			*field = value
		}
	case "port", "protocol":
		p.fail(line, "%q is no keyword of netrc", word)
		p.faults[len(p.faults)-1].of = nil
		p.word()
	case "macdef":
		p.skipMacro()
	default:
		p.fail(line, "a keyword is expected (machine, default, login, password, account or macdef)")
	}
	return true
}

// netrcScanner splits a netrc file into words.
type netrcScanner struct {
	rest []byte
	line int // of the word read last, from 1
}

// word returns the next word; one that begins with # is the rest of its line.
func (s *netrcScanner) word() (string, bool) {
	start := bytes.IndexFunc(s.rest, func(r rune) bool { return !unicode.IsSpace(r) })
	if start < 0 {
		return "", false
	}
	s.line += bytes.Count(s.rest[:start], []byte("\n"))
	s.rest = s.rest[start:]
	within := func(r rune) bool { return !unicode.IsSpace(r) }
	if s.rest[0] == '#' {
		within = func(r rune) bool { return r != '\n' }
	}
	rest := bytes.TrimLeftFunc(s.rest, within)
	word := strings.TrimSpace(string(s.rest[:len(s.rest)-len(rest)]))
	s.rest = rest
	return strings.ToValidUTF8(word, string(utf8.RuneError)), true
}

// skipMacro skips the name and the text of a macro, up to an empty line.
func (s *netrcScanner) skipMacro() {
	s.skipLine()
	for len(bytes.TrimRight(s.skipLine(), "\r")) > 0 { // nor is anything behind the last line
	}
}

// skipLine skips the rest of the line with its end, and returns it without.
func (s *netrcScanner) skipLine() []byte {
	text, rest, more := bytes.Cut(s.rest, []byte("\n"))
	if more {
		s.line++
	}
	s.rest = rest
	return text
}
