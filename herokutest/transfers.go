package herokutest

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

// AppTransfer is the offer of an app to another account.
type AppTransfer struct {
	ID        string    `json:"id,omitempty"`
	App       string    `json:"app"`             // name or UUID
	Owner     string    `json:"owner,omitempty"` // email; default: the app's
	Recipient string    `json:"recipient"`       // email
	State     string    `json:"state,omitempty"` // "pending", the default, "accepted" or "declined"
	CreatedAt time.Time `json:"created_at,omitzero"`
	UpdatedAt time.Time `json:"updated_at,omitzero"`
}

func (s *Server) addTransfer(t AppTransfer) (*AppTransfer, error) {
	a := s.state.findApp(t.App)
	if a == nil {
		return nil, fmt.Errorf("no app %q", t.App)
	}
	t.App = a.ID
	def(&t.Owner, a.Owner)
	if t.Recipient == "" {
		return nil, invalid("recipient is required")
	}
	if err := s.ident(&t.ID, "app-transfer", t.App); err != nil {
		return nil, err
	}
	s.date(&t.CreatedAt, &t.UpdatedAt)
	def(&t.State, "pending")
	if err := oneOf("state of app transfer", t.State, transferStates...); err != nil {
		return nil, err
	}
	s.state.transfers = append(s.state.transfers, &t)
	return &t, nil
}

var transferStates = []string{"pending", "accepted", "declined"}

func (s *Server) wireTransfer(t *AppTransfer) obj {
	return obj{
		"app":        s.appObj(t.App),
		"created_at": wireTime(t.CreatedAt),
		"id":         t.ID,
		"owner":      s.user(t.Owner),
		"recipient":  s.user(t.Recipient),
		"state":      t.State,
		"updated_at": wireTime(t.UpdatedAt),
	}
}

// transferOf returns the app transfer that {id} names, by its UUID or its app.
func (c *call) transferOf() (*AppTransfer, error) {
	ref := c.args["id"]
	a := c.state.findApp(ref)
	t := find(c.state.transfers, func(t *AppTransfer) bool { return t.ID == ref || a != nil && t.App == a.ID })
	if t == nil {
		return nil, notFound("app transfer")
	}
	return t, nil
}

// changeTransfer accepts or declines a transfer.
func (c *call) changeTransfer(t *AppTransfer, state string) error {
	if t.State != "pending" {
		return invalid("The transfer was %s already", t.State)
	}
	if err := oneOf("state", state, transferStates...); err != nil {
		return err
	}
	if a := c.state.apps[t.App]; a != nil && state == "accepted" {
		if err := c.transfer(a, t.Recipient); err != nil {
			return err
		}
		a.UpdatedAt = c.stamp()
	}
	t.State, t.UpdatedAt = state, c.stamp()
	return nil
}

func transferRoutes() {
	const path = "/account/app-transfers"
	show := func(c *call, t *AppTransfer) any { return c.wireTransfer(t) }
	list(path, (*call).account, func(c *call, st *state) listing[obj] {
		var all []obj
		for _, t := range st.transfers {
			all = append(all, c.wireTransfer(t))
		}
		return objects(all, "id")
	})
	get(path+"/{id}", (*call).transferOf, show)
	type body struct {
		App       ref    `json:"app"`
		Recipient ref    `json:"recipient"`
		State     string `json:"state"`
	}
	write("POST "+path, http.StatusCreated, (*call).account, func(c *call, _ *state, in body) (any, error) {
		a, err := c.appRef(string(in.App))
		if err != nil {
			return nil, err
		}
		t, err := c.addTransfer(AppTransfer{App: a.ID, Recipient: c.accountRef(string(in.Recipient)).Email})
		if err != nil {
			return nil, err
		}
		return c.wireTransfer(t), nil
	})
	write("PATCH "+path+"/{id}", http.StatusOK, (*call).transferOf, func(c *call, t *AppTransfer, in body) (any, error) {
		if err := c.changeTransfer(t, in.State); err != nil {
			return nil, err
		}
		return c.wireTransfer(t), nil
	})
	remove(path+"/{id}", (*call).transferOf, show, func(c *call, t *AppTransfer) error {
		c.state.transfers = slices.DeleteFunc(c.state.transfers, func(x *AppTransfer) bool { return x == t })
		return nil
	})
	pipelineTransferRoutes()
	spaceTransferRoutes()
}

func pipelineTransferRoutes() {
	type body struct {
		Pipeline ref `json:"pipeline"`
		NewOwner struct {
			ID   string `json:"id"`
			Type string `json:"type"`
		} `json:"new_owner"`
	}
	write("POST /pipeline-transfers", http.StatusOK, (*call).account, func(c *call, _ *state, in body) (any, error) {
		p, err := c.pipelineID(string(in.Pipeline))
		if err != nil {
			return nil, err
		}
		before := c.pipelineOwner(p)
		if err := c.ownPipeline(p, in.NewOwner.ID, in.NewOwner.Type); err != nil {
			return nil, err
		}
		p.UpdatedAt = c.stamp()
		return obj{"new_owner": c.pipelineOwner(p), "pipeline": obj{"id": p.ID}, "previous_owner": before}, nil
	})
}

func spaceTransferRoutes() {
	type body struct {
		NewOwner ref `json:"new_owner"`
	}
	write("POST /spaces/{space}/transfer", http.StatusOK, (*call).space, func(c *call, x *Space, in body) (any, error) {
		t, err := found(c, "team", c.state.findTeam(string(in.NewOwner)), string(in.NewOwner))
		if err != nil {
			return nil, err
		}
		x.Team, x.UpdatedAt = t.ID, c.stamp()
		return c.wireSpace(x), nil
	})
}
