import { age } from '../columns.ts'
import { say } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { Secret } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { isConfigMapKey } from '../validation.ts'
import { lookup } from '../lookup.ts'
import { checkImmutable, checkTotal } from './data-maps.ts'

export type { Secret }

export const secret = defineKind<Secret>({
  group: '', version: 'v1', kind: 'Secret', plural: 'secrets',
  namespaced: true,
  schema: 'io.k8s.api.core.v1.Secret',
  default: (object) => {
    object.type ||= 'Opaque'
    if (!object.stringData) return
    const encoded = Object.entries(object.stringData).map(([key, text]) => [key, Buffer.from(text).toString('base64')])
    object.data = { ...object.data, ...Object.fromEntries(encoded) as Record<string, string> }
    delete object.stringData
  },
  validate: checkSecret,
  validateUpdate: (object, old, at) => [
    ...(object.type === old.type ? [] : [at.child('type').immutable(object.type)]),
    ...checkImmutable(object, old, at, ['data']),
  ],
  selectableFields: { type: ({ type }) => type ?? '' },
  columns: [
    { name: 'Type', type: 'string', cell: ({ type }) => type },
    { name: 'Data', type: 'integer', cell: ({ data }) => Object.keys(data ?? {}).length },
    age,
  ],
})

/** Keys that a type of Secret must have. */
const requiredKeys: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
}

const serviceAccountToken = 'kubernetes.io/service-account-token'
const accountAnnotation = 'kubernetes.io/service-account.name'

function checkSecret({ metadata, data = {}, type = '' }: Secret, at: FieldPath): FieldError[] {
  const errors = Object.keys(data).flatMap((key) => say(at.child('data').key(key), key, isConfigMapKey(key)))
  errors.push(...checkTotal(Object.values(data).map((text) => Buffer.byteLength(text, 'base64')), at.child('data')))
  if (type === serviceAccountToken && !metadata.annotations?.[accountAnnotation]) {
    errors.push(at.child('metadata', 'annotations').key(accountAnnotation).required())
  }
  if (type === 'kubernetes.io/basic-auth' && !data['username'] && !data['password']) {
    errors.push(at.child('data').key('username').required(), at.child('data').key('password').required())
  }
  for (const key of lookup(requiredKeys, type) ?? []) {
    if (!Object.hasOwn(data, key)) errors.push(at.child('data').key(key).required())
    else if (key.startsWith('.docker') && !isJson(data[key] ?? '')) {
      errors.push(at.child('data').key(key).invalid('<secret contents redacted>', 'invalid JSON'))
    }
  }
  return errors
}

function isJson(base64: string): boolean {
  try {
    JSON.parse(Buffer.from(base64, 'base64').toString())
    return true
  } catch {
    return false
  }
}
