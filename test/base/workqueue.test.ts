import { describe, expect, it } from 'vitest'
import { QueueMetrics } from '../../src-main/base/queue-metrics.ts'
import { WorkQueue } from '../../src-main/base/workqueue.ts'
import { eventually } from '../fixtures/eventually.ts'
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

  it('tells what it has seen, what waits and for how long somebody has been at work', async () => {
    const { clock, queue } = setup()
    const metrics = new QueueMetrics()
    metrics.watch('mine', queue)
    const figure = (name: string) => metrics.families().find((family) => family.name === `workqueue_${name}`)?.samples.at(-1)
    for (const key of ['a', 'b', 'a']) queue.add(key)
    await queue.take()
    queue.add('a')
    expect([figure('adds_total')?.value, figure('depth')?.value, figure('queue_duration_seconds')?.value, figure('work_duration_seconds')?.value]).toEqual([3, 2, 1, 0])
    await eventually('time to pass', () => (figure('unfinished_work_seconds')?.value ?? 0) > 0)
    expect(figure('longest_running_processor_seconds')?.value).toBeGreaterThan(0)
    queue.done('a')
    queue.retry('a')
    queue.addAfter('c', 10)
    clock.advance(10)
    expect([figure('adds_total')?.value, figure('depth')?.value, figure('retries_total')?.value]).toEqual([4, 3, 2])
    expect([figure('work_duration_seconds'), figure('unfinished_work_seconds')].map((sample) => sample?.value)).toEqual([1, 0])
    expect(figure('work_duration_seconds')).toEqual({ suffix: '_count', labels: { name: 'mine' }, value: 1 })
  })
})
