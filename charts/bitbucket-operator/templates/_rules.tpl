{{- /* Written by `make generate` from the code. Do not edit. */}}
{{- define "bitbucket-operator.rules.watchedNamespaces" -}}
- apiGroups:
  - ""
  resources:
  - configmaps
  - secrets
  verbs:
  - get
  - list
  - watch
- apiGroups:
  - ""
  resources:
  - events
  verbs:
  - create
  - patch
- apiGroups:
  - bitbucketoperator.dev
  resources:
  - bitbucketconnections
  verbs:
  - get
  - list
  - patch
  - watch
- apiGroups:
  - bitbucketoperator.dev
  resources:
  - bitbucketconnections/status
  verbs:
  - patch
- apiGroups:
  - bitbucketoperator.dev
  resources:
  - bitbucketinventories
  verbs:
  - create
  - delete
  - get
  - list
  - update
  - watch
{{- end }}
{{- define "bitbucket-operator.rules.generatedSecrets" -}}
- apiGroups:
  - ""
  resources:
  - secrets
  verbs:
  - create
{{- end }}
{{- define "bitbucket-operator.rules.cluster" -}}
- apiGroups:
  - ""
  resources:
  - namespaces
  resourceNames:
  - kube-system
  verbs:
  - get
{{- end }}
{{- define "bitbucket-operator.rules.ownNamespace" -}}
- apiGroups:
  - ""
  resources:
  - configmaps
  verbs:
  - create
  - get
  - update
- apiGroups:
  - coordination.k8s.io
  resources:
  - leases
  verbs:
  - create
  - get
  - update
{{- end }}
{{- define "bitbucket-operator.rules.uninstall" -}}
- apiGroups:
  - bitbucketoperator.dev
  resources:
  - bitbucketconnections
  verbs:
  - list
{{- end }}
{{- define "bitbucket-operator.rules.viewer" -}}
- apiGroups:
  - bitbucketoperator.dev
  resources:
  - bitbucketconnections
  - bitbucketinventories
  verbs:
  - get
  - list
  - watch
{{- end }}
{{- define "bitbucket-operator.rules.editor" -}}
- apiGroups:
  - bitbucketoperator.dev
  resources:
  - bitbucketconnections
  verbs:
  - create
  - delete
  - deletecollection
  - get
  - list
  - patch
  - update
  - watch
{{- end }}
