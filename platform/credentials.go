package platform

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxNetrc is how large a netrc file may be, in bytes.
const maxNetrc = 1 << 20

// FromEnv returns a client with the address and the credentials that
// the Terraform provider and the Heroku CLI find in the same environment.
// What opts holds goes first. getenv is os.Getenv, or stands for it in a
// test; a variable that is empty counts as unset.
//
//   - The address is HEROKU_API_URL.
//   - The token is HEROKU_API_KEY, and HEROKU_EMAIL goes with it.
//   - Without, both come from netrc, from the entry for the address's
//     host[:port], or else from the entry "default". The file is NETRC_PATH, or
//     .netrc (_netrc on Windows) in the directory NETRC, or in the home
//     directory (HOME, on Windows USERPROFILE). No such file, or a directory
//     in its place, is the same as no entry. netrc isn't read if there is a
//     token already.
//
// Errors are [ErrNoCredentials] in a [CredentialsError] that says where they
// were looked for, a CredentialsError for a netrc file that can't be read,
// and those of [New].
//
// Source: providerConfigure in terraform-provider-heroku 5.3.2.
func FromEnv(getenv func(string) string, opts Options) (*Client, error) {
	return clientFromEnv(getenv, opts, runtime.GOOS == "windows")
}

func clientFromEnv(getenv func(string) string, opts Options, windows bool) (*Client, error) {
	if getenv == nil {
		getenv = os.Getenv
	}
	if opts.BaseURL == "" {
		opts.BaseURL = getenv("HEROKU_API_URL")
	}
	base, err := parseBaseURL(opts.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("base URL (HEROKU_API_URL): %w", err)
	}
	if opts.Token == "" {
		opts.Token = strings.TrimSpace(getenv("HEROKU_API_KEY"))
	}
	if opts.Email == "" {
		opts.Email = getenv("HEROKU_EMAIL")
	}
	if opts.Token == "" {
		path := netrcPath(getenv, windows)
		entry, err := readNetrc(path, base.Host)
		if err != nil {
			return nil, err
		}
		if entry.password == "" {
			source := "HEROKU_API_KEY and " + path
			if path == "" {
				source = "HEROKU_API_KEY"
			}
			return nil, &CredentialsError{
				Source: source,
				Err:    fmt.Errorf("%w for %s", ErrNoCredentials, base.Host),
				Hint:   "set HEROKU_API_KEY to a token (`heroku authorizations:create`), or sign in with `heroku login`",
			}
		}
		opts.Token = entry.password
		if opts.Email == "" {
			opts.Email = entry.login
		}
	}
	return New(opts)
}

// netrcPath is where the file should be; "" if there is no home directory.
func netrcPath(getenv func(string) string, windows bool) string {
	if path := getenv("NETRC_PATH"); path != "" {
		return path
	}
	name, home := ".netrc", "HOME"
	if windows {
		name, home = "_netrc", "USERPROFILE"
	}
	dir := getenv("NETRC")
	if dir == "" {
		dir = getenv(home)
	}
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, name)
}

// netrcEntry is what a netrc file says of one machine.
type netrcEntry struct {
	login, password string
}

// readNetrc returns the entry for host, empty if there is none.
func readNetrc(path, host string) (netrcEntry, error) {
	if path == "" {
		return netrcEntry{}, nil
	}
	fail := func(line int, err error) error {
		return &CredentialsError{
			Source: path,
			Line:   line,
			Err:    err,
			Hint:   "correct the file, or set HEROKU_API_KEY, which goes before it",
		}
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return netrcEntry{}, nil
	}
	if err != nil {
		return netrcEntry{}, fail(0, bare(err))
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return netrcEntry{}, fail(0, bare(err))
	}
	if info.IsDir() {
		return netrcEntry{}, nil
	}
	data, err := io.ReadAll(io.LimitReader(f, maxNetrc+1))
	if err != nil {
		return netrcEntry{}, fail(0, bare(err))
	}
	if len(data) > maxNetrc {
		return netrcEntry{}, fail(0, fmt.Errorf("larger than %d bytes", maxNetrc))
	}
	entry, line, err := findNetrc(data, host)
	if err != nil {
		return netrcEntry{}, fail(line, err)
	}
	return entry, nil
}

// bare is the error without the path, which CredentialsError names already.
func bare(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("%s: %w", e.Op, e.Err)
	}
	return err
}

// findNetrc looks host up in the text of a netrc file. It reads the whole
// file, so that a fault shows whichever machine is wanted; err says what is
// wrong in line, and nothing of what stands there.
//
// The rules are those of the parser in the Terraform provider
// (bgentry/go-netrc): words between white space, no quoting; # begins a
// comment where a keyword is expected, and a value that begins with # goes on
// to the end of its line; "default" comes last. Other than in that parser, a
// macro's text is skipped whole, up to an empty line, whatever words it holds.
func findNetrc(data []byte, host string) (entry netrcEntry, line int, err error) {
	type machine struct {
		netrcEntry
		account string
	}
	s := &netrcScanner{rest: bytes.TrimPrefix(data, []byte("\ufeff")), line: 1}
	var current *machine
	var found, byDefault *machine
	for {
		word, ok := s.word()
		if !ok {
			break
		}
		line = s.line
		if strings.HasPrefix(word, "#") {
			continue
		}
		switch word {
		case "machine":
			if byDefault != nil {
				return entry, line, errors.New(`"default" has to come after all machines`)
			}
			name, ok := s.word()
			if !ok {
				return entry, line, errors.New(`"machine" without a name`)
			}
			current = &machine{}
			if found == nil && name == host {
				found = current
			}
		case "default":
			if byDefault != nil {
				return entry, line, errors.New(`"default" for the second time`)
			}
			current = &machine{}
			byDefault = current
		case "login", "password", "account":
			if current == nil {
				return entry, line, fmt.Errorf("%q before any machine", word)
			}
			field := map[string]*string{"login": &current.login, "password": &current.password, "account": &current.account}[word]
			if *field != "" {
				return entry, line, fmt.Errorf("%q for the second time", word)
			}
			if *field, ok = s.word(); !ok {
				return entry, line, fmt.Errorf("%q without a value", word)
			}
		case "macdef":
			s.skipMacro()
		default:
			return entry, line, errors.New("a keyword is expected (machine, default, login, password, account or macdef)")
		}
	}
	switch {
	case found != nil:
		return found.netrcEntry, 0, nil
	case byDefault != nil:
		return byDefault.netrcEntry, 0, nil
	}
	return entry, 0, nil
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
		s.rest = nil
		return "", false
	}
	s.line += bytes.Count(s.rest[:start], []byte("\n"))
	s.rest = s.rest[start:]
	end := len(s.rest)
	if s.rest[0] == '#' {
		if i := bytes.IndexByte(s.rest, '\n'); i >= 0 {
			end = i
		}
	} else if i := bytes.IndexFunc(s.rest, unicode.IsSpace); i >= 0 {
		end = i
	}
	word := strings.TrimSpace(string(s.rest[:end]))
	s.rest = s.rest[end:]
	return strings.ToValidUTF8(word, string(utf8.RuneError)), true
}

// skipMacro skips the name and the text of a macro, up to an empty line.
func (s *netrcScanner) skipMacro() {
	s.skipLine()
	for len(s.rest) > 0 {
		text := s.skipLine()
		if len(bytes.TrimRight(text, "\r")) == 0 {
			return
		}
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
