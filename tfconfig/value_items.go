package tfconfig

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// items is a list or a map as it is written.
type items struct {
	file     *file
	object   bool
	open     int  // offset of the opening bracket
	end      int  // offset of the closing one
	verbatim bool // strings are no templates, in JSON
	slots    []slot
}

// slot is one item.
type slot struct {
	start, end int
	comma      int    // offset of the comma behind it, -1 if there is none
	key        string // of a map, as far as it is written out
	colon      bool   // ":" and not "=" between key and value
}

func listItems(f *file, e *hclsyntax.TupleConsExpr, verbatim bool) *items {
	c := &items{file: f, verbatim: verbatim, open: e.SrcRange.Start.Byte, end: e.SrcRange.End.Byte - 1}
	for _, el := range e.Exprs {
		c.add(el.Range(), el.Range(), "")
	}
	return c
}

func objectItems(f *file, e *hclsyntax.ObjectConsExpr, verbatim bool) *items {
	c := &items{file: f, verbatim: verbatim, object: true, open: e.SrcRange.Start.Byte, end: e.SrcRange.End.Byte - 1}
	for _, item := range e.Items {
		k, _ := keyString(item.KeyExpr)
		c.add(item.KeyExpr.Range(), item.ValueExpr.Range(), k)
	}
	return c
}

func (c *items) add(first, last hcl.Range, key string) {
	s := slot{start: first.Start.Byte, end: c.file.endOf(last), comma: -1, key: key}
	if first == last {
		s.start = c.file.startOf(first)
	}
	rest := c.file.data[s.end:c.end]
	if i := len(rest) - len(bytes.TrimLeft(rest, " \t\r\n")); i < len(rest) && rest[i] == ',' {
		s.comma = s.end + i
	}
	if first != last {
		s.colon = bytes.HasPrefix(bytes.TrimSpace(c.file.data[first.End.Byte:last.Start.Byte]), []byte(":"))
	}
	c.slots = append(c.slots, s)
}

// startOf and endOf are the offsets of a value with its quotes: HCL leaves them
// out of the range of a template in JSON.
func (f *file) startOf(rng hcl.Range) int {
	if at := rng.Start.Byte; f.json && at > 0 && f.data[at-1] == '"' && f.data[at] != '"' {
		return at - 1
	}
	return rng.Start.Byte
}

func (f *file) endOf(rng hcl.Range) int {
	at := f.startOf(rng)
	if at == rng.Start.Byte {
		return rng.End.Byte
	}
	for at++; at < len(f.data) && f.data[at] != '"'; at++ {
		if f.data[at] == '\\' {
			at++
		}
	}
	return min(at+1, len(f.data))
}

// item writes an item with a key.
func (c *items) item(key string, v any) string {
	if c.file.json {
		return jsonText(key, nil, c.verbatim) + ": " + jsonText(v, nil, c.verbatim)
	}
	sep := " = "
	if n := len(c.slots); n > 0 && c.slots[n-1].colon {
		sep = " : "
	}
	return hclKey(key) + sep + c.file.text(v, nil, c.inner(), c.verbatim)
}

// after returns the number of the item behind which a key belongs, -1 for the
// begin: the last one, or where the keys are in order that of the order.
func (c *items) after(key string) int {
	if len(c.slots) > 1 && slices.IsSortedFunc(c.slots, func(a, b slot) int { return strings.Compare(a.key, b.key) }) {
		for i, s := range c.slots {
			if key < s.key {
				return i - 1
			}
		}
	}
	return len(c.slots) - 1
}

// byLine reports whether the items stand on lines of their own.
func (c *items) byLine() bool {
	return bytes.ContainsRune(c.file.data[c.open:c.end], '\n')
}

// inner is the indent of items on lines of their own.
func (c *items) inner() string {
	if len(c.slots) > 0 && c.byLine() {
		return c.file.indent(c.slots[0].start)
	}
	return c.file.indent(c.open) + "  "
}

// edits takes items out and adds others behind the numbered ones, -1 for the
// begin.
func (c *items) edits(cut map[int]bool, added map[int][]string) ([]replace, error) {
	if !c.byLine() {
		return c.editLine(cut, added)
	}
	f, nl := c.file, c.file.newline()
	var out []replace
	for i, s := range c.slots {
		if (cut[i] || added[i] != nil) && !f.alone(s.start, s.end) {
			return nil, errors.New("the items don't stand on lines of their own")
		}
	}
	if added[-1] != nil && len(c.slots) > 0 && f.lineEnd(c.open) >= c.slots[0].start {
		return nil, errors.New("the items don't stand on lines of their own")
	}
	// The items as they will be: number, or -1 for a new one.
	type line struct {
		old  int
		text string
	}
	var lines []line
	for i := -1; i < len(c.slots); i++ {
		if i >= 0 && !cut[i] {
			lines = append(lines, line{old: i})
		}
		for _, text := range added[i] {
			lines = append(lines, line{-1, text})
		}
	}
	commas := !c.object || f.json || slices.ContainsFunc(c.slots, func(s slot) bool { return s.comma >= 0 })
	trailing := !f.json && commas && (len(c.slots) == 0 || c.slots[len(c.slots)-1].comma >= 0)
	at := f.lineEnd(c.open)
	for n, l := range lines {
		comma := commas && (n < len(lines)-1 || trailing)
		if l.old < 0 {
			text := nl + c.inner() + l.text
			if comma {
				text += ","
			}
			out = append(out, replace{at, at, text})
			continue
		}
		s := c.slots[l.old]
		switch {
		case comma && s.comma < 0:
			out = append(out, replace{s.end, s.end, ","})
		case !comma && s.comma >= 0:
			out = append(out, replace{s.comma, s.comma + 1, ""})
		}
		at = f.lineEnd(max(s.end, s.comma))
	}
	for i, s := range c.slots {
		if cut[i] {
			out = append(out, replace{f.lineStart(s.start), f.nextLine(max(s.end, s.comma)), ""})
		}
	}
	return merge(out), nil
}

