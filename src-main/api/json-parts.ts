import { type JsonObject, type NumberOverflow, parseJson, setOwn } from '../base/json.ts'
import type { Steps } from '../base/turns.ts'
import { endOfString } from './json-scan.ts'

/** Of the text that is parsed at once. */
const partLength = 32 * 1024
/** Of the text that is looked through in one step. */
const lookLength = 64 * 1024

/** A list or object that has begun; `value` is there once it is put together of parts. */
interface Open {
  readonly isList: boolean
  /** Where its opening bracket stands. */
  readonly at: number
  value: unknown[] | JsonObject | undefined
  /** Behind what `value` has already. */
  from: number
  /** Where its last comma or its opening bracket stands. */
  last: number
  /** What stands before `from` is a member that was put together of parts, so that a comma or the end follows. */
  follows: boolean
}

/**
 * Reads a long text as `parseJson` does, in parts: lists and objects that are longer than a part are put together of runs
 * of their members.
 *
 * @throws SyntaxError for what is not JSON, in words of nobody; NumberOverflow
 */
export function* parseInParts(text: string, overflowed?: (error: NumberOverflow) => void): Steps<unknown> {
  const parse = (part: string): unknown => parseJson(part, overflowed)
  const open: Open[] = []
  let frame: Open | undefined
  let rest = lookLength
  for (let i = 0; i < text.length; i++) {
    if (i >= rest) {
      yield
      rest = i + lookLength
    }
    switch (text.charCodeAt(i)) {
      case 0x22: // "
        if ((i = endOfString(text, i)) < 0) throw notJson()
        break
      case 0x5b: // [
      case 0x7b: // {
        open.push((frame = { isList: text.charCodeAt(i) === 0x5b, at: i, value: undefined, from: i + 1, last: i, follows: false }))
        break
      case 0x2c: // ,
        if (!frame) throw notJson()
        if (frame.follows) skipBlank(text, frame, i)
        else if (i - frame.from > partLength) take(text, open, i, parse)
        frame.last = i
        break
      case 0x5d: // ]
      case 0x7d: { // }
        const closed = open.pop()
        if (!closed || closed.isList !== (text.charCodeAt(i) === 0x5d)) throw notJson()
        if (closed.value) end(text, closed, i, parse)
        frame = open.at(-1)
        if (frame && closed.value) Object.assign(frame, { from: i + 1, follows: true })
        if (frame) break
        if (!closed.value) return parse(text)
        if (!isBlank(text, 0, closed.at) || !isBlank(text, i + 1, text.length)) throw notJson()
        return closed.value
      }
    }
  }
  return parse(text)
}

type Parse = (part: string) => unknown

const notJson = (): SyntaxError => new SyntaxError('not JSON')
const isBlank = (text: string, from: number, to: number): boolean => /^[ \t\r\n]*$/.test(text.slice(from, to))

function skipBlank(text: string, frame: Open, comma: number): void {
  if (!isBlank(text, frame.from, comma)) throw notJson()
  frame.from = comma + 1
  frame.follows = false
}

/** Parses the run of members before a comma of the innermost list or object; all around it are then put together of parts too. */
function take(text: string, open: readonly Open[], comma: number, parse: Parse): void {
  open.forEach((outer, depth) => {
    const inner = open[depth + 1]
    outer.value ??= outer.isList ? [] : {}
    if (!inner) parseRun(text, outer, comma, parse)
    else if (!inner.value) begin(text, outer, inner, parse)
  })
}

/** Parses what stands before a member that is to be put together, and puts that in its place, empty as it still is. */
function begin(text: string, outer: Open, inner: Open, parse: Parse): void {
  if (outer.follows) throw notJson()
  if (outer.last >= outer.from) parseRun(text, outer, outer.last, parse)
  const name = text.slice(outer.from, inner.at)
  inner.value = inner.isList ? [] : {}
  if (Array.isArray(outer.value)) {
    if (!isBlank(name, 0, name.length)) throw notJson()
    outer.value.push(inner.value)
  } else {
    const [key] = /:[ \t\r\n]*$/.test(name) ? Object.keys(JSON.parse(`{${name}0}`) as JsonObject) : []
    if (key === undefined) throw notJson()
    setOwn(outer.value!, key, inner.value)
  }
}

function end(text: string, frame: Open, at: number, parse: Parse): void {
  if (frame.follows) skipBlank(text, frame, at)
  else parseRun(text, frame, at, parse)
}

function parseRun(text: string, frame: Open, to: number, parse: Parse): void {
  const run = text.slice(frame.from, to)
  // where members have been, others must follow the comma
  if (isBlank(run, 0, run.length)) throw notJson()
  if (Array.isArray(frame.value)) for (const item of parse(`[${run}]`) as unknown[]) frame.value.push(item)
  else {
    const members = parse(`{${run}}`) as JsonObject
    for (const key of Object.keys(members)) setOwn(frame.value!, key, members[key])
  }
  frame.from = to + 1
}
