import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { beforeAll, describe, expect, it } from 'vitest'
import { Budget, compile, CostExceeded } from '../../src-main/base/cel/program.ts'
import { kubernetesCel } from '../../src-main/base/cel/library.ts'
import { dyn } from '../../src-main/base/cel/types.ts'
import { atOnce as allSteps } from '../../src-main/base/turns.ts'
import type { JsonSchema } from '../../src-main/kinds/custom/json-schema.ts'
import { checkAgainstRules } from '../../src-main/kinds/custom/rules.ts'
import { loadRules } from '../../src-main/kinds/custom/cel-rules.ts'
import { checkSchema } from '../../src-main/kinds/custom/structural.ts'
import { field } from '../../src-main/kinds/field-error.ts'
import { atOnce } from '../fixtures/at-once.ts'

beforeAll(loadRules)
beforeAll(atOnce)

type Rule = NonNullable<JsonSchema['x-kubernetes-validations']>[number]
const properties: Record<string, JsonSchema> = {
  min: { type: 'integer' }, max: { type: 'integer' }, ratio: { type: 'number' }, name: { type: 'string' }, when: { type: 'string', format: 'date-time' },
  'my-key': { type: 'string' }, namespace: { type: 'string' }, port: { 'x-kubernetes-int-or-string': true }, memory: { type: 'string' },
  list: { type: 'array', items: { type: 'integer' }, maxItems: 5000 }, labels: { type: 'object', additionalProperties: { type: 'string' } },
  items: { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['n'], items: { type: 'object', required: ['n'], properties: { n: { type: 'string' }, v: { type: 'integer' } } } },
}
const ruled = (...rules: Array<string | Rule>): JsonSchema => ({
  type: 'object', properties: { spec: { type: 'object', properties, 'x-kubernetes-validations': rules.map((rule) => (typeof rule === 'string' ? { rule } : rule)) } },
})
const object = (spec: object) => ({ apiVersion: 'a/v1', kind: 'A', metadata: { name: 'x', labels: {} }, spec })
const broken = (schema: JsonSchema, spec: object, old?: object): string[] =>
  checkAgainstRules(schema, object(spec), old && object(old)).map(({ field: path, message }) => `${path}: ${message}`)

