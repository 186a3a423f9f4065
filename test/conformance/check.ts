import { expect } from 'vitest'
import type { Answer } from './caller.ts'
import { type Ask, filled, type Saved } from './row.ts'

/** Fails unless the answer is what the request must get. */
export function check(step: Ask, answer: Answer | Pick<Answer, 'body'>, saved: Saved): void {
  if ('code' in answer) checkHead(step, answer, saved)
  if (step.answer === undefined) return
  const lacking: string[] = []
  const expected = expectation(filled(step.answer, saved), [], lacking)
  const about = `the answer to ${step.do}`
  if (step.exactly) expect(answer.body, about).toEqual(expected)
  else if (typeof expected === 'object') expect(answer.body, about).toMatchObject(expected as object)
  else expect(answer.body, about).toEqual(expected)
  for (const path of lacking) {
    const value = path.split('\n').reduce<unknown>((at, step) => (at as Record<string, unknown> | null | undefined)?.[step], answer.body)
    expect(value, `${path.replaceAll('\n', '.')} in ${about}`).toBeUndefined()
  }
}

function checkHead(step: Ask, answer: Answer, saved: Saved): void {
  const about = `${step.do} answered: ${answer.text.slice(0, 1500)}`
  expect([step.code ?? (step.do.startsWith('POST ') ? 201 : 200)].flat(), about).toContain(answer.code)
  for (const [name, value] of Object.entries(step.answerHeaders ?? {})) {
    const got = answer.headers[name.toLowerCase()]
    expect(got, `${name} of ${about}`).toEqual(expectation(filled(value, saved), [], []))
  }
  if (step.text !== undefined) {
    const text = filled(step.text, saved)
    if (text instanceof RegExp) expect(answer.text, about).toMatch(text)
    else expect(answer.text, about).toBe(text)
  }
  step.also?.(answer)
}

/** What vitest compares with: texts by their patterns, and what must be lacking noted and taken out. */
function expectation(value: unknown, path: readonly string[], lacking: string[]): unknown {
  if (value instanceof RegExp) return expect.stringMatching(value) as unknown
  if (Array.isArray(value)) return value.map((each, i) => expectation(each, [...path, String(i)], lacking))
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  const kept: Record<string, unknown> = {}
  for (const [name, each] of Object.entries(value)) {
    if (each === undefined) lacking.push([...path, name].join('\n'))
    else kept[name] = expectation(each, [...path, name], lacking)
  }
  return kept
}
