import { beforeAll, describe, expect, it, vi } from 'vitest'
import { estimateCost } from '../../src-main/base/cel/cost.ts'
import { compile } from '../../src-main/base/cel/program.ts'
import { atOnce as allSteps, patiently } from '../../src-main/base/turns.ts'
import { loadRules } from '../../src-main/kinds/custom/cel-rules.ts'
import { typedSelf } from '../../src-main/kinds/custom/cel-values.ts'
import type { JsonSchema } from '../../src-main/kinds/custom/json-schema.ts'
import { sizedSchema } from '../../src-main/kinds/custom/schema-sizes.ts'
import { checkSchema } from '../../src-main/kinds/custom/structural.ts'
import { field } from '../../src-main/kinds/field-error.ts'
import { atOnce } from '../fixtures/at-once.ts'

beforeAll(loadRules)
beforeAll(atOnce)

function costOf(schema: JsonSchema, rule: string): number {
  const { env, self: { type } } = typedSelf(schema, false)
  const { tree } = allSteps(compile(env.with({ self: type, oldSelf: type }), rule))
  return allSteps(estimateCost(tree, sizedSchema(schema)!.type))
}

/** A schema, without a bound or with one everywhere. */
type Bounded = (most?: number) => JsonSchema
const bound = (name: 'maxItems' | 'maxProperties' | 'maxLength', most: number | undefined): object => (most === undefined ? {} : { [name]: most })
const simple = (type: string): JsonSchema =>
  type === 'int-or-string' ? { 'x-kubernetes-int-or-string': true } : type.includes('dat') || type === 'duration' ? { type: 'string', format: type } : { type }
const listOf = (items: string | JsonSchema): Bounded => (most) => ({ type: 'array', items: typeof items === 'string' ? simple(items) : items, ...bound('maxItems', most) })
const mapOf = (values: string | JsonSchema): Bounded => (most) => ({ type: 'object', additionalProperties: typeof values === 'string' ? simple(values) : values, ...bound('maxProperties', most) })
const text: Bounded = (most) => ({ type: 'string', ...bound('maxLength', most) })
const bytes: Bounded = (most) => ({ ...text(most), format: 'byte' })
const fields: JsonSchema = { type: 'object', required: ['required'], properties: { required: { type: 'string' }, optional: { type: 'string' } } }
const numbers = listOf('number')()
const numberMap = mapOf('number')()
const texts: Bounded = (most) => ({ type: 'array', items: text(most), ...bound('maxItems', most) })
const object = (properties: Record<string, JsonSchema>): JsonSchema => ({ type: 'object', properties })
const tooMuch = Infinity

