package herokutf

import (
	"context"
	"errors"
	"fmt"

	"github.com/herokutf/herokutf/platform"
	"github.com/herokutf/herokutf/statefile"
	"github.com/herokutf/herokutf/tfconfig"
)

// AdoptOptions say what is to come under Terraform, and how. Something has to be
// chosen: an app, a pipeline, a team, a space, or all.
type AdoptOptions struct {
	// Apps are names or UUIDs of apps.
	Apps []string
	// Pipelines are names or UUIDs of pipelines: each with its apps, but for review
	// and test apps.
	Pipelines []string
	// Teams are names of teams: each with its apps, and with its members that aren't
	// admins.
	Teams []string
	// Spaces are names or UUIDs of Private Spaces: each with its apps, its network,
	// and who may use it.
	Spaces []string
	// All chooses every app, pipeline and space that the token sees.
	All bool

	// Skip are kinds that aren't adopted, words of [DriftKinds] other than
	// "identity". Nil or empty: none.
	Skip []string

	// Others are other states: what they manage is left to them. Nil: none.
	Others []*statefile.File

	// Config is the configuration of the folder that the files are for: names in it
	// are taken, and its provider is used. Nil: the folder has none, and the files
	// declare the provider.
	Config *tfconfig.Config

	// File is the name of one file for the configuration of all that is adopted, such
	// as adopted.tf. "": a file an app, a pipeline, a Private Space or a team.
	File string

	// NoConfigVars leaves the config vars of apps and pipelines on Heroku.
	NoConfigVars bool
	// ConfigAssociation adopts config vars as heroku_app_config_association and not
	// as sensitive_config_vars of the app.
	ConfigAssociation bool
	// ImportBlocks adopts by import blocks in the files whatever can be, and by
	// instances in the state only what can't.
	ImportBlocks bool

	// Progress is called before the first request for a single app, with an estimate
	// of what is to come, and then whenever an app was read, one call at a time. It
	// holds the work up: return soon. Default: nothing is called.
	Progress func(DriftProgress)
}

// An Adoption is what [Adopt] has found, and what has to be written for it. It
// changes nothing by itself: [Adoption.Apply] makes a new state, and the files are
// for the caller to write, before the state.
type Adoption struct {
	// Objects are what is adopted, in the order in which the configuration has it:
	// by app, and within each by kind, age and id. Never nil.
	Objects []AdoptObject
	// Left are the objects that were seen and aren't adopted, each with its reason.
	// Nil if there are none.
	Left []AdoptObject
	// Files are the files to write, by name, none of which is in the folder. Nil if
	// there is nothing to write.
	Files []tfconfig.NewFile
	// Pending are the names of files of the configuration that an earlier run has
	// written: what they declare goes into the state now. Nil if there are none.
	Pending []string
	// Notes are about values that Heroku doesn't return, and about what else is to
	// be known of an adopted object, by address. Nil if there are none.
	Notes []Note
	// Warnings concern the whole, such as a list that couldn't be read, in sentences
	// without a full stop. Nil if there are none.
	Warnings []string
	// Requests is how many requests were sent, repetitions included.
	Requests int

	instances []statefile.NewInstance
}

// An AdoptObject is an object on Heroku that is adopted, or that is left out.
type AdoptObject struct {
	// Address is where it stands in the state, from now on or, with Reason, in the
	// state that manages it; "" for what no state has.
	Address string `json:"address"`
	Type    string `json:"type"` // such as "heroku_app"
	App     string `json:"app"`  // the name of its app; "" for what belongs to none
	ID      string `json:"id"`   // on Heroku
	// Label is what people call it: a hostname, a process type, the name of an
	// add-on. "" if there is nothing better than the ID.
	Label string `json:"label"`
	// Detail is what else an inventory says of it, such as an add-on's plan or a
	// formation's quantity and size; "" for nothing. It holds no secret.
	Detail string `json:"detail"`
	// ImportID is what "terraform import" takes for it; "" if it can't be imported.
	ImportID string `json:"import_id"`
	// Import says that an import block of the files adopts it, and not the state.
	Import bool `json:"import"`
	// Reason says why it is left out, without a full stop; "" for what is adopted.
	Reason string `json:"reason"`
	// State is the name of the state that manages it; "" if none does.
	State string `json:"state"`
}

// Adopt finds out what has to be written for apps that were made by hand to come under
// Terraform: a configuration, and instances for a state. f is the state of the folder,
// nil if there is none yet.
//
// It sends GET requests alone, lists of the whole account first. What a state manages
// already is left to it, and so is what Heroku and add-ons make by themselves: default
// domains, add-ons' config vars and drains, an add-on's first attachment, review apps,
// events such as releases and builds. Of each there is an entry in [Adoption.Left], with
// the reason. Certificates are looked for where a domain uses one, and of review app
// configurations Heroku doesn't return the repository, so that these are left.
//
// The instances are whole, as Terraform with provider 5 would have written them: a plan
// has no changes, whether it refreshes or not, an apply sends nothing, and a destroy has
// the right order. Config vars become sensitive_config_vars = var.APP_config_vars. In
// the configuration objects refer to each other, nothing is said that is a default, and
// secrets are variables, whose values stand in files of their own
// ([tfconfig.NewFile]).
//
// The result depends on what is there alone: names are numbered by age. A second run,
// with the files and the state of the first, finds nothing to do; with the files alone,
// it finds what is to be inserted into the state ([Adoption.Pending]).
//
// The errors match [ErrNothingChosen], [ErrNotFoundToAdopt], [ErrOldProvider] or
// [ErrNoProvider], those of a list of the account that can't be read match what the API
// said, and words of Skip that are no kinds [platform.ErrInvalidName].
func Adopt(ctx context.Context, c *platform.Client, f *statefile.File, opts AdoptOptions) (*Adoption, error) {
	a, err := newAdoptFinder(c, f, opts)
	if err != nil {
		return nil, fmt.Errorf("adopt: %w", err)
	}
	ctx, a.progress.sent = platform.CountRequests(ctx)
	homes, err := a.find(ctx)
	if err != nil {
		return nil, fmt.Errorf("adopt: %w", err)
	}
	all := a.adoption(homes)
	all.Requests = int(a.progress.sent.Load())
	return all, nil
}

// Apply inserts the instances into a state and returns the new one. It has the form
// of the edit that [statefile.Update] takes. f is the state as it is by now, nil if
// there is none: then the new one has a lineage of its own. With nothing to insert it
// returns f itself. A state that has an address or an object of the adoption by now
// is an error that matches [ErrAdoptedMeanwhile].
func (a *Adoption) Apply(f *statefile.File) (*statefile.File, error) {
	switch {
	case a == nil:
		return nil, errors.New("apply an adoption: it is nil")
	case len(a.instances) == 0:
		return f, nil
	case f == nil:
		f = statefile.New("terraform.tfstate", firstVersion)
	}
	if err := a.checkMeanwhile(f); err != nil {
		return nil, err
	}
	edits := make([]statefile.Edit, len(a.instances))
	for i, inst := range a.instances {
		edits[i] = statefile.InsertInstance(f, inst)
	}
	return f.Apply(edits...)
}

// firstVersion is the Terraform that a state is from which none has written: the oldest
// one for which what an adoption writes is tested. A newer one reads it.
const firstVersion = "1.5.0"
