package herokutest

import (
	"cmp"
	"fmt"
	"maps"
	"strings"

	"github.com/herokutf/herokutf/internal/provider"
)

// What one object of a state says of Heroku. Data sources share the methods of
// the resources whose attributes they have.

func (b *builder) addTeam(v attrs) {
	t := b.team(v.text("name"), v.text("id"))
	t.Type = cmp.Or(v.text("type"), t.Type)
}

func (b *builder) addSpace(v attrs) {
	x := b.space(v.text("name"), v.text("uuid"), v.text("id"))
	if org := v.text("organization"); org != "" {
		x.Team = org
		b.team(org)
	}
	x.Generation = cmp.Or(v.text("generation"), x.Generation)
	x.Region = cmp.Or(v.text("region"), x.Region)
	x.State = cmp.Or(v.text("state"), x.State)
	x.CIDR = cmp.Or(v.text("cidr"), x.CIDR)
	x.DataCIDR = cmp.Or(v.text("data_cidr"), x.DataCIDR)
	x.Shield = x.Shield || v.bool("shield")
	if v.has("outbound_ips") {
		x.NAT = append([]string{}, v.texts("outbound_ips")...)
	}
	if ranges := v.texts("trusted_ip_ranges"); ranges != nil {
		rules := make([]Rule, len(ranges))
		for i, source := range ranges {
			rules[i] = Rule{Action: "allow", Source: source}
		}
		x.Rulesets = []Ruleset{{Rules: rules}}
	}
}

func (b *builder) addApp(v attrs) {
	a := b.app(v.text("name"), v.text("uuid"), v.text("id"))
	if team := v.text("organization.name"); team != "" {
		a.Team = team
		b.team(team)
	}
	a.Locked = a.Locked || v.bool("organization.locked")
	if space := v.text("space"); space != "" {
		a.Space = b.space(space).Name
	}
	a.Generation = cmp.Or(v.text("generation"), a.Generation)
	a.Region = cmp.Or(v.text("region"), a.Region)
	a.Stack = cmp.Or(v.text("stack"), a.Stack)
	a.ACM = a.ACM || v.bool("acm")
	a.InternalRouting = a.InternalRouting || v.bool("internal_routing")
	if url := v.text("web_url"); url != "" {
		a.Hostname, a.PlainHTTP = provider.HostOf(url), new(strings.HasPrefix(url, "http://"))
	} else if v.has("web_url") {
		a.NoHostname = true
	}
	if packs := v.texts("buildpacks"); packs != nil {
		a.Buildpacks = packs
	}
	for _, name := range []string{"all_config_vars", "config_vars", "sensitive_config_vars"} {
		maps.Copy(a.ConfigVars, v.dict(name))
	}
}

func (b *builder) addAssociation(v attrs) {
	a := b.parent(v)
	maps.Copy(a.ConfigVars, v.dict("vars"))
	maps.Copy(a.ConfigVars, v.dict("sensitive_vars"))
}

func (b *builder) addCoupling(v attrs) {
	p := b.pipeline(v.text("pipeline"))
	p.Couplings = append(p.Couplings, Coupling{ID: v.text("id"), App: b.parent(v).Name, Stage: v.text("stage")})
}

func (b *builder) addPipeline(v attrs) {
	p := b.pipeline(v.text("id"), v.text("name"))
	id := v.text("owner.id", "owner_id")
	switch v.text("owner.type", "owner_type") {
	case "team":
		p.Team = id
	case "user":
		p.Owner = id
	}
}

func (b *builder) addPipelineVars(v attrs) {
	p := b.pipeline(v.text("pipeline_id"))
	stage := v.text("pipeline_stage")
	if p.ConfigVars == nil {
		p.ConfigVars = make(map[string]map[string]string)
	}
	if p.ConfigVars[stage] == nil {
		p.ConfigVars[stage] = make(map[string]string)
	}
	for _, name := range []string{"all_vars", "vars", "sensitive_vars"} {
		maps.Copy(p.ConfigVars[stage], v.dict(name))
	}
}

func (b *builder) addReviewConfig(v attrs) {
	target := v.text("deploy_target.id")
	switch {
	case v.text("deploy_target.type") == "space":
		target = b.space(target).Name
	case provider.IsUUID(target):
		// Up to which region it is, the state doesn't say.
		b.identify("region", "us", target)
	}
	b.pipeline(v.text("pipeline_id", "id")).ReviewConfig = &ReviewConfig{
		RepoID:              v.int("repo_id"),
		BaseName:            v.text("base_name"),
		AutomaticReviewApps: v.bool("automatic_review_apps"),
		DestroyStaleApps:    v.bool("destroy_stale_apps"),
		StaleDays:           v.int("stale_days"),
		WaitForCI:           v.bool("wait_for_ci"),
		DeployTarget:        target,
	}
}

