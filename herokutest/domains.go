package herokutest

import (
	"fmt"
	"strings"
	"time"
)

var domains = children[*App, Domain]{
	path: "/apps/{app}/domains", kind: "domain",
	parent: (*call).app,
	of:     func(a *App) *[]Domain { return &a.Domains },
	is:     func(d *Domain, ref string) bool { return d.ID == ref || d.Hostname == ref },
	fill:   (*Server).fillDomain,
	wire:   (*Server).wireDomain,
	fields: []field[*Domain]{
		{name: "id", key: func(d *Domain) string { return d.ID }},
		{name: "hostname", key: func(d *Domain) string { return d.Hostname }},
	},
	updated: func(d *Domain) time.Time { return d.UpdatedAt },
}

// AddDomain adds a domain to an app. It panics if there is no such app or the
// domain is invalid.
func (s *Server) AddDomain(app string, d Domain) Domain {
	return addChild(s, "AddDomain", domains, (*Server).mustApp, app, d)
}

func (s *Server) fillDomain(a *App, d *Domain) error {
	if d.Hostname == "" {
		return fmt.Errorf("a domain without hostname")
	}
	if err := s.ident(&d.ID, "domain", d.Hostname); err != nil {
		return err
	}
	s.date(&d.CreatedAt, &d.UpdatedAt)
	def(&d.Kind, "custom")
	if err := oneOf("kind of domain", d.Kind, "heroku", "custom"); err != nil {
		return err
	}
	def(&d.Status, "succeeded")
	if d.Kind == "custom" {
		label := strings.Trim(strings.ReplaceAll(strings.ReplaceAll(d.Hostname, "*", "wildcard"), ".", "-"), "-")
		def(&d.CNAME, label+"-"+fmt.Sprintf("%x", s.digest("cname", d.ID, 0))[:12]+".herokudns.com")
	}
	if d.SNIEndpoint != "" {
		e := a.sni(d.SNIEndpoint)
		if e == nil {
			return fmt.Errorf("domain %q: no SNI endpoint %q", d.Hostname, d.SNIEndpoint)
		}
		d.SNIEndpoint = e.ID
	}
	return nil
}

func (s *Server) wireDomain(a *App, d *Domain) obj {
	o := obj{
		"acm_status":        orNull(d.ACMStatus),
		"acm_status_reason": orNull(d.ACMStatusReason),
		"app":               s.appObj(a.ID),
		"cname":             wordOrNull(d.CNAME),
		"created_at":        wireTime(d.CreatedAt),
		"hostname":          d.Hostname,
		"id":                d.ID,
		"kind":              d.Kind,
		"sni_endpoint":      nil,
		"status":            d.Status,
		"updated_at":        wireTime(d.UpdatedAt),
	}
	if e := a.sni(d.SNIEndpoint); d.SNIEndpoint != "" && e != nil {
		o["sni_endpoint"] = obj{"id": e.ID, "name": e.Name}
	}
	return o
}

func domainRoutes() {
	type body struct {
		Hostname    string `json:"hostname"`
		SNIEndpoint *ref   `json:"sni_endpoint"`
	}
	domains.read()
	create(domains, func(_ *App, in body) (Domain, error) {
		d := Domain{Hostname: in.Hostname}
		if in.SNIEndpoint != nil {
			d.SNIEndpoint = string(*in.SNIEndpoint)
		}
		return d, nil
	})
	change(domains, func(c *call, a *App, d *Domain, in body) error {
		d.SNIEndpoint, d.UpdatedAt = "", c.stamp()
		if in.SNIEndpoint != nil {
			e := a.sni(string(*in.SNIEndpoint))
			if e == nil {
				return notFound("SNI endpoint")
			}
			d.SNIEndpoint = e.ID
		}
		return nil
	})
	domains.removeUnless(func(_ *App, d *Domain) error {
		if d.Kind == "heroku" {
			return invalid("The app's own domain %s can't be removed", d.Hostname)
		}
		return nil
	})
}
