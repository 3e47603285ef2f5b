#!/usr/bin/env bash
# Writes the list of what the binary is made of, in CycloneDX' JSON.
#   usage: sbom.sh FILE
set -euo pipefail
cd "$(dirname "$0")/.."

file=$1
version=$(sed -n 's/^appVersion: //p' charts/bitbucket-operator/Chart.yaml)
dotnet tool restore >&2
dotnet dotnet-CycloneDX src/Operator/Operator.csproj --exclude-dev --framework net10.0 \
    --output "$(dirname "$file")" --filename "$(basename "$file")" --output-format Json --spec-version 1.6 \
    --set-name bitbucket-operator --set-version "$version" --set-type Application >&2
