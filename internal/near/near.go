// Package near finds the names that somebody may have meant.
package near

import (
	"cmp"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
)

// Most is how many names [Names] returns at the most.
const Most = 3

// shortest is the length from which on a name that contains another one is
// near: "api" is in too many.
const shortest = 4

// Names returns those of known that are spelled much like name, the nearest
// first and among equals by name, each once, three at the most; nil if there is
// none. What is name itself is left out. A third of the longer name's letters
// may differ, or one name may be a part of the other.
func Names(name string, known []string) []string {
	type candidate struct {
		name     string
		distance int
	}
	var all []candidate
	for _, k := range known {
		if k == name {
			continue
		}
		within := min(len(name), len(k)) >= shortest && (strings.Contains(k, name) || strings.Contains(name, k))
		// The distance is no less than the difference in length, which costs
		// nothing to know.
		if longer := max(len(name), len(k)); !within && 3*(longer-min(len(name), len(k))) > longer {
			continue
		}
		d := distance(name, k)
		if within || 3*d <= max(len(name), len(k)) {
			all = append(all, candidate{k, d})
		}
	}
	slices.SortFunc(all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.name, b.name))
	})
	all = slices.Compact(all)
	var names []string
	for _, c := range all[:min(len(all), Most)] {
		names = append(names, c.name)
	}
	return names
}

// distance counts the letters to insert, to leave out or to change.
func distance(a, b string) int {
	// What both begin and end with makes no difference, and names of one
	// account have much of it.
	for a != "" && b != "" && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for a != "" && b != "" && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return levenshtein.Distance(a, b, nil)
}
