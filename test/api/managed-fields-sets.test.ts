import { describe, expect, it } from 'vitest'
import { below, difference, differenceBelow, emptySet, has, intersection, isSameSet, leaves, setOf, union } from '../../src-main/api/managed-fields/field-set.ts'
import { fieldsOf } from '../../src-main/api/managed-fields/fields-of.ts'
import { formatFields, parseFields, pathsOf } from '../../src-main/api/managed-fields/fields-v1.ts'
import { builtIn } from '../../src-main/api/managed-fields/shapes.ts'
import { schemas } from '../../src-main/kinds/schemas.ts'

const spec = 'f:spec'
const web = 'k:{"name":"web"}'

const operations: ReadonlyArray<readonly [string, (a: ReturnType<typeof setOf>, b: ReturnType<typeof setOf>) => ReturnType<typeof setOf>, string[][], string[][], string[][]]> = [
  ['a union has the fields of both', union, [[spec, 'f:a']], [[spec, 'f:b'], ['f:x']], [[spec, 'f:a'], [spec, 'f:b'], ['f:x']]],
  ['an intersection has what both have', intersection, [[spec], [spec, 'f:a'], [spec, 'f:b']], [[spec, 'f:a'], ['f:x']], [[spec, 'f:a']]],
  ['an intersection of a parent and its child is empty', intersection, [[spec]], [[spec, 'f:a']], []],
  ['a difference leaves the children of a parent that goes', difference, [[spec], [spec, 'f:a']], [[spec]], [[spec, 'f:a']]],
  ['a difference leaves a parent whose child goes', difference, [[spec], [spec, 'f:a']], [[spec, 'f:a']], [[spec]]],
  ['a difference with what is below takes children along', differenceBelow, [[spec], [spec, 'f:a'], ['f:x']], [[spec]], [['f:x']]],
]

describe('a set of fields', () => {
  it.each(operations)('%s', (_, operation, a, b, expected) => {
    expect(pathsOf(operation(setOf(...a), setOf(...b)))).toEqual(pathsOf(setOf(...expected)))
    expect(isSameSet(operation(setOf(...a), setOf(...b)), setOf(...expected))).toBe(true)
  })

  it('is returned itself by an operation that changes nothing', () => {
    const set = setOf([spec, 'f:a'], [spec, 'f:b'])
    expect(union(set, setOf([spec, 'f:a']))).toBe(set)
    expect(difference(set, setOf(['f:x'], [spec]))).toBe(set)
    expect(differenceBelow(set, emptySet)).toBe(set)
  })

  it('knows its leaves, its members and what is below a path', () => {
    const set = setOf([spec], [spec, 'f:a'], ['f:x'])
    expect(pathsOf(leaves(set))).toEqual(['.x', '.spec.a'])
    expect([has(set, [spec]), has(set, [spec, 'f:b']), has(set, [])]).toEqual([true, false, false])
    expect(pathsOf(below(set, [spec]))).toEqual(['.a'])
    expect(below(set, ['f:nowhere', 'f:a'])).toBe(emptySet)
  })
})

describe('fieldsV1', () => {
  const text = {
    'f:metadata': { 'f:finalizers': { '.': {}, 'v:"a/b"': {} } },
    'f:spec': { 'f:containers': { [web]: { '.': {}, 'f:image': {} }, 'k:{"name":"zoo"}': {} }, 'f:list': { 'i:2': {}, 'i:10': {} } },
  }

  it('is read and written back the same, the dot first and the elements in order', () => {
    const set = parseFields(text)
    expect(JSON.stringify(formatFields(set!))).toBe(JSON.stringify(text))
  })

  it('names a key the same whatever the order and the blanks it was written with', () => {
    const set = parseFields({ 'f:ports': { 'k:{ "protocol":"TCP", "port":80 }': {} } })
    expect(formatFields(set!)).toEqual({ 'f:ports': { 'k:{"port":80,"protocol":"TCP"}': {} } })
  })

  it('tells paths as Kubernetes does: fields before what is below them', () => {
    expect(pathsOf(parseFields(text)!)).toEqual([
      '.metadata.finalizers', '.metadata.finalizers[="a/b"]', '.spec.containers[name="web"]', '.spec.containers[name="zoo"]',
      '.spec.containers[name="web"].image', '.spec.list[2]', '.spec.list[10]',
    ])
  })

  it('sorts keys by their values, numbers as numbers', () => {
    const set = parseFields({ 'k:{"port":443}': {}, 'k:{"port":80}': {}, 'v:true': {}, 'v:"a"': {}, 'v:3': {}, 'f:z': {} })
    expect(Object.keys(formatFields(set!))).toEqual(['f:z', 'k:{"port":80}', 'k:{"port":443}', 'v:3', 'v:"a"', 'v:true'])
  })

  it.each([
    ['text', 'f:spec'], ['a list', []], ['an element without a kind', { spec: {} }], ['a value that is no set', { 'f:spec': 1 }],
    ['a key that is no JSON', { 'k:{': {} }], ['a key that is no object', { 'k:1': {} }],
    ['more depth than any object has', JSON.parse(`${'{"f:a":'.repeat(5000)}{}${'}'.repeat(5000)}`)],
  ])('is refused when it is %s', (_, value) => {
    expect(parseFields(value)).toBeUndefined()
  })

  it('drops elements of kinds that nobody knows yet', () => {
    expect(formatFields(parseFields({ 'x:new': {}, 'f:spec': {} })!)).toEqual({ 'f:spec': {} })
  })
})

