import { server } from '../api/server-user.ts'
import { authorizedVerbs } from '../api/auth/authorized-verbs.ts'
import { controllerUser } from '../api/auth/controller-roles.ts'
import type { Authorize } from '../api/authz.ts'
import type { User, Verbs } from '../api/verbs.ts'
import type { Clock } from '../base/clock.ts'
import { errorMessage, type Logger } from '../base/log.ts'
import type { Client } from '../client/client.ts'
import { createRecorder } from '../client/event-recorder.ts'
import { Informers } from '../client/informer.ts'
import { localClient } from '../client/local.ts'
import { type Controller, runController } from '../controllers/controller.ts'
import type { Kinds } from '../kinds/kinds.ts'
import { runScheduler } from '../scheduler/scheduler.ts'
import type { ComponentMetrics } from './component-metrics.ts'

export interface ComponentsOptions {
  readonly verbs: Verbs
  readonly authorize: Authorize
  readonly kinds: Kinds
  readonly controllers: readonly Controller[]
  readonly metrics: ComponentMetrics
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
}

export interface Components {
  /** Shared by everything in this process. */
  readonly informers: Informers
  /** A client that may do what the user may. */
  clientFor(user: User): Client
}

export const authenticated = (name: string): User => ({ name, groups: ['system:authenticated'] })

/** Runs the controllers and the scheduler, each under its own identity, until the signal aborts. */
export function runComponents({ verbs, authorize, kinds, controllers, metrics, clock, log, signal }: ComponentsOptions): Components {
  const clientFor = (user: User): Client => metrics.clients.of(localClient(authorizedVerbs(verbs, user, authorize), user))
  const informers = new Informers(clientFor(authenticated('system:kube-controller-manager')), clock, log, signal)
  kinds.subscribe(({ removed }) => removed.forEach((kind) => informers.drop(kind)))

  const run = (component: string, running: Promise<void>): void => {
    running.catch((error: unknown) => log.error('component ended', { component, error: errorMessage(error) }))
  }
  for (const controller of controllers) {
    const client = controller.asServer ? metrics.clients.of(localClient(verbs, server)) : clientFor(controllerUser(controller.name))
    const recorder = (component: string) => createRecorder(client, component, clock, log)
    run(controller.name, runController(controller, { client, informers, kinds, recorder, queues: metrics.queues, clock, log, signal }))
  }
  const client = clientFor(authenticated('system:kube-scheduler'))
  run('scheduler', runScheduler({ client, informers, recorder: createRecorder(client, 'default-scheduler', clock, log), metrics: metrics.scheduler, clock, log, signal }))
  return { informers, clientFor }
}
