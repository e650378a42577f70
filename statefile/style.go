package statefile

import "bytes"

// style is how a text is laid out, so that what is new looks as its neighbours do.
type style struct {
	newline string // between members and elements; "" when all is on one line
	unit    string // by which each level is indented further
	colon   string // between a name and its value, with its white space
	pad     string // on one line: inside of brackets
	comma   string // on one line: white space after a comma
}

// style returns the style that an object is written in.
func (f *File) style(object span) style {
	data := f.data
	s := style{newline: "\n", unit: "  ", colon: ": "}
	if kindOf(data[object.start]) != Object {
		return s
	}
	n := 0
	for name, value := range members(data, object) {
		before := name.start
		for data[before-1] != ',' && data[before-1] != '{' {
			before--
		}
		gap := string(data[before:name.start])
		if n++; n == 2 {
			s.comma = gap
			break
		}
		s.colon = string(data[name.end:value.start])
		if last := bytes.LastIndexByte([]byte(gap), '\n'); last >= 0 {
			s.newline = gap[max(last-1, 0):]
			if s.newline[0] != '\r' {
				s.newline = gap[last:]
			}
			indent := s.newline[bytes.IndexByte([]byte(s.newline), '\n')+1:]
			s.newline = s.newline[:len(s.newline)-len(indent)]
			if unit, ok := bytes.CutPrefix([]byte(indent), []byte(lineIndent(data, object.start))); ok {
				s.unit = string(unit)
			}
			break
		}
		s.newline, s.pad = "", gap
		if s.comma = ""; s.colon[len(s.colon)-1] == ' ' {
			s.comma = " "
		}
	}
	return s
}

// lineIndent returns the white space that the line of an offset starts with.
func lineIndent(data []byte, offset int) string {
	start := bytes.LastIndexByte(data[:offset], '\n') + 1
	end := start
	for data[end] == ' ' || data[end] == '\t' {
		end++
	}
	return string(data[start:end])
}

// gap returns the white space that stands, or is to stand, after the comma between
// elements around the place before one of them.
func (s style) gap(data []byte, there []span, before int) []byte {
	n := min(max(before, 1), len(there)-1)
	start := there[n].start
	for data[start-1] != ',' && data[start-1] != '[' {
		start--
	}
	gap := data[start:there[n].start]
	if n == 0 && bytes.IndexByte(gap, '\n') < 0 {
		return []byte(s.comma)
	}
	return gap
}

// fill returns what an empty array on the line of an offset has between its brackets
// when it gets elements, and the text of each one.
func (s style) fill(data []byte, offset int, texts *[][]byte, insets []inset) []byte {
	line := lineIndent(data, offset)
	indent := line + s.unit
	var all []byte
	for n, i := range insets {
		if n > 0 {
			all = append(all, ',')
		}
		switch {
		case s.newline != "":
			all = append(append(all, s.newline...), indent...)
		case n > 0:
			all = append(all, s.comma...)
		}
		text := s.write(nil, i.text, indent)
		if texts != nil {
			*texts = append(*texts, text)
		}
		all = append(all, text...)
	}
	if s.newline != "" {
		all = append(append(all, s.newline...), line...)
	}
	return all
}

// write appends a JSON text in this style. It starts on a line of that indent.
func (s style) write(dst, text []byte, indent string) []byte {
	return s.value(dst, text, skipSpace(text, 0), indent)
}

func (s style) value(dst, text []byte, at int, indent string) []byte {
	v := span{at, skipValue(text, at)}
	open := text[at]
	if open != '{' && open != '[' {
		return append(dst, v.of(text)...)
	}
	dst = append(dst, open)
	n := 0
	item := func() {
		if n++; n > 1 {
			dst = append(dst, ',')
		}
		switch {
		case s.newline != "":
			dst = append(append(append(dst, s.newline...), indent...), s.unit...)
		case n > 1:
			dst = append(dst, s.comma...)
		case open == '{':
			dst = append(dst, s.pad...)
		}
	}
	if open == '{' {
		for name, value := range members(text, v) {
			item()
			dst = append(append(dst, name.of(text)...), s.colon...)
			dst = s.value(dst, text, value.start, indent+s.unit)
		}
	} else {
		for value := range elements(text, v) {
			item()
			dst = s.value(dst, text, value.start, indent+s.unit)
		}
	}
	switch {
	case n == 0:
	case s.newline != "":
		dst = append(append(dst, s.newline...), indent...)
	case open == '{':
		dst = append(dst, s.pad...)
	}
	return append(dst, text[v.end-1])
}
