package herokutf

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/herokutf/herokutf/internal/diskio"
	"github.com/herokutf/herokutf/internal/printable"
	"github.com/herokutf/herokutf/internal/provider"
)

// maxLock is how large a pin file may be, in bytes: ten thousand pins have a tenth.
const maxLock = 64 << 20

// Lock writes s to a pin file at path, which makes a later run repeatable: its
// values, read with [ReadLock], are what [ResolveSlugs] gives with
// SlugOptions.Locked. The file is JSON in the form of schemas/slugs.schema.json, as
// [FormatJSON] writes it, but with each artifact on a line of its own, so that a
// change is one line of a diff. It holds no secret and may be committed.
//
// Artifacts of [KindRelease] and notes aren't written; they come back by the options
// of the later run. The file is replaced as a whole, as by [Slugs.WriteFile], with
// mode 0644 where it is new.
//
// Nothing is written when s has no artifact ([ErrNoPins]), has problems, or an
// artifact that ReadLock wouldn't take ([ErrPinFile]). Other errors are those of
// package os.
func (s *Slugs) Lock(path string) error {
	text, err := s.lockText()
	if err != nil {
		return fmt.Errorf("write pins to %s: %w", printable.Text(path), err)
	}
	return replaceFile(diskio.OS{}, path, text, 0o644)
}

func (s *Slugs) lockText() ([]byte, error) {
	if s == nil {
		return nil, errNilSlugs
	}
	if len(s.Problems) > 0 {
		return nil, fmt.Errorf("%w: %s couldn't be resolved", ErrPinFile, printable.Count(len(s.Problems), "value"))
	}
	pins, err := s.pinned()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteString("{\n  \"format_version\": \"1.0\",\n  \"artifacts\": [")
	var fault error // such as that of a time that JSON doesn't have
	write := func(before string, v any) {
		text, err := json.Marshal(v)
		fault = errors.Join(fault, err)
		b.WriteString(before)
		b.Write(printable.JSON(text))
	}
	lines := func(n int, at func(int) any) {
		before := "\n    "
		for i := range n {
			write(before, at(i))
			before = ",\n    "
		}
		b.WriteString("\n  ]")
	}
	lines(len(pins.Artifacts), func(i int) any { return pins.Artifacts[i] })
	if len(pins.Pipelines) > 0 {
		b.WriteString(",\n  \"pipelines\": [")
		lines(len(pins.Pipelines), func(i int) any { return pins.Pipelines[i] })
	}
	if len(pins.Stages) > 0 {
		write(",\n  \"stages\": ", pins.Stages)
	}
	b.WriteString("\n}\n")
	return b.Bytes(), fault
}

// ReadLock reads a pin file that [Slugs.Lock] has written, or a file of [FormatJSON]
// without problems.
//
// The error matches [ErrNoPins] for a file without an artifact, and [ErrPinFile] for
// one that isn't a pin file or has something in it that no resolved artifact has: a
// value that is no UUID, two values for a variable, a member twice. Other errors are
// those of package os.
func ReadLock(path string) (*Slugs, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var slugs *Slugs
	data, err := readAtMost(file, maxLock)
	if err == nil {
		slugs, err = parseLock(data)
	}
	if err != nil {
		return nil, fmt.Errorf("read pins from %s: %w", printable.Text(path), err)
	}
	return slugs, nil
}

// readAtMost reads all of what may be a pin file, unless that is more bytes than most.
func readAtMost(r io.Reader, most int) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, int64(most)+1))
	if err == nil && len(data) > most {
		err = fmt.Errorf("%w: it has more than %d bytes", ErrPinFile, most)
	}
	return data, err
}

func parseLock(data []byte) (*Slugs, error) {
	if err := checkMembers(data); err != nil {
		if bytes.Contains(data, []byte("<<<<<<<")) {
			return nil, fmt.Errorf("%w: it has the marks of a merge conflict", ErrPinFile)
		}
		return nil, fmt.Errorf("%w: %w", ErrPinFile, err)
	}
	var s Slugs
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPinFile, err)
	}
	if len(s.Problems) > 0 {
		return nil, fmt.Errorf("%w: it has problems in the place of values", ErrPinFile)
	}
	return s.pinned()
}

