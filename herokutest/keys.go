package herokutest

import (
	"crypto/md5"
	"encoding/base64"
	"fmt"
	"strings"
	"time"
)

// Key is a public SSH key of an account.
type Key struct {
	ID        string    `json:"id,omitempty"`
	PublicKey string    `json:"public_key"` // as in a file: type, key and comment
	CreatedAt time.Time `json:"created_at,omitzero"`
	UpdatedAt time.Time `json:"updated_at,omitzero"`
}

var keys = children[*Account, Key]{
	path: "/account/keys", kind: "key",
	parent: (*call).me,
	of:     func(a *Account) *[]Key { return &a.Keys },
	is:     func(v *Key, ref string) bool { return v.ID == ref || v.fingerprint() == ref },
	fill: func(s *Server, a *Account, v *Key) error {
		if len(strings.Fields(v.PublicKey)) < 2 {
			return fmt.Errorf("a public key has a type, the key itself and a comment")
		}
		s.date(&v.CreatedAt, &v.UpdatedAt)
		return s.ident(&v.ID, "key", a.Email)
	},
	wire: func(_ *Server, a *Account, v *Key) obj {
		comment := ""
		if parts := strings.Fields(v.PublicKey); len(parts) > 2 {
			comment = strings.Join(parts[2:], " ")
		}
		return obj{
			"comment":     comment,
			"created_at":  wireTime(v.CreatedAt),
			"email":       a.Email,
			"fingerprint": v.fingerprint(),
			"id":          v.ID,
			"public_key":  v.PublicKey,
			"updated_at":  wireTime(v.UpdatedAt),
		}
	},
	fields:  byID(func(v *Key) string { return v.ID }),
	updated: func(v *Key) time.Time { return v.UpdatedAt },
}

// fingerprint is the MD5 sum of the key, as ssh-keygen -E md5 shows it.
func (v *Key) fingerprint() string {
	parts := strings.Fields(v.PublicKey)
	if len(parts) < 2 {
		return ""
	}
	data, err := base64.StdEncoding.DecodeString(parts[1])
	if err != nil {
		data = []byte(parts[1])
	}
	sum := md5.Sum(data)
	return strings.ReplaceAll(fmt.Sprintf("% x", sum), " ", ":")
}

func keyRoutes() {
	type body struct {
		PublicKey string `json:"public_key"`
	}
	keys.read()
	create(keys, func(_ *Account, in body) (Key, error) { return Key{PublicKey: strings.TrimSpace(in.PublicKey)}, nil })
	keys.remove()
}
