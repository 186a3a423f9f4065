import type { Service } from '../../../src-main/kinds/generated/types.ts'
import { selectorOf, type Workload } from '../../state/workload.ts'
import { portMistake } from '../workload/manifest.ts'

export interface ExposeForm {
  name: string
  type: 'ClusterIP' | 'NodePort'
  port: string
  targetPort: string
  nodePort: string
  balance: 'round-robin' | 'random'
  affinity: 'None' | 'ClientIP'
}

/** A first guess from the workload: its name, and its first port at both ends. */
export function exposeFormOf(workload: Workload): ExposeForm {
  const port = workload.spec?.template?.spec?.containers.flatMap((c) => c.ports ?? [])[0]?.containerPort
  const text = port ? String(port) : ''
  return { name: workload.metadata.name ?? '', type: 'ClusterIP', port: text, targetPort: text, nodePort: '', balance: 'round-robin', affinity: 'None' }
}

/** The Service that sends to the workload's pods. */
export function buildService(form: ExposeForm, workload: Workload): Service {
  const port = { port: Number(form.port), targetPort: Number(form.targetPort || form.port), ...(form.type === 'NodePort' && form.nodePort ? { nodePort: Number(form.nodePort) } : {}) }
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: form.name,
      namespace: workload.metadata.namespace,
      labels: { ...workload.metadata.labels },
      ...(form.balance === 'random' ? { annotations: { 'wheelhouse.dev/balance': 'random' } } : {}),
    },
    spec: {
      type: form.type,
      selector: { ...(selectorOf(workload) ?? workload.spec?.template?.metadata?.labels) },
      ...(form.affinity === 'ClientIP' ? { sessionAffinity: 'ClientIP' } : {}),
      ports: [port],
    },
  }
}

export function checkExpose(form: ExposeForm): Partial<Record<keyof ExposeForm, string>> {
  const errors: Partial<Record<keyof ExposeForm, string>> = {}
  if (!/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(form.name) || form.name.length > 63) errors.name = 'Lower-case letters, digits and “-”, beginning with a letter.'
  if (portMistake(form.port)) errors.port = portMistake(form.port)
  if (form.targetPort && portMistake(form.targetPort)) errors.targetPort = portMistake(form.targetPort)
  const node = Number(form.nodePort)
  if (form.type === 'NodePort' && form.nodePort && !(Number.isInteger(node) && node >= 30000 && node <= 32767)) errors.nodePort = 'From 30000 to 32767, or empty to have one chosen.'
  return errors
}
