package herokutest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Seed is all that a server can hold, as [Server.Load] reads it:
//
//	{
//	  "teams": [{"name": "acme"}],
//	  "apps": [
//	    {"name": "api-production", "team": "acme",
//	     "config_vars": {"LOG_LEVEL": "info"},
//	     "releases": [{"slug": "01234567-89ab-4def-8123-456789abcdef"}]}
//	  ],
//	  "pipelines": [
//	    {"name": "api", "couplings": [{"app": "api-production", "stage": "production"}]}
//	  ],
//	  "denied": ["somebody-elses-app"]
//	}
//
// The members of each object are the fields of the Go type; the fields that
// hold a name or UUID of something else take either. What is left out is
// filled in, like for the AddX methods.
type Seed struct {
	Teams      []Team      `json:"teams,omitempty"`
	Spaces     []Space     `json:"spaces,omitempty"`
	Apps       []App       `json:"apps,omitempty"`
	Addons     []Addon     `json:"addons,omitempty"`
	Pipelines  []Pipeline  `json:"pipelines,omitempty"`
	Promotions []Promotion `json:"promotions,omitempty"`
	// Accounts are those who use the API, beside the one of [Options.Email].
	Accounts []Account `json:"accounts,omitempty"`
	// Transfers are of apps, from one account to another.
	Transfers       []AppTransfer `json:"transfers,omitempty"`
	AccountFeatures []string      `json:"account_features,omitempty"` // the enabled ones
	// AccountFeatureDetails are to the account what [App.FeatureDetails] are
	// to an app.
	AccountFeatureDetails []Feature `json:"account_feature_details,omitempty"`
	// IDs are the identifiers of what an account can't make, by the kind of
	// thing and its name:
	//
	//	"ids": {"stack": {"heroku-24": "2bb1f4a0-..."}, "user": {"ann@example.com": "..."}}
	//
	// Kinds are addon-service, dyno-size, generation, plan, region, stack, and
	// user, whose name is the email address. They aren't checked: Heroku has
	// had identifiers here that are no UUIDs. Default: made up.
	IDs map[string]map[string]string `json:"ids,omitempty"`
	// Denied and DeniedAsError are what Deny and DenyAsError take.
	Denied        []string `json:"denied,omitempty"`
	DeniedAsError []string `json:"denied_as_error,omitempty"`
}

// Load reads a [Seed] as JSON and adds what it holds. A member that Seed
// doesn't have is an error, and so is anything after the one object. After an
// error the server is as it was.
func (s *Server) Load(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return fmt.Errorf("read seed: %w", err)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	var seed Seed
	if err := d.Decode(&seed); err != nil {
		var at int64
		if e, ok := errors.AsType[*json.SyntaxError](err); ok {
			at = e.Offset
		} else if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			at = e.Offset
		} else {
			return fmt.Errorf("read seed: %w", err) // names the unknown member, not where it is
		}
		line := bytes.Count(data[:min(at, int64(len(data)))], []byte("\n")) + 1
		return fmt.Errorf("read seed: line %d: %w", line, err)
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("read seed: there is more after the first object")
	}
	return s.Seed(seed)
}

// Seed adds what the seed holds. After an error the server is as it was.
func (s *Server) Seed(seed Seed) error {
	seed = clone(seed)
	s.mu.Lock()
	defer s.mu.Unlock()
	before, serials, seeded := s.snapshot(), maps.Clone(s.serials), maps.Clone(s.seeded)
	s.keepClear(seed)
	if err := s.seed(seed); err != nil {
		s.state, s.serials, s.seeded = restored(before, s.newState()), serials, seeded
		return fmt.Errorf("seed: %w", err)
	}
	return nil
}

// Snapshot returns all that the server holds. A new server with the same
// [Options] that is given it answers every read in the same way, but that an
// add-on's config vars that were unset on its app are back.
func (s *Server) Snapshot() Seed {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.snapshot()
}

