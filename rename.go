package herokutf

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"slices"

	"github.com/herokutf/herokutf/statefile"
)

// A Rename says that a Heroku app has another name than a state knows it by.
type Rename struct {
	// ID is the app's UUID; "" if it isn't known. With it, an app that has
	// the old name but another UUID is left alone.
	ID string `json:"id"`

	Old string `json:"old"` // the name in the state
	New string `json:"new"` // the name on Heroku

	// WebURL is the app's address as the API has it now, such as
	// https://new-name-0123456789ab.herokuapp.com/. It can't be computed
	// from the name. "": unknown, and what depends on it stays as it is.
	WebURL string `json:"web_url,omitempty"`
}

// A Change is an edit of one field of a state.
type Change struct {
	Address string `json:"address"` // of the instance, as Terraform spells it
	// Path leads from the instance's attributes to the field. The schema
	// version, which stands beside the attributes, has the path
	// schema_version. In a version 3 state the path id can stand twice, for
	// the attribute and for the instance's own id.
	Path statefile.Path `json:"path"`
	// Old and New are what stands there, as JSON has it, with numbers as
	// json.Number; nil where nothing stands. A list, a map or null in the
	// place of an app, and what was or becomes a list, are described by a
	// word, such as "map".
	Old any `json:"old"`
	New any `json:"new"`
}

// UnmarshalJSON reads what encoding/json makes of a change, with numbers as
// json.Number.
func (c *Change) UnmarshalJSON(data []byte) error {
	type plain Change // without this method
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	return dec.Decode((*plain)(c))
}

// A Leftover is a place in a state that stays as it is: one that holds an old
// name and that nothing says ought to follow ([Repair.Mentions]), or one that is
// out of date and whose new value isn't known ([Repair.Left],
// [Acceptance.Left]).
type Leftover struct {
	// Address is that of an instance or an output; "" for a place in
	// neither.
	Address string `json:"address"`
	// Path leads from the instance's attributes, from the output's value,
	// or, without an address, from the beginning of the document.
	Path statefile.Path `json:"path"`
	// Reason says why it stays; "" for mentions, which all stay for the same.
	Reason string `json:"reason,omitempty"`
}

// A Note is something to know about an instance before its new state is used.
type Note struct {
	Address string `json:"address"`
	Text    string `json:"text"`
}

// A Repair is what has to change in a state, and what was found on the way. It
// changes nothing by itself; [Repair.Apply] does.
type Repair struct {
	// File is the state the repair is for.
	File *statefile.File
	// Renames are those asked for, each once, in the order given.
	Renames []Rename
	// Done are those of the Renames that the state has made already, as far as
	// its names say: it has the new one alone. [UpgradeOptions.Seen] asks
	// for more than that. Nil if there are none.
	Done []Rename
	// Changes are the edits, in document order; nil if there is nothing to
	// do.
	Changes []Change
	// Mentions are places that hold an old name, as a whole word or as the
	// beginning of the app's herokuapp.com host, in their value or as the
	// key that leads to it, and stay as they are: nothing says whether the
	// name ought to follow there. Many are remote values, such as config
	// vars, which are to be changed where they are set. Those in instances
	// and outputs come in document order, then all others. Nil if there are
	// none.
	Mentions []Leftover
	// Left are the fields that stay out of date, in document order: the
	// app's address where [Rename.WebURL] isn't given. Nil if there are
	// none. The next refresh corrects them.
	Left []Leftover
	// Notes, in document order, are those of [UpgradeAppIDs]; nil if there
	// are none.
	Notes []Note
	// Legacy says that the state doesn't say from where its provider comes, as
	// those of Terraform up to 0.12 don't. Before a newer Terraform plans it
	// wants
	//
	//	terraform state replace-provider -- -/heroku heroku/heroku
	Legacy bool

	edits []statefile.Edit
	// holders are the instances that may hold one of the names, in document order; nil
	// if that isn't known.
	holders []*statefile.Instance
}

