{{/* Written from src/install by `UPDATE=1 cargo test`. */}}
{{/*
The operator itself.
*/}}

{{- define "sagemaker-operator.deployment" -}}
{{- $labels := include "sagemaker-operator.labels" (dict "root" . "component" "operator") -}}
{{- $default := dict "kubectl.kubernetes.io/default-container" "manager" -}}
{{- with .Values -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: sagemaker-k8s-operator-controller-manager
  namespace: {{ $.Release.Namespace }}
  labels:
    {{- $labels | nindent 4 }}
    control-plane: controller-manager
spec:
  replicas: {{ .replicas }}
  # It cannot be changed, and is that of version 1.
  selector:
    matchLabels:
      control-plane: controller-manager
  strategy:
    type: Recreate
  template:
    metadata:
      annotations:
        {{- merge (deepCopy .podAnnotations) $default | toYaml | nindent 8 }}
      labels:
        {{- merge (include "sagemaker-operator.pods" $ | fromYaml) .podLabels | toYaml | nindent 8 }}
    spec:
      serviceAccountName: {{ .serviceAccount.name }}
      {{- with .image.pullSecrets }}
      imagePullSecrets:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      containers:
        - name: manager
          image: {{ include "sagemaker-operator.image" $ }}
          {{- with .image.pullPolicy }}
          imagePullPolicy: {{ . }}
          {{- end }}
          args:
            - --metrics-addr=:8080
            {{- with .metrics.secure }}
            {{- if .enabled }}
            - --secure-metrics-addr=:8443
            {{- if .certSecret }}
            - --metrics-cert-dir=/etc/metrics-cert
            {{- end }}
            {{- else if .certSecret }}
            {{- fail "metrics.secure.certSecret is for metrics over HTTPS, which are off\nhint: --set metrics.secure.enabled=true, or leave out metrics.secure.certSecret" }}
            {{- end }}
            {{- end }}
            {{- if eq (include "sagemaker-operator.scope" $) "namespace" }}
            # Kubernetes puts in the pod's own namespace, so that no other can be meant.
            - --namespace=$(POD_NAMESPACE)
            {{- end }}
            {{- with include "sagemaker-operator.args" $ | trim }}
            {{- . | nindent 12 }}
            {{- end }}
          env:
            - name: POD_NAME
              valueFrom:
                fieldRef:
                  apiVersion: v1
                  fieldPath: metadata.name
            - name: POD_NAMESPACE
              valueFrom:
                fieldRef:
                  apiVersion: v1
                  fieldPath: metadata.namespace
            {{- with include "sagemaker-operator.env" $ | trim }}
            {{- . | nindent 12 }}
            {{- end }}
          ports:
            - name: http
              containerPort: 8080
              protocol: TCP
            {{- if .metrics.secure.enabled }}
            - name: https
              containerPort: 8443
              protocol: TCP
            {{- end }}
          livenessProbe:
            httpGet:
              path: /healthz
              port: http
            periodSeconds: 20
            timeoutSeconds: 5
            failureThreshold: 3
          readinessProbe:
            httpGet:
              path: /readyz
              port: http
            periodSeconds: 10
            timeoutSeconds: 5
            failureThreshold: 3
          resources:
            {{- toYaml .resources | nindent 12 }}
          securityContext:
            allowPrivilegeEscalation: false
            capabilities:
              drop:
                - ALL
            readOnlyRootFilesystem: true
            runAsNonRoot: true
            seccompProfile:
              type: RuntimeDefault
          {{- with concat (include "sagemaker-operator.certificate.mounts" $ | fromYamlArray) .extraVolumeMounts }}
          volumeMounts:
            {{- toYaml . | nindent 12 }}
          {{- end }}
      {{- with concat (include "sagemaker-operator.certificate.volumes" $ | fromYamlArray) .extraVolumes }}
      volumes:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      securityContext:
        fsGroup: 65532
        runAsGroup: 65532
        runAsNonRoot: true
        runAsUser: 65532
        seccompProfile:
          type: RuntimeDefault
      terminationGracePeriodSeconds: 20
      enableServiceLinks: false
      {{- with .priorityClassName }}
      priorityClassName: {{ . }}
      {{- end }}
      {{- with .nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .affinity }}
      affinity:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .tolerations }}
      tolerations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .topologySpreadConstraints }}
      topologySpreadConstraints:
        {{- toYaml . | nindent 8 }}
      {{- end }}
{{- if gt (int .replicas) 1 }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: sagemaker-k8s-operator-controller-manager
  namespace: {{ $.Release.Namespace }}
  labels:
    {{- $labels | nindent 4 }}
spec:
  maxUnavailable: {{ .podDisruptionBudget.maxUnavailable }}
  selector:
    matchLabels:
      {{- include "sagemaker-operator.pods" $ | nindent 6 }}
{{- end }}
{{- end }}
{{- end }}

{{/* The certificate of the metrics, if one is given. */}}
{{- define "sagemaker-operator.certificate.volumes" -}}
{{- with .Values.metrics.secure.certSecret }}
- name: metrics-cert
  secret:
    secretName: {{ . }}
{{- end }}
{{- end }}

{{- define "sagemaker-operator.certificate.mounts" -}}
{{- if .Values.metrics.secure.certSecret }}
- name: metrics-cert
  mountPath: /etc/metrics-cert
  readOnly: true
{{- end }}
{{- end }}

{{/* Those flags of the operator that are given. */}}
{{- define "sagemaker-operator.args" -}}
{{- $flags := dict
  "adoptByName" "adopt-by-name"
  "concurrency" "concurrency"
  "leaseDuration" "lease-duration"
  "notFoundWindow" "not-found-window"
  "pollInterval" "poll-interval"
  "retryBase" "retry-base"
  "retryCap" "retry-cap"
  "stalledInterval" "stalled-interval"
  "sweepInterval" "sweep-interval"
  "v1Account" "v1-account" -}}
{{- if ne .Values.logFormat "text" }}
- --log-format={{ .Values.logFormat }}
{{- end }}
{{- range $name, $value := .Values.operator }}
{{- if kindIs "bool" $value }}
{{- if $value }}
- --{{ get $flags $name }}
{{- end }}
{{- else if $value }}
- --{{ get $flags $name }}={{ $value }}
{{- end }}
{{- end }}
{{- end }}

{{/* Variables that are given. A proxy is no way to the API server, nor to the agent that hands out credentials. */}}
{{- define "sagemaker-operator.env" -}}
{{- $env := dict -}}
{{- $inside := list "$(KUBERNETES_SERVICE_HOST)" "169.254.170.23" "[fd00:ec2::23]" -}}
{{- with .Values -}}
{{- $_ := set $env "RUST_LOG" .logLevel -}}
{{- $_ := set $env "AWS_REGION" .region -}}
{{- $_ := set $env "AWS_USE_FIPS_ENDPOINT" (ternary "true" "" .aws.useFipsEndpoint) -}}
{{- $_ := set $env "AWS_USE_DUALSTACK_ENDPOINT" (ternary "true" "" .aws.useDualstackEndpoint) -}}
{{- $_ := set $env "AWS_DEFAULT_SAGEMAKER_ENDPOINT" .aws.sagemakerEndpoint -}}
{{- $_ := set $env "HTTP_PROXY" .proxy.http -}}
{{- $_ := set $env "HTTPS_PROXY" .proxy.https -}}
{{- if or .proxy.http .proxy.https -}}
{{- $_ := set $env "NO_PROXY" (concat (list .proxy.none | compact) $inside | join ",") -}}
{{- end -}}
{{- end -}}
{{- range $name, $value := $env }}
{{- if $value }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}
