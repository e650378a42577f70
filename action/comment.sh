#!/usr/bin/env bash
# Puts the report into a comment on the pull request, or into the one that an
# earlier run made.
#
#   REPORT       the file of the report
#   NUMBER       of the pull request
#   COMMENT_ID   distinguishes the comments of several runs
#   GH_TOKEN     the token for it
set -euo pipefail

[[ ${COMMENT_ID:-drift} =~ ^[A-Za-z0-9._-]+$ ]] || {
  printf '::error::herokutf: comment-id may have letters, digits, ".", "_" and "-" only\n'
  exit 1
}
marker="<!-- herokutf ${COMMENT_ID:-drift} -->"
api=${GITHUB_API_URL:-https://api.github.com}/repos/$GITHUB_REPOSITORY/issues
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# The token isn't an argument, so that it isn't in the list of processes.
call() { # call METHOD URL [BODY]
  local body=()
  [ $# -lt 3 ] || body=(--data-binary "@$3")
  printf 'header = "Authorization: Bearer %s"\n' "$GH_TOKEN" |
    curl -fsS --retry 3 --max-time 60 -X "$1" -H 'Accept: application/vnd.github+json' -K - "${body[@]}" "$2"
}

# A comment may have 65,536 characters; the report leaves room for the marker.
jq -n --arg marker "$marker" --rawfile report "$REPORT" '{body: ($marker + "\n" + $report)}' > "$tmp/body"

old=
page=1
while [ -z "$old" ]; do
  call GET "$api/$NUMBER/comments?per_page=100&page=$page" > "$tmp/comments"
  # Whoever else begins a comment with the marker doesn't get it overwritten.
  old=$(jq -r --arg marker "$marker" \
    '[.[] | select(.user.type == "Bot" and (.body | startswith($marker))) | .id] | first // empty' "$tmp/comments")
  [ "$(jq length "$tmp/comments")" = 100 ] || break
  page=$((page + 1))
done
if [ -n "$old" ]; then
  call PATCH "$api/comments/$old" "$tmp/body" > /dev/null
else
  call POST "$api/$NUMBER/comments" "$tmp/body" > /dev/null
fi
