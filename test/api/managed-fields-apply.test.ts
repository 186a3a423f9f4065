import { parse } from 'yaml'
import { describe, expect, it } from 'vitest'
import { applyPatch, type Applied, type ApplyRequest } from '../../src-main/api/managed-fields/apply.ts'
import { checkApplied, typedPatchError } from '../../src-main/api/managed-fields/check-applied.ts'
import { conflictError } from '../../src-main/api/managed-fields/conflicts.ts'
import { trackUpdate } from '../../src-main/api/managed-fields/track.ts'
import { pathsOf, parseFields } from '../../src-main/api/managed-fields/fields-v1.ts'
import { deployment } from '../../src-main/kinds/apps/deployment.ts'
import { configMap } from '../../src-main/kinds/core/config-map.ts'
import { service } from '../../src-main/kinds/core/service.ts'
import type { ManagedFieldsEntry } from '../../src-main/kinds/generated/types.ts'
import type { AnyKind } from '../../src-main/kinds/kind.ts'
import type { KubeObject } from '../../src-main/kinds/meta.ts'
import type { FieldSchema } from '../../src-main/kinds/schema.ts'

const start = Date.UTC(2026, 0, 1)
type Loose = KubeObject & { data?: Record<string, string>; spec?: Record<string, unknown> }

const wish = (kind: AnyKind, yaml: string): Loose => {
  const { metadata, ...rest } = parse(yaml) as Partial<Loose>
  return { apiVersion: kind.apiVersion, kind: kind.kind, metadata: { name: 'web', namespace: 'default', ...metadata }, ...rest }
}

/** An object that several managers write to, each write stored. */
function story(kind: AnyKind) {
  let live: Loose | undefined
  let managed: ManagedFieldsEntry[] | undefined
  let now = start
  const step = (yaml: string) => ({ schema: kind.schema, apiVersion: kind.apiVersion, managed, now: (now += 1000), object: wish(kind, yaml) })
  const attempt = (manager: string, yaml: string, more: Partial<ApplyRequest> = {}) => {
    const { object, ...request } = step(yaml)
    return applyPatch({ ...request, live, applied: object, manager, ...more })
  }
  return {
    apply(manager: string, yaml: string, more: Partial<ApplyRequest> = {}): Applied {
      const outcome = attempt(manager, yaml, more)
      if ('conflicts' in outcome) throw conflictError(outcome.conflicts)
      live = { ...outcome.object, metadata: { ...outcome.object.metadata, uid: 'u' } }
      managed = outcome.managedFields
      return outcome
    },
    update(manager: string, yaml: string, subresource?: string): void {
      const { object, ...request } = step(yaml)
      const updated = { ...object, metadata: { ...object.metadata, uid: 'u' } }
      managed = trackUpdate({ ...request, old: live, updated, manager, subresource })
      live = updated
    },
    forget(): void {
      managed = undefined
    },
    conflicts(manager: string, yaml: string) {
      const outcome = attempt(manager, yaml)
      return 'conflicts' in outcome ? outcome.conflicts : []
    },
    get live(): Loose {
      return live!
    },
    get managed(): ManagedFieldsEntry[] {
      return managed!
    },
    paths: (manager: string): string[] =>
      (managed ?? []).filter((entry) => entry.manager === manager).flatMap((entry) => pathsOf(parseFields(entry.fieldsV1)!)),
  }
}

