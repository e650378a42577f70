package herokutest

import (
	"time"
)

// orNull is v, or null for the zero value.
func orNull[T comparable](v T) any {
	var zero T
	if v == zero {
		return nil
	}
	return v
}

// timeOrNull is a time as the API spells it, or null.
func timeOrNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return wireTime(t)
}

func wireTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// wordOrNull sends the word [Null] as null.
func wordOrNull(v string) any {
	if v == Null {
		return nil
	}
	return v
}

// nonNil keeps an empty list from becoming null.
func nonNil[T any](v []T) []T {
	if v == nil {
		return []T{}
	}
	return v
}

// user is a reference to a user; the UUID is derived from the address.
func (s *Server) user(email string) obj {
	return obj{"email": email, "id": s.fixedID("user", email)}
}

func (s *Server) named(kind, name string) obj {
	return obj{"id": s.fixedID(kind, name), "name": name}
}

func (s *Server) appObj(id string) obj {
	if a := s.state.apps[id]; a != nil {
		return obj{"id": a.ID, "name": a.Name}
	}
	return obj{"id": id, "name": ""}
}
