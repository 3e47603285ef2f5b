# shellcheck shell=bash disable=SC2034,SC2154 # what run.sh sets and uses
# What `make e2e` goes through, in this order: each builds on those before it.

scenarios=(
    the_chart_is_installed
    the_operator_gets_ready
    a_connection_gets_ready_and_its_webhooks_are_there
    kubectl_describe_says_what_the_credential_lacks
    a_push_is_delivered_with_a_signature
    a_bad_token_is_told_and_a_good_one_heals
    a_webhook_that_somebody_broke_is_repaired
    a_replaced_secret_is_pushed
    mode_plan_writes_nothing
    an_entry_that_goes_takes_its_webhooks_along
    a_restart_changes_nothing
    a_deleted_connection_takes_its_webhooks_along
    a_connection_deleted_while_nobody_looks_is_cleaned_up_later
    a_deleted_namespace_takes_the_webhooks_along
    an_upgrade_keeps_connections
    an_uninstall_is_refused_while_connections_are_there
    an_uninstall_keeps_connections
)

# ours URL counts the webhooks on Bitbucket that have this URL; what is told of their deliveries has it too.
ours() { bitbucket /webhooks | grep -oE '"owner":"[^"]*","name":"[^"]*","url":"[^"]*"' | grep -cF "\"url\":\"$1\"" || true; }
there_are() { [ "$(ours "$2")" -eq "$1" ]; }
condition() { kubectl get bitbucketconnection "$1" --namespace "$ns" -o "jsonpath={.status.conditions[?(@.type==\"$2\")].$3}"; }
has() { [ "$(condition "$1" "$2" "$3")" = "$4" ]; }
patch() { kubectl patch bitbucketconnection "$1" --namespace "$ns" --type merge --patch "$2" >/dev/null; }
now() { patch "$1" "{\"metadata\":{\"annotations\":{\"bitbucketoperator.dev/requestedAt\":\"$(date +%s%N)\"}}}"; }
secret() { kubectl create secret generic "$1" --namespace "${3:-$ns}" --from-literal "$2" --dry-run=client -o yaml | kubectl apply -f - >/dev/null; }

# connection NAME NAMESPACE PATH prints a connection whose webhook goes to that path of the receiver.
connection() {
    cat <<YAML
apiVersion: bitbucketoperator.dev/v1alpha1
kind: BitbucketConnection
metadata: { name: $1, namespace: $2 }
spec:
  url: $bitbucket_url
  auth: { type: HTTPAccessToken, secretRef: { name: bitbucket-token } }
  tls: { caBundleRef: { kind: ConfigMap, name: corp-ca } }
  webhooks:
  - { name: ci, url: $receiver$3, events: ["repo:refs_changed"], secretRef: { name: ci-hook }, level: Repository, sslVerification: false }
YAML
}

# prepare NAMESPACE puts what a connection refers to there.
prepare() {
    secret bitbucket-token token=e2e-token-of-ci-bot "$1"
    secret ci-hook secret="$(cat "$dir/hook-secret")" "$1"
    kubectl create configmap corp-ca --namespace "$1" --from-file "$dir/ca.crt" --dry-run=client -o yaml | kubectl apply -f - >/dev/null
}

the_chart_is_installed() {
    helm upgrade --install "$release" charts/bitbucket-operator --namespace "$system" --values "$dir/values.yaml" >/dev/null
    kubectl wait crd/bitbucketconnections.bitbucketoperator.dev --for=condition=Established --timeout=180s >/dev/null
}

the_operator_gets_ready() {
    start_operator >/dev/null
    if $on_nodes; then helm test "$release" --namespace "$system" >/dev/null; fi
    eventually "the Lease has a holder" held
}
held() { kubectl get lease "$release" --namespace "$system" -o jsonpath='{.spec.holderIdentity}' | grep -q .; }

a_connection_gets_ready_and_its_webhooks_are_there() {
    prepare "$ns"
    connection platform "$ns" /hooks/one | kubectl apply -f - >/dev/null
    kubectl wait bitbucketconnection/platform --namespace "$ns" --for=condition=Ready --timeout=180s >/dev/null
    eventually "6 webhooks" there_are 6 "$receiver/hooks/one"
}

kubectl_describe_says_what_the_credential_lacks() {
    kubectl describe bitbucketconnection platform --namespace "$ns" >"$dir/describe.txt"
    grep -q 'token lacks REPO_ADMIN on 1 of 7 repositories (e.g. LEGACY/billing)' "$dir/describe.txt"
    if grep -qE 'e2e-token-of-ci-bot|first-[0-9]' "$dir/describe.txt"; then
        echo "e2e: a secret is in kubectl describe" >&2
        return 1
    fi
}

a_push_is_delivered_with_a_signature() {
    push
    eventually "a delivery with a valid signature" grep -q 'signature valid' "$dir/receiver.log"
}

push() {
    local repository
    repository=$(bitbucket /webhooks | grep -oE '"PLAT[^"/]*/[^"]+"' | head -n 1 | tr -d '"')
    bitbucket /push --json "{\"project\":\"${repository%%/*}\",\"repository\":\"${repository#*/}\"}" >/dev/null
}

a_bad_token_is_told_and_a_good_one_heals() {
    secret bitbucket-token token=wrong
    eventually "CredentialValid is False" has platform CredentialValid status False
    has platform Ready reason CredentialRejected
    secret bitbucket-token token=e2e-token-of-ci-bot
    kubectl wait bitbucketconnection/platform --namespace "$ns" --for=condition=Ready --timeout=180s >/dev/null
}

