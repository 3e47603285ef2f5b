{{- /* At most 45 characters, so that suffixes fit. */}}
{{- define "bitbucket-operator.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 45 | trimSuffix "-" }}
{{- end }}

{{- /* The name of the objects. */}}
{{- define "bitbucket-operator.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 45 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 45 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 45 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- /* The namespace of the objects. */}}
{{- define "bitbucket-operator.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride }}
{{- end }}

{{- define "bitbucket-operator.selectorLabels" -}}
app.kubernetes.io/name: {{ include "bitbucket-operator.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- /* Own labels win over commonLabels: a key may be there once only. */}}
{{- define "bitbucket-operator.labels" -}}
{{- $own := include "bitbucket-operator.selectorLabels" . | fromYaml }}
{{- $_ := set $own "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63) }}
{{- $_ := set $own "app.kubernetes.io/version" .Chart.AppVersion }}
{{- $_ := set $own "app.kubernetes.io/managed-by" .Release.Service }}
{{- toYaml (merge $own .Values.commonLabels) }}
{{- end }}

{{- define "bitbucket-operator.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "bitbucket-operator.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "bitbucket-operator.image" -}}
{{- $registry := default .Values.image.registry (.Values.global).imageRegistry }}
{{- $name := printf "%s/%s" $registry .Values.image.repository | trimPrefix "/" }}
{{- if .Values.image.digest }}
{{- printf "%s@%s" $name .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" $name (default .Chart.AppVersion .Values.image.tag) }}
{{- end }}
{{- end }}

{{- /* Names of Secrets may stand alone in global.imagePullSecrets, as other charts take them. */}}
{{- define "bitbucket-operator.imagePullSecrets" -}}
{{- $secrets := list }}
{{- range concat (default list (.Values.global).imagePullSecrets) .Values.imagePullSecrets }}
{{- if kindIs "string" . }}
{{- $secrets = append $secrets (dict "name" .) }}
{{- else }}
{{- $secrets = append $secrets . }}
{{- end }}
{{- end }}
{{- with uniq $secrets }}
{{- toYaml . }}
{{- end }}
{{- end }}

{{- /* Not empty where OpenShift's security context constraints choose user and group. */}}
{{- define "bitbucket-operator.adaptSecurityContext" -}}
{{- $adapt := dig "compatibility" "openshift" "adaptSecurityContext" "auto" (default dict .Values.global) }}
{{- if or (eq $adapt "force") (and (eq $adapt "auto") (.Capabilities.APIVersions.Has "security.openshift.io/v1")) }}true{{ end }}
{{- end }}

{{- define "bitbucket-operator.podSecurityContext" -}}
{{- if include "bitbucket-operator.adaptSecurityContext" . }}
{{- toYaml (omit .Values.podSecurityContext "runAsUser" "runAsGroup" "fsGroup") }}
{{- else }}
{{- toYaml .Values.podSecurityContext }}
{{- end }}
{{- end }}

{{- define "bitbucket-operator.containerSecurityContext" -}}
{{- if include "bitbucket-operator.adaptSecurityContext" . }}
{{- toYaml (omit .Values.containerSecurityContext "runAsUser" "runAsGroup") }}
{{- else }}
{{- toYaml .Values.containerSecurityContext }}
{{- end }}
{{- end }}

{{- /* What every Pod of the chart has: the operator's, the release's test and the check before an uninstall. */}}
{{- define "bitbucket-operator.pod" -}}
enableServiceLinks: false
{{- with include "bitbucket-operator.imagePullSecrets" . }}
imagePullSecrets:
{{ . }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- if .Values.hostNetwork }}
hostNetwork: true
{{- end }}
{{- with default (ternary "ClusterFirstWithHostNet" "" .Values.hostNetwork) .Values.dnsPolicy }}
dnsPolicy: {{ . }}
{{- end }}
{{- with .Values.dnsConfig }}
dnsConfig:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.hostAliases }}
hostAliases:
{{ toYaml . }}
{{- end }}
securityContext:
  {{- include "bitbucket-operator.podSecurityContext" . | nindent 2 }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "bitbucket-operator.subject" -}}
- kind: ServiceAccount
  name: {{ include "bitbucket-operator.serviceAccountName" . }}
  namespace: {{ include "bitbucket-operator.namespace" . }}
{{- end }}

{{- /* What the schema cannot say, because it is about two values. Each message names the values and the cure. */}}
{{- define "bitbucket-operator.check" -}}
{{- if and (gt (int .Values.replicas) 1) (not .Values.leaderElection.enabled) }}
{{- fail "replicas: several replicas need leaderElection.enabled=true, or each of them would manage the same webhooks" }}
{{- end }}
{{- if and .Values.strategy (not .Values.leaderElection.enabled) (ne (default "RollingUpdate" .Values.strategy.type) "Recreate") }}
{{- fail "strategy.type: must be Recreate without leaderElection.enabled=true, or two Pods would manage the same webhooks during an upgrade" }}
{{- end }}
{{- if and (eq .Values.dnsPolicy "None") (not .Values.dnsConfig) }}
{{- fail "dnsConfig: set nameservers when dnsPolicy is None" }}
{{- end }}
{{- if and .Values.watchNamespaces (not .Values.clusterName) }}
{{- fail "clusterName: set a name for this cluster when watchNamespaces is set. Without one the operator asks for the UID of the namespace kube-system, which Roles in the watched namespaces do not allow" }}
{{- end }}
{{- if and .Values.generateSecret.enabled .Values.generateSecret.admissionPolicy (semverCompare "<1.30.0-0" .Capabilities.KubeVersion.Version) }}
{{- fail "generateSecret.enabled: needs Kubernetes 1.30 for the policy that comes with it. Create the Secrets of webhooks yourself, or set generateSecret.admissionPolicy=false, and read docs/security.md first" }}
{{- end }}
{{- if and .Values.metrics.enabled (eq (int .Values.health.port) (int .Values.metrics.port)) }}
{{- fail "metrics.port: must differ from health.port" }}
{{- end }}
{{- end }}
