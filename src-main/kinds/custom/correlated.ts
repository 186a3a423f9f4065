import { isObject } from '../schema-values.ts'
import { additionalOf, type JsonSchema, propertyOf } from './json-schema.ts'
import { isUnchanged } from './unchanged.ts'

/** A value beside what the same one was before an update: CorrelatedObject of k8s.io/apiserver. */
export class Correlated {
  readonly #schema: JsonSchema
  readonly #value: unknown
  readonly old: unknown
  readonly #parent: Correlated | undefined
  #items: Map<string, unknown> | undefined
  #unchanged: boolean | undefined

  constructor(schema: JsonSchema, value: unknown, old: unknown, parent?: Correlated) {
    this.#schema = schema
    this.#value = value
    this.old = old
    this.#parent = parent
  }

  /** Whether it is what it was; of something new in what may have been there before, whether that is. */
  get isUnchanged(): boolean {
    if (this.old === undefined) return this.#parent?.isUnchanged ?? false
    return (this.#unchanged ??= this.old !== null && isUnchanged(this.#schema, this.#value, this.old))
  }

  property(name: string, schema: JsonSchema, value: unknown): Correlated | undefined {
    // both are made the same before anybody looks
    if (!this.#parent && (name === 'apiVersion' || name === 'kind')) return undefined
    const { old } = this
    return this.#below(schema, value, isObject(old) && Object.hasOwn(old, name) ? old[name] : undefined)
  }

  /** Only a list with keys says which of its items are the same. */
  item(schema: JsonSchema, value: unknown): Correlated {
    if (this.#schema['x-kubernetes-list-type'] !== 'map' || !Array.isArray(this.old)) return this.#below(schema, value, undefined)
    const keys = this.#schema['x-kubernetes-list-map-keys'] ?? []
    const name = (item: unknown): string => JSON.stringify(keys.map((key) => (isObject(item) ? item[key] : undefined)))
    this.#items ??= new Map(this.old.map((item: unknown) => [name(item), item]))
    return this.#below(schema, value, this.#items.get(name(value)))
  }

  #below(schema: JsonSchema, value: unknown, old: unknown): Correlated {
    return old === undefined && this.old === undefined ? this : new Correlated(schema, value, old, this)
  }
}

/** The schema of what stands under a name. */
export function schemaUnder(schema: JsonSchema, name: string): { readonly child: JsonSchema; readonly isProperty: boolean } | undefined {
  const property = propertyOf(schema, name)
  if (property) return { child: property, isProperty: true }
  const more = additionalOf(schema)
  return typeof more === 'object' ? { child: more, isProperty: false } : undefined
}
