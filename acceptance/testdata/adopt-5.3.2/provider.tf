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