describe('apply', () => {
  it('creates, and its manager owns what it said and nothing else', () => {
    const cm = story(configMap)
    const { unchanged } = cm.apply('a', 'data: { x: "1" }')
    expect(unchanged).toBe(false)
    expect(cm.live).toMatchObject({ data: { x: '1' } })
    expect(cm.managed).toEqual([{ manager: 'a', operation: 'Apply', apiVersion: 'v1', time: '2026-01-01T00:00:01Z', fieldsType: 'FieldsV1', fieldsV1: { 'f:data': { 'f:x': {} } } }])
  })

  it('changes nothing the second time, not even the time', () => {
    const cm = story(configMap)
    cm.apply('a', 'data: { x: "1" }')
    const before = cm.managed
    expect(cm.apply('a', 'data: { x: "1" }').unchanged).toBe(true)
    expect(cm.managed).toEqual(before)
  })

  it('removes what its manager no longer says, and leaves what others own', () => {
    const cm = story(configMap)
    cm.apply('a', 'data: { x: "1", y: "2", z: "3" }')
    cm.apply('b', 'data: { y: "2" }')
    cm.update('c', 'data: { x: "1", y: "2", z: "3", w: "4" }')
    cm.apply('a', 'data: { x: "1" }')
    expect(cm.live.data).toEqual({ x: '1', y: '2', w: '4' })
    expect([cm.paths('a'), cm.paths('b'), cm.paths('c')]).toEqual([['.data.x'], ['.data.y'], ['.data.w']])
  })

  it('removes a map with its last key', () => {
    const cm = story(configMap)
    cm.apply('a', '{ metadata: { labels: { l: "1" } }, data: { x: "1" } }')
    cm.apply('a', 'metadata: {}')
    expect([cm.live.data, cm.live.metadata.labels]).toEqual([undefined, undefined])
    expect(cm.managed).toBeUndefined()
  })

  it('shares a field of equal value, and either owner may leave it', () => {
    const cm = story(configMap)
    cm.apply('a', 'data: { x: "1" }')
    cm.apply('b', 'data: { x: "1" }')
    expect([cm.paths('a'), cm.paths('b')]).toEqual([['.data.x'], ['.data.x']])
    cm.apply('a', 'metadata: {}')
    expect(cm.live.data).toEqual({ x: '1' })
    expect([cm.paths('a'), cm.paths('b')]).toEqual([[], ['.data.x']])
  })

  it('conflicts with another owner of another value, applier or updater', () => {
    const d = story(deployment)
    d.update('kubectl-client-side-apply', 'spec: { replicas: 3 }')
    expect(d.conflicts('a', 'spec: { replicas: 5 }')).toEqual([{ manager: 'kubectl-client-side-apply', operation: 'Update', apiVersion: 'apps/v1', field: '.spec.replicas' }])
    expect(d.conflicts('a', 'spec: { replicas: 3 }')).toEqual([])
    expect(d.live.spec).toEqual({ replicas: 3 })
  })

  it('takes conflicting fields by force, and only those', () => {
    const d = story(deployment)
    d.apply('a', 'spec: { replicas: 3, paused: true }')
    d.apply('b', 'spec: { replicas: 5 }', { force: true })
    expect(d.live.spec).toEqual({ replicas: 5, paused: true })
    expect([d.paths('a'), d.paths('b')]).toEqual([['.spec.paused'], ['.spec.replicas']])
  })

  it('has no conflict over a field that everybody gave up', () => {
    const d = story(deployment)
    d.update('a', 'spec: { replicas: 3, paused: true }')
    d.update('a', 'spec: { paused: true }')
    expect(d.conflicts('b', 'spec: { replicas: 5 }')).toEqual([])
  })

  it('owns an atomic list as one', () => {
    const d = story(deployment)
    const args = (...list: string[]) => `spec: { template: { spec: { containers: [{ name: web, args: ${JSON.stringify(list)} }] } } }`
    d.apply('a', args('x'))
    expect(d.conflicts('b', args('x', 'y')).map(({ field }) => field)).toEqual(['.spec.template.spec.containers[name="web"].args'])
    d.apply('a', args('y'))
    expect(d.live.spec).toEqual(parse(args('y')).spec)
  })

  it('merges items by key, and removes an item that nobody owns any more', () => {
    const d = story(deployment)
    const containers = (text: string) => `spec: { template: { spec: { containers: ${text} } } }`
    const live = () => (d.live.spec as { template: { spec: { containers: unknown } } }).template.spec.containers
    d.apply('a', containers('[{ name: web, image: i }, { name: log, image: l }]'))
    d.apply('b', containers('[{ name: web, tty: true }]'))
    expect(live()).toEqual([{ name: 'web', image: 'i', tty: true }, { name: 'log', image: 'l' }])
    d.apply('a', containers('[{ name: log, image: l }]'))
    expect(live()).toEqual([{ name: 'web', tty: true }, { name: 'log', image: 'l' }])
    d.apply('b', 'spec: {}')
    expect(live()).toEqual([{ name: 'log', image: 'l' }])
  })

  it('finds the item of a key that the applied one leaves to its default', () => {
    const s = story(service)
    s.update('a', 'spec: { ports: [{ port: 80, protocol: TCP, targetPort: 80 }, { port: 80, protocol: UDP }] }')
    s.apply('b', 'spec: { ports: [{ port: 80, name: http }] }')
    expect(s.live.spec).toEqual({ ports: [{ port: 80, protocol: 'TCP', targetPort: 80, name: 'http' }, { port: 80, protocol: 'UDP' }] })
    expect(s.paths('b')).toEqual(['.spec.ports[port=80,protocol="TCP"]', '.spec.ports[port=80,protocol="TCP"].name', '.spec.ports[port=80,protocol="TCP"].port'])
  })

  it.each([
    [['a', 'b', 'c'], ['x', 'b'], ['a', 'x', 'b', 'c']],
    [['a', 'b'], ['b', 'a'], ['b', 'a']],
    [['c'], ['x'], ['c', 'x']],
    [['a', 'c', 'b'], ['b', 'x', 'a'], ['c', 'b', 'x', 'a']],
    [['a', 'b', 'd'], ['b', 'x', 'a'], ['b', 'd', 'x', 'a']],
    [['a', 'b', 'c'], ['c', 'd'], ['a', 'b', 'c', 'd']],
  ])('puts the live items %j and the applied %j in the order %j', (live, applied, expected) => {
    const cm = story(configMap)
    cm.update('u', JSON.stringify({ metadata: { finalizers: live } }))
    cm.apply('a', JSON.stringify({ metadata: { finalizers: applied } }))
    expect(cm.live.metadata.finalizers).toEqual(expected)
  })

  it('replaces items that are there twice, and keeps those of other names', () => {
    const d = story(deployment)
    const env = (text: string) => `spec: { template: { spec: { containers: [{ name: web, env: ${text} }] } } }`
    d.update('u', env('[{ name: X, value: a }, { name: Y, value: b }, { name: X, value: c }]'))
    d.apply('a', env('[{ name: X, value: d }]'), { force: true })
    expect(d.live.spec).toEqual(parse(env('[{ name: X, value: d }, { name: Y, value: b }]')).spec)
  })

  it('leaves what an untracked object has got so far to before-first-apply', () => {
    const cm = story(configMap)
    cm.update('u', 'data: { x: "1", y: "2" }')
    cm.forget()
    expect(cm.conflicts('a', 'data: { x: "9" }')).toMatchObject([{ manager: 'before-first-apply', operation: 'Update', field: '.data.x' }])
    cm.apply('a', 'data: { x: "1" }')
    expect(cm.paths('before-first-apply')).toEqual(['.data', '.data.x', '.data.y'])
  })

  it('tells the status door from the main one', () => {
    const d = story(deployment)
    d.apply('a', '{ spec: { replicas: 1 }, status: { replicas: 1 } }')
    expect(d.paths('a')).toEqual(['.spec.replicas'])
    d.apply('a', '{ spec: { replicas: 1 }, status: { replicas: 2 } }', { subresource: 'status' })
    expect(d.managed.map(({ subresource, fieldsV1 }) => [subresource, fieldsV1])).toEqual([
      [undefined, { 'f:spec': { 'f:replicas': {} } }], ['status', { 'f:status': { 'f:replicas': {} } }],
    ])
  })

  it('lets kubectl take over what its client-side apply set, and nothing that changed since', () => {
    const d = story(deployment)
    const annotation = (replicas: number) => ({ 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(wish(deployment, `spec: { replicas: ${replicas} }`)) })
    const annotated = (replicas: number, said: number) => JSON.stringify({ metadata: { annotations: annotation(said) }, spec: { replicas } })
    d.update('kubectl-client-side-apply', annotated(3, 3))
    expect(d.conflicts('other', 'spec: { replicas: 5 }')).toHaveLength(1)
    d.apply('kubectl', 'spec: { replicas: 5 }')
    expect(d.live.spec).toEqual({ replicas: 5 })
    expect(d.live.metadata.annotations!['kubectl.kubernetes.io/last-applied-configuration']).toBe(
      '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"default"},"spec":{"replicas":5}}\n',
    )
    d.update('hpa', annotated(7, 5))
    expect(d.conflicts('kubectl', 'spec: { replicas: 5 }')).toMatchObject([{ manager: 'hpa', field: '.spec.replicas' }])
  })

  it('keeps the names of a prototype as data', () => {
    const cm = story(configMap)
    cm.update('u', '{ "data": { "a": "1" } }')
    const hostile = JSON.parse('{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"web"},"data":{"__proto__":"x","constructor":"y"}}') as KubeObject
    const outcome = applyPatch({ schema: configMap.schema, apiVersion: 'v1', live: cm.live, managed: cm.managed, applied: hostile, manager: 'h', now: start }) as Applied
    expect(JSON.stringify((outcome.object as Loose).data)).toBe('{"a":"1","__proto__":"x","constructor":"y"}')
    expect(({} as Record<string, unknown>).x).toBeUndefined()
  })

  it('merges and prunes maps of a type that nobody described', () => {
    const kind = { ...configMap, schema: 'example.com.Unknown' }
    const widget = story(kind)
    widget.apply('a', 'spec: { deep: { x: 1, y: 2 }, list: [1, 2] }')
    widget.apply('b', 'spec: { deep: { z: 3 } }')
    widget.apply('a', 'spec: { deep: { x: 1 }, list: [2] }')
    expect(widget.live.spec).toEqual({ deep: { x: 1, z: 3 }, list: [2] })
  })
})

