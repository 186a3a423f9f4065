import { expect } from 'vitest'
import { stringify } from 'yaml'
import type { Answer } from './caller.ts'
import { configMap, deployment, pod } from './objects.ts'
import { failure, invalid, type Step } from './row.ts'
import { describeSection } from './suite.ts'

const applies = (manager: string, path: string, body: unknown, more: Partial<Step> & { force?: boolean } = {}): Step => {
  const { force, ...rest } = more
  return { do: `PATCH ${path}?fieldManager=${manager}${force ? '&force=true' : ''}`, type: 'apply', body, ...rest } as Step
}
const updates = (manager: string, path: string, body: unknown, more: Partial<Step> = {}): Step =>
  ({ do: `PATCH ${path}?fieldManager=${manager}`, type: 'merge', body, ...more }) as Step

interface Entry { manager?: string; operation: string; apiVersion: string; fieldsType: string; time: string; subresource?: string; fieldsV1: object }

/** The managers of an object, each with what it owns. */
const owners = (...wanted: ReadonlyArray<readonly [manager: string, operation: string, fields: object, subresource?: string]>) => ({
  also({ body }: Answer) {
    const { managedFields = [] } = (body as { metadata: { managedFields?: Entry[] } }).metadata
    const inOrder = (entries: object[]) => entries.map((entry) => JSON.stringify(entry)).sort()
    const seen = managedFields.map(({ manager, operation, subresource = '', fieldsV1 }) => ({ manager, operation, subresource, fieldsV1 }))
    const all = wanted.map(([manager, operation, fieldsV1, subresource = '']) => ({ manager, operation, subresource, fieldsV1 }))
    expect(inOrder(seen)).toEqual(inOrder(all))
    for (const { fieldsType, apiVersion } of managedFields) expect([fieldsType, apiVersion]).toEqual(['FieldsV1', (body as { apiVersion: string }).apiVersion])
  },
})

const data = (...keys: string[]) => ({ 'f:data': Object.fromEntries(keys.map((key) => [`f:${key}`, {}])) })
const wholeData = (...keys: string[]) => ({ 'f:data': { '.': {}, ...data(...keys)['f:data'] } })

const conflictWith = (manager: string, ...fields: string[]) => ({
  code: 409,
  answer: {
    kind: 'Status', status: 'Failure', reason: 'Conflict', code: 409,
    message: fields.length === 1 ? new RegExp(`^Apply failed with 1 conflict: conflict with "${manager}"[^:]*: ${fields[0]!.replace(/[[\]]/g, '\\$&')}$`) : new RegExp(`^Apply failed with ${fields.length} conflicts: conflicts with "${manager}"[^:]*:\n${fields.map((field) => `- ${field}`).join('\n')}$`),
    details: { causes: fields.map((field) => ({ reason: 'FieldManagerConflict', message: new RegExp(`^conflict with "${manager}"`), field })) },
  },
})

const web = (spec: object) => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec })
const replicas = { 'f:spec': { 'f:replicas': {} } }
const main = (more: object) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { schedulerName: 'nobody', containers: [{ name: 'main', image: 'busybox:1', ...more }] } })

const roomy = pod('a', { hostname: '', containers: [{ name: 'main', image: 'busybox:1', resources: { limits: { memory: '2048Mi' } } }] })
const daemonSet = { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'd' }, spec: { selector: { matchLabels: { app: 'd' } }, template: { metadata: { labels: { app: 'd' } }, spec: { containers: [{ name: 'main', image: 'busybox:1' }] } } } }
const templateGeneration = 'f:deprecated.daemonset.template.generation'

