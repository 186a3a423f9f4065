import { parse } from 'yaml'
import { describe, expect, it } from 'vitest'
import { sameButTimes } from '../../src-main/api/managed-fields/entries.ts'
import { resetFields } from '../../src-main/api/managed-fields/reset-fields.ts'
import type { UpdateToTrack } from '../../src-main/api/managed-fields/track.ts'
import { managerOf, trackUpdate } from '../../src-main/api/managed-fields/track.ts'
import { pathsOf, parseFields } from '../../src-main/api/managed-fields/fields-v1.ts'
import { deployment } from '../../src-main/kinds/apps/deployment.ts'
import type { ManagedFieldsEntry } from '../../src-main/kinds/generated/types.ts'
import type { KubeObject } from '../../src-main/kinds/meta.ts'
import { prepared } from '../kinds/prepared.ts'

const nginx = `
metadata: { labels: { app: nginx } }
spec:
  replicas: 3
  selector: { matchLabels: { app: nginx } }
  template:
    metadata: { labels: { app: nginx } }
    spec: { containers: [{ name: nginx, image: 'nginx:1.14.2', resources: {} }] }
`
const web = (): KubeObject & { spec: { replicas: number; [name: string]: unknown } } => prepared(deployment, nginx) as never
const start = Date.UTC(2026, 0, 1)
const [first, second] = ['2026-01-01T00:00:00Z', '2026-01-01T00:00:10Z']

type Write = Partial<UpdateToTrack> & Pick<UpdateToTrack, 'updated'>
const track = (write: Write) => trackUpdate({ schema: deployment.schema, apiVersion: 'apps/v1', manager: 'kubectl', now: start, ...write })
const owned = (entries: ManagedFieldsEntry[] | undefined): Record<string, string[]> =>
  Object.fromEntries((entries ?? []).map((entry) => [`${entry.manager} ${entry.operation}${entry.subresource ? ` ${entry.subresource}` : ''}`, pathsOf(parseFields(entry.fieldsV1)!)]))
const created = () => track({ updated: web() })!

