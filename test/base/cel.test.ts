import { describe, expect, it } from 'vitest'
import { Budget, Processor } from '../../src-main/base/cel/budget.ts'
import { fromJson } from '../../src-main/base/cel/from-json.ts'
import { BadExpression, compile, CostExceeded, EvaluationFailed } from '../../src-main/base/cel/program.ts'
import { toJson } from '../../src-main/base/cel/json.ts'
import { patchLibrary, patchMessage } from '../../src-main/base/cel/patches.ts'
import { dyn, int } from '../../src-main/base/cel/types.ts'
import { atOnce } from '../../src-main/base/turns.ts'
import { baseEnvironment } from '../../src-main/kinds/cel/admission.ts'

const env = baseEnvironment.with({ x: dyn, n: int }, patchMessage, [patchLibrary])
const x = { a: 1, list: [1, 2, 3], labels: { app: 'web' }, text: 'abc' }
const run = (expression: string, more: object = x): unknown => atOnce(compile(env, expression)).run({ x: fromJson(more), n: 3n }, new Budget())
const wrong = (expression: string): string => {
  try {
    run(expression)
  } catch (error) {
    if (error instanceof BadExpression || error instanceof EvaluationFailed) return error.message
    throw error
  }
  throw new Error(`${expression} is right`)
}

