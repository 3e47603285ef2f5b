#!/usr/bin/env bash
# Runs the test programs, some side by side, and sums up what they say. What one of them prints stays together.
#   usage: test.sh CONFIGURATION BINARY PROJECT...
# JOBS     how many run at once (one more than there are processors: most of them wait for others most of the time)
# PUBLISH  the command that makes BINARY, which is run beside the tests that do not need it; empty where it is there
set -euo pipefail

configuration=$1
binary=$2
shift 2
root=$(cd "$(dirname "$0")/.." && pwd)
jobs=${JOBS:-$(($(nproc) + 1))}
# A foreign cluster has one definition, and one set of names, for all test programs.
if [ "${CLUSTER:-}" = current ]; then jobs=1; fi
export BITBUCKET_OPERATOR_BINARY=$binary

logs=$(mktemp -d)
declare -A running=()
finish() {
    # A test program takes the servers that it started along.
    if [ ${#running[@]} -gt 0 ]; then kill "${!running[@]}" 2>/dev/null || true; fi
    rm -rf "$logs"
}
trap finish EXIT

needs_binary() { grep -rqs OperatorProcess "$root/tests/$1.Tests" --include='*.cs' --include='*.csproj'; }

run() {
    local output=$root/artifacts/bin/$1.Tests/${configuration,,} program
    program=$(compgen -G "$output/*.Tests.runtimeconfig.json" | head -n 1)
    exec dotnet "${program%.runtimeconfig.json}.dll" --progress off --no-ansi
}

start() {
    local name=$1
    shift
    SECONDS_OF[$name]=$SECONDS
    "$@" >"$logs/$name" 2>&1 </dev/null &
    running[$!]=$name
}

# The longest first, so that none of them is left over in the end.
longest=(Operator Chaos Packaging Cli Runtime Convergence)
declare -A SECONDS_OF=()
waiting=()
for project in "${longest[@]}" "$@"; do
    if [[ " $* " == *" $project "* && " ${waiting[*]} " != *" $project "* ]]; then waiting+=("$project"); fi
done

# next takes the first project that may start off the list.
next() {
    local i
    for i in "${!waiting[@]}"; do
        if [ -z "${PUBLISH:-}" ] || ! needs_binary "${waiting[i]}"; then
            project=${waiting[i]}
            unset "waiting[i]"
            return 0
        fi
    done
    return 1
}

passed=0
failed=0
skipped=0
broken=()
summarise() {
    local name=$1 code=$2 log=$logs/$1
    echo "== $name.Tests ($((SECONDS - SECONDS_OF[$name])) s)"
    cat "$log"
    count() { sed -nE "s/^ *$1: ([0-9]+).*/\1/p" "$log" | tail -n 1; }
    passed=$((passed + $(count succeeded || true) + 0))
    failed=$((failed + $(count failed || true) + 0))
    skipped=$((skipped + $(count skipped || true) + 0))
    # A test's own lines are indented, or empty, up to the next word of the runner.
    awk '/^(failed|skipped|passed|Test run summary)/ { inside = /^skipped/ } inside { print substr($0, 1, 1000) }' "$log" >>"$logs/.skipped"
    if [ "$code" -eq 0 ]; then return; fi
    broken+=("$name")
    awk '/^(failed|skipped|passed|Test run summary)/ { inside = /^failed/ && ++n } inside && lines[n]++ < 20 { print substr($0, 1, 1000) }' "$log" >>"$logs/.failed"
}

if [ -n "${PUBLISH:-}" ]; then start .publish bash -c "$PUBLISH"; fi
: >"$logs/.failed"
: >"$logs/.skipped"
while true; do
    while [ ${#running[@]} -lt "$jobs" ] && next; do start "$project" run "$project"; done
    if [ ${#running[@]} -eq 0 ]; then break; fi
    echo "-- running: ${running[*]}" >&2
    code=0
    wait -n -p ended "${!running[@]}" || code=$?
    name=${running[$ended]}
    unset "running[$ended]"
    if [ "$name" != .publish ]; then
        summarise "$name" "$code"
        continue
    fi
    cat "$logs/.publish"
    if [ "$code" -ne 0 ]; then exit "$code"; fi
    PUBLISH=
done

if [ -s "$logs/.skipped" ]; then
    echo "== What was skipped"
    cat "$logs/.skipped"
fi
if [ ${#broken[@]} -gt 0 ]; then
    echo "== What failed, once more"
    cat "$logs/.failed"
    echo "failing: ${broken[*]}"
    sed -n 's/^failed /  /p' "$logs/.failed"
fi
echo "$passed passed, $failed failed, $skipped skipped, in $SECONDS s"
[ ${#broken[@]} -eq 0 ] && [ "$passed" -gt 0 ]
