package tfconfig

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// files makes the edits of the tasks that are to be done. again says that there is none,
// since some can't be done, which have the reason now.
func (s *setter) files() (out []FileEdit, again bool, err error) {
	type group struct {
		file  *file
		site  site
		tasks []*task
	}
	var groups []*group
	for _, t := range s.tasks {
		if t.reason != "" || t.op == opNone {
			continue
		}
		i := slices.IndexFunc(groups, func(g *group) bool { return g.site == t.site })
		if i < 0 {
			i = len(groups)
			groups = append(groups, &group{file: t.file, site: t.site})
		}
		groups[i].tasks = append(groups[i].tasks, t)
	}
	changes := map[string][]replace{} // by real file
	for _, g := range groups {
		edits, err := s.edits(g.file, g.tasks)
		if err != nil {
			for _, t := range g.tasks {
				if err != errSingle {
					t.reason = err.Error()
				}
			}
			again = true
			continue
		}
		changes[g.file.real] = append(changes[g.file.real], edits...)
	}
	if again {
		return nil, true, nil
	}
	out, err = s.c.fileEdits(changes)
	for i := range out {
		s.describe(&out[i])
	}
	return out, false, err
}

// describe adds to the edit of a file what it changes.
func (s *setter) describe(e *FileEdit) {
	real := s.c.byName[e.Path].real
	seen := map[int]bool{}
	for _, t := range s.tasks {
		if t.file == nil || t.file.real != real || t.reason != "" || t.op == opNone {
			continue
		}
		texts := &e.shown
		if t.hidden() {
			e.Sensitive, texts = true, &e.secrets
		}
		*texts = appendTexts(appendTexts(*texts, t.change.Old), t.change.New)
		if p := s.shown(t); !seen[p.start] || t.op != opReplace {
			seen[p.start] = true
			e.Places = append(e.Places, p)
		}
	}
	slices.SortStableFunc(e.Places, func(a, b Place) int { return cmp.Compare(a.start, b.start) })
}

// edits makes the replacements of the tasks of one site.
func (s *setter) edits(f *file, tasks []*task) ([]replace, error) {
	t := tasks[0]
	switch {
	case t.op == opCutResource:
		return f.cutResource(t.target.block)
	case t.op == opInsert && t.place.at < 0, t.op == opAddArg, t.op == opCutArg, t.op == opAddBlock, t.op == opCutBlock:
		return s.blockEdits(f, tasks)
	case t.op == opReplace && t.place.list == nil:
		e := t.place.source.expr
		start, end := f.startOf(e.Range()), f.endOf(e.Range())
		if text, ok := t.place.value.(string); ok {
			if text, ok := heredoc(string(f.data[start:end]), text); ok {
				return []replace{{start, end, text}}, nil
			}
		}
		return []replace{{start, end, f.text(t.place.value, e, f.indent(start), t.verbatim())}}, nil
	case t.op == opReplace:
		return listEdits(f, t)
	}
	c := objectItems(f, t.place.source.expr.(*hclsyntax.ObjectConsExpr), t.verbatim())
	cut := map[int]bool{}
	added := map[int][]string{}
	done := map[string]bool{}
	slices.SortStableFunc(tasks, func(a, b *task) int { return strings.Compare(a.place.key, b.place.key) })
	for _, t := range tasks {
		switch {
		case t.op == opRemove:
			cut[t.place.at] = true
		case !done[t.place.key]:
			done[t.place.key] = true
			at := c.after(t.place.key)
			added[at] = append(added[at], c.item(t.place.key, t.place.value))
		}
	}
	return c.edits(cut, added)
}

// verbatim reports whether Terraform reads strings at a task's place as they are,
// and not as templates: in JSON, in variable files and defaults.
func (t *task) verbatim() bool {
	return t.file.vars || t.chain != nil && t.chain.kind == KindDefault
}

// text writes a value in the file's syntax; verbatim counts in JSON alone.
func (f *file) text(v any, old hclsyntax.Expression, indent string, verbatim bool) string {
	if f.json {
		return jsonText(v, old, verbatim)
	}
	return strings.ReplaceAll(hclText(v, old, indent), "\n", f.newline())
}

func (f *file) newline() string {
	if bytes.Contains(f.data, []byte("\r\n")) {
		return "\r\n"
	}
	return "\n"
}

// lineStart and lineEnd return the offsets of a line's first byte and of its
// line break.
func (f *file) lineStart(at int) int { return bytes.LastIndexByte(f.data[:at], '\n') + 1 }

func (f *file) lineEnd(at int) int {
	end := len(f.data)
	if i := bytes.IndexByte(f.data[at:], '\n'); i >= 0 {
		end = at + i
	}
	if end > at && f.data[end-1] == '\r' {
		end--
	}
	return end
}

