import { beforeAll, describe, expect, it } from 'vitest'
import { parseYaml } from '../../src-main/api/yaml.ts'
import { type Answer, configMap, type Served, served } from './served-fixture.ts'

const maps = '/api/v1/namespaces/default/configmaps'
const mostMs = 100
const yamlType = { 'content-type': 'application/yaml' }
const patchType = { 'content-type': 'application/json-patch+json' }
const mib = 1024 * 1024

/**
 * The longest that the event loop did nothing else while `work` ran, in milliseconds of this thread's own CPU time: what
 * other processes of a busy machine take does not count.
 */
async function longestTurn<T>(work: () => Promise<T>): Promise<{ result: T; ms: number }> {
  let longest = 0
  let running = true
  let last = process.threadCpuUsage()
  const tick = () => {
    const used = process.threadCpuUsage(last)
    last = process.threadCpuUsage()
    longest = Math.max(longest, (used.user + used.system) / 1000)
    if (running) setImmediate(tick)
  }
  setImmediate(tick)
  const result = await work()
  await new Promise((resolve) => setImmediate(resolve))
  running = false
  return { result, ms: longest }
}

interface Hostile {
  readonly what: string
  readonly path?: string
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly body: () => string | undefined
  readonly code?: number
}

const repeated = (text: string, bytes: number): string => text.repeat(Math.floor(bytes / text.length))
const json = (data: string) => `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"data":${data}}`
const numbered = (count: number, each: (n: number) => string): string => Array.from({ length: count }, (_, n) => each(n)).join(',')

