import { expect } from 'vitest'
import { mergePatch } from '../../src-main/base/patch.ts'
import { makeRequest } from '../fixtures/certificate-requests.ts'
import type { KindCase, Mistake } from './kind-case.ts'
import { core } from './kinds-core.ts'
import { policies } from './kinds-policy.ts'
import { workloads } from './kinds-workloads.ts'
import type { Ask, Row } from './row.ts'
import { describeSection } from './suite.ts'

const allVerbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']
const table = 'application/json;as=Table;v=v1;g=meta.k8s.io'
const { base64: request } = await makeRequest('CN=jane')

const csr: Partial<KindCase> = {
  least: { spec: { request, signerName: 'example.com/none', usages: ['digital signature'] } },
  filled: { spec: { username: /.+/, groups: expect.arrayContaining(['system:authenticated']) as unknown } },
  mistake: { merge: { spec: { usages: ['flying'] } }, causes: [['spec.usages[0]', 'FieldValueNotSupported', /^Unsupported value: "flying"/]] },
}
const computed: readonly KindCase[] = [
  { resource: 'metrics.k8s.io/v1beta1/nodes', kind: 'NodeMetrics', since: 1000, namespaced: false, verbs: ['get', 'list'], least: {} },
  { resource: 'metrics.k8s.io/v1beta1/pods', kind: 'PodMetrics', since: 1000, verbs: ['get', 'list'], least: {} },
]
const cases = [...core, ...workloads, ...policies, ...computed].map((each) => (each.kind === 'CertificateSigningRequest' ? { ...each, ...csr } : each))

const groupVersionOf = ({ resource }: KindCase): string => resource.slice(0, resource.lastIndexOf('/'))
const pluralOf = ({ resource }: KindCase): string => resource.slice(resource.lastIndexOf('/') + 1)
const rootOf = (groupVersion: string): string => (groupVersion === 'v1' ? '/api/v1' : `/apis/${groupVersion}`)
const placeOf = (each: KindCase): string => `${rootOf(groupVersionOf(each))}/${each.namespaced === false ? '' : 'namespaces/{ns}/'}${pluralOf(each)}`
const nameOf = ({ least }: KindCase): string => least.metadata?.name ?? '{ns}'
/** The suite fills in plain objects only. */
const merged = (object: object, patch: object): object => structuredClone(mergePatch(object, patch)) as object
const created = (each: KindCase): object => merged(each.least, { apiVersion: groupVersionOf(each), kind: each.kind, metadata: { name: nameOf(each) } })

interface Discovered {
  readonly resources: ReadonlyArray<{ readonly name: string; readonly kind: string; readonly namespaced: boolean; readonly verbs: string[]; readonly shortNames?: string[]; readonly categories?: string[] }>
}
const discovered = (answer: { body: unknown }): Discovered['resources'] => (answer.body as Discovered).resources

function serves(each: KindCase): Row {
  const plural = pluralOf(each)
  return {
    title: `serves ${each.resource} with its verbs and names`, since: each.since,
    steps: [{
      do: `GET ${rootOf(groupVersionOf(each))}`,
      also: (answer) => {
        const own = discovered(answer).find(({ name }) => name === plural)
        expect(own && { ...own, verbs: [...own.verbs].sort() }).toMatchObject({
          kind: each.kind, namespaced: each.namespaced !== false,
          ...(each.shortNames ? { shortNames: each.shortNames } : {}), ...(each.categories ? { categories: each.categories } : {}),
        })
        expect([own?.shortNames ?? [], own?.categories ?? []]).toEqual([each.shortNames ?? [], each.categories ?? []])
        expect(allVerbs.filter((verb) => own?.verbs.includes(verb) || verb === 'deletecollection' && plural === 'services')).toEqual(plural === 'services' ? allVerbs : each.verbs ?? allVerbs)
        const below = discovered(answer).map(({ name }) => name).filter((name) => name.startsWith(`${plural}/`)).map((name) => name.slice(plural.length + 1))
        expect(below).toEqual(expect.arrayContaining([...each.subresources ?? []]))
      },
    }],
  }
}

function shows(each: KindCase): Row[] {
  if (!each.columns) return []
  const [narrow, wide] = each.columns.split('|').map((titles) => titles.split(',').map((title) => title.trim()).filter(Boolean))
  return [{
    title: `shows ${each.resource} in the columns that its users know`, since: each.columnsSince ?? each.since,
    steps: [{
      do: `GET ${placeOf(each)}`, headers: { accept: table },
      also: ({ body }) => {
        const { columnDefinitions: columns } = body as { columnDefinitions: Array<{ name: string; priority: number }> }
        const titled = (wanted: boolean) => columns.filter(({ priority }) => priority > 0 === wanted).map(({ name }) => name)
        expect([titled(false), titled(true)]).toEqual([narrow, wide])
      },
    }],
  }]
}

const creates = (each: KindCase): Ask => ({ do: `POST ${placeOf(each)}`, body: created(each), save: 'made' })
const removes = (each: KindCase): Ask[] => (each.namespaced === false ? [{ do: `DELETE ${placeOf(each)}/${nameOf(each)}` }] : [])

