package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
)

// gate refuses a state that Heroku has drifted from, but for releases of what was
// resolved: those Terraform is to hear of now.
func gate(ctx context.Context, client *platform.Client, slugs *herokutf.Slugs, terraform func(io.Writer, ...string) error) error {
	var state bytes.Buffer
	if err := terraform(&state, "state", "pull"); err != nil || state.Len() == 0 {
		return err // without a state nothing was applied yet
	}
	f, err := statefile.Parse("terraform state pull", state.Bytes())
	if err != nil {
		return err
	}
	found, err := herokutf.DetectDrift(ctx, client, f, herokutf.DriftOptions{})
	if err == nil && slices.ContainsFunc(found.Objects, func(o herokutf.DriftObject) bool { return o.Verdict.IsDrift() && !slugs.Explains(o) }) {
		err = errors.New("nothing was planned: Heroku has drifted from the state; herokutf drift says where")
	}
	return err
}

// show reads a plan through Terraform.
func show(terraform func(io.Writer, ...string) error, file string) (*tfjson.Plan, error) {
	var out bytes.Buffer
	if err := terraform(&out, "show", "-json", file); err != nil {
		return nil, err
	}
	return herokutf.ParsePlan(file, out.Bytes())
}
