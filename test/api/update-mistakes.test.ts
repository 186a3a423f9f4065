import { describe, expect, it } from 'vitest'
import { deployment } from '../../src-main/kinds/apps/deployment.ts'
import { statefulSet } from '../../src-main/kinds/apps/stateful-set.ts'
import { job } from '../../src-main/kinds/batch/job.ts'
import { service } from '../../src-main/kinds/core/service.ts'
import type { AnyKind } from '../../src-main/kinds/kind.ts'
import { ingressClass } from '../../src-main/kinds/networking/ingress-class.ts'
import { runtimeClass } from '../../src-main/kinds/node/runtime-class.ts'
import { context, refusal, registry } from './registry-fixture.ts'

const ref = { namespace: 'default', name: 'web' }
const template = (restartPolicy: string) => ({ metadata: { labels: { app: 'web' } }, spec: { restartPolicy, containers: [{ name: 'a', image: 'a' }] } })
const selector = { matchLabels: { app: 'web' } }

const wrongJob = ['spec.template.spec.containers', 'spec.template.spec.restartPolicy', 'spec.selector', 'spec.template.metadata.labels']

describe('an update that leaves out what must be there', () => {
  it.each<[AnyKind, spec: object, fields: string[]]>([
    [deployment, { selector, template: template('Always') }, ['spec.selector', 'spec.template.metadata.labels', 'spec.template.spec.containers', 'spec.selector']],
    [job, { manualSelector: true, selector, template: template('Never') }, [...wrongJob, ...wrongJob, 'spec.selector', 'spec.template']],
    [statefulSet, { selector, template: template('Always') }, ['spec.selector', 'spec.template.metadata.labels', 'spec.template.spec.containers', 'spec']],
  ])('of $kind is told what may not change too', async (kind, spec, fields) => {
    const { verbs } = await registry()
    await verbs.create(kind, 'default', { metadata: { name: 'web' }, spec }, context())
    const refused = await refusal(verbs.update(kind, ref, { metadata: { name: 'web' }, spec: {} }, context()))
    expect(refused.status.details?.causes?.map(({ field }) => field)).toEqual(fields)
  })

  it('of an IngressClass is told first what may not change', async () => {
    const { verbs } = await registry()
    await verbs.create(ingressClass, undefined, { metadata: { name: 'web' }, spec: { controller: 'a.b/c' } }, context())
    const refused = await refusal(verbs.update(ingressClass, { name: 'web' }, { metadata: { name: 'web' }, spec: { controller: 'x', parameters: { kind: '', name: 'n' } } }, context()))
    expect(refused.status.details?.causes?.map(({ field, message }) => `${field}: ${message}`)).toEqual([
      'spec.controller: Invalid value: "x": field is immutable', 'spec.controller: Invalid value: "x": must be a domain-prefixed path (such as "acme.io/foo")',
      'spec.parameters.kind: Required value: kind is required',
    ])
  })
})

describe('an update with mistakes in its metadata', () => {
  const fieldsOf = async (kind: AnyKind, spec: object, body: object): Promise<Array<string | undefined> | undefined> => {
    const { verbs } = await registry()
    await verbs.create(kind, 'default', { metadata: { name: 'web' }, spec }, context())
    const refused = await refusal(verbs.patch(kind, ref, { type: 'merge', body }, context()))
    return refused.status.details?.causes?.map(({ field }) => field)
  }

  it('tells each as often as Kubernetes looks, in its order', async () => {
    const body = { metadata: { labels: { a: 'b c' }, generateName: 'A_' }, spec: { clusterIP: '10.96.0.1', sessionAffinity: 'x' } }
    expect(await fieldsOf(service, { ports: [{ port: 80 }] }, body)).toEqual(['metadata.labels', 'metadata.labels', 'metadata.labels', 'spec.clusterIPs[0]', 'spec.sessionAffinity'])
  })

  it('is not held to rules for names and finalizers that the update of its kind does not know', async () => {
    const { verbs } = await registry()
    await verbs.create(deployment, 'default', { metadata: { name: 'web' }, spec: { replicas: 0, selector, template: template('Always') } }, context())
    await verbs.patch(deployment, ref, { type: 'merge', body: { metadata: { generateName: 'A_' } } }, context())
    await verbs.create(runtimeClass, undefined, { metadata: { name: 'web', finalizers: ['mine'] }, handler: 'x' }, context())
    const refused = await refusal(verbs.patch(deployment, ref, { type: 'merge', body: { metadata: { finalizers: ['mine'] } } }, context()))
    expect(refused.status.details?.causes?.map(({ field }) => field)).toEqual(['metadata.finalizers[0]'])
  })
})

describe('a write that is accepted', () => {
  it('tells what will not do for long, and only who wishes it', async () => {
    const { verbs } = await registry()
    const spec = { selector, template: { ...template('Always'), spec: { ...template('Always').spec, nodeSelector: { 'beta.kubernetes.io/os': 'linux' } } } }
    const warning = 'spec.template.spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead'
    const told = async (act: (asked: ReturnType<typeof context>) => Promise<unknown>): Promise<readonly string[]> => {
      const asked = { ...context(), warnings: [] }
      await act(asked)
      return asked.warnings
    }
    expect(await told((asked) => verbs.create(deployment, 'default', { metadata: { name: 'web' }, spec }, asked))).toEqual([warning])
    expect(await told((asked) => verbs.update(deployment, ref, { metadata: { name: 'web', labels: { a: 'b' } }, spec }, asked))).toEqual([])
    expect(await told((asked) => verbs.update(deployment, ref, { metadata: { name: 'web' }, spec: { ...spec, replicas: 2 } }, asked))).toEqual([warning])
    expect(await told((asked) => refusal(verbs.update(deployment, ref, { metadata: { name: 'web' }, spec: { ...spec, replicas: -1 } }, asked)))).toEqual([])
  })

  it('of a status tells of addresses hardly written so', async () => {
    const { verbs } = await registry()
    await verbs.create(service, 'default', { metadata: { name: 'web' }, spec: { type: 'LoadBalancer', ports: [{ port: 80 }] } }, context())
    const asked = { ...context(), warnings: [] as string[] }
    await verbs.patch(service, ref, { type: 'merge', body: { status: { loadBalancer: { ingress: [{ ip: 'FD00::1' }] } } } }, asked, 'status')
    expect(asked.warnings).toEqual(['status.loadBalancer.ingress[0]: IPv6 address "FD00::1" should be in RFC 5952 canonical format ("fd00::1")'])
  })
})
