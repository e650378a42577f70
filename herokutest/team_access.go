package herokutest

import (
	"cmp"
	"net/http"
	"slices"
	"time"
)

// Invitation is somebody who was invited into a team and hasn't answered yet.
type Invitation struct {
	ID        string    `json:"id,omitempty"`
	Email     string    `json:"email"`
	Role      string    `json:"role,omitempty"`       // default "member"
	InvitedBy string    `json:"invited_by,omitempty"` // email; default: the token's account
	CreatedAt time.Time `json:"created_at,omitzero"`
	UpdatedAt time.Time `json:"updated_at,omitzero"`
}

var invitations = children[*Team, Invitation]{
	path: "/teams/{team}/invitations", kind: "team invitation",
	parent: (*call).team,
	of:     func(t *Team) *[]Invitation { return &t.Invitations },
	is:     func(v *Invitation, ref string) bool { return v.Email == ref || v.ID == ref },
	fill: func(s *Server, t *Team, v *Invitation) error {
		if v.Email == "" {
			return invalid("email is required")
		}
		s.date(&v.CreatedAt, &v.UpdatedAt)
		def(&v.Role, "member")
		def(&v.InvitedBy, s.who())
		return s.ident(&v.ID, "team-invitation", t.ID+" "+v.Email)
	},
	wire: func(s *Server, t *Team, v *Invitation) obj {
		person := func(email string) obj { return obj{"email": email, "id": s.fixedID("user", email), "name": nil} }
		return obj{
			"created_at": wireTime(v.CreatedAt),
			"id":         v.ID,
			"invited_by": person(v.InvitedBy),
			"role":       v.Role,
			"team":       obj{"id": t.ID, "name": t.Name},
			"updated_at": wireTime(v.UpdatedAt),
			"user":       person(v.Email),
		}
	},
	fields: byID(func(v *Invitation) string { return v.ID }),
}

// teamFeatures are those that Heroku has for teams.
var teamFeatures = []Feature{
	{Name: "org-access-controls", DisplayName: "App permissions", Description: "Members have permissions on each app.", State: "general"},
	{Name: "team-invite-acceptance", DisplayName: "Invitations", Description: "New members accept an invitation first.", State: "general"},
}

// teamPermissions are what collaborators of a team's app may be allowed.
var teamPermissions = []obj{
	{"name": "deploy", "description": "Can deploy the app."},
	{"name": "manage", "description": "Can manage the app."},
	{"name": "operate", "description": "Can operate the app."},
	{"name": "view", "description": "Can view the app."},
}

// wireTeamFeatures are the features of a team. Those that Heroku has show only
// where they are enabled, as on Heroku.
func (c *call) wireTeamFeatures(t *Team) []obj {
	known := slices.DeleteFunc(slices.Clone(teamFeatures), func(f Feature) bool { return !slices.Contains(t.Features, f.Name) })
	return c.features("team-feature", t.ID, known, nil, t.Features, t.CreatedAt)
}

// permissionEntities are who may do what to the apps and spaces of a team.
func (c *call) permissionEntities(t *Team) []obj {
	var all []obj
	entity := func(id, name, kind string, users []obj) {
		all = append(all, obj{"id": id, "name": name, "team_id": t.ID, "type": kind, "users": users})
	}
	user := func(email string, permissions []string) obj {
		o := c.user(email)
		o["permissions"] = nonNil(permissions)
		return o
	}
	for _, a := range c.appsOwnedBy(t) {
		users := []obj{}
		for _, v := range a.Collaborators {
			users = append(users, user(v.Email, v.Permissions))
		}
		entity(a.ID, a.Name, "app", users)
	}
	for _, x := range c.state.spaces {
		users := []obj{}
		for _, m := range x.Members {
			users = append(users, user(m.Email, m.Permissions))
		}
		if x.Team == t.ID {
			entity(x.ID, x.Name, "space", users)
		}
	}
	return all
}

func teamAccessRoutes() {
	list("/teams/permissions", (*call).account, func(*call, *state) listing[obj] { return objects(teamPermissions, "name") })
	list("/teams/{team}/permissions", (*call).team, func(c *call, t *Team) listing[obj] { return objects(c.permissionEntities(t), "id", "name") })
	list("/teams/{team}/features", (*call).team, func(c *call, t *Team) listing[obj] { return objects(c.wireTeamFeatures(t), "id", "name") })
	get("/teams/{team}/features/{id}", func(c *call) (obj, error) {
		t, err := c.team()
		if err != nil {
			return nil, err
		}
		return c.objectByID("team feature", c.wireTeamFeatures(t))
	}, showObject)

	type body struct {
		Email string `json:"email"`
		Role  string `json:"role"`
	}
	invitations.list()
	invitations.remove()
	write("PUT "+invitations.path, http.StatusOK, invitations.parent, func(c *call, t *Team, in body) (any, error) {
		if v := findIn(t.Invitations, func(v *Invitation) bool { return v.Email == in.Email }); v != nil {
			v.Role, v.UpdatedAt = cmp.Or(in.Role, v.Role), c.stamp()
			return invitations.wire(c.Server, t, v), nil
		}
		v, err := invitations.add(c.Server, t, Invitation{Email: in.Email, Role: in.Role})
		if err != nil {
			return nil, err
		}
		return invitations.wire(c.Server, t, &v), nil
	})
	// The token of an invitation is its UUID.
	get("/teams/invitations/{token}", (*call).invitation, func(c *call, x childOf[*Team, Invitation]) any { return invitations.show(c, x) })
	write("POST /teams/invitations/{token}/accept", http.StatusOK, (*call).invitation, func(c *call, x childOf[*Team, Invitation], _ any) (any, error) {
		m, err := members.add(c.Server, x.parent, Member{Email: x.v.Email, Role: x.v.Role})
		if err != nil {
			return nil, err
		}
		id := x.v.ID // x.v is of the list that changes
		x.parent.Invitations = slices.DeleteFunc(x.parent.Invitations, func(v Invitation) bool { return v.ID == id })
		return c.wireMember(x.parent, &m), nil
	})
}

// invitation returns the invitation that {token} names.
func (c *call) invitation() (childOf[*Team, Invitation], error) {
	for _, t := range c.state.teams {
		if v := findIn(t.Invitations, func(v *Invitation) bool { return v.ID == c.args["token"] }); v != nil {
			return childOf[*Team, Invitation]{t, v}, nil
		}
	}
	return childOf[*Team, Invitation]{}, notFound(invitations.kind)
}
