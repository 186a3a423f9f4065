import type { FieldError, FieldPath } from '../field-error.ts'
import type { NodeAffinity, NodeSelectorTerm, Pod, PodSpec, Toleration } from '../generated/types.ts'
import { lookup } from '../lookup.ts'
import { sameValue } from '../same-value.ts'
import { checkImage } from './container.ts'
import { checkAnnotationChange } from './pod-annotations.ts'
import { showChange } from './show-change.ts'
import { checkTolerations } from './scheduling-fields.ts'

const changeable = [
  '`spec.containers[*].image`', '`spec.initContainers[*].image`', '`spec.activeDeadlineSeconds`', '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',')

/** What of a pod may change once it exists: ValidatePodUpdate of core validation. */
export function checkPodUpdate(pod: Pod, old: Pod, root: FieldPath): FieldError[] {
  const at = root.child('spec')
  const spec = pod.spec ?? { containers: [] }
  const was = old.spec ?? { containers: [] }
  const errors = checkAnnotationChange(pod.metadata.annotations, old.metadata.annotations, root.child('metadata', 'annotations'))
  for (const list of ['containers', 'initContainers'] as const) {
    if ((spec[list]?.length ?? 0) !== (was[list]?.length ?? 0)) return [...errors, at.child(list).forbidden('pod updates may not add or remove containers')]
    errors.push(...(spec[list] ?? []).flatMap(({ image }, i) => checkImage(image, at.child(list, i, 'image'))))
  }
  const { activeDeadlineSeconds: deadline } = spec
  if (deadline === undefined && was.activeDeadlineSeconds !== undefined) {
    errors.push(at.child('activeDeadlineSeconds').invalid(deadline, 'must not update from a positive integer to nil value'))
  } else if (deadline !== undefined && (deadline < 0 || deadline > 2147483647)) {
    return [...errors, at.child('activeDeadlineSeconds').outOfRange(deadline, 0, 2147483647)]
  } else if (deadline !== undefined && deadline > (was.activeDeadlineSeconds ?? deadline)) {
    return [...errors, at.child('activeDeadlineSeconds').invalid(deadline, 'must be less than or equal to previous value')]
  }
  return [
    ...errors,
    ...checkAddedTolerations(spec.tolerations ?? [], was.tolerations ?? [], at.child('tolerations')),
    ...checkGates(spec, was, at.child('schedulingGates')),
    ...checkMove(spec, was, at),
    ...checkRest(spec, was, at),
  ]
}

/** An existing toleration may change in its seconds alone; a new one may come. */
function checkAddedTolerations(now: readonly Toleration[], before: readonly Toleration[], at: FieldPath): FieldError[] {
  const identity = ({ key, operator, value, effect }: Toleration): string => JSON.stringify([key, operator, value, effect].map((part) => part ?? ''))
  const kept = new Set(now.map(identity))
  const lost = before.some((old) => !kept.has(identity(old)))
  return lost ? [at.forbidden('existing toleration can not be modified except its tolerationSeconds')] : checkTolerations(now, at)
}

function checkGates(spec: PodSpec, was: PodSpec, at: FieldPath): FieldError[] {
  const before = new Set(was.schedulingGates?.map(({ name }) => name))
  return (spec.schedulingGates ?? []).flatMap(({ name }, i) =>
    before.has(name) ? [] : [at.child(i, 'name').forbidden(`only deletion is allowed, but found new scheduling gate '${name}'`)],
  )
}

/** The fields that decide where a pod runs may become stricter while gates hold it back from being scheduled. */
function checkMove(spec: PodSpec, was: PodSpec, at: FieldPath): FieldError[] {
  if (!was.schedulingGates?.length) return []
  const errors: FieldError[] = []
  const lost = Object.entries(was.nodeSelector ?? {}).some(([key, value]) => lookup(spec.nodeSelector, key) !== value)
  if (lost) errors.push(at.child('nodeSelector').invalid(spec.nodeSelector ?? null, 'only additions to spec.nodeSelector are allowed (no mutations or deletions)'))
  const [now, before] = [termsOf(spec.affinity?.nodeAffinity), termsOf(was.affinity?.nodeAffinity)]
  const terms = at.child('affinity', 'nodeAffinity', 'requiredDuringSchedulingIgnoredDuringExecution', 'nodeSelectorTerms')
  if (before.length === 0) return errors
  if (before.length !== now.length) return [...errors, terms.invalid(now.length === 0 ? null : now.map(asInternal), 'no additions/deletions to non-empty NodeSelectorTerms list are allowed')]
  return [...errors, ...now.flatMap((term, i) => (isStricter(term, before[i] ?? {}) ? [] : [terms.child(i).invalid(asInternal(term), 'only additions are allowed (no mutations or deletions)')]))]
}

/** Kubernetes prints its internal type, whose fields have no names for JSON. */
function asInternal({ matchExpressions, matchFields }: NodeSelectorTerm): unknown {
  const all = (list: NodeSelectorTerm['matchExpressions']) => list?.map(({ key, operator, values }) => ({ Key: key, Operator: operator, Values: values ?? null })) ?? null
  return { MatchExpressions: all(matchExpressions), MatchFields: all(matchFields) }
}

const termsOf = (affinity: NodeAffinity | undefined): readonly NodeSelectorTerm[] => affinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []

function isStricter(now: NodeSelectorTerm, before: NodeSelectorTerm): boolean {
  const lists = ['matchExpressions', 'matchFields'] as const
  // an empty term matches no node, and one with requirements may match some
  if (lists.every((list) => !before[list]?.length)) return lists.every((list) => !now[list]?.length)
  return lists.every((list) => sameValue((now[list] ?? []).slice(0, before[list]?.length ?? 0), before[list]))
}

const withImages = <C extends { image?: string }>(now: readonly C[] | undefined, before: readonly C[] | undefined) =>
  now?.map((container, i) => ({ ...container, image: before?.[i]?.image }))

function checkRest(spec: PodSpec, was: PodSpec, at: FieldPath): FieldError[] {
  const next: PodSpec = { ...spec, containers: withImages(spec.containers, was.containers) ?? [] }
  const initContainers = withImages(spec.initContainers, was.initContainers)
  if (initContainers) next.initContainers = initContainers
  const keep = (name: keyof PodSpec): void => void Object.assign(next, { [name]: was[name] })
  for (const name of ['activeDeadlineSeconds', 'schedulingGates', 'tolerations'] as const) keep(name)
  if ((was.terminationGracePeriodSeconds ?? 0) < 0 && spec.terminationGracePeriodSeconds === 1) keep('terminationGracePeriodSeconds')
  if (was.schedulingGates?.length) {
    keep('nodeSelector')
    const { nodeAffinity: _now, ...others } = spec.affinity ?? {}
    next.affinity = was.affinity?.nodeAffinity ? { ...others, nodeAffinity: was.affinity.nodeAffinity } : others
  }
  if (sameValue(next, was)) return []
  return [at.forbidden(`pod updates may not change fields other than ${changeable}\n${showChange(was, next)}`)]
}
