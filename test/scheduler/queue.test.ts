import { describe, expect, it } from 'vitest'
import { SchedulingQueue } from '../../src-main/scheduler/queue.ts'
import { fakeClock } from '../fixtures/fake-clock.ts'

const create = () => {
  const clock = fakeClock()
  const queue = new SchedulingQueue(clock)
  const taken: string[] = []
  void (async () => {
    for (let key = await queue.take(); key !== undefined; key = await queue.take()) taken.push(key)
  })()
  const settled = () => new Promise((resolve) => setImmediate(resolve))
  return { clock, queue, taken, settled }
}

describe('the scheduling queue', () => {
  it('hands out the more important first, equals in the order they came', async () => {
    const waiting = new SchedulingQueue(fakeClock())
    for (const [key, priority] of [
      ['first', 0],
      ['second', 0],
      ['urgent', 1000],
    ] as const)
      waiting.add(key, priority)
    expect([await waiting.take(), await waiting.take(), await waiting.take()]).toEqual(['urgent', 'first', 'second'])
  })

  it('keeps a parked pod back until something happens, and then until its back-off is over', async () => {
    const { clock, queue, taken, settled } = create()
    queue.add('web', 0)
    await settled()
    queue.park('web')
    clock.advance(60_000)
    await settled()
    expect(taken).toEqual(['web'])
    queue.wake()
    await settled()
    expect(taken).toEqual(['web', 'web'])

    queue.park('web')
    queue.wake()
    clock.advance(1_999)
    await settled()
    expect(taken).toHaveLength(2)
    clock.advance(1)
    await settled()
    expect(taken).toHaveLength(3)
  })

  it('tries a parked pod again after five minutes in which nothing happened', async () => {
    const { clock, queue, taken, settled } = create()
    queue.add('web', 0)
    await settled()
    queue.park('web')
    clock.advance(299_999)
    await settled()
    expect(taken).toHaveLength(1)
    clock.advance(1)
    await settled()
    expect(taken).toHaveLength(2)
  })

  it('knows how many wait for what, and which attempt comes next', async () => {
    const { clock, queue, settled } = create()
    const since = clock.now()
    queue.add('web', 0)
    await settled()
    expect([queue.waiting, queue.attemptOf('web')]).toEqual([{ active: 0, backoff: 0, unschedulable: 0 }, { attempt: 1, since }])
    queue.park('web')
    clock.advance(10)
    expect([queue.waiting, queue.attemptOf('web')]).toEqual([{ active: 0, backoff: 0, unschedulable: 1 }, { attempt: 2, since }])
    queue.wake()
    expect(queue.waiting).toEqual({ active: 0, backoff: 1, unschedulable: 0 })
    for (const key of ['api', 'db']) queue.add(key, 0)
    expect(queue.waiting).toEqual({ active: 2, backoff: 1, unschedulable: 0 })
  })

  it('forgets a pod that was dropped while it waited', async () => {
    const { clock, queue, taken, settled } = create()
    queue.add('web', 0)
    await settled()
    queue.park('web')
    queue.drop('web')
    queue.wake()
    clock.advance(600_000)
    await settled()
    expect(taken).toEqual(['web'])
  })
})
