terraform {
  required_providers {
    heroku = {
      source  = "heroku/heroku"
      version = "= 5.3.2"
    }
  }
}

variable "pipeline" {
  type = string
}

variable "staging" {
  type = string
}

variable "production" {
  type = string
}

variable "api_release_id_staging" {
  type = string
}

resource "heroku_pipeline_promotion" "api" {
  pipeline      = var.pipeline
  source_app_id = var.staging
  release_id    = var.api_release_id_staging
  targets       = [var.production]
}
