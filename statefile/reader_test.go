package statefile

import (
	"bytes"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

// TestReader: what the reader takes for JSON is what jsontext does, wherever in a word
// of eight bytes the character stands that matters.
func TestReader(t *testing.T) {
	var texts []string
	for _, s := range []string{
		``, ` `, `"`, `\`, `\"`, `\\`, `\/\b\f\n\r\t`, `\v`, `\u`, `\u00`, `\u00e`, `\u00e9`, `\u00E9`, `\u00g0`, `\u00:0`, `\u00@0`, `\U00e9`,
		`\ud83d\ude00`, `\uD83D\uDE00`, `\ud83d`, `\ude00`, `\ud83d\ud83d`, `\ud83d\n`, `\ud83d\u0041`, `\ud83dx`, `\ud7ff`, `\ue000`, `\udfff`,
		"\x00", "\x1f", "\x20", "\x7f", "\x80", "\xbf", "é", "\xc3", "\xc3\x28", "\u2028", "\ufeff", "\ufffd", "\xed\xa0\x80", "\xf0\x9f\x98\x80",
		"\xf0\x9f\x98", "\xc0\x80", "\xf4\x90\x80\x80", "\n", "\t", "\"\xa2", "\x1f\x20", "!\"", "[", "]", "#", "\x21", "\x5b", "\x5d", "\xdc", "\xa2",
	} {
		for n := range 18 {
			pad := strings.Repeat("!", n)
			texts = append(texts, `"`+pad+s+`"`, `"`+pad+s+pad+`"`, `"`+pad+s, `{"`+pad+s+`":"`+s+pad+`"}`)
		}
	}
	for _, n := range []string{"0", "-0", "-", "+1", "01", "1", "12", "1.", ".5", "1.5", "1.50", "1e", "1e5", "1E+5", "1e-", "1e+05", "-1.5e-7", "1.e5", "1e5.5",
		"--1", "0x1", "1_0", "NaN", "Infinity", "true", "tru", "truex", "True", "false", "fals", "null", "nul", "nulll", "0e0", "0.0", "00"} {
		texts = append(texts, n, " "+n+" ", "["+n+"]", "["+n+","+n+"]", `{"a":`+n+`}`, n+n)
	}
	for _, s := range []string{`[]`, `{}`, `[1]`, `[1,]`, `[,1]`, `[1 2]`, `[1:2]`, `{"a":1}`, `{"a":1,}`, `{,"a":1}`, `{"a",1}`, `{"a" 1}`, `{"a":}`, `{a:1}`, `{1:1}`,
		`{"a":1 "b":2}`, `{"a":1,"b"}`, `[}`, `{]`, `[1}`, `{"a":1]`, `]`, `}`, `,`, `:`, `[[]`, `[[]]]`, `[{}]`, `[{},[]]`, `{"a":{"a":[{}]}}`, ``, ` `, "\n[\r\n\t1 ,\n2 ]\n",
		"[\f1]", "[\v1]", "[\u00a01]", "[\x001]", "[1]\x00", `/**/1`, `[1]//`, "\ufeff1", `{"a":1,"a":2}`, `"a""b"`, `"a" "b"`, `[1][2]`} {
		texts = append(texts, s, " "+s, s+" ")
	}
	for _, n := range []int{maxDepth - 1, maxDepth, maxDepth + 1} {
		texts = append(texts, strings.Repeat("[", n)+strings.Repeat("]", n), strings.Repeat(`{"a":`, n)+"1"+strings.Repeat("}", n),
			strings.Repeat("[", n)+"1"+strings.Repeat("]", n))
	}
	for n := range 20 {
		spaces := strings.Repeat(" ", n)
		texts = append(texts, "["+spaces+"1\n"+spaces+","+spaces+"\n2"+spaces+"]", spaces+"\t"+spaces+"1", spaces, spaces+"\v1")
	}
	for _, text := range texts {
		checkSkip(t, []byte(text))
		// All of the text has to be read, which is more than one value.
		dec := jsontext.NewDecoder(bytes.NewBuffer([]byte(text)), jsontext.AllowDuplicateNames(true))
		_, err := dec.ReadValue()
		if err == nil {
			if _, err = dec.ReadToken(); err == nil {
				err = errMore
			} else if err.Error() == "EOF" {
				err = nil
			}
		}
		x := newIndexer(&File{text: newText([]byte(text))}, 0)
		if got := x.document(); (got == nil) != (err == nil) {
			t.Errorf("%.60q: the indexer says %v, jsontext %v", text, got, err)
		}
		if t.Failed() {
			t.Fatalf("at %.60q", text)
		}
	}
}
