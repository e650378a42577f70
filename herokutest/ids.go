package herokutest

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"
)

// digest derives 32 bytes from the seed and what they are for.
func (s *Server) digest(kind, key string, n int) [32]byte {
	b := binary.BigEndian.AppendUint64(nil, s.opts.Seed)
	b = append(b, kind+"\x00"+key+"\x00"+strconv.Itoa(n)...)
	return sha256.Sum256(b)
}

// kinds are those of [Seed.IDs].
var kinds = []string{"addon-service", "dyno-size", "generation", "plan", "region", "stack", "user"}

func (st *state) setID(kind, name, id string) {
	if st.ids == nil {
		st.ids = map[string]map[string]string{}
	}
	if st.ids[kind] == nil {
		st.ids[kind] = map[string]string{}
	}
	st.ids[kind][name] = id
}

// fixedID is the UUID that something always has: a region, a user.
func (s *Server) fixedID(kind, key string) string {
	if id := s.state.ids[kind][key]; id != "" {
		return id
	}
	return uuid(s.digest(kind, key, 0))
}

// newID is a UUID that wasn't given out before, and that no seed brought along.
func (s *Server) newID(kind, key string) string {
	for {
		if id := uuid(s.digest(kind, key, s.serial(kind, key))); !s.seeded[id] {
			return id
		}
	}
}

func (s *Server) serial(kind, key string) int {
	s.serials[kind+"\x00"+key]++
	return s.serials[kind+"\x00"+key]
}

// newHex is n hex digits that weren't given out before, and that no seed brought
// along.
func (s *Server) newHex(kind, key string, n int) string {
	for {
		if digits := fmt.Sprintf("%x", s.digest(kind, key, s.serial(kind, key)))[:n]; !s.seeded[digits] {
			return digits
		}
	}
}

// keepClear notes the identifiers of a seed. A server with the same options made
// them up, if the seed is its snapshot, and this one would make them up again.
func (s *Server) keepClear(seed Seed) {
	text, err := json.Marshal(seed)
	if err != nil {
		panic("herokutest: a seed has no JSON: " + err.Error())
	}
	for id := range identifiers(text) {
		s.seeded[id] = true
	}
}

// identifiers yields what a text has of UUIDs and of six and more hex digits in a
// row. Regular expressions take half the time of a test with a seed.
func identifiers(text []byte) iter.Seq[string] {
	isHex := func(b byte) bool { return '0' <= b && b <= '9' || 'a' <= b && b <= 'f' }
	return func(yield func(string) bool) {
		for start := 0; start < len(text); {
			end := start
			for end < len(text) && isHex(text[end]) {
				end++
			}
			if end-start >= 6 && !yield(string(text[start:end])) {
				return
			}
			// A UUID begins with the last eight digits before a dash.
			if at := end - 8; at >= start && at+36 <= len(text) && text[end] == '-' && uuidForm.Match(text[at:at+36]) {
				if !yield(string(text[at : at+36])) {
					return
				}
			}
			start = end + 1
		}
	}
}

func uuid(sum [32]byte) string {
	sum[6] = sum[6]&0x0f | 0x40 // version 4
	sum[8] = sum[8]&0x3f | 0x80 // variant of RFC 9562
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[0:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// ident fills in or checks an identifier.
func (s *Server) ident(id *string, kind, key string) error {
	if *id == "" {
		*id = s.newID(kind, key)
	}
	if *id = strings.ToLower(*id); !uuidForm.MatchString(*id) {
		return fmt.Errorf("%s id %q is no UUID", kind, *id) // without key, which may be a secret URL
	}
	return nil
}

// stamp is the server's time in the API's precision.
func (s *Server) stamp() time.Time { return s.now().UTC().Truncate(time.Second) }

// date fills in the dates of something new.
func (s *Server) date(created, updated *time.Time) {
	if created.IsZero() {
		*created = s.stamp()
	}
	if updated.IsZero() {
		*updated = *created
	}
	*created, *updated = created.UTC().Truncate(time.Second), updated.UTC().Truncate(time.Second)
}
