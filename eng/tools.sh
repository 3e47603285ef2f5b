#!/bin/sh
# Prints the path of a program that checks need, and fetches it first where the machine has none: from Debian's archive,
# whose signatures apt checks, into the cache folder. Installs nothing and needs no root.
#   usage: tools.sh lua5.1|promtool|prometheus|buildah
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=tests/ControlPlane/apt.sh
. "$here/../tests/ControlPlane/apt.sh"
# Runs on this release and on later ones.
suite=bookworm

tool=${1:-}
case $tool in
lua5.1) packages="lua5.1 libreadline8 libtinfo6" ;;
promtool | prometheus) packages="prometheus" ;;
buildah) packages="buildah libgpgme11 libassuan0 libgpg-error0 libdevmapper1.02.1 libsubid4 libseccomp2 patchelf" ;;
*)
  echo "usage: tools.sh lua5.1|promtool|prometheus|buildah" >&2
  exit 2
  ;;
esac

if command -v "$tool"; then
  exit 0
fi
folder=$(cache_root)/tools/$suite-$tool
if [ ! -x "$folder/$tool" ]; then
  mkdir -p "$folder"
  exec 9>"$folder/lock"
  flock 9
fi
if [ ! -x "$folder/$tool" ]; then
  apt_open "$folder/apt" "$suite"
  say "downloading $packages"
  # shellcheck disable=SC2086 # the packages are words
  apt_download "$folder/debs" $packages
  for deb in "$folder"/debs/*.deb; do
    dpkg-deb --extract "$deb" "$folder/root"
  done
  if [ "$tool" = buildah ]; then
    # It starts itself again, with an environment of its own: the way to its libraries must be in the program.
    "$folder/root/usr/bin/patchelf" --force-rpath --set-rpath "$(echo "$folder"/root/usr/lib/*-linux-gnu):$(echo "$folder"/root/lib/*-linux-gnu)" "$folder/root/usr/bin/buildah"
  fi
  # The libraries of the same packages are found next to the program.
  cat >"$folder/$tool.new" <<WRAPPER
#!/bin/sh
LD_LIBRARY_PATH=\$(echo "$folder"/root/lib/*-linux-gnu):\$(echo "$folder"/root/usr/lib/*-linux-gnu) exec "$folder/root/usr/bin/$tool" "\$@"
WRAPPER
  chmod +x "$folder/$tool.new"
  mv "$folder/$tool.new" "$folder/$tool"
  rm -rf "$folder/apt" "$folder/debs"
fi
echo "$folder/$tool"
