import { BadRegex, Regex } from '../../base/regex.ts'

const regexes = new Map<string, Regex | undefined>()
const maxRegexes = 2000

/** Whether a text has what a schema's pattern asks for; patterns are read once. */
export function matches(pattern: string, text: string): boolean {
  if (!regexes.has(pattern)) {
    if (regexes.size >= maxRegexes) regexes.clear()
    regexes.set(pattern, compiled(pattern))
  }
  // a CRD with a pattern that does not compile was never accepted
  return regexes.get(pattern)?.test(text) ?? true
}

function compiled(pattern: string): Regex | undefined {
  try {
    return new Regex(pattern)
  } catch (error) {
    if (error instanceof BadRegex) return undefined
    throw error
  }
}
