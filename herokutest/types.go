package herokutest

import "time"

// Null, as the status of a [Release] or the role of a [Collaborator] or
// [Member], is sent as JSON's null, which the live API does now and then. The
// commit and the checksum of a [Slug] and the CNAME of a [Domain], which are made
// up where they are left out, take it too.
const Null = "null"

// Generations of the platform. A pipeline takes apps of one generation only.
const (
	Cedar = "cedar" // apps run slugs
	Fir   = "fir"   // apps run OCI images; their releases have no slug
)

// Stages of a pipeline.
const (
	Test        = "test" // Heroku CI
	Review      = "review"
	Development = "development"
	Staging     = "staging"
	Production  = "production"
)

// Statuses of a release.
const (
	Succeeded = "succeeded"
	Pending   = "pending" // the release phase is still running
	Failed    = "failed"  // the release phase failed; never ran
	Expired   = "expired" // its slug or image is gone; no rollback to it
)

// App is an app and all that belongs to it. Only Name is needed; Add fills in
// the rest. Maps and slices are copied in and out, so that changing them
// later changes nothing on the server.
type App struct {
	ID         string `json:"id,omitempty"`
	Name       string `json:"name"`
	Generation string `json:"generation,omitempty"` // default Cedar
	// Owner is an email address. Default: the token's account, or
	// TEAM@herokumanager.com for an app of a team.
	Owner  string `json:"owner,omitempty"`
	Team   string `json:"team,omitempty"`   // name or UUID of a Team; empty: personal
	Space  string `json:"space,omitempty"`  // name or UUID of a Space; empty: Common Runtime
	Region string `json:"region,omitempty"` // default "us", or the space's
	// Stack is "heroku-24" by default, and "cnb" for Fir. With "container"
	// the app is deployed from the container registry and has no slugs.
	Stack      string `json:"stack,omitempty"`
	BuildStack string `json:"build_stack,omitempty"` // default: Stack
	// Hostname is the app's own domain, which web_url holds. Default: the
	// name, a dash and 12 hex digits below herokuapp.com. Apps from before
	// June 2023 that were never renamed have it without the digits.
	Hostname string `json:"hostname,omitempty"`
	// NoHostname takes away that domain: web_url is null.
	NoHostname bool `json:"no_hostname,omitempty"`
	// PlainHTTP says whether web_url has the scheme http, as that of apps of Private
	// Spaces. Nil: it has in a Space, and https elsewhere.
	PlainHTTP                    *bool     `json:"plain_http,omitempty"`
	ACM                          bool      `json:"acm,omitempty"`
	Maintenance                  bool      `json:"maintenance,omitempty"`
	InternalRouting              bool      `json:"internal_routing,omitempty"`
	Locked                       bool      `json:"locked,omitempty"`     // team apps only
	NotJoined                    bool      `json:"not_joined,omitempty"` // team apps only
	Suspended                    bool      `json:"suspended,omitempty"`  // the app and its children answer 403 "suspended"
	BuildpackProvidedDescription string    `json:"buildpack_provided_description,omitempty"`
	CreatedAt                    time.Time `json:"created_at,omitzero"` // default: now
	UpdatedAt                    time.Time `json:"updated_at,omitzero"` // default: CreatedAt
	ReleasedAt                   time.Time `json:"released_at,omitzero"`
	ArchivedAt                   time.Time `json:"archived_at,omitzero"`
	RepoSize                     int64     `json:"repo_size,omitempty"` // bytes; 0 is sent as null
	SlugSize                     int64     `json:"slug_size,omitempty"` // bytes; 0 is sent as null

	ConfigVars map[string]string `json:"config_vars,omitzero"`
	// Buildpacks are registry names such as "heroku/go", or URLs, in order.
	Buildpacks []string `json:"buildpacks,omitempty"`
	// Features are the names of the enabled ones. A name beyond those that
	// Heroku has is listed too.
	Features []string `json:"features,omitempty"`
	// FeatureDetails say of features, enabled or not, what is otherwise made
	// up. They are listed too.
	FeatureDetails []Feature `json:"feature_details,omitempty"`
	Formation      []Process `json:"formation,omitempty"`
	Dynos          []Dyno    `json:"dynos,omitempty"` // one-off ones; the others follow from the formation
	// Restarts says when dynos were restarted, by name, such as "web.1".
	Restarts     map[string]time.Time `json:"restarts,omitempty"`
	Domains      []Domain             `json:"domains,omitempty"` // the app's own one is added
	SNIEndpoints []SNIEndpoint        `json:"sni_endpoints,omitempty"`
	// SSLEndpoints are certificates of the add-on that Heroku has shut down.
	// Without any, their routes answer 404, as they do on Heroku.
	SSLEndpoints    []SSLEndpoint    `json:"ssl_endpoints,omitempty"`
	LogDrains       []LogDrain       `json:"log_drains,omitempty"`
	TelemetryDrains []TelemetryDrain `json:"telemetry_drains,omitempty"`
	Collaborators   []Collaborator   `json:"collaborators,omitempty"` // the owner is added
	Webhooks        []Webhook        `json:"webhooks,omitempty"`
	WebhookEvents   []WebhookEvent   `json:"webhook_events,omitempty"`
	Slugs           []Slug           `json:"slugs,omitempty"` // those the releases name are added
	Images          []OCIImage       `json:"images,omitempty"`
	Builds          []Build          `json:"builds,omitempty"`
	// Releases is in any order. Nil: the two releases without code that
	// creating an app makes. Empty but not nil: none at all.
	Releases []Release `json:"releases,omitzero"`
}

