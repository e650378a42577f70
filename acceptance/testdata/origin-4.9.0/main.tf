# A system of the kind that the example terraform-heroku-pipeline-slugs has: an API
# and a user interface, each in staging and production.
terraform {
  required_providers {
    heroku = {
      source  = "heroku/heroku"
      version = "= 4.9.0"
    }
  }
}

provider "heroku" {
  delays {
    post_app_create_delay = 0
  }
}

variable "heroku_team_name" {
  type    = string
  default = "acme"
}

variable "api_slug_staging" {
  type = string
}

variable "api_slug_production" {
  type = string
}

variable "web_ui_slug_staging" {
  type = string
}

variable "web_ui_slug_production" {
  type = string
}

resource "heroku_app" "api_staging" {
  name   = "${var.heroku_team_name}-api-staging"
  region = "us"

  organization {
    name = var.heroku_team_name
  }
}

resource "heroku_addon" "logs_staging" {
  app  = heroku_app.api_staging.id
  plan = "papertrail:choklad"
}

resource "heroku_app_release" "api_staging" {
  app     = heroku_app.api_staging.id
  slug_id = var.api_slug_staging
}

resource "heroku_formation" "api_staging" {
  app        = heroku_app.api_staging.id
  type       = "web"
  quantity   = 1
  size       = "standard-1x"
  depends_on = [heroku_app_release.api_staging]
}

resource "heroku_app" "web_ui_staging" {
  name   = "${var.heroku_team_name}-ui-staging"
  region = "us"

  organization {
    name = var.heroku_team_name
  }

  config_vars = {
    API_URL = heroku_app.api_staging.web_url
  }
}

resource "heroku_addon_attachment" "logs_staging" {
  app_id   = heroku_app.web_ui_staging.id
  addon_id = heroku_addon.logs_staging.id
}

resource "heroku_app_release" "web_ui_staging" {
  app     = heroku_app.web_ui_staging.id
  slug_id = var.web_ui_slug_staging
}

resource "heroku_formation" "web_ui_staging" {
  app        = heroku_app.web_ui_staging.id
  type       = "web"
  quantity   = 1
  size       = "standard-1x"
  depends_on = [heroku_app_release.web_ui_staging]
}

resource "heroku_app" "api_production" {
  name   = "${var.heroku_team_name}-api-production"
  region = "us"

  organization {
    name = var.heroku_team_name
  }
}

resource "heroku_addon" "logs_production" {
  app  = heroku_app.api_production.id
  plan = "papertrail:choklad"
}

resource "heroku_app_release" "api_production" {
  app     = heroku_app.api_production.id
  slug_id = var.api_slug_production
}

resource "heroku_formation" "api_production" {
  app        = heroku_app.api_production.id
  type       = "web"
  quantity   = 2
  size       = "standard-1x"
  depends_on = [heroku_app_release.api_production]
}

resource "heroku_app" "web_ui_production" {
  name   = "${var.heroku_team_name}-ui-production"
  region = "us"

  organization {
    name = var.heroku_team_name
  }

  config_vars = {
    API_URL = heroku_app.api_production.web_url
  }
}

resource "heroku_addon_attachment" "logs_production" {
  app_id   = heroku_app.web_ui_production.id
  addon_id = heroku_addon.logs_production.id
}

resource "heroku_app_release" "web_ui_production" {
  app     = heroku_app.web_ui_production.id
  slug_id = var.web_ui_slug_production
}

resource "heroku_formation" "web_ui_production" {
  app        = heroku_app.web_ui_production.id
  type       = "web"
  quantity   = 2
  size       = "standard-1x"
  depends_on = [heroku_app_release.web_ui_production]
}
