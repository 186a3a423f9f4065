import { expect, test } from 'vitest'
import { converterSentence } from '../../src-main/kinds/converter-sentence.ts'
import { checkStructure } from '../../src-main/kinds/structure.ts'

const deployment = 'io.k8s.api.apps.v1.Deployment'
const template = (spec: object) => ({ spec: { template: { spec } } })

test.each([
  ['a list', deployment, template({ containers: 'x' }), 'cannot restore slice from string'],
  ['a map', deployment, { metadata: { labels: ['a'] } }, 'cannot restore map from slice'],
  ['an object', deployment, { spec: { strategy: 5 } }, 'cannot restore struct from: int64'],
  ['a text, by a whole number', deployment, { metadata: { labels: { a: 1 } } }, 'cannot convert int64 to string'],
  ['a text of a type of its own', deployment, template({ restartPolicy: 5 }), 'cannot convert int64 to v1.RestartPolicy'],
  ['a text, by another', deployment, template({ restartPolicy: true }), 'unrecognized type: string'],
  ['a whole number, by a fraction', deployment, { spec: { replicas: 1.5 } }, 'cannot convert float64 to int32'],
  ['a whole number, by another', deployment, template({ activeDeadlineSeconds: 'x' }), 'unrecognized type: int64'],
  ['a truth', deployment, { spec: { paused: {} } }, 'unrecognized type: bool'],
  ['a time', deployment, { metadata: { creationTimestamp: 5 } }, 'json: cannot unmarshal number into Go value of type string'],
  ['a number or a text', deployment, { spec: { strategy: { rollingUpdate: { maxSurge: true } } } }, 'json: cannot unmarshal bool into Go value of type int32'],
  ['a number or a text, by a fraction', deployment, { spec: { strategy: { rollingUpdate: { maxSurge: 1.5 } } } }, 'json: cannot unmarshal number 1.5 into Go value of type int32'],
  ['an amount', deployment, template({ containers: [{ resources: { limits: { cpu: 'much' } } }] }), /^quantities must match/],
  ['bytes', 'io.k8s.api.core.v1.Secret', { data: { a: '!' } }, 'error decoding from json: illegal base64 data at input byte 0'],
  ['bytes, by no text', 'io.k8s.api.core.v1.Secret', { data: { a: 5 } }, 'cannot restore slice from int64'],
])('tells in the words of a conversion what is not %s', (_, schema, object, sentence) => {
  const [error] = checkStructure(schema, object).errors
  expect(converterSentence(schema, error!, object)).toEqual(typeof sentence === 'string' ? sentence : expect.stringMatching(sentence))
})
