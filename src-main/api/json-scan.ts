import { atOnce, type Steps } from '../base/turns.ts'

/** What JSON.parse does not tell about a text. */
export interface Scan {
  readonly depth: number
  /** Paths of keys that stand twice in one object: `spec.ports[0].name`. */
  readonly duplicates: readonly string[]
}

interface Frame {
  /** Undefined in an array. */
  readonly keys?: Set<string>
  key: string
  index: number
}

/** As Kubernetes' decoder: nobody reads more. */
const mostDuplicates = 100

/** Of a text that is looked through in one step. */
const stepLength = 64 * 1024

/** Reads a text that JSON.parse has accepted. */
export const scanJson = (text: string): Scan => atOnce(scanInSteps(text))

/** `meet` is told of each key, and whether it stood in its object before. */
export function* scanInSteps(text: string, meet?: (path: string, again: boolean) => void): Steps<Scan> {
  const frames: Frame[] = []
  const duplicates = new Set<string>()
  let depth = 0
  let expectsKey = false
  let frame: Frame | undefined
  let rest = stepLength
  for (let i = 0; i < text.length; i++) {
    if (i >= rest) {
      yield
      rest = i + stepLength
    }
    switch (text.charCodeAt(i)) {
      case 0x22: { // "
        const end = endOfString(text, i)
        if (expectsKey && frame?.keys) {
          frame.key = unquote(text, i, end)
          if (duplicates.size < mostDuplicates && frame.keys.has(frame.key)) duplicates.add(pathOf(frames))
          meet?.(pathOf(frames), frame.keys.has(frame.key))
          frame.keys.add(frame.key)
          expectsKey = false
        }
        i = end
        break
      }
      case 0x7b: // {
        frames.push((frame = { keys: new Set(), key: '', index: 0 }))
        depth = Math.max(depth, frames.length)
        expectsKey = true
        break
      case 0x5b: // [
        frames.push((frame = { key: '', index: 0 }))
        depth = Math.max(depth, frames.length)
        expectsKey = false
        break
      case 0x7d: // }
      case 0x5d: // ]
        frames.pop()
        frame = frames.at(-1)
        expectsKey = false
        break
      case 0x2c: // ,
        if (frame) frame.index++
        expectsKey = frame?.keys !== undefined
        break
    }
  }
  return { depth, duplicates: [...duplicates] }
}

/** Where the string that begins at `start` ends; -1 when it does not. */
export function endOfString(text: string, start: number): number {
  const first = text.indexOf('"', start + 1)
  if (first < 0 || text.charCodeAt(first - 1) !== 0x5c) return first
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x22) return at
    if (code === 0x5c) at++
  }
  return -1
}

function unquote(text: string, start: number, end: number): string {
  const inside = text.slice(start + 1, end)
  return inside.includes('\\') ? (JSON.parse(`"${inside}"`) as string) : inside
}

const pathOf = (frames: readonly Frame[]): string =>
  frames.map((frame, at) => (frame.keys ? `${at === 0 ? '' : '.'}${frame.key}` : `[${frame.index}]`)).join('')
