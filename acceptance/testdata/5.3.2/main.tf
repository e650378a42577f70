terraform {
  required_providers {
    heroku = {
      source  = "heroku/heroku"
      version = "= 5.3.2"
    }
  }
}

provider "heroku" {
  delays {
    post_app_create_delay    = 0
    post_space_create_delay  = 0
    post_domain_create_delay = 0
  }
}

variable "tool_name" {
  type    = string
  default = "acme-tool"
}

data "heroku_team" "acme" {
  name = "acme"
}

data "heroku_team_members" "acme" {
  team  = data.heroku_team.acme.name
  roles = ["admin"]
}

resource "heroku_account_feature" "metrics" {
  name    = "pipelines"
  enabled = true
}

resource "heroku_team_member" "dev" {
  team  = "acme"
  email = "dev@example.com"
  role  = "member"
}

# The user interface. With this version an app's id is its UUID.

resource "heroku_app" "ui" {
  name       = "acme-ui-staging"
  region     = "us"
  stack      = "heroku-24"
  acm        = true
  buildpacks = ["heroku/nodejs"]

  config_vars = {
    LOG_LEVEL = "info"
    # Has the app's name for a value, and is none of our business.
    LEGACY_NAME = "acme-ui-staging"
  }

  sensitive_config_vars = {
    SESSION_KEY = "a-session-key"
  }

  organization {
    name = "acme"
  }
}

resource "heroku_app" "ui_production" {
  name   = "acme-ui"
  region = "eu"

  organization {
    name   = "acme"
    locked = true
  }
}

resource "heroku_slug" "ui" {
  app_id        = heroku_app.ui.id
  file_path     = "${path.module}/slug.tgz"
  process_types = { web = "bin/web", worker = "bin/worker" }
}

resource "heroku_app_release" "ui" {
  app_id  = heroku_app.ui.id
  slug_id = heroku_slug.ui.id
}

resource "heroku_formation" "ui_web" {
  app_id     = heroku_app.ui.id
  type       = "web"
  quantity   = 2
  size       = "standard-1x"
  depends_on = [heroku_app_release.ui]
}

resource "heroku_addon" "ui_db" {
  app_id = heroku_app.ui.id
  plan   = "heroku-postgresql:essential-0"
}

resource "heroku_addon" "ui_cache" {
  app_id = heroku_app.ui.id
  name   = "acme-cache"
  plan   = "heroku-redis:mini"
}

resource "heroku_domain" "ui" {
  app_id   = heroku_app.ui.id
  hostname = "staging.example.com"
}

resource "heroku_drain" "ui" {
  app_id = heroku_app.ui.id
  url    = "syslog://logs.example.com:514"
}

resource "heroku_app_feature" "ui" {
  app_id = heroku_app.ui.id
  name   = "http-session-affinity"
}

resource "heroku_app_webhook" "ui" {
  app_id  = heroku_app.ui.id
  level   = "notify"
  url     = "https://hooks.example.com/ui"
  include = ["api:release", "api:build"]
  secret  = "a-webhook-secret"
}

resource "heroku_team_collaborator" "ui" {
  app_id      = heroku_app.ui.id
  email       = "guest@example.com"
  permissions = ["view", "deploy"]
}

# The API.

resource "heroku_app" "api" {
  name   = "acme-api-staging"
  region = "us"

  organization {
    name = "acme"
  }
}

resource "heroku_app" "api_production" {
  name   = "acme-api"
  region = "us"

  organization {
    name = "acme"
  }
}

resource "heroku_build" "api" {
  app_id     = heroku_app.api.id
  buildpacks = ["https://github.com/heroku/heroku-buildpack-go"]

  source {
    url     = "https://source.example.com/api.tgz"
    version = "v1"
  }
}

# The first build starts a web process.
resource "heroku_formation" "api_web" {
  app_id     = heroku_app.api.id
  type       = "web"
  quantity   = 1
  size       = "Standard-2X"
  depends_on = [heroku_build.api]
}

resource "heroku_addon_attachment" "api_db" {
  app_id   = heroku_app.api.id
  addon_id = heroku_addon.ui_db.id
  name     = "UI_DB"
}

resource "heroku_config" "shared" {
  vars           = { REGION = "us" }
  sensitive_vars = { SHARED_KEY = "a-shared-key" }
}

resource "heroku_app_config_association" "api" {
  app_id         = heroku_app.api.id
  vars           = merge(heroku_config.shared.vars, { UI_URL = "https://staging.example.com/" })
  sensitive_vars = heroku_config.shared.sensitive_vars
}

resource "heroku_app_config_association" "api_production" {
  app_id = heroku_app.api_production.uuid
  vars   = { REGION = "us" }
}

resource "heroku_app_webhook" "api_production" {
  app_id  = heroku_app.api_production.uuid
  level   = "sync"
  url     = "https://hooks.example.com/api"
  include = ["api:dyno"]
}

