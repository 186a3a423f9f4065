import type { Clock } from '../base/clock.ts'
import { errorMessage, type Logger } from '../base/log.ts'
import type { QueueMetrics } from '../base/queue-metrics.ts'
import { WorkQueue } from '../base/workqueue.ts'
import type { Client } from '../client/client.ts'
import type { Informer, Informers, Seen } from '../client/informer.ts'
import type { Recorder } from '../client/recorder.ts'
import { kinds as builtIn } from '../kinds/index.ts'
import type { AnyKind, Kind } from '../kinds/kind.ts'
import { Kinds } from '../kinds/kinds.ts'
import { controllerOf, keyOf, type KubeObject } from '../kinds/meta.ts'
import { isConflict, isNotFound } from '../kinds/status-error.ts'
import { queueNameOf } from './queue-names.ts'

/** What a reconcile asks for: nothing more, or another look after `afterMs`, at another key where it names one. */
export interface Result {
  readonly afterMs?: number
  readonly key?: string
}
export const done: Result = {}
export const again = (afterMs: number, key?: string): Result => (key === undefined ? { afterMs } : { afterMs, key })

/** What a controller can see and do. Reads show at least the controller's own last write of that kind. */
export interface Context {
  readonly client: Client
  /** Undefined when there is no such object. */
  read<T extends KubeObject>(kind: Kind<T>, key: string): Promise<T | undefined>
  readAll<T extends KubeObject>(kind: Kind<T>, namespace?: string): Promise<T[]>
  readonly recorder: Recorder
  /** Everything that is served now. */
  readonly kinds: Kinds
  readonly clock: Clock
  /** When this run of the controller began, in ms: silence before it says nothing about the world. */
  readonly startedAt: number
  readonly log: Logger
  readonly signal: AbortSignal
}

/** Which keys a change of one kind queues. `keys` may look into the informers to find related objects, of whatever kinds there are. */
export interface Watch {
  readonly kind: AnyKind
  keys(seen: Seen<KubeObject>, informers: Informers, kinds: Kinds): Iterable<string>
}

/** Level-triggered: `reconcile` compares the world with the wish for one key, plans, and acts. */
export interface Controller {
  readonly name: string
  readonly watches: readonly Watch[]
  /** What is watched of each kind there is, also of those that definitions bring later. */
  watchEach?(kind: AnyKind): Watch | undefined
  /** In Kubernetes a part of the API server, and so with its rights and not those of a service account. */
  readonly asServer?: true
  /** Keys worked on at once; 5 unless said, as kube-controller-manager's default. */
  readonly workers?: number
  /** An error tries the key again with back-off. */
  reconcile(key: string, context: Context): Promise<Result>
}

/** Queues the object itself. */
export const every = <T extends KubeObject>(kind: Kind<T>): Watch => ({
  kind,
  keys: (seen: Seen<T>) => [keyOf(seen.object)],
})

/** Queues the managing owner of `kind`'s objects when it is an `owner`, before and after the change. */
export const ownersOf = <T extends KubeObject>(kind: Kind<T>, owner: AnyKind): Watch => ({
  kind,
  keys: (seen: Seen<T>) => {
    const keys = new Set<string>()
    for (const object of [seen.object, seen.old]) {
      const reference = object && controllerOf(object)
      if (reference?.kind !== owner.kind || reference.apiVersion !== owner.apiVersion) continue
      keys.add(object?.metadata.namespace ? `${object.metadata.namespace}/${reference.name}` : reference.name)
    }
    return keys
  },
})

export interface ControllerDependencies {
  readonly client: Client
  readonly informers: Informers
  readonly recorder: (component: string) => Recorder
  /** The built-in ones unless said. */
  readonly kinds?: Kinds
  /** Where to tell how the queue does. */
  readonly queues?: QueueMetrics | undefined
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
}

