package herokutest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// WebhookEvent is something that happened to an app which has webhooks for it.
// They come from what is done through the API and by the methods of [Server] that
// make releases, while there is a webhook that includes them.
type WebhookEvent struct {
	ID       string   `json:"id,omitempty"`
	Include  string   `json:"include"`           // such as "api:release"
	Action   string   `json:"action"`            // create, update or destroy
	Actor    string   `json:"actor,omitempty"`   // email
	Webhooks []string `json:"webhooks,omitzero"` // UUIDs of those that it was sent to
	// Data is the object as the API showed it.
	Data      json.RawMessage `json:"data,omitempty"`
	CreatedAt time.Time       `json:"created_at,omitzero"`
}

// emit notes an event for those of an app's webhooks that include it. Nothing is
// sent: every delivery counts as one that has succeeded.
func (s *Server) emit(a *App, entity, action string, data obj) {
	var sent []string
	for _, w := range a.Webhooks {
		if slices.Contains(w.Include, "api:"+entity) {
			sent = append(sent, w.ID)
		}
	}
	if sent == nil {
		return
	}
	a.WebhookEvents = append(a.WebhookEvents, WebhookEvent{
		ID: s.newID("webhook-event", a.ID), Include: "api:" + entity, Action: action, Actor: s.who(),
		Webhooks: sent, Data: encode(data), CreatedAt: s.stamp(),
	})
}

func (s *Server) fillWebhookEvent(a *App, e *WebhookEvent) error {
	if err := s.ident(&e.ID, "webhook-event", a.ID); err != nil {
		return err
	}
	s.date(&e.CreatedAt, new(time.Time))
	def(&e.Actor, s.who())
	if len(e.Data) == 0 {
		e.Data = json.RawMessage("{}")
	}
	return oneOf("action of webhook event", e.Action, "create", "update", "destroy")
}

func (s *Server) wireWebhookEvent(_ *App, e *WebhookEvent) obj {
	return obj{
		"created_at": wireTime(e.CreatedAt),
		"id":         e.ID,
		"include":    e.Include,
		"payload": obj{
			"action": e.Action, "actor": s.user(e.Actor), "data": e.Data, "previous_data": obj{},
			"published_at": wireTime(e.CreatedAt), "resource": strings.TrimPrefix(e.Include, "api:"),
			"version": "application/vnd.heroku+json; version=3",
		},
		"updated_at": wireTime(e.CreatedAt),
	}
}

var webhookEvents = children[*App, WebhookEvent]{
	path: "/apps/{app}/webhook-events", kind: "webhook event",
	parent: (*call).app,
	of:     func(a *App) *[]WebhookEvent { return &a.WebhookEvents },
	is:     func(e *WebhookEvent, ref string) bool { return e.ID == ref },
	fill:   (*Server).fillWebhookEvent,
	wire:   (*Server).wireWebhookEvent,
	fields: byID(func(e *WebhookEvent) string { return e.ID }),
}

// deliveries are what an app's webhooks were sent, newest last.
func (c *call) deliveries(a *App) []obj {
	all := []obj{}
	for _, e := range a.WebhookEvents {
		for _, id := range e.Webhooks {
			w := findIn(a.Webhooks, func(w *Webhook) bool { return w.ID == id })
			if w == nil {
				continue // it is gone, and its deliveries with it
			}
			key := e.ID + " " + id
			all = append(all, obj{
				"created_at": wireTime(e.CreatedAt),
				"event":      obj{"id": e.ID, "include": e.Include},
				"id":         c.fixedID("webhook-delivery", key),
				"last_attempt": obj{
					"code": http.StatusOK, "created_at": wireTime(e.CreatedAt), "error_class": nil,
					"id": c.fixedID("webhook-attempt", key), "status": Succeeded, "updated_at": wireTime(e.CreatedAt),
				},
				"next_attempt_at": nil,
				"num_attempts":    1,
				"status":          Succeeded,
				"updated_at":      wireTime(e.CreatedAt),
				"webhook":         obj{"id": id, "level": w.Level},
			})
		}
	}
	return all
}

func webhookEventRoutes() {
	webhookEvents.read()
	const path = "/apps/{app}/webhook-deliveries"
	list(path, (*call).app, func(c *call, a *App) listing[obj] {
		l := objects(c.deliveries(a), "id")
		// By their order as well, which is that in which they happened.
		place := map[string]int{}
		for i, o := range l.items {
			place[o["id"].(string)] = i
		}
		l.fields = append(l.fields, field[obj]{name: "seq", numeric: true, key: func(o obj) string { return strconv.Itoa(place[o["id"].(string)]) }})
		return l
	})
	get(path+"/{id}", func(c *call) (obj, error) {
		a, err := c.app()
		if err != nil {
			return nil, err
		}
		return c.objectByID("webhook delivery", c.deliveries(a))
	}, showObject)
}