resource "heroku_drain" "api_production" {
  app_id        = heroku_app.api_production.uuid
  sensitive_url = "https://user:a-drain-password@logs.example.com/"
}

resource "heroku_app_feature" "api_production" {
  app_id  = heroku_app.api_production.uuid
  name    = "preboot"
  enabled = false
}

resource "heroku_ssl" "api_production" {
  app_id            = heroku_app.api_production.uuid
  certificate_chain = file("${path.module}/certificate.pem")
  private_key       = "not a key, but nobody looks"
}

resource "heroku_domain" "api_production" {
  app_id          = heroku_app.api_production.id
  hostname        = "api.example.com"
  sni_endpoint_id = heroku_ssl.api_production.id
}

# A personal app, its name in a variable.

resource "heroku_app" "tool" {
  name   = var.tool_name
  region = "us"
}

resource "heroku_collaborator" "tool" {
  app_id = heroku_app.tool.id
  email  = "friend@example.com"
}

# A module, and apps by for_each.

module "worker" {
  source   = "./worker"
  for_each = { blue = "acme-worker-blue", green = "acme-worker-green" }
  name     = each.value
  color    = each.key
}

resource "heroku_app" "batch" {
  for_each = { eu = "acme-batch-eu", us = "acme-batch-us" }
  name     = each.value
  region   = each.key

  organization {
    name = "acme"
  }
}

resource "heroku_addon" "batch" {
  for_each = heroku_app.batch
  app_id   = each.value.id
  plan     = "heroku-postgresql:standard-0"
}

# Pipelines.

resource "heroku_pipeline" "ui" {
  name = "acme-ui"

  owner {
    id   = data.heroku_team.acme.id
    type = "team"
  }
}

resource "heroku_pipeline" "api" {
  name = "acme-api"
}

resource "heroku_pipeline_coupling" "ui" {
  app_id   = heroku_app.ui.id
  pipeline = heroku_pipeline.ui.id
  stage    = "staging"
}

resource "heroku_pipeline_coupling" "ui_production" {
  app_id   = heroku_app.ui_production.id
  pipeline = heroku_pipeline.ui.id
  stage    = "production"
}

resource "heroku_pipeline_coupling" "api" {
  app_id   = heroku_app.api.id
  pipeline = heroku_pipeline.api.id
  stage    = "staging"
}

resource "heroku_pipeline_config_var" "ui" {
  pipeline_id    = heroku_pipeline.ui.id
  pipeline_stage = "review"
  vars           = { REVIEW = "yes" }
  sensitive_vars = { REVIEW_KEY = "a-review-key" }
}

resource "heroku_review_app_config" "ui" {
  pipeline_id           = heroku_pipeline.ui.id
  org_repo              = "acme/ui"
  automatic_review_apps = true
  base_name             = "acme-ui"
  destroy_stale_apps    = true
  stale_days            = 3

  deploy_target {
    id   = "us"
    type = "region"
  }
}

# A Private Space with an app in it.

resource "heroku_space" "private" {
  name         = "acme-private"
  organization = "acme"
  region       = "virginia"
}

resource "heroku_space_inbound_ruleset" "private" {
  space = heroku_space.private.name

  rule {
    action = "allow"
    source = "198.51.100.0/24"
  }

  rule {
    action = "allow"
    source = "203.0.113.0/24"
  }
}

resource "heroku_space_app_access" "private" {
  space       = heroku_space.private.name
  email       = heroku_team_member.dev.email
  permissions = ["create_apps"]
}

resource "heroku_space_vpn_connection" "private" {
  space          = heroku_space.private.name
  name           = "office"
  public_ip      = "203.0.113.7"
  routable_cidrs = ["192.168.0.0/24"]
}

resource "heroku_space_peering_connection_accepter" "old" {
  space                     = "acme-old-space"
  vpc_peering_connection_id = "pcx-123456789012"
}

resource "heroku_app" "private" {
  name   = "acme-private-app"
  region = "virginia"
  space  = heroku_space.private.name

  organization {
    name = "acme"
  }
}

# Data sources by name.

data "heroku_app" "production" {
  name = heroku_app.ui_production.name
}

data "heroku_addon" "cache" {
  name = heroku_addon.ui_cache.name
}

data "heroku_pipeline" "ui" {
  name = heroku_pipeline.ui.name
  # Heroku finds no pipeline by name that has no apps.
  depends_on = [heroku_pipeline_coupling.ui]
}

data "heroku_space" "old" {
  name = "acme-old-space"
}

data "heroku_space_peering_info" "old" {
  name = "acme-old-space"
}

# Outputs that hold an app's name.

output "api_name" {
  value = heroku_app.api.name
}

output "tool_url" {
  value = heroku_app.tool.web_url
}
