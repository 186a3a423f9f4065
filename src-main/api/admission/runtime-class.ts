import { equalJson } from '../../base/json.ts'
import type { Pod } from '../../kinds/core/pod.ts'
import type { PodSpec } from '../../kinds/generated/types.ts'
import { lookup } from '../../kinds/lookup.ts'
import { runtimeClass as classKind, type RuntimeClass } from '../../kinds/node/runtime-class.ts'
import { sameValue } from '../../kinds/same-value.ts'
import { forbidden } from '../../kinds/status-error.ts'
import { keyFor } from '../keys.ts'
import { objectOf } from '../read.ts'
import type { AdmissionPlugin, AdmissionRequest } from './chain.ts'

/** Lets a pod's RuntimeClass say what it takes besides its containers, and on which nodes it can run. */
export const runtimeClassAdmission: AdmissionPlugin = {
  name: 'RuntimeClass',
  admit(request) {
    const spec = createdPod(request)
    const chosen = spec && classOf(request, spec)
    if (!chosen) return
    const refuse = (why: string) => forbidden(request.kind, request.name, why)
    const overhead = chosen.overhead?.podFixed ?? {}
    if (Object.keys(overhead).length > 0) {
      if (Object.keys(spec.overhead ?? {}).length > 0 && !sameValue(spec.overhead, overhead)) throw refuse(mismatch)
      spec.overhead = { ...overhead }
    }
    for (const [key, value] of Object.entries(chosen.scheduling?.nodeSelector ?? {})) {
      const own = lookup(spec.nodeSelector, key)
      if (own !== undefined && own !== value)
        throw refuse(`conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`)
      spec.nodeSelector = { ...spec.nodeSelector, [key]: value }
    }
    const own = spec.tolerations ?? []
    const more = (chosen.scheduling?.tolerations ?? []).filter((toleration) => !own.some((has) => equalJson(has, toleration)))
    if (more.length > 0) spec.tolerations = [...own, ...more]
  },
  validate(request) {
    const spec = createdPod(request)
    if (!spec || Object.keys(spec.overhead ?? {}).length === 0) return
    const overhead = classOf(request, spec)?.overhead
    if (!overhead) throw forbidden(request.kind, request.name, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead')
    if (!sameValue(spec.overhead, overhead.podFixed)) throw forbidden(request.kind, request.name, mismatch)
  },
}

const mismatch = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"

const createdPod = ({ operation, kind, subresource, object }: AdmissionRequest): PodSpec | undefined =>
  operation === 'CREATE' && kind.kind === 'Pod' && kind.group === '' && !subresource ? (object as Pod).spec : undefined

/** @throws StatusError 403 when there is no such class */
function classOf({ kind, name, read }: AdmissionRequest, { runtimeClassName }: PodSpec): RuntimeClass | undefined {
  if (!runtimeClassName) return undefined
  const stored = runtimeClassName.includes('/') ? undefined : read.get(keyFor(classKind, { name: runtimeClassName }))
  if (!stored) throw forbidden(kind, name, `pod rejected: RuntimeClass "${runtimeClassName}" not found`)
  return objectOf(stored) as RuntimeClass
}
