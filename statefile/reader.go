package statefile

import (
	"encoding/binary"
	"errors"
	"math/bits"
	"unicode/utf8"
)

// maxDepth is how deep objects and arrays may be nested, as package jsontext has it.
const maxDepth = 10_000

// errInvalid says that text is no JSON, and nothing more: what is wrong with it, and
// where, a decoder is asked for. Nobody waits for an error, and everybody for the
// reading of a large state.
var errInvalid = errors.New("invalid JSON")

// A reader goes over text and checks that it is JSON: RFC 8259 with valid UTF-8 and
// with surrogates in pairs only, and no object's names held against each other. It
// accepts just what package jsontext accepts, which the tests hold it to.
type reader struct {
	data []byte
	i    int // the end of what was read last, or of the white space behind it
	// open are the brackets of objects and arrays that aren't closed, the outermost
	// first.
	open []byte
}

// peek returns the first byte of what comes next, 0 at the end.
func (r *reader) peek() byte {
	r.i = skipSpace(r.data, r.i)
	if r.i < len(r.data) {
		return r.data[r.i]
	}
	return 0
}

// enter reads the bracket at hand, which opens an object or an array.
func (r *reader) enter() error {
	if len(r.open) == maxDepth {
		return errInvalid
	}
	r.open = append(r.open, r.data[r.i])
	r.i++
	return nil
}

// leave reads the bracket at hand, which closes one.
func (r *reader) leave() {
	r.open = r.open[:len(r.open)-1]
	r.i++
}

// more reads the comma between two members or elements, or the bracket that closes the
// object or array, and reports which it was.
func (r *reader) more() (bool, error) {
	// Both brackets' closing ones are two above them.
	switch c := r.peek(); {
	case c == ',':
		r.i++
		return true, nil
	case c != 0 && c == r.open[len(r.open)-1]+'}'-'{':
		r.leave()
		return false, nil
	}
	return false, errInvalid
}

// name reads a member's name and the colon behind it.
func (r *reader) name() (span, error) {
	if r.peek() != '"' {
		return span{}, errInvalid
	}
	name := span{start: r.i}
	if !r.text() {
		return name, errInvalid
	}
	name.end = r.i
	if r.peek() != ':' {
		return name, errInvalid
	}
	r.i++
	return name, nil
}

// value reads a whole value.
func (r *reader) value() (span, error) {
	v := span{start: skipSpace(r.data, r.i)}
	for base := len(r.open); ; {
		ok := false
		switch c := r.peek(); {
		case c == '"':
			ok = r.text()
		case c == '{', c == '[':
			if r.enter() != nil {
				return v, errInvalid
			}
			if r.peek() == c+'}'-'{' {
				r.leave()
				ok = true
				break
			}
			if c == '{' {
				if _, err := r.name(); err != nil {
					return v, err
				}
			}
			continue
		case c == '-', '0' <= c && c <= '9':
			ok = r.number()
		case c == 't':
			ok = r.literal("true")
		case c == 'f':
			ok = r.literal("false")
		case c == 'n':
			ok = r.literal("null")
		}
		if !ok {
			return v, errInvalid
		}
		if done, err := r.behind(base); err != nil || done {
			v.end = r.i
			return v, err
		}
	}
}

// behind reads what stands between the value that was read and the next one. It reports
// whether there is no next one within what was open at base.
func (r *reader) behind(base int) (done bool, err error) {
	for len(r.open) > base {
		inside := r.open[len(r.open)-1]
		more, err := r.more()
		if err != nil {
			return false, err
		}
		if !more {
			continue
		}
		if inside == '{' {
			_, err = r.name()
		}
		return false, err
	}
	return true, nil
}

func (r *reader) literal(want string) bool {
	if len(r.data)-r.i < len(want) || string(r.data[r.i:r.i+len(want)]) != want {
		return false
	}
	r.i += len(want)
	return true
}

// number reads a number. What follows it is the next one's matter.
func (r *reader) number() bool {
	data, i := r.data, r.i
	digits := func() bool {
		from := i
		for i < len(data) && '0' <= data[i] && data[i] <= '9' {
			i++
		}
		return i > from
	}
	if data[i] == '-' {
		i++
	}
	if i < len(data) && data[i] == '0' {
		i++
	} else if !digits() {
		return false
	}
	if i < len(data) && data[i] == '.' {
		if i++; !digits() {
			return false
		}
	}
	if i < len(data) && data[i]|0x20 == 'e' {
		if i++; i < len(data) && (data[i] == '+' || data[i] == '-') {
			i++
		}
		if !digits() {
			return false
		}
	}
	r.i = i
	return true
}

// text reads a string.
func (r *reader) text() bool {
	data, i := r.data, r.i+1
	for {
		if i = plain(data, i); i >= len(data) {
			return false
		}
		switch c := data[i]; {
		case c == '"':
			r.i = i + 1
			return true
		case c == '\\':
			n := escape(data[i:])
			if n == 0 {
				return false
			}
			i += n
		case c < utf8.RuneSelf: // a control character
			return false
		default:
			_, n := utf8.DecodeRune(data[i:])
			if n == 1 {
				return false
			}
			i += n
		}
	}
}

// plain returns the place of the first byte from i on that is more than itself in a
// string: a quote, a backslash, a control character, or a part of a longer one. It is
// the length of the text if there is none.
func plain(data []byte, i int) int {
	const (
		each  = 0x0101010101010101
		high  = 0x80 * each
		space = ' ' * each
	)
	for ; i+8 <= len(data); i += 8 {
		w := binary.LittleEndian.Uint64(data[i:])
		quote, slash := w^'"'*each, w^'\\'*each
		// The lowest byte that is found is one; those above it may be found by
		// what it borrowed from them.
		found := ((w-space)&^w | (quote-each)&^quote | (slash-each)&^slash | w) & high
		if found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for ; i < len(data); i++ {
		if c := data[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			return i
		}
	}
	return i
}

// escape returns the length of the escape that text begins with, 0 if it is none.
func escape(text []byte) int {
	if len(text) < 2 {
		return 0
	}
	switch text[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		u, ok := unit16(text)
		switch {
		case !ok, 0xdc00 <= u && u < 0xe000:
			return 0
		case u < 0xd800 || u >= 0xe000:
			return 6
		}
		if low, ok := unit16(text[6:]); ok && 0xdc00 <= low && low < 0xe000 {
			return 12
		}
	}
	return 0
}

// unit16 returns the unit of UTF-16 whose escape text begins with.
func unit16(text []byte) (u rune, ok bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	for _, c := range text[2:6] {
		if !('0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f') {
			return 0, false
		}
	}
	return hex4(text[2:6]), true
}
