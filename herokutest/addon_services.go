package herokutest

import (
	"maps"
	"slices"
	"strings"
)

// service is what the marketplace says of an add-on service. The plans are the
// first ones only, the default one first: an add-on may have any other.
type service struct {
	name, human string
	single      bool // an app has one at most
	plans       []price
}

type price struct {
	plan  string
	cents int // a month
}

var services = []service{
	{"deployhooks", "Deploy Hooks", false, []price{{"http", 0}, {"email", 0}}},
	{"heroku-postgresql", "Heroku Postgres", false, []price{{"essential-0", 500}, {"essential-1", 900}, {"essential-2", 2000},
		{"standard-0", 5000}, {"standard-2", 20000}, {"premium-0", 20000}, {"private-0", 30000}, {"hobby-basic", 900}, {"mini", 500}}},
	{"heroku-redis", "Heroku Key-Value Store", false, []price{{"mini", 300}, {"premium-0", 1500}, {"premium-1", 3000}, {"private-1", 6000}}},
	{"heroku-kafka", "Apache Kafka on Heroku", false, []price{{"basic-0", 10000}, {"standard-0", 150000}}},
	{"mailgun", "Mailgun", true, []price{{"starter", 0}, {"concept", 3500}}},
	{"memcachier", "MemCachier", false, []price{{"dev", 0}, {"100", 1500}}},
	{"newrelic", "New Relic APM", true, []price{{"wayne", 0}}},
	{"papertrail", "SolarWinds Papertrail", true, []price{{"choklad", 0}, {"fixa", 800}}},
	{"scheduler", "Heroku Scheduler", true, []price{{"standard", 0}}},
	{"sendgrid", "Twilio SendGrid", true, []price{{"starter", 0}}},
}

// serviceOf is what is known of a service, by its name; of any other it is made
// up.
func serviceOf(name string) service {
	if i := slices.IndexFunc(services, func(v service) bool { return v.name == name }); i >= 0 {
		return services[i]
	}
	return service{name: name, human: name, plans: []price{{plan: "default"}}}
}

// planName completes a plan that is asked for by its service alone.
func planName(plan string) string {
	if strings.Contains(plan, ":") {
		return plan
	}
	return plan + ":" + serviceOf(plan).plans[0].plan
}

// cents is what a plan costs a month, as far as it is known.
func cents(plan string) int {
	name, tier, _ := strings.Cut(plan, ":")
	for _, p := range serviceOf(name).plans {
		if p.plan == tier {
			return p.cents
		}
	}
	return 0
}

func (s *Server) wireService(v service) obj {
	return obj{
		"cli_plugin_name":                 nil,
		"created_at":                      wireTime(epoch),
		"human_name":                      v.human,
		"id":                              s.fixedID("addon-service", v.name),
		"name":                            v.name,
		"state":                           "ga",
		"supports_multiple_installations": !v.single,
		"supports_sharing":                !v.single,
		"updated_at":                      wireTime(epoch),
	}
}

func (s *Server) wirePlan(plan string) obj {
	name, tier, _ := strings.Cut(plan, ":")
	v := serviceOf(name)
	return obj{
		"addon_service":                       s.named("addon-service", name),
		"compliance":                          nil,
		"created_at":                          wireTime(epoch),
		"default":                             tier == v.plans[0].plan,
		"description":                         v.human + " " + tier,
		"human_name":                          tier,
		"id":                                  s.fixedID("plan", plan),
		"installable_inside_private_network":  true,
		"installable_outside_private_network": !strings.HasPrefix(tier, "private-"),
		"name":                                plan,
		"price":                               obj{"cents": cents(plan), "contract": false, "unit": "month"},
		"space_default":                       false,
		"state":                               "ga",
		"updated_at":                          wireTime(epoch),
		"visible":                             true,
	}
}

// plansOf are the plans of a service, also those that add-ons on the server have.
func (c *call) plansOf(service string) []obj {
	v := serviceOf(service)
	var names []string
	for _, p := range v.plans {
		names = append(names, v.name+":"+p.plan)
	}
	for _, x := range c.state.addons {
		if x.service() == service && !slices.Contains(names, x.Plan) {
			names = append(names, x.Plan)
		}
	}
	var all []obj
	for _, name := range names {
		all = append(all, c.wirePlan(name))
	}
	return all
}

