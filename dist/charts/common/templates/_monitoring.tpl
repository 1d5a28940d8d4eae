{{/* Written from src/install by `UPDATE=1 cargo test`. */}}
{{/*
Alerts for the Prometheus operator, and a dashboard that Grafana's sidecar finds. Nothing, unless it is wanted.
*/}}

{{- define "sagemaker-operator.monitoring" -}}
{{- $labels := include "sagemaker-operator.labels" (dict "root" . "component" "operator") -}}
{{- with .Values.prometheusRule }}
{{- if .enabled }}
---
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: sagemaker-k8s-operator-controller-manager
  namespace: {{ $.Release.Namespace }}
  labels:
    {{- $labels | nindent 4 }}
    {{- with .labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  {{- include "sagemaker-operator.alerts" $ | nindent 2 }}
{{- end }}
{{- end }}
{{- with .Values.dashboard }}
{{- if .enabled }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: sagemaker-k8s-operator-dashboard
  namespace: {{ $.Release.Namespace }}
  labels:
    {{- $labels | nindent 4 }}
    {{- with .labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
data:
  {{- include "sagemaker-operator.dashboard" $ | nindent 2 }}
{{- end }}
{{- end }}
{{- end }}