// Release is one version of an app: code, config vars and add-ons.
type Release struct {
	ID          string `json:"id,omitempty"`
	Version     int    `json:"version,omitempty"` // from 1; default: one more than the highest
	Status      string `json:"status,omitempty"`  // default Succeeded
	Description string `json:"description,omitempty"`
	// Slug is the UUID of the slug that the release runs, and Image that of
	// its OCI image. Without either it is a release of no code, or of a
	// container image.
	Slug  string `json:"slug,omitempty"`
	Image string `json:"image,omitempty"`
	User  string `json:"user,omitempty"` // email; default: the token's account
	// Current marks the running release. Of the releases an app is seeded
	// with at most one may have it; if none has it, it is the newest one that
	// succeeded.
	Current bool `json:"current,omitempty"`
	// Deployment says that the release changed code, image or processes, so
	// that latest-deployments shows it.
	Deployment bool `json:"deployment,omitempty"`
	// Rollback says that the release was made by a rollback.
	Rollback        bool              `json:"rollback,omitempty"`
	ConfigVars      map[string]string `json:"config_vars,omitzero"` // as of then; nil: the app's
	AddonPlans      []string          `json:"addon_plans,omitempty"`
	OutputStreamURL string            `json:"output_stream_url,omitempty"`
	CreatedAt       time.Time         `json:"created_at,omitzero"`
	UpdatedAt       time.Time         `json:"updated_at,omitzero"`
}

// Slug is the code of an app, built for the Cedar generation.
type Slug struct {
	ID                           string            `json:"id,omitempty"`
	Commit                       string            `json:"commit,omitempty"`
	CommitDescription            string            `json:"commit_description,omitempty"`
	Checksum                     string            `json:"checksum,omitempty"` // default: SHA256: and 64 hex digits
	BuildpackProvidedDescription string            `json:"buildpack_provided_description,omitempty"`
	ProcessTypes                 map[string]string `json:"process_types,omitzero"` // type to command; default: a web process
	Size                         int64             `json:"size,omitempty"`         // bytes; 0 is sent as null
	Stack                        string            `json:"stack,omitempty"`        // default: the app's
	Expired                      bool              `json:"expired,omitempty"`      // deleted by Heroku: reading it is a 404
	CreatedAt                    time.Time         `json:"created_at,omitzero"`
	UpdatedAt                    time.Time         `json:"updated_at,omitzero"`
}

// OCIImage is the code of an app, built for the Fir generation.
type OCIImage struct {
	ID                string            `json:"id,omitempty"`
	BaseImageName     string            `json:"base_image_name,omitempty"`
	BaseTopLayer      string            `json:"base_top_layer,omitempty"`
	Commit            string            `json:"commit,omitempty"`
	CommitDescription string            `json:"commit_description,omitempty"`
	ImageRepo         string            `json:"image_repo,omitempty"`
	Digest            string            `json:"digest,omitempty"`
	Stack             string            `json:"stack,omitempty"`
	ProcessTypes      map[string]string `json:"process_types,omitzero"` // type to command; default: a web process
	Architecture      string            `json:"architecture,omitempty"`
	CreatedAt         time.Time         `json:"created_at,omitzero"`
	UpdatedAt         time.Time         `json:"updated_at,omitzero"`
}

