{{/* The release's part of every name. */}}
{{- define "kontor.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end }}

{{/* What selects the pods of a component: (list root component). */}}
{{- define "kontor.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: kontor
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{/* Labels of an object of a component: (list root component). */}}
{{- define "kontor.labels" -}}
{{- $root := index . 0 -}}
{{ include "kontor.selector" . }}
app.kubernetes.io/part-of: kontor
app.kubernetes.io/version: {{ $root.Values.image.tag | default $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version }}
{{- with $root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Image of a service: (list root service). */}}
{{- define "kontor.image" -}}
{{- $root := index . 0 -}}
{{- $service := index . 1 -}}
{{- $digest := index $root.Values.image.digests $service -}}
{{- $base := printf "%s/kontor-%s" $root.Values.image.repository $service -}}
{{- if $digest -}}{{ printf "%s@%s" $base $digest }}{{- else -}}
{{ printf "%s:%s" $base ($root.Values.image.tag | default $root.Chart.AppVersion) }}{{- end -}}
{{- end }}

{{- define "kontor.publicUrl" -}}
{{ .Values.public.scheme }}://{{ .Values.public.host }}
{{- end }}

{{/* hooks or init, for the jobs before services start. */}}
{{- define "kontor.jobsMode" -}}
{{- if not .Values.jobs.enabled -}}none
{{- else if eq .Values.jobs.mode "auto" -}}
{{- if or .Values.externalSecrets.enabled .Values.strimzi.users -}}init{{- else -}}hooks{{- end -}}
{{- else -}}{{ .Values.jobs.mode }}{{- end -}}
{{- end }}

{{/* What cannot work is refused with its remedy. */}}
{{- define "kontor.refuse" -}}
{{- if and .Values.ingress.enabled .Values.gateway.enabled -}}
{{- fail "ingress.enabled and gateway.enabled: enable one of them" -}}
{{- end -}}
{{- if and .Values.gateway.enabled (not .Values.gateway.parentRefs) -}}
{{- fail "gateway.parentRefs: name the Gateway that the route belongs to" -}}
{{- end -}}
{{- if and .Values.externalSecrets.enabled (not .Values.externalSecrets.store.name) -}}
{{- fail "externalSecrets.store.name: name the SecretStore that the Secrets come from" -}}
{{- end -}}
{{- if gt (int .Values.autoscaling.minReplicas) (int .Values.autoscaling.maxReplicas) -}}
{{- fail "autoscaling.minReplicas is more than autoscaling.maxReplicas" -}}
{{- end -}}
{{- if gt (int .Values.kafka.minInsyncReplicas) (int .Values.kafka.replicationFactor) -}}
{{- fail "kafka.minInsyncReplicas is more than kafka.replicationFactor: nothing could be written" -}}
{{- end -}}
{{- if and (eq .Values.jobs.mode "hooks") .Values.jobs.enabled (or .Values.externalSecrets.enabled .Values.strimzi.users) -}}
{{- fail "jobs.mode=hooks: the Secrets are made by the same release and are not there when its hooks run; use init or auto" -}}
{{- end -}}
{{- $kafka := .Values.kafka -}}
{{- $sasl := hasPrefix "SASL" $kafka.security -}}
{{- if and (eq .Values.environment "production") (not $sasl) (not $kafka.clientCertificates) -}}
{{- fail "kafka.security: in production the broker must know its clients; set SASL_SSL, or SSL with kafka.clientCertificates, or another environment" -}}
{{- end -}}
{{- if and (eq .Values.environment "production") (eq $kafka.security "SASL_PLAINTEXT") (not (hasPrefix "SCRAM" $kafka.mechanism)) -}}
{{- fail (printf "kafka.mechanism=%s would send the password or token in plain text; use SASL_SSL, or SCRAM-SHA-512" $kafka.mechanism) -}}
{{- end -}}
{{- if and $kafka.clientCertificates (not (hasSuffix "SSL" $kafka.security)) -}}
{{- fail "kafka.clientCertificates: only SSL and SASL_SSL have certificates; set kafka.security" -}}
{{- end -}}
{{- if and $sasl (eq $kafka.mechanism "OAUTHBEARER") (not $kafka.token.url) -}}
{{- range $service, $own := .Values.services -}}
{{- if not $own.files.kafka_token_file -}}
{{- fail (printf "kafka.token.url: name the token endpoint, or a file with a token: services.%s.files.kafka_token_file" $service) -}}
{{- end -}}
{{- end -}}
{{- if and (ne (include "kontor.jobsMode" .) "none") (not .Values.strimzi.topics) -}}
{{- fail "kafka.token.url: the job that creates topics needs the token endpoint; name it, or set jobs.enabled=false" -}}
{{- end -}}
{{- end -}}
{{- if and .Values.strimzi.users $sasl (ne $kafka.mechanism "SCRAM-SHA-512") -}}
{{- fail "strimzi.users: Strimzi makes principals with SCRAM-SHA-512 or with certificates; set kafka.mechanism, or SSL with kafka.clientCertificates" -}}
{{- end -}}
{{- if and .Values.strimzi.users (not $sasl) (not $kafka.clientCertificates) -}}
{{- fail "strimzi.users: without SASL a principal is a certificate; set kafka.clientCertificates" -}}
{{- end -}}
{{- if and .Values.strimzi.users $sasl $kafka.clientCertificates -}}
{{- fail "strimzi.users: a principal has a password or a certificate; set SSL, or leave kafka.clientCertificates out" -}}
{{- end -}}
{{- if and .Values.mail.username (eq .Values.mail.tls "none") -}}
{{- fail "mail.tls=none would send the password in plain text; use starttls or tls" -}}
{{- end -}}
{{- end }}