// checkMembers refuses what isn't JSON, and objects with two members of a name in
// any case of letters, of which encoding/json would take one.
func checkMembers(data []byte) error {
	d := jsontext.NewDecoder(bytes.NewReader(data))
	type object struct {
		names map[string]bool // nil in an array
		key   bool            // a name comes next
	}
	var open []object
	for {
		token, err := d.ReadToken()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if n := len(open) - 1; n >= 0 && open[n].names != nil && token.Kind() != '}' {
			if open[n].key {
				name := strings.ToLower(token.String())
				if open[n].names[name] {
					return fmt.Errorf("the member %q is there twice", printable.Short(name))
				}
				open[n].names[name] = true
			}
			open[n].key = !open[n].key
		}
		switch token.Kind() {
		case '{':
			open = append(open, object{make(map[string]bool), true})
		case '[':
			open = append(open, object{})
		case '}', ']':
			open = open[:len(open)-1]
		}
	}
}

// checkPins refuses artifacts that ResolveSlugs wouldn't have made.
func (s *Slugs) checkPins() error {
	if len(s.Artifacts) == 0 {
		return ErrNoPins
	}
	seen := make(map[string]bool)
	ids := make(map[string]string) // of the pipelines, by name
	for _, a := range s.Artifacts {
		err := a.checkPin()
		name := a.name()
		switch {
		case err != nil:
		case seen[a.Variable]:
			err = errors.New("it has two values")
		case ids[name] != "" && !strings.EqualFold(ids[name], a.Pipeline.ID):
			err = fmt.Errorf("the pipelines %s and %s both have the name", ids[name], a.Pipeline.ID)
		}
		if err != nil {
			return fmt.Errorf("%w: the variable %q: %w", ErrPinFile, printable.Short(a.Variable), err)
		}
		seen[a.Variable], ids[name] = true, a.Pipeline.ID
	}
	for _, p := range s.Pipelines {
		if errs := checkPipeline(p); errs != nil {
			return fmt.Errorf("%w: the pipeline %q: %w", ErrPinFile, printable.Short(p.Name), errs[0])
		}
	}
	for _, stage := range s.Stages {
		if !stageName.MatchString(stage) {
			return fmt.Errorf("%w: the stage %q isn't one", ErrPinFile, printable.Short(stage))
		}
	}
	return nil
}

func (a *Artifact) checkPin() error {
	bad := func(what, value string) error { return fmt.Errorf("its %s is %q", what, printable.Short(value)) }
	switch {
	case a.Kind != KindSlug && a.Kind != KindOCIImage:
		return bad("kind", string(a.Kind))
	case !stageName.MatchString(a.Stage):
		return bad("stage", a.Stage)
	case !pipelineVarName.MatchString(a.name()):
		return fmt.Errorf("it isn't that of a %s in stage %s", a.Kind, a.Stage)
	case !provider.IsUUID(a.Value):
		return bad("value", a.Value)
	case !provider.IsUUID(a.Pipeline.ID):
		return bad("pipeline", a.Pipeline.ID)
	case !provider.IsUUID(a.App.ID):
		return bad("app", a.App.ID)
	case !provider.IsUUID(a.Release.ID) || a.Release.Version < 1:
		return bad("release", a.Release.ID)
	case a.Commit != "" && !commitText.MatchString(a.Commit):
		return bad("commit", a.Commit)
	}
	texts := []string{a.Pipeline.Name, a.App.Name, a.Release.Status, a.Release.User}
	for _, o := range a.Others {
		if !provider.IsUUID(o.ID) {
			return bad("app", o.ID)
		}
		texts = append(texts, o.Name)
	}
	for app, r := range a.Pending {
		texts = append(texts, app, r.Status, r.User)
	}
	if a.Newest != nil {
		texts = append(texts, a.Newest.Status, a.Newest.User)
	}
	for _, text := range texts {
		if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
			return bad("text", text)
		}
	}
	return nil
}
