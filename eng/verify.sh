#!/usr/bin/env bash
# What `make verify` checks besides the generated files.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v shellcheck >/dev/null; then
    if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
        apt-get -q update >&2 && apt-get -q install -y --no-install-recommends shellcheck >&2
    else
        echo "verify: install shellcheck first" >&2
        exit 1
    fi
fi
git ls-files '*.sh' .ci/run | xargs -r shellcheck

# What waits in tests waits for a transition: BannedSymbols.Tests.txt says so, and nobody but the one helper may say otherwise.
if git grep -nE 'RS0030|Task\.Delay\(.*TimeProvider\.System|GetElapsedTime\(.*ShouldBeLess' -- 'tests/*.cs' ':!tests/Testing/Eventually.cs'; then
    echo "verify: wait with Eventually, and assert no speed" >&2
    exit 1
fi

# Words that must not stay, and places that only one machine knows.
if git grep -nE 'NotImplementedException|Skip *= *"|Thread\.Sleep\(' -- '*.cs'; then
    echo "verify: the lines above must not stay" >&2
    exit 1
fi

# A line of code fits beside another file.
if git grep -nE '^.{161,}$' -- '*.cs'; then
    echo "verify: wrap the lines above at 160 columns" >&2
    exit 1
fi
echo "verify: fine"
