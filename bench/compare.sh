#!/usr/bin/env bash
# Repairs one big state with repair-rename and sets the time and the peak
# memory beside those of the tools on this machine, all in one run.
#
#   bench/compare.sh [INSTANCES]     30000 make a state of about 50 MB
#
# It needs Go; jq, python3 and terraform are measured where they are there.
set -euo pipefail
cd "$(dirname "$0")/.."

instances=${1:-30000}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
go build -o "$dir/bin/" ./bench/genstate ./bench/measure ./examples/repair-rename
"$dir/bin/genstate" -n "$instances" > "$dir/state"
read -r old address < <("$dir/bin/genstate" -app $((instances / 2)))
printf '%s instances, %s bytes, app %s, %s cores\n\n' "$instances" "$(wc -c < "$dir/state")" "$old" "$(getconf _NPROCESSORS_ONLN)"

measure() { "$dir/bin/measure" "$@"; }
fresh() { rm -rf "$dir/run"; mkdir "$dir/run"; cp "$dir/state" "$dir/run/terraform.tfstate"; sync "$dir/run/terraform.tfstate"; }

for _ in 1 2 3; do
  fresh
  measure "repair-rename" "$dir/bin/repair-rename" -offline -rename "$old=renamed-by-bench" -state "$dir/run/terraform.tfstate"
done
if command -v jq > /dev/null; then
  measure "jq ." jq . "$dir/state"
else
  echo "jq . skipped: jq is not on the PATH"
fi
if command -v python3 > /dev/null; then
  measure "python3 json load and dump" python3 -c 'import json, sys; json.dump(json.load(open(sys.argv[1])), sys.stdout)' "$dir/state"
else
  echo "python3 skipped: it is not on the PATH"
fi
if command -v terraform > /dev/null; then
  export CHECKPOINT_DISABLE=1 TF_CLI_CONFIG_FILE=/dev/null
  fresh
  (cd "$dir/run" && measure "terraform state list" terraform state list)
  (cd "$dir/run" && measure "terraform state mv" terraform state mv "$address" heroku_app.moved_by_bench)
else
  echo "terraform skipped: it is not on the PATH"
fi
