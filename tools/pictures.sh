#!/usr/bin/env bash
# Makes the pictures in docs/pictures from real runs of the command, against the fake
# Heroku that it brings.
#
#   tools/pictures.sh
#
# It needs bash, curl, jq and chromium.
set -euo pipefail
cd "$(dirname "$0")/.."
out=$PWD/docs/pictures
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out"
go build -o "$work/bin/herokutf" ./cmd/herokutf
cp cmd/herokutf/internal/clitest/testdata/shop.tfstate "$work/terraform.tfstate"
cp cmd/herokutf/internal/clitest/testdata/shop.json "$work/heroku.json"

cat > "$work/main.tf" << 'TF'
terraform {
  required_providers {
    heroku = {
      source = "heroku/heroku"
    }
  }
}

resource "heroku_app" "shop" {
  name   = "shop"
  region = "us"
}

resource "heroku_formation" "web" {
  app_id   = heroku_app.shop.id
  type     = "web"
  quantity = 2 # since the summer sale
  size     = "Standard-1X"
}
TF

# terminal NAME COMMAND... runs the command as on a terminal, and keeps what it prints.
cat > "$work/run.sh" << 'RUN'
set -u
PATH=$PWD/bin:$PATH
terminal() {
  local name=$1
  shift
  { printf '\033[1m$ %s\033[0m\n' "$*"; "$@" --color always 2>&1 || true; } > "$name.ansi"
}
api() { # api METHOD PATH BODY
  curl -fsS -X "$1" -H "Authorization: Bearer $HEROKU_API_KEY" -H 'Accept: application/vnd.heroku+json; version=3' -H 'Content-Type: application/json' -d "$3" -o /dev/null "$HEROKU_API_URL$2"
}
export COLUMNS=100
api PATCH /apps/shop/formation/web '{"quantity":5}'
api PATCH /apps/shop/config-vars '{"LOG_LEVEL":"debug"}'
api POST /apps/shop/domains '{"hostname":"sale.example.com","sni_endpoint":null}'
terminal drift herokutf drift --unmanaged --next-apply --plan-check off
herokutf drift --unmanaged --next-apply --plan-check off --format html > drift.html || true
terminal accept herokutf drift --accept --write-config --partial --dry-run
api POST /apps '{"name":"blog-eu","region":"eu"}'
api PATCH /apps/blog-eu/config-vars '{"SECRET_KEY_BASE":"0123456789abcdef"}'
terminal adopt herokutf adopt --app blog-eu --dry-run
herokutf adopt --all --dry-run --format html > inventory.html || true
get() { curl -fsS -H "Authorization: Bearer $HEROKU_API_KEY" -H 'Accept: application/vnd.heroku+json; version=3' "$HEROKU_API_URL$1"; }
api POST /pipelines '{"name":"shop","owner":{"id":"'"$(get /account | jq -r .id)"'","type":"user"}}'
api POST /pipeline-couplings '{"app":"'"$(get /apps/shop | jq -r .id)"'","pipeline":"'"$(get /pipelines | jq -r '.[0].id')"'","stage":"production"}'
export BUILD_PIPELINE_SHOP=shop
terminal slugs herokutf slugs
terminal slugs-diff herokutf slugs --diff terraform.tfstate
cat slugs-diff.ansi >> slugs.ansi
api PATCH /apps/shop '{"name":"boutique"}'
terminal rename herokutf rename --write-config --dry-run
RUN
(cd "$work" && PATH=$work/bin:$PATH herokutf fake --seed heroku.json -- bash run.sh)

# page NAME turns what a terminal shows into a page.
page() {
  {
    cat << 'HTML'
<!doctype html><meta charset="utf-8"><style>
body { margin: 0; padding: 18px 22px; background: #16181d; color: #d8dce3; font: 14px/1.45 "DejaVu Sans Mono", monospace; white-space: pre }
.c1 { font-weight: bold; color: #fff } .c2 { color: #8a919d } .c31 { color: #ff7b72 } .c32 { color: #7ee787 } .c33 { color: #e3b341 }
.c34 { color: #79c0ff } .c35 { color: #d2a8ff } .c36 { color: #56d4dd }
</style>
HTML
    sed -E 's/&/\&amp;/g; s/</\&lt;/g; s/\x1b\[0?m/<\/span>/g; s/\x1b\[([0-9]+)m/<span class="c\1">/g; s/\x1b\[[0-9]+;([0-9]+)m/<span class="c\1">/g' "$work/$1.ansi"
  } > "$work/$1.html"
}

# picture NAME WIDTH HEIGHT
picture() {
  chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --force-color-profile=srgb \
    --window-size="$2,$3" --screenshot="$out/$4.png" "file://$work/$1.html" > "$work/chromium.log" 2>&1 || {
    cat "$work/chromium.log" >&2
    exit 1
  }
  echo "docs/pictures/$4.png"
}

for name in slugs drift accept adopt rename; do
  lines=$(wc -l < "$work/$name.ansi")
  [ "$name" != drift ] || cp "$work/drift.html" "$work/report.html"
  page "$name"
  picture "$name" 1000 $((lines * 21 + 44)) "$name"
done
picture report 1000 1100 drift-page
picture inventory 1000 1100 inventory-page
