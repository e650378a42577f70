package herokutest

import (
	"fmt"
	"time"
)

var collaborators = collaboratorsBelow("/apps/{app}")

// collaboratorsBelow are the collaborators of apps, which are read and written
// below /apps and again below /teams/apps.
func collaboratorsBelow(path string) children[*App, Collaborator] {
	return children[*App, Collaborator]{
		path: path + "/collaborators", kind: "collaborator",
		parent:  (*call).app,
		of:      func(a *App) *[]Collaborator { return &a.Collaborators },
		is:      func(v *Collaborator, ref string) bool { return v.ID == ref || v.Email == ref },
		fill:    (*Server).fillCollaborator,
		wire:    (*Server).wireCollaborator,
		fields:  byID(func(v *Collaborator) string { return v.ID }),
		updated: func(v *Collaborator) time.Time { return v.UpdatedAt },
	}
}

// AddCollaborator adds a collaborator to an app. It panics if there is no
// such app or the collaborator is invalid.
func (s *Server) AddCollaborator(app string, c Collaborator) Collaborator {
	return addChild(s, "AddCollaborator", collaborators, (*Server).mustApp, app, c)
}

func (s *Server) fillCollaborator(a *App, c *Collaborator) error {
	if c.Email == "" {
		return fmt.Errorf("a collaborator without email")
	}
	if err := s.ident(&c.ID, "collaborator", a.ID+" "+c.Email); err != nil {
		return err
	}
	s.date(&c.CreatedAt, &c.UpdatedAt)
	def(&c.Role, "collaborator")
	if c.Permissions == nil {
		c.Permissions = []string{"deploy", "view"}
		if c.Role == "owner" || c.Role == "admin" {
			c.Permissions = []string{"deploy", "manage", "operate", "view"}
		}
	}
	return nil
}

func (s *Server) wireCollaborator(a *App, c *Collaborator) obj {
	perms := []obj{}
	for _, p := range c.Permissions {
		perms = append(perms, obj{"name": p, "description": "Can " + p + " the app."})
	}
	return obj{
		"app":         s.appObj(a.ID),
		"created_at":  wireTime(c.CreatedAt),
		"id":          c.ID,
		"permissions": perms,
		"role":        wordOrNull(c.Role),
		"updated_at":  wireTime(c.UpdatedAt),
		"user":        obj{"email": c.Email, "federated": false, "id": s.fixedID("user", c.Email)},
	}
}

func collaboratorRoutes() {
	type body struct {
		User        string   `json:"user"`
		Permissions []string `json:"permissions"`
	}
	ofTeams := collaboratorsBelow("/teams/apps/{app}")
	for _, k := range []children[*App, Collaborator]{collaborators, ofTeams} {
		k.read()
		create(k, func(a *App, in body) (Collaborator, error) {
			if a.collaborator(in.User) != nil {
				return Collaborator{}, invalid("User is already a collaborator on app.")
			}
			return Collaborator{Email: in.User, Permissions: in.Permissions}, nil
		})
		k.removeUnless(func(a *App, v *Collaborator) error {
			if v.Email == a.Owner {
				return invalid("The owner of an app can't be removed")
			}
			return nil
		})
	}
	change(ofTeams, func(c *call, _ *App, v *Collaborator, in body) error {
		v.Permissions, v.UpdatedAt = in.Permissions, c.stamp()
		return nil
	})
}

// collaborator returns the one with this address, or nil.
func (a *App) collaborator(email string) *Collaborator {
	return findIn(a.Collaborators, func(v *Collaborator) bool { return v.Email == email })
}
