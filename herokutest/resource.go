package herokutest

import (
	"net/http"
	"time"
)

// resource is what has a path of its own, such as /teams/{team}: not what is
// known below something else only.
type resource interface{ head() head }

// head is what all of them have.
type head struct {
	id, name *string
	updated  *time.Time
}

func (a *App) head() head      { return head{&a.ID, &a.Name, &a.UpdatedAt} }
func (x *Addon) head() head    { return head{&x.ID, &x.Name, &x.UpdatedAt} }
func (p *Pipeline) head() head { return head{&p.ID, &p.Name, &p.UpdatedAt} }
func (x *Space) head() head    { return head{&x.ID, &x.Name, &x.UpdatedAt} }
func (t *Team) head() head     { return head{&t.ID, &t.Name, &t.UpdatedAt} }

// visible lists those of all that aren't denied and that keep accepts; nil
// accepts all.
func visible[T resource](c *call, all []T, wire func(T) obj, keep func(T) bool) listing[T] {
	l := listing[T]{
		fields:  byIDAndName(func(v T) string { return *v.head().id }, func(v T) string { return *v.head().name }),
		wire:    wire,
		updated: func(v T) time.Time { return *v.head().updated },
	}
	for _, v := range all {
		if !c.denied(*v.head().id) && (keep == nil || keep(v)) {
			l.items = append(l.items, v)
		}
	}
	return l
}

// getResource registers the GET of a resource, which dates the answer.
func getResource[T resource](path string, find func(*call) (T, error), wire func(*Server, T) obj) {
	get(path, find, func(c *call, v T) any {
		c.modified = *v.head().updated
		return wire(c.Server, v)
	})
}

// renameResource registers the PATCH that gives a resource another name: rename
// stores it, or says why it can't.
func renameResource[T resource](path string, find func(*call) (T, error), wire func(*Server, T) obj, rename func(c *call, v T, name string) error) {
	type body struct {
		Name string `json:"name"`
	}
	write("PATCH "+path, http.StatusOK, find, func(c *call, v T, in body) (any, error) {
		if in.Name != "" {
			if err := rename(c, v, in.Name); err != nil {
				return nil, err
			}
		}
		*v.head().updated = c.stamp()
		return wire(c.Server, v), nil
	})
}
