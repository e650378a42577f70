package herokutest

import (
	"slices"
	"time"
)

// What every account sees alike.

type region struct {
	name, locale, country, description, provider string
	private                                      bool
}

var regions = []region{
	{"eu", "Ireland", "Ireland", "Europe", "eu-west-1", false},
	{"frankfurt", "Frankfurt", "Germany", "Frankfurt, Germany", "eu-central-1", true},
	{"dublin", "Dublin", "Ireland", "Dublin, Ireland", "eu-west-1", true},
	{"oregon", "Oregon", "United States", "Oregon, United States", "us-west-2", true},
	{"sydney", "Sydney", "Australia", "Sydney, Australia", "ap-southeast-2", true},
	{"tokyo", "Tokyo", "Japan", "Tokyo, Japan", "ap-northeast-1", true},
	{"us", "Virginia", "United States", "United States", "us-east-1", false},
	{"virginia", "Virginia", "United States", "Virginia, United States", "us-east-1", true},
}

func regionNames() []string {
	var names []string
	for _, r := range regions {
		names = append(names, r.name)
	}
	return names
}

// epoch dates what was always there.
var epoch = time.Date(2014, 1, 1, 0, 0, 0, 0, time.UTC)

func (s *Server) wireRegion(r region) obj {
	return obj{
		"country":         r.country,
		"created_at":      wireTime(epoch),
		"description":     r.description,
		"id":              s.fixedID("region", r.name),
		"locale":          r.locale,
		"name":            r.name,
		"private_capable": r.private,
		"provider":        obj{"name": "amazon-web-services", "region": r.provider},
		"updated_at":      wireTime(epoch),
	}
}

var stacks = []string{"cnb", "container", "heroku-22", "heroku-24", "heroku-26"}

func (s *Server) wireStack(name string) obj {
	return obj{
		"created_at": wireTime(epoch),
		"default":    name == "heroku-24",
		"id":         s.fixedID("stack", name),
		"name":       name,
		"state":      "public",
		"updated_at": wireTime(epoch),
	}
}

func (s *Server) wireGeneration(name string) obj {
	return obj{
		"created_at": wireTime(epoch),
		"id":         s.fixedID("generation", name),
		"name":       name,
		"updated_at": wireTime(epoch),
	}
}

func catalogRoutes() {
	catalog("regions", "region", regionNames(), func(s *Server, name string) obj {
		return s.wireRegion(regions[slices.IndexFunc(regions, func(r region) bool { return r.name == name })])
	})
	catalog("stacks", "stack", stacks, (*Server).wireStack)
	catalog("generations", "generation", []string{Cedar, Fir}, (*Server).wireGeneration)
}

// catalog registers the list of something that is the same for all, and the
// read of one of them.
func catalog(path, kind string, names []string, wire func(*Server, string) obj) {
	all := func(c *call) []obj {
		var all []obj
		for _, name := range names {
			all = append(all, wire(c.Server, name))
		}
		return all
	}
	list("/"+path, (*call).account, func(c *call, _ *state) listing[obj] { return objects(all(c), "id", "name") })
	get("/"+path+"/{id}", func(c *call) (obj, error) { return c.objectByID(kind, all(c)) }, showObject)
}

// catalogName is the name of something in a catalog that a body names by its UUID
// or its name.
func (s *Server) catalogName(kind string, r ref) string {
	if !uuidForm.MatchString(string(r)) {
		return string(r)
	}
	names := regionNames()
	if kind == "stack" {
		names = stacks
	}
	for _, name := range names {
		if s.fixedID(kind, name) == string(r) {
			return name
		}
	}
	return string(r)
}
