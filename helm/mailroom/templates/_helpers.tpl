{{/* The chart's name: label app.kubernetes.io/name of all but the gate. */}}
{{- define "mailroom.name" -}}
{{- .Chart.Name -}}
{{- end }}

{{/*
The name of the release's objects, of at most 55 characters: with the longest suffix, -secrets, they fit into 63.

Release mailroom gives mailroom, every other release RELEASE-mailroom. (The usual helper takes the release name alone
where it contains the chart's; then releases x and x-mailroom would share their objects.) A name that is too long is
cut and ends in a hash of the whole, which no uncut name can end in: those end in -mailroom. No suffix that is put
behind it (-config, -secrets, -gate) is the end of another, so no two objects of one kind share a name either.
*/}}
{{- define "mailroom.fullname" -}}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name .Chart.Name) (eq .Release.Name .Chart.Name) -}}
{{- if gt (len $full) 55 -}}
{{- printf "%s-%s" (regexReplaceAll "[-.]+$" (trunc 46 $full) "") (sha256sum $full | trunc 8) -}}
{{- else -}}
{{- $full -}}
{{- end -}}
{{- end }}

{{/* The name of the gate's own Job, ConfigMap and Secret. */}}
{{- define "mailroom.gateName" -}}
{{- include "mailroom.fullname" . }}-gate
{{- end }}

{{/* Labels of the release's own objects. */}}
{{- define "mailroom.labels" -}}
{{ include "mailroom.selectorLabels" . }}
app.kubernetes.io/component: app
{{ include "mailroom.commonLabels" . }}
{{- end }}

{{/* What the Deployment selects its pods by. A selector cannot be changed later: leave it alone. */}}
{{- define "mailroom.selectorLabels" -}}
app.kubernetes.io/name: {{ include "mailroom.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* Labels of the gate's pod: a name of its own, so that no selector of the release matches it. */}}
{{- define "mailroom.gatePodLabels" -}}
app.kubernetes.io/name: {{ include "mailroom.name" . }}-gate
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: gate
{{- end }}

{{/* Labels of the gate's objects. */}}
{{- define "mailroom.gateLabels" -}}
{{ include "mailroom.gatePodLabels" . }}
{{ include "mailroom.commonLabels" . }}
{{- end }}

{{/* Labels that every object has. Not on pods: the chart's version would restart them. */}}
{{- define "mailroom.commonLabels" -}}
app.kubernetes.io/part-of: {{ include "mailroom.name" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{/* The image of Deployment and gate: what the gate has judged is what runs. */}}
{{- define "mailroom.image" -}}
{{- printf "%s:%s" (.Values.image).repository (.Values.image).tag -}}
{{- end }}

{{/* Hook annotations of the gate's ConfigMap and Secret: there before the Job, gone after it whatever its end. */}}
{{- define "mailroom.gateSourceHook" -}}
helm.sh/hook: pre-install,pre-upgrade
helm.sh/hook-weight: "-10"
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded,hook-failed
{{- end }}

{{/* Which revision of the release an object belongs to; Helm's own record does not prove what ran. */}}
{{- define "mailroom.revision" -}}
mailroom/release-revision: {{ .Release.Revision | quote }}
{{- end }}

{{/* The app's configuration as a ConfigMap key, for the release's ConfigMap and the gate's. */}}
{{- define "mailroom.config" -}}
config.yaml: |
  {{- toYaml .Values.config | nindent 2 }}
{{- end }}

{{/* The credentials as Secret data, for the release's Secret and the gate's: the variables that the app reads. */}}
{{- define "mailroom.credentials" -}}
MAILROOM_JMAP_TOKEN: {{ (.Values.secrets).jmapToken | default "" | b64enc | quote }}
MAILROOM_CARDDAV_USERNAME: {{ (.Values.secrets).carddavUsername | default "" | b64enc | quote }}
MAILROOM_CARDDAV_PASSWORD: {{ (.Values.secrets).carddavPassword | default "" | b64enc | quote }}
{{- end }}

{{/* Pod annotations by which a changed configuration or credential replaces the pod: neither reaches a running one. */}}
{{- define "mailroom.checksums" -}}
checksum/config: {{ include "mailroom.config" . | sha256sum }}
checksum/secrets: {{ include "mailroom.credentials" . | sha256sum }}
{{- end }}

{{/*
The pod spec that Deployment and gate share: image, user, security contexts, environment, mounts, resources.

Takes a dict: root (the chart's context); configMap and secret (the names to read from); files (the ConfigMap's keys
to mount below /app); container (YAML of what the container has of its own, its name first).
*/}}
{{- define "mailroom.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false # a Service called mailroom would set MAILROOM_* variables
securityContext:
  runAsNonRoot: true
  runAsUser: 9999
  runAsGroup: 9999
  seccompProfile:
    type: RuntimeDefault
containers:
  - {{ .container | indent 4 | trim }}
    image: {{ include "mailroom.image" .root | quote }}
    imagePullPolicy: {{ (.root.Values.image).pullPolicy }}
    env:
      - name: MAILROOM_CONFIG
        value: /app/config.yaml
    envFrom:
      - secretRef:
          name: {{ .secret }}
    resources:
      {{- toYaml .root.Values.resources | nindent 6 }}
    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      runAsNonRoot: true
      capabilities:
        drop:
          - ALL
      seccompProfile:
        type: RuntimeDefault
    volumeMounts:
      {{- range .files }}
      - name: files
        mountPath: /app/{{ . }}
        subPath: {{ . }}
        readOnly: true
      {{- end }}
      - name: tmp
        mountPath: /tmp
volumes:
  - name: files
    configMap:
      name: {{ .configMap }}
  - name: tmp
    emptyDir: {}
{{- end }}