/** The object as it was created, with a merge patch on it that must be refused. */
const refused = ({ causes }: Mistake): Pick<Ask, 'code' | 'answer'> => ({
  code: 422,
  answer: { kind: 'Status', reason: 'Invalid', details: { causes: causes.map(([field, reason, message]) => ({ field, reason, message })) } },
})

const isVirtual = ({ verbs }: KindCase): boolean => verbs !== undefined && !verbs.includes('patch')

function lives(each: KindCase): Row[] {
  if (isVirtual(each)) return []
  const filled = each.filled ?? {}
  const rows: Row[] = [{
    title: `creates a ${each.kind} of ${groupVersionOf(each)} from the least that it takes, and fills in the rest`, since: each.filledSince ?? each.since,
    steps: [
      { ...creates(each), answer: { ...filled, metadata: { name: nameOf(each), uid: /^[0-9a-f-]{36}$/, resourceVersion: /^\d+$/, creationTimestamp: /Z$/, ...(filled as { metadata?: object }).metadata } } },
      { do: `GET ${placeOf(each)}/${nameOf(each)}`, answer: { kind: each.kind, apiVersion: groupVersionOf(each) } },
      ...removes(each),
    ],
  }]
  if (each.mistake) {
    rows.push({
      title: `refuses a ${each.kind} of ${groupVersionOf(each)} with a mistake, and says where it is`, since: each.mistake.since ?? each.since,
      steps: [
        { do: `POST ${placeOf(each)}`, body: merged(created(each), each.mistake.merge), ...refused(each.mistake) },
        { do: `GET ${placeOf(each)}/${nameOf(each)}`, code: 404 },
      ],
    })
  }
  if (each.fixed) {
    rows.push({
      title: `lets nobody change what is fixed in a ${each.kind} of ${groupVersionOf(each)}`, since: each.fixed.since ?? each.since,
      steps: [creates(each), { do: `PATCH ${placeOf(each)}/${nameOf(each)}`, type: 'merge', body: each.fixed.merge, ...refused(each.fixed) }, ...removes(each)],
    })
  }
  return rows
}

function separates(each: KindCase): Row[] {
  if (!each.status) return []
  const path = `${placeOf(each)}/${nameOf(each)}`
  const [field = ''] = Object.keys(each.status)
  const [, value] = Object.entries(each.status)[0]!
  return [{
    title: `keeps the status of a ${each.kind} of ${groupVersionOf(each)} apart from the rest`, since: each.since,
    steps: [
      creates(each),
      { do: `PATCH ${path}`, type: 'merge', body: { status: each.status }, also: ({ body }) => expect((body as { status?: Record<string, unknown> }).status?.[field]).not.toEqual(value) },
      { do: `PATCH ${path}/status`, type: 'merge', body: { metadata: { annotations: { seen: 'yes' } }, status: each.status }, answer: { status: each.status, metadata: { generation: '{made.metadata.generation}', ...(each.metadataInStatus === false ? {} : { annotations: { seen: 'yes' } }) } } },
      ...removes(each),
    ],
  }]
}

function counts(each: KindCase): Row[] {
  if (isVirtual(each)) return []
  const path = `${placeOf(each)}/${nameOf(each)}`
  const labelled: Ask = { do: `PATCH ${path}`, type: 'merge', body: { metadata: { labels: { seen: 'yes' } } } }
  if (!each.change) {
    return [{
      title: `counts no generations of a ${each.kind} of ${groupVersionOf(each)}`, since: each.since,
      steps: [{ ...creates(each), answer: { metadata: { generation: undefined } } }, { ...labelled, answer: { metadata: { generation: undefined } } }, ...removes(each)],
    }]
  }
  const labelledGeneration = each.labelsCount ? 2 : 1
  return [{
    title: `counts the generations of a ${each.kind} of ${groupVersionOf(each)}`, since: each.generationSince ?? each.since,
    steps: [
      { ...creates(each), answer: { metadata: { generation: 1 } } },
      { ...labelled, answer: { metadata: { generation: labelledGeneration } } },
      { do: `PATCH ${path}`, type: 'merge', body: each.change, answer: { metadata: { generation: each.changed ?? labelledGeneration + 1 } } },
      ...removes(each),
    ],
  }]
}

const betas = ['autoscaling/v2beta2', 'batch/v1beta1', 'policy/v1beta1', 'networking.k8s.io/v1beta1', 'discovery.k8s.io/v1beta1']

describeSection('kinds', [
  ...[...new Set(cases.map(groupVersionOf))].map((groupVersion): Row => ({
    title: `knows no resource of ${groupVersion} that this table lacks`, since: groupVersion.startsWith('metrics') ? 1000 : 34,
    steps: [{ do: `GET ${rootOf(groupVersion)}`, also: (answer) => {
      const served = discovered(answer).map(({ name }) => name).filter((name) => !name.includes('/')).sort()
      expect(served).toEqual(cases.filter((each) => groupVersionOf(each) === groupVersion).map(pluralOf).sort())
    } }],
  })),
  { title: 'serves the betas that clients may still ask for', since: 1000, steps: betas.map((each) => ({ do: `GET /apis/${each}`, answer: { groupVersion: each } })) },
  ...cases.flatMap((each) => [serves(each), ...shows(each), ...lives(each), ...separates(each), ...counts(each)]),
])
