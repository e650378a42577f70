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

variable "api_slug_production" {
  type = string
}

variable "web_ui_slug_staging" {
  type = string
}

resource "heroku_app" "api" {
  name   = "acme-api"
  region = "us"
}

resource "heroku_app" "web_ui" {
  name   = "acme-web-ui"
  region = "us"
}

resource "heroku_app_release" "api" {
  app     = heroku_app.api.id
  slug_id = var.api_slug_production
}

resource "heroku_app_release" "web_ui" {
  app     = heroku_app.web_ui.id
  slug_id = var.web_ui_slug_staging
}

resource "heroku_formation" "web_ui" {
  app      = heroku_app.web_ui.id
  type     = "web"
  quantity = 1
  size     = "basic"

  depends_on = [heroku_app_release.web_ui]
}