describe('the functions of Kubernetes in CEL', () => {
  it.each([
    // lists
    '[1, 2, 2].isSorted()', '[1, 2, 3].sum() == 6', '[1.5, 2.0].sum() == 3.5', '["b", "a"].min() == "a"', '[1, 3].max() == 3', '[1, 2, 1].indexOf(1) == 0',
    '[1, 2, 1].lastIndexOf(1) == 2', 'sets.contains([1, 2], [1])', 'sets.equivalent([1, 2], [2, 1, 1])', 'sets.intersects([1], [1, 2])',
    '[3, 1, 2].sort() == [1, 2, 3]', '[1, 2, 3, 4].slice(1, 3) == [2, 3]', '[[1], [2, 3]].flatten() == [1, 2, 3]', '[[[1]], [[2]]].flatten(2) == [1, 2]', '[1, 2].reverse() == [2, 1]', 'lists.range(3) == [0, 1, 2]',
    '[1, 2, 1].distinct() == [1, 2]', '[{"a": 2}, {"a": 1}].sortBy(e, e.a) == [{"a": 1}, {"a": 2}]',
    // strings and regular expressions
    '"hello".find("l+") == "ll"', '"abc".find("x") == ""', '"123 abc 456".findAll("[0-9]+") == ["123", "456"]', '"aabab".findAll("a+?") == ["a", "a", "a"]', '"1 2 3".findAll("[0-9]", 2) == ["1", "2"]',
    '"hello".charAt(4) == "o"', '"ABÇ".lowerAscii() == "abÇ"', '"a b c".replace(" ", "-", 1) == "a-b c"', '"a,b".split(",") == ["a", "b"]', '["a", "b"].join("/") == "a/b"',
    '" a ".trim() == "a"', '"hello".substring(1, 3) == "el"', 'strings.quote("a\\"b") == "\\"a\\\\\\"b\\""', '"%s has %d of %.1f, %x".format(["a", 2, 1.25, 255]) == "a has 2 of 1.2, ff"', '"%s".format([[1, "a"]]) == "[1, \\"a\\"]"',
    // quantities
    'quantity("1.5G").isGreaterThan(quantity("200M"))', 'quantity("50k").add(20).sub(quantity("100k")).sub(-50000) == quantity("20")', 'quantity("50k").asInteger() == 50000', '!quantity("50m").isInteger()',
    'quantity("1Gi").asApproximateFloat() == 1073741824.0', 'sign(quantity("-1")) == -1', '!isQuantity("200K")', 'quantity("200M").compareTo(quantity("0.2G")) == 0',
    // only what is kept in an int64 is an integer
    '!quantity("1000m").isInteger()', '!quantity("1Pi").isInteger()', 'quantity("1Ti").isInteger()', '!quantity("1.0").isInteger()', 'quantity("1E").add(1).isInteger()', '!isQuantity("1 k")', 'quantity("k") == quantity("0")',
    'quantity("20Ei") == quantity("9223372036854775807")',
    // URLs
    'url("https://user:pass@example.com:80/path?query=val#fragment").getHost() == "example.com:80"', 'url("https://[::1]:80/").getHostname() == "::1"', 'url("/path").getScheme() == ""',
    'url("https://example.com/path with spaces/").getEscapedPath() == "/path%20with%20spaces/"', 'url("https://example.com").getEscapedPath() == ""',
    'url("https://example.com/path?k1=a&k2=b&k2=c").getQuery() == {"k1": ["a"], "k2": ["b", "c"]}', '!isURL("https://a:b:c/")', '!isURL("../relative-path")', 'isURL("/absolute-path")',
    // addresses
    'ip("127.0.0.1").isLoopback()', 'ip("::1").family() == 6', '!isIP("127.0.0.256")', '!isIP("::ffff:1.2.3.4")', '!isIP("fe80::1%eth0")', 'ip.isCanonical("2001:db8::abcd")', '!ip.isCanonical("2001:DB8::ABCD")',
    'ip("fe80::1").isLinkLocalUnicast()', 'ip("192.168.0.1").isGlobalUnicast()', '!ip("255.255.255.255").isGlobalUnicast()', 'cidr("192.168.0.0/24").containsIP("192.168.0.1")',
    '!cidr("192.168.1.0/24").containsCIDR("192.168.2.0/24")', 'cidr("192.168.0.1/24").masked() == cidr("192.168.0.0/24")', 'cidr("::1/128").prefixLength() == 128', '!isCIDR("192.168.0.0/33")', 'string(cidr("10.0.0.1/8").ip()) == "10.0.0.1"',
    // versions
    'semver("1.2.3").isLessThan(semver("1.10.0"))', 'semver("1.0.0-alpha.1").compareTo(semver("1.0.0")) == -1', 'semver("v1.0", true) == semver("1.0.0")', '!isSemver("v1.0")', 'semver("01.01.01", true).minor() == 1',
    // named formats
    '!format.dns1123Label().validate("my-label").hasValue()', 'format.named("dns1123Subdomain").value().validate("-").hasValue()', '!format.named("nothing").hasValue()', '!format.dns1123LabelPrefix().validate("my-").hasValue()',
    'format.uuid().validate("x").value() == ["does not match the UUID format"]',
    // two variables
    '[1, 2].all(i, v, i < v)', '{"a": 1}.exists(k, v, k == "a" && v == 1)', '[5, 6].existsOne(i, v, v == i + 5 && i == 0)', '[1, 2, 3].transformList(i, v, v > 1, v * 2) == [4, 6]', '{"a": 1}.transformMap(k, v, v + 1) == {"a": 2}',
    '{"a": "b"}.transformMapEntry(k, v, {v: k}) == {"b": "a"}',
    // optionals
    'x.?nothing.orValue("none") == "none"', 'x.labels[?"app"].value() == "web"', 'x.?a.optMap(v, v + 1).value() == 2', '!optional.none().hasValue()', '[?x.?nothing, ?x.?a] == [1]', '{?"a": x.?nothing, "b": dyn(1)} == {"b": 1}',
    'optional.ofNonZeroValue("").orValue("zero") == "zero"', 'x.?labels.optFlatMap(l, l.?app).value() == "web"',
    // times
    'string(duration("90m")) == "5400s"', 'int(timestamp("1970-01-01T00:01:00Z")) == 60', 'string(timestamp("2026-01-01T00:00:00Z")) == "2026-01-01T00:00:00Z"',
    // patches
    'jsonpatch.escapeKey("a/b~c") == "a~1b~0c"',
  ])('%s', (expression) => {
    expect(run(expression)).toBe(true)
  })

  it.each(['0', '1.', '1', 'k', '1:', '%', '::'])('read a long text of %s at once', (piece) => {
    const text = piece.repeat(100_000)
    for (const name of ['isQuantity', 'isIP', 'isCIDR', 'isSemver']) expect(run(`${name}(x.text + "x")`, { text })).toBe(false)
  })

  it('make objects and patches, of which JSON can be made', () => {
    expect(toJson(run('Object{spec: Object.spec{replicas: n, ?none: x.?none, list: [Object.spec.list{name: "a"}]}, m: {"k": 1.5}}'))).toEqual({ spec: { replicas: 3, list: [{ name: 'a' }] }, m: { k: 1.5 } })
    expect(run('[JSONPatch{op: "add", path: "/a", value: true ? {"Object": "no type"} : {}}]')).toMatchObject([{ op: 'add', path: '/a' }])
    expect(toJson(run('Object{constructor: "x", __proto__: Object.__proto__{polluted: true}}'))).toEqual({ constructor: 'x' })
    expect({}).not.toHaveProperty('polluted')
  })

  it.each([
    ['y == 1', "ERROR: <input>:1:1: undeclared reference to 'y' (in container '')\n | y == 1\n | ^"],
    ['n + "a" == 1', "ERROR: <input>:1:3: found no matching overload for '_+_' applied to '(int, string)'\n | n + \"a\" == 1\n | ..^"],
    ['"a".startsWith(1)', "ERROR: <input>:1:15: found no matching overload for 'startsWith' applied to 'string.(int)'\n | \"a\".startsWith(1)\n | ..............^"],
    ['n == 1 &&\nnothing(n)', "ERROR: <input>:2:8: undeclared reference to 'nothing' (in container '')\n | nothing(n)\n | .......^"],
    ['[?x.?a, y]', "ERROR: <input>:1:9: undeclared reference to 'y' (in container '')\n | [?x.?a, y]\n | ........^"],
    ['n ==', "ERROR: <input>:1:5: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | n ==\n | ....^"],
    ['[1, "a"].size() == 2', "ERROR: <input>:1:5: expected type 'int' but found 'string'\n | [1, \"a\"].size() == 2\n | ....^"],
    ['{"a": 1, "b": true}.size() == 2', "ERROR: <input>:1:15: expected type 'int' but found 'bool'\n | {\"a\": 1, \"b\": true}.size() == 2\n | ..............^"],
    ['duration("1x") > duration("1s")', 'ERROR: <input>:1:10: invalid duration argument\n | duration("1x") > duration("1s")\n | .........^'],
    ['timestamp("2026") == x', 'ERROR: <input>:1:11: invalid timestamp argument\n | timestamp("2026") == x\n | ..........^'],
    ['"a".matches("[")', 'ERROR: <input>:1:13: invalid matches argument\n | "a".matches("[")\n | ............^'],
    ['cel.bind(1, 2)', "ERROR: <input>:1:1: undeclared reference to 'cel' (in container '')\n | cel.bind(1, 2)\n | ^\nERROR: <input>:1:9: undeclared reference to 'bind' (in container '')\n | cel.bind(1, 2)\n | ........^"],
    ['b"a".hex() == "61"', "ERROR: <input>:1:9: undeclared reference to 'hex' (in container '')\n | b\"a\".hex() == \"61\"\n | ........^"],
    [`${'('.repeat(600)}n${')'.repeat(600)} == 1`, 'ERROR: <input>:-1:0: expression recursion limit exceeded: 250'],
    [`n${' + n'.repeat(300)} == 1`, 'ERROR: <input>:-1:0: max recursion depth exceeded'],
    [`n == 1${' '.repeat(100_000)}`, 'ERROR: <input>:-1:0: expression code point size exceeds limit: size: 100006, limit 100000'],
    ['[1].slice(0, 2) == [1]', 'cannot slice(0, 2), list is length 1'],
    ['x.nothing == 1', 'no such key: nothing'],
    ['[1][x.a] == 1', 'index out of bounds: 1'],
    ['1 / (x.a - 1) == 1', 'division by zero'],
    ['quantity("200K") == quantity("1")', "unable to parse quantity's suffix"],
    ['quantity("200 k") == quantity("1")', "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"],
    ['quantity("Pi") == quantity("1")', 'unable to parse numeric part of quantity'],
    ['quantity("1500m").add(quantity("500m")).asInteger() == 2', 'cannot convert value to integer'],
    ['semver("1.02.3") == semver("1.2.3")', 'Minor number must not contain leading zeroes "02"'],
    ['semver("1.2.3-a..b") == semver("1.2.3")', 'Prerelease is empty'],
    ['semver("1.2-a", true) == semver("1.2.3")', 'short version cannot contain PreRelease/Build meta data'],
    ['ip("10.0.0.1.2") == ip("::")', 'IP Address "10.0.0.1.2" parse error during conversion from string: ParseAddr("10.0.0.1.2"): IPv4 address too long'],
    ['ip("1::2:::3") == ip("::")', 'IP Address "1::2:::3" parse error during conversion from string: ParseAddr("1::2:::3"): multiple :: in address (at "::3")'],
    ['cidr("10.0.0.0/08") == cidr("::/0")', 'network address parse error during conversion from string: network address parse error during conversion from string: netip.ParsePrefix("10.0.0.0/08"): bad bits after slash: "08"'],
  ])('say what is wrong with %s', (expression, sentence) => {
    expect(wrong(expression)).toBe(sentence)
  })
})

