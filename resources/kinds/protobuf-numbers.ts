import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FieldSchema } from '../../src-main/kinds/schema.ts'
import type { ProtobufNumbers } from '../../src-main/kinds/protobuf.ts'

type Facts = Record<string, number | string>

const { messages } = JSON.parse(readFileSync(join(import.meta.dirname, 'protobuf-fields.json'), 'utf8')) as {
  messages: Record<string, Record<string, Facts>>
}

/** The numbers of a type's fields; the messages embedded in it stand under their own numbers. */
export function numbersOf(group: string, type: string, fields: Record<string, FieldSchema>): ProtobufNumbers {
  const found = new Set<string>()
  const numbers = collect(group, type, fields, found)
  for (const name of Object.keys(fields)) {
    if (!found.has(name) && name !== 'apiVersion' && name !== 'kind') throw new Error(`protobuf-fields.json: ${group} ${type}.${name} has no number`)
  }
  return numbers
}

function collect(group: string, type: string, fields: Record<string, FieldSchema>, found: Set<string>): ProtobufNumbers {
  const numbers: Record<string, string | ProtobufNumbers> = {}
  for (const [name, fact] of Object.entries(messages[group]?.[type] ?? {})) {
    const [, number = '', marks = ''] = /^(\d+)(.*)$/.exec(String(fact)) ?? []
    if (name.startsWith('...')) numbers[number] = collect(group, name.slice(3), fields, found)
    else if (Object.hasOwn(fields, name)) {
      found.add(name)
      numbers[number] = name + marks
    }
  }
  return numbers
}

/** What the Go field of each name is: whether a pointer, and whether JSON always has it. */
export function goFieldsOf(group: string, type: string): Map<string, { pointer: boolean; always: boolean }> {
  const found = new Map<string, { pointer: boolean; always: boolean }>()
  for (const [name, fact] of Object.entries(messages[group]?.[type] ?? {})) {
    if (name.startsWith('...')) for (const [below, go] of goFieldsOf(group, name.slice(3))) found.set(below, go)
    else found.set(name, { pointer: String(fact).includes('*'), always: String(fact).includes('!') })
  }
  return found
}
