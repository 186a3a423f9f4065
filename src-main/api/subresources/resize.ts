import { pod as podKind, type Pod } from '../../kinds/core/pod.ts'
import { qosClassOf } from '../../kinds/core/pod-qos.ts'
import { field, type FieldError, type FieldPath } from '../../kinds/field-error.ts'
import type { Container, PodSpec, ResourceRequirements } from '../../kinds/generated/types.ts'
import { sameValue } from '../../kinds/same-value.ts'
import { invalid } from '../../kinds/status-error.ts'

const at = field('spec')
const mirror = 'kubernetes.io/config.mirror'

/** The pod with other amounts of CPU and memory, as a whole or for its containers; whatever else the request says is left out. */
export function planResize(incoming: Readonly<Pod>, old: Readonly<Pod>): Pod {
  const { resources: _before, ...was } = old.spec ?? { containers: [] }
  const asWhole = incoming.spec?.resources
  const next: PodSpec = { ...was, ...(asWhole ? { resources: asWhole } : {}), containers: resized(incoming.spec?.containers, was.containers) }
  if (was.initContainers) next.initContainers = resized(incoming.spec?.initContainers, was.initContainers)
  const pod = { ...old, spec: next }
  const errors = checkResize(pod, old)
  if (errors.length > 0) throw invalid(podKind, old.metadata.name ?? '', errors)
  return pod
}

/** By name; one that was not there stays, for the checks to see it. */
function resized(wished: readonly Container[] = [], was: readonly Container[]): Container[] {
  const known = new Map(was.map((container) => [container.name, container]))
  return wished.map((container) => {
    const before = known.get(container.name)
    if (!before) return container
    const { resources: _resources, resizePolicy: _policy, ...kept } = before
    const { resources, resizePolicy } = container
    return { ...kept, ...(resources ? { resources } : {}), ...(resizePolicy ? { resizePolicy } : {}) }
  })
}

const refusal = (sentence: string): FieldError[] => [{ field: '', reason: 'FieldValueForbidden', message: `Forbidden: ${sentence}` }]

function checkResize(pod: Readonly<Pod>, old: Readonly<Pod>): FieldError[] {
  const [spec, was] = [pod.spec!, old.spec ?? { containers: [] }]
  if (old.metadata.annotations?.[mirror] !== undefined) return refusal('static pods cannot be resized')
  if (was.os?.name === 'windows') return refusal('windows pods cannot be resized')
  const errors: FieldError[] = []
  const qos = old.status?.qosClass ?? qosClassOf(old)
  if (qos !== qosClassOf(pod)) errors.push(at.invalid(qos, 'Pod QOS Class may not change as a result of resizing'))
  if (!nodeCanResize(old)) errors.push(at.forbidden('Pod running on node without support for resize'))
  errors.push(...checkAsWhole(spec.resources, was.resources))
  const places = [...checkPlaces(spec.containers, was.containers, 'containers'), ...checkPlaces(spec.initContainers, was.initContainers, 'initContainers')]
  if (places.length > 0) return [...errors, ...places]
  const inits = spec.initContainers ?? []
  return [
    ...errors,
    ...inits.flatMap((container, i) => checkRemoved(container.resources, was.initContainers?.[i]?.resources, at.child('initContainers', i, 'resources'), 'resource')),
    ...spec.containers.flatMap((container, i) => checkRemoved(container.resources, was.containers[i]?.resources, at.child('containers', i, 'resources'), 'resource')),
    ...spec.containers.flatMap((container, i) => (sameOtherwise(container, was.containers[i]) ? [] : [at.forbidden('only cpu and memory resources are mutable')])),
    ...inits.flatMap((container, i) => checkInit(container, was.initContainers?.[i], at.child('initContainers', i))),
  ]
}

/** What a pod has as a whole may be given, and not taken away. */
function checkAsWhole(resources: ResourceRequirements | undefined, was: ResourceRequirements | undefined): FieldError[] {
  const isSet = (one: ResourceRequirements | undefined) => Object.keys({ ...one?.requests, ...one?.limits }).length > 0
  if (!isSet(resources) && !isSet(was)) return []
  if (was && !resources) return [at.child('resources').forbidden('pod-level resources cannot be removed')]
  const removed = was ? checkRemoved(resources, was, at.child('resources'), 'pod-level resource') : []
  return sameValue(withoutAmounts(resources), withoutAmounts(was)) ? removed : [...removed, at.forbidden('only cpu and memory resources are mutable at pod-level')]
}

/** A kubelet that can resize reports what its containers have. */
function nodeCanResize({ status }: Readonly<Pod>): boolean {
  const running = (status?.containerStatuses ?? []).find(({ state }) => state?.running)
  return !running || running.resources !== undefined
}

/** The containers are those that there were, in their order. */
function checkPlaces(containers: readonly Container[] = [], was: readonly Container[] = [], list: 'containers' | 'initContainers'): FieldError[] {
  if (containers.length !== was.length) return [at.child(list).forbidden(`${list} may not be added or removed on resize`)]
  return containers.flatMap(({ name }, i) => (name === was[i]?.name ? [] : [at.child(list, i, 'name').forbidden(`${list} may not be renamed or reordered on resize`)]))
}

function checkInit(container: Container, before: Container | undefined, here: FieldPath): FieldError[] {
  const errors = sameOtherwise(container, before) ? [] : [here.forbidden('only cpu and memory resources for init or sidecar containers are mutable')]
  if (container.restartPolicy === 'Always' || sameValue(container, before)) return errors
  const again = container.resizePolicy?.filter(({ restartPolicy }) => restartPolicy === 'RestartContainer') ?? []
  return [...errors, ...again.map(() => here.forbidden('non-sidecar init containers with a resize policy of RestartContainer cannot be resized'))]
}

function checkRemoved(resources: ResourceRequirements | undefined, before: ResourceRequirements | undefined, here: FieldPath, word: string): FieldError[] {
  return (['requests', 'limits'] as const).flatMap((list) => {
    const gone = Object.keys(before?.[list] ?? {}).some((name) => !Object.hasOwn(resources?.[list] ?? {}, name))
    return gone ? [here.child(list).forbidden(`${word} ${list} cannot be removed`)] : []
  })
}

const sameOtherwise = (container: Container, before: Container | undefined): boolean =>
  sameValue(withoutAmounts(container.resources), withoutAmounts(before?.resources)) && sameValue(container.resizePolicy, before?.resizePolicy)

/** What of resources a resize cannot change. */
function withoutAmounts({ requests = {}, limits = {}, ...rest }: ResourceRequirements = {}): object {
  const others = (list: Readonly<Record<string, string>>) => Object.fromEntries(Object.entries(list).filter(([name]) => name !== 'cpu' && name !== 'memory'))
  return { ...rest, requests: others(requests), limits: others(limits) }
}
