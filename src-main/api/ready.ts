import type { Steps } from '../base/turns.ts'
import type { AnyKind } from '../kinds/kind.ts'
import type { KubeObject } from '../kinds/meta.ts'
import { contentChangedInSteps } from './lifecycle.ts'
import { type LongJson, longJson } from './long-json.ts'
import { type Sizes, sizesOf } from './stored-size.ts'
import { changesNothingInSteps } from './tracking.ts'

/** What was worked out of a large object before its commit, which then takes no longer than any other. */
export interface Ready {
  readonly json: LongJson
  readonly sizes: Sizes
  /** The update changes nothing. */
  readonly unchanged?: boolean
}

/** The object is not changed from here on. */
export function* readyToWrite(kind: AnyKind, object: KubeObject): Steps<Ready> {
  const json = yield* longJson(object)
  yield
  return { json, sizes: yield* sizesOf(kind, object, json.bytes) }
}

/** The same of one that takes the place of `old`; its generation is counted here. */
export function* readyUpdate(kind: AnyKind, subresource: string | undefined, object: KubeObject, old: Readonly<KubeObject>): Steps<Ready> {
  const unchanged = yield* changesNothingInSteps(object, old)
  yield
  if (!unchanged && countsGeneration(kind) && (yield* contentChangedInSteps(kind, object, old, subresource))) countGeneration(object, old)
  yield
  return { unchanged, ...(yield* readyToWrite(kind, object)) }
}

export const countsGeneration = ({ generation }: AnyKind): boolean => generation !== undefined && generation !== 'once'

export function countGeneration(object: KubeObject, old: Readonly<KubeObject>): void {
  object.metadata.generation = (old.metadata.generation ?? 0) + 1
}
