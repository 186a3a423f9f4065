import { expect, it } from 'vitest'
import { Lines } from '../../src-main/api/lines.ts'
import { refusal } from './registry-fixture.ts'

it('those who change the same thing do so in the order in which they came, and nobody else waits for them', async () => {
  const lines = new Lines()
  const told: string[] = []
  const first = Promise.withResolvers<void>()
  const of = (key: string, name: string, until?: Promise<void>) => lines.run(key, {}, async () => {
    told.push(`${name} begins`)
    await until
    told.push(`${name} ends`)
    return name
  })
  const all = [of('a', 'one', first.promise), of('a', 'two'), lines.run('a', {}, () => Promise.reject(new Error('three'))), of('a', 'four')]
  const failed = expect(all[2]).rejects.toThrow('three')
  expect(await of('b', 'other')).toBe('other')
  expect(told).toEqual(['one begins', 'other begins', 'other ends'])
  first.resolve()
  await failed
  expect(await Promise.all([all[0], all[1], all[3]])).toEqual(['one', 'two', 'four'])
  expect(told.slice(3)).toEqual(['one ends', 'two begins', 'two ends', 'four begins', 'four ends'])
})

it('who has been given up when it is their turn does nothing any more', async () => {
  const lines = new Lines()
  let done = false
  const late = lines.run('a', { until: performance.now() - 1 }, () => Promise.resolve((done = true)))
  expect((await refusal(late)).status).toMatchObject({ code: 504, reason: 'Timeout' })
  expect(done).toBe(false)
  expect(await lines.run('a', {}, () => Promise.resolve('next'))).toBe('next')
})