func (b *builder) addPromotion(v attrs) {
	p := Promotion{
		ID:        v.text("id"),
		Pipeline:  b.pipeline(v.text("pipeline")).ID,
		Source:    b.app(v.text("source_app_id")).Name,
		Release:   v.text("release_id"),
		Status:    v.text("status"),
		CreatedAt: instant(v.text("created_at")),
	}
	made := make(map[string]bool)
	add := func(app, release string) {
		made[app] = true
		p.Targets = append(p.Targets, PromotionTarget{
			// The API lists targets by their identifiers.
			ID:  fmt.Sprintf("%08x-0000-4000-8000-%s", len(p.Targets)+1, tail(p.ID)),
			App: b.app(app).Name, Release: release,
		})
	}
	for _, r := range v.blocks("promoted_release_ids") {
		add(r.text("app_id"), r.text("release_id"))
	}
	first := v.text("promoted_release_id")
	for _, app := range v.texts("targets") {
		switch {
		case made[app]:
		case !v.has("promoted_release_ids"):
			// Up to v5.3.1 only the first release is kept.
			add(app, first)
			first = ""
		default:
			add(app, "")
		}
	}
	b.promotions = append(b.promotions, p)
}

// tail returns the last twelve characters of a UUID.
func tail(uuid string) string {
	if !provider.IsUUID(uuid) {
		return "000000000000"
	}
	return strings.ToLower(uuid[24:])
}

func (b *builder) addAddon(v attrs) {
	x := b.addon(v.text("name"), v.text("id"))
	if app := v.text("app_id", "app"); app != "" {
		x.App = b.app(app).Name
	}
	x.Plan = cmp.Or(v.text("plan"), x.Plan)
	x.ProviderID = cmp.Or(v.text("provider_id"), x.ProviderID)
	if v.has("config_vars") && x.Config == nil {
		x.Config = make(map[string]string)
		given := v.dict("config_var_values")
		for _, name := range v.texts("config_vars") {
			x.Config[name] = given[name] // the app's, if there is none
		}
		if x.App != "" {
			a := b.app(x.App)
			for name, value := range given {
				if _, ok := a.ConfigVars[name]; !ok {
					a.ConfigVars[name] = value
				}
			}
		}
	}
}

func (b *builder) addAttachment(v attrs) {
	x := b.addon(v.text("addon_id"))
	x.Attachments = append(x.Attachments, Attachment{
		ID: v.text("id"), Name: v.text("name"), App: b.parent(v).Name, Namespace: v.text("namespace"),
	})
}

func (b *builder) addAccountFeature(v attrs) {
	name := v.text("name")
	b.accountFeatures = append(b.accountFeatures, Feature{
		Name: name, Description: v.text("description"), State: v.text("state"),
	})
	if v.bool("enabled") {
		b.features = append(b.features, name)
	}
}

func (b *builder) addFeature(v attrs) {
	app, id, _ := strings.Cut(v.text("id"), ":")
	a := b.app(v.text("app_id"), v.text("app"), app)
	f := Feature{Name: v.text("name")}
	if provider.IsUUID(id) {
		f.ID = id
	}
	a.FeatureDetails = append(a.FeatureDetails, f)
	if v.bool("enabled") {
		a.Features = append(a.Features, f.Name)
	}
}

func (b *builder) addSlug(v attrs) {
	a := b.parent(v)
	b.identify("stack", v.text("stack"), v.text("stack_id"))
	a.Slugs = append(a.Slugs, Slug{
		ID:                           v.text("id"),
		Commit:                       v.textOrNull("commit"),
		CommitDescription:            v.text("commit_description"),
		Checksum:                     v.textOrNull("checksum"),
		BuildpackProvidedDescription: v.text("buildpack_provided_description"),
		ProcessTypes:                 v.dict("process_types"),
		Size:                         int64(v.int("size")),
		Stack:                        v.text("stack"),
	})
}

func (b *builder) addBuild(v attrs) {
	a := b.parent(v)
	b.identify("user", v.text("user.email"), v.text("user.id"))
	build := Build{
		ID:              v.text("id"),
		Status:          v.text("status"),
		SourceURL:       v.text("source.url"),
		SourceVersion:   v.text("source.version"),
		SourceChecksum:  v.text("source.checksum"),
		Slug:            v.text("slug_id"),
		Release:         v.text("release_id"),
		Stack:           v.text("stack"),
		User:            v.text("user.email"),
		OutputStreamURL: v.text("output_stream_url"),
	}
	for _, pack := range v.texts("buildpacks") {
		build.Buildpacks = append(build.Buildpacks, strings.TrimPrefix(pack, "urn:buildpack:"))
	}
	a.Builds = append(a.Builds, build)
	if build.Slug != "" || build.Release != "" {
		release(a, Release{ID: build.Release, Slug: build.Slug})
	}
}

func (b *builder) addRelease(v attrs) {
	r := Release{ID: v.text("id"), Slug: v.text("slug_id"), Image: v.text("oci_image"), Description: v.text("description")}
	a := b.parent(v)
	if r.Image != "" {
		a.Generation = cmp.Or(a.Generation, Fir)
	}
	release(a, r)
}

// release makes a release the newest one of the app, which is the one that runs.
func release(a *App, r Release) {
	for i, old := range a.Releases {
		if r.ID != "" && old.ID == r.ID {
			r.Slug = cmp.Or(r.Slug, old.Slug)
			a.Releases = append(a.Releases[:i], a.Releases[i+1:]...)
			break
		}
	}
	a.Releases = append(a.Releases, r)
}