describeSection('apply', [
  {
    title: 'creates an object by apply, and says so with 201',
    steps: [
      applies('one', 'configmaps/a', configMap('a', { k: 'v' }, { labels: { l: 'v' } }), {
        code: 201, answer: { data: { k: 'v' } }, save: 'a', ...owners(['one', 'Apply', { ...data('k'), 'f:metadata': { 'f:labels': { 'f:l': {} } } }]),
      }),
      applies('one', 'configmaps/a', configMap('a', { k: 'v' }, { labels: { l: 'v' } }), { code: 200, answer: { metadata: { resourceVersion: '{a.metadata.resourceVersion}' } } }),
    ],
  },
  {
    title: 'reads YAML and JSON',
    steps: [
      applies('one', 'configmaps/a', stringify(configMap('a', { k: 'text' })), { code: 201, answer: { data: { k: 'text' } } }),
      applies('one', 'configmaps/a', configMap('a', { k: 'no' }), { answer: { data: { k: 'no' } } }),
    ],
  },
  {
    title: 'needs a manager, and the object\'s type',
    given: [configMap('a')],
    steps: [
      { do: 'PATCH configmaps/a', type: 'apply', body: configMap('a'), ...invalid('PatchOptions.meta.k8s.io', '', ['fieldManager', 'FieldValueRequired', 'Required value: is required for apply patch']) },
      applies('one', 'configmaps/a', { metadata: { name: 'a' } }, { code: 400, answer: { reason: 'BadRequest' } }),
      applies('one', 'configmaps/a', configMap('b'), { code: 400, answer: { reason: 'BadRequest' } }),
      applies('one', 'configmaps/a', configMap('a', {}, { managedFields: [] }), { code: 400, answer: { reason: 'BadRequest', message: 'metadata.managedFields must be nil' } }),
      applies('one', 'configmaps/a', '{', { code: 400, answer: { reason: 'BadRequest', message: /^error decoding YAML: / } }),
    ],
  },
  {
    title: 'refuses to create an object of a certain uid',
    steps: [applies('one', 'configmaps/a', configMap('a', {}, { uid: 'u-1' }), failure(409, 'Conflict', 'Operation cannot be fulfilled on configmaps "a": uid mismatch: the provided object specified uid u-1, and no existing object was found', { name: 'a', kind: 'configmaps' }))],
  },
  {
    title: 'refuses a field that the type lacks',
    steps: [applies('one', 'configmaps/a', { ...configMap('a'), dta: {} }, { code: 500, answer: { status: 'Failure', message: /^failed to create typed patch object( \([^)]*\))?: \.dta: field not declared in schema$/ } })],
  },
  {
    title: 'warns of a key that stands twice in the body, and refuses it with 400 when it is told to be strict',
    since: 27,
    steps: [
      { do: 'PATCH configmaps/a?fieldManager=m&dryRun=All', type: 'apply', body: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  k: "1"\n  k: "2"\n  k: "3"\n', code: 201, answerHeaders: { warning: '299 - "line 6: key \\"k\\" already set in map", 299 - "line 7: key \\"k\\" already set in map"' } },
      { do: 'PATCH configmaps/a?fieldManager=m&fieldValidation=Strict', type: 'apply', body: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  k: "1"\n  k: "2"\n', code: 400, answer: { reason: 'BadRequest', message: /^error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n {2}line 6: key "k" already set in map$/ } },
    ],
  },
  {
    title: 'owns also what it says is empty, and takes another way to write a value for another value',
    steps: [
      { do: 'PATCH pods/a?fieldManager=one', type: 'apply', body: roomy, code: 201, answer: { metadata: { managedFields: [{ manager: 'one', fieldsV1: { 'f:spec': { 'f:hostname': {}, 'f:containers': { 'k:{"name":"main"}': { 'f:resources': { 'f:limits': { 'f:memory': {} } } } } } } }] }, spec: { hostname: undefined, containers: [{ resources: { limits: { memory: '2Gi' } } }] } } },
      { do: 'PATCH pods/a?fieldManager=one', type: 'apply', body: roomy, answer: { metadata: { managedFields: [{ manager: 'one' }] } } },
      { do: 'PATCH pods/a?fieldManager=two', type: 'apply', body: roomy, code: 409, answer: { message: 'Apply failed with 2 conflicts: conflicts with "one":\n- .spec.hostname\n- .spec.containers[name="main"].resources.limits.memory' } },
    ],
  },
  {
    title: 'counts the annotation of a DaemonSet, which who writes it sends without knowing, as theirs',
    steps: [
      { do: 'POST apps/v1/daemonsets?fieldManager=one', body: daemonSet, answer: { metadata: { managedFields: [{ manager: 'one', fieldsV1: { 'f:metadata': { 'f:annotations': { '.': {}, [templateGeneration]: {} } } } }] } } },
      { do: 'PUT apps/v1/daemonsets/d?fieldManager=two', body: daemonSet, answer: { metadata: { annotations: { 'deprecated.daemonset.template.generation': '1' }, managedFields: [{ manager: 'one', fieldsV1: { 'f:metadata': { 'f:annotations': {} } } }, { manager: 'two', fieldsV1: { 'f:metadata': { 'f:annotations': { [templateGeneration]: {} } } } }] } } },
    ],
  },
  {
    title: 'notes who updates and who creates in another way',
    steps: [
      { do: 'POST configmaps?fieldManager=maker', body: configMap('a', { k: 'v' }), ...owners(['maker', 'Update', wholeData('k')]) },
      updates('other', 'configmaps/a', { data: { more: 'w' } }, owners(['maker', 'Update', wholeData('k')], ['other', 'Update', data('more')])),
      updates('other', 'configmaps/a', { data: { k: 'w' } }, owners(['maker', 'Update', { 'f:data': {} }], ['other', 'Update', data('k', 'more')])),
    ],
  },
  {
    title: 'names the manager after the client that names none',
    steps: [{ do: 'POST configmaps', headers: { 'user-agent': 'my-tool/v1.2 (linux)' }, body: configMap('a', { k: 'v' }), ...owners(['my-tool', 'Update', wholeData('k')]) }],
  },
  {
    title: 'refuses to change what somebody else owns, and shares what is equal',
    steps: [
      applies('one', 'configmaps/a', configMap('a', { k: '1', l: '1' }), { code: 201, save: 'a' }),
      applies('two', 'configmaps/a', configMap('a', { k: '2' }), conflictWith('one', '.data.k')),
      applies('two', 'configmaps/a', configMap('a', { k: '2', l: '2' }), conflictWith('one', '.data.k', '.data.l')),
      { do: 'GET configmaps/a', answer: '{a}', exactly: true },
      applies('two', 'configmaps/a', configMap('a', { k: '1' }), owners(['one', 'Apply', data('k', 'l')], ['two', 'Apply', data('k')])),
    ],
  },
  {
    title: 'takes over by force what somebody else owns',
    steps: [
      applies('one', 'configmaps/a', configMap('a', { k: '1', l: '1' }), { code: 201 }),
      applies('two', 'configmaps/a', configMap('a', { k: '2' }), { force: true, answer: { data: { k: '2', l: '1' } }, ...owners(['one', 'Apply', data('l')], ['two', 'Apply', data('k')]) }),
    ],
  },
  {
    title: 'refuses to change what an update set, and names its manager and version',
    steps: [
      applies('one', 'apps/v1/deployments/web', deployment('web', { replicas: 0 }), { code: 201 }),
      updates('scaler', 'apps/v1/deployments/web', { spec: { replicas: 1 } }),
      applies('one', 'apps/v1/deployments/web', deployment('web', { replicas: 0 }), {
        code: 409, answer: { reason: 'Conflict', message: 'Apply failed with 1 conflict: conflict with "scaler" using apps/v1: .spec.replicas', details: { causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "scaler" using apps/v1', field: '.spec.replicas' }] } },
      }),
      applies('one', 'apps/v1/deployments/web', deployment('web', { replicas: 0 }), { force: true, answer: { spec: { replicas: 0 } } }),
    ],
  },
  {
    title: 'removes what is no longer applied, unless somebody else owns it',
    steps: [
      applies('one', 'configmaps/a', configMap('a', { mine: '1', shared: '1', kept: '1' }), { code: 201 }),
      applies('two', 'configmaps/a', configMap('a', { shared: '1' })),
      updates('three', 'configmaps/a', { data: { other: 'x' } }),
      applies('one', 'configmaps/a', configMap('a', { kept: '1' }), {
        answer: { data: { mine: undefined, shared: '1', kept: '1', other: 'x' } },
        ...owners(['one', 'Apply', data('kept')], ['two', 'Apply', data('shared')], ['three', 'Update', data('other')]),
      }),
      applies('two', 'configmaps/a', configMap('a'), { answer: { data: { shared: undefined, kept: '1', other: 'x' } } }),
    ],
  },
  {
    title: 'gives a defaulted value back when its owner goes, and leaves it to another who shares it',
    steps: [
      applies('one', 'apps/v1/deployments/web', deployment('web', { replicas: 0, minReadySeconds: 7, revisionHistoryLimit: 3 }), { code: 201 }),
      applies('scaler', 'apps/v1/deployments/web', web({ replicas: 0 }), {}),
      applies('one', 'apps/v1/deployments/web', (({ spec: { replicas: _replicas, ...spec }, ...rest }) => ({ ...rest, spec }))(deployment('web')), { answer: { spec: { replicas: 0, minReadySeconds: undefined, revisionHistoryLimit: 10 } } }),
    ],
  },
  {
    title: 'merges lists with keys item by item and removes only its own',
    steps: [
      applies('one', 'pods/p', main({ ports: [{ containerPort: 80, protocol: 'TCP', name: 'a' }, { containerPort: 81, protocol: 'TCP', name: 'b' }] }), { code: 201 }),
      applies('two', 'pods/p', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', finalizers: ['example.com/two'], labels: { by: 'two' } } }, { answer: { metadata: { finalizers: ['example.com/two'] } } }),
      applies('three', 'pods/p', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', finalizers: ['example.com/three'] } }, { answer: { metadata: { finalizers: ['example.com/two', 'example.com/three'] } } }),
      applies('two', 'pods/p', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', labels: { by: 'two' } } }, { answer: { metadata: { finalizers: ['example.com/three'] } } }),
      applies('three', 'pods/p', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' } }, { answer: { metadata: { finalizers: undefined } } }),
    ],
  },
  {
    title: 'writes keys, values and defaulted keys of items as Kubernetes does',
    steps: [
      applies('one', 'pods/p', main({ ports: [{ containerPort: 80 }], env: [{ name: 'A', value: '1' }], args: ['x'] }), {
        code: 201,
        ...owners(['one', 'Apply', {
          'f:spec': {
            'f:containers': { 'k:{"name":"main"}': {
              '.': {}, 'f:args': {}, 'f:env': { 'k:{"name":"A"}': { '.': {}, 'f:name': {}, 'f:value': {} } }, 'f:image': {}, 'f:name': {},
              'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
            } },
            'f:schedulerName': {},
          },
        }]),
        text: /"f:containers":\{"k:\{\\"name\\":\\"main\\"\}":\{"\.":\{\},"f:args":\{\},"f:env":/,
      }),
    ],
  },
  {
    title: 'refuses two items of one key',
    steps: [applies('one', 'pods/p', main({ env: [{ name: 'A', value: '1' }, { name: 'A', value: '2' }] }), { code: 500, answer: { status: 'Failure', message: /duplicate entries for key \[name="A"\]/ } })],
  },
  {
    title: 'validates what comes of an apply, and defaults it',
    steps: [
      applies('one', 'apps/v1/deployments/web', deployment('web', { replicas: -1 }), { code: 422, answer: { reason: 'Invalid', details: { causes: [{ field: 'spec.replicas', message: 'Invalid value: -1: must be greater than or equal to 0' }] } } }),
      applies('one', 'apps/v1/deployments/web', deployment('web'), { code: 201, answer: { spec: { strategy: { type: 'RollingUpdate' }, progressDeadlineSeconds: 600 } } }),
    ],
  },
  {
    title: 'lets a manager hand a field over to another one',
    steps: [
      applies('one', 'apps/v1/deployments/web', deployment('web', { replicas: 0 }), { code: 201 }),
      applies('scaler', 'apps/v1/deployments/web', web({ replicas: 1 }), { force: true, answer: { spec: { replicas: 1 } } }),
      applies('one', 'apps/v1/deployments/web', (({ spec: { replicas: _replicas, ...spec }, ...rest }) => ({ ...rest, spec }))(deployment('web')), { answer: { spec: { replicas: 1 } } }),
    ],
  },
  {
    title: 'takes what client-side apply set for kubectl\'s own',
    since: 22,
    steps: [
      {
        do: 'POST configmaps?fieldManager=kubectl-client-side-apply', save: 'a',
        body: configMap('a', { k: '1' }, { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{"apiVersion":"v1","data":{"k":"1"},"kind":"ConfigMap","metadata":{"annotations":{},"name":"a"}}\n' } }),
      },
      applies('kubectl', 'configmaps/a', configMap('a', { k: '2' }), { answer: { data: { k: '2' } } }),
      updates('other', 'configmaps/a', { data: { k: '3' } }),
      applies('kubectl', 'configmaps/a', configMap('a', { k: '4' }), conflictWith('other', '.data.k')),
    ],
  },
  {
    title: 'forgets all owners of an object whose entries are emptied',
    given: [],
    steps: [
      applies('one', 'configmaps/a', configMap('a', { k: '1' }), { code: 201 }),
      { do: 'PATCH configmaps/a', type: 'merge', body: { metadata: { managedFields: [{}] } }, answer: { metadata: { managedFields: undefined } } },
      applies('two', 'configmaps/a', configMap('a', { k: '1', l: '2' }), owners(['two', 'Apply', data('k', 'l')], ['before-first-apply', 'Update', wholeData('k')])),
      { do: 'PATCH configmaps/a', type: 'json', body: [{ op: 'replace', path: '/metadata/managedFields', value: [{}] }], answer: { metadata: { managedFields: undefined } } },
      applies('three', 'configmaps/a', configMap('a', { k: '1', l: '2' }), owners(['three', 'Apply', data('k', 'l')], ['before-first-apply', 'Update', wholeData('k', 'l')])),
      { do: 'PUT configmaps/a', body: configMap('a', { k: '1' }, { managedFields: [] }), answer: { metadata: { managedFields: undefined } } },
      { do: 'PATCH configmaps/a', type: 'merge', body: { data: { k: '3' } }, answer: { metadata: { managedFields: undefined } } },
    ],
  },
  {
    title: 'ignores entries that are broken and keeps those that were',
    steps: [
      applies('one', 'configmaps/a', configMap('a', { k: '1' }), { code: 201 }),
      { do: 'PATCH configmaps/a', type: 'merge', body: { metadata: { managedFields: [{ manager: 'x', operation: 'Update', apiVersion: 'v1', time: null, fieldsType: 'FieldsV1', fieldsV1: { 'k:{"a"}': {} } }] } }, ...owners(['one', 'Apply', data('k')]) },
    ],
  },
  {
    title: 'applies a status through its own door, and only there',
    since: 22,
    given: [pod('p')],
    steps: [
      applies('one', 'pods/p/status', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, status: { message: 'hi', conditions: [{ type: 'example.com/Gate', status: 'True' }] } }, {
        answer: { status: { message: 'hi', phase: 'Pending' } },
        also: ({ body }) => expect((body as { metadata: { managedFields: Entry[] } }).metadata.managedFields.find(({ manager }) => manager === 'one')).toMatchObject({
          operation: 'Apply', subresource: 'status', fieldsV1: { 'f:status': { 'f:message': {}, 'f:conditions': { 'k:{"type":"example.com/Gate"}': { '.': {}, 'f:type': {}, 'f:status': {} } } } },
        }),
      }),
      applies('one', 'pods/p/status', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, status: { message: 'ho' } }, { answer: { status: { message: 'ho', phase: 'Pending' } } }),
      applies('two', 'pods/p', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', labels: { l: 'v' } }, status: { message: 'not here' } }, { answer: { metadata: { labels: { l: 'v' } }, status: { message: 'ho' } } }),
      applies('one', 'pods/none/status', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'none' }, status: { message: 'hi' } }, { code: 404 }),
    ],
  },
  {
    title: 'applies replicas through scale, and notes that as scale\'s',
    since: 22,
    steps: [
      applies('one', 'apps/v1/deployments/web', deployment('web', { replicas: 0 }), { code: 201 }),
      applies('scaler', 'apps/v1/deployments/web/scale', { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'web' }, spec: { replicas: 2 } }, conflictWith('one', '.spec.replicas')),
      applies('scaler', 'apps/v1/deployments/web/scale', { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'web' }, spec: { replicas: 2 } }, {
        force: true, answer: { kind: 'Scale', spec: { replicas: 2 } },
      }),
      {
        do: 'GET apps/v1/deployments/web', answer: { spec: { replicas: 2 } },
        also: ({ body }) => expect((body as { metadata: { managedFields: Entry[] } }).metadata.managedFields).toContainEqual(expect.objectContaining({ manager: 'scaler', operation: 'Apply', subresource: 'scale', apiVersion: 'apps/v1', fieldsV1: replicas })),
      },
      applies('one', 'apps/v1/deployments/web', deployment('web', { replicas: 0 }), conflictWith('scaler', '.spec.replicas')),
      applies('scaler', 'apps/v1/deployments/web/scale', { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' } }, { code: 400, answer: { reason: 'BadRequest' } }),
      applies('scaler', 'apps/v1/deployments/none/scale', { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'none' }, spec: { replicas: 2 } }, { code: 404 }),
    ],
  },
  {
    title: 'notes an update through scale and status with the door it came by',
    since: 22,
    given: [deployment('web')],
    steps: [
      updates('scaler', 'apps/v1/deployments/web/scale', { spec: { replicas: 1 } }, { answer: { kind: 'Scale', spec: { replicas: 1 } } }),
      updates('tester', 'apps/v1/deployments/web/status', { status: { collisionCount: 1 } }),
      {
        do: 'GET apps/v1/deployments/web',
        also: ({ body }) => {
          const { managedFields } = (body as { metadata: { managedFields: Entry[] } }).metadata
          expect(managedFields).toContainEqual(expect.objectContaining({ manager: 'scaler', operation: 'Update', subresource: 'scale', fieldsV1: replicas }))
          expect(managedFields).toContainEqual(expect.objectContaining({ manager: 'tester', operation: 'Update', subresource: 'status', fieldsV1: { 'f:status': { 'f:collisionCount': {} } } }))
        },
      },
    ],
  },
  {
    title: 'keeps one entry of a manager for apply and one for updates',
    steps: [
      applies('one', 'configmaps/a', configMap('a', { k: '1' }), { code: 201 }),
      updates('one', 'configmaps/a', { data: { l: '2' } }, owners(['one', 'Apply', data('k')], ['one', 'Update', data('l')])),
    ],
  },
  {
    title: 'keeps only so many entries of those who updated',
    steps: [
      { do: 'POST configmaps?fieldManager=maker', body: configMap('a', { k: '0' }) },
      ...Array.from({ length: 12 }, (_, i) => updates(`u${i}`, 'configmaps/a', { data: { [`k${i}`]: '1' } })),
      {
        do: 'GET configmaps/a',
        also: ({ body }) => {
          const { managedFields } = (body as { metadata: { managedFields: Entry[] } }).metadata
          expect(managedFields.length).toBeLessThanOrEqual(11)
          expect(managedFields.map(({ manager }) => manager)).toContain('ancient-changes')
        },
      },
    ],
  },
  {
    title: 'leaves the owners of what a deployment\'s generation counts alone when nothing changes',
    steps: [
      applies('one', 'apps/v1/deployments/web', deployment('web'), { code: 201, save: 'web' }),
      applies('one', 'apps/v1/deployments/web', deployment('web'), { answer: { metadata: { generation: 1 } } }),
      updates('two', 'apps/v1/deployments/web', { spec: { replicas: 0 } }, { answer: { metadata: { generation: 1 } } }),
    ],
  },
])
