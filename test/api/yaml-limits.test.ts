import { expect, it } from 'vitest'
import { yamlToJson } from '../../src-main/api/yaml-json.ts'

const read = (text: string) => yamlToJson({ text, mostBytes: 3 * 1024 * 1024, maxDepth: 10_000 })

it.each(['[]', '{}'])('reads no more of a YAML text of %s than a hundred thousand of them', (brackets) => {
  expect(JSON.parse(read(`[${`${brackets},`.repeat(1000)}]`).json)).toHaveLength(1000)
  expect(() => read(`[${`${brackets},`.repeat(100_000)}]`)).toThrow('yaml: more than 100000 lists and maps in brackets')
})
