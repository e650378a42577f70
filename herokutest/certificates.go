package herokutest

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"strings"
)

// leaf reads the first certificate of a chain in PEM; nil if there is none that
// can be read, such as in the chains that this package makes up.
func leaf(chain string) *x509.Certificate {
	for rest := []byte(chain); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return nil
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		if cert, err := x509.ParseCertificate(block.Bytes); err == nil {
			return cert
		}
	}
}

// oneLine spells a name as OpenSSL does on one line: /C=US/O=Example/CN=example.com.
func oneLine(name pkix.Name) string {
	short := map[string]string{"2.5.4.3": "CN", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "ST", "2.5.4.10": "O", "2.5.4.11": "OU",
		"1.2.840.113549.1.9.1": "emailAddress"}
	var b strings.Builder
	for _, part := range name.Names {
		key := part.Type.String()
		if s, ok := short[key]; ok {
			key = s
		}
		if value, ok := part.Value.(string); ok {
			b.WriteString("/" + key + "=" + value)
		}
	}
	return b.String()
}

// readCertificate fills in what the chain of an endpoint says and nobody has said
// otherwise.
func (e *SNIEndpoint) readCertificate() {
	cert := leaf(e.CertificateChain)
	if cert == nil {
		return
	}
	def(&e.Subject, oneLine(cert.Subject))
	def(&e.Issuer, oneLine(cert.Issuer))
	e.SelfSigned = e.SelfSigned || bytes.Equal(cert.RawSubject, cert.RawIssuer)
	if e.StartsAt.IsZero() {
		e.StartsAt = cert.NotBefore.UTC()
	}
	if e.ExpiresAt.IsZero() {
		e.ExpiresAt = cert.NotAfter.UTC()
	}
}

// certDomains are the names that the certificate of an endpoint is for: those in
// it, else those of the domains that use it.
func (e *SNIEndpoint) certDomains(hosts []string) []string {
	cert := leaf(e.CertificateChain)
	switch {
	case cert == nil:
		return hosts
	case len(cert.DNSNames) > 0:
		return cert.DNSNames
	}
	return []string{cert.Subject.CommonName}
}
