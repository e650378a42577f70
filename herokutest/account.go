package herokutest

func (s *Server) wireAccount() obj {
	return obj{
		"allow_tracking":            false,
		"beta":                      false,
		"country_of_residence":      nil,
		"created_at":                wireTime(epoch),
		"default_organization":      nil,
		"default_team":              nil,
		"delinquent_at":             nil,
		"email":                     s.opts.Email,
		"federated":                 false,
		"id":                        s.fixedID("user", s.opts.Email),
		"identity_provider":         nil,
		"last_login":                nil,
		"name":                      nil,
		"sms_number":                nil,
		"suspended_at":              nil,
		"two_factor_authentication": true,
		"updated_at":                wireTime(epoch),
		"verified":                  true,
	}
}

func accountRoutes() {
	show := func(c *call, _ *state) any { return c.wireAccount() }
	get("/account", (*call).account, show)
	get("/users/{user}", (*call).own, show)
	get("/account/rate-limits", (*call).account, func(c *call, _ *state) any { return obj{"remaining": int(c.bucket)} })
}
