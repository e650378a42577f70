package herokutf

import (
	"cmp"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/herokutf/herokutf/internal/printable"
	"github.com/herokutf/herokutf/statefile"
)

// fingerprintPrefix begins every fingerprint, so that nobody takes one for a
// value.
const fingerprintPrefix = "secret:"

// fingerprintDomain keeps fingerprints apart from anything else that may be
// made with the same key. Another way to make them needs another one.
const fingerprintDomain = "herokutf drift fingerprint 1"

// A fingerprinter makes the texts that stand for secret values in reports. It
// can be used from many goroutines.
//
// Whoever has the key can try out values. Without it a fingerprint says
// nothing but whether two values of one place are the same.
type fingerprinter struct {
	// sum holds the key where nothing that prints looks.
	sum func(scope string, kind byte, value []byte) []byte
}

// newFingerprinter returns one with the key, which is copied. With an empty key
// it makes up one of its own.
func newFingerprinter(key []byte) *fingerprinter {
	if len(key) == 0 {
		key = make([]byte, sha256.Size)
		rand.Read(key) // never fails, see its documentation
	} else {
		key = append([]byte(nil), key...)
	}
	return &fingerprinter{sum: func(scope string, kind byte, value []byte) []byte {
		mac := hmac.New(sha256.New, key)
		// Every part has its length before it: no two different inputs are
		// the same bytes.
		for _, part := range [][]byte{[]byte(fingerprintDomain), []byte(scope), {kind}, value} {
			var length [8]byte
			binary.BigEndian.PutUint64(length[:], uint64(len(part)))
			mac.Write(length[:])
			mac.Write(part)
		}
		return mac.Sum(nil)
	}}
}

// of returns the fingerprint of v, a string, or nil if v is nil. Values are the
// same if their JSON is, with the members of objects sorted and the numbers as
// they were written. scope says where the value stands, by its address and
// path: the same value in two places has two fingerprints, so that a report
// doesn't say who shares a password.
func (f *fingerprinter) of(scope string, v any) any {
	if v == nil {
		return nil
	}
	// The bytes of a string count, since JSON would make one of all those
	// that are no UTF-8.
	kind, value := byte('s'), []byte(nil)
	if s, ok := v.(string); ok {
		value = []byte(s)
	} else if text, err := json.Marshal(v); err == nil {
		kind, value = 'j', text
	} else {
		// Nothing that JSON was decoded to; the error might quote it.
		kind, value = 'g', fmt.Appendf(nil, "%T %v", v, v)
	}
	// 64 bits are plenty to distinguish values, and still fit on a line.
	return fingerprintPrefix + hex.EncodeToString(f.sum(scope, kind, value)[:8])
}

// isFingerprint reports whether v is one, or nil.
func isFingerprint(v any) bool {
	if v == nil {
		return true
	}
	s, _ := v.(string)
	text, ok := strings.CutPrefix(s, fingerprintPrefix)
	return ok && len(text) == 16 && strings.Trim(text, "0123456789abcdef") == ""
}

// SensitiveDifference returns a difference between secret values, as [DetectDrift]
// makes them: with fingerprints of the key in State and Live, and the values where
// [DriftDifference.Values] alone finds them. scope says where the values stand, so
// that the same value in two places has two fingerprints. It is for reports that are
// made by hand, as in tests. The values must not be changed afterwards.
func SensitiveDifference(key []byte, scope string, path statefile.Path, state, live any) DriftDifference {
	return newFingerprinter(key).difference(scope, path, state, live)
}

// difference returns a difference between secret values.
func (f *fingerprinter) difference(scope string, path statefile.Path, state, live any) DriftDifference {
	return DriftDifference{
		Path:      path,
		State:     f.of(scope, state),
		Live:      f.of(scope, live),
		Sensitive: true,
		values:    func() (any, any) { return state, live },
	}
}

// plain returns the real values: of a secret those behind the fingerprints, as
// far as d has them.
func (d DriftDifference) plain() (state, live any) {
	if d.values == nil {
		return d.State, d.Live
	}
	return d.values()
}

// Values returns the two values as a report may show them: of a secret the
// fingerprints, or the values behind them if secrets asks for these and they are
// known, which they aren't in a report that was read back. clear reports whether
// the values are such as they are and no fingerprints.
//
// A difference that is marked sensitive and yet holds something else than
// fingerprints, which can only be made by hand, has "secret" instead.
func (d DriftDifference) Values(secrets bool) (state, live any, clear bool) {
	if !d.Sensitive || secrets && d.values != nil {
		state, live = d.plain()
		return state, live, true
	}
	state, live = d.State, d.Live
	if !isFingerprint(state) {
		state = "secret"
	}
	if !isFingerprint(live) {
		live = "secret"
	}
	return state, live, false
}

// Title returns the object's address, or its type and what people call it where it
// has none. It is printable.
func (o *DriftObject) Title() string {
	if o.Address != "" {
		return printable.Text(o.Address)
	}
	return printable.Text(strings.TrimSpace(o.Type + " " + cmp.Or(o.Label, o.ID)))
}

// String returns the object and its verdict on one line, without values.
func (o DriftObject) String() string {
	s := o.Title() + ": " + o.Verdict.String()
	if n := len(o.Differences); n > 0 {
		s += " (" + printable.Count(n, "difference") + ")"
	}
	return s
}