// Build is a run of the build system.
type Build struct {
	ID                 string    `json:"id,omitempty"`
	Status             string    `json:"status,omitempty"` // default Succeeded
	Buildpacks         []string  `json:"buildpacks,omitempty"`
	SourceURL          string    `json:"source_url,omitempty"`
	SourceVersion      string    `json:"source_version,omitempty"`
	SourceChecksum     string    `json:"source_checksum,omitempty"`
	VersionDescription string    `json:"version_description,omitempty"`
	Slug               string    `json:"slug,omitempty"`    // UUID
	Release            string    `json:"release,omitempty"` // UUID
	Stack              string    `json:"stack,omitempty"`   // default: the app's
	User               string    `json:"user,omitempty"`    // email; default: the token's account
	OutputStreamURL    string    `json:"output_stream_url,omitempty"`
	CreatedAt          time.Time `json:"created_at,omitzero"`
	UpdatedAt          time.Time `json:"updated_at,omitzero"`
}

// Process is a line of an app's formation.
type Process struct {
	ID        string    `json:"id,omitempty"`
	Type      string    `json:"type"`              // such as "web"
	Command   string    `json:"command,omitempty"` // default: from the type
	Quantity  int       `json:"quantity"`
	Size      string    `json:"size,omitempty"` // default "Standard-1X", and "dyno-1c-0.5gb" for Fir
	CreatedAt time.Time `json:"created_at,omitzero"`
	UpdatedAt time.Time `json:"updated_at,omitzero"`
}

// Domain is a domain of an app.
type Domain struct {
	ID              string    `json:"id,omitempty"`
	Hostname        string    `json:"hostname"`
	Kind            string    `json:"kind,omitempty"`  // "custom", the default, or "heroku"
	CNAME           string    `json:"cname,omitempty"` // default for custom ones: a name below herokudns.com
	Status          string    `json:"status,omitempty"`
	ACMStatus       string    `json:"acm_status,omitempty"`
	ACMStatusReason string    `json:"acm_status_reason,omitempty"`
	SNIEndpoint     string    `json:"sni_endpoint,omitempty"` // name or UUID of an endpoint of the app
	CreatedAt       time.Time `json:"created_at,omitzero"`
	UpdatedAt       time.Time `json:"updated_at,omitzero"`
}

// SNIEndpoint is a certificate of an app.
type SNIEndpoint struct {
	ID               string `json:"id,omitempty"`
	Name             string `json:"name,omitempty"` // default: made up
	DisplayName      string `json:"display_name,omitempty"`
	CertificateChain string `json:"certificate_chain,omitempty"`
	// Pending sends the certificate chain as null and ssl_cert as {}, as
	// Heroku does while it waits for an automatic certificate.
	Pending    bool      `json:"pending,omitempty"`
	Subject    string    `json:"subject,omitempty"`
	Issuer     string    `json:"issuer,omitempty"`
	SelfSigned bool      `json:"self_signed,omitempty"`
	StartsAt   time.Time `json:"starts_at,omitzero"`
	ExpiresAt  time.Time `json:"expires_at,omitzero"`
	CreatedAt  time.Time `json:"created_at,omitzero"`
	UpdatedAt  time.Time `json:"updated_at,omitzero"`
}

// SSLEndpoint is a certificate as the SSL Endpoint add-on had it, which Heroku
// has shut down. States of Terraform still hold some.
type SSLEndpoint struct {
	ID               string    `json:"id,omitempty"`
	Name             string    `json:"name,omitempty"`  // default: made up
	CNAME            string    `json:"cname,omitempty"` // default: a name below herokussl.com
	CertificateChain string    `json:"certificate_chain,omitempty"`
	CreatedAt        time.Time `json:"created_at,omitzero"`
	UpdatedAt        time.Time `json:"updated_at,omitzero"`
}

