package herokutf

import (
	"errors"
	"slices"
	"testing"

	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/platform"
)

// TestPathsOfNoID: what has to be an id and would lead to another path is an error, and no
// empty answer. Nothing is asked for: there is no client.
func TestPathsOfNoID(t *testing.T) {
	ctx, r := t.Context(), newReader(nil)
	for _, id := range []string{"", ".", "..", "a\nb"} {
		s := &settler{}
		for name, err := range map[string]error{
			"a list":           r.list(ctx, provider.Domains, steps{"app": id}).err,
			"a list by age":    r.newest(ctx, provider.Releases, steps{"app": id}, 10, func([]any) bool { return true }).err,
			"an element":       r.each(ctx, provider.Apps, id).err,
			"an app":           second(s.describe(ctx, &coupledApp{NamedID: NamedID{ID: id}})),
			"releases":         second(s.search(ctx, &coupledApp{NamedID: NamedID{ID: id}})),
			"a slug of an app": second(built(ctx, nil, id, KindSlug, n(1))),
			"a slug":           second(built(ctx, nil, n(1), KindSlug, id)),
			"pins":             (&pinCheck{}).pipeline(ctx, id, []*Artifact{{Value: n(1)}, {Value: n(2)}}),
			"a pipeline":       (&resolver{}).readPipeline(ctx, &livePipeline{id: id}, nil),
		} {
			if _, ok := errors.AsType[*platform.InvalidNameError](err); !ok {
				t.Errorf("%s of %q: %v, want an *InvalidNameError", name, id, err)
			}
		}
	}
}

func second[T any](_ T, err error) error { return err }

// TestDecodersForget: a decoder doesn't keep the names and the objects of all answers that
// there ever were.
func TestDecodersForget(t *testing.T) {
	object := func(i int) []byte { return []byte(`[{"` + n(i) + `": {"x": "` + n(i) + `"}}]`) }
	for i := range 3 * most {
		if _, err := decodeAnswer(object(i)); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // one is for what is within the others' objects
		d := decoders.Get().(*decoder)
		defer decoders.Put(d)
		if len(d.names) > most+2 || len(d.shared) > most+2 {
			t.Errorf("a decoder has %d names and %d objects", len(d.names), len(d.shared))
		}
	}
}

// TestTopRefs: the references that are an attribute by themselves are in no list.
func TestTopRefs(t *testing.T) {
	for res := range provider.All() {
		all := slices.Collect(topRefs(res))
		for _, ref := range all {
			if len(ref.Path) != 1 {
				t.Errorf("%s: %v", res.Type, ref.Path)
			}
		}
		if want := len(slices.DeleteFunc(slices.Concat(res.Names.Refs, res.UUIDs.Refs), func(ref provider.Ref) bool { return len(ref.Path) != 1 })); len(all) != want {
			t.Errorf("%s: %d references, want %d", res.Type, len(all), want)
		}
	}
}
