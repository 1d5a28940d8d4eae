{{/*
Names, labels and who the operator is. All templates here take the root context.
*/}}

{{/* Labels of an object: (dict "root" $ "component" "rights") */}}
{{- define "sagemaker-operator.labels" -}}
app.kubernetes.io/component: {{ .component }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
app.kubernetes.io/name: sagemaker-operator
app.kubernetes.io/version: {{ .root.Chart.AppVersion }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version | replace "+" "_" }}
{{- end }}

{{/* What selects the operator's pods. */}}
{{- define "sagemaker-operator.pods" -}}
app.kubernetes.io/name: sagemaker-operator
control-plane: controller-manager
{{- end }}

{{/* The role in AWS; refused until a person has given it. Empty where it is not for the chart to give. */}}
{{- define "sagemaker-operator.roleArn" -}}
{{- $arn := .Values.roleArn -}}
{{- $need := and .Values.serviceAccount.create (not .Values.serviceAccount.podIdentity) -}}
{{- $hint := "hint: --set roleArn=arn:aws:iam::ACCOUNT:role/NAME; with EKS Pod Identity: --set serviceAccount.podIdentity=true" -}}
{{- if contains "DELETE_ME" $arn }}
  {{- fail (printf "roleArn is still %s: give the role in AWS that the operator is to take on\n%s" $arn $hint) }}
{{- else if and $need (not $arn) }}
  {{- fail (printf "roleArn is missing: give the role in AWS that the operator is to take on\n%s" $hint) }}
{{- else if and $arn (not (regexMatch "^arn:aws[a-z-]*:iam::[0-9]{12}:role/.+$" $arn)) }}
  {{- fail (printf "roleArn is %s, which names no role in AWS\n%s" $arn $hint) }}
{{- else if and $arn (not $need) }}
  {{- fail "roleArn is for a service account that this chart makes, and that is annotated with it\nhint: leave out roleArn, or serviceAccount.create=false and serviceAccount.podIdentity=true" }}
{{- end }}
{{- $arn }}
{{- end }}

{{/* The image: its registry is the one given, else the mirror of the region, else that of the partition. */}}
{{- define "sagemaker-operator.image" -}}
{{- $image := .Values.image -}}
{{- $china := or (hasPrefix "cn-" .Values.region) (hasPrefix "arn:aws-cn:" .Values.roleArn) -}}
{{- $partition := ternary "aws-cn" "aws" $china -}}
{{- $mirror := or (get $image.mirrors .Values.region) (get $image.mirrors $partition) -}}
{{- $registry := required (printf "image.registry is missing, and image.mirrors has none for %s" $partition) (or $image.registry $mirror) -}}
{{- $name := printf "%s/%s" $registry $image.repository -}}
{{- if $image.digest -}}
{{ $name }}@{{ $image.digest }}
{{- else -}}
{{ $name }}:{{ $image.tag | default (printf "v%s" .Chart.AppVersion) }}
{{- end }}
{{- end }}
