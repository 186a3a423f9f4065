import { bool, bytes, double, dyn, int, list, map, string, struct, timestamp, type Type } from '../../base/cel/types.ts'
import type { FieldSchema, Schemas } from '../schema.ts'
import { celName } from './field-names.ts'

const plain = /^\w+$/
/** What a definition describes is named by its fields, which may have any name. */
const typeName = (ref: string): string => ref.replaceAll(/[^\w.]/g, '_')

/** A type of objects as expressions see it; what it is made of is looked up when somebody asks. */
export function declareType(types: Schemas, root: string): Type {
  const made = new Map<string, Type>()
  const declare = (ref: string): Type => {
    const type = types[ref]
    if (!type || type.open) return dyn
    let known = made.get(ref)
    if (!known) made.set(ref, (known = struct(typeName(ref), fieldOf(type.fields))))
    return known
  }
  const fieldOf = (fields: Readonly<Record<string, FieldSchema>>): Type['field'] => {
    const names = new Map(Object.keys(fields).map((name) => [plain.test(name) ? name : celName(name), name]))
    return (name) => {
      const field = fields[names.get(name) ?? '']
      return field && typeOf(field)
    }
  }
  const typeOf = (field: FieldSchema): Type => {
    switch (field.type) {
      case 'string':
        return string
      case 'integer':
        return int
      case 'number':
        return double
      case 'boolean':
        return bool
      case 'bytes':
        return bytes
      case 'time': case 'microtime':
        return timestamp
      case 'array':
        return list(field.items ? typeOf(field.items) : dyn)
      case 'map':
        return map(string, field.items ? typeOf(field.items) : dyn)
      case 'object':
        return field.ref ? declare(field.ref) : dyn
      default:
        return dyn
    }
  }
  return declare(root)
}
