import { BadRegex, Regex } from '../regex.ts'
import { call, type Library, member } from './declarations.ts'
import { bool, int, list, string } from './types.ts'
import { noOverload, TooMuch } from './values.ts'

/** Those that expressions asked for lately; making one takes longer than using it. */
class Regexes {
  readonly #known = new Map<string, Regex>()

  /** @throws BadRegex */
  of(pattern: string): Regex {
    let regex = this.#known.get(pattern)
    if (!regex) {
      if (this.#known.size >= 1000) this.#known.clear()
      this.#known.set(pattern, (regex = new Regex(pattern)))
    }
    return regex
  }
}

const regexes = new Regexes()

/** @throws Error in Kubernetes' words */
function illegal<T>(find: () => T): T {
  try {
    return find()
  } catch (error) {
    throw error instanceof BadRegex ? new Error(`Illegal regex: ${error.message}`) : error
  }
}

/** More would be no list that an expression could use. */
const mostFound = 200_000
/** Steps of one search; enough for a text of a hundred thousand characters, and nobody else is served meanwhile. */
const mostWork = 2_000_000

function findAll(text: string, pattern: string, most = -1n): string[] {
  const regex = illegal(() => regexes.of(pattern))
  const found: string[] = []
  const work = { left: mostWork }
  for (let at = 0; at <= text.length && (most < 0n || found.length < most); ) {
    const match = regex.find(text, at, work)
    if (work.left < 0) throw new TooMuch('a search that takes too long')
    if (!match) break
    // as Go: nothing right behind a match is no match of its own
    if (match.end > match.start || match.start !== at || at === 0 || found.length === 0) found.push(text.slice(match.start, match.end))
    if (found.length > mostFound) throw new TooMuch(`more than ${mostFound} matches`)
    at = match.end > match.start ? match.end : match.end + 1
  }
  return found
}

const matches = (text: unknown, pattern: unknown): unknown => (typeof text === 'string' && typeof pattern === 'string' ? regexes.of(pattern).test(text) : noOverload)

/** Regular expressions of the language and of Kubernetes, which are RE2's. */
export const regexLibrary: Library = {
  functions: {
    matches: [call([string, string], bool, matches), member([string, string], bool, matches)],
    find: [member([string, string], string, (text: string, pattern: string) => findAll(text, pattern, 1n)[0] ?? '')],
    findAll: [member([string, string], list(string), findAll), member([string, string, int], list(string), findAll)],
  },
}
