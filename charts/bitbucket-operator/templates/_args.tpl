{{- /* The flags of bitbucket-operator run, one a line. What is empty is left to the operator's default. */}}
{{- define "bitbucket-operator.args" -}}
{{- with .Values.clusterName }}
- {{ printf "--cluster-name=%s" . | quote }}
{{- end }}
{{- with .Values.watchNamespaces }}
- --watch-namespaces={{ join "," . }}
{{- end }}
{{- with .Values.watchSelector }}
- {{ printf "--watch-selector=%s" . | quote }}
{{- end }}
- --leader-election={{ .Values.leaderElection.enabled }}
- --lease-name={{ include "bitbucket-operator.fullname" . }}
- --workers={{ int .Values.workers }}
- --max-requests-per-host={{ int .Values.maxRequestsPerHost }}
- --rate-limit-share={{ int .Values.rateLimitShare }}
- --max-repositories={{ int .Values.maxRepositories }}
- --allow-http={{ .Values.allowHttp }}
{{- with .Values.allowedHosts }}
- {{ join "," . | printf "--allowed-hosts=%s" | quote }}
{{- end }}
- --deny-private={{ .Values.denyPrivate }}
- --require-secret-label={{ .Values.requireSecretLabel }}
{{- with .Values.cloud.apiUrl }}
- {{ printf "--cloud-api-url=%s" . | quote }}
{{- end }}
{{- with .Values.cloud.tokenUrl }}
- {{ printf "--cloud-token-url=%s" . | quote }}
{{- end }}
- --health-address={{ include "bitbucket-operator.address" .Values.health.address }}:{{ int .Values.health.port }}
{{- if .Values.metrics.enabled }}
- --metrics-bind-address={{ include "bitbucket-operator.address" .Values.metrics.address }}:{{ int .Values.metrics.port }}
{{- else }}
- --metrics-bind-address=0
{{- end }}
{{- with .Values.otlp.endpoint }}
- {{ printf "--otlp-endpoint=%s" . | quote }}
{{- end }}
- --log-level={{ .Values.log.level }}
- --log-format={{ .Values.log.format }}
{{- end }}

{{- /* An IPv6 address takes brackets before a port. */}}
{{- define "bitbucket-operator.address" -}}
{{- if contains ":" . }}[{{ . }}]{{ else }}{{ . }}{{ end }}
{{- end }}

{{- define "bitbucket-operator.proxyEnv" -}}
{{- with .Values.proxy.httpProxy }}
- name: HTTP_PROXY
  value: {{ . | quote }}
{{- end }}
{{- with .Values.proxy.httpsProxy }}
- name: HTTPS_PROXY
  value: {{ . | quote }}
{{- end }}
{{- with .Values.proxy.noProxy }}
- name: NO_PROXY
  value: {{ . | quote }}
{{- end }}
{{- end }}
