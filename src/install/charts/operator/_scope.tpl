{{/* Whether the operator looks after the whole cluster, or after the namespace that it runs in. */}}
{{- define "sagemaker-operator.scope" -}}SCOPE{{- end }}
