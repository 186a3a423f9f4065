import { isJsonObject } from '../base/json.ts'
import { type FieldError, FieldPath } from '../kinds/field-error.ts'
import { type AnyKind, keptKind } from '../kinds/kind.ts'
import type { KubeObject } from '../kinds/meta.ts'
import type { FieldSchema, Schemas } from '../kinds/schema.ts'
import { typeOf } from '../kinds/schemas.ts'
import { invalid } from '../kinds/status-error.ts'

/**
 * Refuses nulls that a custom resource has been left with by what was applied, or was not applied any more. Elsewhere such
 * nulls say nothing; here they are values that a schema allows or not.
 *
 * @throws StatusError 422
 */
export function refuseNulls(kind: AnyKind, object: Readonly<KubeObject>): void {
  if (!kind.custom) return
  const mistakes = nullsIn(kind.custom.types, { type: 'object', ref: kind.schema }, object, new FieldPath())
  if (mistakes.length > 0) throw invalid(keptKind(kind), object.metadata.name ?? '', kind.custom.unchecked ? [...mistakes, kind.custom.unchecked] : mistakes)
}

function nullsIn(types: Schemas, schema: FieldSchema, value: unknown, at: FieldPath): FieldError[] {
  const { type, items } = schema
  if (value === null) return isRefused(schema) ? [at.typeInvalid('null', `${at.toString()} in body must be of type ${wordOf(schema)}: "null"`)] : []
  if (Array.isArray(value)) return items ? value.flatMap((each, i) => nullsIn(types, items, each, at.child(i))) : []
  if (!isJsonObject(value)) return []
  const fields = type === 'object' ? typeOf(schema.ref, types)?.fields : undefined
  return Object.entries(value).flatMap(([name, each]) => {
    const below = type === 'map' ? items : fields && Object.hasOwn(fields, name) ? fields[name] : undefined
    return below ? nullsIn(types, below, each, at.child(name)) : []
  })
}

/** What has a default gets that instead. */
const isRefused = ({ type, isEither, nullable, default: other }: FieldSchema): boolean =>
  !nullable && other === undefined && (isEither === true || (type !== 'any' && type !== 'int-or-string'))

const wordOf = ({ type, isEither }: FieldSchema): string => (isEither ? 'integer,string' : (words[type] ?? type))

const words: Readonly<Partial<Record<FieldSchema['type'], string>>> = { map: 'object', bytes: 'string', time: 'string', microtime: 'string', quantity: 'string' }