/** Runs one controller until the signal aborts; resolves when its workers have stopped. */
export async function runController(controller: Controller, deps: ControllerDependencies): Promise<void> {
  const { informers, clock, signal } = deps
  const log = deps.log.with({ controller: controller.name })
  const queue = new WorkQueue(clock)
  deps.queues?.watch(queueNameOf(controller.name), queue)
  const context = contextOf(controller, deps, log)
  const { kinds } = context
  const follow = (watch: Watch): void => {
    informers.of(watch.kind).subscribe((seen) => {
      for (const key of watch.keys(seen, informers, kinds)) queue.add(key)
    })
  }
  const watchesOf = (all: readonly AnyKind[]): Watch[] => all.flatMap((kind) => controller.watchEach?.(kind) ?? [])
  const watches = [...controller.watches, ...watchesOf(kinds.objects)]
  watches.forEach(follow)
  const unsubscribe = kinds.subscribe(({ added }) => watchesOf(kinds.objects.filter((kind) => added.includes(kind))).forEach(follow))
  signal.addEventListener('abort', unsubscribe, { once: true })
  await Promise.all(watches.map((watch) => informers.of(watch.kind).waitFor(0, signal)))
  signal.addEventListener('abort', () => queue.close(), { once: true })
  if (signal.aborted) queue.close()
  await Promise.all(Array.from({ length: controller.workers ?? 5 }, () => work(controller, queue, context, log)))
}

async function work(controller: Controller, queue: WorkQueue, context: Context, log: Logger): Promise<void> {
  for (let key = await queue.take(); key !== undefined; key = await queue.take()) {
    try {
      const { afterMs, key: next = key } = await controller.reconcile(key, context)
      queue.forget(key)
      if (afterMs !== undefined) queue.addAfter(next, afterMs)
    } catch (error) {
      if (context.signal.aborted) return
      // somebody else changed or deleted it meanwhile: the next look sees that
      const level = isConflict(error) || isNotFound(error) ? 'debug' : 'warn'
      log[level]('reconcile failed', { key, error: errorMessage(error) })
      queue.retry(key)
    } finally {
      queue.done(key)
    }
  }
}

function contextOf(controller: Controller, deps: ControllerDependencies, log: Logger): Context {
  const lastWrites = new Map<AnyKind, number>()
  const fresh = async <T extends KubeObject>(kind: Kind<T>): Promise<Informer<T>> => {
    const informer = deps.informers.of(kind)
    await informer.waitFor(lastWrites.get(kind) ?? 0, deps.signal)
    return informer
  }
  return {
    client: remembering(deps.client, lastWrites),
    read: async (kind, key) => (await fresh(kind)).get(key),
    readAll: async (kind, namespace) => [...(await fresh(kind)).list(namespace)],
    recorder: deps.recorder(controller.name),
    kinds: deps.kinds ?? new Kinds(builtIn),
    clock: deps.clock,
    startedAt: deps.clock.now(),
    log,
    signal: deps.signal,
  }
}

/** The client, noting the revision of each kind's last write so that reads can wait for it. */
function remembering(client: Client, lastWrites: Map<AnyKind, number>): Client {
  async function note<T extends KubeObject>(kind: Kind<T>, write: Promise<T>): Promise<T> {
    const object = await write
    lastWrites.set(kind, Math.max(lastWrites.get(kind) ?? 0, Number(object.metadata.resourceVersion)))
    return object
  }
  return {
    get: (kind, ref) => client.get(kind, ref),
    list: (kind, options) => client.list(kind, options),
    watch: (kind, options) => client.watch(kind, options),
    createSubresource: (kind, ref, subresource, body) => client.createSubresource(kind, ref, subresource, body),
    create: (kind, object) => note(kind, client.create(kind, object)),
    update: (kind, object) => note(kind, client.update(kind, object)),
    updateStatus: (kind, object) => note(kind, client.updateStatus(kind, object)),
    patch: (kind, ref, patch, options) => note(kind, client.patch(kind, ref, patch, options)),
    delete: (kind, ref, options) => note(kind, client.delete(kind, ref, options)),
  }
}
