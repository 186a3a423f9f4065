import { afterEach, describe, expect, it } from 'vitest'
import { rootCa } from '../../src-main/controllers/root-ca.ts'
import { configMap } from '../../src-main/kinds/core/config-map.ts'
import { namespace } from '../../src-main/kinds/core/namespace.ts'
import { isNotFound } from '../../src-main/kinds/status-error.ts'
import { type ControlPlane, startControlPlane } from '../fixtures/control-plane.ts'
import { eventually } from '../fixtures/eventually.ts'

let plane: ControlPlane
afterEach(() => plane.stop())

const name = 'kube-root-ca.crt'
const published = (where: string, uidBefore?: string) =>
  eventually(`the authority in ${where}`, async () => {
    const found = await plane.client.get(configMap, { namespace: where, name }).catch((error: unknown) => {
      if (isNotFound(error)) return undefined
      throw error
    })
    return found && found.metadata.uid !== uidBefore && JSON.stringify(found.data) === '{"ca.crt":"the PEM"}' && found
  })

describe('the cluster’s authority', () => {
  it('is in every namespace, and comes back when it is deleted or changed', async () => {
    plane = await startControlPlane({ controllers: [rootCa('the PEM')] })
    const { client, complaints } = plane
    const first = await published('default')
    expect(first.metadata.annotations?.['kubernetes.io/description']).toMatch(/^Contains a CA bundle/)
    await client.create(namespace, { metadata: { name: 'shop' } })
    await published('shop')
    await client.delete(configMap, { namespace: 'default', name })
    await published('default', first.metadata.uid)
    await client.patch(configMap, { namespace: 'shop', name }, { type: 'merge', body: { data: { 'ca.crt': 'forged', more: 'x' }, metadata: { labels: { own: 'kept' } } } })
    expect((await published('shop')).metadata.labels).toEqual({ own: 'kept' })
    expect(complaints).toEqual([])
  })
})
