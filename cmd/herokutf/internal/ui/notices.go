package ui

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/herokutf/herokutf/platform"
)

// A notice is something that happened to a request, and may happen to hundreds
// of them.
type notice struct {
	alike string // what it has in common with others
	one   string // said of one
	many  string // said of several, behind their number
}

// again says that a request failed and is sent again.
func again(e platform.Event) notice {
	why := cause(e)
	return notice{
		alike: "again " + why,
		one:   fmt.Sprintf("%s %s failed and was sent again: %s", e.Method, e.Path, why),
		many:  fmt.Sprintf("failed and were sent again, %s %s first: %s", e.Method, e.Path, why),
	}
}

// warning says what the API wants to be known.
func warning(e platform.Event) notice {
	return notice{
		alike: "warning " + e.Message,
		one:   fmt.Sprintf("Heroku says of %s %s: %s", e.Method, e.Path, e.Message),
		many:  fmt.Sprintf("have a warning of Heroku's, %s %s first: %s", e.Method, e.Path, e.Message),
	}
}

// What differs from one failure to the next: how often the request was sent,
// and the port of this machine.
var single = regexp.MustCompile(`^\d+ attempts: |\S+->`)

// cause is why the request of e failed, without what is the request's alone.
func cause(e platform.Event) string {
	if e.Err == nil {
		return "no reason is known"
	}
	return single.ReplaceAllString(strings.TrimPrefix(e.Err.Error(), e.Method+" "+e.Path+": "), "")
}

// notices counts those that are alike.
type notices struct {
	order []notice // one of each kind, as they came
	count map[string]int
}

func (n *notices) add(one notice) {
	if n.count == nil {
		n.count = make(map[string]int)
	}
	if n.count[one.alike] == 0 {
		n.order = append(n.order, one)
	}
	n.count[one.alike]++
}

// take returns a line for each kind, and forgets them.
func (n *notices) take() []string {
	var lines []string
	for _, one := range n.order {
		if count := n.count[one.alike]; count == 1 {
			lines = append(lines, one.one)
		} else {
			lines = append(lines, fmt.Sprintf("%d requests %s", count, one.many))
		}
	}
	*n = notices{}
	return lines
}
