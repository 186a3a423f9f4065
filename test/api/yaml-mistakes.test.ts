import { expect, test } from 'vitest'
import { yamlToJson } from '../../src-main/api/yaml-json.ts'
import { utf8Mistake } from '../../src-main/api/yaml-utf8.ts'

test.each([
  ['a: b: c', 'mapping values are not allowed in this context'],
  ['a: 1\n b: 2', 'line 2: mapping values are not allowed in this context'],
  ['\ta: 1', 'found character that cannot start any token'],
  ['a: "\\q"', 'found unknown escape character'],
  ["a: 'x", 'found unexpected end of stream'],
  ['a:\n  b: "x\n', 'line 3: found unexpected end of stream'],
  ['a: |\n x\ny\n', "line 4: could not find expected ':'"],
  ['a: - b', 'block sequence entries are not allowed in this context'],
  ['a: }', 'did not find expected node content'],
  ['a: [', 'line 1: did not find expected node content'],
  ['[1,2', "line 1: did not find expected ',' or ']'"],
  ['a: [1, 2\nb: 3', "line 1: did not find expected ',' or ']'"],
  ['a: {b: 1', "line 1: did not find expected ',' or '}'"],
  ['a:\n  - b\n c: 1', 'line 2: did not find expected key'],
  ['a: 1\nb:- x\n- y\n', "line 3: could not find expected ':'"],
  ['a1\nb:', 'line 2: mapping values are not allowed in this context'],
  ['- a\nb: 1\n', "line 1: did not find expected '-' indicator"],
  ['a: 1\n- b\n', 'line 1: did not find expected key'],
  ['? a\n: b\n: c\n', 'line 2: did not find expected key'],
  ['a: 1\nb:\n>- x\n', "line 3: did not find expected comment or line break"],
  ['a: |0\n x\n', 'found an indentation indicator equal to 0'],
  ['a: "\n---\n"', 'line 2: found unexpected document indicator'],
  ['a: x\n\tb\n', 'line 2: found a tab character that violates indentation'],
  ['a: &', 'did not find expected alphabetic or numeric character'],
  ['a: *b', "unknown anchor 'b' referenced"],
  ['a: &b\n  c: *b', "anchor 'b' value contains itself"],
  ['a: {b: c d: e}', "did not find expected ',' or '}'"],
  ['a: !x!y z', 'found undefined tag handle'],
  ['a: "\\u12"', 'did not find expected hexdecimal number'],
  ['%YAML 1.2\n---\na', 'found incompatible YAML document'],
  ['%FOO x\n---\na', 'found unknown directive name'],
  ['{[1]: a}', 'invalid map key: []interface {}{1}'],
  ['a: !!binary x', '!!binary value contains invalid base64 data'],
  ['<<: 1', 'map merge requires map or sequence of maps as the value'],
])('%j is refused in the words, and by the lines, of go-yaml', (text, sentence) => {
  expect(() => yamlToJson({ text, mostBytes: 1000, maxDepth: 10 })).toThrow(new Error(`yaml: ${sentence}`))
})

test.each<[number[], string | undefined]>([
  [[0x61, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80], undefined],
  [[0xff], 'invalid leading UTF-8 octet'],
  [[0x61, 0xe2, 0x82], 'incomplete UTF-8 octet sequence'],
  [[0xc3, 0x28], 'invalid trailing UTF-8 octet'],
  [[0xc0, 0x80], 'invalid length of a UTF-8 sequence'],
  [[0xed, 0xa0, 0x80], 'invalid Unicode character'],
  [[0xf4, 0x90, 0x80, 0x80], 'invalid Unicode character'],
])('of the bytes %j go-yaml says: %s', (bytes, sentence) => {
  expect(utf8Mistake(Buffer.from(bytes))).toBe(sentence && `yaml: ${sentence}`)
})

test('a key that is nothing is refused as Go shows it', () => {
  expect(() => yamlToJson({ text: '? \n: {a: [1, b, null]}', mostBytes: 1000, maxDepth: 10 }))
    .toThrow(new Error('unsupported map key of type: %!s(<nil>), key: <nil>, value: map[interface {}]interface {}{"a":[]interface {}{1, "b", interface {}(nil)}}'))
})

test.each<[string, unknown]>([
  ['', null],
  ['  a: 1\nb: [', { a: 1 }],
  ['a: 1\n...\n@', { a: 1 }],
  ['a: "x\ny\n\nz \\\n  w"', { a: 'x y\nz w' }],
  ["a: 'it''s\n\n  so'", { a: "it's\nso" }],
  ['a: x\n  y # z\nb: p', { a: 'x y', b: 'p' }],
  ['a: |2-\n    x\n   y\n\nb: >+\n  p\n  q\n\n   r\n\n', { a: '  x\n y', b: 'p q\n\n r\n\n' }],
  ['- a\n-\n- b: c\n  d: e\n- - f\n  - g', ['a', null, { b: 'c', d: 'e' }, ['f', 'g']]],
  ['a:\n- 1\n-\nb:\n- 2', { a: [1, null], b: [2] }],
  ['{a, b: , ? c, ? d : e, "f":g}', { 'a': null, 'b': null, 'c': null, 'd': 'e', 'f': 'g' }],
  ['[a: b, ? c : d, {e: f}, ]', [{ a: 'b' }, { c: 'd' }, { e: 'f' }]],
  ['{a:, b: 1}', { 'a:': null, 'b': 1 }],
  ['? a\n  b\n: c\n? d\n', { 'a b': 'c', 'd': null }],
  ['a: &x {b: 1}\nc: *x\nd: {<<: *x, b: 2, e: 3}\nf: {<<: [{b: 4}, *x]}', { a: { b: 1 }, c: { b: 1 }, d: { b: 2, e: 3 }, f: { b: 4 } }],
  ['%TAG !e! tag:example.com:\n---\na: !e!x y\nb: !!str 5\nc: !<tag:yaml.org,2002:int> "6"\nd: ! 7', { a: 'y', b: '5', c: 6, d: '7' }],
  ['\ufeffa: 1\r\nb: |\r\n  c\r\n  d\r\n', { a: 1, b: 'c\nd\n' }],
  ['\u{1f600}: {x: "\\U0001F600"}', { '\u{1f600}': { x: '\u{1f600}' } }],
  ['a#b: c#d', { 'a#b': 'c#d' }],
  ['a: b:c', { a: 'b:c' }],
])('%j is read as YAML 1.1 is in Go', (text, value) => {
  expect(JSON.parse(yamlToJson({ text, mostBytes: 1000, maxDepth: 10 }).json)).toEqual(value)
})