describe('a conflict', () => {
  it('is told as Kubernetes tells one', () => {
    const { status } = conflictError([{ manager: 'kubectl-client-side-apply', operation: 'Update', apiVersion: 'apps/v1', field: '.spec.replicas' }])
    expect(status).toMatchObject({
      code: 409, reason: 'Conflict', status: 'Failure',
      message: 'Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using apps/v1: .spec.replicas',
      details: { causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "kubectl-client-side-apply" using apps/v1', field: '.spec.replicas' }] },
    })
  })

  it('is told with others by manager', () => {
    const d = story(deployment)
    d.apply('a', 'spec: { replicas: 3, paused: true }')
    d.update('b', 'spec: { replicas: 3, paused: true, minReadySeconds: 4 }')
    d.update('c', '{ spec: { replicas: 3, paused: true, minReadySeconds: 4 }, metadata: { labels: { x: y } } }', 'scale')
    const conflicts = d.conflicts('z', '{ spec: { replicas: 5, paused: false, minReadySeconds: 5 }, metadata: { labels: { x: z } } }')
    expect(conflictError(conflicts).message).toBe(
      'Apply failed with 4 conflicts: conflicts with "a":\n- .spec.paused\n- .spec.replicas\nconflicts with "b" using apps/v1:\n- .spec.minReadySeconds\nconflicts with "c" with subresource "scale" using apps/v1:\n- .metadata.labels.x',
    )
  })
})

describe('an applied object', () => {
  const mistakes = (yaml: string) => checkApplied(deployment.schema, wish(deployment, yaml))
  const containers = (text: string) => `spec: { template: { spec: { containers: ${text} } } }`
  const at = '.spec.template.spec.containers'

  it.each([
    ['a field that the type lacks', 'spec: { replica: 1 }', '.spec.replica: field not declared in schema'],
    ['text for a number', 'spec: { replicas: "1" }', '.spec.replicas: expected numeric (int or float), got string'],
    ['a number for text', containers('[{ name: web, env: [{ name: PORT, value: 80 }] }]'), `${at}[name="web"].env[name="PORT"].value: expected string, got &value.valueUnstructured{Value:80}`],
    ['a list for a map', 'spec: []', '.spec: expected map, got &{[]}'],
    ['a map for a list', containers('{ name: web }'), `${at}: expected list, got &{map[name:web]}`],
    ['an item twice', containers('[{ name: web }, { name: web }]'), `${at}: duplicate entries for key [name="web"]`],
    ['a null item', containers('[null]'), `${at}: element 0: associative list with keys may not have a null element`],
  ])('may not have %s', (_, yaml, sentence) => {
    expect(mistakes(yaml)).toEqual([sentence])
  })

  it('may have an item without any of its keys only where one of them has a default, as all of built-in types have', () => {
    const pair: FieldSchema = { type: 'array', listType: 'map', listMapKeys: ['a', 'b'], items: { type: 'object', ref: 'Item' } }
    const shapes = { types: { List: { fields: { pairs: pair } }, Item: { fields: { a: { type: 'string' }, b: { type: 'string' } } } } } as const
    const sentence = '.pairs: element 1: associative list with keys has an element that omits all key fields ["a" "b"] (and doesn\'t have default values for any key fields)'
    expect(checkApplied('List', { pairs: [{ b: 'x' }, {}] }, shapes)).toEqual([sentence])
    expect(mistakes(containers('[{ image: i }]'))).toEqual([])
  })

  it('may have quantities, ports and times of either type', () => {
    expect(mistakes(containers('[{ name: web, resources: { limits: { cpu: 1, memory: 1Gi } }, livenessProbe: { httpGet: { port: http } } }]'))).toEqual([])
  })

  it('is refused with a 500 that has no reason, as Kubernetes does', () => {
    const error = typedPatchError(wish(deployment, 'spec: {}'), ['.spec.x: field not declared in schema', '.y: field not declared in schema'])
    expect(error.status).toMatchObject({
      code: 500,
      message: 'failed to create typed patch object (default/web; apps/v1, Kind=Deployment): errors:\n  .spec.x: field not declared in schema\n  .y: field not declared in schema',
    })
  })
})
