import { nonNegative } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { Pod, PodSpec, Toleration } from '../generated/types.ts'
import { sameValue } from '../same-value.ts'
import { checkImage } from './container.ts'

const changeable = [
  '`spec.containers[*].image`', '`spec.initContainers[*].image`', '`spec.activeDeadlineSeconds`', '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',')

/** What of a pod may change once it exists: ValidatePodUpdate of core validation. */
export function checkPodUpdate(pod: Pod, old: Pod, root: FieldPath): FieldError[] {
  const at = root.child('spec')
  const spec = pod.spec ?? { containers: [] }
  const was = old.spec ?? { containers: [] }
  const counts = (['containers', 'initContainers'] as const).filter((list) => (spec[list]?.length ?? 0) !== (was[list]?.length ?? 0))
  if (counts.length > 0) return counts.map((list) => at.child(list).forbidden('pod updates may not add or remove containers'))
  const images = (['containers', 'initContainers'] as const).flatMap((list) =>
    (spec[list] ?? []).flatMap((container, i) => checkImage(container.image, at.child(list, i, 'image'))),
  )
  return [
    ...images,
    ...checkDeadline(spec.activeDeadlineSeconds, was.activeDeadlineSeconds, at.child('activeDeadlineSeconds')),
    ...checkAddedTolerations(spec.tolerations ?? [], was.tolerations ?? [], at.child('tolerations')),
    ...checkGates(spec, was, at.child('schedulingGates')),
    ...checkRest(spec, was, at),
  ]
}

function checkDeadline(now: number | undefined, before: number | undefined, at: FieldPath): FieldError[] {
  if (before === undefined) return nonNegative(now, at)
  if (now === undefined) return [at.invalid(now, 'must not update from a positive integer to nil value')]
  return now > before ? [at.invalid(now, 'must be less than or equal to previous value')] : []
}

/** An existing toleration may change in its seconds alone; a new one may come. */
function checkAddedTolerations(now: readonly Toleration[], before: readonly Toleration[], at: FieldPath): FieldError[] {
  const identity = ({ tolerationSeconds: _, ...rest }: Toleration) => rest
  const lost = before.some((old) => !now.some((toleration) => sameValue(identity(toleration), identity(old))))
  return lost ? [at.forbidden('existing toleration can not be modified except its tolerationSeconds')] : []
}

function checkGates(spec: PodSpec, was: PodSpec, at: FieldPath): FieldError[] {
  const before = new Set(was.schedulingGates?.map((gate) => gate.name))
  const added = (spec.schedulingGates ?? []).find((gate) => !before.has(gate.name))
  return added ? [at.forbidden(`only deletion is allowed, but found new scheduling gate '${added.name}'`)] : []
}

const withoutImage = <C extends { image?: string }>(containers: readonly C[] | undefined) => containers?.map(({ image: _, ...rest }) => rest)

/** The fields that decide where a pod runs may become stricter while gates hold it back from being scheduled. */
function movable(spec: PodSpec, was: PodSpec): Partial<PodSpec> {
  if (!was.schedulingGates?.length) return {}
  const kept = Object.entries(was.nodeSelector ?? {}).every(([key, value]) => spec.nodeSelector?.[key] === value)
  return { ...(kept ? { nodeSelector: {} } : {}), ...(was.affinity?.nodeAffinity ? {} : { affinity: {} }) }
}

function checkRest(spec: PodSpec, was: PodSpec, at: FieldPath): FieldError[] {
  const free: Partial<PodSpec> = { activeDeadlineSeconds: 0, tolerations: [], schedulingGates: [], ...movable(spec, was) }
  if ((was.terminationGracePeriodSeconds ?? 0) < 0 && spec.terminationGracePeriodSeconds === 1) free.terminationGracePeriodSeconds = 1
  const shown = (one: PodSpec): Record<string, unknown> => ({
    ...one, ...free, containers: withoutImage(one.containers), initContainers: withoutImage(one.initContainers),
  })
  const [next, before] = [shown(spec), shown(was)]
  const changed = [...new Set([...Object.keys(next), ...Object.keys(before)])].filter((name) => !sameValue(next[name], before[name]))
  if (changed.length === 0) return []
  return [at.forbidden(`pod updates may not change fields other than ${changeable}\n${changed.sort().map((name) => `\tspec.${name}`).join('\n')}`)]
}
