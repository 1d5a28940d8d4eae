{{/* Written from src/install by `UPDATE=1 cargo test`. */}}
{{/*
The way to the metrics.
*/}}

{{- define "sagemaker-operator.metrics" -}}
{{- $labels := include "sagemaker-operator.labels" (dict "root" . "component" "operator") -}}
apiVersion: v1
kind: Service
metadata:
  name: sagemaker-k8s-operator-controller-manager-metrics-service
  namespace: {{ .Release.Namespace }}
  labels:
    {{- $labels | nindent 4 }}
    control-plane: controller-manager
  annotations:
    prometheus.io/port: "8080"
    prometheus.io/scheme: http
    prometheus.io/scrape: "true"
spec:
  ports:
    - name: http
      port: 8080
      targetPort: http
  selector:
    {{- include "sagemaker-operator.pods" . | nindent 4 }}
{{- if .Values.networkPolicy.enabled }}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: sagemaker-k8s-operator-controller-manager
  namespace: {{ .Release.Namespace }}
  labels:
    {{- $labels | nindent 4 }}
spec:
  podSelector:
    matchLabels:
      {{- include "sagemaker-operator.pods" . | nindent 6 }}
  policyTypes:
    - Ingress
  ingress:
    - from:
        {{- toYaml .Values.networkPolicy.from | nindent 8 }}
      ports:
        - port: http
          protocol: TCP
{{- end }}
{{- with .Values.serviceMonitor }}
{{- if .enabled }}
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  name: sagemaker-k8s-operator-controller-manager
  namespace: {{ $.Release.Namespace }}
  labels:
    {{- $labels | nindent 4 }}
    {{- with .labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  selector:
    matchLabels:
      {{- include "sagemaker-operator.pods" $ | nindent 6 }}
  namespaceSelector:
    matchNames:
      - {{ $.Release.Namespace }}
  endpoints:
    - port: http
      path: /metrics
      interval: {{ .interval }}
      {{- with .scrapeTimeout }}
      scrapeTimeout: {{ . }}
      {{- end }}
{{- end }}
{{- end }}
{{- end }}
