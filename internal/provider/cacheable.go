package provider

import (
	"slices"
	"strings"
)

// Cacheable reports whether the answer to a GET of the path, as it is escaped
// in the request, may be kept on disk: it is one of the lists of the table,
// and not a secret one. Steps before the first that begins a path of the table
// are those of the API's address. What the table doesn't know may hold
// secrets, so it is not cacheable.
func Cacheable(path string) bool {
	rest, ok := strings.CutPrefix(path, "/")
	if !ok {
		return false
	}
	steps := strings.Split(rest, "/")
	for i := range steps {
		known, cacheable := false, false
		for l := NoList + 1; l < lists; l++ {
			s := l.Source()
			pattern := strings.Split(s.Path[1:], "/")
			known = known || pattern[0] == steps[i]
			if !slices.EqualFunc(pattern, steps[i:], fills) {
				continue
			}
			if s.Secret {
				return false
			}
			cacheable = true
		}
		if known {
			return cacheable
		}
	}
	return false
}

// fills reports whether a step of a path is what a pattern has there.
func fills(pattern, step string) bool {
	if strings.HasPrefix(pattern, "{") {
		return step != "" && step != "." && step != ".."
	}
	return pattern == step
}
