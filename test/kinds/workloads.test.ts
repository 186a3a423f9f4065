import { describe, expect, it } from 'vitest'
import { type DaemonSet, daemonSet } from '../../src-main/kinds/apps/daemon-set.ts'
import { type Deployment, deployment } from '../../src-main/kinds/apps/deployment.ts'
import { context, registry } from '../api/registry-fixture.ts'

const labels = { app: 'web' }
const body = (image = 'busybox:1') => ({
  metadata: { name: 'web' },
  spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: 'main', image }] } } },
})
const at = { namespace: 'default', name: 'web' }

describe('workloads', () => {
  it('have a status from the beginning, as clients read it without asking whether it is there', async () => {
    const { verbs } = await registry()
    const { object } = await verbs.create(deployment, 'default', body(), context())
    expect((object as Deployment).status).toEqual({})
  })

  it('count the templates of a DaemonSet, whatever a client says about that', async () => {
    const { verbs } = await registry()
    const counted = ({ object }: { object: object }) => (object as DaemonSet).metadata.annotations
    const generation = (count: string) => ({ 'deprecated.daemonset.template.generation': count })
    expect(counted(await verbs.create(daemonSet, 'default', body(), context()))).toEqual(generation('1'))
    expect(counted(await verbs.update(daemonSet, at, { ...body(), metadata: { name: 'web', annotations: generation('9') } }, context()))).toEqual(generation('1'))
    expect(counted(await verbs.update(daemonSet, at, body('busybox:2'), context()))).toEqual(generation('2'))
  })
})
