#!/usr/bin/env bash
# Runs the test programs one after the other and sums up what they say.
#   usage: test.sh CONFIGURATION BINARY PROJECT...
set -euo pipefail

configuration=$1
binary=$2
shift 2
root=$(cd "$(dirname "$0")/.." && pwd)
export BITBUCKET_OPERATOR_BINARY=$binary

passed=0
failed=0
skipped=0
broken=()
said=$(mktemp)
trap 'rm -f "$said"' EXIT
for project in "$@"; do
    log=$(mktemp)
    echo "== $project.Tests"
    if ! dotnet run --project "$root/tests/$project.Tests" --configuration "$configuration" --no-build -- --progress off --no-ansi 2>&1 | tee "$log"; then
        broken+=("$project")
        # A failed test's own lines are indented, or empty, up to the next word of the runner.
        awk '/^(failed|skipped|passed|Test run summary)/ { inside = /^failed/ && ++n } inside && lines[n]++ < 20 { print substr($0, 1, 1000) }' "$log" >>"$said"
    fi
    count() { sed -nE "s/^ *$1: ([0-9]+).*/\1/p" "$log" | tail -n 1; }
    passed=$((passed + $(count succeeded || true) + 0))
    failed=$((failed + $(count failed || true) + 0))
    skipped=$((skipped + $(count skipped || true) + 0))
    rm -f "$log"
done

if [ ${#broken[@]} -gt 0 ]; then
    echo "== What failed, once more"
    cat "$said"
    echo "failing: ${broken[*]}"
    sed -n 's/^failed /  /p' "$said"
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ ${#broken[@]} -eq 0 ] && [ "$passed" -gt 0 ]
