import { afterEach, describe, expect, it, vi } from 'vitest'
import { Judgements, MadeOnce } from '../../src-main/base/long-work.ts'
import { inSteps, Later, patiently, type Steps, tried, turns } from '../../src-main/base/turns.ts'

afterEach(() => void vi.restoreAllMocks())

/** Keeps everybody waiting for so long. */
function busy(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end; ) continue
}

/** Notes every turn of the event loop until it is told to end. */
function noteTurns(log: string[]): () => void {
  let ended = false
  const note = (): void => {
    log.push('turn')
    if (!ended) setImmediate(note)
  }
  setImmediate(note)
  return () => (ended = true)
}

/** Every step takes a slice. */
const slices = (log: string[], name: string): Steps<string[]> => inSteps([1, 2, 3, 4], (n) => {
  busy(12)
  log.push(name)
  return `${name}${n}`
})

describe('long work', () => {
  it('lets others go on after every slice, and whoever else works long takes turns with it', async () => {
    const log: string[] = []
    const end = noteTurns(log)
    const made = await Promise.all([turns.finish(slices(log, 'a')), turns.finish(slices(log, 'b'))])
    end()
    expect(made).toEqual([['a1', 'a2', 'a3', 'a4'], ['b1', 'b2', 'b3', 'b4']])
    expect(log.filter((each, i) => each !== 'turn' && log[i - 1] !== 'turn')).toEqual([])
    expect(log.filter((each) => each !== 'turn').join('')).toBe('abababab')
  })

  it('is done at once where there is time, and otherwise by and by', async () => {
    expect(tried(inSteps([1, 2], (n) => n + 1))).toEqual({ made: [2, 3] })
    const next = vi.spyOn(turns, 'next')
    await new Promise((resolve) => setImmediate(resolve))
    expect(await turns.run(inSteps([1, 2], (n) => n + 1))).toEqual([2, 3])
    expect(next).not.toHaveBeenCalled()
    vi.spyOn(turns, 'over', 'get').mockReturnValue(true)
    expect(await turns.run(inSteps([1, 2], (n) => n + 1))).toEqual([2, 3])
    expect(next).toHaveBeenCalledOnce()
  })

  it('is waited for by work that comes when this turn is used up', async () => {
    await new Promise((resolve) => setImmediate(resolve))
    const log: string[] = []
    const short = async (n: number): Promise<void> => {
      await turns.pause()
      busy(4)
      log.push(String(n))
    }
    const end = noteTurns(log)
    // all of them come in one turn
    await Promise.all([1, 2, 3, 4, 5].map((n) => new Promise((resolve) => setImmediate(() => resolve(short(n))))))
    end()
    expect(log.filter((each) => each !== 'turn')).toEqual(['1', '2', '3', '4', '5'])
    // two fit into its slice at most
    const [, ...others] = log.join(' ').split('turn').filter((each) => each.trim() !== '')
    expect(others.length).toBeGreaterThanOrEqual(3)
    expect(others.every((each) => each.trim().length === 1)).toBe(true)
  })

  it('fails where its steps fail, and others go on', async () => {
    const failing = turns.finish(inSteps([1, 2, 3], (n) => {
      if (n === 2) throw new Error('no')
    }))
    await expect(failing).rejects.toThrow('no')
    expect(await turns.finish(inSteps([1], (n) => n))).toEqual([1])
  })

  it('makes a thing once, however many ask for it meanwhile', async () => {
    vi.spyOn(turns, 'over', 'get').mockReturnValue(true)
    let begun = 0
    const things = new MadeOnce<object, number>(function* () {
      begun++
      yield
      yield
      return begun
    })
    const of = {}
    expect(await Promise.all(Array.from({ length: 5 }, () => patiently(() => things.get(of))))).toEqual([1, 1, 1, 1, 1])
    expect(things.get(of)).toBe(1)
    const other = {}
    expect(await patiently(() => things.get(other))).toBe(2)
  })

  it('judges once for one who asks again, and anew when something changed', async () => {
    const over = vi.spyOn(turns, 'over', 'get').mockReturnValue(true)
    const judged: string[] = []
    const judgements = new Judgements<string>()
    const on = (text: string) => judgements.on(() => [text], function* () {
      judged.push(text)
      yield
      return `${text}!`
    })
    let text = 'a'
    const waiting = patiently(() => on(text))
    text = 'b'
    expect(await waiting).toBe('b!')
    expect(judged).toEqual(['a', 'b'])
    over.mockReturnValue(false)
    expect(on('b')).toBe('b!')
    expect(judged).toEqual(['a', 'b', 'b'])
  })

  it('is given up where it has to begin anew every time', async () => {
    let waits = 0
    await expect(patiently(() => {
      throw new Later(async () => void waits++)
    })).rejects.toThrow(Later)
    expect(waits).toBe(50)
  })
})
