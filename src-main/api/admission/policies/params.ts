import { labelSelector, matches } from '../../../base/selector.ts'
import type { ParamKind, ParamRef } from '../../../kinds/generated/types.ts'
import type { AnyKind } from '../../../kinds/kind.ts'
import type { Kinds } from '../../../kinds/kinds.ts'
import type { KubeObject } from '../../../kinds/meta.ts'
import { keyFor, prefixOf } from '../../keys.ts'
import { shown } from '../../read.ts'
import type { AdmissionRequest } from '../chain.ts'

/** A policy or a binding that cannot be followed as it is. */
export class Misconfigured extends Error {
  override readonly name = 'Misconfigured'
}

/** The kind of a policy's parameters. @throws Misconfigured when nobody serves it */
export function paramKindOf({ apiVersion = '', kind = '' }: ParamKind, kinds: Pick<Kinds, 'all'>): AnyKind {
  const found = kinds.all.find((each) => each.apiVersion === apiVersion && each.kind === kind)
  if (!found) throw new Misconfigured(`failed to find resource referenced by paramKind: '${apiVersion}, Kind=${kind}'`)
  return found
}

/**
 * What a policy is evaluated with, once each: the parameters that a binding refers to, as they are now. A single undefined
 * when it has none.
 *
 * @throws Misconfigured
 */
export function paramsFor(kind: AnyKind | undefined, ref: ParamRef | undefined, { namespace: requested, read }: AdmissionRequest): ReadonlyArray<Readonly<KubeObject> | undefined> {
  if (!kind || !ref) return [undefined]
  if (ref.namespace && !kind.namespaced) throw new Misconfigured('paramRef.namespace must not be provided for a cluster-scoped `paramKind`')
  const namespace = kind.namespaced ? ref.namespace || requested : undefined
  if (kind.namespaced && !namespace) throw new Misconfigured('cannot use namespaced paramRef in policy binding that matches cluster-scoped resources')
  const stored = ref.name ? [read.get(keyFor(kind, { name: ref.name, ...(namespace ? { namespace } : {}) }))] : read.list(prefixOf(kind, namespace))
  const selector = ref.name ? undefined : labelSelector(ref.selector)
  const params = stored.filter((each) => each !== undefined).map((each) => shown(kind, each).object)
    .filter(({ metadata }) => ref.name || matches(selector, metadata.labels))
  if (params.length === 0 && ref.parameterNotFoundAction === 'Deny') throw new Misconfigured('no params found for policy binding with `Deny` parameterNotFoundAction')
  return params
}
