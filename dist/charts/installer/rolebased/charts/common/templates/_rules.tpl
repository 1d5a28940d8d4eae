{{/* Written from src/install by `UPDATE=1 cargo test`. */}}

{{- define "sagemaker-operator.rules.operator" -}}
- apiGroups:
  - sagemaker.aws.amazon.com
  resources:
  - trainingjobs
  - processingjobs
  - batchtransformjobs
  - hyperparametertuningjobs
  - models
  - endpointconfigs
  - hostingdeployments
  - hostingautoscalingpolicies
  verbs:
  - get
  - list
  - watch
  - patch
- apiGroups:
  - sagemaker.aws.amazon.com
  resources:
  - trainingjobs/status
  - processingjobs/status
  - batchtransformjobs/status
  - hyperparametertuningjobs/status
  - models/status
  - endpointconfigs/status
  - hostingdeployments/status
  - hostingautoscalingpolicies/status
  verbs:
  - patch
- apiGroups:
  - sagemaker.aws.amazon.com
  resources:
  - trainingjobs
  - models
  - endpointconfigs
  verbs:
  - create
  - delete
- apiGroups:
  - sagemaker.aws.amazon.com
  resources:
  - hostingdeployments/finalizers
  verbs:
  - update
- apiGroups:
  - events.k8s.io
  resources:
  - events
  verbs:
  - create
  - patch
- apiGroups:
  - ''
  resources:
  - namespaces
  verbs:
  - get
{{- end }}

{{- define "sagemaker-operator.rules.leader" -}}
- apiGroups:
  - coordination.k8s.io
  resourceNames:
  - sagemaker-k8s-operator
  resources:
  - leases
  verbs:
  - get
  - update
- apiGroups:
  - coordination.k8s.io
  resources:
  - leases
  verbs:
  - create
- apiGroups:
  - ''
  resources:
  - pods
  verbs:
  - list
{{- end }}

{{- define "sagemaker-operator.rules.reviewer" -}}
- apiGroups:
  - authentication.k8s.io
  resources:
  - tokenreviews
  verbs:
  - create
- apiGroups:
  - authorization.k8s.io
  resources:
  - subjectaccessreviews
  verbs:
  - create
{{- end }}

{{- define "sagemaker-operator.rules.metrics-reader" -}}
- nonResourceURLs:
  - /metrics
  verbs:
  - get
{{- end }}