// Feature is what there is to say of a feature of an app or of the account,
// beyond whether it is enabled. What is left out is made up, or what Heroku's
// features of that name have.
type Feature struct {
	ID          string `json:"id,omitempty"`
	Name        string `json:"name"`
	DisplayName string `json:"display_name,omitempty"`
	Description string `json:"description,omitempty"`
	State       string `json:"state,omitempty"` // default "beta"
}

// LogDrain sends an app's log somewhere.
type LogDrain struct {
	ID        string    `json:"id,omitempty"`
	URL       string    `json:"url"`
	Token     string    `json:"token,omitempty"` // default: made up
	Addon     string    `json:"addon,omitempty"` // name or UUID of the add-on that owns it
	CreatedAt time.Time `json:"created_at,omitzero"`
	UpdatedAt time.Time `json:"updated_at,omitzero"`
}

// TelemetryDrain sends an app's or a space's telemetry somewhere.
type TelemetryDrain struct {
	ID        string            `json:"id,omitempty"`
	Endpoint  string            `json:"endpoint"`
	Type      string            `json:"type,omitempty"`   // "otlphttp", the default, or "otlp"
	Signals   []string          `json:"signals,omitzero"` // default: traces, metrics, logs
	Headers   map[string]string `json:"headers,omitempty"`
	CreatedAt time.Time         `json:"created_at,omitzero"`
	UpdatedAt time.Time         `json:"updated_at,omitzero"`
}

// Collaborator is someone with access to an app.
type Collaborator struct {
	ID          string    `json:"id,omitempty"`
	Email       string    `json:"email"`
	Role        string    `json:"role,omitempty"`       // default "collaborator"
	Permissions []string  `json:"permissions,omitzero"` // of view, deploy, operate, manage; default: view and deploy
	CreatedAt   time.Time `json:"created_at,omitzero"`
	UpdatedAt   time.Time `json:"updated_at,omitzero"`
}

// Webhook is a webhook of an app. Its secret and authorization are write-only
// on Heroku and aren't kept.
type Webhook struct {
	ID        string    `json:"id,omitempty"`
	URL       string    `json:"url"`
	Include   []string  `json:"include,omitzero"` // default: api:release
	Level     string    `json:"level,omitempty"`  // "notify", the default, or "sync"
	CreatedAt time.Time `json:"created_at,omitzero"`
	UpdatedAt time.Time `json:"updated_at,omitzero"`
}

// Addon is an add-on.
type Addon struct {
	ID         string `json:"id,omitempty"`
	Name       string `json:"name,omitempty"` // default: made from the service
	App        string `json:"app"`            // name or UUID of the app that pays
	Plan       string `json:"plan"`           // such as "heroku-postgresql:essential-0"
	ProviderID string `json:"provider_id,omitempty"`
	State      string `json:"state,omitempty"` // default "provisioned"
	WebURL     string `json:"web_url,omitempty"`
	PriceCents int    `json:"price_cents,omitempty"`
	// Config is what the add-on adds to the config vars of the app. Nil: one
	// variable, named after the first attachment, as NAME_URL.
	Config map[string]string `json:"config,omitzero"`
	// Attachments, beyond App, name the apps that use it. Nil: one to App,
	// named after the service. Empty but not nil: none.
	Attachments []Attachment `json:"attachments,omitzero"`
	CreatedAt   time.Time    `json:"created_at,omitzero"`
	UpdatedAt   time.Time    `json:"updated_at,omitzero"`
}

// Attachment makes an add-on's config vars those of an app.
type Attachment struct {
	ID          string    `json:"id,omitempty"`
	Name        string    `json:"name"`          // such as "DATABASE"
	App         string    `json:"app,omitempty"` // name or UUID; default: the add-on's
	Namespace   string    `json:"namespace,omitempty"`
	WebURL      string    `json:"web_url,omitempty"`
	LogInputURL string    `json:"log_input_url,omitempty"`
	CreatedAt   time.Time `json:"created_at,omitzero"`
	UpdatedAt   time.Time `json:"updated_at,omitzero"`
}

