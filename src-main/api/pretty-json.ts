import type { Steps } from '../base/turns.ts'
import { endOfString } from './json-scan.ts'

/** Of a text that is written in one step. */
const stepLength = 64 * 1024

/** JSON as `JSON.stringify` writes it with two spaces, and a line end, of JSON as it writes it without. */
export function* prettyJson(text: string): Steps<string> {
  const json = text.trimEnd()
  const parts: string[] = []
  let depth = 0
  let from = 0
  let rest = stepLength
  const upTo = (end: number, behind: string): void => {
    parts.push(json.slice(from, end), behind)
    from = end
  }
  const line = (): string => `\n${'  '.repeat(depth)}`
  for (let i = 0; i < json.length; i++) {
    if (i >= rest) {
      yield
      rest = i + stepLength
    }
    switch (json.charCodeAt(i)) {
      case 0x22: // "
        i = endOfString(json, i)
        break
      case 0x3a: // :
        upTo(i + 1, ' ')
        break
      case 0x2c: // ,
        upTo(i + 1, line())
        break
      case 0x5b: // [
      case 0x7b: { // {
        const next = json.charCodeAt(i + 1)
        if (next === 0x5d || next === 0x7d) i++
        else {
          depth++
          upTo(i + 1, line())
        }
        break
      }
      case 0x5d: // ]
      case 0x7d: // }
        depth--
        upTo(i, line())
    }
  }
  yield
  return `${parts.join('')}${json.slice(from)}\n`
}
