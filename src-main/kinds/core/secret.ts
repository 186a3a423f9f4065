import { goWord } from '../../base/json.ts'
import { atOnce, type Steps } from '../../base/turns.ts'
import { jsonMistake } from '../../base/json-mistake.ts'
import { age } from '../columns.ts'
import { say } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { Secret } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { isConfigMapKey } from '../validation.ts'
import { together } from '../long-maps.ts'
import { lookup } from '../lookup.ts'
import { checkImmutable, checkTotal } from './data-maps.ts'
import { warnOfSecret } from './secret-warnings.ts'

export type { Secret }

export const secret = defineKind<Secret>({
  group: '', version: 'v1', kind: 'Secret', plural: 'secrets',
  namespaced: true,
  schema: 'io.k8s.api.core.v1.Secret',
  default: (object) => atOnce(fillIn(object)),
  defaultInSteps: fillIn,
  validate: checkSecret,
  validateUpdate: (object, old, at) => [
    ...(object.type === old.type ? [] : [at.child('type').immutable(object.type)]),
    ...checkImmutable(object, old, at, ['data']),
  ],
  warn: warnOfSecret,
  selectableFields: { type: ({ type }) => type ?? '' },
  columns: [
    { name: 'Type', type: 'string', of: 'type', cell: ({ type }) => type },
    { name: 'Data', type: 'string', of: 'data', cell: ({ data }) => Object.keys(data ?? {}).length },
    age,
  ],
})

/** What was said as text becomes data. */
function* fillIn(object: Secret): Steps<void> {
  object.type ||= 'Opaque'
  const { data, stringData } = object
  if (!stringData) return
  const encoded = yield* together([stringData], (text) => Buffer.from(text).toString('base64'))
  object.data = data ? yield* together([data, encoded]) : encoded
  delete object.stringData
}

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
  if (type === 'kubernetes.io/basic-auth' && !Object.hasOwn(data, 'username') && !Object.hasOwn(data, 'password')) {
    errors.push(at.child('data').key('username').required(), at.child('data').key('password').required())
  }
  for (const key of lookup(requiredKeys, type) ?? []) {
    if (key.startsWith('ssh') ? !lookup(data, key) : !Object.hasOwn(data, key)) errors.push(at.child('data').key(key).required())
    else if (key.startsWith('.docker')) errors.push(...say(at.child('data').key(key), '<secret contents redacted>', jsonObject(data[key] ?? '')))
  }
  return errors
}

/** What Go says when it reads the text as a map. */
function jsonObject(base64: string): string[] {
  const bytes = Buffer.from(base64, 'base64')
  try {
    const value: unknown = JSON.parse(bytes.toString())
    const word = goWord(value)
    return value === null || word === 'object' ? [] : [`json: cannot unmarshal ${word} into Go value of type map[string]interface {}`]
  } catch {
    return [jsonMistake(bytes)]
  }
}
