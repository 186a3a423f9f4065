import type { FieldPath } from '../field-error.ts'
import { maxDepth } from '../schemas.ts'
import { additionalOf, isEmbedded, itemsOf, type JsonSchema } from './json-schema.ts'

/** A place in a schema that has rules. */
export interface RulePlace {
  readonly schema: JsonSchema
  readonly at: FieldPath
  /** Whether it is a whole object. */
  readonly isRoot: boolean
  /** The list around it whose items are not the same from one version of an object to the next. */
  readonly uncorrelatable: FieldPath | undefined
  /** How many values there may be of it; undefined where a list or a map around it has no bound. */
  readonly cardinality: number | undefined
  /** How many of the places before this one stand below it. */
  readonly below: number
}

type Around = Pick<RulePlace, 'uncorrelatable' | 'cardinality'> & { readonly depth: number }

/** Where a schema has rules; what is below comes before what is above. */
export function rulePlaces(schema: JsonSchema, at: FieldPath): RulePlace[] {
  const places: RulePlace[] = []
  collect(places, schema, at, { depth: 0, uncorrelatable: undefined, cardinality: 1 }, true)
  return places
}

function collect(places: RulePlace[], schema: JsonSchema, at: FieldPath, around: Around, isRoot = isEmbedded(schema)): void {
  if (around.depth > maxDepth) return
  const first = places.length
  const most = mostBelow(schema)
  const inside = (isCorrelatable: boolean): Around => ({
    depth: around.depth + 1,
    uncorrelatable: around.uncorrelatable ?? (isCorrelatable ? undefined : at),
    cardinality: around.cardinality === undefined || most === undefined ? undefined : around.cardinality * most,
  })
  const more = additionalOf(schema)
  if (typeof more === 'object') collect(places, more, at.child('additionalProperties'), inside(true))
  for (const [name, property] of Object.entries(schema.properties ?? {})) collect(places, property, at.child('properties').key(name), inside(true))
  const items = itemsOf(schema)
  if (items) collect(places, items, at.child('items'), inside(schema['x-kubernetes-list-type'] === 'map'))
  if (schema['x-kubernetes-validations']?.length) {
    places.push({ schema, at, isRoot, uncorrelatable: around.uncorrelatable, cardinality: around.cardinality, below: places.length - first })
  }
}

/** How many values of one schema a value of this one may hold; undefined when nobody said. */
function mostBelow({ type, additionalProperties, maxProperties, maxItems }: JsonSchema): number | undefined {
  const most = type === 'array' ? maxItems : type === 'object' && additionalProperties !== undefined ? maxProperties : 1
  return most === undefined ? undefined : Math.max(Number(most), 0)
}