describe('rules of a custom resource', () => {
  it.each<[string, object, boolean]>([
    ['self.min <= self.max', { min: 1, max: 2 }, true],
    ['self.min <= self.max', { min: 3, max: 2 }, false],
    ['!has(self.name) || self.name.startsWith("a")', {}, true],
    ['self.name.matches("^(a+)+$")', { name: 'aaab' }, false],
    ['self.ratio > 1.5', { ratio: 2 }, true],
    ['self.my__dash__key == "x"', { 'my-key': 'x' }, true],
    ['self.__namespace__ == "x"', { namespace: 'x' }, true],
    ['type(self.port) == int ? self.port > 0 : self.port != ""', { port: 'http' }, true],
    ['type(self.port) == int ? self.port > 0 : self.port != ""', { port: 0 }, false],
    ['self.list.all(x, x > 0) && self.list.sum() == 6 && self.list.isSorted() && self.list.max() == 3', { list: [1, 2, 3] }, true],
    ['sets.contains(self.list, [1, 2]) && !sets.intersects(self.list, [9])', { list: [1, 2, 3] }, true],
    ['self.labels.all(k, k.startsWith("a") && self.labels[k] != "")', { labels: { a1: 'x', a2: 'y' } }, true],
    ['self.items.exists_one(i, i.n == "a" && i.v == 1)', { items: [{ n: 'a', v: 1 }, { n: 'b' }] }, true],
    ['self.when > timestamp("2026-01-01T00:00:00Z")', { when: '2026-06-01T00:00:00Z' }, true],
    ['quantity(self.memory).isLessThan(quantity("1Gi"))', { memory: '512Mi' }, true],
    ['self.?name.orValue("none") == "none"', {}, true],
  ])('%s of %j: %s', (rule, spec, holds) => {
    expect(checkSchema(ruled(rule), field('s'))).toEqual([])
    expect(broken(ruled(rule), spec)).toEqual(holds ? [] : [`spec: Invalid value: failed rule: ${rule}`])
  })

  it('say what the author wrote, where the author meant it', () => {
    expect(broken(ruled({ rule: 'self.min <= self.max', message: 'min must not be over max' }), { min: 2, max: 1 })).toEqual(['spec: Invalid value: min must not be over max'])
    expect(broken(ruled({ rule: 'self.min > 1', messageExpression: '"min is " + string(self.min)', reason: 'FieldValueForbidden', fieldPath: '.min' }), { min: 1 })).toEqual(['spec.min: Forbidden: min is 1'])
    expect(broken(ruled('self.min > 1'), {})).toEqual(['spec: Invalid value: "object": no such key: min evaluating rule: self.min > 1'])
  })

  it('tell how long they took, while somebody asks: each compiled once, and evaluated for every value they stand above', () => {
    const took = { compiled: 0, evaluated: 0 }
    const follow = (name: 'compiled' | 'evaluated') => {
      const count = (): void => void took[name]++
      subscribe(`wheelhouse.rules.${name}`, count)
      return () => unsubscribe(`wheelhouse.rules.${name}`, count)
    }
    const stop = [follow('compiled'), follow('evaluated')]
    const schema = ruled('self.min > 0', 'self.max > 0')
    for (const min of [1, 2]) expect(broken(schema, { min, max: 1 })).toEqual([])
    expect(took).toEqual({ compiled: 2, evaluated: 4 })
    expect(checkSchema(ruled('self.min > 0'), field('s'))).toEqual([])
    stop.forEach((end) => end())
    expect(broken(schema, { min: 1, max: 1 })).toEqual([])
    expect(took).toEqual({ compiled: 3, evaluated: 4 })
  })

  it('about a change hold between what was and what is, and are left out at creation', () => {
    const fixed = ruled({ rule: 'self.name == oldSelf.name', message: 'name is immutable' })
    expect(broken(fixed, { name: 'b' })).toEqual([])
    expect(broken(fixed, { name: 'b' }, { name: 'a' })).toEqual(['spec: Invalid value: name is immutable'])
    expect(broken(fixed, { name: 'a', min: 1 }, { name: 'a' })).toEqual([])
    const optional = ruled({ rule: 'oldSelf.hasValue() || self.min == 1', optionalOldSelf: true })
    expect(broken(optional, { min: 2 })).toHaveLength(1)
    expect(broken(optional, { min: 2 }, { min: 1 })).toEqual([])
  })

  it('warn of what was broken before in a part that did not change, and refuse it elsewhere', () => {
    const small = (type: string): JsonSchema => ({ type, 'x-kubernetes-validations': [{ rule: 'self < 5' }] })
    const schema: JsonSchema = { type: 'object', properties: { spec: { type: 'object', properties: {
      min: small('integer'), max: small('integer'), list: { type: 'array', items: small('integer') },
      items: { ...properties['items'], items: { ...(properties['items']!.items as JsonSchema), 'x-kubernetes-validations': [{ rule: 'self.v < 5', message: 'too much' }] } },
    } } } }
    const said = (spec: object, old: object) => checkAgainstRules(schema, object(spec), object(old)).map(({ isWarning, field: path, message }) => `${isWarning ? 'warning ' : ''}${path}: ${message}`)
    expect(said({ min: 7, max: 8 }, { min: 7, max: 9 })).toEqual(['warning spec.min: Invalid value: 7: failed rule: self < 5', 'spec.max: Invalid value: 8: failed rule: self < 5'])
    expect(said({ list: [9, 1], min: 1 }, { list: [9, 1] })).toEqual(['warning spec.list[0]: Invalid value: 9: failed rule: self < 5'])
    expect(said({ list: [9, 1] }, { list: [9] })).toEqual(['spec.list[0]: Invalid value: 9: failed rule: self < 5'])
    expect(said({ items: [{ n: 'b', v: 6 }, { n: 'a', v: 8 }] }, { items: [{ n: 'a', v: 8 }, { n: 'b', v: 7 }] })).toEqual(['spec.items[0]: Invalid value: too much', 'warning spec.items[1]: Invalid value: too much'])
    // what goes wrong is no broken rule
    expect(broken(ruled('self.min > 1'), { max: 1 }, { max: 1 })).toEqual(['spec: Invalid value: "object": no such key: min evaluating rule: self.min > 1'])
  })

  it('hold for the defaults beside them', () => {
    const with_ = (rule: string | Rule, value: unknown, more: object = { type: 'integer' }) =>
      checkSchema({ type: 'object', properties: { a: { ...more, default: value, 'x-kubernetes-validations': [typeof rule === 'string' ? { rule } : rule] } as JsonSchema } }, field('s')).map(({ field: path, message }) => `${path}: ${message}`)
    expect(with_('self > 5', 6)).toEqual([])
    expect(with_('self > 5', 1)).toEqual(['s.properties[a].default: Invalid value: 1: failed rule: self > 5'])
    expect(with_('self > oldSelf', 1)).toEqual(['s.properties[a].default: Invalid value: 1: failed rule: self > oldSelf'])
    expect(with_({ rule: 'oldSelf.hasValue()', optionalOldSelf: true }, 1)).toEqual(['s.properties[a].default: Invalid value: 1: failed rule: oldSelf.hasValue()'])
    expect(with_('self.all(x, x > 1)', [2, 0], { type: 'array', maxItems: 5, items: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self > 1' }] } })).toEqual([
      's.properties[a].default: Invalid value: failed rule: self.all(x, x > 1)', 's.properties[a].default[1]: Invalid value: 0: failed rule: self > 1'])
    expect(with_('self > nothing', 1)[0]).toContain("s.properties[a].default: Invalid value: \"integer\": rule compile error: compilation failed: ERROR: <input>:1:8: undeclared reference to 'nothing'")
  })

  it.each<[string, boolean]>([
    ["['b.c']", true], ["['b.c']['bell\\a']", true], ["['b.c']['it\\'s']", true], ["['b.c']['x]']", true], ['.b.c', false], ["['b.c']['\\q']", false],
    // a quote behind a backslash is one in the name, also behind an escaped one
    ["['b.c']['back\\\\']", false],
  ])('may name the field %s: %s', (fieldPath, isRight) => {
    const inner = { type: 'object', properties: { 'bell\u0007': { type: 'string' }, "it's": { type: 'string' }, 'x]': { type: 'string' }, 'back\\': { type: 'string' } } }
    const schema = { type: 'object', properties: { spec: { type: 'object', properties: { 'b.c': inner }, 'x-kubernetes-validations': [{ rule: 'true', fieldPath }] } } }
    const told = checkSchema(schema, field('s')).filter(({ message }) => message.includes('must be a valid path'))
    expect(told).toHaveLength(isRight ? 0 : 1)
  })

  it('are refused with the CRD when they are none', () => {
    const said = (rule: string | Rule) => checkSchema(ruled(rule), field('s')).map(({ field: path, message }) => `${path}: ${message}`)
    const at = 's.properties[spec].x-kubernetes-validations[0]'
    const shown = (rule: string, more: object = {}) => JSON.stringify({ Rule: rule, Message: '', MessageExpression: '', Reason: null, FieldPath: '', OptionalOldSelf: null, ...more }).replaceAll('<', '\\u003c').replaceAll('>', '\\u003e')
    expect(said('self.min <')[0]).toContain(`${at}.rule: Invalid value: ${shown('self.min <')}: compilation failed: ERROR: <input>:1:11: Syntax error`)
    expect(said('nothing > 1')).toEqual([`${at}.rule: Invalid value: ${shown('nothing > 1')}: compilation failed: ERROR: <input>:1:1: undeclared reference to 'nothing' (in container '')\n | nothing > 1\n | ^`])
    expect(said('self.missing == 1')).toEqual([`${at}.rule: Invalid value: ${shown('self.missing == 1')}: compilation failed: ERROR: <input>:1:5: undefined field 'missing'\n | self.missing == 1\n | ....^`])
    expect(said('self.min == 1 || has(self.missing)')[0]).toContain("ERROR: <input>:1:21: undefined field 'missing'\n | self.min == 1 || has(self.missing)\n | ....................^")
    expect(said('self.min + self.name == 1')[0]).toContain("ERROR: <input>:1:10: found no matching overload for '_+_' applied to '(int, string)'")
    expect(said('self.min == 1 || self.max')[0]).toContain("expected type 'bool' but found 'int'")
    expect(said('self.min in [1, self.name]')[0]).toContain("ERROR: <input>:1:21: expected type 'int' but found 'string'")
    expect(said({ rule: 'self.min == 1', optionalOldSelf: true })).toEqual([`${at}.optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule`])
    expect(said({ rule: 'self.min == 1', fieldPath: '.nothing' })).toEqual([`${at}.fieldPath: Invalid value: ".nothing": must be a valid path`])
    expect(said({ rule: 'self.min == 1', messageExpression: '1' })).toEqual([`${at}.messageExpression: Invalid value: ${shown('self.min == 1', { MessageExpression: '1' })}: messageExpression must evaluate to a string`])
    expect(said({ rule: 'self.min == 1', messageExpression: 'self.' })[0]).toContain(`${at}.messageExpression: Invalid value: ${shown('self.min == 1', { MessageExpression: 'self.' })}: messageExpression compilation failed: ERROR: <input>:1:`)
    expect(said('"text"')).toEqual([`${at}.rule: Invalid value: ${shown('"text"')}: cel expression must evaluate to a bool`])
    expect(said('self.port')).toEqual([`${at}.rule: Invalid value: ${shown('self.port')}: cel expression must evaluate to a bool`])
    expect(said(' ')).toEqual([`${at}.rule: Required value: rule is not specified`])
  })

  it('are not read where something else is wrong with them, or below', () => {
    const said = (...rules: Rule[]) => checkSchema(ruled(...rules), field('s')).map(({ field: path, message }) => `${path.slice(path.indexOf('['))}: ${message}`)
    const rule = 'self.min ==\n 1'
    expect(said({ rule: 'nothing', message: 'a\nb' })).toEqual(['[spec].x-kubernetes-validations[0].message: Invalid value: "a\\nb": must not contain line breaks'])
    expect(said({ rule }, { rule, message: ' ' }, { rule: 'nothing', reason: 'Bad' })).toEqual([
      '[spec].x-kubernetes-validations[0].message: Required value: message must be specified if rule contains line breaks',
      '[spec].x-kubernetes-validations[1].message: Invalid value: " ": must be non-empty if specified',
      '[spec].x-kubernetes-validations[2].reason: Unsupported value: "Bad": supported values: "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"',
    ])
    expect(said({ rule: 'nothing', messageExpression: ' ' })).toEqual(['[spec].x-kubernetes-validations[0].messageExpression: Required value: messageExpression must be non-empty if specified'])
  })

  it.each([
    ['self.when > "x"', "1:11: found no matching overload for '_>_' applied to '(timestamp, string)'"],
    ['self.name == null', "1:11: found no matching overload for '_==_' applied to '(string, null)'"],
    ['self.list["a"] == 1', "1:10: found no matching overload for '_[_]' applied to '(list(int), string)'"],
    ['self.labels[1] == "a"', "1:12: found no matching overload for '_[_]' applied to '(map(string, string), int)'"],
    ['self.min in ["a"]', "1:10: found no matching overload for '@in' applied to '(int, list(string))'"],
    ['self.?missing.hasValue()', "1:5: undefined field 'missing'"],
    ['["a"].sum() == "a"', "1:10: found no matching overload for 'sum' applied to 'list(string).()'"],
    ['self.list == ["a"]', "1:11: found no matching overload for '_==_' applied to '(list(int), list(string))'"],
    ['"%d".format([self.name]) == "1"', '1:18: error during formatting: decimal clause can only be used on integers, was given string'],
    ['"%s %s".format([self.name]) == "1"', '1:15: index 1 out of range'],
    ['9223372036854775808 == self.min', '1:1: invalid int literal'],
    ['self.min.all(x, true)', "1:5: expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)"],
    ['self.min == 1 && self.max', "1:22: expected type 'bool' but found 'int'"],
    ['self.`my-key` == "x"', "1:5: undefined field 'my-key'"],
    ['self.', "1:6: Syntax error: no viable alternative at input '.'"],
  ])('are refused where types do not fit: %s', (rule, sentence) => {
    expect(checkSchema(ruled(rule), field('s')).map(({ message }) => message)).toEqual([expect.stringContaining(`ERROR: <input>:${sentence}\n | ${rule}\n`)])
  })

  it.each<[string, object]>([
    ['self.labels.`app.example.com/name` == "web" && has(self.labels.`a-b`)', { labels: { 'app.example.com/name': 'web', 'a-b': '' } }],
    ['self.namespace == "x" && self.__namespace__ == "x" && self.`namespace` == "x"', { namespace: 'x' }],
    ['-9223372036854775808 < self.min', { min: 1 }],
  ])('name fields as Kubernetes does: %s', (rule, spec) => {
    expect(checkSchema(ruled(rule), field('s'))).toEqual([])
    expect(broken(ruled(rule), spec)).toEqual([])
  })

  it('may compare with what was before below an atomic map', () => {
    const atomic: JsonSchema = { type: 'object', properties: { spec: { 'type': 'object', 'x-kubernetes-map-type': 'atomic', 'properties': { a: { 'type': 'string', 'x-kubernetes-validations': [{ rule: 'self == oldSelf' }] } } } } }
    expect(checkSchema(atomic, field('s'))).toEqual([])
    expect(broken(atomic, { a: 'y' }, { a: 'x' })).toEqual(['spec.a: Invalid value: "y": failed rule: self == oldSelf'])
  })

  it('say so where a stored one does not compile', () => {
    expect(broken(ruled('self.missing == 1'), { min: 1 })).toEqual([expect.stringContaining('spec: Invalid value: "object": rule compile error: compilation failed: ERROR: <input>:1:5: undefined field \'missing\'')])
  })

  it('may not look into what the schema says nothing about', () => {
    const schema = (value: JsonSchema): JsonSchema => ({ type: 'object', properties: { spec: { type: 'object', properties: { value, other: { ...value } }, 'x-kubernetes-validations': [{ rule: 'self.value == self.other' }] } } })
    const said = (value: JsonSchema) => checkSchema(schema(value), field('s')).map(({ message }) => message.slice(message.indexOf('ERROR')))
    expect(said({ 'x-kubernetes-preserve-unknown-fields': true })).toEqual([[
      "ERROR: <input>:1:5: undefined field 'value'\n | self.value == self.other\n | ....^",
      "ERROR: <input>:1:19: undefined field 'other'\n | self.value == self.other\n | ..................^",
    ].join('\n')])
    const open: JsonSchema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
    expect(said(open)).toEqual(["ERROR: <input>:1:12: found no matching overload for '_==_' applied to '(selfType.value, selfType.other)'\n | self.value == self.other\n | ...........^"])
    const kept: JsonSchema = { type: 'object', properties: { spec: { type: 'object', properties: { value: open }, 'x-kubernetes-validations': [{ rule: 'self.value == oldSelf.value' }] } } }
    expect(checkSchema(kept, field('s'))).toEqual([])
    expect(broken(kept, { value: { a: [1, { b: 1 }] }, more: 1 }, { value: { a: [1, { b: 1 }] } })).toEqual([])
    expect(broken(kept, { value: { a: 1 } }, { value: { a: 2 } })).toEqual(['spec: Invalid value: failed rule: self.value == oldSelf.value'])
    expect(checkSchema({ type: 'object', properties: { a: { 'x-kubernetes-preserve-unknown-fields': true, 'x-kubernetes-validations': [{ rule: 'true' }] } } }, field('s'))).toEqual([
      { field: 's.properties[a].x-kubernetes-validations', reason: 'InternalError', message: 'Internal error: internal error: failed to construct type information for x-kubernetes-validations rules: unable to convert structural schema to CEL declarations' },
    ])
  })

  it('about a change are refused where nothing says which part was which', () => {
    const items = { type: 'object', properties: { n: { type: 'string', maxLength: 63 } }, 'x-kubernetes-validations': [{ rule: 'self.n == oldSelf.n' }] }
    const schema = (list: object): JsonSchema => ({ type: 'object', properties: { list: { type: 'array', maxItems: 100, items, ...list } } })
    expect(checkSchema(schema({}), field('s')).map(({ message }) => message)).toEqual(['Invalid value: "self.n == oldSelf.n": oldSelf cannot be used on the uncorrelatable portion of the schema within s.properties[list]'])
    expect(checkSchema(schema({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['n'], items: { ...items, required: ['n'] } }), field('s'))).toEqual([])
  })

  it('compare whole objects, whatever the order of their fields', () => {
    expect(broken(ruled('self.items[0] == self.items[1]'), { items: [{ n: 'a', v: 1 }, { v: 1, n: 'a' }] })).toEqual([])
    expect(broken(ruled('self.items[0] in [self.items[1]]'), { items: [{ n: 'a', v: 1 }, { n: 'a', v: 2 }] })).toHaveLength(1)
  })

  it('end when they cost too much, and the event loop goes on', () => {
    const list = Array.from({ length: 3000 }, (_, i) => i + 1)
    const expensive = ['self.list.all(x, self.list.all(y, self.list.all(z, x + y + z > 0)))', 'self.list.exists(x, self.list.exists(y, nothing(y)))', 'self.list.map(x, self.list.map(y, x * y)).size() > 0']
    expect(broken(ruled(expensive[0]!), { list })).toEqual([expect.stringMatching(/cost (limit exceeded|budget)/)])
    expect(broken(ruled(expensive[2]!), { list })[0]).toContain('cost')
    const text = 'a'.repeat(500_000)
    const env = kubernetesCel().with({ self: dyn })
    const slow = allSteps(compile(env, 'self.l.all(x, !self.s.contains(x + "b"))'))
    expect(() => slow.run({ self: new Map<string, unknown>([['l', Array.from({ length: 50_000 }, () => 'aaaaaaaa')], ['s', text]]) }, new Budget())).toThrow(CostExceeded)
  })
})
