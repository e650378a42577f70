package statefile

import (
	"bytes"
	"encoding/binary"
	"iter"
	"math/bits"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// The functions here walk text that Parse has found valid. They check nothing,
// which is what makes them fast, and must never see other text.

// span is the place of something in the file, in bytes.
type span struct{ start, end int }

// none is the zero span: no JSON text ends at 0.
func (s span) none() bool { return s.end == 0 }

func (s span) of(data []byte) []byte { return data[s.start:s.end] }

// skipSpace returns the place of the first byte from i on that is no white
// space.
func skipSpace(data []byte, i int) int {
	if i < len(data) && data[i] > ' ' {
		return i
	}
	return skipSpaces(data, i)
}

// skipSpaces is skipSpace where there is some: a space, or the end of a line and the
// indentation of the next one.
func skipSpaces(data []byte, i int) int {
	const spaces = 0x2020202020202020
	if i < len(data) && data[i] == '\n' {
		i++
	}
	for ; i+8 <= len(data); i += 8 {
		if other := binary.LittleEndian.Uint64(data[i:]) ^ spaces; other != 0 {
			i += bits.TrailingZeros64(other) / 8
			break
		}
	}
	for i < len(data) && (data[i] == ' ' || data[i] == '\n' || data[i] == '\r' || data[i] == '\t') {
		i++
	}
	return i
}

// skipString returns the end of the string that starts at i.
func skipString(data []byte, i int) int {
	for j := i + 1; ; {
		j += bytes.IndexByte(data[j:], '"')
		k := j
		for data[k-1] == '\\' {
			k--
		}
		j++
		// An even number of backslashes escape one another.
		if (j-1-k)%2 == 0 {
			return j
		}
	}
}

// skipValue returns the end of the value that starts at i.
func skipValue(data []byte, i int) int {
	switch data[i] {
	case '"':
		return skipString(data, i)
	case '{', '[':
		for depth := 0; ; {
			switch data[i] {
			case '"':
				i = skipString(data, i)
				continue
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					return i + 1
				}
			}
			i++
		}
	default:
		for i < len(data) {
			switch data[i] {
			case ',', '}', ']', ' ', '\n', '\r', '\t':
				return i
			}
			i++
		}
		return i
	}
}

// afterColon returns the start of the value whose name ends at i.
func afterColon(data []byte, i int) int { return skipSpace(data, skipSpace(data, i)+1) }

// following returns the start of the member or element after the one that ends at i,
// or the place of the bracket that closes.
func following(data []byte, i int) int {
	if i = skipSpace(data, i); data[i] == ',' {
		i = skipSpace(data, i+1)
	}
	return i
}

// members yields name and value of each member of the object at v.
func members(data []byte, v span) iter.Seq2[span, span] {
	return func(yield func(span, span) bool) {
		for i := skipSpace(data, v.start+1); data[i] == '"'; {
			name := span{i, skipString(data, i)}
			i = afterColon(data, name.end)
			value := span{i, skipValue(data, i)}
			if !yield(name, value) {
				return
			}
			i = following(data, value.end)
		}
	}
}

// elements yields each element of the array at v.
func elements(data []byte, v span) iter.Seq[span] {
	return func(yield func(span) bool) {
		for i := skipSpace(data, v.start+1); data[i] != ']'; {
			value := span{i, skipValue(data, i)}
			if !yield(value) {
				return
			}
			i = following(data, value.end)
		}
	}
}

// unquote returns the text of a valid JSON string.
func unquote(raw []byte) string {
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1 : len(raw)-1])
	}
	text, err := jsontext.AppendUnquote(nil, raw)
	if err != nil {
		panic("statefile: text changed after Parse: " + err.Error())
	}
	return string(text)
}

// unquotesTo reports whether a valid JSON string has the text s.
func unquotesTo(raw []byte, s string) bool {
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1:len(raw)-1]) == s
	}
	return unquote(raw) == s
}

// mayContain reports whether a string in valid JSON text may hold s. It is
// false only if none does: s doesn't stand there as it is, and no escape stands
// for a character of s.
func mayContain(data []byte, s string) bool {
	if strings.ContainsFunc(s, needsEscape) || bytes.Contains(data, []byte(s)) {
		return true
	}
	for {
		i := bytes.IndexByte(data, '\\')
		if i < 0 {
			return false
		}
		data = data[i+1:]
		// A quote, a backslash or a control character would have been found
		// by needsEscape; only the slash may be escaped or not.
		if data[0] == 'u' && escaped(s, hex4(data[1:5])) || data[0] == '/' && strings.IndexByte(s, '/') >= 0 {
			return true
		}
		data = data[1:]
	}
}

// needsEscape reports whether r never stands in a JSON string as it is.
func needsEscape(r rune) bool { return r < ' ' || r == '"' || r == '\\' || r == utf8.RuneError }

// escaped reports whether the escape of the UTF-16 unit u may be part of s.
func escaped(s string, u rune) bool {
	if 0xd800 <= u && u < 0xe000 {
		return strings.ContainsFunc(s, func(r rune) bool { return r > 0xffff })
	}
	return strings.ContainsRune(s, u)
}

func hex4(b []byte) rune {
	var r rune
	for _, c := range b {
		switch {
		case c <= '9':
			c -= '0'
		default:
			c = c&^0x20 - 'A' + 10
		}
		r = r<<4 | rune(c)
	}
	return r
}