// Pipeline is a pipeline. Several may bear the same name.
type Pipeline struct {
	ID         string `json:"id,omitempty"`
	Name       string `json:"name"`
	Generation string `json:"generation,omitempty"` // default Cedar
	Team       string `json:"team,omitempty"`       // name or UUID of the owner; empty: a user's
	// Owner is the email address or the UUID of the user who owns a pipeline
	// of no team. Default: the token's account.
	Owner string `json:"owner,omitempty"`
	// ConfigVars is by stage; Heroku keeps them for "test" and "review".
	ConfigVars   map[string]map[string]string `json:"config_vars,omitempty"`
	ReviewConfig *ReviewConfig                `json:"review_config,omitempty"` // nil: review apps are not enabled
	ReviewApps   []ReviewApp                  `json:"review_apps,omitempty"`
	TestRuns     []TestRun                    `json:"test_runs,omitempty"`
	Couplings    []Coupling                   `json:"couplings,omitempty"`
	CreatedAt    time.Time                    `json:"created_at,omitzero"`
	UpdatedAt    time.Time                    `json:"updated_at,omitzero"`
}

// Coupling puts an app into a stage of a pipeline.
type Coupling struct {
	ID        string    `json:"id,omitempty"`
	App       string    `json:"app"` // name or UUID
	Stage     string    `json:"stage"`
	CreatedAt time.Time `json:"created_at,omitzero"`
	UpdatedAt time.Time `json:"updated_at,omitzero"`
}

// ReviewConfig is how a pipeline makes review apps.
type ReviewConfig struct {
	RepoID              int    `json:"repo_id"`
	BaseName            string `json:"base_name,omitempty"`
	AutomaticReviewApps bool   `json:"automatic_review_apps,omitempty"`
	DestroyStaleApps    bool   `json:"destroy_stale_apps,omitempty"`
	StaleDays           int    `json:"stale_days,omitempty"` // default 5
	WaitForCI           bool   `json:"wait_for_ci,omitempty"`
	// DeployTarget is the name or UUID of a region or a space. Empty: null.
	DeployTarget string `json:"deploy_target,omitempty"`
}

// ReviewApp is a review app of a pipeline.
type ReviewApp struct {
	ID        string    `json:"id,omitempty"`
	App       string    `json:"app,omitempty"` // name or UUID; empty while it is made
	Branch    string    `json:"branch"`
	Status    string    `json:"status,omitempty"` // default "created", or "creating" without App
	PRNumber  int       `json:"pr_number,omitempty"`
	Message   string    `json:"message,omitempty"`
	WaitForCI bool      `json:"wait_for_ci,omitempty"`
	CreatedAt time.Time `json:"created_at,omitzero"`
	UpdatedAt time.Time `json:"updated_at,omitzero"`
}

// Promotion is a promotion of a release to other apps of a pipeline.
type Promotion struct {
	ID        string            `json:"id,omitempty"`
	Pipeline  string            `json:"pipeline"`          // name or UUID
	Source    string            `json:"source"`            // name or UUID of an app
	Release   string            `json:"release,omitempty"` // UUID; default: the source's current one
	Status    string            `json:"status,omitempty"`  // "completed", the default, or "pending"
	Targets   []PromotionTarget `json:"targets,omitempty"`
	CreatedAt time.Time         `json:"created_at,omitzero"`
	UpdatedAt time.Time         `json:"updated_at,omitzero"`
}

// PromotionTarget is one app of a promotion.
type PromotionTarget struct {
	ID           string `json:"id,omitempty"`
	App          string `json:"app"`               // name or UUID
	Release      string `json:"release,omitempty"` // UUID; empty: null
	Status       string `json:"status,omitempty"`  // default Succeeded
	ErrorMessage string `json:"error_message,omitempty"`
}

// Team is a team.
type Team struct {
	ID          string       `json:"id,omitempty"`
	Name        string       `json:"name"`
	Type        string       `json:"type,omitempty"` // "team", the default, or "enterprise"
	Role        string       `json:"role,omitempty"` // of the token's account; default "admin"
	Members     []Member     `json:"members,omitempty"`
	Invitations []Invitation `json:"invitations,omitempty"`
	// Features are the names of the enabled ones.
	Features  []string  `json:"features,omitempty"`
	CreatedAt time.Time `json:"created_at,omitzero"`
	UpdatedAt time.Time `json:"updated_at,omitzero"`
}