// merge puts insertions at the same offset together, before what goes from there.
func merge(changes []replace) []replace {
	slices.SortStableFunc(changes, func(a, b replace) int {
		if a.start == b.start && (a.end == a.start) != (b.end == b.start) {
			return a.end - b.end
		}
		return a.start - b.start
	})
	var out []replace
	for _, c := range changes {
		if n := len(out); n > 0 && c.start == c.end && out[n-1].start == c.start && out[n-1].end == c.end {
			out[n-1].text += c.text
			continue
		}
		out = append(out, c)
	}
	return out
}

// editLine is edits for items on one line.
func (c *items) editLine(cut map[int]bool, added map[int][]string) ([]replace, error) {
	f := c.file
	var texts []string
	for i := -1; i < len(c.slots); i++ {
		if i >= 0 && !cut[i] {
			texts = append(texts, string(f.data[c.slots[i].start:c.slots[i].end]))
		}
		texts = append(texts, added[i]...)
	}
	if len(texts) == 0 {
		return []replace{{c.open + 1, c.end, ""}}, nil
	}
	if len(c.slots) == 0 {
		text := strings.Join(texts, ", ")
		if c.object && !f.json {
			text = " " + text + " "
		}
		return []replace{{c.open + 1, c.end, text}}, nil
	}
	var out []replace
	first, last := -1, -1 // kept items
	for i := range c.slots {
		if !cut[i] {
			if first < 0 {
				first = i
			}
			last = i
		}
	}
	if first < 0 {
		// All go, others come.
		return []replace{{c.slots[0].start, c.slots[len(c.slots)-1].end, strings.Join(texts, ", ")}}, nil
	}
	if list := added[-1]; list != nil {
		at := c.slots[first].start
		out = append(out, replace{at, at, strings.Join(list, ", ") + ", "})
	}
	for i, s := range c.slots {
		if cut[i] {
			if i < last {
				out = append(out, replace{s.start, c.slots[i+1].start, ""})
			} else {
				out = append(out, replace{c.slots[i-1].end, s.end, ""})
			}
		}
		if list := added[i]; list != nil {
			// Behind the kept item before it.
			at := i
			for cut[at] {
				at--
			}
			text := ", " + strings.Join(list, ", ")
			if at < 0 {
				at, text = first, strings.Join(list, ", ")+", "
				out = append(out, replace{c.slots[at].start, c.slots[at].start, text})
				continue
			}
			out = append(out, replace{c.slots[at].end, c.slots[at].end, text})
		}
	}
	return merge(out), nil
}

// listEdits changes a list of literals into another: what is in both stays
// where it is.
func listEdits(f *file, t *task) ([]replace, error) {
	tuple := t.place.source.expr.(*hclsyntax.TupleConsExpr)
	c := listItems(f, tuple, t.verbatim())
	old := make([]any, len(tuple.Exprs))
	for i, e := range tuple.Exprs {
		old[i], _ = writtenValue(e)
	}
	next := t.place.list
	if len(old) > maxList || len(next) > maxList {
		return nil, errors.New("the list is too long")
	}
	// Items in the same number are replaced one by one.
	if len(old) == len(next) {
		var out []replace
		for i := range old {
			if !equalValues(old[i], next[i], false) {
				out = append(out, replace{c.slots[i].start, c.slots[i].end, f.text(next[i], tuple.Exprs[i], "", c.verbatim)})
			}
		}
		return out, nil
	}
	cut, added := map[int]bool{}, map[int][]string{}
	at := 0
	for _, keep := range common(old, next) {
		for ; at < keep[0]; at++ {
			cut[at] = true
		}
		at++
	}
	for ; at < len(old); at++ {
		cut[at] = true
	}
	last, from := -1, 0
	for _, keep := range append(common(old, next), [2]int{len(old), len(next)}) {
		for _, v := range next[from:keep[1]] {
			added[last] = append(added[last], f.text(v, nil, "", c.verbatim))
		}
		last, from = keep[0], keep[1]+1
	}
	return c.edits(cut, added)
}

// maxList bounds the lists that are compared element by element.
const maxList = 1000

// common returns the longest common subsequence of two lists, as pairs of
// numbers.
func common(a, b []any) (pairs [][2]int) {
	length := make([][]int, len(a)+1)
	for i := range length {
		length[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if equalValues(a[i], b[j], false) {
				length[i][j] = length[i+1][j+1] + 1
			} else {
				length[i][j] = max(length[i+1][j], length[i][j+1])
			}
		}
	}
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case equalValues(a[i], b[j], false):
			pairs = append(pairs, [2]int{i, j})
			i, j = i+1, j+1
		case length[i+1][j] >= length[i][j+1]:
			i++
		default:
			j++
		}
	}
	return pairs
}
