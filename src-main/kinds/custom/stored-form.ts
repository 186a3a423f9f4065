import { copyJson, equalJson } from '../../base/json.ts'
import { ordered } from '../../base/ordered.ts'
import type { Kind, StoredForm } from '../kind.ts'
import type { KubeObject } from '../meta.ts'
import type { Conversions } from './conversion.ts'
import { defaultCustom } from './defaulting.ts'
import type { JsonSchema } from './json-schema.ts'
import { pruneCustom } from './pruning.ts'

type Whole = (stored: Readonly<KubeObject>) => Readonly<KubeObject>

/** How the objects of one definition are kept, which all of its versions share. */
export interface Stored {
  readonly conversions?: Conversions | undefined
  readonly whole: Whole
  schemaOf(apiVersion: string): JsonSchema | undefined
  storage(): Kind
}

/**
 * Completes an object by the version that it is written in: what that no longer describes is dropped, what it has defaults
 * for today is filled in. The same object comes out where nothing changes, and where a webhook converts, the same one each
 * time where something does: that is what its answers are found by.
 */
export function wholes(schemas: ReadonlyMap<string, JsonSchema>, conversions: Conversions | undefined): Whole {
  const known = conversions && new WeakMap<object, Readonly<KubeObject>>()
  return (stored) => {
    const schema = schemas.get(stored.apiVersion ?? '')
    const before = known?.get(stored)
    if (!schema || before) return before ?? stored
    const object = copyJson(stored) as KubeObject
    pruneCustom(schema, object)
    defaultCustom(schema, object)
    if (equalJson(object, stored)) return stored
    const made = ordered(object)
    known?.set(stored, made)
    return made
  }
}

/**
 * Objects are kept in the storage version. What is read is completed by the version it was stored in, then converted, and
 * gets no defaults of the version it is shown in: those were given when somebody wrote in that one.
 */
export function storedForm(apiVersion: string, { conversions, whole, schemaOf, storage }: Stored): StoredForm {
  const inVersion = (object: Readonly<KubeObject>, wished: string): Readonly<KubeObject> => {
    if (object.apiVersion === wished) return object
    return described(conversions?.get(object, wished) ?? { ...object, apiVersion: wished }, wished)
  }
  const described = (answer: Readonly<KubeObject>, wished: string): Readonly<KubeObject> => {
    const converted = copyJson(answer) as KubeObject
    const schema = schemaOf(wished)
    if (schema) pruneCustom(schema, converted)
    return ordered(converted)
  }
  return {
    get kind() {
      const kept = storage()
      return kept.apiVersion === apiVersion ? undefined : kept
    },
    toStored: (object) => inVersion(object, storage().apiVersion),
    fromStored: (stored) => inVersion(whole(stored), apiVersion),
    ...(conversions ? {
      ask: (objects, wished) => conversions.ask(wished === undefined ? objects.map(whole) : objects, wished ?? apiVersion),
      fromStoredAnew: (stored) => (stored.apiVersion === apiVersion ? undefined : conversions.anew(whole(stored), apiVersion).then((answer) => described(answer, apiVersion))),
      toStoredAnew: (object) => (storage().apiVersion === apiVersion ? undefined : conversions.anew(object, storage().apiVersion)),
    } : {}),
  }
}
