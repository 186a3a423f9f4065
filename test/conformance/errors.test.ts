import { expect } from 'vitest'
import { labelRule, subdomainRule } from '../fixtures/name-rules.ts'
import { configMap, deployment, pod } from './objects.ts'
import { failure, invalid, type Row } from './row.ts'
import { describeSection } from './suite.ts'

const unknownPath = failure(404, 'NotFound', 'the server could not find the requested resource', {})
const notAllowed = failure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {})

const refuses = (title: string, path: string, body: object, refusal: ReturnType<typeof failure>, since?: number): Row => ({ title, since, steps: [{ do: `POST ${path}`, body, ...refusal }, { do: `GET ${path}?labelSelector=none`, code: 200 }] })

/** Each cause by its field and the end of what is said, in order. The sentence tells once what the causes tell twice. */
const both = (title: string, given: object, path: string, change: object, ...causes: ReadonlyArray<readonly [field: string, says: RegExp]>): Row => ({
  title: `tells what is wrong with ${title}, and with the change to it`, given: [given],
  steps: [{
    do: `PATCH ${path}`, type: 'merge', body: change, code: 422,
    also: ({ body }) => {
      const { details, message } = body as { details: { causes: Array<{ field: string; message: string }> }; message: string }
      expect(details.causes.map(({ field }) => field)).toEqual(causes.map(([field]) => field))
      for (const [i, { message }] of details.causes.entries()) expect(message).toMatch(causes[i]![1])
      const sentences = [...new Set(details.causes.map((cause) => `${cause.field}: ${cause.message}`))]
      expect(message.replace(/^.*? is invalid: /, '')).toBe(sentences.length === 1 ? sentences[0] : `[${sentences.join(', ')}]`)
    },
  }],
})
const notMatched = ['spec.template.metadata.labels', /does not match template `labels`$/] as const
const badLabel = ['metadata.labels', /a valid label must be/] as const
const badAnnotation = ['metadata.annotations', /name part must/] as const
const badMetadata = { metadata: { labels: { a: 'b c' }, annotations: { 'x y': '' } } }
const looks = (times: number) => Array.from({ length: times }, () => [badLabel, badAnnotation]).flat()
const immutable = /field is immutable$/
const notNegative = /must be greater than or equal to 0/
const workload = (kind: string, spec: object) => ({ ...deployment('a'), kind, spec: { selector: deployment('a').spec.selector, template: deployment('a').spec.template, ...spec } })
const otherSelector = { matchLabels: { app: null, other: 'x' } }

