#!/usr/bin/env bash
# Sets the library beside what people use in its place, all in one run on one
# machine: repairs of a state beside terraform state mv, jq and sed, and of a remote
# state beside Terraform's own pull, plan and push; slugs beside a script that asks
# for one app after the other; drift beside its own requests, bare, which are the floor,
# and beside those of Terraform's refresh. It prints Markdown tables of medians and
# ratios, and what memory "herokutf drift" took.
#
#   bench/compare.sh [-runs N] [-sizes 1,10,50] [-latency 50ms] [-apps 100,1000]
#
# It needs Go; terraform, jq and sed are measured where they are there, remote states
# where terraform init gets the provider heroku/heroku besides. The API
# is a fake on this machine, whose answers take as long as -latency says.
set -euo pipefail
cd "$(dirname "$0")/.."

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
go build -o "$dir/bin/" ./bench/compare ./cmd/herokutf
"$dir/bin/compare" -herokutf "$dir/bin/herokutf" -dir "$dir" "$@"
