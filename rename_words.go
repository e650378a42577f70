package herokutf

import (
	"bytes"
	"encoding/hex"
	"slices"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/herokutf/herokutf/statefile"
)

// wordSet finds app names as whole words, all of them in one pass. A word is a
// run of letters, digits, '-' and '_'. A name also counts where it is the
// beginning of the host that Heroku gives to an app, NAME-0123456789ab.
type wordSet map[string]struct{}

func (w wordSet) add(names ...string) {
	for _, name := range names {
		w[name] = struct{}{}
	}
}

// hostSuffix is the length of the dash and the identifier in the host of an
// app that was created or renamed since June 2023.
const hostSuffix = 1 + 12

// in reports whether text holds one of the words.
func (w wordSet) in(text string) bool {
	for i := 0; i < len(text); {
		start := i
		for i < len(text) {
			r, size := rune(text[i]), 1
			if r >= utf8.RuneSelf {
				r, size = utf8.DecodeRuneInString(text[i:])
			}
			if !wordRune(r) {
				break
			}
			i += size
		}
		if i > start && w.has(text[start:i], i < len(text) && text[i] == '.') {
			return true
		}
		_, size := utf8.DecodeRuneInString(text[i:]) // 0 at the end
		i += size
	}
	return false
}

func (w wordSet) has(word string, dotBehind bool) bool {
	if _, ok := w[word]; ok {
		return true
	}
	if name, ok := cutHostSuffix(word); ok && dotBehind {
		_, ok = w[name]
		return ok
	}
	return false
}

func wordRune(r rune) bool {
	return r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r)
}

// cutHostSuffix cuts a dash and twelve lower-case letters or digits.
func cutHostSuffix(word string) (name string, ok bool) {
	n := len(word) - hostSuffix
	if n < 1 || word[n] != '-' {
		return word, false
	}
	for i := n + 1; i < len(word); i++ {
		if c := word[i]; (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			return word, false
		}
	}
	return word[:n], true
}

// locate returns the instances that may hold one of the words, in document
// order, and whether something else may hold one that is in no output either.
// It goes over a large file once or a few times, however many words there are,
// and doesn't take it apart.
func (w wordSet) locate(f *statefile.File) (instances []*statefile.Instance, elsewhere bool) {
	if f.Version() == 3 {
		// The id stands outside the attributes, so spans don't suffice. Such
		// states are small.
		for inst := range f.Instances() {
			if w.mayBeIn(inst.MayContain) {
				instances = append(instances, inst)
			}
		}
		return instances, w.mayBeIn(f.MayContain)
	}
	hits := w.offsets(f.Bytes())
	within := func(v statefile.Value) int {
		start, _ := slices.BinarySearch(hits, v.Offset())
		end, _ := slices.BinarySearch(hits, v.Offset()+len(v.Raw()))
		return end - start
	}
	rest := len(hits)
	if rest == 0 {
		return nil, false
	}
	for inst := range f.Instances() {
		if n := within(inst.Attributes()); n > 0 {
			instances = append(instances, inst)
			rest -= n
		}
	}
	for output := range f.Outputs() {
		rest -= within(output.Value)
	}
	return instances, rest > 0
}

// mayBeIn reports whether one of the words may be in what mayContain looks at.
func (w wordSet) mayBeIn(mayContain func(string) bool) bool {
	for word := range w {
		if mayContain(word) {
			return true
		}
	}
	return false
}

// fewWords is up to how many words it costs less to look for one word after
// the other than to take the file apart into words.
const fewWords = 6

// offsets returns, ascending, where in JSON text one of the words may be, each
// place once: where it stands, and at each escape of a character that names
// have.
func (w wordSet) offsets(data []byte) []int {
	passes := []func() []int{func() []int { return escapes(data) }}
	if len(w) > fewWords {
		passes = append(passes, func() []int { return w.words(data) })
	} else {
		for word := range w {
			passes = append(passes, func() []int { return wherever(data, word) })
		}
	}
	found := make([][]int, len(passes))
	var group sync.WaitGroup
	for n, pass := range passes {
		group.Go(func() { found[n] = pass() })
	}
	group.Wait()
	hits := slices.Concat(found...)
	slices.Sort(hits)
	return slices.Compact(hits)
}

// wherever returns where the word stands, also as a part of others.
func wherever(data []byte, word string) []int {
	var hits []int
	for i := 0; ; i++ {
		n := bytes.Index(data[i:], []byte(word))
		if n < 0 {
			return hits
		}
		i += n
		hits = append(hits, i)
	}
}

// escapes returns where characters of names are escaped.
func escapes(data []byte) []int {
	var hits []int
	for i := 0; ; i++ {
		n := bytes.Index(data[i:], []byte(`\u00`))
		if n < 0 {
			return hits
		}
		i += n
		var b [1]byte
		if i+6 > len(data) {
			return hits
		}
		if _, err := hex.Decode(b[:], data[i+4:i+6]); err == nil && nameByte[b[0]] {
			hits = append(hits, i)
		}
	}
}

// words returns where runs of the characters of names are one of the words, or
// end in one behind an escape.
func (w wordSet) words(data []byte) []int {
	// Most words of a state have another length.
	var lengths [256]bool
	for word := range w {
		for _, n := range []int{len(word), len(word) + hostSuffix} {
			lengths[min(n, 255)] = true
		}
	}
	var hits []int
	for i := 0; i < len(data); i++ {
		if !nameByte[data[i]] {
			continue
		}
		start := i
		for i++; i < len(data) && nameByte[data[i]]; i++ {
		}
		// What follows a backslash may be part of an escape, such as \n or
		// \u003c, that comes right before the word.
		from := []int{start}
		if start > 0 && data[start-1] == '\\' {
			from = []int{start, start + 1, start + 5}
		}
		for _, from := range from {
			if n := i - from; n > 0 && lengths[min(n, 255)] && w.has(string(data[from:i]), true) {
				hits = append(hits, from)
			}
		}
	}
	return hits
}

// nameByte has the characters of app names. Letters and digits that no name
// has end one here, so that offsets finds too much rather than too little.
var nameByte = func() (is [256]bool) {
	for _, c := range "abcdefghijklmnopqrstuvwxyz0123456789-" {
		is[c] = true
	}
	return is
}()
