import { describe, expect, it } from 'vitest'
import { readYaml, type YamlTask } from '../../src-main/api/yaml.ts'
import { parseJson } from '../../src-main/base/json.ts'
import { hostileRequests, repeated } from '../fixtures/hostile.ts'
import { configMap, served } from './served-fixture.ts'

const maps = '/api/v1/namespaces/default/configmaps'
const mib = 1024 * 1024

describe('a hostile request gets a 4xx, stores nothing, and leaves the server well:', () => {
  it.each(hostileRequests)('$what', async ({ method, path = maps, headers = {}, body, code }) => {
    const { call, store } = await served()
    await call(maps, { method: 'POST', body: configMap('big', { big: 'y'.repeat(200_000) }) })
    const before = store.revision
    const text = body()
    const result = await call(path, { method: method ?? (text === undefined ? 'GET' : 'POST'), headers, body: text })
    if (code) expect(result.code).toBe(code)
    else expect(result.code, result.text.slice(0, 200)).toSatisfy((got: number) => got >= 400 && got < 500)
    expect(store.revision).toBe(before)
    expect((await call('/livez')).text).toBe('ok')
  }, 30_000)
})

describe('YAML', () => {
  const task = { mostBytes: 3 * mib, maxDepth: 256 }
  const parseYaml = async (text: YamlTask): Promise<{ value: unknown; duplicates: readonly string[] }> => {
    const { json, duplicates } = await readYaml(text)
    return { value: parseJson(json), duplicates }
  }

  it('means the same whether it is read here or, when it is large, in a thread', async () => {
    const item = '- name: a\n  __proto__: {x: 1}\n  text: |\n    two\n    lines\n  on: yes\n  n: 0x10\n  ref: &r {a: [1, 2]}\n  again: *r\n'
    const { value: small } = await parseYaml({ ...task, text: item })
    const { value } = await parseYaml({ ...task, text: repeated(item, 8 * 1024).padEnd(10_000, ' ').replace(/&r|\*r/g, (each) => (each === '&r' ? '' : '{a: [1, 2]}')) })
    const large = value as unknown[]
    expect(large[0]).toEqual((small as unknown[])[0])
    expect(Object.keys((large[0] as object) ?? {})).toContain('__proto__')
  })

  it('tells of keys that stand twice, and however many there are, they are looked at once', async () => {
    expect(await parseYaml({ ...task, text: 'a: 1\nb: {c: 1, "c": 2}\n' })).toEqual({ value: { a: 1, b: { c: 2 } }, duplicates: ['line 2: key "c" already set in map'] })
    const many = Array.from({ length: 20_000 }, (_, n) => `k${n}: 1`).join('\n')
    expect(Object.keys((await parseYaml({ ...task, text: many })).value as object)).toHaveLength(20_000)
    expect((await parseYaml({ ...task, text: `${many}\nk7: 2` })).duplicates).toEqual(['line 20001: key "k7" already set in map'])
  })

  it('is read by one thread at a time, and one that fails leaves the next alone', async () => {
    const bad = `a: [${' '.repeat(20_000)}`
    const good = `a: "${'x'.repeat(20_000)}"`
    const outcomes = await Promise.allSettled([bad, good, bad, good].map((text) => parseYaml({ ...task, text })))
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled'])
  })
})

