terraform {
  required_providers {
    platform = {
      source  = "heroku/heroku"
      version = "= 5.3.2"
    }
  }
}

provider "platform" {
  alias = "eu"

  customizations {
    set_app_all_config_vars_in_state = false
    set_addon_config_vars_in_state   = false
  }

  delays {
    post_app_create_delay = 0
  }
}

resource "heroku_app" "first_app" {
  provider = platform.eu
  name     = "first-app"
  region   = "us"
}