// services are those that everyone sees, and those that add-ons on the server
// are of.
func (c *call) services() []obj {
	names := map[string]bool{}
	for _, v := range services {
		names[v.name] = true
	}
	for _, x := range c.state.addons {
		names[x.service()] = true
	}
	var all []obj
	for _, name := range slices.Sorted(maps.Keys(names)) {
		all = append(all, c.wireService(serviceOf(name)))
	}
	return all
}

func addonServiceRoutes() {
	one := func(c *call) (obj, error) { return c.objectByID("add-on service", c.services()) }
	list("/addon-services", (*call).account, func(c *call, _ *state) listing[obj] { return objects(c.services(), "id", "name") })
	get("/addon-services/{id}", one, showObject)

	ofService := func(c *call) (obj, error) {
		for _, o := range c.services() {
			if ref := c.args["service"]; o["id"] == ref || o["name"] == ref {
				return o, nil
			}
		}
		return nil, notFound("add-on service")
	}
	plans := func(c *call, service obj) []obj { return c.plansOf(service["name"].(string)) }
	list("/addon-services/{service}/plans", ofService, func(c *call, o obj) listing[obj] { return objects(plans(c, o), "id", "name") })
	get("/addon-services/{service}/plans/{id}", func(c *call) (obj, error) {
		o, err := ofService(c)
		if err != nil {
			return nil, err
		}
		return c.planOf(plans(c, o))
	}, showObject)
	get("/plans/{id}", func(c *call) (obj, error) {
		service, _, _ := strings.Cut(c.args["id"], ":")
		return c.planOf(c.plansOf(service))
	}, showObject)
	dynoSizeRoutes()
}

// planOf returns the one of plans that {id} names, with or without its service.
func (c *call) planOf(plans []obj) (obj, error) {
	for _, o := range plans {
		name := o["name"].(string)
		if _, tier, _ := strings.Cut(name, ":"); c.args["id"] == o["id"] || c.args["id"] == name || c.args["id"] == tier {
			return o, nil
		}
	}
	return nil, notFound("plan")
}

// dynoSizes are the sizes of dynos that Heroku has: its memory in GB, and what one
// costs a month in cents.
var dynoSizes = []struct {
	name    string
	memory  float64
	cents   int
	private bool
}{
	{"Eco", 0.5, 500, false}, {"Basic", 0.5, 700, false}, {"Standard-1X", 0.5, 2500, false}, {"Standard-2X", 1, 5000, false},
	{"Performance-M", 2.5, 25000, false}, {"Performance-L", 14, 50000, false}, {"Performance-L-RAM", 30, 50000, false},
	{"Performance-XL", 62, 75000, false}, {"Performance-2XL", 126, 150000, false},
	{"Private-S", 1, 12500, true}, {"Private-M", 2.5, 25000, true}, {"Private-L", 14, 50000, true},
	{"Shield-S", 1, 15000, true}, {"Shield-M", 2.5, 30000, true}, {"Shield-L", 14, 60000, true},
}

func dynoSizeRoutes() {
	names := make([]string, len(dynoSizes))
	for i, size := range dynoSizes {
		names[i] = size.name
	}
	catalog("dyno-sizes", "dyno size", names, func(s *Server, name string) obj {
		size := dynoSizes[slices.Index(names, name)]
		dedicated := size.private || strings.HasPrefix(name, "Performance")
		return obj{
			"compute":            int(max(1, size.memory)),
			"cost":               obj{"cents": size.cents, "unit": "month"},
			"dedicated":          dedicated,
			"dyno_units":         int(max(1, size.memory)),
			"id":                 s.fixedID("dyno-size", name),
			"memory":             size.memory,
			"name":               name,
			"private_space_only": size.private,
		}
	})
}

// expanded is an answer about add-ons with the whole plan and service, where the
// header Accept-Expansion asks for them.
func (c *call) expanded(o obj, x *Addon) obj {
	for word := range strings.SplitSeq(c.r.Header.Get("Accept-Expansion"), ",") {
		switch strings.TrimSpace(word) {
		case "plan":
			o["plan"] = c.wirePlan(x.Plan)
		case "addon_service":
			o["addon_service"] = c.wireService(serviceOf(x.service()))
		}
	}
	return o
}
