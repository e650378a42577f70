#!/usr/bin/env bash
# Runs the tests that need a real Terraform or OpenTofu with each of the programs that are
# named, and says which passed, which failed, and how many tests were skipped:
#
#   statefile   the lock: those of TestTerraform
#   terraform   backends and plans: those of TestReal
#   acceptance  all, with both releases of the Heroku provider
#
#   tools/terraforms.sh [-h] [PROGRAM...]      by default the terraform and tofu on the PATH
#   tools/terraforms.sh ~/bin/terraform-1.5.7 ~/bin/terraform-1.15.9 ~/bin/tofu-1.10.10
#   PACKAGES='./acceptance' TESTFLAGS='-run TestApply' tools/terraforms.sh
#
# It fetches and builds no programs. Acceptance takes the provider from the mirror in the
# CLI configuration that TF_CLI_CONFIG_FILE names, and is skipped where there is none.
# A -run in TESTFLAGS stands for the choice of tests in each package.
set -euo pipefail

. "$(dirname "$0")/results.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# locate PROGRAM prints its absolute path.
locate() {
  local path
  path=$(command -v "$1") || { echo "there is no program $1" >&2; return 1; }
  echo "$(cd "$(dirname "$path")" && pwd)/${path##*/}"
}

# version PROGRAM prints what it calls itself, such as OpenTofu v1.10.10.
version() {
  local said
  said=$(CHECKPOINT_DISABLE=1 "$1" version 2>&1) || true
  said=$(grep -m 1 -E '^(Terraform|OpenTofu) v' <<< "$said") || { echo "$1 is neither Terraform nor OpenTofu" >&2; return 1; }
  echo "$said"
}

# without prints the PATH without any terraform or tofu: of a folder that has one, what
# else is there stays.
without() {
  local dir clean= n=0
  while read -r -d : dir; do
    if [ -e "$dir/terraform" ] || [ -e "$dir/tofu" ]; then
      n=$((n + 1))
      mkdir "$work/path$n"
      ln -s "$(cd "$dir" && pwd)"/* "$work/path$n"
      rm -f "$work/path$n/terraform" "$work/path$n/tofu"
      dir=$work/path$n
    fi
    clean=$clean:$dir
  done <<< "$PATH:"
  echo "${clean#:}"
}

# mirrored PROGRAM says which release of the provider it can't get, if there is one.
mirrored() {
  local release dir
  if [ -z "${TF_CLI_CONFIG_FILE:-}" ]; then
    echo 'TF_CLI_CONFIG_FILE names no CLI configuration with a mirror of the Heroku provider'
    return 1
  fi
  for release in acceptance/testdata/[0-9]*; do
    release=${release##*/}
    dir=$(mktemp -d "$work/init.XXXXXX")
    printf 'terraform {\n  required_providers {\n    heroku = {\n      source  = "heroku/heroku"\n      version = "%s"\n    }\n  }\n}\n' "$release" > "$dir/main.tf"
    if ! (cd "$dir" && CHECKPOINT_DISABLE=1 "$1" init -input=false -no-color) > "$dir/log" 2>&1; then
      echo "no mirror in $TF_CLI_CONFIG_FILE has version $release of heroku/heroku for it"
      return 1
    fi
  done
}

# try PROGRAM NAME PACKAGE TEST runs tests with nothing but the program on the PATH, under
# the name, and adds their output to the log.
try() {
  local bin flags
  bin=$(mktemp -d "$work/bin.XXXXXX")
  ln -s "$1" "$bin/$2"
  read -ra flags <<< "${TESTFLAGS:-}"
  if PATH=$bin:$path TF_ACC=1 go test -v -count=1 -timeout 60m -run "$4" "${flags[@]}" "$3" > "$bin/log" 2>&1; then
    tail -n 1 "$bin/log"
    cat "$bin/log" >> "$log"
  else
    grep -vE '^(=== | *--- (PASS|SKIP): )' "$bin/log" || true
    cat "$bin/log" >> "$log"
    return 1
  fi
}

# count HOW prints how many tests in the log ended so.
count() { grep -cE "^ *--- $1:" "$log" || true; }

# each PROGRAM runs all tests with it.
each() {
  local program=$1 called kind packages package why good=yes
  called=$(version "$program")
  step "$called, $program"
  case $called in OpenTofu*) kind=tofu ;; *) kind=terraform ;; esac
  log=$work/log
  : > "$log"
  read -ra packages <<< "${PACKAGES:-./statefile ./terraform ./acceptance}"
  for package in "${packages[@]}"; do
    case $package in
      # The lock is tried with what is called terraform.
      ./statefile) try "$program" terraform "$package" '^TestTerraform' || good=no ;;
      ./terraform) try "$program" "$kind" "$package" '^TestReal' || good=no ;;
      ./acceptance)
        if why=$(mirrored "$program"); then
          try "$program" "$kind" "$package" . || good=no
        else
          skip "$called: acceptance" "$why"
        fi
        ;;
      *) try "$program" "$kind" "$package" . || good=no ;;
    esac
  done
  local result="$called: tests passed: $(count PASS), skipped: $(count SKIP), failed: $(count FAIL)"
  if [ $good = no ]; then
    failed+=("$result")
  elif grep -qE '^ *--- ' "$log"; then
    passed+=("$result")
  else
    skip "$called" 'no test was run'
  fi
}

programs=()
if [ "${1:-}" != -h ] && [ "${1:-}" != --help ]; then
  [ $# -gt 0 ] || set -- $(command -v terraform) $(command -v tofu)
  [ $# -gt 0 ] || { echo 'there is neither terraform nor tofu on the PATH: name programs' >&2; exit 2; }
  for program; do
    program=$(locate "$program") && version "$program" > /dev/null || exit 2
    programs+=("$program")
  done
fi
cd "$(dirname "$0")/.."
[ ${#programs[@]} -gt 0 ] || { help; exit; }
path=$(without)
for program in "${programs[@]}"; do each "$program"; done

in_short
