import type { KubeObject } from '../../kinds/meta.ts'
import { type Comparison, compareFields } from './compare.ts'
import type { Owner } from './entries.ts'
import type { FieldSet } from './field-set.ts'
import { builtIn, type Shapes } from './shapes.ts'
import { comparable } from './track.ts'

/** An object's type in another version, whose names the fields of an owner may have. */
export interface OtherForm {
  readonly schema: string
  readonly shapes?: Shapes
  /** The object in that version. */
  of(object: Readonly<KubeObject>): Readonly<KubeObject>
  back(object: Readonly<KubeObject>): Readonly<KubeObject>
}

/** Undefined for a version that is not known (any more). */
export type FormIn = (apiVersion: string) => OtherForm | undefined

interface Change {
  readonly apiVersion: string
  readonly ignored: FieldSet
  readonly formIn?: FormIn | undefined
  /** Absent at creation. */
  readonly from?: Readonly<KubeObject> | undefined
  readonly to: Readonly<KubeObject>
}

/**
 * What changed as each owner would say it: owners wrote through versions whose fields have other names. Undefined for an
 * owner whose version is gone: nobody can say what it owns.
 */
export function comparisonFor({ apiVersion, ignored, formIn, from, to }: Change, own: Comparison): (owner: Owner) => Comparison | undefined {
  const others = new Map<string, Comparison | undefined>()
  const inOther = (version: string): Comparison | undefined => {
    const form = formIn?.(version)
    return form && compareFields(form.schema, from ? comparable(form.of(from)) : {}, comparable(form.of(to)), ignored, form.shapes ?? builtIn)
  }
  return ({ entry: { apiVersion: version = apiVersion } }) => {
    if (version === apiVersion || !formIn) return own
    if (!others.has(version)) others.set(version, inOther(version))
    return others.get(version)
  }
}
