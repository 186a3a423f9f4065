import { parse, parseAllDocuments, stringify } from 'yaml'
import type { KubeObject } from '../../../src-main/kinds/meta.ts'

/** The object as kubectl prints it: without the bookkeeping of managed fields. */
export function toYaml(object: KubeObject): string {
  const { managedFields: _managedFields, ...metadata } = object.metadata
  return stringify({ ...object, metadata }, { lineWidth: 0, aliasDuplicateObjects: false })
}

/** One object; throws a sentence when the text is none. */
export function parseObject(text: string): KubeObject {
  return checked(parse(text) as unknown)
}

/** All objects of a file with `---` between them; empty documents are skipped. Throws a sentence with the line. */
export function parseObjects(text: string): KubeObject[] {
  const documents = parseAllDocuments(text)
  const mistake = documents.flatMap((d) => d.errors)[0]
  if (mistake) throw new Error(mistake.message)
  return documents.map((d) => d.toJS() as unknown).filter((value) => value !== null && value !== undefined).map(checked)
}

function checked(value: unknown): KubeObject {
  if (typeof value !== 'object' || value === null || !('kind' in value) || !('apiVersion' in value) || !('metadata' in value)) {
    throw new Error('An object needs apiVersion, kind and metadata.')
  }
  return value as KubeObject
}
