import { describe, expect, it } from 'vitest'
import { WorkQueue } from '../../src-main/base/workqueue.ts'
import { fakeClock } from '../fixtures/fake-clock.ts'

const setup = () => {
  const clock = fakeClock()
  return { clock, queue: new WorkQueue(clock) }
}

describe('the work queue', () => {
  it('hands a key out once, however often it was added', async () => {
    const { queue } = setup()
    for (const key of ['a', 'b', 'a', 'a']) queue.add(key)
    expect([await queue.take(), await queue.take(), queue.length]).toEqual(['a', 'b', 0])
  })

  it('keeps a key that is being worked on until it was finished', async () => {
    const { queue } = setup()
    queue.add('a')
    await queue.take()
    queue.add('a')
    expect(queue.length).toBe(0)
    queue.done('a')
    expect(await queue.take()).toBe('a')
    queue.done('a')
    expect(queue.pending).toBe(0)
  })

  it('tries again after 5 ms, doubled at every failure, until it is forgotten', () => {
    const { clock, queue } = setup()
    const dueAfter = () => {
      queue.retry('a')
      let ms = 0
      while (queue.length === 0) {
        clock.advance(1)
        ms++
      }
      void queue.take()
      queue.done('a')
      return ms
    }
    expect([dueAfter(), dueAfter(), dueAfter()]).toEqual([5, 10, 20])
    queue.forget('a')
    expect(dueAfter()).toBe(5)
  })

  it('lets the earliest of several delays count', () => {
    const { clock, queue } = setup()
    queue.addAfter('a', 1000)
    queue.addAfter('a', 10)
    queue.addAfter('a', 500)
    clock.advance(10)
    expect(queue.length).toBe(1)
    clock.advance(2000)
    expect(queue.length).toBe(1)
  })

  it('ends every take when it is closed', async () => {
    const { queue } = setup()
    const taken = queue.take()
    queue.close()
    queue.add('late')
    expect([await taken, await queue.take()]).toEqual([undefined, undefined])
  })
})
