import { call, type Library, type Message } from './declarations.ts'
import { dyn, string, struct, type Type } from './types.ts'
import { LazyMap } from './values.ts'

/** `Object{...}`, or with a path of names, `Object.spec{...}`. */
export class PatchObject extends LazyMap {
  override readonly type: Type
  readonly fields: ReadonlyMap<string, unknown>

  constructor(type: Type, fields: ReadonlyMap<string, unknown>) {
    super()
    this.type = type
    this.fields = fields
  }

  get size(): number {
    return this.fields.size
  }

  get(key: unknown): unknown {
    return this.fields.get(key as string)
  }

  keys(): Iterable<unknown> {
    return this.fields.keys()
  }

  /** Types that do not stand where their name says, as sentences. */
  misplaced(path = this.type.name): string[] {
    const { name } = this.type
    const wrong = name === path ? [] : [`unexpected type name ${JSON.stringify(name)}, expected ${JSON.stringify(path)}, which matches field name path from root Object type`]
    return [...wrong, ...[...this.fields].flatMap(([field, value]) => misplacedIn(value, `${path}.${field}`))]
  }
}

function misplacedIn(value: unknown, path: string): string[] {
  if (value instanceof PatchObject) return value.misplaced(path)
  if (Array.isArray(value)) return value.flatMap((each) => misplacedIn(each, path))
  return value instanceof Map ? [...(value as Map<unknown, unknown>).values()].flatMap((each) => misplacedIn(each, path)) : []
}

const jsonPatchType = struct('JSONPatch', (name) => (name === 'value' ? dyn : ['op', 'path', 'from'].includes(name) ? string : undefined))

/** `JSONPatch{...}` */
export class JsonPatchOperation extends LazyMap {
  override readonly type = jsonPatchType
  readonly size = 4
  readonly op: string
  readonly path: string
  readonly from: string
  readonly value: unknown

  constructor(fields: ReadonlyMap<string, unknown>) {
    super()
    const text = (name: string): string => {
      const value = fields.get(name) ?? ''
      if (typeof value !== 'string') throw new Error(`unexpected type for JSONPatchType '${name}' field`)
      return value
    }
    this.op = text('op')
    this.path = text('path')
    this.from = text('from')
    this.value = fields.get('value')
  }

  get(key: unknown): unknown {
    return key === 'op' || key === 'path' || key === 'from' || key === 'value' ? this[key] : undefined
  }

  keys(): Iterable<unknown> {
    return ['op', 'path', 'from', 'value']
  }
}

/** The types of patches that mutating admission policies make: any name that begins with `Object`, and `JSONPatch`. */
export function patchMessage(name: string): Message | undefined {
  if (name === 'JSONPatch') return { type: jsonPatchType, make: (fields) => new JsonPatchOperation(fields) }
  if (name !== 'Object' && !name.startsWith('Object.')) return undefined
  const type = struct(name, () => dyn)
  return { type, make: (fields) => new PatchObject(type, fields) }
}

/** JSONPatch of k8s.io/apiserver/pkg/cel/library. */
export const patchLibrary: Library = {
  functions: { 'jsonpatch.escapeKey': [call([string], string, (key: string) => key.replaceAll('~', '~0').replaceAll('/', '~1'))] },
}
