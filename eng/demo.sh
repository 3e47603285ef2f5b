#!/usr/bin/env bash
# The operator at work, on this machine alone: a development API server, a simulated Bitbucket Data Center on https with a
# private certificate authority, a webhook receiver, and the native binary as a service account with just its own rights.
#   usage: demo.sh up BINARY | demo.sh down
set -euo pipefail
cd "$(dirname "$0")/.."

dir=$PWD/.demo
# shellcheck source=eng/processes.sh
. eng/processes.sh

say() { printf '\n\033[1m# %s\033[0m\n' "$*"; }
show() { printf '$ %s\n' "$*"; }

down() {
    end_all
    if [ -d "$dir/cluster" ]; then control_plane down --dir "$dir/cluster"; fi
    rm -rf "$dir"
}

kubectl() { "$kubectl" --kubeconfig "$dir/cluster/kubeconfig" "$@"; }
run() { show "kubectl $*"; kubectl "$@"; }

up() {
    local binary=$1
    trap 'echo "demo: stopped early; make demo-down cleans up" >&2' ERR
    if [ -d "$dir" ]; then down; fi
    mkdir -p "$dir"

    say "Start a cluster, and give it the custom resource definition and the operator's rights"
    control_plane up --dir "$dir/cluster"
    kubectl=$(control_plane tools | head -n 1)
    run apply -f config/rbac/namespace.yaml -f config/crd -f config/rbac
    kubectl create namespace ci

    say "Start a Bitbucket Data Center with 200 repositories and a Bitbucket Cloud with 40, both played, and a receiver of webhooks"
    head -c 24 /dev/urandom | base64 | tr -d '\n' >"$dir/hook-secret"
    background bitbucket '^Bitbucket ' "${simulator[@]}" \
        --tls --ca-out "$dir/ca.crt" --context-path /bitbucket --seed eng/demo/bitbucket.yaml
    background receiver '^Receiver ' "${simulator[@]}" \
        receiver --tls --secret-file "$dir/hook-secret"
    background cloud '^Bitbucket Cloud ' "${simulator[@]}" \
        cloud --tls --ca-out "$dir/cloud-ca.crt" --seed eng/demo/cloud.yaml
    read -r _ bitbucket _ control <"$dir/bitbucket.log"
    read -r _ _ cloud _ cloud_token _ <"$dir/cloud.log"
    read -r _ receiver <"$dir/receiver.log"
    cat "$dir/bitbucket.log" "$dir/cloud.log" "$dir/receiver.log"

    say "Start the operator, as its service account"
    local token
    token=$(kubectl create token bitbucket-operator --namespace bitbucket-operator-system)
    cp "$dir/cluster/kubeconfig" "$dir/operator.kubeconfig"
    chmod 600 "$dir/operator.kubeconfig"
    "$kubectl" --kubeconfig "$dir/operator.kubeconfig" config set-credentials operator --token "$token" >/dev/null
    "$kubectl" --kubeconfig "$dir/operator.kubeconfig" config set-context --current --user operator >/dev/null
    show "bitbucket-operator run --kubeconfig operator.kubeconfig --allowed-hosts '*,127.0.0.1,localhost'"
    background operator 'Application started|LeaderElected|leading|Leading' "$binary" run --kubeconfig "$dir/operator.kubeconfig" \
        --cloud-api-url "$cloud" --cloud-token-url "$cloud_token" \
        --allowed-hosts '*,127.0.0.1,localhost' --health-address 127.0.0.1:0 --metrics-bind-address 127.0.0.1:0

    say "Apply a connection"
    kubectl create secret generic bitbucket-token --namespace ci --from-literal token=demo-token-of-ci-bot
    kubectl create secret generic ci-hook --namespace ci --from-file secret="$dir/hook-secret"
    kubectl create configmap corp-ca --namespace ci --from-file "$dir/ca.crt"
    sed -e "s|BITBUCKET_URL|$bitbucket|" -e "s|RECEIVER_URL|$receiver|" eng/demo/connection.yaml >"$dir/connection.yaml"
    cat "$dir/connection.yaml"
    run apply -f "$dir/connection.yaml"
    run wait --namespace ci --for=condition=Ready --timeout=180s bitbucketconnection/platform
    run get bitbucketconnections --namespace ci
    run describe bitbucketconnection platform --namespace ci

    say "Apply one for Bitbucket Cloud beside it, with an API token that lacks a scope"
    printf %s ATATT3x-demo-token-of-ci-bot >"$dir/cloud-token"
    kubectl create secret generic bitbucket-cloud --namespace ci --from-literal email=ci-bot@example.com --from-file token="$dir/cloud-token"
    kubectl create configmap cloud-ca --namespace ci --from-file ca.crt="$dir/cloud-ca.crt"
    sed -e "s|RECEIVER_URL|$receiver|" eng/demo/cloud-connection.yaml >"$dir/cloud-connection.yaml"
    cat "$dir/cloud-connection.yaml"
    run apply -f "$dir/cloud-connection.yaml"
    run wait --namespace ci --for=condition=Ready --timeout=180s bitbucketconnection/acme
    run get bitbucketconnections --namespace ci
    run get bitbucketconnection acme --namespace ci -o "jsonpath={range .status.permissions[*]}{.capability}{\"\t\"}{.state}{\"\t\"}{.required}{\"\t\"}{.message}{\"\n\"}{end}"

    say "Push to a repository: the delivery arrives, and its signature is right"
    show "curl --data '{\"project\":\"TEAM01\",\"repository\":\"...\"}' $control/push"
    push "$control"
    grep -E 'signature' "$dir/receiver.log"

    say "Replace the token by a bad one: what a person sees"
    kubectl create secret generic bitbucket-token --namespace ci --from-literal token=wrong --dry-run=client -o yaml | kubectl apply -f - 2>/dev/null
    run wait --namespace ci --for=condition=CredentialValid=False --timeout=180s bitbucketconnection/platform
    run get bitbucketconnections --namespace ci
    run get bitbucketconnection platform --namespace ci -o "jsonpath={range .status.conditions[*]}{.type}={.status} {.reason}: {.message}{\"\\n\"}{end}"

    say "All of it goes on running; make demo-down ends it"
    echo "kubeconfig: $dir/cluster/kubeconfig   logs: $dir/*.log"
}

push() {
    local repository
    repository=$(curl -fsS "$1/state" | grep -oE '"project":"TEAM01","slug":"[^"]+"' | head -n 1 | cut -d '"' -f 8)
    curl -fsS --json "{\"project\":\"TEAM01\",\"repository\":\"$repository\"}" "$1/push" >/dev/null
    for _ in $(seq 1800); do
        if grep -q signature "$dir/receiver.log"; then return; fi
        sleep 0.1
    done
    echo "demo: no delivery came" >&2
    return 1
}

case ${1:-} in
up) up "$2" ;;
down) down ;;
*)
    echo "usage: demo.sh up BINARY | demo.sh down" >&2
    exit 2
    ;;
esac
