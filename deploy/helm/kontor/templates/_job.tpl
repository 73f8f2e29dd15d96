{{/* A Job's spec: (list root component service env files command). It runs under the namespace's own account, because a
     hook runs before the release's; it gets no token. */}}
{{- define "kontor.jobSpec" -}}
{{- $root := index . 0 -}}
{{- $component := index . 1 -}}
{{- $service := index . 2 -}}
{{- $files := index . 4 -}}
{{- $secretOf := ternary "topics" $service (eq $component "topics") -}}
{{- $mounted := include "kontor.mounted" (list $root $secretOf $files) -}}
backoffLimit: 3
activeDeadlineSeconds: {{ $root.Values.jobs.deadline }}
template:
  metadata:
    labels:
      {{- include "kontor.labels" (list $root $component) | nindent 6 }}
      {{- with $root.Values.podLabels }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
    {{- with $root.Values.podAnnotations }}
    annotations:
      {{- toYaml . | nindent 6 }}
    {{- end }}
  spec:
    {{- include "kontor.podBasics" $root | nindent 4 }}
    restartPolicy: Never
    terminationGracePeriodSeconds: 10
    containers:
      - name: {{ $component }}
        image: {{ include "kontor.image" (list $root $service) }}
        imagePullPolicy: {{ $root.Values.image.pullPolicy }}
        command: {{ toJson (index . 5) }}
        securityContext:
          {{- include "kontor.containerSecurity" $root | nindent 10 }}
        env:
          {{- include "kontor.envList" (index . 3) | nindent 10 }}
          {{- if ne $component "topics" }}
          {{- include "kontor.mongoEnv" (list $root $service) | nindent 10 }}
          {{- end }}
        resources:
          {{- toYaml (index $root.Values.services $service).resources | nindent 10 }}
        volumeMounts:
          {{- include "kontor.mounts" $mounted | nindent 10 }}
    volumes:
      {{- include "kontor.volumes" (list $root $secretOf $files) | nindent 6 }}
{{- end }}
