#!/usr/bin/env bash
# End to end, as users do it: helm install, kubectl, a simulated Bitbucket, helm uninstall. Nothing is looked at but what
# kubectl and Bitbucket show.
#   usage: run.sh BINARY
#
# On a cluster with nodes (k3d, or the one of KUBECONFIG with CLUSTER=current) the operator runs in its Pods, from an image
# that is built and imported here, or that E2E_IMAGE names. E2E_HOST is the name by which Pods reach this machine; k3d's is
# known. On an API server without nodes (the development API server) the chart is installed all the same, and BINARY runs
# with the arguments, the namespace and the service account of the Deployment that nobody starts there.
# E2E_DIR (.e2e) holds logs and is removed when all went well.
set -euo pipefail
cd "$(dirname "$0")/../.."

binary=$1
export E2E_DIR=${E2E_DIR:-$PWD/.e2e}
dir=$E2E_DIR
# shellcheck source=eng/processes.sh
. eng/processes.sh
# shellcheck source=tests/e2e/scenarios.sh
. tests/e2e/scenarios.sh

release=bitbucket-operator
system=bitbucket-operator-e2e
ns=bitbucket-e2e
kubectl() { "$kubectl" --kubeconfig "$dir/cluster/kubeconfig" "$@"; }
helm() { "$helm" --kubeconfig "$dir/cluster/kubeconfig" "$@"; }
# What helm warns of: a kubeconfig that others may read, which is not ours to change.
has_nodes() { kubectl get nodes -o name 2>/dev/null | grep -q .; }
bitbucket() { curl -fsS "$control$1" "${@:2}"; }

start_cluster() {
    control_plane up --dir "$dir/cluster" >/dev/null
    { read -r kubectl && read -r helm; } < <(control_plane tools)
    on_nodes=false
    host=127.0.0.1
    if has_nodes; then
        on_nodes=true
        host=${E2E_HOST:-host.k3d.internal}
    fi
    kubectl delete namespace "$ns" "$ns-gone" "$system" --ignore-not-found --timeout=180s >/dev/null
    kubectl create namespace "$ns" >/dev/null
    kubectl create namespace "$system" >/dev/null
}

start_bitbucket() {
    local bind=127.0.0.1 url
    if $on_nodes; then bind=0.0.0.0; fi
    printf %s "first-$RANDOM$RANDOM" >"$dir/hook-secret"
    background bitbucket '^Bitbucket ' "${simulator[@]}" \
        --bind "$bind" --tls --ca-out "$dir/ca.crt" --san "$host" --context-path /bitbucket --seed tests/e2e/bitbucket.yaml
    background receiver '^Receiver ' "${simulator[@]}" receiver --tls --secret-file "$dir/hook-secret"
    read -r _ url _ control <"$dir/bitbucket.log"
    read -r _ receiver <"$dir/receiver.log"
    control=http://127.0.0.1:${control##*:}
    url=${url#https://*:}
    bitbucket_url=https://$host:$url
}

import_image() {
    image=${E2E_IMAGE:-}
    if [ -n "$image" ]; then return; fi
    image=bitbucket-operator:e2e
    eng/image.sh "$image" >&2
    k3d image import "$image" --cluster bitbucket-operator >&2
}

# The address is loopback on an API server without nodes, which connections may point to only when it is listed.
values() {
    echo "allowedHosts: ['$host']"
    if $on_nodes; then
        echo "image: { registry: '', repository: '${image%:*}', tag: '${image##*:}', pullPolicy: IfNotPresent }"
    fi
}

# start_operator runs what the Deployment would.
start_operator() {
    local token arguments
    if $on_nodes; then
        kubectl rollout status "deployment/$release" --namespace "$system" --timeout=180s
        return
    fi
    token=$(kubectl create token "$(kubectl get deployment "$release" --namespace "$system" -o jsonpath='{.spec.template.spec.serviceAccountName}')" --namespace "$system")
    cp "$dir/cluster/kubeconfig" "$dir/operator.kubeconfig"
    chmod 600 "$dir/operator.kubeconfig"
    "$kubectl" --kubeconfig "$dir/operator.kubeconfig" config set-credentials operator --token "$token" >/dev/null
    "$kubectl" --kubeconfig "$dir/operator.kubeconfig" config set-context --current --user operator >/dev/null
    # Ports that the Pod would have to itself are chosen by this machine.
    mapfile -t arguments < <(kubectl get deployment "$release" --namespace "$system" \
        -o jsonpath='{range .spec.template.spec.containers[0].args[*]}{@}{"\n"}{end}' | sed -E 's/^(--[a-z-]+-address)=.*:[0-9]+$/\1=127.0.0.1:0/')
    BITBUCKET_OPERATOR_OPERATOR_NAMESPACE=$system background operator 'WorkersStarted' \
        "$binary" "${arguments[@]}" --kubeconfig "$dir/operator.kubeconfig"
}

stop_operator() {
    if $on_nodes; then
        kubectl scale "deployment/$release" --namespace "$system" --replicas=0 >/dev/null
        kubectl wait pod --selector app.kubernetes.io/name=bitbucket-operator --namespace "$system" --for=delete --timeout=180s >/dev/null
    else
        end operator
    fi
}

restart_operator() {
    if $on_nodes; then kubectl scale "deployment/$release" --namespace "$system" --replicas=1 >/dev/null; fi
    start_operator >/dev/null
}

# eventually WHAT COMMAND... repeats a command until it succeeds. The limit is a safety net: a busy machine takes its time.
eventually() {
    local what=$1 limit=180 deadline
    shift
    deadline=$((SECONDS + limit))
    until "$@" >/dev/null 2>&1; do
        if [ "$SECONDS" -ge "$deadline" ]; then
            echo "e2e: not within $limit s: $what" >&2
            return 1
        fi
        sleep 0.2
    done
}

explain() {
    echo "e2e: failed in: $scenario" >&2
    kubectl get bitbucketconnections --all-namespaces -o yaml >&2 || true
    kubectl get events --all-namespaces >&2 || true
    if [ "$on_nodes" = true ]; then
        kubectl logs "deployment/$release" --namespace "$system" --tail=100 >&2 || true
    fi
    for log in "$dir"/*.log; do
        echo "== $log" >&2
        tail -n 40 "$log" >&2
    done
}

finish() {
    local code=$?
    trap - EXIT
    if [ "$code" -ne 0 ]; then explain; fi
    end_all
    if [ "${kubectl:+set}" = set ]; then
        kubectl delete namespace "$ns" "$ns-gone" "$system" --ignore-not-found --wait=false >/dev/null 2>&1 || true
    fi
    control_plane down --dir "$dir/cluster" >/dev/null 2>&1 || true
    if [ "$code" -eq 0 ]; then rm -rf "$dir"; fi
    exit "$code"
}

scenario=set-up
on_nodes=false
rm -rf "$dir"
mkdir -p "$dir"
trap finish EXIT
start_cluster
start_bitbucket
if $on_nodes; then import_image; fi
values >"$dir/values.yaml"
passed=0
for scenario in "${scenarios[@]}"; do
    started=$SECONDS
    "$scenario"
    passed=$((passed + 1))
    echo "ok $passed - ${scenario//_/ } ($((SECONDS - started)) s)"
done
echo "e2e: $passed scenarios passed, the operator $($on_nodes && echo in its Pods || echo as a process)"
