import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FieldSchema } from '../../src-main/kinds/schema.ts'
import type { ProtobufNumbers } from '../../src-main/kinds/protobuf.ts'

type Facts = Record<string, number | string>

const { messages, unnumbered } = JSON.parse(readFileSync(join(import.meta.dirname, 'protobuf-fields.json'), 'utf8')) as {
  messages: Record<string, Record<string, Facts>>
  unnumbered: string[]
}

/** The numbers of a type's fields; the messages embedded in it stand under their own numbers. */
export function numbersOf(group: string, type: string, fields: Record<string, FieldSchema>): ProtobufNumbers {
  const found = new Set<string>()
  const numbers = collect(group, type, fields, found)
  for (const name of Object.keys(fields)) {
    const known = found.has(name) || name === 'apiVersion' || name === 'kind'
    if (known === unnumbered.includes(`${group} ${type}.${name}`)) {
      throw new Error(`protobuf-fields.json: ${group} ${type}.${name} ${known ? 'is unnumbered, and has a number' : 'has no number'}`)
    }
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
