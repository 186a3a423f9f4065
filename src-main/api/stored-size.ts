import { holds, jsonInSteps } from '../base/json-steps.ts'
import type { Steps } from '../base/turns.ts'
import type { AnyKind } from '../kinds/kind.ts'
import type { KubeObject } from '../kinds/meta.ts'
import { encodeInSteps, encodeProtobuf } from './protobuf-encode.ts'
import { maxObjectBytes } from '../store/store.ts'
import { maxSentBytes, tooLargeForEtcd } from './store-errors.ts'
import { withManagedFields } from './tracking.ts'

/** The groups whose objects kube-apiserver gives to etcd as JSON; those of all others are protobuf, and shorter. */
const jsonGroups = ['apiextensions.k8s.io', 'apiregistration.k8s.io']

/** How many bytes etcd would be given; undefined where that is as many as of JSON. */
export const sizeOf = (kind: AnyKind, object: KubeObject): (() => number) | undefined =>
  isJson(kind) ? undefined : () => encodeProtobuf(object, kind.schema).length

/** How many bytes etcd would be given of a long object, with who owns its fields and without; not worked out where nobody will ask. */
export interface Sizes {
  readonly whole?: number
  readonly unowned?: number
}

/** The store asks where there is more JSON than an object may have bytes. */
export function sizesOf(kind: AnyKind, object: KubeObject, jsonBytes: number): Sizes {
  if (isJson(kind) || jsonBytes + mostRevisionBytes <= maxObjectBytes) return {}
  const whole = encodeProtobuf(object, kind.schema).length
  if (whole <= maxObjectBytes || !object.metadata.managedFields) return { whole }
  return { whole, unowned: encodeProtobuf(withManagedFields(object, undefined), kind.schema).length }
}

const isJson = (kind: AnyKind): boolean => kind.custom !== undefined || jsonGroups.includes(kind.group)

/** Of JSON, in which the revision is still missing. */
const mostRevisionBytes = 64

/** To judge so many values may take long. */
const manyValues = 100_000

/**
 * Refuses an object of very many values that nobody could send to etcd before anybody judges it. Of others Kubernetes says
 * first what else is wrong with them.
 *
 * @throws StatusError 500
 */
export function* refuseUnstorable(kind: AnyKind, object: KubeObject): Steps<void> {
  // its owners are dropped where there is no room for them
  const alone = withManagedFields(object, undefined)
  if (!(yield* holds(alone, manyValues))) return
  yield
  const json = yield* jsonInSteps(alone)
  if (json.length <= maxSentBytes) return
  yield
  const bytes = isJson(kind) ? Buffer.byteLength(json) : (yield* encodeInSteps(alone, kind.schema)).length
  if (bytes > maxSentBytes) throw tooLargeForEtcd(bytes)
}
