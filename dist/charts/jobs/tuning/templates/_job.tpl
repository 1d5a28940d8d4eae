{{/* Written from src/install by `UPDATE=1 cargo test`. */}}
{{/*
What the charts of jobs have in common. The templates that take no dict take the root context.
*/}}

{{/* The object's name: the one given, else the release's. */}}
{{- define "sagemaker-job.metadata" -}}
metadata:
  name: {{ .Values.name | default .Release.Name }}
  namespace: {{ .Release.Namespace }}
  labels:
    app.kubernetes.io/instance: {{ .Release.Name }}
    app.kubernetes.io/managed-by: {{ .Release.Service }}
    helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version | replace "+" "_" }}
{{- end }}

{{/* A value that there has to be: (dict "root" $ "name" "region" "what" "…" "example" "us-west-2") */}}
{{- define "sagemaker-job.required" -}}
{{- $value := get .root.Values.spec .name -}}
{{- if not $value }}
  {{- fail (printf "spec.%s is missing: give %s\nhint: --set spec.%s=%s" .name .what .name .example) }}
{{- end }}
{{- $value | toJson }}
{{- end }}

{{/* Helm reads numbers as fractions, and would write 1000000 as 1e+06. */}}
{{- define "sagemaker-job.text" -}}
{{- if kindIs "float64" . -}}
{{- if eq . (floor .) }}{{ printf "%.0f" . | quote }}{{ else }}{{ . | toString | quote }}{{ end -}}
{{- else -}}
{{ . | toString | quote }}
{{- end -}}
{{- end }}

{{/* A map as a list: (dict "map" … "key" "name") */}}
{{- define "sagemaker-job.pairs" -}}
{{- $key := .key -}}
{{- range $name, $value := .map }}
- {{ $key }}: {{ $name | quote }}
  value: {{ include "sagemaker-job.text" $value }}
{{- end }}
{{- end }}

{{/* Channels of data. */}}
{{- define "sagemaker-job.channels" -}}
{{- range .Values.spec.inputDataConfig }}
- channelName: {{ .channel | quote }}
  dataSource:
    {{- with .s3 }}
    s3DataSource:
      s3DataType: {{ .s3DataType | default "S3Prefix" }}
      {{- omit . "s3DataType" | toYaml | nindent 6 }}
    {{- end }}
    {{- with .fileSystem }}
    fileSystemDataSource:
      {{- toYaml . | nindent 6 }}
    {{- end }}
  {{- with omit . "channel" "s3" "fileSystem" }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
{{- end }}

{{/* What a training is, alone or as a trial: the fields that both have. */}}
{{- define "sagemaker-job.training" -}}
{{- with .Values.spec -}}
roleArn: {{ include "sagemaker-job.required" (dict "root" $ "name" "roleArn" "what" "the role that SageMaker takes on for the job" "example" "arn:aws:iam::ACCOUNT:role/NAME") }}
algorithmSpecification:
  trainingImage: {{ include "sagemaker-job.required" (dict "root" $ "name" "image" "what" "the image of the algorithm" "example" "ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME:TAG") }}
  trainingInputMode: {{ .trainingInputMode }}
  {{- with .metricDefinitions }}
  metricDefinitions:
    {{- toYaml . | nindent 4 }}
  {{- end }}
outputDataConfig:
  s3OutputPath: {{ include "sagemaker-job.required" (dict "root" $ "name" "outputPath" "what" "where in S3 the model goes" "example" "s3://BUCKET/PREFIX") }}
resourceConfig:
  instanceCount: {{ int .instanceCount }}
  instanceType: {{ .instanceType }}
  volumeSizeInGB: {{ int .volumeSizeInGB }}
stoppingCondition:
  maxRuntimeInSeconds: {{ int .maxRuntimeInSeconds }}
  {{- if .enableManagedSpotTraining }}
  # It has to cover both the wait for a machine and the training.
  maxWaitTimeInSeconds: {{ int (.maxWaitTimeInSeconds | default .maxRuntimeInSeconds) }}
  {{- else if .maxWaitTimeInSeconds }}
  {{- fail "spec.maxWaitTimeInSeconds is for spot training\nhint: --set spec.enableManagedSpotTraining=true, or leave it out" }}
  {{- end }}
{{- if .enableManagedSpotTraining }}
enableManagedSpotTraining: true
{{- end }}
{{- with .inputDataConfig }}
inputDataConfig:
  {{- include "sagemaker-job.channels" $ | indent 2 }}
{{- end }}
{{- with .environment }}
environment:
  {{- include "sagemaker-job.pairs" (dict "map" . "key" "name") | indent 2 }}
{{- end }}
{{- with .checkpointConfig }}
checkpointConfig:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .vpcConfig }}
vpcConfig:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end }}

{{/* Region and tags, which all jobs have. */}}
{{- define "sagemaker-job.common" -}}
region: {{ include "sagemaker-job.required" (dict "root" . "name" "region" "what" "the AWS region to run in" "example" "us-west-2") }}
{{- with .Values.spec.tags }}
tags:
  {{- include "sagemaker-job.pairs" (dict "map" . "key" "key") | indent 2 }}
{{- end }}
{{- end }}