const podSpec = (value: object) => fieldsOf('io.k8s.api.core.v1.Pod', { spec: value })
const shapes: ReadonlyArray<readonly [string, object, string[]]> = [
  ['an atomic list is one field', { containers: [{ name: 'a', args: ['x', 'y'] }] }, ['.spec.containers[name="a"]', '.spec.containers[name="a"].args', '.spec.containers[name="a"].name']],
  ['an atomic map is one field', { nodeSelector: { disk: 'ssd' } }, ['.spec.nodeSelector']],
  ['a struct of an atomic type is one field', { imagePullSecrets: [{ name: 's' }], topologySpreadConstraints: [] }, ['.spec.imagePullSecrets[name="s"]']],
  ['a default completes a key', { containers: [{ name: 'a', ports: [{ containerPort: 80 }] }] }, [
    '.spec.containers[name="a"]', '.spec.containers[name="a"].name',
    '.spec.containers[name="a"].ports[containerPort=80,protocol="TCP"]', '.spec.containers[name="a"].ports[containerPort=80,protocol="TCP"].containerPort',
  ]],
  ['an empty struct is one field', { securityContext: {} }, ['.spec.securityContext']],
  ['an item that is there twice is one field', { containers: [{ name: 'a', env: [{ name: 'X', value: '1' }, { name: 'X', value: '2' }] }] }, [
    '.spec.containers[name="a"]', '.spec.containers[name="a"].name', '.spec.containers[name="a"].env[name="X"]',
  ]],
  ['null and an empty list of items say nothing, so that only the struct is left', { hostname: null, containers: [] }, ['.spec']],
]

describe('the fields of an object', () => {
  it.each(shapes)('%s', (_, value, paths) => {
    expect(pathsOf(podSpec(value))).toEqual(paths)
  })

  it('own the keys of a map one by one, and a set by its values', () => {
    const meta = { labels: { app: 'web' }, finalizers: ['a/b'], ownerReferences: [{ uid: 'u', name: 'n' }] }
    expect(pathsOf(fieldsOf('io.k8s.api.core.v1.ConfigMap', { metadata: meta, data: { 'a.b': 'x' } }))).toEqual([
      '.data.a.b', '.metadata.finalizers[="a/b"]', '.metadata.labels.app', '.metadata.ownerReferences[uid="u"]',
    ])
  })

  it('of a type that nobody described divide maps and nothing else', () => {
    const fields = fieldsOf('example.com.Unknown', { spec: { list: [{ name: 'a' }], deep: { a: 1, b: {} }, none: null } })
    expect(formatFields(fields)).toEqual({
      'f:spec': { 'f:deep': { 'f:a': {}, 'f:b': {}, '.': {} }, 'f:list': {}, 'f:none': {}, '.': {} },
    })
  })

  it('may have the names of a prototype, which stay names', () => {
    const hostile = JSON.parse('{"data":{"__proto__":"x","constructor":"y"},"__proto__":{"polluted":true}}') as object
    const fields = fieldsOf('io.k8s.api.core.v1.ConfigMap', hostile)
    expect(pathsOf(fields)).toEqual(['.__proto__', '.__proto__.polluted', '.data.__proto__', '.data.constructor'])
    expect(pathsOf(parseFields(JSON.parse(JSON.stringify(formatFields(fields))))!)).toEqual(pathsOf(fields))
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  it('know the atomic types under the names that the schemas have', () => {
    // a renamed type would silently be divided
    const paths = ['io.k8s.api.apps.v1.DeploymentSpec', 'io.k8s.api.rbac.v1.RoleBinding'].map((name) => Object.hasOwn(schemas, name))
    expect(paths).toEqual([true, true])
    expect(pathsOf(fieldsOf('io.k8s.api.apps.v1.Deployment', { spec: { selector: { matchLabels: { a: 'b' } } } }, builtIn))).toEqual(['.spec.selector'])
    expect(pathsOf(fieldsOf('io.k8s.api.core.v1.PersistentVolume', { spec: { claimRef: { name: 'a' } } }))).toEqual(['.spec.claimRef.name'])
  })
})
