# shellcheck shell=bash disable=SC2154,SC2034 # dir; simulator
# For scripts that run programs of this repository in the background: to be sourced, with `dir` set to a folder of theirs.

configuration=${CONFIGURATION:-Release}

# control_plane ARGUMENTS... runs tests/ControlPlane, which is built already.
control_plane() { dotnet "artifacts/bin/ControlPlane/${configuration,,}/controlplane-tool.dll" "$@"; }

# The command line of tests/BitbucketSimulator, which is built already.
simulator=(dotnet "artifacts/bin/BitbucketSimulator/${configuration,,}/BitbucketOperator.BitbucketSimulator.dll")

# background NAME PATTERN COMMAND... starts a process and waits until its log has a line that matches: for three minutes at
# most, as a busy machine may need.
background() {
    local name=$1 pattern=$2
    shift 2
    setsid "$@" >"$dir/$name.log" 2>&1 </dev/null &
    echo $! >"$dir/$name.pid"
    for _ in $(seq 1800); do
        if grep -qE "$pattern" "$dir/$name.log"; then return; fi
        if ! kill -0 "$(cat "$dir/$name.pid")" 2>/dev/null; then break; fi
        sleep 0.1
    done
    echo "$name did not start:" >&2
    tail -n 20 "$dir/$name.log" >&2
    exit 1
}

# end NAME stops a process that background started, and waits for its end.
end() {
    local file=$dir/$1.pid pid
    [ -e "$file" ] || return 0
    pid=$(cat "$file")
    rm -f "$file"
    kill "$pid" 2>/dev/null || return 0
    for _ in $(seq 100); do
        kill -0 "$pid" 2>/dev/null || return 0
        sleep 0.1
    done
    kill -9 "$pid" 2>/dev/null || true
}

# end_all stops everything that background started.
end_all() {
    local file
    for file in "$dir"/*.pid; do
        [ ! -e "$file" ] || end "$(basename "$file" .pid)"
    done
}
