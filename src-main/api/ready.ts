import type { KnownJson } from '../base/known-json.ts'
import type { AnyKind } from '../kinds/kind.ts'
import type { KubeObject } from '../kinds/meta.ts'
import { contentChanged } from './lifecycle.ts'
import { type Sizes, sizesOf } from './stored-size.ts'
import { changesNothing } from './tracking.ts'

/** What has to be found out about a large object before its commit, which then takes no longer than any other. */
export interface Facts {
  readonly sizes: Sizes
  /** The update changes nothing. */
  readonly unchanged: boolean
  /** What `metadata.generation` counts changed. */
  readonly isNewContent: boolean
}

export interface Ready extends Facts {
  readonly json: KnownJson
}

/** `jsonBytes`: how long the object is as JSON. */
export function factsOf(kind: AnyKind, object: KubeObject, jsonBytes: number, old?: Readonly<KubeObject>, subresource?: string): Facts {
  const unchanged = old !== undefined && changesNothing(object, old)
  const isNewContent = old !== undefined && !unchanged && countsGeneration(kind) && contentChanged(kind, object, old, subresource)
  return { unchanged, isNewContent, sizes: sizesOf(kind, object, jsonBytes) }
}

export const countsGeneration = ({ generation }: AnyKind): boolean => generation !== undefined && generation !== 'once'

export function countGeneration(object: KubeObject, old: Readonly<KubeObject>): void {
  object.metadata.generation = (old.metadata.generation ?? 0) + 1
}