// RepairRename finds out what has to change in a state for apps that were
// renamed on Heroku.
//
// The fields are those in which the heroku/heroku provider keeps an app's name:
// id, name, app and app_id, the part of an id that is an app, and git_url,
// web_url and heroku_hostname of an app; in managed and data resources, in
// every module, counted, for_each'd or deposed, in state versions 3 and 4, with
// the names of provider 4 and older as with the UUIDs of provider 5. A field
// changes only if the old name is the whole of it, or the whole of the part
// that is the app. UUIDs, values of config vars, and whatever merely has the
// same text stay. What else holds an old name is listed in [Repair.Mentions].
//
// All renames happen at once, so a swap (a to b, b to a) and a chain (a to b,
// b to c) come out right. A rename whose old name is gone and whose new name is
// there already is done, and a state that is half done gets completed; so a
// second run finds nothing to change. The exception is a swap or a chain
// without UUIDs: nothing in the names says that it was done before.
//
// All renames that can't be made are reported, joined, each as a [*RenameError]
// with [ErrBadRename], [ErrAppNotInState], [ErrBothInState] or
// [ErrAmbiguousApp]; there is no Repair then. A nil file is an error.
func RepairRename(f *statefile.File, renames ...Rename) (*Repair, error) {
	return repair(f, UpgradeOptions{Renames: renames})
}

func repair(f *statefile.File, opts UpgradeOptions) (*Repair, error) {
	if err := needFile("repair renames", f); err != nil {
		return nil, err
	}
	if err := checkAddonIDs(opts.AddonIDs); err != nil {
		return nil, err
	}
	p, err := newPlanner(f, opts.Renames)
	if err != nil {
		return nil, err
	}
	// Most instances of a large state have nothing to do with the renames.
	// What doesn't hold any of the names isn't even looked at.
	both := make(wordSet)
	for _, t := range p.renames.all {
		both.add(t.Old, t.New)
	}
	instances, elsewhere := both.locate(f)
	for _, inst := range instances {
		p.see(inst)
	}
	if err := p.resolve(); err != nil {
		return nil, err
	}
	for _, a := range p.index.refs {
		p.rename(a)
	}
	p.repairAddons(opts.AddonIDs)
	r := p.finish(elsewhere)
	r.holders = append([]*statefile.Instance{}, instances...)
	if err := r.checkSeen(opts.Seen); err != nil {
		return nil, err
	}
	return r, nil
}

// Apply makes the changes and returns the new state, with the serial raised by
// one. Nothing else differs: package statefile proves that on the result, see
// [statefile.File.Apply]. Without changes it returns the repair's own File. A
// repair that is nil, or that no function of this package has made, is an error.
func (r *Repair) Apply() (*statefile.File, error) {
	if r == nil || r.File == nil {
		return nil, errors.New("apply a repair: it has no state")
	}
	return r.File.Apply(r.edits...)
}

// Equal reports whether two repairs are for the same bytes and say the same. It
// lets [github.com/google/go-cmp/cmp] compare them without options.
func (r Repair) Equal(other Repair) bool {
	leftover := func(a, b Leftover) bool {
		return a.Address == b.Address && a.Path.Equal(b.Path) && a.Reason == b.Reason
	}
	return sameBytes(r.File, other.File) && slices.Equal(r.Renames, other.Renames) && slices.Equal(r.Done, other.Done) &&
		slices.EqualFunc(r.Changes, other.Changes, func(a, b Change) bool {
			return a.Address == b.Address && a.Path.Equal(b.Path) && reflect.DeepEqual(a.Old, b.Old) && reflect.DeepEqual(a.New, b.New)
		}) &&
		slices.EqualFunc(r.Mentions, other.Mentions, leftover) && slices.EqualFunc(r.Left, other.Left, leftover) &&
		slices.Equal(r.Notes, other.Notes)
}

func sameBytes(a, b *statefile.File) bool {
	if a == nil || b == nil {
		return a == b
	}
	return bytes.Equal(a.Bytes(), b.Bytes())
}
