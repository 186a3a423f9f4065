import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadRules } from '../../src-main/kinds/custom/cel-rules.ts'
import { FieldPath } from '../../src-main/kinds/field-error.ts'
import { heldIn, isSchemaOrBool } from '../../src-main/kinds/held-schemas.ts'
import { kinds } from '../../src-main/kinds/index.ts'
import type { KubeObject } from '../../src-main/kinds/meta.ts'
import type { FieldSchema } from '../../src-main/kinds/schema.ts'
import { applyDefaults, checkStructure, prune, schemas, validateObject, validateObjectUpdate } from '../../src-main/kinds/structure.ts'
import { atOnce } from '../fixtures/at-once.ts'

const leaves: Readonly<Record<string, readonly unknown[]>> = {
  string: ['', 'a', 'A b', '-', '__proto__', 'spec.x', '*.a', 'None', '100%', '/../x', '* * * * *'],
  integer: [-1, 0, 1, 80, 70_000, 2 ** 31 - 1],
  number: [0.5], boolean: [true, false], bytes: ['', 'aGk='], time: ['2026-01-01T00:00:00Z'], microtime: ['2026-01-01T00:00:00.000000Z'],
  quantity: ['1', '-1', '500m', 2, '1Gi'], 'int-or-string': [0, 1, '25%', 'http', '0'], any: [{ a: null }, [], 1],
}

/** A value of the right structure, with holes, nulls and nonsense where the structure allows them. */
function valueOf(schema: FieldSchema, depth: number, pick: (n: number) => number): unknown {
  if (pick(12) === 0) return null
  if (schema.enum && pick(4) > 0) return schema.enum[pick(schema.enum.length)]
  if (schema.type === 'array') return Array.from({ length: pick(3) }, () => valueOf(schema.items!, depth + 1, pick))
  if (schema.type === 'map') return Object.fromEntries(Array.from({ length: pick(3) }, () => [leaves.string![pick(5)], valueOf(schema.items!, depth + 1, pick)]))
  if (schema.type === 'any' && schema.ref !== undefined) {
    const held = heldIn(schema.ref, {})
    if (held && pick(2) === 0) return valueOf(held, depth + 1, pick)
    if (isSchemaOrBool(schema.ref)) return pick(2) === 0
  }
  if (schema.type !== 'object') return leaves[schema.type]![pick(leaves[schema.type]!.length)]
  const fields = Object.entries(schemas[schema.ref!]!.fields)
  const density = depth < 2 ? 1 : 4 + depth
  return Object.fromEntries(fields.filter(() => pick(density) === 0).map(([name, field]) => [name, valueOf(field, depth + 1, pick)]))
}

// as the API server does before it reads expressions
beforeAll(loadRules)
beforeAll(atOnce)

describe.each(kinds.map((kind) => ({ kind })))('a $kind.kind of the right structure', ({ kind }) => {
  it('is defaulted, checked and shown, whatever is missing or odd in it', () => {
    const objects = fc.infiniteStream(fc.nat()).map((numbers) => {
      const pick = (n: number) => (numbers.next().value ?? 0) % n
      return [valueOf({ type: 'object', ref: kind.schema }, 0, pick) ?? {}, valueOf({ type: 'object', ref: kind.schema }, 0, pick) ?? {}]
    })
    fc.assert(
      fc.property(objects, (pair) => {
        const [object, old] = pair.map((value) => {
          expect(checkStructure(kind.schema, value)).toEqual({ errors: [], unknown: [] })
          prune(kind.schema, value)
          const made = value as KubeObject
          made.metadata ??= {}
          applyDefaults(kind, made)
          kind.prepareCreate?.(made)
          return made
        }) as [KubeObject, KubeObject]
        kind.prepareUpdate?.(object, old, 0)
        const mistakes = validateObject(kind, object)
        validateObjectUpdate(kind, object, old)
        if (mistakes.length === 0) kind.validatePart?.('status', object, old, new FieldPath())
        for (const before of [undefined, old]) expect(kind.warn?.(object, before) ?? []).toBeInstanceOf(Array)
        for (const column of kind.columns ?? []) column.cell(object, 0)
        for (const select of Object.values(kind.selectableFields ?? {})) expect(select(object)).toBeTypeOf('string')
        kind.gracePeriodSeconds?.(object)
      }),
      { numRuns: 200 },
    )
  })
})
