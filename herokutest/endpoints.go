package herokutest

import (
	"net/http"
	"time"
)

var sniEndpoints = children[*App, SNIEndpoint]{
	path: "/apps/{app}/sni-endpoints", kind: "SNI endpoint",
	parent:  (*call).app,
	of:      func(a *App) *[]SNIEndpoint { return &a.SNIEndpoints },
	is:      func(e *SNIEndpoint, ref string) bool { return e.ID == ref || e.Name == ref },
	fill:    (*Server).fillSNI,
	wire:    (*Server).wireSNI,
	fields:  byIDAndName(func(e *SNIEndpoint) string { return e.ID }, func(e *SNIEndpoint) string { return e.Name }),
	updated: func(e *SNIEndpoint) time.Time { return e.UpdatedAt },
}

var sslEndpoints = children[*App, SSLEndpoint]{
	path: "/apps/{app}/ssl-endpoints", kind: "SSL endpoint",
	parent:  (*call).sslApp,
	of:      func(a *App) *[]SSLEndpoint { return &a.SSLEndpoints },
	is:      func(e *SSLEndpoint, ref string) bool { return e.ID == ref || e.Name == ref },
	fill:    (*Server).fillSSL,
	wire:    (*Server).wireSSL,
	fields:  byIDAndName(func(e *SSLEndpoint) string { return e.ID }, func(e *SSLEndpoint) string { return e.Name }),
	updated: func(e *SSLEndpoint) time.Time { return e.UpdatedAt },
}

// sslApp is app, for one that has endpoints: of others there isn't even an empty
// list.
func (c *call) sslApp() (*App, error) {
	a, err := c.app()
	if err == nil && len(a.SSLEndpoints) == 0 {
		return nil, errorFor(http.StatusNotFound)
	}
	return a, err
}

// AddSNIEndpoint adds a certificate to an app. It panics if there is no such
// app.
func (s *Server) AddSNIEndpoint(app string, e SNIEndpoint) SNIEndpoint {
	return addChild(s, "AddSNIEndpoint", sniEndpoints, (*Server).mustApp, app, e)
}

func (a *App) sni(ref string) *SNIEndpoint {
	return findIn(a.SNIEndpoints, func(e *SNIEndpoint) bool { return e.ID == ref || e.Name == ref })
}

func (s *Server) fillSNI(a *App, e *SNIEndpoint) error {
	if err := s.ident(&e.ID, "sni-endpoint", a.ID+" "+e.Name); err != nil {
		return err
	}
	s.date(&e.CreatedAt, &e.UpdatedAt)
	def(&e.Name, "certificate-"+e.ID[:5])
	def(&e.CertificateChain, "-----BEGIN CERTIFICATE-----\n(made by herokutest)\n-----END CERTIFICATE-----")
	e.readCertificate()
	def(&e.Subject, "/CN="+a.Hostname)
	def(&e.Issuer, "/CN=herokutest")
	if e.StartsAt.IsZero() {
		e.StartsAt = e.CreatedAt
	}
	if e.ExpiresAt.IsZero() {
		e.ExpiresAt = e.StartsAt.AddDate(0, 3, 0)
	}
	return nil
}

func (s *Server) fillSSL(a *App, e *SSLEndpoint) error {
	if err := s.ident(&e.ID, "ssl-endpoint", a.ID+" "+e.Name); err != nil {
		return err
	}
	s.date(&e.CreatedAt, &e.UpdatedAt)
	def(&e.Name, "endpoint-"+e.ID[:5])
	def(&e.CNAME, e.Name+".herokussl.com")
	def(&e.CertificateChain, "-----BEGIN CERTIFICATE-----\n(made by herokutest)\n-----END CERTIFICATE-----")
	return nil
}

func (s *Server) wireSNI(a *App, e *SNIEndpoint) obj {
	domains, hosts := []string{}, []string{}
	for _, d := range a.Domains {
		if d.SNIEndpoint == e.ID {
			domains, hosts = append(domains, d.ID), append(hosts, d.Hostname)
		}
	}
	o := obj{
		"app":               s.appObj(a.ID),
		"certificate_chain": e.CertificateChain,
		"created_at":        wireTime(e.CreatedAt),
		"display_name":      orNull(e.DisplayName),
		"domains":           domains,
		"id":                e.ID,
		"name":              e.Name,
		"ssl_cert": obj{
			"ca_signed?":   !e.SelfSigned,
			"cert_domains": e.certDomains(hosts),
			"expires_at":   wireTime(e.ExpiresAt),
			"id":           s.fixedID("ssl-cert", e.ID),
			"issuer":       e.Issuer,
			"self_signed?": e.SelfSigned,
			"starts_at":    wireTime(e.StartsAt),
			"subject":      e.Subject,
		},
		"updated_at": wireTime(e.UpdatedAt),
	}
	if e.Pending {
		o["certificate_chain"], o["ssl_cert"] = nil, obj{}
	}
	return o
}

func (s *Server) wireSSL(a *App, e *SSLEndpoint) obj {
	return obj{
		"app":               s.appObj(a.ID),
		"certificate_chain": e.CertificateChain,
		"cname":             e.CNAME,
		"created_at":        wireTime(e.CreatedAt),
		"id":                e.ID,
		"name":              e.Name,
		"updated_at":        wireTime(e.UpdatedAt),
	}
}

func endpointRoutes() {
	sslEndpoints.read()

	type body struct {
		CertificateChain string `json:"certificate_chain"`
	}
	sniEndpoints.read()
	create(sniEndpoints, func(_ *App, in body) (SNIEndpoint, error) {
		return SNIEndpoint{CertificateChain: in.CertificateChain}, nil
	})
	change(sniEndpoints, func(c *call, a *App, e *SNIEndpoint, in body) error {
		if in.CertificateChain != "" {
			// Everything else follows from the new certificate.
			*e = SNIEndpoint{ID: e.ID, Name: e.Name, DisplayName: e.DisplayName, CreatedAt: e.CreatedAt,
				CertificateChain: in.CertificateChain}
		}
		e.UpdatedAt = c.stamp()
		return c.fillSNI(a, e)
	})
	sniEndpoints.remove()
}
