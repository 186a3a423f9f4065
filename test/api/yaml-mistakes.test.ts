import { expect, test } from 'vitest'
import { yamlToJson } from '../../src-main/api/yaml-json.ts'

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
])('%j is refused in the words, and by the lines, of go-yaml', (text, sentence) => {
  expect(() => yamlToJson({ text, mostBytes: 1000, maxDepth: 10 })).toThrow(new Error(`yaml: ${sentence}`))
})