// nextLine returns the offset behind a line's break.
func (f *file) nextLine(at int) int {
	if i := bytes.IndexByte(f.data[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(f.data)
}

// indent returns the white space at the begin of a line.
func (f *file) indent(at int) string {
	line := f.data[f.lineStart(at):at]
	return string(line[:len(line)-len(bytes.TrimLeft(line, " \t"))])
}

// blockEdits adds arguments and blocks to a block, and takes them out.
func (s *setter) blockEdits(f *file, tasks []*task) ([]replace, error) {
	b := tasks[0].place.body
	arguments := map[string]any{} // to add
	var blocks []string
	var out []replace
	done := map[string]bool{}
	for _, t := range tasks {
		switch t.op {
		case opAddArg:
			arguments[t.place.key] = t.place.value
		case opInsert:
			m, _ := arguments[t.place.name].(map[string]any)
			if m == nil {
				m = map[string]any{}
			}
			m[t.place.key] = t.place.value
			arguments[t.place.name] = m
		case opAddBlock:
			if !done[t.place.key] {
				done[t.place.key] = true
				blocks = append(blocks, blockText(t.place.key, t.place.value.([]any)[0].(map[string]any)))
			}
		case opCutArg, opCutBlock:
			r, err := t.cut(f, b)
			if err != nil {
				t.reason = err.Error()
				return nil, errSingle
			}
			if !slices.Contains(out, r) {
				out = append(out, r)
			}
		}
	}
	if f.json && len(arguments)+len(blocks) > 0 {
		added, err := f.addMembers(b, arguments, blocks)
		return merge(append(out, added...)), err
	}
	added, err := f.addToBlock(b, arguments, blocks)
	return append(out, added...), err
}

// errSingle means that one of several tasks of a place can't be done, which has
// the reason.
var errSingle = errors.New("one of several changes can't be made")

// cut takes an argument or a nested block out of a block.
func (t *task) cut(f *file, b *block) (replace, error) {
	var start, end int
	switch a := t.place.attr; {
	case t.op == opCutBlock:
		start, end = t.place.nested.rng.Start.Byte, t.place.nested.end+1
	case a.file != f:
		return replace{}, errors.New("an override file sets it")
	case f.json:
		return f.cutMember(b, a)
	default:
		start, end = a.rng.Start.Byte, a.expr.Range().End.Byte
	}
	if t.op == opCutBlock && (t.place.nested.file != f || f.json) {
		return replace{}, errors.New("an override file has it")
	}
	if !f.alone(start, end) {
		return replace{}, errors.New("it doesn't stand on a line of its own")
	}
	return replace{f.lineStart(start), f.nextLine(end), ""}, nil
}

// alone reports whether nothing but white space and a comment stands on the
// lines of a part of the file.
func (f *file) alone(start, end int) bool {
	before := bytes.TrimSpace(f.data[f.lineStart(start):start])
	after := bytes.TrimSpace(f.data[end:max(end, f.lineEnd(end))])
	after = bytes.TrimSpace(bytes.TrimPrefix(after, []byte(",")))
	return len(before) == 0 && (len(after) == 0 || after[0] == '#' || bytes.HasPrefix(after, []byte("//")))
}

func blockText(name string, members map[string]any) string {
	var b strings.Builder
	b.WriteString(name + " {\n")
	for _, k := range slices.Sorted(maps.Keys(members)) {
		if members[k] != nil {
			fmt.Fprintf(&b, "  %s = %s\n", k, hclText(members[k], nil, "  "))
		}
	}
	return b.String() + "}"
}

// addToBlock adds arguments behind the last argument of a block in native
// syntax, and blocks at its end.
func (f *file) addToBlock(b *block, arguments map[string]any, blocks []string) ([]replace, error) {
	if len(arguments)+len(blocks) == 0 {
		return nil, nil
	}
	nl := f.newline()
	attrs := b.own()
	outer := f.indent(b.rng.Start.Byte)
	inner := outer + "  "
	if len(attrs) > 0 && !b.oneLine(f) {
		inner = f.indent(attrs[0].rng.Start.Byte)
	}
	var text, tail strings.Builder
	for _, name := range slices.Sorted(maps.Keys(arguments)) {
		text.WriteString(nl + inner + name + " = " + f.text(arguments[name], nil, inner, false))
	}
	for i, block := range blocks {
		if i > 0 || len(attrs)+len(b.blocks)+len(arguments) > 0 {
			tail.WriteString(nl)
		}
		tail.WriteString(nl + inner + strings.ReplaceAll(block, "\n", nl+inner))
	}
	if b.oneLine(f) {
		content := strings.TrimSpace(string(f.data[b.open+1 : b.end]))
		if content != "" {
			content = nl + inner + content
		}
		return []replace{{b.open + 1, b.end, content + text.String() + tail.String() + nl + outer}}, nil
	}
	at := f.lineEnd(b.open)
	if n := len(attrs); n > 0 {
		at = f.lineEnd(attrs[n-1].expr.Range().End.Byte)
	}
	out := []replace{{at, at, text.String()}}
	if tail.Len() > 0 {
		end := f.lineStart(b.end)
		if strings.TrimSpace(string(f.data[end:b.end])) != "" {
			return nil, fmt.Errorf("the end of the block isn't on a line of its own")
		}
		out = append(out, replace{end, end, strings.TrimPrefix(tail.String(), nl) + nl})
	}
	if text.Len() == 0 {
		out = out[1:]
	}
	return out, nil
}

// own returns the arguments that stand in the block itself, by position, and not
// in override files.
func (b *block) own() []*attr {
	return slices.DeleteFunc(slices.Clone(b.attrs), func(a *attr) bool { return a.file != b.file })
}

// oneLine reports whether a block is written on one line.
func (b *block) oneLine(f *file) bool {
	return !bytes.ContainsRune(f.data[b.open:b.end], '\n')
}

// addMembers adds arguments to the object that a block is in JSON.
func (f *file) addMembers(b *block, arguments map[string]any, blocks []string) ([]replace, error) {
	attrs := b.own()
	if len(blocks) > 0 || len(attrs) == 0 {
		return nil, errors.New("the JSON file has no argument to add it behind")
	}
	last := attrs[len(attrs)-1]
	start, end := last.rng.Start.Byte, f.endOf(last.expr.Range())
	lead := " "
	if strings.TrimSpace(string(f.data[f.lineStart(start):start])) == "" {
		lead = f.newline() + f.indent(start)
	}
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(arguments)) {
		text.WriteString("," + lead + jsonText(name, nil, true) + ": " + jsonText(arguments[name], nil, false))
	}
	return []replace{{end, end, text.String()}}, nil
}

// cutMember takes an argument out of the object that a block is in JSON.
func (f *file) cutMember(b *block, a *attr) (replace, error) {
	attrs := b.own()
	i := slices.Index(attrs, a)
	switch {
	case i > 0:
		return replace{f.endOf(attrs[i-1].expr.Range()), f.endOf(a.expr.Range()), ""}, nil
	case i == 0 && len(attrs) > 1:
		return replace{a.rng.Start.Byte, attrs[1].rng.Start.Byte, ""}, nil
	}
	return replace{}, errors.New("it is the only argument of its block in a JSON file")
}

// settle makes the edits, and leaves those undone that can't be made or that read back
// don't make the new value, with all that hang on them.
func (s *setter) settle() ([]FileEdit, error) {
	for { // each round but the last leaves a task undone
		s.weigh()
		files, again, err := s.files()
		if !again && err == nil {
			again, err = s.proveValues(files)
		}
		if err != nil {
			return nil, err
		}
		if !again {
			return files, nil
		}
	}
}

// proveValues reads the configuration with the edits and asks for every value.
// It reports whether there are tasks that it had to take back.
func (s *setter) proveValues(edits []FileEdit) (again bool, err error) {
	if len(edits) == 0 {
		return false, nil
	}
	after, err := s.c.opts.load(s.c.dir, s.c.language, s.c.contents(edits))
	if err != nil {
		return false, fmt.Errorf("%w: %w", ErrProof, err)
	}
	proof := &setter{c: after, work: work{strict: true}}
	for _, t := range s.tasks {
		if t.reason != "" {
			continue
		}
		if err := proof.holds(t); err != nil {
			t.reason, again = "the edit, read back: "+err.Error(), true
		}
	}
	return again, nil
}

// holds reports whether the configuration has the new value of a task.
func (s *setter) holds(t *task) error {
	target, err := s.c.lookup(t.change.Address)
	if len(t.change.Path) == 0 {
		if _, gone := err.(absent); !gone {
			return errors.New("it is still there")
		}
		return nil
	}
	if err != nil {
		return err
	}
	check := &task{change: t.change, target: target, path: t.path}
	switch next := t.change.New.(type) {
	case map[string]any:
		check.change.Old = nil // so that every key is asked for
	case []any:
		if slices.ContainsFunc(next, isObject) {
			old := make([]any, len(next))
			for i := range old {
				old[i] = map[string]any{}
			}
			check.change.Old = old
		}
	}
	s.tasks = nil
	s.split(check, false)
	for _, part := range s.tasks {
		if part.reason != "" {
			return fmt.Errorf("it hasn't got its new value: %s", part.reason)
		}
		if part.op != opNone {
			return errors.New("it hasn't got its new value")
		}
	}
	return nil
}
