#!/bin/bash
# Builds the image and looks at what came out: the user, that no shell is in it, and that the binary runs.
#   usage: image-check.sh build FILE   builds the image, and leaves the binary that is in it in FILE
#          image-check.sh run          looks at the image
#
# Where Docker answers, the image is what is released. Elsewhere buildah, fetched into the cache folder, builds it on
# stand-ins of the two bases, made of Debian's packages and this machine's SDK: the Dockerfile is tried, its bases are not.
# That needs root, for a chroot.
# No pipefail: what is sourced below reads files that may not be there.
set -eu
cd "$(dirname "$0")/.."
# shellcheck source=tests/ControlPlane/apt.sh
. tests/ControlPlane/apt.sh

tag=localhost/bitbucket-operator:check
failed() {
  echo "image-check: $*" >&2
  exit 1
}

build_with_docker() {
  eng/image.sh "$tag"
  container=$(docker create "$tag")
  docker cp "$container:/bitbucket-operator" "$1"
  docker rm "$container" >/dev/null
}

with_docker() {
  user=$(docker image inspect --format '{{.Config.User}}' "$tag")
  in_image() { docker run --rm --read-only --cap-drop ALL --network none "$tag" "$@"; }
  has_shell() { docker run --rm --entrypoint /bin/sh "$tag" -c true 2>/dev/null; }
  # Its kubeconfig is for root alone outside.
  launcher() {
    cat <<LAUNCHER
chmod 644 "\$E2E_DIR/operator.kubeconfig"
exec docker run --rm --network host --read-only --cap-drop ALL \\
  --volume "\$E2E_DIR/operator.kubeconfig:\$E2E_DIR/operator.kubeconfig:ro" --env BITBUCKET_OPERATOR_OPERATOR_NAMESPACE $tag "\$@"
LAUNCHER
  }
}

