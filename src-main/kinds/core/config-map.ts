import { age } from '../columns.ts'
import { say } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { ConfigMap } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { isConfigMapKey } from '../validation.ts'
import { checkImmutable, checkTotal, wholeObject } from './data-maps.ts'

export type { ConfigMap }

export const configMap = defineKind<ConfigMap>({
  group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', shortNames: ['cm'],
  namespaced: true,
  schema: 'io.k8s.api.core.v1.ConfigMap',
  validate: checkConfigMap,
  validateUpdate: (object, old, at) => checkImmutable(object, old, at, ['data', 'binaryData']),
  columns: [
    { name: 'Data', type: 'string', of: 'data', cell: ({ data, binaryData }) => Object.keys(data ?? {}).length + Object.keys(binaryData ?? {}).length },
    age,
  ],
})

function checkConfigMap({ data = {}, binaryData = {} }: ConfigMap, at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  for (const key of Object.keys(data)) {
    errors.push(...checkKey(at, 'data', key))
    if (Object.hasOwn(binaryData, key)) errors.push(at.child('data').key(key).invalid(key, 'duplicate of key present in binaryData'))
  }
  for (const key of Object.keys(binaryData)) errors.push(...checkKey(at, 'binaryData', key))
  const bytes = [...Object.values(data).map((text) => Buffer.byteLength(text)), ...Object.values(binaryData).map((text) => Buffer.byteLength(text, 'base64'))]
  return [...errors, ...checkTotal(bytes, wholeObject)]
}

/** There may be a hundred thousand keys, and most are right: of those no path is made. */
function checkKey(at: FieldPath, name: 'data' | 'binaryData', key: string): FieldError[] {
  const sentences = isConfigMapKey(key)
  return sentences.length === 0 ? none : say(at.child(name).key(key), key, sentences)
}

const none: FieldError[] = []
