import { expect, it } from 'vitest'
import { LargeRequests } from '../../src-main/api/large-requests.ts'

it('lets in a few large bodies at a time, and who sends one waits for one of each other sender', async () => {
  const largeRequests = new LargeRequests()
  const order: string[] = []
  const open: Array<() => void> = []
  const send = (sender: string, name: string) => largeRequests.run(sender, () => {
    order.push(name)
    return new Promise<void>((resolve) => open.push(resolve))
  })
  const sent = [...Array.from({ length: 8 }, (_, n) => send('many', `m${n}`)), send('other', 'o0'), send('third', 't0')]
  expect(order).toEqual(['m0', 'm1', 'm2', 'm3'])
  for (let n = 0; n < sent.length; n++) {
    open.shift()?.()
    await sent[n === 0 ? 0 : Math.min(n, 3)]
    await new Promise((resolve) => setImmediate(resolve))
  }
  await Promise.all(sent)
  expect(order).toEqual(['m0', 'm1', 'm2', 'm3', 'm4', 'o0', 't0', 'm5', 'm6', 'm7'])
  await expect(largeRequests.run('many', () => Promise.reject(new Error('refused')))).rejects.toThrow('refused')
  expect(await largeRequests.run('many', () => Promise.resolve('in'))).toBe('in')
})
