import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { authorizedVerbs } from '../../src-main/api/auth/authorized-verbs.ts'
import { controllerUser } from '../../src-main/api/auth/controller-roles.ts'
import type { Authorize } from '../../src-main/api/authz.ts'
import type { User } from '../../src-main/api/verbs.ts'
import { systemClock as clock } from '../../src-main/base/clock.ts'
import { silent as log } from '../../src-main/base/log.ts'
import { createRecorder } from '../../src-main/client/event-recorder.ts'
import { Informers } from '../../src-main/client/informer.ts'
import { localClient } from '../../src-main/client/local.ts'
import { startNodes } from '../../src-main/cluster/nodes.ts'
import { runController } from '../../src-main/controllers/controller.ts'
import { controllers } from '../../src-main/controllers/index.ts'
import { deployment } from '../../src-main/kinds/apps/deployment.ts'
import type { Deployment } from '../../src-main/kinds/apps/deployment.ts'
import { configMap } from '../../src-main/kinds/core/config-map.ts'
import { endpoints } from '../../src-main/kinds/core/endpoints.ts'
import { event } from '../../src-main/kinds/core/event.ts'
import { namespace } from '../../src-main/kinds/core/namespace.ts'
import { pod } from '../../src-main/kinds/core/pod.ts'
import { service } from '../../src-main/kinds/core/service.ts'
import { isNotFound } from '../../src-main/kinds/status-error.ts'
import type { Kubelet } from '../../src-main/kubelet/kubelet.ts'
import { runScheduler } from '../../src-main/scheduler/scheduler.ts'
import { accessFixture, person } from './auth-fixture.ts'
import { configMapNamed, context } from './registry-fixture.ts'

/** Controllers, scheduler and a kubelet over authorised verbs, each as itself; what they were refused is noted. */
async function running() {
  const fixture = await accessFixture({ started: true })
  const { verbs, access } = fixture
  // the components go by the real time
  fixture.clock.advance(clock.now() - fixture.clock.now())
  const refused: string[] = []
  const authorize: Authorize = (user, attributes) => {
    const decision = access.authorize(user, attributes)
    if (!decision.allowed) refused.push(`${user.name}: ${JSON.stringify(attributes)}`)
    return decision
  }
  const abort = new AbortController()
  const { signal } = abort
  const clientOf = (user: User) => localClient(authorizedVerbs(verbs, user, authorize), user)
  const informers = new Informers(clientOf(person('system:kube-controller-manager')), clock, log, signal)
  const scheduler = clientOf(person('system:kube-scheduler'))
  const works = [
    runScheduler({ client: scheduler, informers, recorder: createRecorder(scheduler, 'default-scheduler', clock, log), clock, log, signal }),
    ...controllers.map((controller) => {
      const client = clientOf(controllerUser(controller.name))
      return runController(controller, { client, informers, recorder: (name) => createRecorder(client, name, clock, log), clock, log, signal })
    }),
  ]
  const dataDir = mkdtempSync(join(tmpdir(), 'wheelhouse-components-'))
  const kubelets: Kubelet[] = []
  const problems = await startNodes(
    { clientFor: clientOf, informers, clusterId: 'test', dataDir, resourcesDir: dataDir, docker: 0, simulated: 1, clock, log, signal },
    (kubelet) => kubelets.push(kubelet),
  )
  onTestFinished(async () => {
    await Promise.all(kubelets.map((kubelet) => kubelet.stop({ removePods: true })))
    abort.abort()
    await Promise.all(works)
    rmSync(dataDir, { recursive: true, force: true })
  })
  return { ...fixture, refused, problems }
}

const soon = { timeout: 20_000, interval: 50 }

it('lets the controllers, the scheduler and the kubelet do all their work under the default roles', { timeout: 60_000 }, async () => {
  const { verbs, refused, problems } = await running()
  expect(problems).toEqual([])
  await verbs.create(namespace, undefined, { metadata: { name: 'shop' } }, context())
  await verbs.create(configMap, 'shop', configMapNamed('settings'), context())
  await verbs.create(service, 'shop', { metadata: { name: 'web' }, spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } }, context())
  const containers = [{ name: 'main', image: 'busybox', envFrom: [{ configMapRef: { name: 'settings' } }] }]
  const template = { metadata: { labels: { app: 'web' } }, spec: { terminationGracePeriodSeconds: 0, containers } }
  await verbs.create(deployment, 'shop', { metadata: { name: 'web' }, spec: { replicas: 2, selector: { matchLabels: { app: 'web' } }, template } }, context())

  const ready = async () => ((await verbs.get(deployment, { namespace: 'shop', name: 'web' })).object as Deployment).status?.readyReplicas
  await expect.poll(ready, soon).toBe(2)
  const addresses = async () => JSON.stringify((await verbs.get(endpoints, { namespace: 'shop', name: 'web' })).object).split('"ip"').length - 1
  await expect.poll(addresses, soon).toBe(2)
  await verbs.patch(deployment, { namespace: 'shop', name: 'web' }, { type: 'merge', body: { spec: { template: { metadata: { labels: { v: '2' } } } } } }, context())
  const pods = async () => (await verbs.list(pod, { namespace: 'shop' })).items.map(({ object }) => object.metadata.labels?.['v'])
  await expect.poll(pods, soon).toEqual(['2', '2'])
  const sources = (await verbs.list(event, { namespace: 'shop' })).items.map(({ object }) => (object as { source?: { component?: string } }).source?.component)
  expect(new Set(sources)).toEqual(new Set(['deployment-controller', 'replicaset-controller', 'default-scheduler', 'kubelet']))

  await verbs.delete(namespace, { name: 'shop' }, {}, context())
  const gone = () => verbs.get(namespace, { name: 'shop' }).then(() => false, isNotFound)
  await expect.poll(gone, soon).toBe(true)
  expect(refused).toEqual([])
})
