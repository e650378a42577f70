#!/usr/bin/env bash
# Runs the tests as they run on other systems, as far as that goes on Linux, and says
# what it skipped:
#
#   386      on linux/386, which an amd64 runs by itself: all packages
#   windows  on windows/amd64 under wine: the library, the command and the examples, and
#            acceptance with the terraform.exe that TERRAFORM_EXE names
#   arm64    on linux/arm64 under qemu's user emulation: statefile
#
#   tools/systems.sh [-h] [SYSTEM...]      by default all of them
#   PACKAGES='./statefile' tools/systems.sh windows
#   TESTFLAGS='-run Lock' tools/systems.sh
#   TERRAFORM_EXE=~/terraform.exe PACKAGES='./acceptance' tools/systems.sh windows
#
# With TERRAFORM_EXE the tests of the lock have a real Terraform, too. Acceptance needs a
# mirror of the provider for windows_amd64, in the CLI configuration that TF_CLI_CONFIG_FILE
# names; its tests that build the command are left out, since wine has no Go. What a real
# terraform.exe does hasn't been tried with this script, only how it is found.
#
# It needs Go, and wine and qemu-user-static for what runs under them; on Debian:
# apt-get install --no-install-recommends wine wine64 qemu-user-static
set -euo pipefail
cd "$(dirname "$0")/.."

. tools/results.sh

work=$(mktemp -d)
trap 'stop; rm -rf "$work"' EXIT

# run NAME COMMAND... notes how the tests of a system ended.
run() {
  local name=$1
  shift
  if "$@"; then passed+=("$name"); else failed+=("$name"); fi
}

# tests DEFAULT... are the packages to be tested: those in PACKAGES, if there are any.
tests() {
  local packages
  read -ra packages <<< "${PACKAGES:-$*}"
  read -ra flags <<< "${TESTFLAGS:-}"
  go test -short -timeout 60m "${launch[@]}" "${flags[@]}" "${packages[@]}"
}

system_386() {
  launch=()
  case $(uname -sm) in
    'Linux x86_64' | 'Linux i'?86) ;;
    *) skip 386 "$(uname -sm) runs no programs of linux/386"; return ;;
  esac
  GOOS=linux GOARCH=386 CGO_ENABLED=0 run 386 tests ./...
}

# processes are the tests of statefile that start processes.
processes='Crash|Power|Recover|Lock|SizeLimit|ReadOnly|ByRoot|Concurrently|Torn'

system_arm64() {
  launch=()
  if [ "$(uname -sm)" != 'Linux aarch64' ]; then
    local qemu
    qemu=$(command -v qemu-aarch64-static || command -v qemu-aarch64) || { skip arm64 'there is no qemu-aarch64'; return; }
    # The kernel would have to know about qemu for a test to start its own program.
    launch=(-exec "$qemu" -skip "$processes")
    skip arm64 "tests that start processes: $processes"
  fi
  GOOS=linux GOARCH=arm64 CGO_ENABLED=0 run arm64 tests ./statefile
}

# Wine's server and its folder are our own, and end with this script.
stop() { [ ! -e "$work/wine" ] || WINEPREFIX=$work/wine wineserver -k 2> /dev/null || true; }

# old_wine DIR makes an overlay for a wine (8 and older) that lacks what Go asks of
# Windows 10: random numbers come from an older call then, and files are removed as Go
# does where Windows refuses the new way.
old_wine() {
  local root random system remove
  root=$(go env GOROOT)/src
  random=runtime/os_windows.go system=internal/syscall/windows/zsyscall_windows.go remove=internal/syscall/windows/at_windows.go
  sed -e "s/'b', 'c', 'r', 'y', 'p', 't', 'p', 'r', 'i', 'm', 'i', 't', 'i', 'v', 'e', 's',/'a', 'd', 'v', 'a', 'p', 'i', '3', '2',/" \
    -e 's/"ProcessPrng\\000"/"SystemFunction036\\000"/' "$root/$random" > "$1/random.go"
  sed -e 's/"bcryptprimitives.dll"/"advapi32.dll"/; s/"ProcessPrng"/"SystemFunction036"/' "$root/$system" > "$1/system.go"
  sed 's/^var TestDeleteatFallback bool/var TestDeleteatFallback = true/' "$root/$remove" > "$1/remove.go"
  printf '{"Replace":{"%s":"%s","%s":"%s","%s":"%s"}}\n' \
    "$root/$random" "$1/random.go" "$root/$system" "$1/system.go" "$root/$remove" "$1/remove.go" > "$1/overlay.json"
}

