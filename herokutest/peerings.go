package herokutest

import (
	"fmt"
	"net/http"
	"slices"
)

var peerings = children[*Space, Peering]{
	path: "/spaces/{space}/peerings", kind: "peering",
	parent: (*call).space,
	of:     func(x *Space) *[]Peering { return &x.Peerings },
	is:     func(p *Peering, ref string) bool { return p.ID == ref },
	fill:   (*Server).fillPeering,
	wire:   (*Server).wirePeering,
	fields: []field[*Peering]{{name: "pcx_id", key: func(p *Peering) string { return p.ID }}},
}

func (s *Server) fillPeering(x *Space, p *Peering) error {
	def(&p.ID, "pcx-"+s.newHex("peering", x.ID, 12))
	def(&p.Type, "customer-managed")
	def(&p.Status, "active")
	def(&p.VPC, "vpc-"+fmt.Sprintf("%x", s.digest("vpc", p.ID, 0))[:12])
	def(&p.AWSRegion, "us-east-1")
	def(&p.AWSAccount, "123456789012")
	if p.CIDRs == nil {
		p.CIDRs = []string{"10.2.0.0/16"}
	}
	if p.Expires.IsZero() {
		p.Expires = s.stamp().AddDate(0, 0, 7)
	}
	return oneOf("type of peering", p.Type, "heroku-managed", "customer-managed", "unknown")
}

func (s *Server) wirePeering(_ *Space, p *Peering) obj {
	return obj{
		"aws_account_id": p.AWSAccount,
		"aws_region":     p.AWSRegion,
		"aws_vpc_id":     p.VPC,
		"cidr_blocks":    nonNil(p.CIDRs),
		"expires":        wireTime(p.Expires),
		"pcx_id":         p.ID,
		"status":         p.Status,
		"type":           p.Type,
	}
}

func peeringRoutes() {
	peerings.read()
	peerings.remove()
	write("POST "+peerings.path+"/{id}/actions/accept", http.StatusOK, peerings.find, func(c *call, x childOf[*Space, Peering], _ any) (any, error) {
		x.v.Status = "active"
		return peerings.show(c, x), nil
	})
	get("/spaces/{space}/peering-info", (*call).space, func(c *call, x *Space) any {
		i := slices.IndexFunc(regions, func(r region) bool { return r.name == x.Region })
		return obj{
			"aws_account_id":          "210987654321",
			"aws_region":              regions[i].provider,
			"dyno_cidr_blocks":        []string{"10.0.16.0/20"},
			"space_cidr_blocks":       []string{"10.0.0.0/20"},
			"unavailable_cidr_blocks": []string{"172.17.0.0/16"},
			"vpc_cidr":                x.CIDR,
			"vpc_id":                  "vpc-" + fmt.Sprintf("%x", c.digest("vpc", x.ID, 0))[:12],
		}
	})
}
