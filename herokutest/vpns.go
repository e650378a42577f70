package herokutest

import (
	"errors"
	"fmt"
)

var vpns = children[*Space, VPN]{
	path: "/spaces/{space}/vpn-connections", kind: "VPN connection",
	parent: (*call).space,
	of:     func(x *Space) *[]VPN { return &x.VPNs },
	is:     func(v *VPN, ref string) bool { return v.ID == ref || v.Name == ref },
	fill:   (*Server).fillVPN,
	wire:   (*Server).wireVPN,
	fields: byID(func(v *VPN) string { return v.ID }),
}

func (s *Server) fillVPN(x *Space, v *VPN) error {
	if v.Name == "" {
		return errors.New("a VPN connection without name")
	}
	if err := s.ident(&v.ID, "vpn-connection", x.ID+" "+v.Name); err != nil {
		return err
	}
	def(&v.Status, "active")
	def(&v.IKEVersion, 1)
	v.RoutableCIDRs = nonNil(v.RoutableCIDRs)
	if v.Tunnels == nil {
		v.Tunnels = []Tunnel{{IP: "198.51.100.1", CustomerIP: v.PublicIP}, {IP: "198.51.100.2", CustomerIP: v.PublicIP}}
	}
	for i := range v.Tunnels {
		t := &v.Tunnels[i]
		def(&t.Status, "UP")
		def(&t.PreSharedKey, fmt.Sprintf("%x", s.digest("pre-shared-key", v.ID, i))[:32])
		if t.LastStatusChange.IsZero() {
			t.LastStatusChange = s.stamp()
		}
		if err := oneOf("status of tunnel", t.Status, "UP", "DOWN"); err != nil {
			return err
		}
	}
	return oneOf("status of VPN connection", v.Status, "pending", "provisioning", "active", "deprovisioning", "failed")
}

func (s *Server) wireVPN(x *Space, v *VPN) obj {
	tunnels := []obj{}
	for _, t := range v.Tunnels {
		tunnels = append(tunnels, obj{
			"customer_ip":        t.CustomerIP,
			"ip":                 t.IP,
			"last_status_change": wireTime(t.LastStatusChange),
			"pre_shared_key":     t.PreSharedKey,
			"status":             t.Status,
			"status_message":     t.StatusMessage,
		})
	}
	return obj{
		"id":               v.ID,
		"ike_version":      v.IKEVersion,
		"name":             v.Name,
		"public_ip":        v.PublicIP,
		"routable_cidrs":   v.RoutableCIDRs,
		"space_cidr_block": x.CIDR,
		"status":           v.Status,
		"status_message":   v.StatusMessage,
		"tunnels":          tunnels,
	}
}

func vpnRoutes() {
	type body struct {
		Name          string   `json:"name"`
		PublicIP      string   `json:"public_ip"`
		RoutableCIDRs []string `json:"routable_cidrs"`
	}
	vpns.read()
	create(vpns, func(_ *Space, in body) (VPN, error) {
		return VPN{Name: in.Name, PublicIP: in.PublicIP, RoutableCIDRs: in.RoutableCIDRs}, nil
	})
	vpns.remove()
}