const bodies: readonly Hostile[] = [
  { what: 'JSON 10,000 deep', body: () => json(`${'['.repeat(10_000)}${']'.repeat(10_000)}`) },
  { what: 'JSON objects 200,000 deep', body: () => json(`${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}`) },
  { what: 'three MiB of JSON brackets', body: () => '['.repeat(3 * mib - 10) },
  { what: 'JSON with 200,000 keys', body: () => json(`{${numbered(200_000, (n) => `"k${n}":1`)}}`) },
  { what: 'JSON with one key 200,000 times', path: `${maps}?fieldValidation=Strict`, body: () => json(`{${numbered(200_000, () => '"k":"1"')}}`) },
  { what: 'JSON with 99,000 keys that all stand twice', body: () => json(`{${numbered(49_000, (n) => `"k${n}":1,"k${n}":1`)}}`) },
  { what: 'JSON whose strings never end', body: () => json(`{"a":"${'\\"'.repeat(mib)}`) },
  { what: 'a JSON list of a million numbers', body: () => json(`[${repeated('1,', 2.5 * mib)}1]`) },
  { what: '3 MiB of unknown fields', body: () => `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},${numbered(150_000, (n) => `"unknown${n}":1`)}}`, path: `${maps}?fieldValidation=Strict` },
  { what: 'a YAML alias bomb', headers: yamlType, body: () => ['a: &a [x,x,x,x,x,x,x,x,x]', ...'bcdefghi'.split('').map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefgh'[i]}`).join(',')}]`)].join('\n') },
  { what: 'YAML aliases up to the body limit', headers: yamlType, body: () => `- &a x\n${repeated('- *a\n', 3 * mib - 20)}` },
  { what: 'a large YAML anchor, repeated', headers: yamlType, body: () => `a: &a "${'x'.repeat(2 * mib)}"\nb: [${Array(90).fill('*a').join(',')}]` },
  { what: 'YAML brackets up to the body limit', headers: yamlType, body: () => '['.repeat(3 * mib - 10) },
  { what: 'YAML closing brackets', headers: yamlType, body: () => ']'.repeat(64 * 1024) },
  { what: 'YAML with 30,000 keys', headers: yamlType, body: () => Array.from({ length: 30_000 }, (_, n) => `k${n}: 1`).join('\n') },
  { what: 'small YAML that is slow for its size', headers: yamlType, body: () => ']'.repeat(8 * 1024 - 1) },
  { what: 'YAML sent to apply', method: 'PATCH', path: `${maps}/big?fieldManager=x`, headers: { 'content-type': 'application/apply-patch+yaml' }, body: () => repeated('- - - - -\n', 512 * 1024) },
  { what: 'a JSON patch that copies what it copied', method: 'PATCH', path: `${maps}/big`, headers: patchType, body: () => `[${numbered(60, (n) => `{"op":"copy","from":"/data","path":"/data/k${n}"}`)}]` },
  { what: 'a JSON patch that copies the same thing often', method: 'PATCH', path: `${maps}/big`, headers: patchType, body: () => `[${numbered(10_000, (n) => `{"op":"copy","from":"/data/big","path":"/data/k${n}"}`)}]` },
  { what: 'a JSON patch of 50,000 operations', method: 'PATCH', path: `${maps}/big`, headers: patchType, body: () => `[${numbered(50_000, () => '{"op":"test","path":"/kind","value":"ConfigMap"}')}]` },
  { what: 'a JSON patch that tests the whole object 10,000 times', method: 'PATCH', path: `${maps}/big`, headers: patchType, body: () => `[${numbered(10_000, () => '{"op":"test","path":"/data/big","value":1}')}]` },
  { what: 'a JSON patch that inserts at the front of a long list', method: 'PATCH', path: `${maps}/big?fieldValidation=Strict`, headers: patchType, body: () => `[{"op":"add","path":"/list","value":[]},${numbered(9_999, () => '{"op":"add","path":"/list/0","value":1}')}]` },
]

const aLot = (text: string) => encodeURIComponent(text)
const selectors: readonly Hostile[] = [
  { what: 'a label selector of spaces', path: `${maps}?labelSelector=a${'+'.repeat(12_000)}!`, body: () => undefined },
  { what: 'a label selector of parentheses', path: `${maps}?labelSelector=a+in+${'('.repeat(12_000)}`, body: () => undefined },
  { what: 'a label selector of 3,000 parts', path: `${maps}?labelSelector=${Array.from({ length: 3000 }, (_, n) => `a${n % 10}`).join(',')}`, body: () => undefined, code: 200 },
  { what: 'a set of 3,000 values', path: `${maps}?labelSelector=${aLot(`a in (${Array.from({ length: 2000 }, (_, n) => n).join(',')})`)}`, body: () => undefined, code: 200 },
  { what: 'a label key that makes expressions backtrack', path: `${maps}?labelSelector=${'a-'.repeat(6000)}!`, body: () => undefined },
  { what: 'a field selector of equals signs', path: `${maps}?fieldSelector=${'='.repeat(12_000)}`, body: () => undefined },
  { what: 'a name that makes expressions backtrack', path: `${maps}/${'a.'.repeat(6000)}!`, body: () => undefined, code: 404 },
  { what: 'a path of slashes', path: '/'.repeat(12_000), body: () => undefined, code: 404 },
  { what: 'a timeout of digits', path: `${maps}?timeout=${'1'.repeat(12_000)}`, body: () => undefined },
]

describe(`no hostile request takes the event loop for more than ${mostMs} ms, and nothing is stored:`, () => {
  let warm = false
  async function target(): Promise<Served> {
    const server = await served()
    await server.call(maps, { method: 'POST', body: configMap('big', { big: 'y'.repeat(200_000) }) })
    // code that runs for the first time is slow for another reason
    if (!warm) for (let n = 0; n < 20; n++) await server.call(maps, { method: 'POST', body: json('1') })
    warm = true
    return server
  }
  beforeAll(async () => void (await parseYaml({ text: 'a: 1', mostBytes: 100, maxDepth: 10 })))

  it.each([...bodies, ...selectors])('$what', async ({ method, path = maps, headers = {}, body, code }) => {
    const { call, store } = await target()
    const before = store.revision
    const text = body()
    const { result, ms } = await longestTurn<Answer>(() => call(path, { method: method ?? (text === undefined ? 'GET' : 'POST'), headers, body: text }))
    if (code) expect(result.code).toBe(code)
    else expect(result.code, result.text.slice(0, 200)).toSatisfy((got: number) => got >= 400 && got < 500)
    if (process.env['SHOW_TURNS']) process.stdout.write(`TURN ${ms.toFixed(0)} ms ${result.code} ${result.text.slice(0, 150)}\n`)
    expect(ms).toBeLessThan(mostMs)
    expect(store.revision).toBe(before)
    expect((await call('/livez')).text).toBe('ok')
  }, 30_000)
})

describe('YAML', () => {
  const task = { mostBytes: 3 * mib, maxDepth: 256 }

  it('means the same whether it is read here or, when it is large, in a thread', async () => {
    const item = '- name: a\n  __proto__: {x: 1}\n  text: |\n    two\n    lines\n  on: yes\n  n: 0x10\n  ref: &r {a: [1, 2]}\n  again: *r\n'
    const small = await parseYaml({ ...task, text: item })
    const large = (await parseYaml({ ...task, text: repeated(item, 8 * 1024).padEnd(10_000, ' ').replace(/&r|\*r/g, (each) => (each === '&r' ? '' : '{a: [1, 2]}')) })) as unknown[]
    expect(large[0]).toEqual((small as unknown[])[0])
    expect(Object.keys((large[0] as object) ?? {})).toContain('__proto__')
  })

  it('is read by one thread at a time, and one that fails leaves the next alone', async () => {
    const bad = `a: [${' '.repeat(20_000)}`
    const good = `a: "${'x'.repeat(20_000)}"`
    const outcomes = await Promise.allSettled([bad, good, bad, good].map((text) => parseYaml({ ...task, text })))
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled'])
  })
})

