{{/* Written from src/install by `UPDATE=1 cargo test`. */}}
{{/* Whether the operator looks after the whole cluster, or after the namespace that it runs in. */}}
{{- define "sagemaker-operator.scope" -}}namespace{{- end }}
