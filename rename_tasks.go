package herokutf

import (
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/herokutf/herokutf/internal/provider"
)

// A renameTask is a rename, and what became of it.
type renameTask struct {
	Rename
	id string // ID in lower case
	// done: nothing that belongs to the app has the old name any more.
	done bool
}

// renameTasks are the renames of one call that fit together.
type renameTasks struct {
	all   []*renameTask
	byOld map[string][]*renameTask
	byNew map[string]*renameTask // the last of each
}

func newRenameTasks() renameTasks {
	return renameTasks{byOld: make(map[string][]*renameTask), byNew: make(map[string]*renameTask)}
}

// add takes a rename in, unless it is there already or can't be meant.
func (l *renameTasks) add(r Rename) (added bool, err error) {
	if err := checkRename(r); err != nil {
		return false, err
	}
	if slices.ContainsFunc(l.byOld[r.Old], func(before *renameTask) bool { return before.Rename == r }) {
		return false, nil
	}
	t := &renameTask{Rename: r, id: strings.ToLower(r.ID)}
	if reason := l.against(t); reason != "" {
		return false, badRename(r, reason)
	}
	l.byNew[r.New] = t
	l.byOld[r.Old] = append(l.byOld[r.Old], t)
	l.all = append(l.all, t)
	return true, nil
}

func checkRename(r Rename) error {
	for _, name := range []string{r.Old, r.New} {
		if !provider.IsAppName(name) {
			return badRename(r, quoteAll([]string{name})+" is not an app name: 3 to 30 of a-z, 0-9 and -, beginning with a letter and not ending with -")
		}
	}
	switch {
	case r.Old == r.New:
		return badRename(r, "both names are the same")
	case r.ID != "" && !provider.IsUUID(r.ID):
		return badRename(r, quoteAll([]string{r.ID})+" is not a UUID")
	case r.WebURL != "" && !isWebURL(r.WebURL):
		return badRename(r, quoteAll([]string{r.WebURL})+" is not a web address")
	}
	return nil
}

func isWebURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && utf8.ValidString(s)
}

// against holds a rename against others before it, and returns what is wrong; "" if
// nothing is. Two apps may have the same old name, one having taken it from the other;
// then their UUIDs decide.
func (l *renameTasks) against(t *renameTask) string {
	for _, before := range l.byOld[t.Old] {
		switch {
		case before.New == t.New:
			return "given twice, with different UUIDs or addresses"
		case before.id == "" || t.id == "" || before.id == t.id:
			return "renamed to " + quoteAll([]string{before.New}) + " as well"
		}
	}
	// An app that was renamed twice may have both old names in the state.
	if sameNew := l.byNew[t.New]; sameNew != nil && (t.id == "" || t.id != sameNew.id) {
		return quoteAll([]string{sameNew.Old}) + " is renamed to the same name"
	}
	return ""
}

// of returns the rename that applies to a name at an instance, or nil.
func (l *renameTasks) of(a *appRef, name string) *renameTask {
	for _, t := range l.byOld[name] {
		if !t.done && t.concerns(a) {
			return t
		}
	}
	return nil
}

// ofApp returns the rename that an app was, is or will be subject to: what
// follows from its name may be out of date even if the name isn't.
func (l *renameTasks) ofApp(a *appRef) *renameTask {
	for _, name := range a.names {
		if t := l.of(a, name); t != nil {
			return t
		}
	}
	for _, t := range l.all {
		if t.id != "" && t.id == a.id {
			return t
		}
	}
	for _, t := range l.all {
		if t.concerns(a) && slices.Contains(a.names, t.New) {
			return t
		}
	}
	return nil
}
