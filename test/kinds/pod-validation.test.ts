import { describe, expect, it } from 'vitest'
import { pod, type Pod } from '../../src-main/kinds/core/pod.ts'
import { FieldPath } from '../../src-main/kinds/field-error.ts'
import { changed, mistakes, prepared, updateMistakes } from './prepared.ts'

const c0 = 'spec.containers[0]'
const v0 = 'spec.volumes[0]'
const container = (fields: string): string => `spec: {containers: [{name: a, image: a, ${fields}}]}`
const spec = (fields: string): string => `spec: {containers: [{name: a, image: a}], ${fields}}`
const volume = (source: string): string => spec(`volumes: [{name: v, ${source}}]`)
const mounted = (fields: string): string => `spec: {volumes: [{name: v}, {name: d, persistentVolumeClaim: {claimName: x}}], containers: [{name: a, image: a, ${fields}}]}`
const required = (...paths: string[]): string[] => paths.map((path) => `${path}: Required value`)
const relative = 'must be a relative path'
const upwards = "must not contain '..'"
const mode = 'must be a number between 0 and 0777 (octal), both inclusive'

const cases: ReadonlyArray<readonly [manifest: string, ...errors: string[]]> = [
  [spec('restartPolicy: Sometimes'), 'spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"'],
  [spec('dnsPolicy: None, dnsConfig: {}'), 'spec.dnsConfig.nameservers: Required value: must provide at least one DNS nameserver when `dnsPolicy` is None'],
  [spec('dnsConfig: {nameservers: [1.1.1.1, 1.1.1.2, 1.1.1.3, 1.1.1.4], searches: ["."], options: [{value: x}]}'), 'spec.dnsConfig.nameservers: Invalid value: ["1.1.1.1","1.1.1.2","1.1.1.3","1.1.1.4"]: must not have more than 3 nameservers', 'spec.dnsConfig.options[0]: Required value: must not be empty'],
  [spec('tolerations: [{key: a, operator: Around}, {key: a, operator: Exists, value: x}]'), 'spec.tolerations[0].operator: Unsupported value: "Around": supported values: "Equal", "Exists"', 'spec.tolerations[1].operator: Invalid value: "x": value must be empty when `operator` is \'Exists\''],
  [spec('tolerations: [{key: a, effect: Never}]'), 'spec.tolerations[0].effect: Unsupported value: "Never": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"'],
  [volume('cephfs: {monitors: [a]}, emptyDir: {}, downwardAPI: {}'), `${v0}.cephFS: Forbidden: may not specify more than 1 volume type`, `${v0}.downwarAPI: Forbidden: may not specify more than 1 volume type`],
  [volume('emptyDir: {sizeLimit: "-1"}'), `${v0}.emptyDir.sizeLimit: Forbidden: SizeLimit field must be a valid resource quantity`],
  [volume('gcePersistentDisk: {partition: 256}'), ...required(`${v0}.persistentDisk.pdName`), `${v0}.persistentDisk.partition: Invalid value: 256: must be between 1 and 255, inclusive`],
  [volume('secret: {items: [{key: a, path: ..x, mode: 512}]}'), ...required(`${v0}.secret.secretName`), `${v0}.secret.items[0].path: Invalid value: "..x": must not start with '..'`, `${v0}.secret.items[0].mode: Invalid value: 512: ${mode}`],
  [volume('iscsi: {targetPortal: a, iqn: b, lun: 256, chapAuthSession: true}'), `${v0}.iscsi.iqn: Invalid value: "b": must be valid format starting with iqn, eui, or naa`, `${v0}.iscsi.lun: Invalid value: 256: must be between 0 and 255, inclusive`, ...required(`${v0}.iscsi.secretRef`)],
  [volume('rbd: {}'), ...required(`${v0}.rbd.monitors`, `${v0}.rbd.image`)],
  [volume('flexVolume: {driver: a, options: {kubernetes.io/a: b}}'), `${v0}.flexVolume.options[kubernetes.io/a]: Invalid value: "kubernetes.io/a": kubernetes.io and k8s.io namespaces are reserved`],
  [volume('quobyte: {registry: a}'), `${v0}.quobyte.registry: Invalid value: "a": must be a host:port pair or multiple pairs separated by commas`, ...required(`${v0}.quobyte.volume`)],
  [volume('downwardAPI: {items: [{path: a, resourceFieldRef: {resource: limits.cpu}}]}'), ...required(`${v0}.downwardAPI.resourceFieldRef.containerName`)],
  [volume('projected: {sources: [{secret: {name: a, items: [{key: k, path: p}]}}, {configMap: {name: b, items: [{key: k, path: p}]}}]}'), `${v0}.projected: Invalid value: "b": conflicting duplicate paths`],
  [volume('projected: {sources: [{serviceAccountToken: {path: t, expirationSeconds: 5}}]}') + '\n', `${v0}.projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 5: may not specify a duration less than 10 minutes`, `${v0}.projected.sources[0].serviceAccountToken: Forbidden: must not be specified when serviceAccountName is not set`],
  [volume('projected: {sources: [{clusterTrustBundle: {path: p}}]}'), `${v0}.projected.sources[0].clusterTrustBundle: Required value: either name or signerName must be specified`],
  [volume('ephemeral: {}'), ...required(`${v0}.ephemeral.volumeClaimTemplate`)],
  [volume('image: {}'), ...required(`${v0}.image.reference`)],
  [mounted('volumeMounts: [{name: v, mountPath: /x, subPath: /a/.., mountPropagation: Bidirectional}]'), `${c0}.volumeMounts.subPath: Invalid value: "/a/..": ${relative}`, `${c0}.volumeMounts.subPath: Invalid value: "/a/..": ${upwards}`, `${c0}.volumeMounts.mountPropagation: Forbidden: Bidirectional mount propagation is available only to privileged containers`],
  [mounted('volumeMounts: [{name: v, mountPath: /x, recursiveReadOnly: Enabled}]'), `${c0}.volumeMounts.recursiveReadOnly: Forbidden: may only be specified when readOnly is true`],
  [mounted('volumeDevices: [{name: v, devicePath: /a}, {name: d, devicePath: /a}]'), `${c0}.volumeDevices[0].name: Invalid value: "v": can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode`, `${c0}.volumeDevices[1].devicePath: Invalid value: "/a": must be unique`],
  [container('ports: [{containerPort: 1, hostPort: 5}, {containerPort: 2, hostPort: 5}]'), `${c0}.ports[1].hostPort: Duplicate value: "TCP//5"`],
  [container('env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.cpu, divisor: 3}}}]'), `${c0}.env[0].valueFrom.resourceFieldRef.divisor: Invalid value: "limits.cpu": only divisor's values 1m and 1 are supported with the cpu resource`],
  [container('env: [{name: A, valueFrom: {fileKeyRef: {key: K, path: p, volumeName: v}}}]'), `${c0}.env[0].valueFrom.fileKeyRef.volumeName: Not found: "v"`],
  [container('envFrom: [{}]'), `${c0}.envFrom: Invalid value: "": must specify one of: \`configMapRef\` or \`secretRef\``],
  [container('resources: {requests: {example.com/a: 1}}'), `${c0}.resources.limits: Required value: Limit must be set for non overcommitable resources`],
  [container('resources: {limits: {hugepages-2Mi: 4Mi}}'), `${c0}.resources: Forbidden: HugePages require cpu or memory`],
  [container('resources: {claims: [{name: gpu}]}'), `${c0}.resources.claims[0]: Not found: "gpu": must be one of the names in pod.spec.resourceClaims which is empty`],
  [spec('resourceClaims: [{name: gpu}]'), 'spec.resourceClaims[0]: Invalid value: {"Name":"gpu","ResourceClaimName":null,"ResourceClaimTemplateName":null}: must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'],
  ['spec: {resources: {requests: {cpu: 1}}, containers: [{name: a, image: a, resources: {requests: {cpu: 2}}}]}', 'spec.resources.requests[cpu]: Invalid value: "1": must be greater than or equal to aggregate container requests of 2'],
  [spec('resources: {limits: {example.com/a: 1}}'), 'spec.resources.limits[example.com/a]: Unsupported value: "example.com/a": supported values: "cpu", "hugepages-", "memory"'],
  [container('resizePolicy: [{resourceName: cpu, restartPolicy: X}]'), `${c0}.resizePolicy: Unsupported value: "X": supported values: "NotRequired", "RestartContainer"`],
  [container('lifecycle: {preStop: {sleep: {seconds: 31}}}'), `${c0}.lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and less than terminationGracePeriodSeconds (30)`],
  [container('lifecycle: {stopSignal: SIGUSR1}'), `${c0}.lifecycle.stopSignal: Forbidden: may not be set for containers with empty \`spec.os.name\``],
  [container('restartPolicyRules: [{action: Wait}]'), `${c0}.restartPolicy: Required value: must specify restartPolicy when restart rules are used`, `${c0}.restartPolicyRules[0].action: Unsupported value: "Wait": supported values: "Restart", "RestartAllContainers"`, `${c0}.restartPolicyRules[0].exitCodes: Required value: must be specified`],
  [container('startupProbe: {httpGet: {port: 1, scheme: FTP}}'), `${c0}.startupProbe.httpGet.scheme: Unsupported value: "FTP": supported values: "HTTP", "HTTPS"`],
  [container('readinessProbe: {tcpSocket: {port: 1}, terminationGracePeriodSeconds: 5}'), `${c0}.readinessProbe.terminationGracePeriodSeconds: Invalid value: 5: must not be set for readinessProbes`],
  [container('securityContext: {runAsUser: -1}'), `${c0}.securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive`],
  [container('securityContext: {procMount: Unmasked}'), `${c0}.securityContext.procMount: Invalid value: "Unmasked": \`hostUsers\` must be false to use \`Unmasked\``],
  [container('securityContext: {seccompProfile: {type: Localhost}}'), `${c0}.securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost`],
  [container('securityContext: {appArmorProfile: {type: Localhost, localhostProfile: " a"}}'), `${c0}.securityContext.appArmorProfile.localhostProfile: Invalid value: " a": must not be padded with whitespace`],
  [container('securityContext: {windowsOptions: {runAsUserName: "a\\\\b\\\\c"}}'), `${c0}.securityContext.windowsOptions.runAsUserName: Invalid value: "a\\\\b\\\\c": runAsUserName cannot contain more than one backslash`],
  [spec('securityContext: {sysctls: [{name: net.ipv4.x, value: "1"}, {name: net.ipv4.x, value: "1"}]}, hostNetwork: true'), ...[0, 1].flatMap((i) => [...(i === 1 ? ['spec.securityContext.sysctls[1].name: Duplicate value: "net.ipv4.x"'] : []), `spec.securityContext.sysctls[${i}].name: Invalid value: "net.ipv4.x": may not be specified when 'hostNetwork' is true`])],
  [spec('os: {name: linux}, securityContext: {windowsOptions: {}}'), 'spec.securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod'],
  [spec('os: {name: windows}, hostPID: true'), 'spec.hostPID: Forbidden: cannot be set for a windows pod'],
  [spec('os: {name: beos}'), 'spec.os: Unsupported value: "beos": supported values: "linux", "windows"'],
  [spec('hostUsers: false, hostPID: true'), 'spec.HostPID: Forbidden: when `hostUsers` is false'],
  [spec('hostnameOverride: a, setHostnameAsFQDN: true'), 'spec.hostnameOverride: Forbidden: may not be specified when setHostnameAsFQDN is true'],
  ['spec: {hostNetwork: true, containers: [{name: a, image: a, ports: [{containerPort: 1, hostPort: 2}]}]}', `${c0}.ports[0].hostPort: Invalid value: 2: must match \`containerPort\` when \`hostNetwork\` is true`],
  [spec('affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchFields: [{key: a, operator: Exists}]}]}}}'), ...['operator: Invalid value: "Exists": not a valid selector operator', 'key: Invalid value: "a": not a valid field selector key'].map((error) => `spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchFields[0].${error}`)],
  [spec('affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: a, matchLabelKeys: [x]}]}}'), 'spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].matchLabelKeys: Forbidden: must not be specified when labelSelector is not set'],
  [spec('topologySpreadConstraints: [{maxSkew: 1, topologyKey: a, whenUnsatisfiable: ScheduleAnyway, minDomains: 2}, {maxSkew: 1, topologyKey: a, whenUnsatisfiable: ScheduleAnyway}]'), 'spec.topologySpreadConstraints[0].{topologyKey, whenUnsatisfiable}: Duplicate value: "{a, ScheduleAnyway}"', 'spec.topologySpreadConstraints[0].minDomains: Invalid value: 2: can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway'],
  [spec('schedulingGates: [{name: g}, {name: g}], nodeName: n'), 'spec.schedulingGates[1]: Duplicate value: "g"', 'spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared'],
  [spec('ephemeralContainers: [{name: e, image: e}]'), 'spec.ephemeralContainers: Forbidden: cannot be set on create'],
  [`metadata: {annotations: {controller.kubernetes.io/pod-deletion-cost: "007"}}\n${spec('restartPolicy: Never')}`, 'metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value: "007": must be a 32bit integer'],
  [`metadata: {annotations: {kubernetes.io/config.mirror: x}}\n${spec('restartPolicy: Never')}`, 'metadata.annotations[kubernetes.io/config.mirror]: Invalid value: "x": must set spec.nodeName if mirror pod annotation is set'],
]

