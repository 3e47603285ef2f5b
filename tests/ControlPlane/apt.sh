# Sourced, not run. Downloads packages of a Debian suite into a folder of our own
# with apt, without touching this machine's package database, lists or sources.
# Needs no root. Archives are checked by apt against Debian's keyring.
#
#   DEBIAN_MIRROR   archive to use (default: the one this machine's own apt sources name)
# shellcheck shell=sh

say() { echo "controlplane: $*" >&2; }

# cache_root prints the folder below which everything downloaded or built is kept.
cache_root() {
  echo "${BITBUCKET_OPERATOR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/bitbucket-operator}"
}

# own_mirror prints Debian's main archive as this machine's apt sources name it.
own_mirror() {
  cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources /etc/apt/mirrors/*.list 2>/dev/null |
    grep -v '^ *#' | grep -oE 'https?://[^ ]+/debian/?( |$)' | head -n 1 | tr -d ' '
}

# apt_open FOLDER [SUITE] reads the package lists of a suite, by default sid, into FOLDER.
apt_open() {
  apt_folder=$1
  apt_suite=${2:-sid}
  mirror=${DEBIAN_MIRROR:-$(own_mirror)}
  if [ -z "$mirror" ]; then
    say "no Debian archive found in this machine's apt sources: set DEBIAN_MIRROR to its address"
    return 1
  fi
  mkdir -p "$apt_folder/lists/partial" "$apt_folder/cache/archives/partial"
  : >"$apt_folder/status"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $apt_suite main" >"$apt_folder/sources.list"
  # Read after the machine's own configuration, whose proxies are kept and whose
  # hooks, which tidy up the machine's caches, are not.
  cat >"$apt_folder/apt.conf" <<CONFIGURATION
Dir::Etc::sourcelist "$apt_folder/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State "$apt_folder";
Dir::State::lists "$apt_folder/lists";
Dir::State::status "$apt_folder/status";
Dir::Cache "$apt_folder/cache";
Acquire::Languages "none";
Acquire::Retries "3";
// apt run by root would drop to a user who may not write here.
APT::Sandbox::User "$(id -un)";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear Acquire::IndexTargets::deb::DEP-11;
#clear Acquire::IndexTargets::deb::DEP-11-icons;
CONFIGURATION
  say "reading the package lists of Debian $apt_suite"
  apt_run get update >&2
}

# apt_run get|cache ARGUMENTS runs apt-get or apt-cache on that folder.
apt_run() {
  apt_tool=apt-$1
  shift
  "$apt_tool" -q -c "$apt_folder/apt.conf" "$@"
}

# apt_download FOLDER PACKAGE... leaves the packages' files in FOLDER. What an
# interrupted run has left there is kept, unless the suite has moved on since.
apt_download() {
  deb_folder=$1
  shift
  release=$(cat "$apt_folder"/lists/*InRelease | sha256sum)
  if [ "$(cat "$deb_folder/release" 2>/dev/null)" != "$release" ]; then
    rm -rf "$deb_folder"
    mkdir -p "$deb_folder"
    echo "$release" >"$deb_folder/release"
  fi
  (cd "$deb_folder" && apt_run get download "$@" >&2)
}
