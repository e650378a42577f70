#!/usr/bin/env bash
# Builds what a release consists of, into a folder.
#
#   tools/release/run.sh VERSION [DIR]     such as v0.3.0; DIR is dist
#
# For each system an archive with the command, man pages, completions, the license
# and the changelog, and its software bill of materials (CycloneDX); over all a list
# of SHA-256 sums. Two runs of the same commit give the same bytes.
#
#   TARGETS="linux/amd64 darwin/arm64"     only these
#   SBOM=0                                 no bills of materials
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)

version=${1:-}
[[ $version =~ ^v[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]] || {
  echo "usage: tools/release/run.sh VERSION [DIR], with a version such as v0.3.0" >&2
  exit 1
}
dist=${2:-$root/dist}
mkdir -p "$dist"
dist=$(cd "$dist" && pwd)
[ -z "$(ls -A "$dist")" ] || {
  echo "$dist isn't empty" >&2
  exit 1
}
cd "$root"
commit=$(git rev-parse HEAD)
[ -z "$(git status --porcelain)" ] || commit=$commit-dirty
# The time of the commit is that of all files.
date=$(git log -1 --format=%cI)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

build() { # build OS ARCH FILE
  GOOS=$1 GOARCH=$2 CGO_ENABLED=0 go build -trimpath -buildvcs=false \
    -ldflags "-s -w -X main.version=$version -X main.commit=$commit" -o "$3" ./cmd/herokutf
}

# What is the same for all comes from the command itself.
build "$(go env GOHOSTOS)" "$(go env GOHOSTARCH)" "$work/herokutf"
"$work/herokutf" version
mkdir "$work/completions"
"$work/herokutf" man "$work/man"
for shell in bash zsh fish powershell; do
  "$work/herokutf" completion "$shell" > "$work/completions/herokutf.$shell"
done

for target in ${TARGETS:-linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64}; do
  os=${target%/*} arch=${target#*/}
  name=herokutf_${version#v}_${os}_$arch
  binary=herokutf
  [ "$os" != windows ] || binary=herokutf.exe
  mkdir "$work/$name"
  build "$os" "$arch" "$work/$name/$binary"
  cp -R "$work/man" "$work/completions" LICENSE README.md CHANGELOG.md "$work/$name"
  find "$work/$name" -exec touch -h -d "$date" {} +
  if [ "$os" = windows ]; then
    (cd "$work/$name" && find . -type f | sed 's|^\./||' | LC_ALL=C sort | TZ=UTC zip -q -X "$dist/$name.zip" -@)
    archive=$name.zip
  else
    (cd "$work/$name" && tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="$date" --format=gnu -cf - -- *) |
      gzip -9n > "$dist/$name.tar.gz"
    archive=$name.tar.gz
  fi
  if [ "${SBOM:-1}" != 0 ]; then
    (cd tools/release && go tool cyclonedx-gomod bin -json -noserial -version "$version" -output "$dist/$archive.cdx.json" "$work/$name/$binary") 2> "$work/log" || {
      cat "$work/log" >&2
      exit 1
    }
  fi
  echo "$archive"
done
(cd "$dist" && LC_ALL=C sha256sum -- * > "$work/checksums.txt")
mv "$work/checksums.txt" "$dist/checksums.txt"