// Member is a member of a team.
type Member struct {
	ID        string    `json:"id,omitempty"`
	Email     string    `json:"email"`
	Name      string    `json:"name,omitempty"`
	Role      string    `json:"role,omitempty"` // default "member"
	Federated bool      `json:"federated,omitempty"`
	TwoFactor bool      `json:"two_factor_authentication,omitempty"`
	CreatedAt time.Time `json:"created_at,omitzero"`
	UpdatedAt time.Time `json:"updated_at,omitzero"`
}

// Space is a Private Space.
type Space struct {
	ID         string `json:"id,omitempty"`
	Name       string `json:"name"`
	Team       string `json:"team"`                 // name or UUID
	Generation string `json:"generation,omitempty"` // default Cedar
	Region     string `json:"region,omitempty"`     // default "virginia"
	Shield     bool   `json:"shield,omitempty"`
	State      string `json:"state,omitempty"`     // default "allocated"
	CIDR       string `json:"cidr,omitempty"`      // default 10.0.0.0/16
	DataCIDR   string `json:"data_cidr,omitempty"` // default 10.1.0.0/16
	// NAT are the outbound addresses. Default: four of them.
	NAT             []string         `json:"nat,omitzero"`
	Members         []SpaceMember    `json:"members,omitempty"`
	Rulesets        []Ruleset        `json:"rulesets,omitzero"` // oldest first; the last is in force. Default: allow everyone
	VPNs            []VPN            `json:"vpns,omitempty"`
	Peerings        []Peering        `json:"peerings,omitempty"`
	TelemetryDrains []TelemetryDrain `json:"telemetry_drains,omitempty"`
	CreatedAt       time.Time        `json:"created_at,omitzero"`
	UpdatedAt       time.Time        `json:"updated_at,omitzero"`
}

// SpaceMember is someone's access to a space.
type SpaceMember struct {
	ID          string    `json:"id,omitempty"`
	Email       string    `json:"email"`
	Permissions []string  `json:"permissions,omitzero"` // default: create_apps
	CreatedAt   time.Time `json:"created_at,omitzero"`
	UpdatedAt   time.Time `json:"updated_at,omitzero"`
}

// Ruleset is one version of a space's inbound rules.
type Ruleset struct {
	ID        string    `json:"id,omitempty"`
	Rules     []Rule    `json:"rules"`
	CreatedBy string    `json:"created_by,omitempty"` // email; default: the token's account
	CreatedAt time.Time `json:"created_at,omitzero"`
}

// Rule lets traffic from a source into a space or keeps it out.
type Rule struct {
	Action string `json:"action"` // allow or deny
	Source string `json:"source"` // CIDR
}

// VPN is a VPN connection of a space.
type VPN struct {
	ID            string   `json:"id,omitempty"`
	Name          string   `json:"name"`
	PublicIP      string   `json:"public_ip"`
	RoutableCIDRs []string `json:"routable_cidrs"`
	Status        string   `json:"status,omitempty"` // default "active"
	StatusMessage string   `json:"status_message,omitempty"`
	IKEVersion    int      `json:"ike_version,omitempty"` // default 1
	Tunnels       []Tunnel `json:"tunnels,omitzero"`      // default: two
}

// Tunnel is one of the tunnels of a VPN connection.
type Tunnel struct {
	IP               string    `json:"ip"`
	CustomerIP       string    `json:"customer_ip"`
	PreSharedKey     string    `json:"pre_shared_key"`
	Status           string    `json:"status,omitempty"` // UP, the default, or DOWN
	StatusMessage    string    `json:"status_message,omitempty"`
	LastStatusChange time.Time `json:"last_status_change,omitzero"`
}

// Peering is a peering of a space with a network of AWS.
type Peering struct {
	ID         string    `json:"pcx_id"`         // such as "pcx-123456789012"
	Type       string    `json:"type,omitempty"` // default "customer-managed"
	CIDRs      []string  `json:"cidr_blocks,omitzero"`
	Status     string    `json:"status,omitempty"` // default "active"
	VPC        string    `json:"aws_vpc_id,omitempty"`
	AWSRegion  string    `json:"aws_region,omitempty"`
	AWSAccount string    `json:"aws_account_id,omitempty"`
	Expires    time.Time `json:"expires,omitzero"` // default: a week from now
}
