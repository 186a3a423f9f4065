import { mirror } from '../../kinds/core/pod-annotations.ts'
import { pod as podKind, type Pod } from '../../kinds/core/pod.ts'
import { showChange } from '../../kinds/core/show-change.ts'
import { field, type FieldError } from '../../kinds/field-error.ts'
import type { PodSpec } from '../../kinds/generated/types.ts'
import { sameValue } from '../../kinds/same-value.ts'
import { invalid } from '../../kinds/status-error.ts'

const at = field('spec', 'ephemeralContainers')

/** Containers to debug a running pod with: they can be added, and never changed or removed. Their own rules are the pod's. */
export function planEphemeralContainers({ spec }: Readonly<Pod>, old: Readonly<Pod>): Pod {
  const containers = spec?.ephemeralContainers ?? []
  const { ephemeralContainers: _before, ...kept } = old.spec ?? { containers: [] }
  const next = containers.length > 0 ? { ...kept, ephemeralContainers: containers } : kept
  const errors = old.metadata.annotations?.[mirror] === undefined ? checkKept(next, old.spec) : [forStatic]
  if (errors.length > 0) throw invalid(podKind, old.metadata.name ?? '', errors)
  return { ...old, spec: next }
}

const forStatic: FieldError = { field: '', reason: 'FieldValueForbidden', message: 'Forbidden: static pods do not support ephemeral containers' }

function checkKept({ ephemeralContainers = [] }: PodSpec, was: PodSpec | undefined): FieldError[] {
  return (was?.ephemeralContainers ?? []).flatMap((before) => {
    const now = ephemeralContainers.find(({ name }) => name === before.name)
    if (!now) return [at.forbidden(`existing ephemeral containers "${before.name}" may not be removed\n`)]
    return sameValue(now, before) ? [] : [at.forbidden(`existing ephemeral containers "${before.name}" may not be changed\n${showChange(before, now)}`)]
  })
}
