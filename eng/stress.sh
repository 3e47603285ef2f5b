#!/usr/bin/env bash
# Runs the tests again and again while other processes keep this machine's processors busy: tests that only pass on an idle
# machine fail here.
#   usage: stress.sh ROUNDS CONFIGURATION BINARY PROJECT...
# LOAD  how many processes keep it busy (as many as there are processors)
set -euo pipefail

rounds=$1
shift
here=$(cd "$(dirname "$0")" && pwd)

# They end with this script, however that ends.
for _ in $(seq "${LOAD:-$(nproc)}"); do
    (while kill -0 $$ 2>/dev/null; do for _ in {1..100000}; do :; done; done) >/dev/null &
done

failing=0
for round in $(seq "$rounds"); do
    echo "=== Round $round of $rounds, load $(cut -d ' ' -f 1 /proc/loadavg)"
    "$here/test.sh" "$@" || failing=$((failing + 1))
done
echo "$((rounds - failing)) of $rounds rounds passed"
[ "$failing" -eq 0 ]
