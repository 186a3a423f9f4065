import { equalJson } from '../../../base/json.ts'
import { namespace as namespaceKind, type Namespace } from '../../../kinds/core/namespace.ts'
import { pod as podKind, type Pod } from '../../../kinds/core/pod.ts'
import type { PodSpec, PodTemplateSpec } from '../../../kinds/generated/types.ts'
import type { KubeObject } from '../../../kinds/meta.ts'
import { forbidden, invalid } from '../../../kinds/status-error.ts'
import { keyFor, prefixOf } from '../../keys.ts'
import { objectOf } from '../../read.ts'
import type { RequestContext } from '../../verbs.ts'
import type { AdmissionPlugin, AdmissionRequest, Reader } from '../chain.ts'
import { details, isOpen, type Policy, policyOf, shown, type Standard, stricter, violationsOf } from './policy.ts'

/** Holds pods to the Pod Security Standard that their namespace's labels name; tells the audit log what it audits. */
export const podSecurity: AdmissionPlugin = {
  name: 'PodSecurity',
  early: true,
  validate(request) {
    const { kind, operation, subresource } = request
    if (operation === 'DELETE') return
    if (kind.kind === 'Namespace' && kind.group === '') return subresource ? undefined : checkNamespace(request)
    if (kind.kind === 'Pod' && kind.group === '') return checkPod(request)
    if (!subresource && workloads.has(`${kind.group}/${kind.kind}`)) tellOfTemplate(request)
  },
}

/** Subresources of pods that change what a pod is. */
const telling = [undefined, 'ephemeralcontainers', 'resize']

function checkPod(request: AdmissionRequest): void {
  const { kind, name, subresource, object, old, context } = request
  if (!telling.includes(subresource)) return
  const pod = object as Pod
  if (!pod.spec || (old && !significant(pod, old as Pod))) return
  const policy = policyFor(request)
  annotate(context, 'enforce-policy', shown(policy.enforce))
  if (isOpen(policy)) return
  audit(context, policy.audit, pod.metadata, pod.spec)
  const violations = violationsOf(policy.enforce, { metadata: pod.metadata, spec: pod.spec })
  if (violations.length > 0) throw forbidden(kind, name, `violates PodSecurity "${shown(policy.enforce)}": ${details(violations)}`)
  warn(context.warnings, policy.warn, pod.metadata, pod.spec)
}

/** Most changes of a running pod have nothing to do with security. */
function significant(pod: Pod, old: Readonly<Pod>): boolean {
  const lists = ['containers', 'initContainers', 'ephemeralContainers'] as const
  const images = ({ spec }: Readonly<Pod>) => lists.map((list) => (spec?.[list] ?? []).map(({ image }) => image))
  const annotations = ({ metadata }: Readonly<Pod>) => Object.entries(metadata.annotations ?? {}).filter(([key]) => /(apparmor|seccomp)\.security\./.test(key))
  return !equalJson(images(pod), images(old)) || !equalJson(annotations(pod), annotations(old))
}

const templateIn = (object: KubeObject): PodTemplateSpec | undefined => (object as { spec?: { template?: PodTemplateSpec } }).spec?.template

/** Where a kind keeps the pods it will make. */
const workloads: ReadonlyMap<string, (object: KubeObject) => PodTemplateSpec | undefined> = new Map([
  ['/ReplicationController', templateIn],
  ['/PodTemplate', (object: KubeObject) => (object as { template?: PodTemplateSpec }).template],
  ['apps/Deployment', templateIn],
  ['apps/ReplicaSet', templateIn],
  ['apps/StatefulSet', templateIn],
  ['apps/DaemonSet', templateIn],
  ['batch/Job', templateIn],
  ['batch/CronJob', (object: KubeObject) => (object as { spec?: { jobTemplate?: { spec?: { template?: PodTemplateSpec } } } }).spec?.jobTemplate?.spec?.template],
])

function tellOfTemplate(request: AdmissionRequest): void {
  const { kind, object, context } = request
  const policy = policyFor(request)
  if (policy.warn.level === 'privileged' && policy.audit.level === 'privileged') return
  const template = workloads.get(`${kind.group}/${kind.kind}`)?.(object)
  if (!template?.spec) return
  audit(context, policy.audit, template.metadata ?? {}, template.spec)
  warn(context.warnings, policy.warn, template.metadata ?? {}, template.spec)
}

type Annotated = Pick<Pod['metadata'], 'annotations'>

function warn(warnings: string[], standard: Standard, metadata: Annotated, spec: PodSpec): void {
  const sentence = wouldViolate(standard, metadata, spec)
  if (sentence) warnings.push(sentence)
}

function audit(context: RequestContext, standard: Standard, metadata: Annotated, spec: PodSpec): void {
  const sentence = context.audit && wouldViolate(standard, metadata, spec)
  if (sentence) annotate(context, 'audit-violations', sentence)
}

function wouldViolate(standard: Standard, metadata: Annotated, spec: PodSpec): string | undefined {
  const violations = violationsOf(standard, { metadata, spec })
  return violations.length > 0 ? `would violate PodSecurity "${shown(standard)}": ${details(violations)}` : undefined
}

function annotate({ audit }: RequestContext, key: string, value: string): void {
  if (audit) audit[`pod-security.kubernetes.io/${key}`] = value
}

function policyFor({ read, namespace = '' }: AdmissionRequest): Policy {
  const stored = read.get(keyFor(namespaceKind, { name: namespace }))
  return policyOf(stored && (objectOf(stored) as Namespace).metadata.labels).policy
}

function checkNamespace({ kind, name, object, old, context, read }: AdmissionRequest): void {
  const next = policyOf(object.metadata.labels)
  const before = old && policyOf(old.metadata.labels)
  if (next.errors.length > 0 && !equalJson(next.errors, before?.errors)) throw invalid(kind, name, next.errors)
  if (!before) return
  const { enforce } = next.policy
  const was = before.policy.enforce
  if (equalJson(enforce, was) || enforce.level === 'privileged' || (enforce.version === was.version && !stricter(enforce.level, was.level))) return
  context.warnings.push(...warningsFor(read, name, enforce))
}

const mostPodsChecked = 3000

/** Who of those that run already would not be let in any more; pods with the same faults are told together. */
function warningsFor(read: Reader, namespace: string, enforce: Standard): string[] {
  const stored = read.list(prefixOf(podKind, namespace))
  const podsBy = new Map<string, string[]>()
  for (const { metadata, spec } of stored.slice(0, mostPodsChecked).map((item) => objectOf(item) as Pod)) {
    const reasons = spec ? violationsOf(enforce, { metadata, spec }).map(({ reason }) => reason).join(', ') : ''
    if (reasons !== '') podsBy.set(reasons, [...(podsBy.get(reasons) ?? []), metadata.name ?? ''])
  }
  const warnings: string[] = []
  if (stored.length > mostPodsChecked)
    warnings.push(`new PodSecurity enforce level only checked against the first ${mostPodsChecked} of ${stored.length} existing pods`)
  if (podsBy.size > 0) warnings.push(`existing pods in namespace "${namespace}" violate the new PodSecurity enforce level "${shown(enforce)}"`)
  const told = [...podsBy].map(([reasons, [first = '', ...others]]) => {
    const more = others.length === 0 ? '' : ` (and ${others.length} other ${others.length === 1 ? 'pod' : 'pods'})`
    return `${first}${more}: ${reasons}`
  })
  return [...warnings, ...told.sort()]
}
