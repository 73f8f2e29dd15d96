{{/* The restricted profile of Kubernetes' pod security. */}}
{{- define "kontor.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ .Values.podSecurityContext.runAsUser }}
runAsGroup: {{ .Values.podSecurityContext.runAsGroup }}
fsGroup: {{ .Values.podSecurityContext.fsGroup }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "kontor.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* What every pod says, whatever it runs. */}}
{{- define "kontor.podBasics" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  {{- include "kontor.podSecurity" . | nindent 2 }}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Secret with what a service, or the topics job, needs: (list root component). */}}
{{- define "kontor.secret" -}}
{{- $root := index . 0 -}}
{{- $own := (index $root.Values.services (index . 1) | default dict).existingSecret -}}
{{- $own | default (printf "%s-%s" (include "kontor.fullname" $root) (index . 1)) -}}
{{- end }}

{{/* Secret and keys with what tells the broker who the component is, as a map: (list root component). Strimzi has its own keys. */}}
{{- define "kontor.kafkaSecret" -}}
{{- $root := index . 0 -}}
{{- $component := index . 1 -}}
{{- $other := (index $root.Values.services $component | default dict).kafkaSecret -}}
{{- if and (not $other) $root.Values.strimzi.users -}}
{{- $other = printf "%s%s" $root.Values.kafka.userPrefix $component -}}
{{- end -}}
name: {{ $other | default (include "kontor.secret" .) }}
key: {{ if $other }}password{{ else }}{{ $root.Values.secrets.kafkaPasswordKey }}{{ end }}
certificate: {{ if $other }}user.crt{{ else }}{{ $root.Values.secrets.kafkaCertificateKey }}{{ end }}
privateKey: {{ if $other }}user.key{{ else }}{{ $root.Values.secrets.kafkaPrivateKeyKey }}{{ end }}
{{- end }}

{{/* Whether the principal has a password, or with OAUTHBEARER a client secret. */}}
{{- define "kontor.kafkaPassword" -}}
{{- $kafka := .Values.kafka -}}
{{- if and (hasPrefix "SASL" $kafka.security) (or (ne $kafka.mechanism "OAUTHBEARER") $kafka.token.url) -}}yes{{- end -}}
{{- end }}

{{/* Whether a pod has files at all: (list root component files). */}}
{{- define "kontor.mounted" -}}
{{- $values := (index . 0).Values -}}
{{- $authorities := list $values.kafka.ca.secret $values.kafka.token.ca.secret -}}
{{- if ne (index . 1) "topics" }}{{ $authorities = append (append $authorities $values.mongo.ca.secret) $values.tracing.ca.secret }}{{ end -}}
{{- $password := include "kontor.kafkaPassword" (index . 0) -}}
{{- if or (index . 2) $password $values.kafka.clientCertificates (compact $authorities) -}}yes{{- end -}}
{{- end }}

{{/* Files as volumes: (list root component files). Readable by the pod's group alone. */}}
{{- define "kontor.volumes" -}}
{{- $root := index . 0 -}}
{{- $component := index . 1 -}}
- name: tmp
  emptyDir:
    sizeLimit: 64Mi
{{- $values := $root.Values }}
{{- $own := list }}
{{- $secret := include "kontor.kafkaSecret" (list $root $component) | fromYaml }}
{{- if include "kontor.kafkaPassword" $root }}
{{- $own = append $own (dict "key" $secret.key "path" "kafka-password") }}
{{- end }}
{{- if $values.kafka.clientCertificates }}
{{- $own = append $own (dict "key" $secret.certificate "path" "kafka.crt") }}
{{- $own = append $own (dict "key" $secret.privateKey "path" "kafka.key") }}
{{- end }}
{{- $authorities := dict "kafka-ca.crt" $values.kafka.ca "kafka-token-ca.crt" $values.kafka.token.ca }}
{{- if ne $component "topics" }}
{{- $_ := set $authorities "mongo-ca.crt" $values.mongo.ca }}
{{- $_ := set $authorities "traces-ca.crt" $values.tracing.ca }}
{{- end }}
{{- if eq $component "notifications" }}{{ $_ := set $authorities "smtp-ca.crt" $values.mail.ca }}{{ end }}
{{- if include "kontor.mounted" (list $root $component (index . 2)) }}
- name: secrets
  projected:
    defaultMode: 0440
    sources:
      {{- with index . 2 }}
      - secret:
          name: {{ include "kontor.secret" (list $root $component) }}
          items:
            {{- range $setting, $key := . }}
            - key: {{ $key }}
              path: {{ $key }}
            {{- end }}
      {{- end }}
      {{- with $own }}
      - secret:
          name: {{ $secret.name }}
          items:
            {{- toYaml . | nindent 12 }}
      {{- end }}
      {{- range $path, $authority := $authorities }}
      {{- with $authority.secret }}
      - secret:
          name: {{ . }}
          items:
            - key: {{ $authority.key }}
              path: {{ $path }}
      {{- end }}
      {{- end }}
{{- end }}
{{- end }}

{{- define "kontor.mounts" -}}
- name: tmp
  mountPath: /tmp
{{- if . }}
- name: secrets
  mountPath: /run/kontor
  readOnly: true
{{- end }}
{{- end }}

{{/* Settings of all that speaks with the broker: (list root principal). */}}
{{- define "kontor.kafkaEnv" -}}
{{- $root := index . 0 -}}
{{- $kafka := $root.Values.kafka -}}
KONTOR_KAFKA_BOOTSTRAP: {{ $kafka.bootstrap | quote }}
KONTOR_KAFKA_SECURITY: {{ $kafka.security | quote }}
{{- if hasPrefix "SASL" $kafka.security }}
KONTOR_KAFKA_MECHANISM: {{ $kafka.mechanism | quote }}
{{- end }}
{{- if include "kontor.kafkaPassword" $root }}
KONTOR_KAFKA_USERNAME: {{ printf "%s%s" $kafka.userPrefix (index . 1) | quote }}
KONTOR_KAFKA_PASSWORD_FILE: /run/kontor/kafka-password
{{- end }}
{{- with $kafka.token.url }}
KONTOR_KAFKA_TOKEN_URL: {{ . | quote }}
{{- end }}
{{- with $kafka.token.scope }}
KONTOR_KAFKA_TOKEN_SCOPE: {{ . | quote }}
{{- end }}
{{- if $kafka.token.ca.secret }}
KONTOR_KAFKA_TOKEN_CA_FILE: /run/kontor/kafka-token-ca.crt
{{- end }}
{{- if $kafka.clientCertificates }}
KONTOR_KAFKA_CERTIFICATE_FILE: /run/kontor/kafka.crt
KONTOR_KAFKA_KEY_FILE: /run/kontor/kafka.key
{{- end }}
{{- if $kafka.ca.secret }}
KONTOR_KAFKA_CA_FILE: /run/kontor/kafka-ca.crt
{{- end }}
{{- with $kafka.topicPrefix }}
KONTOR_TOPIC_PREFIX: {{ . | quote }}
{{- end }}
KONTOR_START_TIMEOUT: {{ $root.Values.startTimeout | quote }}
KONTOR_LOG_LEVEL: {{ $root.Values.logLevel | quote }}
KONTOR_ENVIRONMENT: {{ $root.Values.environment | quote }}
{{- end }}

{{/* Settings of a service: (list root service files). What `settings` says is stronger. */}}
{{- define "kontor.serviceEnv" -}}
{{- $root := index . 0 -}}
{{- $service := index . 1 -}}
{{- $public := include "kontor.publicUrl" $root -}}
{{- $identity := printf "http://%s-identity" (include "kontor.fullname" $root) -}}
{{- $env := include "kontor.kafkaEnv" (list $root $service) | fromYaml -}}
{{- $_ := set $env "KONTOR_PUBLIC_URL" $public -}}
{{- $_ := set $env "KONTOR_IDENTITY_URL" $public -}}
{{- $_ := set $env "KONTOR_ISSUER" $public -}}
{{- $_ := set $env "KONTOR_TOKEN_URL" (printf "%s/token" $identity) -}}
{{- $_ := set $env "KONTOR_JWKS_URL" (printf "%s/.well-known/jwks.json" $identity) -}}
{{- $_ := set $env "KONTOR_DRAIN_DELAY" (toString $root.Values.drainDelay) -}}
{{- $_ := set $env "KONTOR_SHUTDOWN_TIMEOUT" (toString $root.Values.shutdownTimeout) -}}
{{- with $root.Values.tracing.url -}}
{{- $_ := set $env "KONTOR_TRACES_URL" . -}}
{{- $_ := set $env "KONTOR_TRACES_RATIO" (toString $root.Values.tracing.ratio) -}}
{{- end -}}
{{- if $root.Values.tracing.ca.secret -}}{{- $_ := set $env "KONTOR_TRACES_CA_FILE" "/run/kontor/traces-ca.crt" -}}{{- end -}}
{{- with $root.Values.public.corsOrigins -}}{{- $_ := set $env "KONTOR_CORS_ORIGINS" (toJson .) -}}{{- end -}}
{{- with $root.Values.public.trustedProxies -}}{{- $_ := set $env "KONTOR_TRUSTED_PROXIES" (toJson .) -}}{{- end -}}
{{- range $setting, $key := index . 2 -}}
{{- $_ := set $env (printf "KONTOR_%s" (upper $setting)) (printf "/run/kontor/%s" $key) -}}
{{- end -}}
{{- if eq $service "identity" -}}
{{- $client := dict "client_id" "relationships" "redirect_uris" (list (printf "%s/signed-in" $public)) -}}
{{- $_ := set $env "KONTOR_SIGN_IN_CLIENTS" (toJson (list $client)) -}}
{{- end -}}
{{- if eq $service "notifications" -}}
{{- $mail := $root.Values.mail -}}
{{- $_ := set $env "KONTOR_MAIL_SENDER" $mail.sender -}}
{{- $_ := set $env "KONTOR_SMTP_HOST" $mail.host -}}
{{- $_ := set $env "KONTOR_SMTP_PORT" (toString $mail.port) -}}
{{- $_ := set $env "KONTOR_SMTP_TLS" $mail.tls -}}
{{- with $mail.username -}}{{- $_ := set $env "KONTOR_SMTP_USERNAME" . -}}{{- end -}}
{{- if $mail.ca.secret -}}{{- $_ := set $env "KONTOR_SMTP_CA_FILE" "/run/kontor/smtp-ca.crt" -}}{{- end -}}
{{- end -}}
{{- range $name, $value := (index $root.Values.services $service).settings -}}
{{- $text := ternary (toString $value) (toJson $value) (kindIs "string" $value) -}}
{{- $_ := set $env (printf "KONTOR_%s" (upper $name)) $text -}}
{{- end -}}
{{ toYaml $env }}
{{- end }}

{{/* A map of variables as a list. */}}
{{- define "kontor.envList" -}}
{{- range $name, $value := . }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end }}

{{/* The address of the database is a secret. */}}
{{- define "kontor.mongoEnv" -}}
{{- $root := index . 0 -}}
{{- $service := index . 1 -}}
- name: KONTOR_MONGO_URL
  valueFrom:
    secretKeyRef:
      name: {{ (index $root.Values.services $service).mongoSecret | default (include "kontor.secret" .) }}
      key: {{ $root.Values.secrets.mongoUrlKey }}
{{- end }}

{{/* Files of a service's Secret by setting, as a map: (list root service). */}}
{{- define "kontor.files" -}}
{{- $root := index . 0 -}}
{{- $service := index . 1 -}}
{{- $all := $root.Files.Get "files/services.yaml" | fromYaml -}}
{{- $files := mergeOverwrite (deepCopy (index $all $service).files) (index $root.Values.services $service).files -}}
{{- if and (eq $service "notifications") $root.Values.mail.username -}}
{{- $_ := set $files "smtp_password_file" "smtp-password" -}}
{{- end -}}
{{ toYaml $files }}
{{- end }}

{{/* Seconds from SIGTERM to SIGKILL. */}}
{{- define "kontor.grace" -}}
{{- $shutdown := int .Values.shutdownTimeout -}}
{{- add (int .Values.drainDelay) $shutdown (div (add $shutdown 1) 2) 6 -}}
{{- end }}

{{/* What pods are spread over by constraints. A soft one is ignored on a node that lacks the label of another, and zones are
     labels that not every cluster has: there they are a preference apart, below. */}}
{{- define "kontor.spreadOver" -}}
kubernetes.io/hostname{{ if eq .Values.topologySpread.whenUnsatisfiable "DoNotSchedule" }} topology.kubernetes.io/zone{{ end }}
{{- end }}

{{/* Affinity of a service's pods: (list root service). What `affinity` says is stronger. */}}
{{- define "kontor.affinity" -}}
{{- $root := index . 0 -}}
{{- $spread := $root.Values.topologySpread -}}
{{- $affinity := dict -}}
{{- if and $spread.enabled (eq $spread.whenUnsatisfiable "ScheduleAnyway") -}}
{{- $selector := dict "matchLabels" (include "kontor.selector" . | fromYaml) -}}
{{- $term := dict "topologyKey" "topology.kubernetes.io/zone" "labelSelector" $selector -}}
{{- $preferred := list (dict "weight" 100 "podAffinityTerm" $term) -}}
{{- $_ := set $affinity "podAntiAffinity" (dict "preferredDuringSchedulingIgnoredDuringExecution" $preferred) -}}
{{- end -}}
{{- toYaml (mergeOverwrite $affinity (deepCopy $root.Values.affinity)) -}}
{{- end }}