# probe runs a test that makes and removes a file.
probe() {
  mkdir -p "$work/probe"
  echo 'module probe' > "$work/probe/go.mod"
  cat > "$work/probe/probe_test.go" << 'GO'
package probe

import (
	"crypto/rand"
	"os"
	"testing"
)

func Test(t *testing.T) {
	if err := os.WriteFile(t.TempDir()+"/file", []byte(rand.Text()), 0o600); err != nil {
		t.Fatal(err)
	}
}
GO
  (cd "$work/probe" && go test "${launch[@]}" .) > "$work/probe.log" 2>&1
}

# building are the tests of acceptance that build the command.
building='^Test(Adopt(Command|IntoNothing|Remote|Undo)|DeployDrift|Encrypted|External|Origin|ProviderSuite|ReleaseID|Remote(Command|InFlight))$'

# tests_windows runs acceptance by itself, as packages share names of tests.
tests_windows() {
  local good=0
  if [ "${PACKAGES:-}" != ./acceptance ]; then
    tests ./statefile ./tfconfig ./platform ./ignore ./report ./terraform ./tfc ./herokutest ./cmd/... ./examples/... ./internal/glob ./internal/near ./internal/neterr ./internal/printable ./internal/provider . || good=1
    [ -z "${PACKAGES:-}" ] || return $good
  fi
  if [ -n "${TERRAFORM_EXE:-}" ]; then
    launch+=(-skip "$building")
    TF_ACC=1 PACKAGES=./acceptance tests || good=1
  fi
  return $good
}

system_windows() {
  local wine
  wine=$(command -v wine64 || command -v wine) || { skip windows 'there is no wine'; return; }
  if [ -n "${TERRAFORM_EXE:-}" ]; then
    mkdir "$work/bin"
    cp "$TERRAFORM_EXE" "$work/bin/terraform.exe" || { failed+=(windows); return; }
    export WINEPATH="Z:${work//\//\\}\\bin"
  else
    [ "${PACKAGES:-./acceptance}" != ./acceptance ] || skip windows 'acceptance: TERRAFORM_EXE names no terraform.exe'
    [ "${PACKAGES:-}" != ./acceptance ] || return 0
  fi
  export WINEPREFIX=$work/wine WINEDEBUG=${WINEDEBUG:--all}
  if ! timeout 300 "$wine" wineboot -i > "$work/wine.log" 2>&1; then
    skip windows "wine doesn't start: $(tail -n 1 "$work/wine.log")"
    return
  fi
  if [ -n "${TERRAFORM_EXE:-}" ] && ! "$wine" "$work/bin/terraform.exe" version > "$work/terraform.log" 2>&1; then
    skip windows "$TERRAFORM_EXE, and acceptance: this wine doesn't run it: $(head -n 1 "$work/terraform.log")"
    unset TERRAFORM_EXE WINEPATH
    [ "${PACKAGES:-}" != ./acceptance ] || return 0
  fi
  (
    export GOOS=windows GOARCH=amd64 CGO_ENABLED=0
    launch=(-exec "$wine")
    if ! probe; then
      old_wine "$work"
      launch+=(-overlay "$work/overlay.json")
      echo "$("$wine" --version) is older than what Go takes for Windows: three files of the standard library are replaced"
      probe || exit 3
    fi
    tests_windows
  ) && passed+=(windows) || case $? in
    3) skip windows "this wine runs no tests: $(tail -n 1 "$work/probe.log")" ;;
    *) failed+=(windows) ;;
  esac
}

[ "${1:-}" != -h ] && [ "${1:-}" != --help ] || { help; exit; }
[ $# -gt 0 ] || set -- 386 windows arm64
for system; do
  case $system in
    386 | windows | arm64) ;;
    *) echo "unknown system $system: it is 386, windows or arm64" >&2; exit 2 ;;
  esac
done
for system; do
  step "$system"
  "system_$system"
done

in_short
