import { expect, test } from 'vitest'
import { exposition } from '../../src-main/api/exposition.ts'
import type { Client } from '../../src-main/client/client.ts'
import { ClientMetrics } from '../../src-main/client/client-metrics.ts'
import { configMap } from '../../src-main/kinds/core/config-map.ts'
import { conflict, notFound } from '../../src-main/kinds/status-error.ts'

test('a client that is counted does what it did, and tells what came of it', async () => {
  const found = { metadata: { name: 'a' } }
  const client = {
    get: (_kind: unknown, { name }: { name: string }) => (name === 'a' ? Promise.resolve(found) : Promise.reject(notFound(configMap, name))),
    create: () => Promise.resolve(found),
    update: () => Promise.reject(conflict(configMap, 'a', 'it changed')),
    patch: () => Promise.reject(new Error('nobody knows why')),
    async *watch() {},
  } as unknown as Client
  const metrics = new ClientMetrics()
  const counted = metrics.of(client)
  expect(await counted.get(configMap, { name: 'a' })).toBe(found)
  await expect(counted.get(configMap, { name: 'b' })).rejects.toThrow('not found')
  await counted.create(configMap, { metadata: { name: 'a' } })
  await expect(counted.update(configMap, { apiVersion: 'v1', kind: 'ConfigMap', ...found })).rejects.toThrow('it changed')
  await expect(counted.patch(configMap, { name: 'a' }, { type: 'merge', body: {} })).rejects.toThrow('nobody knows why')
  for await (const _event of counted.watch(configMap)) throw new Error('there was nothing to see')
  const text = exposition(metrics.families())
  expect(text.match(/^rest_client_requests_total.*$/gm)).toEqual([
    ['200', 'GET', 2], ['404', 'GET', 1], ['201', 'POST', 1], ['409', 'PUT', 1], ['500', 'PATCH', 1],
  ].map(([code, method, times]) => `rest_client_requests_total{code="${code}",method="${method}",host="in-process"} ${times}`))
  // how long a watch runs says nothing
  expect(text).toContain('rest_client_request_duration_seconds_count{verb="GET",host="in-process"} 2\n')
})
