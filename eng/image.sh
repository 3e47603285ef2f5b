#!/bin/sh
# Builds the image with what the machine has: docker, podman or buildah.
#   usage: image.sh TAG
# SDK_IMAGE and RUNTIME_IMAGE replace the bases that the Dockerfile names.
set -eu
cd "$(dirname "$0")/.."

tag=$1
version=$(sed -n 's/^appVersion: //p' charts/bitbucket-operator/Chart.yaml)
revision=$(git rev-parse HEAD)

if docker info >/dev/null 2>&1; then
  builder="docker build"
elif command -v podman >/dev/null; then
  builder="podman build --format docker"
elif command -v buildah >/dev/null; then
  builder="buildah build --format docker"
else
  echo "image: start docker, or install podman or buildah" >&2
  exit 1
fi
# shellcheck disable=SC2086 # the builder is words
$builder --tag "$tag" --build-arg "VERSION=$version" --build-arg "REVISION=$revision" \
  ${SDK_IMAGE:+--build-arg "SDK_IMAGE=$SDK_IMAGE"} ${RUNTIME_IMAGE:+--build-arg "RUNTIME_IMAGE=$RUNTIME_IMAGE"} .