describe('the estimate of what a rule costs', () => {
  // TestCostEstimation of apiextensions: without bounds, and with
  it.each<[rule: string, schema: Bounded, unbounded: number, most: number, bounded: number]>([
    ['self.all(x, true)', listOf('number'), 4718591, 10, 32],
    ['self.all(x, true)', listOf('string'), 3145727, 20, 62],
    ['self.all(x, true)', listOf('boolean'), 1887437, 5, 17],
    ['self.all(x, true)', listOf(numbers), 3145727, 100, 302],
    ['self.all(x, true)', listOf(fields), 555128, 50, 152],
    ['self.all(x, true)', mapOf('number'), 1348169, 10, 32],
    ['self.all(x, true)', mapOf('string'), 1179647, 3, 11],
    ['self.all(x, true)', mapOf('boolean'), 943718, 100, 302],
    ["self.contains('test')", text, 314574, 10, 5],
    ["self.startsWith('test')", text, 2, 15, 2],
    ["self.endsWith('test')", text, 2, 30, 2],
    ['size(self + "hello") > size("hello")', text, 314578, 4, 7],
    ['self[1] == 0.0', listOf('number'), 2, 5000, 2],
    ['self[1] == self[1]', listOf('string'), 314577, 8, 314577],
    ['self.all(x, self.all(y, true))', listOf('number'), tooMuch, 10, 352],
    ['self.all(x, self.all(y, self.all(z, true)))', listOf('number'), tooMuch, 10, 3552],
    ['self.matches("x")', text, 314574, 50, 22],
    ['"".matches("(((((((((())))))))))[0-9]")', text, 7, 10, 7],
    ['self.matches("")', text, 1, 100, 1],
    ['self.all(x, x.contains(self[x]))', (most) => mapOf(text(most))(most), 2752507, 10, 72],
    ['self["x"] == 0.0', mapOf('number'), 2, 0, 2],
    ['self == "x"', text, 2, 0, 1],
    ['self == b"x"', bytes, 2, 0, 1],
    ['self.all(x, x == 0.0)', listOf('number'), 6291454, 3 * 1024 * 2048, 25165826],
    ['self.all(x, x["y"].required == "z")', (most) => listOf(mapOf({ ...fields, ...bound('maxProperties', most) })(most))(most), 7340027, 10, 72],
    ['self.all(x, x["y"].required == "z")', (most) => listOf(mapOf(fields)(most))(), 7340027, 10, 7340027],
    ['self.all(x, true)', listOf('int-or-string'), 4718591, 10, 32],
    ['self[0] == 5', listOf('int-or-string'), 3, 10, 3],
    ['self[0] == false', listOf('boolean'), 2, 25, 2],
    ['self[0][0] == -1.0', listOf(numbers), 3, 51, 3],
    ['self.all(x, x.y == 25.2)', listOf(numberMap), 6291452, 12, 74],
    ['self[0].x > 2.0', listOf(numberMap), 4, 3000, 4],
    ['self.all(x, true)', listOf('duration'), 2359295, 5, 17],
    ['self[0].getHours() == 2', listOf('duration'), 4, 525, 4],
    ['self.all(x, true)', listOf('date'), 725936, 15, 47],
    ['self.all(x, true)', listOf('date-time'), 428963, 25, 77],
    ['self[2].getMinutes() == 45', listOf('date-time'), 4, 99, 4],
    ['self.all(x, true)', mapOf(fields), 428963, 20, 62],
    ['self.all(x, true)', mapOf(numberMap), 1179647, 10, 32],
    ['self.all(x, true)', mapOf('date-time'), 349526, 25, 77],
    ["self.find('[0-9]+') == ''", text, 629147, 10, 11],
    ["self.join(' ') == 'aa bb'", texts, 329853068905, 10, 43],
    ['self.isSorted() == true', texts, 329854432052, 10, 52],
    ["self.str.replace(self.before, self.after) == 'does not matter'", (most) => object({ str: text(most), before: text(2), after: text(4) }), 629154, 4, 12],
    ['self.str.split(self.separator) == []', (most) => object({ str: text(most), separator: text(most) }), 629160, 10, 22],
    ["self.lowerAscii() == 'lower!'", text, 314575, 10, 6],
    ['oldSelf.size() == self.size()', mapOf('integer'), 5, 10, 5],
    ['self["a"] == self["b"]', mapOf('date-time'), 8, 7, 8],
    ["self.contains('A')", (most) => ({ ...text(most), enum: ['A', 'B', 'C', 'LongValue'] }), 2, 1000, 401],
  ])('%s', (rule, schema, unbounded, most, bounded) => {
    if (unbounded === tooMuch) expect(costOf(schema(), rule)).toBeGreaterThan(10_000_000)
    else expect(costOf(schema(), rule)).toBe(unbounded)
    expect(costOf(schema(most), rule)).toBe(bounded)
  })

  // the tests of k8s.io/apiserver/pkg/cel/library and of cel-go's checker
  it.each<[rule: string, cost: number]>([
    ['[1, 2, 3, 4, 5].sum() > 0', 16], ['[1, 2, 3, 4, 5].indexOf(3) > 0', 16], ["'01234567890123456789012345678901234567890123456789'.indexOf('123') > 0", 6],
    ["url('https:://kubernetes.io/').getHost() != ''", 4], ["url('https:://kubernetes.io/') == url('https:://kubernetes.io/')", 9], ["url('https:://kubernetes.io/') == url('http://x.b')", 5],
    ["ip('192.168.0.1').family() > 4", 4], ["ip('192.168.0.1') == ip('192.168.0.1')", 5], ["ip.isCanonical('2001:db8:3333:4444:5555:6666:7777:8888')", 8],
    ["cidr('192.168.0.0/16').containsCIDR(cidr('192.0.0.0/30'))", 11], ["cidr('192.168.0.0/16').containsIP('192.169.0.1')", 8],
    ['2 in [1, 2, 3]', 13], ['[1, 2, 3].all(x, true)', 20], ['{"a": 1, "b": 2}.size() == 2', 32], ['true || false', 0], ['true ? true : false', 0],
    ['sets.contains([1, 2], [1])', 23], ['sets.equivalent([1, 2], [1])', 25], ['optional.of(1).hasValue()', 2],
    ['[1, 2].map(x, x * 2).size() == 2', 51], ['[1, 2].filter(x, x > 1).size() == 1', 53], ['[1, 2].exists_one(x, x == 1)', 18],
    ['[1, 2].all(i, v, i < v)', 23], ['{"a": 1}.transformMap(k, v, v).size() == 1', 67], ['[3, 1].sort().size() == 2', 31], ['[1, 2, 3].slice(0, 2).size() == 2', 25],
  ])('%s', (rule, cost) => {
    expect(costOf({ type: 'object' }, rule)).toBe(cost)
  })
})

const ruled = (schema: JsonSchema, rule: object): JsonSchema => ({ ...schema, 'x-kubernetes-validations': [rule as never] })
const said = (spec: JsonSchema): string[] => checkSchema(object({ spec }), field('s')).map(({ field: path, message }) => `${path}: ${message}`)
const advice = '(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)'
const at = 's.properties[spec].properties[list].x-kubernetes-validations[0]'