describe('the owners after an update', () => {
  it('give a creation to its manager, in the words of Kubernetes', () => {
    const expected: unknown = parse(`
      f:metadata: { f:labels: { '.': {}, f:app: {} } }
      f:spec:
        f:progressDeadlineSeconds: {}
        f:replicas: {}
        f:revisionHistoryLimit: {}
        f:selector: {}
        f:strategy: { f:rollingUpdate: { '.': {}, f:maxSurge: {}, f:maxUnavailable: {} }, f:type: {} }
        f:template:
          f:metadata: { f:labels: { '.': {}, f:app: {} } }
          f:spec:
            f:containers:
              'k:{"name":"nginx"}': { '.': {}, f:image: {}, f:imagePullPolicy: {}, f:name: {}, f:resources: {}, f:terminationMessagePath: {}, f:terminationMessagePolicy: {} }
            f:dnsPolicy: {}
            f:restartPolicy: {}
            f:schedulerName: {}
            f:securityContext: {}
            f:terminationGracePeriodSeconds: {}`)
    expect(created()).toEqual([{ manager: 'kubectl', operation: 'Update', apiVersion: 'apps/v1', time: first, fieldsType: 'FieldsV1', fieldsV1: expected }])
  })

  it('move a changed field to the manager that changed it, and the time of nobody else', () => {
    const next = web()
    next.spec.replicas = 5
    const entries = track({ old: web(), updated: next, managed: created(), manager: 'hpa', now: start + 10_000 })!
    expect(entries.map(({ manager, time }) => [manager, time])).toEqual([['kubectl', first], ['hpa', second]])
    expect(owned(entries)['hpa Update']).toEqual(['.spec.replicas'])
    expect(owned(entries)['kubectl Update']).not.toContain('.spec.replicas')
  })

  it('leave a removed field to nobody, without moving a time', () => {
    const next = web()
    delete next.metadata.labels
    const entries = track({ old: web(), updated: next, managed: created(), manager: 'other', now: start + 10_000 })!
    expect(entries.map(({ manager, time }) => [manager, time])).toEqual([['kubectl', first]])
    expect(owned(entries)['kubectl Update']!.filter((path) => path.startsWith('.metadata'))).toEqual([])
  })

  it('stay as they are, entry by entry, when nothing changed', () => {
    const managed = created()
    const entries = track({ old: web(), updated: { ...web(), metadata: { ...web().metadata, resourceVersion: '7', generation: 9 } }, managed, now: start + 10_000 })!
    expect(entries[0]).toBe(managed[0])
  })

  it('drop an owner who lost everything', () => {
    const old = { ...web(), metadata: { ...web().metadata, annotations: { note: 'a' } } }
    const next = { ...web(), metadata: { ...web().metadata, annotations: { note: 'b' } } }
    const managed = track({ old: web(), updated: old, managed: created(), manager: 'noter' })
    expect(Object.keys(owned(managed))).toEqual(['kubectl Update', 'noter Update'])
    const taken = track({ old, updated: next, managed, manager: 'taker', now: start + 10_000 })
    expect(owned(taken)['noter Update']).toEqual(['.metadata.annotations'])
    expect(owned(track({ old: next, updated: web(), managed: taken, manager: 'x' }))).toEqual(owned(created()))
  })

  it('tell versions and subresources of one manager apart', () => {
    const next = { ...web(), status: { replicas: 1, conditions: [{ type: 'Available', status: 'True' }] } } as KubeObject
    const entries = track({ old: web(), updated: next, managed: created(), subresource: 'status', now: start + 10_000 })!
    expect(owned(entries)['kubectl Update status']).toEqual([
      '.status.conditions', '.status.replicas', '.status.conditions[type="Available"]', '.status.conditions[type="Available"].status', '.status.conditions[type="Available"].type',
    ])
    expect(entries[1]).toMatchObject({ subresource: 'status', time: second })
  })

  it('ignore status through the main door and spec through the status door', () => {
    const next = { ...web(), status: { replicas: 1 } } as unknown as ReturnType<typeof web>
    expect(track({ old: web(), updated: next, managed: created() })).toEqual(created())
    next.spec.replicas = 9
    expect(owned(track({ old: web(), updated: next, managed: created(), manager: 's', subresource: 'status' }))['s Update status']).toEqual(['.status.replicas'])
  })

  it('own with a new item also what Kubernetes writes as null in it', () => {
    const next = web() as unknown as KubeObject & { status: object }
    next.status = { conditions: [{ type: 'Available', status: 'True', lastTransitionTime: null, lastUpdateTime: null }] }
    const fields = owned(track({ old: web(), updated: next, managed: created(), manager: 'm', subresource: 'status' }))['m Update status']
    expect(fields).toEqual(expect.arrayContaining(['.status.conditions[type="Available"].lastTransitionTime', '.status.conditions[type="Available"].lastUpdateTime']))
  })

  const sameSecond = (names: string[]) => names.map((manager): ManagedFieldsEntry => ({ manager, operation: 'Update', apiVersion: 'apps/v1', time: first, fieldsType: 'FieldsV1', fieldsV1: { 'f:x': {} } }))

  it('stand in the order of operation, time and name', () => {
    const applied: ManagedFieldsEntry = { ...sameSecond(['zed'])[0]!, operation: 'Apply', time: second }
    const next = web()
    next.spec.replicas = 5
    const entries = track({ old: web(), updated: next, managed: [...sameSecond(['b', 'a']), applied], manager: 'c' })!
    expect(entries.map(({ manager }) => manager)).toEqual(['zed', 'a', 'b', 'c'])
  })

  it('are ten updaters at most: the oldest become ancient-changes', () => {
    let managed: ManagedFieldsEntry[] | undefined = created()
    let old = web()
    for (let i = 0; i < 12; i++) {
      const updated = web()
      updated.metadata.annotations = { ...old.metadata.annotations, [`note-${i}`]: 'x' }
      managed = track({ old, updated, managed, manager: `m${i}`, now: start + (i + 1) * 1000 })
      old = updated
    }
    const found = owned(managed)
    expect(Object.keys(found)).toEqual(['ancient-changes Update', ...[3, 4, 5, 6, 7, 8, 9, 10, 11].map((i) => `m${i} Update`)])
    expect(found['ancient-changes Update']).toEqual(expect.arrayContaining(['.spec.replicas', '.metadata.annotations.note-2']))
    expect(managed![0]).toMatchObject({ time: '2026-01-01T00:00:03Z' })
  })

  const next = () => Object.assign(web(), { spec: { ...web().spec, replicas: 5 } })
  it.each([['an empty list', []], ['one empty entry', [{}]]])('are forgotten when a client sends %s, until somebody applies', (_, sent) => {
    expect(track({ old: web(), updated: next(), managed: created(), sent })).toBeUndefined()
    expect(track({ old: web(), updated: next(), managed: undefined })).toBeUndefined()
  })

  it.each([
    ['nothing', undefined], ['null', null], ['what is no list', 'x'], ['an entry of no operation', [{ manager: 'x', apiVersion: 'v1', fieldsType: 'FieldsV1' }]],
    ['an entry of other fields', [{ operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV2' }]],
  ])('are the stored ones when a client sends %s', (_, sent) => {
    expect(track({ old: web(), updated: web(), managed: created(), sent })).toEqual(created())
  })

  it('are what a client edited them to, except through a subresource', () => {
    const [entry] = created()
    const sent = [{ ...entry, manager: 'renamed' }]
    expect(Object.keys(owned(track({ old: web(), updated: web(), managed: created(), sent })))).toEqual(['renamed Update'])
    expect(Object.keys(owned(track({ old: web(), updated: web(), managed: created(), sent, subresource: 'status' })))).toEqual(['kubectl Update'])
  })

  it('may differ in their times alone, whatever their order', () => {
    const [entry] = created()
    const other = { ...entry!, manager: 'other' }
    expect(sameButTimes([entry!, other], [{ ...other, time: second }, entry!])).toBe(true)
    expect(sameButTimes([entry!, other], [entry!])).toBe(false)
    expect(sameButTimes([entry!], [{ ...entry!, fieldsV1: {} }])).toBe(false)
    expect(sameButTimes(undefined, undefined)).toBe(true)
  })

  it('own status where it has no door of its own, and through a door that writes a part of it', () => {
    const approved = { ...web(), status: { conditions: [{ type: 'Approved', status: 'True' }] } } as KubeObject
    const statusOf = (more: Partial<UpdateToTrack>) =>
      owned(track({ old: web(), updated: approved, manager: 'm', managed: created(), ...more }))[`m Update${more.subresource ? ` ${more.subresource}` : ''}`]
    expect(statusOf({})).toBeUndefined()
    expect(statusOf({ ignored: resetFields(false) })).toContain('.status.conditions')
    expect(statusOf({ subresource: 'approval' })).toContain('.status.conditions')
  })

  it('follow items that come twice and once again', () => {
    const env = (...values: string[]) => prepared(deployment, nginx.replace('resources: {}', `env: ${JSON.stringify(values.map((value) => ({ name: 'X', value })))}`))
    const at = '.spec.template.spec.containers[name="nginx"].env[name="X"]'
    const envOf = (entries: ManagedFieldsEntry[] | undefined, who: string) => owned(entries)[`${who} Update`]?.filter((path) => path.startsWith(at))
    const once = track({ updated: env('1') })
    const twice = track({ old: env('1'), updated: env('1', '2'), managed: once, manager: 'b' })
    expect([envOf(twice, 'kubectl'), envOf(twice, 'b')]).toEqual([[], [at]])
    const again = track({ old: env('1', '2'), updated: env('2'), managed: twice, manager: 'c' })
    expect([envOf(again, 'b'), envOf(again, 'c')]).toEqual([undefined, [at, `${at}.name`, `${at}.value`]])
  })
})

describe('the name of a manager', () => {
  it.each([
    ['the request says', 'me', 'kubectl/v1.30', 'me'],
    ['the User-Agent names first', undefined, 'kubectl/v1.30 (linux/amd64)', 'kubectl'],
    ['nobody says', undefined, undefined, 'unknown'],
    ['the User-Agent leaves open', undefined, '/1.0', 'unknown'],
    ['is printable', undefined, 'a\u0000b\tc/1', 'abc'],
    ['is cut at 128 bytes', undefined, 'é'.repeat(100), 'é'.repeat(64)],
  ])('%s', (_, manager, agent, expected) => {
    expect(managerOf(manager, agent)).toBe(expected)
  })
})
