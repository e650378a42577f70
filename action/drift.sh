#!/usr/bin/env bash
# Compares, and gives the report to the step's summary, its outputs and its
# annotations. The inputs of the action are in INPUT_*; see action.yml.
set -euo pipefail

out=$RUNNER_TEMP/herokutf/${GITHUB_ACTION:-drift}
mkdir -p "$out"
PATH=$RUNNER_TEMP/herokutf/bin:$PATH

fail() {
  printf '::error::herokutf: %s\n' "$1"
  exit 1
}

for what in ${INPUT_FAIL_ON//,/ }; do
  case $what in
  error | drift | undetermined | never) ;;
  *) fail "fail-on: \"$what\" is none of error, drift, undetermined and never" ;;
  esac
done
fails_on() { [[ ",${INPUT_FAIL_ON// /}," == *",$1,"* ]]; }

flags=()
single() { [ -z "$2" ] || flags+=("$1" "$2"); }
lines() {
  local line
  while IFS= read -r line; do
    line=${line%$'\r'}
    [ -z "$line" ] || flags+=("$1" "$line")
  done <<< "$2"
}
switch() {
  case $2 in
  true) flags+=("$1") ;;
  false | "") ;;
  *) fail "${1#--} is neither true nor false" ;;
  esac
}
single --chdir "${INPUT_CHDIR:-}"
lines --state "${INPUT_STATE:-}"
single --config "${INPUT_CONFIG:-}"
lines --ignore "${INPUT_IGNORE:-}"
lines --only "${INPUT_ONLY:-}"
switch --unmanaged "${INPUT_UNMANAGED:-}"
switch --blame "${INPUT_BLAME:-}"
switch --next-apply "${INPUT_NEXT_APPLY:-}"
single --timeout "${INPUT_TIMEOUT:-}"
while IFS= read -r line; do
  line=${line%$'\r'}
  [ -z "$line" ] || flags+=("$line")
done <<< "${INPUT_ARGS:-}"

# Where the annotations belong.
place=()
[ -z "${INPUT_CHDIR:-}" ] || place=(--chdir "$INPUT_CHDIR")
[ -z "${INPUT_CONFIG:-}" ] || place=(--chdir "$INPUT_CONFIG")

code=0
herokutf drift "${flags[@]}" --format json > "$out/report.json" || code=$?
output() { printf '%s=%s\n' "$1" "$2" >> "$GITHUB_OUTPUT"; }
output exit-code "$code"

case $code in
0 | 2 | 3)
  # What is left out of a comment of 65,536 characters is counted in it.
  herokutf drift --report "$out/report.json" --format markdown --markdown-limit 65000 > "$out/report.md" || [ $? = "$code" ]
  cat "$out/report.md" >> "$GITHUB_STEP_SUMMARY"
  if [ "${INPUT_ANNOTATIONS:-}" = true ]; then
    herokutf drift "${place[@]}" --report "$out/report.json" --format github || [ $? = "$code" ]
  fi
  summary=$(herokutf drift --report "$out/report.json" --format text --color never | head -n 1) || true
  output report "$out/report.md"
  ;;
*)
  summary="The comparison failed (exit code $code); see the log."
  printf '::error::herokutf: %s\n' "$summary"
  ;;
esac
output summary "$summary"

failed=false
drifted=
case $code in
0 | 2 | 3)
  drifted=false
  if [ "$code" = 2 ]; then
    drifted=true
    if fails_on drift; then failed=true; fi
  fi
  # With drift there can be objects that could not be read, too.
  if fails_on undetermined && [ "$(jq .summary.undetermined "$out/report.json")" != 0 ]; then failed=true; fi
  ;;
*) if ! fails_on never; then failed=true; fi ;;
esac
output drifted "$drifted"
output failed "$failed"
