package acceptance

import "github.com/herokutf/herokutf/herokutest"

// stock puts into a Heroku what the configurations take for granted.
func stock(s *herokutest.Server) {
	s.AddTeam(herokutest.Team{Name: "acme", Members: []herokutest.Member{{Email: "boss@example.com", Role: "admin"}}})
	s.AddSpace(herokutest.Space{Name: "acme-old-space", Team: "acme", Peerings: []herokutest.Peering{
		{ID: "pcx-123456789012", Status: "pending-acceptance"},
	}})
}
