import type { Environment } from '@marcbachmann/cel-js'
import type { FieldSchema, Schemas } from '../schema.ts'
import { LazyValues } from './admission.ts'
import { celName } from './field-names.ts'

/** Each takes about 0.1 ms to declare; what a larger type has beyond may be anything. */
const mostTypes = 400

/** By environment: types share what they are made of. */
const declared = new WeakMap<Environment, Set<string>>()

const plain = /^\w+$/
/** What a definition describes is named by its fields, which may have any name. */
const typeName = (ref: string): string => ref.replaceAll(/[^\w.]/g, '_')

/** Declares a type and all it is made of, and returns its name as expressions have it. For checking only. */
export function declareType(env: Environment, types: Schemas, root: string): string {
  const made = declared.get(env) ?? new Set<string>()
  declared.set(env, made)
  const declare = (ref: string): string => {
    const type = types[ref]
    if (!type || type.open) return 'dyn'
    if (!made.has(ref)) {
      if (made.size >= mostTypes) return 'dyn'
      made.add(ref)
      const fields = Object.fromEntries(Object.entries(type.fields).map(([name, field]) => [plain.test(name) ? name : celName(name), typeOf(field)]))
      // nothing is made of it, but each type needs a constructor of its own
      env.registerType(typeName(ref), { ctor: class extends LazyValues {}, fields })
    }
    return typeName(ref)
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
