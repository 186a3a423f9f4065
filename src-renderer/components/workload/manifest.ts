import type { Container, EnvVar, Pod } from '../../../src-main/kinds/generated/types.ts'
import type { KubeObject } from '../../../src-main/kinds/meta.ts'
import { deployments, pods, replicaSets, replicationControllers, type KindInfo } from '../../api/kinds.ts'
import { isQuantity } from '../../state/format.ts'

export type WorkloadKind = 'Deployment' | 'ReplicaSet' | 'ReplicationController' | 'Pod'

/** What the form holds; everything as typed. */
export interface WorkloadForm {
  kind: WorkloadKind
  name: string
  namespace: string
  image: string
  pullPolicy: 'Default' | 'IfNotPresent' | 'Never' | 'Always'
  command: string
  replicas: number
  port: string
  env: Array<{ name: string; value: string }>
  cpuRequest: string
  cpuLimit: string
  memoryRequest: string
  memoryLimit: string
}

export const emptyForm = (namespace: string): WorkloadForm => ({
  kind: 'Deployment', name: '', namespace, image: '', pullPolicy: 'Default', command: '', replicas: 1, port: '', env: [],
  cpuRequest: '', cpuLimit: '', memoryRequest: '', memoryLimit: '',
})

export const workloadKinds: Readonly<Record<WorkloadKind, KindInfo>> = {
  Deployment: deployments, ReplicaSet: replicaSets, ReplicationController: replicationControllers, Pod: pods,
}

/** The words of a command line: quotes group, a backslash takes the next character as it is. No variables, no globs. */
export function splitCommand(text: string): string[] {
  const words: string[] = []
  let word: string | undefined
  let quote = ''
  for (let i = 0; i < text.length; i++) {
    const c = text[i] ?? ''
    if (c === '\\' && quote !== "'" && i + 1 < text.length) word = (word ?? '') + (text[++i] ?? '')
    else if (quote) {
      if (c === quote) quote = ''
      else word += c
    } else if (c === '"' || c === "'") {
      quote = c
      word ??= ''
    } else if (/\s/.test(c)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else word = (word ?? '') + c
  }
  return word === undefined ? words : [...words, word]
}

/** The object that the form describes, in the order in which people write manifests; empty fields are left out. */
export function buildWorkload(form: WorkloadForm): KubeObject {
  const labels = { app: form.name }
  const metadata = { name: form.name, namespace: form.namespace, labels }
  const template = { metadata: { labels }, spec: podSpec(form) }
  switch (form.kind) {
    case 'Pod':
      return { apiVersion: 'v1', kind: 'Pod', metadata, spec: podSpec(form) } as Pod
    case 'ReplicationController':
      return { apiVersion: 'v1', kind: form.kind, metadata, spec: { replicas: form.replicas, selector: labels, template } } as KubeObject
    case 'Deployment':
    case 'ReplicaSet':
      return { apiVersion: 'apps/v1', kind: form.kind, metadata, spec: { replicas: form.replicas, selector: { matchLabels: labels }, template } } as KubeObject
  }
}

const podSpec = (form: WorkloadForm): { containers: Container[] } => ({ containers: [container(form)] })

function container(form: WorkloadForm): Container {
  const command = splitCommand(form.command)
  const env = form.env.filter((e) => e.name).map((e): EnvVar => ({ name: e.name, value: e.value }))
  const requests = pairs({ cpu: form.cpuRequest, memory: form.memoryRequest })
  const limits = pairs({ cpu: form.cpuLimit, memory: form.memoryLimit })
  return {
    name: form.name,
    image: form.image,
    ...(form.pullPolicy === 'Default' ? {} : { imagePullPolicy: form.pullPolicy }),
    ...(command.length ? { command } : {}),
    ...(form.port ? { ports: [{ containerPort: Number(form.port) }] } : {}),
    ...(env.length ? { env } : {}),
    ...(requests || limits ? { resources: { ...(requests ? { requests } : {}), ...(limits ? { limits } : {}) } } : {}),
  }
}

function pairs(values: Record<string, string>): Record<string, string> | undefined {
  const given = Object.entries(values).filter(([, value]) => value.trim())
  return given.length ? Object.fromEntries(given.map(([k, v]) => [k, v.trim()])) : undefined
}

const nameSyntax = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
const envSyntax = /^[-._a-zA-Z][-._a-zA-Z0-9]*$/

/** What is wrong with the form, by field, before anything is sent; the cluster checks again. */
export function checkWorkload(form: WorkloadForm): Partial<Record<keyof WorkloadForm, string>> {
  const errors: Partial<Record<keyof WorkloadForm, string>> = {}
  if (!form.name) errors.name = 'A workload needs a name.'
  else if (!nameSyntax.test(form.name) || form.name.length > 63) errors.name = 'Lower-case letters, digits and “-” only, at most 63, beginning and ending with a letter or digit.'
  if (!form.image.trim()) errors.image = 'A container needs an image.'
  else if (/\s/.test(form.image.trim())) errors.image = 'An image name has no spaces.'
  if (form.port && portMistake(form.port)) errors.port = portMistake(form.port)
  const wrong = form.env.find((e) => e.name && !envSyntax.test(e.name))
  if (wrong) errors.env = `“${wrong.name}” cannot be the name of a variable.`
  else if (form.env.some((e) => !e.name && e.value)) errors.env = 'A variable needs a name.'
  for (const field of ['cpuRequest', 'cpuLimit', 'memoryRequest', 'memoryLimit'] as const) {
    const example = field.startsWith('cpu') ? '250m or 1.5' : '128Mi or 1Gi'
    if (form[field].trim() && !isQuantity(form[field].trim())) errors[field] = `Not a quantity; for example ${example}.`
  }
  return errors
}

export const portMistake = (port: string): string | undefined =>
  /^\d+$/.test(port) && Number(port) >= 1 && Number(port) <= 65535 ? undefined : 'A port is a number from 1 to 65535.'
