{{/* Written from src/install by `UPDATE=1 cargo test`. */}}
{{/*
Who the operator is and what it may do. The rules are in _generated.tpl.
*/}}

{{- define "sagemaker-operator.subjects" -}}
- kind: ServiceAccount
  name: {{ .Values.serviceAccount.name }}
  namespace: {{ .Release.Namespace }}
{{- end }}

{{/* A role and its binding: (dict "root" $ "wide" true "name" "manager" "rules" "NAME OF A TEMPLATE") */}}
{{- define "sagemaker-operator.role" -}}
{{- $labels := include "sagemaker-operator.labels" (dict "root" .root "component" "rights") -}}
{{- $of := ternary "Cluster" "" .wide -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ $of }}Role
metadata:
  name: sagemaker-k8s-operator-{{ .name }}-role
  {{- if not .wide }}
  namespace: {{ .root.Release.Namespace }}
  {{- end }}
  labels:
    {{- $labels | nindent 4 }}
rules:
  {{- include .rules .root | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ $of }}RoleBinding
metadata:
  name: sagemaker-k8s-operator-{{ .name }}-rolebinding
  {{- if not .wide }}
  namespace: {{ .root.Release.Namespace }}
  {{- end }}
  labels:
    {{- $labels | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {{ $of }}Role
  name: sagemaker-k8s-operator-{{ .name }}-role
subjects:
  {{- include "sagemaker-operator.subjects" .root | nindent 2 }}
{{- end }}

{{- define "sagemaker-operator.serviceAccount" -}}
{{- $arn := include "sagemaker-operator.roleArn" . -}}
{{- with .Values.serviceAccount }}
{{- if .create -}}
{{- $given := dict -}}
{{- if $arn }}{{ $given = dict "eks.amazonaws.com/role-arn" $arn }}{{ end -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ .name }}
  namespace: {{ $.Release.Namespace }}
  labels:
    {{- include "sagemaker-operator.labels" (dict "root" $ "component" "rights") | nindent 4 }}
  {{- with merge $given .annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* What it takes to know who may read the metrics, and to be one who may: both are of the whole cluster. Their names
have the namespace in them where each namespace may have an operator. */}}
{{- define "sagemaker-operator.readers" -}}
{{- if .Values.metrics.secure.enabled }}
{{- $whose := ternary "" (printf "%s-" .Release.Namespace) (eq (include "sagemaker-operator.scope" .) "cluster") -}}
---
{{ include "sagemaker-operator.role" (dict "root" . "wide" true "name" (printf "%sproxy" $whose) "rules" "sagemaker-operator.rules.reviewer") }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: sagemaker-k8s-operator-{{ $whose }}metrics-reader
  labels:
    {{- include "sagemaker-operator.labels" (dict "root" . "component" "rights") | nindent 4 }}
rules:
  {{- include "sagemaker-operator.rules.metrics-reader" . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "sagemaker-operator.rights" -}}
{{- $wide := eq (include "sagemaker-operator.scope" .) "cluster" -}}
{{- include "sagemaker-operator.role" (dict "root" . "wide" $wide "name" "manager" "rules" "sagemaker-operator.rules.operator") }}
---
{{ include "sagemaker-operator.role" (dict "root" . "wide" false "name" "leader-election" "rules" "sagemaker-operator.rules.leader") }}
---
{{ include "sagemaker-operator.serviceAccount" . }}
{{ include "sagemaker-operator.readers" . }}
{{- end }}
