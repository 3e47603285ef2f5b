#!/bin/sh
# Builds the development API server, and fetches etcd for it, from Debian's
# package archive alone. Prints the paths of the two programs, one a line; what
# it does goes to stderr. Installs nothing and needs no root: apt, dpkg and
# util-linux's flock are enough. May be interrupted anywhere and run twice at once.
#
#   BITBUCKET_OPERATOR_CACHE   cache folder (default: bitbucket-operator in the user's cache folder)
#   DEBIAN_MIRROR              Debian archive (default: the one this machine's apt uses)
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=apt.sh
. "$here/apt.sh"
cache=$(cache_root)/controlplane
go_series=1.26 # preferred; if sid has dropped it, its default Go is taken

# What is built depends on these files; a result is kept for each state of them.
stamp=$(cat "$here/build.sh" "$here/packages.txt" "$here"/server/*.go | sha256sum | cut -c1-16)
result=$cache/bin/$stamp
print_result() { printf '%s\n' "$result/controlplane" "$result/etcd"; }
if [ -d "$result" ]; then
  print_result
  exit 0
fi

# fetch_packages unpacks Go, the Kubernetes libraries and etcd into $cache/sysroot.
# The folder appears under that name only when it is complete.
fetch_packages() {
  apt_open "$cache/apt"
  if ! apt_run cache show "golang-$go_series-go" >/dev/null 2>&1; then
    go_series=$(apt_run cache show golang-go | sed -n 's/^Depends:.*golang-\([0-9.]*\)-go.*/\1/p' | head -n 1)
    say "falling back to Go $go_series"
  fi
  say "downloading $(wc -l <"$here/packages.txt") Go libraries, Go $go_series and etcd"
  # shellcheck disable=SC2046 # the list is words
  apt_download "$cache/debs" "golang-$go_series-go" "golang-$go_series-src" etcd-server $(cat "$here/packages.txt")
  say "unpacking"
  rm -rf "$cache/sysroot.new"
  mkdir "$cache/sysroot.new"
  for deb in "$cache"/debs/*.deb; do
    dpkg-deb --extract "$deb" "$cache/sysroot.new"
    # shellcheck disable=SC2016 # the names are dpkg-deb's
    dpkg-deb --show --showformat '${Package} ${Version}\n' "$deb" >>"$cache/sysroot.new/versions.txt"
  done
  echo "$go_series" >"$cache/sysroot.new/go-series"
  echo "$packages" >"$cache/sysroot.new/packages.sha256"
  rm -rf "$cache/sysroot"
  mv "$cache/sysroot.new" "$cache/sysroot"
  rm -rf "$cache/debs"
}

# use_go points Go at the sysroot. Debian lays its Go libraries out as a GOPATH,
# so module mode is off.
use_go() {
  GOROOT=$cache/sysroot/usr/lib/go-$(cat "$cache/sysroot/go-series")
  GOPATH=$cache/build/go:$cache/sysroot/usr/share/gocode
  GOCACHE=$cache/go-build
  export GOROOT GOPATH GOCACHE
  export GO111MODULE=off GOTOOLCHAIN=local GOPROXY=off GOFLAGS='' GOENV=off CGO_ENABLED=0
  PATH=$GOROOT/bin:$PATH
}

generate_openapi() {
  say "generating the OpenAPI definitions of the built-in kinds"
  go build -trimpath -o "$cache/build/openapi-gen" k8s.io/kube-openapi/cmd/openapi-gen
  (cd "$cache/build/go/src/controlplane" && "$cache/build/openapi-gen" \
    --output-dir openapi --output-pkg controlplane/openapi --output-file zz_generated.openapi.go \
    --go-header-file /dev/null --report-filename /dev/null \
    k8s.io/api/core/v1 k8s.io/api/apps/v1 k8s.io/api/authentication/v1 k8s.io/api/authorization/v1 \
    k8s.io/api/coordination/v1 k8s.io/api/events/v1 k8s.io/api/networking/v1 k8s.io/api/policy/v1 k8s.io/api/rbac/v1 \
    k8s.io/apimachinery/pkg/apis/meta/v1 k8s.io/apimachinery/pkg/api/resource k8s.io/apimachinery/pkg/runtime \
    k8s.io/apimachinery/pkg/util/intstr k8s.io/apimachinery/pkg/version) >&2
}

# compile leaves the programs in $cache/build/bin. Libraries 0.36.4 are Kubernetes 1.36.4.
compile() {
  version=$(sed -n 's/^golang-k8s-apiserver-dev 0\.\([0-9]*\.[0-9]*\).*/1.\1/p' "$cache/sysroot/versions.txt")
  say "compiling the API server, Kubernetes $version"
  component=k8s.io/component-base/version
  go build -trimpath -o "$cache/build/bin/controlplane" -ldflags "-s -w
    -X $component.gitVersion=v$version
    -X $component.gitMajor=${version%%.*}
    -X $component.gitMinor=$(echo "$version" | cut -d. -f2)" controlplane
  cp "$cache/sysroot/usr/bin/etcd" "$cache/build/bin/etcd"
}

mkdir -p "$cache/bin"
exec 9>"$cache/lock"
if ! flock -n 9; then
  say "waiting for another build to finish"
  flock 9
fi
if [ -d "$result" ]; then
  print_result
  exit 0
fi

say "building into $cache (about 5 minutes from an empty cache)"
# The sysroot is kept until the list of packages changes.
packages=$(sha256sum <"$here/packages.txt")
if [ "$(cat "$cache/sysroot/packages.sha256" 2>/dev/null)" != "$packages" ]; then
  fetch_packages
fi
# sid moves on. versions.txt lists what this was last built and tested with, so
# when a build breaks the difference says where to look.
if ! diff "$here/versions.txt" "$cache/sysroot/versions.txt" >"$cache/changes"; then
  say "package versions differ from versions.txt:"
  cat "$cache/changes" >&2
fi

rm -rf "$cache/build"
mkdir -p "$cache/build/go/src/controlplane/openapi" "$cache/build/bin"
cp "$here"/server/*.go "$cache/build/go/src/controlplane/"
use_go
generate_openapi
compile
mv "$cache/build/bin" "$result"
rm -rf "$cache/build"
say "built $result"
print_result
