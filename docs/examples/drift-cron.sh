#!/usr/bin/env bash
# A drift report from cron, by mail or to a webhook.
#
#   17 5 * * *  DRIFT_CONFIG=/etc/drift.conf /usr/local/bin/drift-cron.sh
#
# DRIFT_CONFIG is a file of shell variables that only its user can read:
#
#   HEROKU_API_KEY=...             a token that can only read
#   HEROKUTF_FINGERPRINT_KEY=...   from openssl rand -hex 32: the same secret value
#                                  has the same fingerprint in each report
#   DRIFT_STATES="a.tfstate b.tfstate"
#   DRIFT_DIRS="/srv/tf/shop"      folders of configurations, which terraform init was run in
#   DRIFT_FLAGS="--unmanaged --blame --ignore /etc/drift-ignore.hcl"
#   DRIFT_MAIL=ops@example.com     or:
#   DRIFT_WEBHOOK=https://...      gets {"text": "the report in Markdown"}
#   DRIFT_HOME=/var/lib/drift      keeps the last exit codes and the cache
#
# It reports drift (2) and incomplete comparisons (3) at each run, an error (1)
# too, and that all is in sync (0) once. Its own exit code is the worst of these,
# with 1 worst of all.
set -euo pipefail
umask 077

config=${DRIFT_CONFIG:?set DRIFT_CONFIG to the file with the settings}
# shellcheck source=/dev/null
. "$config"
export HEROKU_API_KEY HEROKUTF_FINGERPRINT_KEY
home=${DRIFT_HOME:?set DRIFT_HOME in $config}
mkdir -p "$home"

# One run at a time.
exec 9> "$home/lock"
flock -n 9 || { echo "drift-cron: the last run still goes on" >&2; exit 1; }

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

send() { # send SUBJECT FILE
  if [ -n "${DRIFT_WEBHOOK:-}" ]; then
    # The address of a webhook is a secret: it is not to be in the list of processes.
    jq -n --rawfile report "$2" --arg subject "$1" '{text: ($subject + "\n\n" + $report)}' > "$tmp/body"
    printf 'url = "%s"\n' "$DRIFT_WEBHOOK" |
      curl -fsS --retry 3 --max-time 60 -H 'Content-Type: application/json' --data-binary "@$tmp/body" -o /dev/null -K -
  elif [ -n "${DRIFT_MAIL:-}" ]; then
    mail -s "$1" "$DRIFT_MAIL" < "$2"
  else
    printf '%s\n\n' "$1"
    cat "$2"
  fi
}

worst=0
report() { # report NAME CODE: what $tmp/report.md and $tmp/errors hold
  local name=$1 code=$2 subject before file
  file="$home/code-${name//[^A-Za-z0-9._-]/_}"
  before=$(cat "$file" 2> /dev/null || echo 0)
  case $code in
  0) subject="in sync" ;;
  2) subject="drift" ;;
  3) subject="no drift seen, but not everything could be read" ;;
  *) subject="the comparison failed" && cp "$tmp/errors" "$tmp/report.md" ;;
  esac
  if [ "$code" != 0 ] || [ "$before" != 0 ]; then
    # The code is kept when the message is out, so that none is lost.
    if send "Heroku: $subject ($name)" "$tmp/report.md"; then
      echo "$code" > "$file"
    else
      echo "drift-cron: $name: $subject, and the message could not be sent" >&2
      worst=1
    fi
  fi
  case $code in
  0) ;;
  2 | 3) if [ "$worst" = 0 ] || [ "$worst" = 3 ]; then worst=$code; fi ;;
  *) worst=1 ;;
  esac
}

drift() {
  # shellcheck disable=SC2086
  herokutf drift --format markdown --cache "$home/cache" ${DRIFT_FLAGS:-} "$@" > "$tmp/report.md" 2> "$tmp/errors"
}

if [ -n "${DRIFT_STATES:-}" ]; then
  flags=()
  for state in $DRIFT_STATES; do flags+=(--state "$state"); done
  code=0
  drift "${flags[@]}" || code=$?
  report "$DRIFT_STATES" "$code"
fi
for dir in ${DRIFT_DIRS:-}; do
  code=0
  drift --chdir "$dir" || code=$?
  report "$dir" "$code"
done
exit "$worst"
