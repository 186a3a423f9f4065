import { describe, expect, it } from 'vitest'
import { deployment } from '../../src-main/kinds/apps/deployment.ts'
import { configMap } from '../../src-main/kinds/core/config-map.ts'
import { pod } from '../../src-main/kinds/core/pod.ts'
import { secret } from '../../src-main/kinds/core/secret.ts'
import { service, type Service } from '../../src-main/kinds/core/service.ts'
import { endpointSlice } from '../../src-main/kinds/discovery/endpoint-slice.ts'
import type { AnyKind } from '../../src-main/kinds/kind.ts'
import { changed, prepared, updateMistakes } from './prepared.ts'

const aPod = 'spec: {containers: [{name: a, image: a}], tolerations: [{key: k, operator: Exists, effect: NoExecute, tolerationSeconds: 5}]}'
const aDeployment = 'spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: a, image: a}]}}}'
const sealed = 'immutable: true\ndata: {a: aGk=}'
const changeable = 'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n'
const isSealed = 'Forbidden: field is immutable when `immutable` is set'

const cases: ReadonlyArray<readonly [kind: AnyKind, from: string, change: string, ...errors: string[]]> = [
  [pod, aPod, '{}'],
  [pod, aPod, 'metadata: {labels: {a: b}}'],
  [pod, aPod, 'metadata: {uid: other}', 'metadata.uid: Invalid value: "other": field is immutable'],
  [pod, aPod, 'spec: {containers: [{name: a, image: b}]}'],
  [pod, aPod, 'spec: {containers: [{name: a, image: a}, {name: b, image: b}]}', 'spec.containers: Forbidden: pod updates may not add or remove containers'],
  [pod, aPod, 'spec: {containers: [{name: a, image: a, command: [x]}]}', `spec: Forbidden: ${changeable}@@ -1,6 +1,9 @@\n {\n  "containers": [\n   {\n+   "command": [\n+    "x"\n+   ],\n    "image": "a",\n    "imagePullPolicy": "Always",\n    "name": "a",\n`],
  [pod, aPod, 'spec: {nodeSelector: {a: b}, hostNetwork: true}', `spec: Forbidden: ${changeable}@@ -11,6 +11,10 @@\n  ],\n  "dnsPolicy": "ClusterFirst",\n  "enableServiceLinks": true,\n+ "hostNetwork": true,\n+ "nodeSelector": {\n+  "a": "b"\n+ },\n  "restartPolicy": "Always",\n  "schedulerName": "default-scheduler",\n  "securityContext": {},\n`],
  [pod, aPod, 'spec: {nodeSelector: {}}'],
  [pod, aPod, 'spec: {activeDeadlineSeconds: 5}'],
  [pod, changed(aPod, 'spec: {activeDeadlineSeconds: 5}'), 'spec: {activeDeadlineSeconds: 6}', 'spec.activeDeadlineSeconds: Invalid value: 6: must be less than or equal to previous value'],
  [pod, changed(aPod, 'spec: {activeDeadlineSeconds: 5}'), 'spec: {activeDeadlineSeconds: null}', 'spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value'],
  [pod, aPod, 'spec: {tolerations: [{key: k, operator: Exists, effect: NoExecute, tolerationSeconds: 9}, {key: b, operator: Exists}]}'],
  [pod, aPod, 'spec: {tolerations: []}', 'spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds'],
  [pod, changed(aPod, 'spec: {terminationGracePeriodSeconds: -1}'), 'spec: {terminationGracePeriodSeconds: 1}'],
  [pod, aPod, 'spec: {schedulingGates: [{name: g}]}', "spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'g'"],
  [pod, changed(aPod, 'spec: {schedulingGates: [{name: g}]}'), 'spec: {schedulingGates: [], nodeSelector: {a: b}}'],
  [deployment, aDeployment, 'spec: {replicas: 5, selector: {matchLabels: {app: web}}}'],
  [deployment, aDeployment, 'spec: {selector: {matchLabels: {app: other}}}', 'spec.selector: Invalid value: {"matchLabels":{"app":"other"}}: field is immutable'],
  [configMap, 'data: {a: b}', 'data: {a: c}\nimmutable: true'],
  [configMap, 'immutable: true\ndata: {a: b}', 'data: {a: c}', `data: ${isSealed}`],
  [secret, sealed, 'immutable: null', `immutable: ${isSealed}`],
  [secret, sealed, 'data: {b: aGk=}', `data: ${isSealed}`],
  [secret, 'type: a', 'type: b', 'type: Invalid value: "b": field is immutable'],
  [endpointSlice, 'addressType: IPv4', 'addressType: IPv6', 'addressType: Invalid value: "IPv6": field is immutable'],
  [service, 'spec: {clusterIP: 10.96.0.7, ports: [{port: 80}]}', 'spec: {clusterIP: 10.96.0.8}', 'spec.clusterIPs[0]: Invalid value: ["10.96.0.8"]: may not change once set'],
  [configMap, 'metadata: {deletionTimestamp: 2026-01-01T00:00:00Z, finalizers: [a/b]}', 'metadata: {finalizers: [a/b, c/d]}', 'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"c/d"}'],
]

describe('a change of', () => {
  for (const [kind, from, change, ...errors] of cases) {
    it(`a ${kind.kind} from ${from.slice(0, 40)} with ${change.slice(0, 80)} is ${errors.length === 0 ? 'allowed' : 'refused'}`, () => {
      expect(updateMistakes(kind, from, changed(from, change))).toEqual(errors)
    })
  }

  it('a Service from NodePort to ClusterIP gives back what only the nodes needed', () => {
    const old = prepared(service, 'spec: {type: NodePort, ports: [{port: 80, nodePort: 30080}]}') as Service
    const next = structuredClone(old)
    next.spec!.type = 'ClusterIP'
    service.prepareUpdate?.(next, old, 0)
    expect(next.spec).toMatchObject({ type: 'ClusterIP', ports: [{ port: 80, targetPort: 80, protocol: 'TCP' }] })
    expect(next.spec?.ports?.[0]).not.toHaveProperty('nodePort')
    expect(next.spec).not.toHaveProperty('externalTrafficPolicy')
  })
})
