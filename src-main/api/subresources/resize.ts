import { pod as podKind, type Pod } from '../../kinds/core/pod.ts'
import { qosClassOf } from '../../kinds/core/pod-qos.ts'
import { field, type FieldError, type FieldPath } from '../../kinds/field-error.ts'
import type { Container, PodSpec, ResourceRequirements } from '../../kinds/generated/types.ts'
import { sameValue } from '../../kinds/same-value.ts'
import { invalid } from '../../kinds/status-error.ts'

const at = field('spec')
const mirror = 'kubernetes.io/config.mirror'

/** The pod with other amounts of CPU and memory for its containers; whatever else the request says is left out. */
export function planResize(incoming: Readonly<Pod>, old: Readonly<Pod>): Pod {
  const was = old.spec ?? { containers: [] }
  const next: PodSpec = { ...was, containers: resized(incoming.spec?.containers, was.containers) }
  if (was.initContainers) next.initContainers = resized(incoming.spec?.initContainers, was.initContainers)
  const pod = { ...old, spec: next }
  const errors = checkResize(pod, old, incoming.spec)
  if (errors.length > 0) throw invalid(podKind, old.metadata.name ?? '', errors)
  return pod
}

/** By name; one that was not there stays, for the checks to see it. */
const resized = (wished: readonly Container[] = [], was: readonly Container[]): Container[] =>
  wished.map((container) => {
    const before = was.find(({ name }) => name === container.name)
    if (!before) return container
    const { resources: _resources, resizePolicy: _policy, ...kept } = before
    const { resources, resizePolicy } = container
    return { ...kept, ...(resources ? { resources } : {}), ...(resizePolicy ? { resizePolicy } : {}) }
  })

const refusal = (sentence: string): FieldError[] => [{ field: '', reason: 'FieldValueForbidden', message: `Forbidden: ${sentence}` }]

function checkResize(pod: Readonly<Pod>, old: Readonly<Pod>, wished: PodSpec | undefined): FieldError[] {
  const [spec, was] = [pod.spec!, old.spec ?? { containers: [] }]
  const asWhole = (one: PodSpec | undefined) => Object.keys({ ...one?.resources?.requests, ...one?.resources?.limits }).length > 0
  if (asWhole(was) || asWhole(wished)) return refusal('pods with pod-level resources cannot be resized')
  if (old.metadata.annotations?.[mirror] !== undefined) return refusal('static pods cannot be resized')
  if (was.os?.name === 'windows') return refusal('windows pods cannot be resized')
  const errors: FieldError[] = []
  const qos = old.status?.qosClass ?? qosClassOf(old)
  if (qos !== qosClassOf(pod)) errors.push(at.invalid(qos, 'Pod QOS Class may not change as a result of resizing'))
  if (!nodeCanResize(old)) errors.push(at.forbidden('Pod running on node without support for resize'))
  return [
    ...errors,
    ...checkList(spec.containers, was.containers, at.child('containers'), 'only cpu and memory resources are mutable'),
    ...checkList(spec.initContainers ?? [], was.initContainers ?? [], at.child('initContainers'), 'only cpu and memory resources for sidecar containers are mutable'),
  ]
}

/** A kubelet that can resize reports what its containers have. */
function nodeCanResize({ status }: Readonly<Pod>): boolean {
  const running = (status?.containerStatuses ?? []).find(({ state }) => state?.running)
  return !running || running.resources !== undefined
}

function checkList(containers: readonly Container[], was: readonly Container[], here: FieldPath, sentence: string): FieldError[] {
  const init = here.toString().endsWith('initContainers')
  const word = init ? 'initContainers' : 'containers'
  if (containers.length !== was.length) return [here.forbidden(`${word} may not be added or removed on resize`)]
  const moved = containers.flatMap(({ name }, i) => (name === was[i]?.name ? [] : [here.child(i, 'name').forbidden(`${word} may not be renamed or reordered on resize`)]))
  if (moved.length > 0) return moved
  return containers.flatMap((container, i) => {
    const before = was[i]!
    if (init && before.restartPolicy !== 'Always')
      return sameValue(container, before) ? [] : [at.forbidden('resources for non-sidecar init containers are immutable')]
    const other = sameValue(withoutAmounts(container.resources), withoutAmounts(before.resources)) && sameValue(container.resizePolicy, before.resizePolicy)
    return [...checkRemoved(container, before, here.child(i, 'resources')), ...(other ? [] : [at.forbidden(sentence)])]
  })
}

function checkRemoved({ resources }: Container, before: Container, here: FieldPath): FieldError[] {
  return (['requests', 'limits'] as const).flatMap((list) => {
    const gone = Object.keys(before.resources?.[list] ?? {}).some((name) => !Object.hasOwn(resources?.[list] ?? {}, name))
    return gone ? [here.child(list).forbidden(`resource ${list} cannot be removed`)] : []
  })
}

/** What of a container's resources a resize cannot change. */
function withoutAmounts({ requests = {}, limits = {}, ...rest }: ResourceRequirements = {}): object {
  const others = (list: Readonly<Record<string, string>>) => Object.fromEntries(Object.entries(list).filter(([name]) => name !== 'cpu' && name !== 'memory'))
  return { ...rest, requests: others(requests), limits: others(limits) }
}
