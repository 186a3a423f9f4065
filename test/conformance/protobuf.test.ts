import { expect } from 'vitest'
import { decodeProtobuf } from '../../src-main/api/protobuf.ts'
import { encodeProtobuf, type Typed } from '../../src-main/api/protobuf-encode.ts'
import { envelopeOf, eventsIn, fieldsOf, listIn, messageIn } from '../fixtures/protobuf/read.ts'
import type { Answer } from './caller.ts'
import { configMap, deployment } from './objects.ts'
import type { Row } from './row.ts'
import { describeSection } from './suite.ts'

const protobuf = 'application/vnd.kubernetes.protobuf'
const accept = { accept: protobuf }
const inProtobuf = { 'content-type': protobuf }
const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1'
const core = 'io.k8s.api.core.v1'
const reads = (definition: string, expected: object) => ({ bytes }: Answer) => expect(decodeProtobuf(bytes, definition)).toMatchObject(expected)
const types = 'application/json, application/yaml, application/vnd.kubernetes.protobuf'

const sofas = {
  apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'sofas.{ns}.example.com' },
  spec: {
    group: '{ns}.example.com', scope: 'Namespaced', names: { plural: 'sofas', kind: 'Sofa' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } }],
  },
}

const rows: readonly Row[] = [
  {
    title: 'answers with the object in an envelope', given: [configMap('a', { key: 'value' })],
    steps: [
      { do: 'GET configmaps/a', headers: accept, answerHeaders: inProtobuf, also: reads(`${core}.ConfigMap`, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: expect.any(String) as string }, data: { key: 'value' } }) },
      { do: 'GET configmaps/a', headers: { accept: `${protobuf}, */*` }, answerHeaders: inProtobuf },
      { do: 'GET configmaps/a', headers: { accept: `${protobuf};q=0.5, application/json` }, answer: { kind: 'ConfigMap' } },
    ],
  },
  {
    title: 'writes what it reads, in protobuf both ways',
    steps: [
      {
        do: 'POST configmaps', type: protobuf, headers: accept, answerHeaders: inProtobuf,
        body: encodeProtobuf(configMap('b', { key: 'value' }) as Typed, `${core}.ConfigMap`), also: reads(`${core}.ConfigMap`, { metadata: { name: 'b' }, data: { key: 'value' } }),
      },
      { do: 'PATCH configmaps/b', type: 'merge', body: { data: { key: null, other: '' } }, headers: accept, also: reads(`${core}.ConfigMap`, { data: { other: '' } }) },
      {
        do: 'DELETE configmaps/b', type: protobuf, headers: accept, answerHeaders: inProtobuf,
        body: encodeProtobuf({ apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0, propagationPolicy: 'Background' } as Typed, `${meta}.DeleteOptions`),
      },
      { do: 'GET configmaps/b', code: 404 },
    ],
  },
  {
    title: 'answers lists with what continues them', given: [configMap('a'), configMap('b', { key: 'value' })],
    steps: [{
      do: 'GET configmaps?limit=1', headers: accept, answerHeaders: inProtobuf,
      also: ({ bytes }) => expect(listIn(bytes, `${core}.ConfigMap`)).toMatchObject({
        apiVersion: 'v1', kind: 'ConfigMapList', metadata: { resourceVersion: expect.stringMatching(/^\d+$/) as string, continue: expect.any(String) as string, remainingItemCount: expect.any(Number) as number },
        items: [{ metadata: { uid: expect.any(String) as string } }],
      }),
    }],
  },
  {
    title: 'answers mistakes with a Status in the same form',
    steps: [
      { do: 'GET configmaps/none', headers: accept, code: 404, answerHeaders: inProtobuf, also: reads(`${meta}.Status`, { apiVersion: 'v1', kind: 'Status', status: 'Failure', reason: 'NotFound', code: 404, details: { name: 'none', kind: 'configmaps' } }) },
      { do: 'POST configmaps', body: configMap('Not_A_Name'), headers: accept, code: 422, answerHeaders: inProtobuf, also: reads(`${meta}.Status`, { reason: 'Invalid', details: { causes: [{ field: 'metadata.name' }] } }) },
    ],
  },
  {
    title: 'has metadata alone in protobuf too, and no tables', given: [configMap('a')],
    steps: [
      { do: 'GET configmaps/a', headers: { accept: `${protobuf};as=PartialObjectMetadata;g=meta.k8s.io;v=v1` }, also: ({ bytes }) => expect(envelopeOf(bytes)).toMatchObject({ apiVersion: 'meta.k8s.io/v1', kind: 'PartialObjectMetadata' }) },
      {
        do: 'GET configmaps', headers: { accept: `${protobuf};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1beta1` }, answerHeaders: inProtobuf,
        also: ({ bytes }) => {
          const { raw, ...type } = envelopeOf(bytes)
          expect(type).toEqual({ apiVersion: 'meta.k8s.io/v1beta1', kind: 'PartialObjectMetadataList' })
          // in this version, the items come first
          const names = fieldsOf(raw).get(1)!.map((item) => messageIn(fieldsOf(item).get(1)![0]!, `${meta}.ObjectMeta`)['name'])
          expect(names).toContain('a')
        },
      },
      { do: 'GET configmaps', headers: { accept: `${protobuf};as=Table;g=meta.k8s.io;v=v1, application/json;as=Table;g=meta.k8s.io;v=v1` }, answer: { kind: 'Table' } },
      { do: 'GET configmaps', headers: { accept: `${protobuf};as=Table;g=meta.k8s.io;v=v1` }, code: 406, answer: { message: `only the following media types are accepted: ${types}` } },
    ],
  },
  {
    title: 'has the tables and metadata of older clients', given: [configMap('a')],
    steps: [
      { do: 'GET configmaps/a', headers: { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1beta1' }, answer: { kind: 'Table', apiVersion: 'meta.k8s.io/v1beta1', rows: [{ object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1beta1' } }] } },
      { do: 'GET configmaps/a', headers: { accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1beta1' }, answer: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1beta1' } },
    ],
  },
  {
    title: 'has no table of what is only ever created',
    steps: [{
      do: 'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews', headers: { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' }, code: 406,
      body: { spec: { nonResourceAttributes: { path: '/', verb: 'get' } } }, answer: { reason: 'NotAcceptable', message: `only the following media types are accepted: ${types}` },
    }, {
      do: 'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews', headers: accept, answerHeaders: inProtobuf,
      body: { spec: { nonResourceAttributes: { path: '/', verb: 'get' } } }, also: reads('io.k8s.api.authorization.v1.SelfSubjectAccessReview', { status: { allowed: true } }),
    }],
  },
  {
    title: 'tells subresources as what they are', given: [deployment('web')],
    steps: [{ do: 'GET apps/v1/deployments/web/scale', headers: accept, also: reads('io.k8s.api.autoscaling.v1.Scale', { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'web' } }) }],
  },
  {
    title: 'has no protobuf of custom resources, but their metadata',
    steps: [
      { do: 'POST /apis/apiextensions.k8s.io/v1/customresourcedefinitions', body: sofas },
      { do: 'GET {ns}.example.com/v1/sofas', until: true, answer: { kind: 'SofaList' } },
      { do: 'GET {ns}.example.com/v1/sofas', headers: accept, code: 406, also: reads(`${meta}.Status`, { message: `only the following media types are accepted: ${types}` }) },
      { do: 'GET {ns}.example.com/v1/sofas', headers: { accept: `${protobuf}, application/json` }, answer: { kind: 'SofaList' } },
      { do: 'GET {ns}.example.com/v1/sofas', headers: { accept: `${protobuf};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1` }, answerHeaders: inProtobuf },
      { do: 'DELETE /apis/apiextensions.k8s.io/v1/customresourcedefinitions/sofas.{ns}.example.com' },
    ],
  },
  {
    title: 'watches in frames with a length, and never in YAML', given: [configMap('a', { key: 'value' })],
    steps: [
      {
        do: 'GET configmaps?watch=true&timeoutSeconds=1&resourceVersion=0', headers: accept, answerHeaders: { 'content-type': `${protobuf};stream=watch` },
        also: ({ bytes }) => {
          const told = eventsIn(bytes).map(({ type, object }) => ({ type, ...(decodeProtobuf(object, `${core}.ConfigMap`) as { kind?: string; data?: object }) }))
          expect(told).toContainEqual(expect.objectContaining({ type: 'ADDED', kind: 'ConfigMap', data: { key: 'value' } }))
        },
      },
      { do: 'GET configmaps?watch=true&timeoutSeconds=1', headers: { accept: 'application/yaml' }, code: 406, answer: { message: 'only the following media types are accepted: application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch' } },
    ],
  },
  {
    title: 'describes itself in protobuf',
    steps: [
      { do: 'GET /apis', headers: accept, answerHeaders: inProtobuf, also: ({ bytes }) => expect(envelopeOf(bytes)).toMatchObject({ apiVersion: 'v1', kind: 'APIGroupList' }) },
      { do: 'GET /api', headers: accept, also: ({ bytes }) => expect(fieldsOf(envelopeOf(bytes).raw).get(1)!.map(String)).toEqual(['v1']) },
      {
        do: 'GET /api/v1', headers: accept,
        also: ({ bytes }) => expect(fieldsOf(envelopeOf(bytes).raw).get(2)!.map((resource) => fieldsOf(resource).get(1)![0]!.toString())).toEqual(expect.arrayContaining(['pods', 'pods/status', 'configmaps'])),
      },
    ],
  },
]

describeSection('protobuf', rows)
