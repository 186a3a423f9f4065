import { atOnce, type Steps } from '../base/turns.ts'

/** Below this size JSON of any shape is read in a few milliseconds. */
export const largeJsonBytes = 128 * 1024
/** Of one body: members of all its objects together. Nothing that can be stored has more, for each takes eight bytes there. */
const mostMembers = 200_000
/** Of what Kubernetes describes each object has defaults and rules. */
const mostObjects = { custom: 600_000, builtIn: 200_000 }
/** Of one object. Such maps are slow: whoever asks for one of their keys first pays for all. */
const mostKeys = 100_000

const quote = 0x22
const backslash = 0x5c

/** Of a text that is looked through in one step. */
const stepLength = 256 * 1024

/** Why a large JSON text is refused before anything is built of it; undefined when it may be parsed, which may still fail. */
export const refusedJson = (bytes: Buffer, maxDepth: number, of: keyof typeof mostObjects = 'builtIn'): string | undefined => atOnce(refusedInSteps(bytes, maxDepth, of))

export function* refusedInSteps(bytes: Buffer, maxDepth: number, of: keyof typeof mostObjects = 'builtIn'): Steps<string | undefined> {
  let rest = stepLength
  let depth = 0
  let members = 0
  let objects = 0
  const keys = new Uint32Array(maxDepth + 1)
  for (let at = 0; at < bytes.length; at++) {
    if (at >= rest) {
      yield
      rest = at + stepLength
    }
    switch (bytes[at]) {
      case quote:
        at = endOfString(bytes, at)
        break
      case 0x7b: // {
        if (++objects > mostObjects[of]) return `more than ${mostObjects[of]} objects`
        if (++depth > maxDepth) return `exceeded max depth of ${maxDepth}`
        keys[depth] = 0
        break
      case 0x5b: // [
        if (++depth > maxDepth) return `exceeded max depth of ${maxDepth}`
        break
      case 0x7d: // }
      case 0x5d: // ]
        depth--
        break
      case 0x3a: // :
        if (++members > mostMembers) return `more than ${mostMembers} fields`
        if (++keys[depth]! > mostKeys) return `more than ${mostKeys} fields of one object`
    }
  }
  return undefined
}

/** Where the string that begins at `start` ends; the text's end when it does not. */
function endOfString(bytes: Buffer, start: number): number {
  const first = bytes.indexOf(quote, start + 1)
  if (first < 0) return bytes.length
  if (bytes[first - 1] !== backslash) return first
  // with escapes in it, a search for every quote would cost more than a look at every byte
  for (let at = start + 1; at < bytes.length; at++) {
    if (bytes[at] === backslash) at++
    else if (bytes[at] === quote) return at
  }
  return bytes.length
}
