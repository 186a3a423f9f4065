import { checkContainer } from '../../kinds/core/container.ts'
import { pod as podKind, type Pod } from '../../kinds/core/pod.ts'
import { field, type FieldError, type FieldPath } from '../../kinds/field-error.ts'
import type { Container, EphemeralContainer, PodSpec } from '../../kinds/generated/types.ts'
import { sameValue } from '../../kinds/same-value.ts'
import { invalid } from '../../kinds/status-error.ts'

const at = field('spec', 'ephemeralContainers')
const mirror = 'kubernetes.io/config.mirror'

/** @throws StatusError 422: they come through their own subresource, once the pod is there */
export function checkCreatedPod({ metadata, spec }: Readonly<Pod>): void {
  if (spec?.ephemeralContainers?.length) throw invalid(podKind, metadata.name ?? '', [at.forbidden('cannot be set on create')])
}

/** Containers to debug a running pod with: they can be added, and never changed or removed. */
export function planEphemeralContainers({ spec }: Readonly<Pod>, old: Readonly<Pod>): Pod {
  const containers = spec?.ephemeralContainers ?? []
  const { ephemeralContainers: _before, ...kept } = old.spec ?? { containers: [] }
  const next = containers.length > 0 ? { ...kept, ephemeralContainers: containers } : kept
  const errors = old.metadata.annotations?.[mirror] === undefined ? [...checkAdded(next), ...checkKept(next, old.spec)] : [forStatic]
  if (errors.length > 0) throw invalid(podKind, old.metadata.name ?? '', errors)
  return { ...old, spec: next }
}

const forStatic: FieldError = { field: '', reason: 'FieldValueForbidden', message: 'Forbidden: static pods do not support ephemeral containers' }

function checkKept({ ephemeralContainers = [] }: PodSpec, was: PodSpec | undefined): FieldError[] {
  return (was?.ephemeralContainers ?? []).flatMap((before) => {
    const now = ephemeralContainers.find(({ name }) => name === before.name)
    if (!now) return [at.forbidden(`existing ephemeral containers "${before.name}" may not be removed\n`)]
    return sameValue(now, before) ? [] : [at.forbidden(`existing ephemeral containers "${before.name}" may not be changed\n`)]
  })
}

const notForDebugging = ['ports', 'livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle', 'resources', 'resizePolicy', 'restartPolicy', 'restartPolicyRules'] as const

function checkAdded(spec: PodSpec): FieldError[] {
  const facts = { volumes: new Set((spec.volumes ?? []).map(({ name }) => name)), hostNetwork: spec.hostNetwork ?? false }
  const others = [...(spec.containers ?? []), ...(spec.initContainers ?? [])].map(({ name }) => name)
  const taken = new Set(others)
  return (spec.ephemeralContainers ?? []).flatMap((container, i) => {
    const here = at.child(i)
    const errors = checkContainer(container as Container, here, facts)
    if (taken.has(container.name)) errors.push(here.child('name').duplicate(container.name))
    taken.add(container.name)
    const target = container.targetContainerName
    if (target && !others.includes(target)) errors.push(here.child('targetContainerName').notFound(target))
    return [...errors, ...checkFields(container, here)]
  })
}

const isEmpty = (value: unknown): boolean => value === undefined || value === '' || (typeof value === 'object' && value !== null && Object.keys(value).length === 0)

function checkFields(container: EphemeralContainer, here: FieldPath): FieldError[] {
  const sentence = 'cannot be set for an Ephemeral Container'
  const fields = notForDebugging.filter((name) => !isEmpty(container[name])).map((name) => here.child(name).forbidden(sentence))
  const mounts = (container.volumeMounts ?? []).flatMap((mount, i) =>
    (['subPath', 'subPathExpr'] as const).filter((name) => mount[name]).map((name) => here.child('volumeMounts', i, name).forbidden(sentence)),
  )
  return [...fields, ...mounts]
}
