package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/tfconfig"
)

// An unreadModule is a module that a configuration calls and that can't be read.
type unreadModule struct {
	states []string // of which the configuration is; nil: of all
	module tfconfig.Module
}

// unreadModules are the modules of a configuration that weren't read.
func unreadModules(c *tfconfig.Config, states []string) (all []unreadModule) {
	for _, m := range c.Unfollowed() {
		all = append(all, unreadModule{states, m})
	}
	return all
}

// instanceKey is a key in an address.
var instanceKey = regexp.MustCompile(`\["(?:[^"\\]|\\.)*"\]|\[[0-9]+\]`)

// has reports whether an object of a state is in the module.
func (u unreadModule) has(o *herokutf.DriftObject) bool {
	return strings.HasPrefix(instanceKey.ReplaceAllString(o.Address, ""), u.module.Address+".") &&
		(u.states == nil || slices.Contains(u.states, o.State))
}

// noteUnread notes in a report which modules weren't read, of those that have objects in
// it: drift that Terraform is told to ignore there isn't left out.
func noteUnread(r *herokutf.DriftReport, unread []unreadModule) {
	for _, u := range unread {
		if slices.ContainsFunc(r.Objects, func(o herokutf.DriftObject) bool { return u.has(&o) }) {
			r.Notes = append(slices.Clone(r.Notes), u.note())
		}
	}
}

func (u unreadModule) note() string {
	where := ""
	if len(u.states) > 0 {
		where = " of " + strings.Join(u.states, ", ")
	}
	return fmt.Sprintf("what lifecycle.ignore_changes names in %s%s (%s) is not left out, as the module wasn't read: %s",
		u.module.Address, where, u.module.Source, u.module.Why)
}
