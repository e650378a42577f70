package herokutest

import (
	"net/http"
	"strconv"
	"time"
)

// usageRoutes are about what things cost. No add-on of the server is metered, and
// an account's quota is that of eco dynos, of which nothing is used.
func usageRoutes() {
	ofApp := func(a *App) obj { return obj{"id": a.ID, "name": a.Name, "addons": []obj{}} }
	get("/apps/{app}/usage", (*call).app, func(_ *call, a *App) any { return ofApp(a) })
	get("/teams/{team}/apps/{app}/usage", (*call).teamApp, func(_ *call, a *App) any { return ofApp(a) })
	get("/teams/{team}/usage", (*call).team, func(c *call, t *Team) any {
		all := []obj{}
		for _, a := range c.appsOwnedBy(t) {
			all = append(all, ofApp(a))
		}
		return obj{"apps": all}
	})
	list("/teams/{team}/usage/monthly", (*call).team, func(c *call, t *Team) listing[obj] { return c.bill(t, "month", "2006-01") })
	list("/teams/{team}/usage/daily", (*call).team, func(c *call, t *Team) listing[obj] { return c.bill(t, "date", time.DateOnly) })
	handle("GET /accounts/{user}/actions/get-quota", func(c *call) (int, any, error) {
		if _, err := c.own(); err != nil {
			return 0, nil, err
		}
		return http.StatusOK, obj{"account_quota": 1000 * 60 * 60, "apps": []obj{}, "quota_used": 0}, nil
	})
}

// bill is the one line of what a team's apps have used up to now: the dynos and
// add-ons that they have, in whole ones.
func (c *call) bill(t *Team, period, layout string) listing[obj] {
	apps, dynos, addons := []obj{}, 0, 0.0
	for _, a := range c.appsOwnedBy(t) {
		count, cents := 0, 0
		for _, p := range a.Formation {
			count += p.Quantity
		}
		for _, x := range c.state.addons {
			if x.App == a.ID {
				cents += x.PriceCents
			}
		}
		dynos, addons = dynos+count, addons+float64(cents)
		apps = append(apps, obj{"addons": cents, "app_name": a.Name, "data": 0, "dynos": count, "partner": 0})
	}
	o := obj{"addons": addons, "apps": apps, "data": 0, "dynos": dynos, "id": t.ID, "name": t.Name, "partner": 0, "space": 0,
		period: c.stamp().Format(layout)}
	if period == "month" {
		o["connect"] = 0
	}
	return objects([]obj{o}, "id")
}

// topologyRoutes show where the dynos of a space are.
func topologyRoutes() {
	get("/spaces/{space}/topology", (*call).space, func(c *call, x *Space) any {
		apps := []obj{}
		for _, a := range c.appsOf(x) {
			hosts, formation := []string{}, []obj{}
			for _, d := range a.Domains {
				hosts = append(hosts, d.Hostname)
			}
			for _, p := range a.Formation {
				dynos := []obj{}
				for n := range p.Quantity {
					sum := c.digest("private-ip", a.ID+" "+p.Type, n)
					dynos = append(dynos, obj{
						"hostname":   p.Type + "." + a.Name + ".app.localspace",
						"id":         c.fixedID("dyno", a.ID+" "+p.Type+" "+wireTime(p.UpdatedAt)),
						"number":     n + 1,
						"private_ip": "10.0." + strconv.Itoa(int(sum[0])) + "." + strconv.Itoa(int(sum[1])),
					})
				}
				formation = append(formation, obj{"dynos": dynos, "id": p.ID, "process_type": p.Type})
			}
			apps = append(apps, obj{"domains": hosts, "formation": formation, "id": a.ID})
		}
		return obj{"apps": apps, "version": 1}
	})
}
