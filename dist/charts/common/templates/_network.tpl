{{/* Written from src/install by `UPDATE=1 cargo test`. */}}
{{/*
The way to the metrics: to all beside the probes or, over HTTPS, to those alone who may read them.
*/}}

{{- define "sagemaker-operator.metrics" -}}
{{- $labels := include "sagemaker-operator.labels" (dict "root" . "component" "operator") -}}
{{- $secure := .Values.metrics.secure -}}
{{- $scheme := ternary "https" "http" $secure.enabled -}}
{{- $port := ternary 8443 8080 $secure.enabled -}}
apiVersion: v1
kind: Service
metadata:
  name: sagemaker-k8s-operator-controller-manager-metrics-service
  namespace: {{ .Release.Namespace }}
  labels:
    {{- $labels | nindent 4 }}
    control-plane: controller-manager
  annotations:
    prometheus.io/port: {{ $port | quote }}
    prometheus.io/scheme: {{ $scheme }}
    prometheus.io/scrape: "true"
spec:
  ports:
    - name: {{ $scheme }}
      port: {{ $port }}
      targetPort: {{ $scheme }}
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
        - port: {{ $scheme }}
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
    - port: {{ $scheme }}
      path: /metrics
      {{- if $secure.enabled }}
      scheme: https
      # That of Prometheus itself.
      bearerTokenFile: /var/run/secrets/kubernetes.io/serviceaccount/token
      tlsConfig:
        {{- if $secure.certSecret }}
        serverName: sagemaker-k8s-operator-controller-manager-metrics-service.{{ $.Release.Namespace }}.svc
        ca:
          secret:
            name: {{ $secure.certSecret }}
            key: ca.crt
        {{- else }}
        # Nobody vouches for the certificate that the operator makes at its start.
        insecureSkipVerify: true
        {{- end }}
      {{- end }}
      interval: {{ .interval }}
      {{- with .scrapeTimeout }}
      scrapeTimeout: {{ . }}
      {{- end }}
{{- end }}
{{- end }}
{{- end }}