describe('a pod', () => {
  for (const [manifest, ...errors] of cases) {
    it(`like ${manifest.slice(0, 130)} is refused`, () => expect(mistakes(pod, manifest)).toEqual(errors))
  }

  it.each([['nginx', 'Always'], ['nginx:latest', 'Always'], ['nginx:1', 'IfNotPresent'], ['localhost:5000/x', 'Always'], [`a@sha256:${'0'.repeat(64)}`, 'IfNotPresent'], ['NoImage', 'IfNotPresent']])(
    'pulls %s %s', (image, expected) => {
      expect(prepared(pod, `spec: {containers: [{name: a, image: "${image}"}]}`)).toMatchObject({ spec: { containers: [{ imagePullPolicy: expected }] } })
    })

  it('requests as a whole what its containers request, or its limits', () => {
    const made = prepared(pod, 'spec: {resources: {limits: {cpu: 2, memory: 1Gi}}, containers: [{name: a, image: a, resources: {requests: {cpu: 500m}}}]}')
    expect(made).toMatchObject({ spec: { resources: { requests: { cpu: '500m', memory: '1Gi' } } } })
  })
})

describe('a gated pod', () => {
  const gated = spec('schedulingGates: [{name: g}], nodeSelector: {a: b}')
  it.each([
    ['spec: {nodeSelector: {a: b, c: d}}', []],
    ['spec: {nodeSelector: {a: x}}', ['spec.nodeSelector: Invalid value: {"a":"x"}: only additions to spec.nodeSelector are allowed (no mutations or deletions)']],
    ['spec: {affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: Exists}]}]}}}}', []],
  ])('may be sent elsewhere by %s', (change, errors) => expect(updateMistakes(pod, gated, changed(gated, change))).toEqual(errors))
})

