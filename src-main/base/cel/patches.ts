import type { EnvironmentPart } from './part.ts'
import { rewritten } from './source.ts'
import { type Json, toJson } from './values.ts'

/** `Object{...}`, or with a path of names, `Object.spec{...}`. */
export class PatchObject {
  readonly type: string
  readonly fields: ReadonlyMap<unknown, unknown>

  constructor(type: string, fields: unknown) {
    this.type = type
    this.fields = fields instanceof Map ? fields : new Map(Object.entries(fields as object))
  }

  toJson(): Json {
    return toJson(this.fields)
  }

  /** Types that do not stand where their name says, as sentences. */
  misplaced(path = this.type): string[] {
    const wrong = this.type === path ? [] : [`unexpected type name ${JSON.stringify(this.type)}, expected ${JSON.stringify(path)}, which matches field name path from root Object type`]
    return [...wrong, ...[...this.fields].flatMap(([name, value]) => misplacedIn(value, `${path}.${String(name)}`))]
  }
}

function misplacedIn(value: unknown, path: string): string[] {
  if (value instanceof PatchObject) return value.misplaced(path)
  if (Array.isArray(value)) return value.flatMap((each) => misplacedIn(each, path))
  return value instanceof Map ? [...value.values()].flatMap((each) => misplacedIn(each, path)) : []
}

/** `JSONPatch{...}` */
export class JsonPatchOperation {
  readonly op: string
  readonly path: string
  readonly from: string
  readonly value: unknown

  constructor(fields: ReadonlyMap<unknown, unknown>) {
    for (const name of fields.keys()) if (!['op', 'path', 'from', 'value'].includes(String(name))) throw new Error(`undefined field '${String(name)}'`)
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
}

/** What stands before the dot of `jsonpatch.escapeKey(a)`. */
class JsonPatchFunctions {
  readonly name = 'jsonpatch'
}

const mapOf = (fields: unknown): ReadonlyMap<unknown, unknown> => (fields instanceof Map ? fields : new Map(Object.entries(fields as object)))

/** The types of patches that mutating admission policies make. */
export const patchPart: EnvironmentPart = {
  types: { Object: PatchObject, JSONPatch: JsonPatchOperation, JsonPatchFunctions },
  constants: { jsonpatch: ['JsonPatchFunctions', new JsonPatchFunctions()] },
  functions: {
    [`${rewritten.object}(map): Object`]: (fields: unknown) => new PatchObject('Object', fields),
    [`${rewritten.part}(string, map): dyn`]: (type: string, fields: unknown) => new PatchObject(type, fields),
    [`${rewritten.jsonPatch}(map): JSONPatch`]: (fields: unknown) => new JsonPatchOperation(mapOf(fields)),
    'JsonPatchFunctions.escapeKey(string): string': (_jsonpatch: JsonPatchFunctions, key: string) => key.replaceAll('~', '~0').replaceAll('/', '~1'),
  },
}