describe('a long chain', () => {
  it('is read whatever its length, and means what it says', () => {
    const chain = (word: string, last: string): string => `${Array.from({ length: 900 }, () => 'n == 3').join(word)}${word}${last}`
    expect(run(chain(' && ', 'true'))).toBe(true)
    expect(run(chain(' && ', 'n == 4'))).toBe(false)
    expect(run(Array.from({ length: 900 }, (_, i) => `n == ${i + 4}`).join(' || '))).toBe(false)
    expect(run(`${Array.from({ length: 900 }, (_, i) => `n == ${i + 4}`).join(' || ')} || n == 3`)).toBe(true)
    expect(wrong(chain(' && ', 'nothing'))).toContain("undeclared reference to 'nothing'")
  })
})

describe('an expression that costs too much', () => {
  const list = Array.from({ length: 2000 }, (_, i) => i)
  it.each([
    'x.list.all(a, x.list.all(b, x.list.all(c, a + b + c >= 0)))',
    'x.list.exists(a, x.list.exists(b, x.list.exists(c, a + b + c < 0 || nothing[a])))'.replace('nothing[a]', 'x.list[-1] == 0'),
    'x.list.all(i, a, x.list.all(j, b, x.list.all(k, c, a + b + c >= 0)))',
    `x.list.all(a, ${'x.text + '.repeat(20)}"" != string(a))`,
    'x.list.map(a, x.list.map(b, x.list)).size() == 0',
    'x.list.all(a, x.text.matches("(a|aa)+$") || true)',
    // each match is looked for to the end of the text
    'x.text.findAll("a*b|a").size() > 0',
    'x.text.find("a{1,100}b{1,100}|c") == ""',
  ])('is ended: %s', (expression) => {
    expect(() => run(expression, { list, text: 'a'.repeat(100_000) })).toThrow(CostExceeded)
  })

  it('uses up what others of the same request would have had', () => {
    const budget = new Budget(100)
    const loop = atOnce(compile(env, 'x.list.all(a, a >= 0)'))
    expect(() => loop.run({ x: fromJson({ list }) }, budget)).toThrow('validation failed due to running out of cost budget, no further validation rules will be run')
    expect(() => atOnce(compile(env, 'true')).run({}, budget)).toThrow(CostExceeded)
    const processor = new Processor()
    expect(atOnce(compile(env, 'true')).run({}, new Budget(undefined, processor))).toBe(true)
    expect(processor.exhausted).toBeUndefined()
  })
})
