package herokutest

import (
	"cmp"
	"fmt"
	"net/http"
	"time"
)

var webhooks = children[*App, Webhook]{
	path: "/apps/{app}/webhooks", kind: "webhook",
	parent:  (*call).app,
	of:      func(a *App) *[]Webhook { return &a.Webhooks },
	is:      func(w *Webhook, ref string) bool { return w.ID == ref },
	fill:    (*Server).fillWebhook,
	wire:    (*Server).wireWebhook,
	fields:  byID(func(w *Webhook) string { return w.ID }),
	updated: func(w *Webhook) time.Time { return w.UpdatedAt },
}

// AddWebhook adds a webhook to an app. It panics if there is no such app or
// the webhook is invalid.
func (s *Server) AddWebhook(app string, w Webhook) Webhook {
	return addChild(s, "AddWebhook", webhooks, (*Server).mustApp, app, w)
}

func (s *Server) fillWebhook(a *App, w *Webhook) error {
	if w.URL == "" {
		return fmt.Errorf("a webhook without URL")
	}
	if err := s.ident(&w.ID, "webhook", a.ID+" "+w.URL); err != nil {
		return err
	}
	s.date(&w.CreatedAt, &w.UpdatedAt)
	def(&w.Level, "notify")
	if w.Include == nil {
		w.Include = []string{"api:release"}
	}
	return oneOf("level of webhook", w.Level, "notify", "sync")
}

func (s *Server) wireWebhook(a *App, w *Webhook) obj {
	return obj{
		"app":        s.appObj(a.ID),
		"created_at": wireTime(w.CreatedAt),
		"id":         w.ID,
		"include":    nonNil(w.Include),
		"level":      w.Level,
		"updated_at": wireTime(w.UpdatedAt),
		"url":        w.URL,
	}
}

func webhookRoutes() {
	type body struct {
		Include []string `json:"include"`
		Level   string   `json:"level"`
		URL     string   `json:"url"`
		Secret  string   `json:"secret"`
	}
	webhooks.read()
	// The secret comes in a header, once: it is the one asked for or a new one.
	write("POST "+webhooks.path, http.StatusCreated, webhooks.parent, func(c *call, a *App, in body) (any, error) {
		w, err := webhooks.add(c.Server, a, Webhook{URL: in.URL, Include: in.Include, Level: in.Level})
		if err != nil {
			return nil, err
		}
		c.header.Set("Heroku-Webhook-Secret", cmp.Or(in.Secret, fmt.Sprintf("%x", c.digest("webhook-secret", w.ID, 0))))
		return c.wireWebhook(a, &w), nil
	})
	change(webhooks, func(c *call, _ *App, w *Webhook, in body) error {
		w.URL, w.Level, w.UpdatedAt = cmp.Or(in.URL, w.URL), cmp.Or(in.Level, w.Level), c.stamp()
		if in.Include != nil {
			w.Include = in.Include
		}
		return nil
	})
	webhooks.remove()
}
