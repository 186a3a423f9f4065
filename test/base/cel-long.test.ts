import { describe, expect, it } from 'vitest'
import { Budget } from '../../src-main/base/cel/budget.ts'
import { estimateCost } from '../../src-main/base/cel/cost.ts'
import { type BadExpression, compile } from '../../src-main/base/cel/program.ts'
import { int } from '../../src-main/base/cel/types.ts'
import { atOnce, type Steps } from '../../src-main/base/turns.ts'
import { baseEnvironment } from '../../src-main/kinds/cel/admission.ts'

const env = baseEnvironment.with({ a: int })
const longest = 100_000

/** As much of a pattern as there may be. */
function filled(part: string, between: string, head = '', tail = ''): string {
  const count = Math.floor((longest - head.length - tail.length + between.length) / (part.length + between.length))
  return head + Array.from({ length: count }, () => part).join(between) + tail
}

function counted<T>(steps: Steps<T>): { made: T; rests: number } {
  for (let rests = 0; ; rests++) {
    const { done, value } = steps.next()
    if (done) return { made: value, rests }
  }
}

describe('an expression as long as Kubernetes takes one', () => {
  it.each([
    ['a choice', filled('a==1', '||'), true], ['a list', filled('a', ',', '[', '].size()>1'), true], ['maps', filled('{}', ',', '[', '].size()>1'), true],
    ['macros', filled('[a].all(x,x==1)', '&&'), true], ['texts', filled('"a"', ',', '"a" in [', ']'), true],
    ['sums', filled(Array.from({ length: 100 }, () => 'a').join('+'), ',', '[', '][0]==99'), false],
  ])('is read in many steps: %s', (_what, expression, expected) => {
    expect(expression.length).toBeGreaterThan(99_000)
    const { made, rests } = counted(compile(env, expression))
    expect(made.run({ a: 1n }, new Budget())).toBe(expected)
    expect(rests).toBeGreaterThan(150)
    expect(counted(estimateCost(made.tree)).rests).toBeGreaterThan(10)
  })

  it('is refused when it is one character longer, however many places a character takes', () => {
    const told = (expression: string): string => {
      try {
        atOnce(compile(env, expression))
        return ''
      } catch (error) {
        return (error as BadExpression).message
      }
    }
    expect(told(`true${' '.repeat(longest - 4)}`)).toBe('')
    expect(told(`"${'😀'.repeat(longest - 6)}"!=""`)).toBe('')
    expect(told(`true${' '.repeat(longest - 3)}`)).toBe('ERROR: <input>:-1:0: expression code point size exceeds limit: size: 100001, limit 100000')
  })

  it('tells what is wrong at its end, which it finds in many steps too', () => {
    const steps = compile(env, `[${'1,'.repeat(49_000)}1`)
    let rests = 0
    expect(() => {
      while (!steps.next().done) rests++
    }).toThrow("ERROR: <input>:1:98003: Syntax error: mismatched input '<EOF>' expecting {']', ','}")
    expect(rests).toBeGreaterThan(1000)
  })
})
