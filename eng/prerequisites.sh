#!/bin/sh
# Native compilation links with gcc against zlib; the demo talks to its servers with curl. Installs what is missing where
# apt can do it.
set -eu

missing=""
command -v gcc >/dev/null || missing="$missing gcc libc6-dev"
[ -e /usr/include/zlib.h ] || missing="$missing zlib1g-dev"
command -v curl >/dev/null || missing="$missing curl"
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null || [ "$(id -u)" -ne 0 ]; then
    echo "prerequisites: install$missing first" >&2
    exit 1
fi
echo "prerequisites: installing$missing" >&2
apt-get -q update >&2
# shellcheck disable=SC2086 # the packages are words
apt-get -q install -y --no-install-recommends $missing >&2
