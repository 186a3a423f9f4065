import { isJsonObject } from '../base/json.ts'
import type { AnyKind } from '../kinds/kind.ts'
import type { KubeObject } from '../kinds/meta.ts'
import type { FieldSchema, Schemas } from '../kinds/schema.ts'
import { schemas, typeOf } from '../kinds/schemas.ts'

/**
 * Whether a custom resource has been left with nulls that its schema does not allow, by what was applied or was not applied
 * any more. Elsewhere such nulls say nothing; here they are values, and are judged with the others.
 */
export const hasRefusedNulls = (kind: AnyKind, object: Readonly<KubeObject>): boolean =>
  kind.custom !== undefined && isRefusedBelow(kind.custom.types, { type: 'object', ref: kind.schema }, object)

function isRefusedBelow(types: Schemas, schema: FieldSchema, value: unknown): boolean {
  const { type, items } = schema
  if (value === null) return isRefused(schema)
  if (Array.isArray(value)) return items !== undefined && value.some((each) => isRefusedBelow(types, items, each))
  if (!isJsonObject(value)) return false
  const fields = type === 'object' ? typeOf(schema.ref, types)?.fields : undefined
  return Object.entries(value).some(([name, each]) => {
    const below = type === 'map' ? items : fields && Object.hasOwn(fields, name) ? fields[name] : undefined
    return below !== undefined && isRefusedBelow(types, below, each)
  })
}

/** What has a default gets that instead; metadata may be left out by a null wherever a whole object is. */
const isRefused = ({ type, ref, isEither, nullable, default: other }: FieldSchema): boolean =>
  !nullable && other === undefined && (isEither === true || (type !== 'any' && type !== 'int-or-string')) && !(ref !== undefined && Object.hasOwn(schemas, ref))