func (s *Server) seed(seed Seed) error {
	for kind, ids := range seed.IDs {
		if !slices.Contains(kinds, kind) {
			return fmt.Errorf("ids of %q: want one of %s", kind, strings.Join(kinds, ", "))
		}
		for name, id := range ids {
			s.state.setID(kind, name, id)
		}
	}
	for _, a := range seed.Accounts {
		if _, err := s.addAccount(a); err != nil {
			return err
		}
	}
	for _, t := range seed.Teams {
		if _, err := s.addTeam(t); err != nil {
			return err
		}
	}
	for _, x := range seed.Spaces {
		if _, err := s.addSpace(x); err != nil {
			return err
		}
	}
	for _, a := range seed.Apps {
		if _, err := s.addApp(a); err != nil {
			return err
		}
	}
	for _, x := range seed.Addons {
		if _, err := s.addAddon(x); err != nil {
			return err
		}
	}
	for _, a := range seed.Apps {
		for _, d := range a.LogDrains {
			if d.Addon != "" && s.state.findAddon(d.Addon) == nil {
				return fmt.Errorf("app %q: log drain of no add-on %q", a.Name, d.Addon)
			}
		}
	}
	for _, p := range seed.Pipelines {
		if _, err := s.addPipeline(p); err != nil {
			return err
		}
	}
	for _, p := range seed.Promotions {
		if _, err := s.addPromotion(p); err != nil {
			return err
		}
	}
	for _, t := range seed.Transfers {
		if _, err := s.addTransfer(t); err != nil {
			return err
		}
	}
	for _, name := range seed.AccountFeatures {
		s.state.features[name] = true
	}
	for _, f := range seed.AccountFeatureDetails {
		if err := s.fillFeature(&f); err != nil {
			return err
		}
		s.state.featureDetails = append(s.state.featureDetails, f)
	}
	for _, ref := range seed.Denied {
		s.state.denied[s.idOf(ref)] = false
	}
	for _, ref := range seed.DeniedAsError {
		s.state.denied[s.idOf(ref)] = true
	}
	return nil
}

// snapshot copies everything; the caller holds the lock.
func (s *Server) snapshot() Seed {
	seed := Seed{
		Teams:      values(s.state.teams),
		Spaces:     values(s.state.spaces),
		Apps:       values(slices.Collect(maps.Values(s.state.apps))),
		Addons:     values(s.state.addons),
		Pipelines:  values(s.state.pipelines),
		Promotions: values(s.state.promotions),
		Accounts:   values(s.state.accounts),
		Transfers:  values(s.state.transfers),

		AccountFeatureDetails: s.state.featureDetails,
		IDs:                   s.state.ids,
	}
	slices.SortFunc(seed.Apps, func(a, b App) int { return strings.Compare(a.Name, b.Name) })
	for _, name := range slices.Sorted(maps.Keys(s.state.features)) {
		if s.state.features[name] {
			seed.AccountFeatures = append(seed.AccountFeatures, name)
		}
	}
	for _, ref := range slices.Sorted(maps.Keys(s.state.denied)) {
		if s.state.denied[ref] {
			seed.DeniedAsError = append(seed.DeniedAsError, ref)
		} else {
			seed.Denied = append(seed.Denied, ref)
		}
	}
	return clone(seed)
}

// restored is the state of a snapshot, into an empty one.
func restored(seed Seed, st state) state {
	st.teams, st.spaces = pointers(seed.Teams), pointers(seed.Spaces)
	st.addons, st.pipelines = pointers(seed.Addons), pointers(seed.Pipelines)
	st.promotions = pointers(seed.Promotions)
	st.accounts, st.transfers = pointers(seed.Accounts), pointers(seed.Transfers)
	for _, a := range pointers(seed.Apps) {
		st.apps[a.ID], st.appNames[a.Name] = a, a.ID
	}
	for _, name := range seed.AccountFeatures {
		st.features[name] = true
	}
	st.featureDetails = seed.AccountFeatureDetails
	for kind, ids := range seed.IDs {
		for name, id := range ids {
			st.setID(kind, name, id)
		}
	}
	for _, ref := range seed.Denied {
		st.denied[ref] = false
	}
	for _, ref := range seed.DeniedAsError {
		st.denied[ref] = true
	}
	return st
}

func pointers[T any](from []T) []*T {
	to := make([]*T, len(from))
	for i := range from {
		to[i] = &from[i]
	}
	return to
}

func values[T any](from []*T) []T {
	to := make([]T, len(from))
	for i, p := range from {
		to[i] = *p
	}
	return to
}
