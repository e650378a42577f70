package herokutf

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/platform"
)

// parents are what objects that belong to no app belong to: by the step of a list's path,
// the list that has them.
var parents = map[string]provider.List{"space": provider.Spaces, "pipeline": provider.Pipelines}

// followSpace looks a subject up under the UUID of its space where a state has the space
// and knows it by another name than it bears now, and reports that as a difference.
func (c *comparison) followSpace(ctx context.Context, s *subject) {
	if !s.list().Source().Needs("space") || !c.account[provider.Spaces] {
		return
	}
	name := s.steps()["space"]
	if provider.IsUUID(name) || s.res.Attr("space") == nil {
		return
	}
	for _, other := range c.inv.subjects {
		if other.object.Type != provider.Space || provider.Text(other.attrs.Value("name")) != name {
			continue
		}
		live := c.reader.list(ctx, provider.Spaces, nil).byID[strings.ToLower(other.object.ID)]
		now := provider.Text(provider.Find(live, "name"))
		if live == nil || now == "" || now == name {
			continue
		}
		s.space = other.object.ID
		s.object.Differences = append(s.object.Differences, DriftDifference{Path: s.attrs.path("space", ""), State: name, Live: now})
		s.object.Reason = fmt.Sprintf("its space was renamed from %s to %s", name, now)
		return
	}
}

// orphan gives a subject the verdict of the space or the pipeline that it belongs to, if
// that is gone: err, why the subject couldn't be read, doesn't say so.
func (c *comparison) orphan(ctx context.Context, s *subject, err error) error {
	if !errors.Is(err, platform.ErrNotFound) {
		return err
	}
	source := s.list().Source()
	for step, list := range parents {
		if !source.Needs(step) {
			continue
		}
		ref := s.steps()[step]
		if c.account[list] {
			all := c.reader.list(ctx, list, nil)
			if all.byID[strings.ToLower(ref)] != nil || all.where("name", ref) != nil {
				return err
			}
		}
		parent := c.reader.each(ctx, list, ref)
		if !errors.Is(parent.err, platform.ErrNotFound) {
			return err
		}
		// A token that sees nothing gets this answer too. Where nothing else is read,
		// the list says which it is.
		if c.reader.failed() != nil {
			c.reader.list(ctx, list, nil)
		}
		s.object.Verdict, s.object.Reason = Missing, fmt.Sprintf("its %s is gone: Heroku has no %s %s", step, step, ref)
		return nil
	}
	return err
}