describe('a definition whose rules cost too much', () => {
  it('is refused with how much too much it is', () => {
    const list = (most?: number) => object({ list: ruled(listOf('integer')(most), { rule: 'self.all(x, self.all(y, x != y))' }) })
    expect(said(list())).toEqual([
      `${at}.rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x ${advice}`,
      `${at}.rule: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema`,
      `s: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of more than 100x ${advice}`,
    ])
    expect(said(list(1500))).toEqual([`${at}.rule: Forbidden: estimated rule cost exceeds budget by factor of 1.125750x ${advice}`])
    expect(said(list(2500))).toEqual([`${at}.rule: Forbidden: estimated rule cost exceeds budget by factor of 3.1x ${advice}`])
    expect(said(list(1000))).toEqual([])
  })

  it('is refused where each is cheap and there may be many, as many as lists and maps around it may hold', () => {
    const items = (most: number) => object({ list: { ...listOf(ruled(text(100), { rule: 'self.contains("a")' }))(most) } })
    expect(said(items(200_000))).toEqual([])
    expect(said(items(300_000))).toEqual([`s.properties[spec].properties[list].items.x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of 1.230000x ${advice}`])
    // nobody bounds the list: as often as a body may hold one
    expect(said(object({ list: listOf(ruled({ type: 'integer' }, { rule: 'self > 1' }))() }))).toEqual([])
    expect(said(object({ list: listOf(ruled(text(), { rule: 'self != "x"' }))() }))).toEqual([])
    expect(said(object({ list: listOf(ruled(text(), { rule: 'self.contains("x")' }))() }))[0]).toContain('more than 100x')
  })

  it('is refused for all rules together, and names those that take the most', () => {
    const list = (rule: string) => ruled(listOf('integer')(1400), { rule })
    const names = Array.from({ length: 12 }, (_, i) => `l${i}`)
    const errors = said(object({ ...Object.fromEntries(names.map((name) => [name, list('self.all(x, self.all(y, x != y))')])), cheap: list('self.size() > 1') }))
    expect(errors).toHaveLength(5)
    expect(errors.slice(0, 4)).toEqual(names.slice(0, 4).map((name) => expect.stringContaining(`properties[${name}].x-kubernetes-validations[0].rule: Forbidden: contributed to estimated rule cost total`)))
    expect(errors[4]).toBe(`s: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of 1.176840x ${advice}`)
  })

  it('is refused for what it says when a rule is broken', () => {
    const spec = (messageExpression: string) => object({ list: ruled(listOf('integer')(), { rule: 'self.size() > 0', messageExpression }) })
    expect(said(spec('"a" + self.map(x, "b").join(", ")'))[0]).toBe(`${at}.messageExpression: Forbidden: estimated messageExpression cost exceeds budget by factor of more than 100x ${advice}`)
    // nobody knows how long a number is in digits
    expect(said(spec('"at least " + string(self.size())'))[0]).toContain('more than 100x')
    expect(said(spec('"at least %d".format([self.size()])'))).toEqual([])
  })
})

describe('hostile rules', () => {
  const chain = (operator: string, count: number) => Array.from({ length: count }, () => 'self == 1').join(operator)
  it.each<[what: string, rule: string, message: RegExp]>([
    ['longer than cel-go reads', chain(' && ', 100_000), /compilation failed: ERROR: <input>:-1:0: expression code point size exceeds limit: size: 1299996, limit 100000$/],
    ['nested deeper than cel-go reads', `${'('.repeat(5_000)}true${')'.repeat(5_000)}`, /compilation failed: ERROR: <input>:-1:0: expression recursion limit exceeded: 250$/],
    ['a long sum', `1${' + 1'.repeat(1_000)} == self`, /compilation failed: ERROR: <input>:-1:0: max recursion depth exceeded$/],
    ['a long chain', `${chain(' || ', 900)} || nothing`, /undeclared reference to 'nothing'/],
    ['loops in loops', `${'[1, 2, 3].all(x, '.repeat(100)}true${')'.repeat(100)}`, /Forbidden: estimated rule cost exceeds budget by factor of more than 100x/],
  ])('are refused: %s', (_what, rule, message) => {
    expect(said(ruled({ type: 'integer' }, { rule }))[0]).toMatch(message)
  })

  it('are read in pieces, so that others are served meanwhile', async () => {
    const schema = object(Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`f${i}`, ruled({ type: 'integer' }, { rule: `self > ${i}` })])))
    let turns = 0
    let isReading = true
    const count = (): void => {
      turns++
      if (isReading) setImmediate(count)
    }
    setImmediate(count)
    vi.restoreAllMocks()
    const errors = await patiently(() => checkSchema(schema, field('s')))
    isReading = false
    expect(turns).toBeGreaterThan(1)
    expect(errors).toEqual([])
  })
})
