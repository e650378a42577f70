# What 4.9.0 has not.

# The Fir generation, which has no slugs.

resource "heroku_space" "fir" {
  name         = "acme-fir"
  organization = "acme"
  region       = "virginia"
  generation   = "fir"
}

resource "heroku_app" "fir" {
  name   = "acme-fir-app"
  region = "virginia"
  space  = heroku_space.fir.name

  organization {
    name = "acme"
  }
}

resource "heroku_build" "fir" {
  app_id = heroku_app.fir.id

  source {
    url = "https://source.example.com/fir.tgz"
  }
}

resource "heroku_formation" "fir_web" {
  app_id     = heroku_app.fir.id
  type       = "web"
  quantity   = 2
  size       = "dyno-1c-0.5gb"
  depends_on = [heroku_build.fir]
}

resource "heroku_telemetry_drain" "app" {
  owner_id      = heroku_app.fir.id
  owner_type    = "app"
  endpoint      = "https://otlp.example.com"
  exporter_type = "otlphttp"
  signals       = ["logs", "traces"]
  headers       = { Authorization = "Bearer a-telemetry-key" }
}

resource "heroku_telemetry_drain" "space" {
  owner_id      = heroku_space.fir.id
  owner_type    = "space"
  endpoint      = "otlp.example.com:4317"
  exporter_type = "otlp"
  signals       = ["metrics"]
  headers       = { X-Key = "another-telemetry-key" }
}

# A promotion from staging to production.

resource "heroku_pipeline_promotion" "ui" {
  pipeline      = heroku_pipeline.ui.id
  source_app_id = heroku_app.ui.id
  release_id    = heroku_app_release.ui.id
  targets       = [heroku_app.ui_production.id]

  depends_on = [heroku_pipeline_coupling.ui, heroku_pipeline_coupling.ui_production]
}

resource "heroku_formation" "ui_production_web" {
  app_id     = heroku_app.ui_production.id
  type       = "web"
  quantity   = 1
  size       = "Performance-M"
  depends_on = [heroku_pipeline_promotion.ui]
}