a_webhook_that_somebody_broke_is_repaired() {
    local id
    id=$(bitbucket /webhooks | grep -oE '"id":[0-9]+' | head -n 1 | cut -d : -f 2)
    bitbucket "/webhooks/$id" -X PATCH --json '{"url":"https://elsewhere.example.com/"}' >/dev/null
    there_are 5 "$receiver/hooks/one"
    now platform
    eventually "the webhook has its URL again" there_are 6 "$receiver/hooks/one"
}

a_replaced_secret_is_pushed() {
    printf %s "second-$RANDOM$RANDOM" >"$dir/hook-secret"
    secret ci-hook secret="$(cat "$dir/hook-secret")"
    eventually "deliveries are signed with the new secret" signed_again "$(valid_signatures)"
}
valid_signatures() { grep -c 'signature valid' "$dir/receiver.log"; }
signed_again() {
    push
    [ "$(valid_signatures)" -gt "$1" ]
}

plans() { kubectl get bitbucketconnection "$1" --namespace "$ns" -o jsonpath='{.status.plan[0].reason}' | grep -q "$2"; }
mode_plan_writes_nothing() {
    patch platform '{"spec":{"mode":"Plan"}}'
    patch platform "{\"spec\":{\"webhooks\":[{\"name\":\"ci\",\"url\":\"$receiver/hooks/two\",\"secretRef\":{\"name\":\"ci-hook\"},\"level\":\"Repository\",\"sslVerification\":false}]}}"
    eventually "the change of url is planned" plans platform url
    there_are 6 "$receiver/hooks/one"
    patch platform '{"spec":{"mode":"Enforce"}}'
    eventually "the plan is done" there_are 6 "$receiver/hooks/two"
    there_are 0 "$receiver/hooks/one"
}

an_entry_that_goes_takes_its_webhooks_along() {
    patch platform '{"spec":{"webhooks":[]}}'
    eventually "no webhook of ours is left" there_are 0 "$receiver/hooks/two"
    connection platform "$ns" /hooks/one | kubectl apply -f - >/dev/null
    eventually "6 webhooks" there_are 6 "$receiver/hooks/one"
}

a_restart_changes_nothing() {
    local before
    before=$(as_they_are)
    stop_operator
    restart_operator
    eventually "the new process leads" held
    now platform
    eventually "the request is echoed" echoed
    [ "$(as_they_are)" = "$before" ]
}
as_they_are() { bitbucket /webhooks | grep -oE '"(id|updatedDate|createdDate)":[^,}]+'; }
echoed() {
    [ "$(kubectl get bitbucketconnection platform --namespace "$ns" -o jsonpath='{.status.lastHandledReconcileAt}')" = \
        "$(kubectl get bitbucketconnection platform --namespace "$ns" -o jsonpath='{.metadata.annotations.bitbucketoperator\.dev/requestedAt}')" ]
}

a_deleted_connection_takes_its_webhooks_along() {
    kubectl delete bitbucketconnection platform --namespace "$ns" --timeout=180s >/dev/null
    there_are 0 "$receiver/hooks/one"
}

a_connection_deleted_while_nobody_looks_is_cleaned_up_later() {
    connection platform "$ns" /hooks/one | kubectl apply -f - >/dev/null
    eventually "6 webhooks" there_are 6 "$receiver/hooks/one"
    stop_operator
    kubectl delete bitbucketconnection platform --namespace "$ns" --wait=false >/dev/null
    there_are 6 "$receiver/hooks/one"
    restart_operator
    kubectl wait bitbucketconnection/platform --namespace "$ns" --for=delete --timeout=180s >/dev/null
    there_are 0 "$receiver/hooks/one"
}

a_deleted_namespace_takes_the_webhooks_along() {
    kubectl create namespace "$ns-gone" >/dev/null
    prepare "$ns-gone"
    connection gone "$ns-gone" /hooks/gone | kubectl apply -f - >/dev/null
    eventually "6 webhooks" there_are 6 "$receiver/hooks/gone"
    kubectl delete namespace "$ns-gone" --timeout=180s >/dev/null
    there_are 0 "$receiver/hooks/gone"
}

an_upgrade_keeps_connections() {
    connection platform "$ns" /hooks/one | kubectl apply -f - >/dev/null
    eventually "6 webhooks" there_are 6 "$receiver/hooks/one"
    helm upgrade "$release" charts/bitbucket-operator --namespace "$system" --values "$dir/values.yaml" --set workers=2 >/dev/null
    if $on_nodes; then kubectl rollout status "deployment/$release" --namespace "$system" --timeout=180s >/dev/null; fi
    kubectl wait bitbucketconnection/platform --namespace "$ns" --for=condition=Ready --timeout=180s >/dev/null
}

an_uninstall_is_refused_while_connections_are_there() {
    if $on_nodes; then
        fails helm uninstall "$release" --namespace "$system" --timeout 180s
        kubectl logs "job/$release-uninstall-check" --namespace "$system" >"$dir/refused.txt"
    else
        # Nobody runs the Job of the hook there.
        fails "$binary" uninstall-check --kubeconfig "$dir/operator.kubeconfig"
    fi
    grep -q 'bitbucketoperator.dev/webhooks' "$dir/refused.txt"
    kubectl get deployment "$release" --namespace "$system" >/dev/null
}
fails() {
    if "$@" >"$dir/refused.txt" 2>&1; then
        echo "e2e: was not refused: $*" >&2
        return 1
    fi
}

an_uninstall_keeps_connections() {
    stop_operator
    helm uninstall "$release" --namespace "$system" --no-hooks >/dev/null
    kubectl get bitbucketconnection platform --namespace "$ns" >/dev/null
    there_are 6 "$receiver/hooks/one"
    # Nobody is left to take the finalizer off.
    patch platform '{"metadata":{"finalizers":null}}'
    kubectl delete bitbucketconnection platform --namespace "$ns" --timeout=180s >/dev/null
}
