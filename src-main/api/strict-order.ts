import type { Steps } from '../base/turns.ts'
import { scanInSteps } from './json-scan.ts'

export const unknownField = (path: string): string => `unknown field "${path}"`
export const duplicateField = (path: string): string => `duplicate field ${JSON.stringify(path)}`

const ofYaml = 'yaml: unmarshal errors:\n'

/** The mistakes that a YAML parser tells of, in one. */
export const yamlMistakes = (sentences: readonly string[]): string => ofYaml + sentences.map((sentence) => `  ${sentence}`).join('\n')

/** A mistake as warnings: of YAML each by itself, and none that a header, which has one line, cannot hold. */
export const warningsOf = (mistake: string): string[] =>
  (mistake.startsWith(ofYaml) ? mistake.slice(ofYaml.length).split('\n').map((line) => line.trim()) : [mistake]).filter((line) => !line.includes('\n'))

/**
 * What Kubernetes' strict decoder says of a text, in the order in which it meets it: `unknown` fields, of whose content it
 * says nothing, and keys that stand twice.
 */
export function* mistakesInOrder(text: string, unknown: readonly string[]): Steps<string[]> {
  const nobodys = new Set(unknown)
  const told = new Set<string>()
  let passed: string | undefined
  yield* scanInSteps(text, (path, again) => {
    if (passed !== undefined && (path.startsWith(`${passed}.`) || path.startsWith(`${passed}[`))) return
    passed = nobodys.has(path) ? path : undefined
    if (passed !== undefined) told.add(unknownField(path))
    else if (again) told.add(duplicateField(path))
  })
  return [...told]
}
