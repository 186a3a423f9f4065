import { equalJson } from '../../../base/json.ts'
import { namespace as namespaceKind, type Namespace } from '../../../kinds/core/namespace.ts'
import { pod as podKind, type Pod } from '../../../kinds/core/pod.ts'
import type { FieldError } from '../../../kinds/field-error.ts'
import type { PodSpec, PodTemplateSpec } from '../../../kinds/generated/types.ts'
import type { KubeObject } from '../../../kinds/meta.ts'
import { aggregate } from '../../../kinds/selector-text.ts'
import { forbidden, invalid } from '../../../kinds/status-error.ts'
import { keyFor, prefixOf } from '../../keys.ts'
import { objectOf } from '../../read.ts'
import type { AdmissionPlugin, AdmissionRequest, Reader } from '../chain.ts'
import { details, isOpen, type Mode, open, policyOf, shown, type Standard, stricter, violationsOf } from './policy.ts'
import type { PodSecurityMetrics } from './pod-security-metrics.ts'
import type { Violation } from './violation.ts'

/** Holds pods to the Pod Security Standard that their namespace's labels name; tells the audit log what it audits. */
export const podSecurity = (metrics?: PodSecurityMetrics): AdmissionPlugin => ({
  name: 'PodSecurity',
  early: true,
  validate(request) {
    const { kind, operation, subresource } = request
    if (operation === 'DELETE') return
    if (kind.kind === 'Namespace' && kind.group === '') return subresource ? undefined : checkNamespace(request)
    if (kind.kind === 'Pod' && kind.group === '') return checkPod(request, metrics)
    if (!subresource && workloads.has(`${kind.group}/${kind.kind}`)) tellOfTemplate(request, metrics)
  },
})

/** Subresources of pods that change what a pod is. */
const telling = [undefined, 'ephemeralcontainers', 'resize']

function checkPod(request: AdmissionRequest, metrics: PodSecurityMetrics | undefined): void {
  const { kind, name, subresource, object, old } = request
  if (!telling.includes(subresource)) return
  const pod = object as Pod
  if (!pod.spec) return
  const { policy, errors } = policyFor(request)
  const told = tellers(request, metrics)
  if (errors.length === 0 && isOpen(policy)) {
    told.enforced(open.enforce, [])
    return
  }
  if (old && !significant(pod, old as Pod)) return
  told.misread(errors)
  const violations = violationsOf(policy.enforce, { metadata: pod.metadata, spec: pod.spec })
  told.enforced(policy.enforce, violations)
  told.audit(policy.audit, pod.metadata, pod.spec)
  if (violations.length > 0) throw forbidden(kind, name, `violates PodSecurity "${shown(policy.enforce)}": ${details(violations)}`)
  told.warn(policy.warn, pod.metadata, pod.spec)
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

function tellOfTemplate(request: AdmissionRequest, metrics: PodSecurityMetrics | undefined): void {
  const { kind, object } = request
  const { policy, errors } = policyFor(request)
  if (errors.length === 0 && policy.warn.level === 'privileged' && policy.audit.level === 'privileged') return
  const template = workloads.get(`${kind.group}/${kind.kind}`)?.(object)
  if (!template?.spec) return
  const told = tellers(request, metrics)
  told.misread(errors)
  told.audit(policy.audit, template.metadata ?? {}, template.spec)
  told.warn(policy.warn, template.metadata ?? {}, template.spec)
}

type Annotated = Pick<Pod['metadata'], 'annotations'>

/** Who is told what came of a look at a pod: the audit log, whoever asked, and the metrics. */
function tellers(request: AdmissionRequest, metrics: PodSecurityMetrics | undefined) {
  const { audit, warnings } = request.context
  const annotate = (key: string, value: string): void => {
    if (audit) audit[`pod-security.kubernetes.io/${key}`] = value
  }
  const violated = (mode: Mode, standard: Standard, metadata: Annotated, spec: PodSpec): string | undefined => {
    const violations = violationsOf(standard, { metadata, spec })
    if (violations.length === 0) return undefined
    metrics?.evaluated('deny', mode, standard, request)
    return `would violate PodSecurity "${shown(standard)}": ${details(violations)}`
  }
  return {
    /** The labels of the namespace. */
    misread(errors: readonly FieldError[]): void {
      if (errors.length === 0) return
      annotate('error', `Failed to parse policy: ${aggregate(errors).message}`)
      metrics?.failed(request)
    },
    enforced(standard: Standard, violations: readonly Violation[]): void {
      annotate('enforce-policy', shown(standard))
      metrics?.evaluated(violations.length > 0 ? 'deny' : 'allow', 'enforce', standard, request)
    },
    audit(standard: Standard, metadata: Annotated, spec: PodSpec): void {
      const sentence = violated('audit', standard, metadata, spec)
      if (sentence) annotate('audit-violations', sentence)
    },
    warn(standard: Standard, metadata: Annotated, spec: PodSpec): void {
      const sentence = violated('warn', standard, metadata, spec)
      if (sentence) warnings.push(sentence)
    },
  }
}

function policyFor({ read, namespace = '' }: AdmissionRequest): ReturnType<typeof policyOf> {
  const stored = read.get(keyFor(namespaceKind, { name: namespace }))
  return policyOf(stored && (objectOf(stored) as Namespace).metadata.labels)
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