func (b *builder) addWebhook(v attrs) {
	a := b.parent(v)
	a.Webhooks = append(a.Webhooks, Webhook{
		ID: v.text("id"), URL: v.text("url"), Level: v.text("level"), Include: append([]string{}, v.texts("include")...),
	})
}

func (b *builder) addCert(v attrs) {
	a := b.parent(v)
	a.SSLEndpoints = append(a.SSLEndpoints, SSLEndpoint{
		ID: v.text("id"), Name: v.text("name"), CNAME: v.text("cname"), CertificateChain: v.text("certificate_chain"),
	})
}

func (b *builder) addSSL(v attrs) {
	a := b.parent(v)
	chain := v.text("certificate_chain")
	a.SNIEndpoints = append(a.SNIEndpoints, SNIEndpoint{
		ID: v.text("id"), Name: v.text("name"), CertificateChain: chain, Pending: chain == "",
	})
}

func (b *builder) addDomain(v attrs) {
	a := b.parent(v)
	a.Domains = append(a.Domains, Domain{
		ID: v.text("id"), Hostname: v.text("hostname"), CNAME: v.textOrNull("cname"), SNIEndpoint: v.text("sni_endpoint_id"),
	})
}

func (b *builder) addDrain(v attrs) {
	a := b.parent(v)
	a.LogDrains = append(a.LogDrains, LogDrain{
		ID: v.text("id"), URL: v.text("url", "sensitive_url"), Token: v.text("token"),
	})
}

func (b *builder) addFormation(v attrs) {
	a := b.parent(v)
	a.Formation = append(a.Formation, Process{
		ID: v.text("id"), Type: v.text("type"), Quantity: v.int("quantity"), Size: v.text("size"),
	})
}

// addCollaborator adds someone once, though both kinds of resource may have
// them.
func (b *builder) addCollaborator(v attrs) {
	a := b.parent(v)
	c := Collaborator{ID: v.text("id"), Email: v.text("email"), Permissions: v.texts("permissions")}
	for i, old := range a.Collaborators {
		if strings.EqualFold(old.Email, c.Email) {
			if c.Permissions != nil {
				a.Collaborators[i].Permissions = c.Permissions
			}
			return
		}
	}
	a.Collaborators = append(a.Collaborators, c)
}

func (b *builder) addMember(v attrs) {
	t := b.team(v.text("team"))
	t.Members = append(t.Members, Member{
		Email: v.text("email"), Role: v.text("role"), Federated: v.bool("federated"),
	})
}

func (b *builder) addSpaceMember(v attrs) {
	x := b.space(v.text("space"))
	b.identify("user", v.text("email"), v.text("id"))
	x.Members = append(x.Members, SpaceMember{
		Email: v.text("email"), Permissions: append([]string{}, v.texts("permissions")...),
	})
}

func (b *builder) addRuleset(v attrs) {
	x := b.space(v.text("space"))
	rules := []Rule{}
	for _, r := range v.blocks("rule") {
		rules = append(rules, Rule{Action: r.text("action"), Source: r.text("source")})
	}
	x.Rulesets = []Ruleset{{ID: v.text("id"), Rules: rules}}
}

func (b *builder) addPeering(v attrs) {
	x := b.space(v.text("space"))
	x.Peerings = append(x.Peerings, Peering{
		ID: v.text("vpc_peering_connection_id", "id"), Status: v.text("status"), Type: v.text("type"),
	})
}

func (b *builder) addVPN(v attrs) {
	x := b.space(v.text("space"))
	x.CIDR = cmp.Or(x.CIDR, v.text("space_cidr_block"))
	_, id, _ := strings.Cut(v.text("id"), ":")
	tunnels := []Tunnel{}
	for _, t := range v.blocks("tunnels") {
		tunnels = append(tunnels, Tunnel{IP: t.text("ip"), PreSharedKey: t.text("pre_shared_key"), CustomerIP: v.text("public_ip")})
	}
	x.VPNs = append(x.VPNs, VPN{
		ID: id, Name: v.text("name"), PublicIP: v.text("public_ip"), RoutableCIDRs: v.texts("routable_cidrs"),
		IKEVersion: v.int("ike_version"), Tunnels: tunnels,
	})
}

func (b *builder) addTelemetry(v attrs) {
	d := TelemetryDrain{
		ID:        v.text("id"),
		Endpoint:  v.text("endpoint"),
		Type:      v.text("exporter_type"),
		Signals:   append([]string{}, v.texts("signals")...),
		Headers:   v.dict("headers"),
		CreatedAt: instant(v.text("created_at")),
		UpdatedAt: instant(v.text("updated_at")),
	}
	if owner := v.text("owner_id"); v.text("owner_type") == "space" {
		x := b.space(owner)
		x.TelemetryDrains = append(x.TelemetryDrains, d)
	} else {
		a := b.app(owner)
		a.TelemetryDrains = append(a.TelemetryDrains, d)
	}
}
