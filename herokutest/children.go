package herokutest

import (
	"errors"
	"net/http"
	"slices"
	"time"
)

// children are the objects of one kind that belong to a parent: the domains of an
// app, the members of a space.
type children[P, T any] struct {
	path   string // of their list, such as "/apps/{app}/domains"
	kind   string // in words, for errors
	parent func(*call) (P, error)
	of     func(P) *[]T
	// is reports whether the last step of a path names v.
	is   func(v *T, ref string) bool
	fill func(*Server, P, *T) error // completes one, or says why it is invalid
	wire func(*Server, P, *T) obj
	// fields are those the list can be sorted by, the first by default, and
	// updated dates one; nil leaves Last-Modified out.
	fields  []field[*T]
	updated func(*T) time.Time
}

// childOf is one of the objects that belong to a parent.
type childOf[P, T any] struct {
	parent P
	v      *T
}

// add completes v and gives it to p.
func (k children[P, T]) add(s *Server, p P, v T) (T, error) {
	if err := k.fill(s, p, &v); err != nil {
		return v, err
	}
	all := k.of(p)
	*all = append(*all, v)
	return v, nil
}

// fillAll completes those that p has.
func (k children[P, T]) fillAll(s *Server, p P) error {
	var errs []error
	all := *k.of(p)
	for i := range all {
		errs = append(errs, k.fill(s, p, &all[i]))
	}
	return errors.Join(errs...)
}

func (k children[P, T]) find(c *call) (childOf[P, T], error) {
	p, err := k.parent(c)
	if err != nil {
		return childOf[P, T]{}, err
	}
	v := findIn(*k.of(p), func(v *T) bool { return k.is(v, c.args["id"]) })
	if v == nil {
		return childOf[P, T]{}, notFound(k.kind)
	}
	return childOf[P, T]{p, v}, nil
}

func (k children[P, T]) show(c *call, x childOf[P, T]) any { return k.wire(c.Server, x.parent, x.v) }

// list registers the read of the list.
func (k children[P, T]) list() {
	list(k.path, k.parent, func(c *call, p P) listing[*T] {
		all := *k.of(p)
		l := listing[*T]{fields: k.fields, updated: k.updated, wire: func(v *T) obj { return k.wire(c.Server, p, v) }}
		for i := range all {
			l.items = append(l.items, &all[i])
		}
		return l
	})
}

// read registers the reads of the list and of one.
func (k children[P, T]) read() {
	k.list()
	get(k.path+"/{id}", k.find, func(c *call, x childOf[P, T]) any {
		if k.updated != nil {
			c.modified = k.updated(x.v)
		}
		return k.show(c, x)
	})
}

// remove registers the DELETE of one.
func (k children[P, T]) remove() { k.removeUnless(func(P, *T) error { return nil }) }

// removeUnless is remove where keep says of some why they have to stay.
func (k children[P, T]) removeUnless(keep func(P, *T) error) {
	remove(k.path+"/{id}", k.find, k.show, func(c *call, x childOf[P, T]) error {
		if err := keep(x.parent, x.v); err != nil {
			return err
		}
		all := k.of(x.parent)
		i := slices.IndexFunc(*all, func(v T) bool { return k.is(&v, c.args["id"]) })
		*all = slices.Delete(*all, i, i+1)
		return nil
	})
}

// create registers the POST of one, which from makes of a body.
func create[P, T, B any](k children[P, T], from func(p P, body B) (T, error)) {
	write("POST "+k.path, http.StatusCreated, k.parent, func(c *call, p P, in B) (any, error) {
		v, err := from(p, in)
		if err != nil {
			return nil, err
		}
		if v, err = k.add(c.Server, p, v); err != nil {
			return nil, err
		}
		return k.wire(c.Server, p, &v), nil
	})
}

// change registers the PATCH of one, which stays as it was if to fails.
func change[P, T, B any](k children[P, T], to func(c *call, p P, v *T, body B) error) {
	write("PATCH "+k.path+"/{id}", http.StatusOK, k.find, func(c *call, x childOf[P, T], in B) (any, error) {
		next := *x.v
		if err := to(c, x.parent, &next, in); err != nil {
			return nil, err
		}
		*x.v = next
		return k.show(c, x), nil
	})
}

// addChild is what the AddX methods for children share: parent finds what ref
// names, or panics.
func addChild[P, T any](s *Server, verb string, k children[P, T], parent func(s *Server, verb, ref string) P, ref string, v T) T {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, err := k.add(s, parent(s, verb, ref), clone(v))
	must(verb, err)
	return clone(v)
}
