#!/usr/bin/env bash
# Installs a released herokutf into a folder of the runner and puts it on the PATH.
#
#   VERSION      such as v0.1.0; empty: ACTION_REF if that is a version, else the latest
#   SHA256       of the archive; empty: the one in the release's checksums.txt
#   ACTION_REF   what the action is used at
#
# Where there is no archive for this system, or no release, it is built with "go
# install", which checks the sums that Go's checksum database has.
set -euo pipefail

version=${VERSION:-}
if [ -z "$version" ] && [[ ${ACTION_REF:-} =~ ^v[0-9]+\.[0-9]+\.[0-9]+ ]]; then
  version=$ACTION_REF
fi
releases=${HEROKUTF_RELEASES:-${GITHUB_SERVER_URL:-https://github.com}/herokutf/herokutf/releases/download}
bin=$RUNNER_TEMP/herokutf/bin
mkdir -p "$bin"

fail() {
  printf '::error::herokutf: %s\n' "$1"
  exit 1
}

case ${RUNNER_OS:-Linux} in
Linux) os=linux ;;
macOS) os=darwin ;;
Windows) os=windows ;;
*) os= ;;
esac
case ${RUNNER_ARCH:-X64} in
X64) arch=amd64 ;;
ARM64) arch=arm64 ;;
*) arch= ;;
esac

sum() {
  if command -v sha256sum > /dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

# released downloads, checks and unpacks the archive. It returns 1 if there is none.
released() {
  local kind=tar.gz archive want got
  [ -n "$version" ] && [ -n "$os" ] && [ -n "$arch" ] || return 1
  [ "$os" != windows ] || kind=zip
  archive=herokutf_${version#v}_${os}_$arch.$kind
  tmp=$(mktemp -d)
  trap 'rm -rf "$tmp"' EXIT
  local code=0
  curl -fsSL --retry 3 --max-time 300 -o "$tmp/$archive" "$releases/$version/$archive" || code=$?
  # 22: the server has no such file.
  if [ "$code" = 22 ]; then return 1; fi
  [ "$code" = 0 ] || fail "$releases/$version/$archive can't be downloaded (curl exits with $code)"
  want=${SHA256:-}
  if [ -z "$want" ]; then
    curl -fsSL --retry 3 --max-time 60 -o "$tmp/checksums.txt" "$releases/$version/checksums.txt" ||
      fail "$releases/$version/checksums.txt can't be downloaded"
    want=$(awk -v name="$archive" '$2 == name || $2 == "*" name { print $1 }' "$tmp/checksums.txt")
    [ -n "$want" ] || fail "checksums.txt of $version doesn't have $archive"
  fi
  got=$(sum "$tmp/$archive")
  [ "$got" = "$want" ] || fail "$archive has the SHA-256 sum $got, not $want: it is not used"
  if [ "$kind" = zip ]; then
    unzip -q -o "$tmp/$archive" herokutf.exe -d "$bin"
  else
    tar -xzf "$tmp/$archive" -C "$bin" herokutf
  fi
}

if ! released; then
  [ -z "${SHA256:-}" ] || fail "there is no archive of ${version:-a version} for ${RUNNER_OS:-this system} that could have the given sum"
  command -v go > /dev/null || fail "there is no archive of ${version:-a version} for this system, and no Go to build it: add actions/setup-go before this step, or set version"
  GOBIN=$bin go install "github.com/herokutf/herokutf/cmd/herokutf@${version:-latest}"
fi
printf '%s\n' "$bin" >> "$GITHUB_PATH"
"$bin/herokutf" version