describeSection('errors', [
  both('a ConfigMap', { ...configMap('a', { k: 'v' }), immutable: true }, 'configmaps/a', { data: { 'k': 'w', 'b/d': 'x' } },
    ['data', /field is immutable when `immutable` is set$/], ['data[b/d]', /a valid config key must consist of/]),
  both('a Secret', { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' }, type: 'x' }, 'secrets/a', { type: 'kubernetes.io/tls', data: { 'a/b': 'eA==' } },
    ['type', immutable], ['data[a/b]', /a valid config key must consist of/], ['data[tls.crt]', /^Required value/], ['data[tls.key]', /^Required value/]),
  both('a Deployment', deployment('a'), 'apps/v1/deployments/a', { spec: { replicas: -1, selector: otherSelector } },
    ['spec.replicas', notNegative], notMatched, ['spec.selector', immutable]),
  both('a ReplicaSet', workload('ReplicaSet', { replicas: 0 }), 'apps/v1/replicasets/a', { spec: { minReadySeconds: -1, selector: otherSelector } },
    ['spec.minReadySeconds', notNegative], notMatched, ['spec.minReadySeconds', notNegative], notMatched, ['spec.selector', immutable]),
  both('a DaemonSet', workload('DaemonSet', {}), 'apps/v1/daemonsets/a', { spec: { minReadySeconds: -1, selector: otherSelector } },
    notMatched, ['spec.minReadySeconds', notNegative], notMatched, ['spec.minReadySeconds', notNegative], ['spec.selector', immutable]),
  {
    since: 30,
    ...both('a StatefulSet', workload('StatefulSet', { replicas: 0, serviceName: 'a' }), 'apps/v1/statefulsets/a', { spec: { replicas: -1, podManagementPolicy: 'Parallel' } },
    ['spec.replicas', notNegative], ['spec', /^Forbidden: updates to statefulset spec for fields other than/]),
  },
  both('a ControllerRevision', { apiVersion: 'apps/v1', kind: 'ControllerRevision', metadata: { name: 'a' }, revision: 1, data: { a: 'b' } }, 'apps/v1/controllerrevisions/a', { revision: -1, data: { c: 'd' } },
    ['revision', notNegative], ['data', immutable]),
  // once for every update and once for every change of metadata, and then as often as the kind's own rules look
  both('the metadata of a ConfigMap', configMap('a'), 'configmaps/a', badMetadata, ...looks(4)),
  both('the metadata of a Deployment, whose rules look only at its change', deployment('a', { replicas: 0 }), 'apps/v1/deployments/a', badMetadata, ...looks(3)),
  both('the metadata of a LimitRange, whose rules look only at itself', { apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'a' }, spec: { limits: [] } }, 'limitranges/a', badMetadata, ...looks(3)),
  both('the metadata of a PersistentVolumeClaim, whose rules look at it twice',
    { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'a' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1' } } } }, 'persistentvolumeclaims/a',
    badMetadata, ...looks(5)),
  both('the metadata of a status', deployment('a', { replicas: 0 }), 'apps/v1/deployments/a/status', { metadata: { annotations: { 'x y': '' } } }, badAnnotation, badAnnotation, badAnnotation),
  {
    title: 'says which object is not there, with its group',
    steps: [
      { do: 'GET configmaps/none', ...failure(404, 'NotFound', 'configmaps "none" not found', { name: 'none', kind: 'configmaps' }), answerHeaders: { 'content-type': 'application/json' } },
      { do: 'GET apps/v1/deployments/none', ...failure(404, 'NotFound', 'deployments.apps "none" not found', { name: 'none', group: 'apps', kind: 'deployments' }) },
      { do: 'DELETE apps/v1/deployments/none', ...failure(404, 'NotFound', 'deployments.apps "none" not found', { name: 'none', group: 'apps', kind: 'deployments' }) },
      { do: 'PATCH apps/v1/deployments/none', type: 'merge', body: {}, ...failure(404, 'NotFound', 'deployments.apps "none" not found', { name: 'none', group: 'apps', kind: 'deployments' }) },
      { do: 'GET /api/v1/namespaces/none-{ns}', ...failure(404, 'NotFound', 'namespaces "none-{ns}" not found', { name: 'none-{ns}', kind: 'namespaces' }) },
    ],
  },
  {
    title: 'says that there is no such path',
    steps: [
      { do: 'GET /apis/apps/v1/namespaces/{ns}/sofas', code: 404 },
      { do: 'GET /apis/sofas.example.com/v1/sofas', code: 404 },
      { do: 'GET /nothing', code: 404 },
      { do: 'GET sofas/a', ...unknownPath },
    ],
  },
  {
    title: 'says which method is not allowed',
    given: [configMap('a')],
    steps: [
      { do: 'PUT configmaps', body: configMap('a'), ...notAllowed },
      { do: 'POST configmaps/a', body: configMap('a'), ...notAllowed },
      { do: 'PATCH configmaps', type: 'merge', body: {}, ...notAllowed },
    ],
  },
  {
    title: 'answers errors as YAML to who asks for that',
    steps: [{ do: 'GET configmaps/none', headers: { accept: 'application/yaml' }, code: 404, answer: { kind: 'Status', reason: 'NotFound' }, answerHeaders: { 'content-type': 'application/yaml' } }],
  },
  {
    title: 'says who exists already',
    given: [deployment('a')],
    steps: [{ do: 'POST apps/v1/deployments', body: deployment('a'), ...failure(409, 'AlreadyExists', 'deployments.apps "a" already exists', { name: 'a', group: 'apps', kind: 'deployments' }) }],
  },

  refuses('explains a bad name', 'configmaps', configMap('Bad_Name'), invalid('ConfigMap', 'Bad_Name', ['metadata.name', 'FieldValueInvalid', `Invalid value: "Bad_Name": ${subdomainRule}`])),
  refuses('explains a bad label and annotation', 'configmaps', configMap('a', {}, { labels: { a: 'b c' }, annotations: { 'x y': '' } }), failure(422, 'Invalid', /metadata\.labels: Invalid value: "b c": a valid label must be an empty string or consist of alphanumeric characters.*metadata\.annotations: Invalid value: "x y": name part must consist of/, expectAny())),
  refuses('explains every mistake of one object', 'pods', pod('p', { containers: [{ name: 'A', image: 'x' }, { name: 'b' }] }), invalid('Pod', 'p',
    ['spec.containers[0].name', 'FieldValueInvalid', `Invalid value: "A": ${labelRule}`],
    ['spec.containers[1].image', 'FieldValueRequired', 'Required value'])),
  refuses('explains a pod without containers', 'pods', { kind: 'Pod', apiVersion: 'v1', metadata: { name: 'p' }, spec: { containers: [] } }, invalid('Pod', 'p', ['spec.containers', 'FieldValueRequired', 'Required value'])),
  refuses('explains a number out of range', 'services', { kind: 'Service', apiVersion: 'v1', metadata: { name: 's' }, spec: { ports: [{ port: 70000 }] } }, invalid('Service', 's',
    ['spec.ports[0].port', 'FieldValueInvalid', 'Invalid value: 70000: must be between 1 and 65535, inclusive'],
    ['spec.ports[0].targetPort', 'FieldValueInvalid', 'Invalid value: 70000: must be between 1 and 65535, inclusive'])),
  refuses('names the group of the kind in what it explains', 'apps/v1/deployments', deployment('d', { replicas: -1 }), invalid('Deployment.apps', 'd', ['spec.replicas', 'FieldValueInvalid', 'Invalid value: -1: must be greater than or equal to 0'])),
  refuses('explains a selector that does not select the template', 'apps/v1/deployments', deployment('d', { selector: { matchLabels: { app: 'other' } } }), failure(422, 'Invalid', /^Deployment\.apps "d" is invalid: spec\.template\.metadata\.labels: Invalid value: .*: `selector` does not match template `labels`$/, expectAny())),
  {
    title: 'explains what may not change',
    given: [deployment('d'), pod('p'), { ...configMap('c', { a: '1' }), immutable: true }],
    steps: [
      { do: 'PATCH apps/v1/deployments/d', type: 'merge', body: { spec: { selector: { matchLabels: { app: 'd', more: 'x' } }, template: { metadata: { labels: { more: 'x' } } } } }, code: 422, answer: { reason: 'Invalid', message: /^Deployment\.apps "d" is invalid: spec\.selector: Invalid value: .*: field is immutable$/ } },
      { do: 'PATCH pods/p', type: 'merge', body: { spec: { nodeName: 'n1' } }, code: 422, answer: { reason: 'Invalid', message: /^Pod "p" is invalid: spec: Forbidden: pod updates may not change fields other than/ } },
      { do: 'PATCH configmaps/c', type: 'merge', body: { data: { a: '2' } }, ...invalid('ConfigMap', 'c', ['data', 'FieldValueForbidden', 'Forbidden: field is immutable when `immutable` is set']) },
    ],
  },
  {
    title: 'refuses a version of the future only by waiting for it',
    given: [configMap('a')],
    steps: [{ do: 'PUT configmaps/a', body: configMap('a', {}, { resourceVersion: '9000000000000' }), code: 409, answer: { reason: 'Conflict' } }],
  },
  {
    title: 'refuses an object that is larger than a store takes',
    steps: [
      { do: 'POST configmaps', body: configMap('a', { k: 'x'.repeat(1_100_000) }), code: 422, answer: { reason: 'Invalid', message: /Too long: (must have at most|may not be more than) 1048576 (bytes|characters)/ } },
      { do: 'POST configmaps', body: configMap('a', { k: 'x'.repeat(3 * 1024 * 1024) }), code: 413, answer: { kind: 'Status', reason: 'RequestEntityTooLarge', message: /^Request entity too large: limit is 3145728$/ } },
    ],
  },
  {
    title: 'tells a stranger nothing but that he may not',
    steps: [
      {
        do: 'GET configmaps', as: { name: 'stranger' },
        ...failure(403, 'Forbidden', 'configmaps is forbidden: User "stranger" cannot list resource "configmaps" in API group "" in the namespace "{ns}"', { kind: 'configmaps' }),
      },
      { do: 'GET configmaps/none', as: { name: 'stranger' }, ...failure(403, 'Forbidden', 'configmaps "none" is forbidden: User "stranger" cannot get resource "configmaps" in API group "" in the namespace "{ns}"', { name: 'none', kind: 'configmaps' }) },
      { do: 'GET /api/v1/nodes', as: { name: 'stranger' }, ...failure(403, 'Forbidden', 'nodes is forbidden: User "stranger" cannot list resource "nodes" in API group "" at the cluster scope', { kind: 'nodes' }) },
      { do: 'POST apps/v1/deployments', as: { name: 'stranger' }, body: deployment('a'), ...failure(403, 'Forbidden', 'deployments.apps is forbidden: User "stranger" cannot create resource "deployments" in API group "apps" in the namespace "{ns}"', { group: 'apps', kind: 'deployments' }) },
      { do: 'GET /metrics', as: { name: 'stranger' }, ...failure(403, 'Forbidden', 'forbidden: User "stranger" cannot get path "/metrics"', {}) },
    ],
  },
  {
    title: 'refuses a path that is more than it seems',
    steps: [
      { do: 'GET configmaps/%2e%2e', code: 400 },
      { do: 'GET configmaps/a%2fb', code: 400 },
    ],
    since: 36,
  },
])

/** Details of any content. */
function expectAny(): object {
  return expect.any(Object) as object
}
