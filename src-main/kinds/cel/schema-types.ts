import type { Environment } from '@marcbachmann/cel-js'
import type { FieldSchema, Schemas } from '../schema.ts'
import { LazyValues } from './admission.ts'

/** Declares a built-in type and all it is made of, and returns its name as expressions have it. For checking only. */
export function declareType(env: Environment, types: Schemas, root: string): string {
  const made = new Set<string>()
  const declare = (ref: string): string => {
    const type = types[ref]
    if (!type || type.open) return 'dyn'
    if (!made.has(ref)) {
      made.add(ref)
      const fields = Object.fromEntries(Object.entries(type.fields).map(([name, field]) => [name, typeOf(field)]))
      // nothing is made of it, but each type needs a constructor of its own
      env.registerType(ref, { ctor: class extends LazyValues {}, fields })
    }
    return ref
  }
  const typeOf = (field: FieldSchema): string => {
    switch (field.type) {
      case 'string':
        return 'string'
      case 'integer':
        return 'int'
      case 'number':
        return 'double'
      case 'boolean':
        return 'bool'
      case 'bytes':
        return 'bytes'
      case 'time': case 'microtime':
        return 'google.protobuf.Timestamp'
      case 'array':
        return `list<${field.items ? typeOf(field.items) : 'dyn'}>`
      case 'map':
        return `map<string, ${field.items ? typeOf(field.items) : 'dyn'}>`
      case 'object':
        return field.ref ? declare(field.ref) : 'dyn'
      default:
        return 'dyn'
    }
  }
  return declare(root)
}