# unpack FOLDER lays the packages in FOLDER/debs out as a root file system, without their scripts.
unpack() {
  local root=$1/root deb
  rm -rf "$root"
  mkdir -p "$root"/usr/{bin,sbin,lib,lib64} "$root"/{etc/ssl/certs,tmp,root,proc,dev,sys}
  for deb in bin sbin lib lib64; do ln -s "usr/$deb" "$root/$deb"; done
  for deb in "$1"/debs/*.deb; do
    dpkg-deb --fsys-tarfile "$deb" | tar --extract --keep-directory-symlink --directory "$root"
  done
  cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
  chmod 1777 "$root/tmp"
}

build_sdk_base() {
  local base=$work/sdk sdk
  mkdir -p "$base/debs"
  apt_open "$base/apt" bookworm
  # Essential packages are nobody's dependency.
  apt_run get install --yes --no-install-recommends --download-only dash bash coreutils sed grep findutils tar gzip \
    gcc libc6-dev zlib1g-dev libicu72 libssl3 libstdc++6 ca-certificates curl >&2
  cp "$base"/apt/cache/archives/*.deb "$base/debs/"
  unpack "$base"
  ln -sf dash "$base/root/usr/bin/sh"
  printf 'root:x:0:0:root:/root:/bin/sh\n' >"$base/root/etc/passwd"
  sdk=$(dirname "$(readlink -f "$(command -v dotnet)")")
  mkdir -p "$base/root/usr/share"
  cp -a "$sdk" "$base/root/usr/share/dotnet"
  ln -sf ../share/dotnet/dotnet "$base/root/usr/bin/dotnet"
  commit_base "$base/root" stand-in-sdk
  rm -rf "$base"
}

build_runtime_base() {
  local base=$work/runtime
  mkdir -p "$base"
  apt_open "$base/apt" bookworm
  apt_download "$base/debs" libc6 libgcc-s1 libstdc++6 libssl3 zlib1g libcrypt1
  unpack "$base"
  commit_base "$base/root" stand-in-runtime
  rm -rf "$base"
}

commit_base() {
  local container
  container=$(b from scratch)
  b add --quiet "$container" "$1" / >/dev/null
  b config --env NUGET_CERT_REVOCATION_MODE=offline --env DOTNET_NOLOGO=1 "$container"
  b commit --quiet --rm "$container" "localhost/$2" >/dev/null
}

# buildah with storage, policy and registries of our own.
b() {
  HOME=$work/home CONTAINERS_REGISTRIES_CONF=$work/registries.conf "$buildah" --storage-driver "$driver" --root "$work/storage" --runroot "$work/run" "$@"
}

open_buildah() {
  [ "$(id -u)" -eq 0 ] || failed "start docker, or run as root: a chroot needs it"
  buildah=$(eng/tools.sh buildah)
  work=$(cache_root)/image
  mkdir -p "$work/home/.config/containers" ~/.nuget/packages
  printf '{"default":[{"type":"insecureAcceptAnything"}]}\n' >"$work/home/.config/containers/policy.json"
  : >"$work/registries.conf"
  # vfs copies the whole base for every container; overlay does not, where a file system of its own may be mounted.
  driver=overlay
  b info >/dev/null 2>&1 || driver=vfs
}

build_with_buildah() {
  open_buildah
  if ! b inspect localhost/stand-in-sdk >/dev/null 2>&1; then build_sdk_base; fi
  if ! b inspect localhost/stand-in-runtime >/dev/null 2>&1; then build_runtime_base; fi
  b bud --isolation chroot --format docker --pull-never --volume ~/.nuget/packages:/root/.nuget/packages \
    --build-arg SDK_IMAGE=localhost/stand-in-sdk --build-arg RUNTIME_IMAGE=localhost/stand-in-runtime \
    --build-arg REVISION="$(git rev-parse HEAD)" --tag "$tag" .
  container=$(b from "$tag")
  cp "$(b mount "$container")/bitbucket-operator" "$1"
  b rm "$container" >/dev/null
}

with_buildah() {
  open_buildah
  user=$(b inspect --type image --format '{{.OCIv1.Config.User}}' "$tag")
  container=$(b from "$tag")
  trap 'b rm "$container" >/dev/null' EXIT
  in_image() { b run --isolation chroot "$container" -- /bitbucket-operator "$@"; }
  has_shell() { b run --isolation chroot "$container" -- /bin/sh -c true 2>/dev/null; }
  image_root=$(b mount "$container")
  # As its user, with the one file that it is given; signals reach it, as those of a kubelet.
  launcher() {
    cat <<LAUNCHER
mkdir -p "$image_root\$E2E_DIR"
install -o ${user%:*} -m 600 "\$E2E_DIR/operator.kubeconfig" "$image_root\$E2E_DIR/"
mkdir -p "$image_root/dev" "$image_root/proc"
exec unshare --mount sh -c 'mount --rbind /dev "$image_root/dev"
mount --rbind /proc "$image_root/proc"
exec chroot --userspec=$user "$image_root" /bitbucket-operator "\$@"' operator "\$@"
LAUNCHER
  }
}

has_docker() { docker info >/dev/null 2>&1; }
case ${1:-} in
build)
  mkdir -p "$(dirname "$2")"
  if has_docker; then build_with_docker "$2.new"; else build_with_buildah "$2.new"; fi
  mv "$2.new" "$2"
  exit
  ;;
run) if has_docker; then with_docker; else with_buildah; fi ;;
*)
  echo "usage: image-check.sh build FILE | image-check.sh run" >&2
  exit 2
  ;;
esac

[[ $user =~ ^[1-9][0-9]*:[1-9][0-9]*$ ]] || failed "the user is '$user': the kubelet takes only a number for not root"
if has_shell; then failed "a shell is in the image"; fi
in_image --help | grep 'bitbucket-operator' >/dev/null || failed "--help says nothing"
diff <(in_image crd) <(cat config/crd/bitbucketconnections.yaml config/crd/bitbucketinventories.yaml) >/dev/null || failed "crd prints another definition than config/crd has"
if in_image probe http://127.0.0.1:9/readyz --timeout=1 2>/dev/null; then failed "probe takes a closed port for ready"; fi

# The scenarios of make e2e, by the operator in the image.
folder=$(mktemp -d)
{ printf '#!/bin/sh\nset -eu\n' && launcher; } >"$folder/operator"
chmod +x "$folder/operator"
CLUSTER=development E2E_DIR=$folder/run tests/e2e/run.sh "$folder/operator"
rm -rf "$folder"
echo "image-check: fine, user $user"
