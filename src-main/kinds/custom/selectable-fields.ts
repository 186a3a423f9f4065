import { each } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { CustomResourceDefinitionVersion } from '../generated/types.ts'
import { additionalOf, type JsonSchema, propertyOf } from './json-schema.ts'

/** MaxSelectableFields of apiextensions' validation. */
const mostFields = 8
const selectableTypes: ReadonlySet<string | undefined> = new Set(['string', 'boolean', 'integer'])

/** Whether the fields that a version is selected by are plain values its schema knows. */
export function checkSelectableFields({ selectableFields: fields, schema }: CustomResourceDefinitionVersion, at: FieldPath): FieldError[] {
  const root = schema?.openAPIV3Schema
  if (!fields?.length || !root) return []
  const known = new Set<string>()
  const errors = each(fields, at, ({ jsonPath: path }, here) => {
    if (!path) return [here.child('jsonPath').required()]
    const wrong = (sentence: string): FieldError => here.child('jsonPath').invalid(path, sentence)
    const found = fieldAt(path, root)
    if (typeof found === 'string') return [wrong(`is an invalid path: ${found}`)]
    const duplicate = known.has(path) ? [here.child('jsonPath').duplicate(path)] : []
    known.add(path)
    return [
      ...(path.startsWith('.metadata.') || path === '.metadata' ? [wrong('must not point to fields in metadata')] : []),
      ...(selectableTypes.has(found.type) ? [] : [wrong('must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.')]),
      ...duplicate,
    ]
  })
  return known.size > mostFields ? [...errors, at.tooMany(known.size, mostFields)] : errors
}

/** The schema that `.spec.a` leads to, or what is wrong with the path. */
function fieldAt(path: string, root: JsonSchema): JsonSchema | string {
  let at = root
  const [first = '', ...names] = path.split(/(?=[.[])/)
  for (const step of [first, ...names]) {
    if (step.startsWith('[')) return 'array notation is not allowed'
    if (!step.startsWith('.')) return `expected [ or . but got: ${step}`
    if (step === '.') return step === names.at(-1) || names.length === 0 ? 'unexpected end of JSON path' : 'does not refer to a valid field'
    const more = at.properties ? propertyOf(at, step.slice(1)) : additionalOf(at)
    if (typeof more !== 'object') return 'does not refer to a valid field'
    at = more
  }
  return at
}