describe('a status of a pod', () => {
  const said = (restartPolicy: string, before: string, now: string): string[] => {
    const [old, next] = [before, now].map((status) => prepared(pod, `${spec(`restartPolicy: ${restartPolicy}`)}\nstatus: ${status}`) as Pod) as [Pod, Pod]
    return (pod.validatePart?.('status', next, old, new FieldPath()) ?? []).map(({ field, message }) => `${field}: ${message}`)
  }
  const ended = (exitCode: number) => `{containerStatuses: [{name: a, image: a, imageID: "", ready: false, restartCount: 0, state: {terminated: {exitCode: ${exitCode}}}}]}`
  const running = '{containerStatuses: [{name: a, image: a, imageID: "", ready: true, restartCount: 1, state: {running: {}}}]}'
  const refused = 'status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state'

  it.each([['Never', 1, [refused]], ['OnFailure', 0, [refused]], ['OnFailure', 1, []], ['Always', 0, []]])('with restart policy %s and exit code %s starts a container again only if that may be', (policy, code, errors) => {
    expect(said(policy, ended(code), running)).toEqual(errors)
  })

  it.each([
    ['{qosClass: Burstable}', 'status.qosClass: Invalid value: "Burstable": field is immutable'],
    ['{podIPs: [{ip: 10.0.0.1}, {ip: 10.0.0.2}], qosClass: BestEffort}', 'status.podIPs: Invalid value: [{"IP":"10.0.0.1"},{"IP":"10.0.0.2"}]: may specify no more than one IP for each IP family'],
    ['{hostIP: 10.0.0.1, hostIPs: [{ip: 10.0.0.2}], qosClass: BestEffort}', 'status.hostIPs[0].ip: Invalid value: "10.0.0.2": must be equal to `hostIP`'],
    ['{resourceClaimStatuses: [{name: x}], qosClass: BestEffort}', 'status.resourceClaimStatuses[0].name: Invalid value: "x": must match the name of an entry in `spec.resourceClaims`'],
  ])('like %s is refused', (status, error) => expect(said('Always', '{qosClass: BestEffort}', status)).toEqual([error]))
})
