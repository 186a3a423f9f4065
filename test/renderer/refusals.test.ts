import { afterEach, expect, test, vi } from 'vitest'
import { explain } from '../../src-renderer/api/errors.ts'
import { request } from '../../src-renderer/api/resources.ts'

afterEach(() => vi.unstubAllGlobals())

test('a server that has no place for a request is explained, though it says so in a line of text', async () => {
  vi.stubGlobal('fetch', async () => new Response('Too many requests, please try again later.\n', { status: 429, headers: { 'content-type': 'text/plain; charset=utf-8' } }))
  const error = await request('/api/v1/pods').catch((thrown: unknown) => thrown)
  expect(explain(error, 'Listing')).toMatchObject({ what: 'Listing failed. The cluster is busy.', todo: 'Wait a moment and try again.' })
})
