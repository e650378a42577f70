package provider

import (
	"fmt"
	"strings"
)

// AppOf is the path of the Platform API at which an object of this type, with
// its id in the place of {id}, says in its app member which app it belongs to,
// whatever the app is called; "" if there is none.
func (r *Resource) AppOf() string {
	for i := range r.Attrs {
		if a := &r.Attrs[i]; a.As == AppReference && a.Live == "app.id" {
			return r.Origin.List.Source().Each
		}
	}
	return ""
}

// An AddonIdentity is what stays of an add-on when its name changes.
type AddonIdentity struct {
	App        string // its UUID
	ProviderID string // what the add-on's maker knows it by
	Plan       string // such as "heroku-postgresql:essential-0"
}

// Same reports whether two identities, that of a state and that on Heroku, are
// one add-on's. Where something of it isn't known, nothing is.
func (a AddonIdentity) Same(b AddonIdentity) bool {
	return a.App != "" && a.ProviderID != "" && a.Plan != "" &&
		strings.EqualFold(a.App, b.App) && a.ProviderID == b.ProviderID && strings.EqualFold(a.Plan, b.Plan)
}

// A Membership is the team and the space that an app is in; "" for neither.
type Membership struct{ Team, Space string }

// Outlook says what the provider and Terraform make of an app whose membership on
// Heroku is another than the state's; "" if nothing comes of it. Sources:
// resourceHerokuAppExists asks /teams/apps/{app} if the state has an organization
// block, and takes 404 for deleted; organization, its name, and space are
// ForceNew (resource_heroku_app.go of v1.4.0 to v5.3.2).
func (m Membership) Outlook(now Membership) string {
	const again = "Terraform destroy the app with all that belongs to it and create it again"
	switch {
	case m.Team != "" && now.Team == "":
		return fmt.Sprintf("the app has left the team %q, of which the state still has it: the provider looks for it among the apps of teams, and where it isn't found there, "+
			"Terraform takes it for deleted; the next apply would destroy what belongs to it and create everything again. "+
			"Move the app back, or take organization out of the configuration and import the app anew, before the next apply", m.Team)
	case m.Team == "" && now.Team != "":
		return fmt.Sprintf("the app has joined the team %q: a configuration without that organization block has %s. Give it organization { name = %q } before the next apply", now.Team, again, now.Team)
	case m.Team != now.Team:
		return fmt.Sprintf("the app is in the team %q, not in %q, or the team was renamed: a configuration that says otherwise has %s. Give it the team's name before the next apply", now.Team, m.Team, again)
	case m.Space != now.Space && now.Space == "":
		return fmt.Sprintf("the app isn't in the space %q, of which the state has it: a configuration that says otherwise has %s", m.Space, again)
	case m.Space != now.Space:
		return fmt.Sprintf("the app is in the space %q, of which the state doesn't have it, or the space was renamed: a configuration that says otherwise has %s. Give it space = %q before the next apply", now.Space, again, now.Space)
	}
	return ""
}
