terraform {
  required_providers {
    heroku = {
      source = "heroku/heroku"
    }
  }
}

variable "name" {
  type = string
}

variable "color" {
  type = string
}

resource "heroku_app" "this" {
  name   = var.name
  region = "us"

  organization {
    name = "acme"
  }
}

resource "heroku_addon" "log" {
  app  = heroku_app.this.name
  plan = "papertrail:choklad"
}

resource "heroku_domain" "this" {
  app      = heroku_app.this.id
  hostname = "worker-${var.color}.example.com"
}

resource "heroku_app_webhook" "this" {
  app_id  = heroku_app.this.id
  level   = "notify"
  url     = "https://hooks.example.com/worker"
  include = ["api:release"]
}
