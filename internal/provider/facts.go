package provider

// Facts returns what Heroku says of an object that no attribute holds and that somebody
// should know, in clauses: own is the object, app the app it belongs to. None of it is
// drift: Terraform doesn't manage it.
func Facts(typ string, own, app any) []string {
	switch typ {
	case App:
		if Find(own, "maintenance") == true {
			return []string{"maintenance mode is on"}
		}
	case Addon:
		switch state := Text(Find(own, "state")); state {
		case "", "provisioned":
		case "provisioning":
			return []string{"the add-on is still being provisioned"}
		default:
			return []string{"the add-on is " + state}
		}
	case Domain:
		return domainFacts(own, app)
	}
	return nil
}

func domainFacts(own, app any) []string {
	object, _ := own.(map[string]any)
	endpoint, ok := object["sni_endpoint"]
	if !ok || endpoint != nil || Text(Find(own, "kind")) == "heroku" {
		return nil
	}
	status := Text(Find(own, "acm_status"))
	switch {
	case status == "ok" || status == "cert issued":
		return nil
	case Find(app, "acm") != true:
		return []string{"the domain has no certificate"}
	case status == "":
		return []string{"the domain has no certificate yet"}
	}
	return []string{"the domain has no certificate: automated certificate management says " + status}
}
