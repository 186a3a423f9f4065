import { Worker } from 'node:worker_threads'
import { jsonInSteps } from '../base/json-steps.ts'
import { patiently, type Steps, turns } from '../base/turns.ts'
import { kinds } from '../kinds/index.ts'
import type { AnyKind } from '../kinds/kind.ts'
import type { KubeObject } from '../kinds/meta.ts'
import { judgeCreation, judgeUpdate, type Verdict } from './judge.ts'

/** A large object, and where it is a change what it was; both as JSON. */
export interface JudgeTask {
  readonly apiVersion: string
  readonly kind: string
  /** Of a custom resource: what its CRD says, as JSON. */
  readonly definition?: string
  readonly subresource?: string | undefined
  readonly object: string
  readonly old?: string
}

export type JudgeReply = { readonly verdict: Verdict } | { readonly error: string }

/** Nothing that fits into a request takes so long. */
const patienceMs = 30_000
const idleMs = 5_000
const memoryMb = 384

const builtIn: ReadonlySet<AnyKind> = new Set(kinds)

/** Whether a thread can find out what the kind's rules are. */
const isKnown = (kind: AnyKind): boolean => kind.custom !== undefined || builtIn.has(kind)

/**
 * Judges large objects in a thread, one after the other, so that nobody else waits for them: however long a list or a map
 * is, and whatever rule looks at it. The thread is there while there is something to judge, and some seconds longer.
 */
export class JudgeThread {
  #worker: Worker | undefined
  #idle: NodeJS.Timeout | undefined
  #last: Promise<unknown> = Promise.resolve()

  /** What a creation is judged by, before the kind has prepared it. Changes `object` only where that takes no thread. */
  async creation(kind: AnyKind, object: KubeObject): Promise<Verdict> {
    if (!isKnown(kind)) return patiently(() => judgeCreation(kind, object))
    const verdict = await this.#judged(taskOf(kind, object))
    kind.prepareCreate?.(object)
    return verdict
  }

  async update(kind: AnyKind, subresource: string | undefined, object: KubeObject, old: Readonly<KubeObject>): Promise<Verdict> {
    if (!isKnown(kind)) return patiently(() => judgeUpdate(kind, subresource, false, object, old))
    return this.#judged(taskOf(kind, object, old, subresource))
  }

  async #judged(task: Steps<JudgeTask>): Promise<Verdict> {
    const made = await turns.finish(task)
    const mine = this.#last.then(() => this.#ask(made))
    this.#last = mine.catch(() => undefined)
    return mine
  }

  async #ask(task: JudgeTask): Promise<Verdict> {
    clearTimeout(this.#idle)
    const worker = (this.#worker ??= new Worker(workerUrl(), { execArgv: [], resourceLimits: { maxOldGenerationSizeMb: memoryMb } }))
    try {
      const reply = await replyOf(worker, task)
      if ('error' in reply) throw new Error(reply.error)
      this.#idle = setTimeout(() => this.#end(), idleMs).unref()
      return reply.verdict
    } catch (error) {
      this.#end()
      throw error
    }
  }

  #end(): void {
    void this.#worker?.terminate()
    this.#worker = undefined
  }
}

function* taskOf({ apiVersion, kind, custom }: AnyKind, object: KubeObject, old?: Readonly<KubeObject>, subresource?: string): Steps<JudgeTask> {
  const json = yield* jsonInSteps(object)
  return {
    apiVersion, kind, subresource, object: json,
    ...(custom ? { definition: yield* jsonInSteps(custom.definition) } : {}),
    ...(old ? { old: yield* jsonInSteps(old) } : {}),
  }
}

function replyOf(worker: Worker, task: JudgeTask): Promise<JudgeReply> {
  worker.ref()
  worker.postMessage(task)
  const { promise, resolve, reject } = Promise.withResolvers<JudgeReply>()
  const exited = (): void => reject(new Error('the thread that judges large objects ended early'))
  const timer = setTimeout(() => reject(new Error(`the object takes longer than ${patienceMs / 1000} s to judge`)), patienceMs)
  worker.once('message', resolve).once('error', reject).once('exit', exited)
  return promise.finally(() => {
    clearTimeout(timer)
    worker.off('message', resolve).off('error', reject).off('exit', exited).unref()
  })
}

/** Beside this file; once bundled, above the folder of the chunks. */
function workerUrl(): URL {
  const here = import.meta.url
  const name = here.endsWith('.ts') ? './judge-worker.ts' : here.includes('/chunks/') ? '../judge-worker.js' : './judge-worker.js'
  return new URL(name, here)
}
