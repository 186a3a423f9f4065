import { Worker } from 'node:worker_threads'
import { type JsonObject, setOwn } from '../base/json.ts'
import { jsonInSteps } from '../base/json-steps.ts'
import { patiently, type Steps, turns } from '../base/turns.ts'
import type { Status } from '../kinds/generated/types.ts'
import { kinds } from '../kinds/index.ts'
import type { AnyKind } from '../kinds/kind.ts'
import type { KubeObject } from '../kinds/meta.ts'
import { StatusError } from '../kinds/status-error.ts'
import { parseInParts } from './json-parts.ts'
import { judgeCreation, judgeUpdate, type Verdict } from './judge.ts'
import { made, madeAnew } from './making/made.ts'
import type { Wish } from './making/wish.ts'
import { type Facts, factsOf } from './ready.ts'
import type { Encoded } from './verbs.ts'

/** Which kind it is about. */
interface About {
  readonly apiVersion: string
  readonly kind: string
  /** Of a custom resource: what its CRD says, as JSON. */
  readonly definition?: string
}

/** A large object, and where it is a change what it was; both as JSON. */
export interface JudgeTask extends About {
  readonly act: 'judge'
  readonly subresource?: string | undefined
  readonly internal: boolean
  readonly object: Uint8Array
  readonly old?: Uint8Array
}

/** A wish, with what it sent as JSON, and the object that it is about; or the uid of the one that it is to make. */
export interface MakeTask extends About {
  readonly act: 'make'
  readonly wish: Omit<Wish, 'kind' | 'sent'>
  readonly sent: Omit<Wish['sent'], 'body'>
  readonly body: string
  /** Keys stand twice in it. */
  readonly isRepetitive: boolean
  readonly old?: Uint8Array
  readonly uid: string
}

export type LargeTask = JudgeTask | MakeTask

/** What is to be said of a large object, and to be known of it before its commit. */
export interface Judged {
  readonly verdict: Verdict
  readonly facts: Facts
}

export type LargeReply =
  | Judged
  /** `members` are the names of all that the object has; what `changed` does not have is as it was. */
  | { readonly changed: string; readonly members: readonly string[]; readonly warnings: readonly string[] }
  | { readonly status: Status; readonly warnings: readonly string[] }
  | { readonly error: string }

/** Through which door a change comes, and whether it is the server's own. */
interface How {
  readonly subresource?: string | undefined
  readonly internal?: boolean
}

/** Nothing that fits into a request takes so long. */
const patienceMs = 30_000
const idleMs = 5_000
const memoryMb = 384

const builtIn: ReadonlySet<AnyKind> = new Set(kinds)

/** Whether a thread can find out what the kind's rules are. */
const isKnown = (kind: AnyKind): boolean => kind.custom !== undefined || builtIn.has(kind)

/** Whether somebody owns fields in a version that only a webhook knows. */
const needsWebhook = ({ stored, apiVersion }: AnyKind, { metadata }: Readonly<KubeObject>): boolean =>
  stored?.ask !== undefined && (metadata.managedFields ?? []).some((entry) => entry.apiVersion !== apiVersion)

/**
 * Makes and judges large objects in a thread, one after the other, with the code that small ones are made and judged with, so
 * that nobody else waits for them: however long a list or a map is, and whatever looks at all of it. The thread is there while
 * there is something to do, and some seconds longer.
 */
export class LargeThread {
  #worker: Worker | undefined
  #idle: NodeJS.Timeout | undefined
  #last: Promise<unknown> = Promise.resolve()

  /** What a request makes of an object, which keeps what does not change; warnings go to the request's. @throws StatusError */
  async change(wish: Wish, old: Encoded): Promise<KubeObject> {
    return !isKnown(wish.kind) || needsWebhook(wish.kind, old.object) ? made(wish, old.object) : this.#make(wish, '', old)
  }

  /** What a request makes where there is nothing yet. @throws StatusError */
  async creation(wish: Wish, uid: string): Promise<KubeObject> {
    return isKnown(wish.kind) ? this.#make(wish, uid) : madeAnew(wish, uid)
  }

  /** What a creation is judged by, before the kind has prepared it, which it has then. */
  async judgeCreation(kind: AnyKind, object: KubeObject): Promise<Judged> {
    const json = Buffer.from(await turns.finish(jsonInSteps(object)))
    if (!isKnown(kind)) return { verdict: await patiently(() => judgeCreation(kind, object)), facts: factsOf(kind, object, json.length) }
    const judged = await this.#judge(kind, {}, json)
    kind.prepareCreate?.(object)
    return judged
  }

  async judgeUpdate(kind: AnyKind, how: How, { object, bytes }: Encoded, old: Encoded): Promise<Judged> {
    const { subresource, internal } = how
    if (isKnown(kind)) return this.#judge(kind, how, bytes, old.bytes)
    return { verdict: await patiently(() => judgeUpdate(kind, subresource, internal === true, object, old.object)), facts: factsOf(kind, object, bytes.length, old.object, subresource) }
  }

  async #make(wish: Wish, uid: string, old?: Encoded): Promise<KubeObject> {
    const reply = await this.#inTurn(await turns.finish(makeTask(wish, uid, old?.bytes)))
    if ('warnings' in reply) wish.context.warnings.push(...reply.warnings)
    if ('status' in reply) throw new StatusError(reply.status)
    if (!('changed' in reply)) throw new TypeError('the thread made nothing')
    const changed = (await turns.finish(parseInParts(reply.changed))) as JsonObject
    const object: JsonObject = {}
    for (const name of reply.members) setOwn(object, name, Object.hasOwn(changed, name) ? changed[name] : (old?.object as unknown as JsonObject)[name])
    return object as unknown as KubeObject
  }

  async #judge(kind: AnyKind, { subresource, internal = false }: How, object: Uint8Array, old?: Uint8Array): Promise<Judged> {
    const reply = await this.#inTurn({ act: 'judge', ...(await turns.finish(about(kind))), subresource, internal, object, ...(old ? { old } : {}) })
    if (!('verdict' in reply)) throw new TypeError('the thread judged nothing')
    return reply
  }

  #inTurn(task: LargeTask): Promise<LargeReply> {
    const mine = this.#last.then(() => this.#ask(task))
    this.#last = mine.catch(() => undefined)
    return mine
  }

  async #ask(task: LargeTask): Promise<LargeReply> {
    clearTimeout(this.#idle)
    const worker = (this.#worker ??= new Worker(workerUrl(), { execArgv: [], resourceLimits: { maxOldGenerationSizeMb: memoryMb } }))
    try {
      const reply = await replyOf(worker, task)
      if ('error' in reply) throw new Error(reply.error)
      this.#idle = setTimeout(() => this.#end(), idleMs).unref()
      return reply
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

function* about({ apiVersion, kind, custom }: AnyKind): Steps<About> {
  return { apiVersion, kind, ...(custom ? { definition: yield* jsonInSteps(custom.definition) } : {}) }
}

function* makeTask({ kind, ref, subresource, now, context, sent: { body, ...sent } }: Wish, uid: string, old: Buffer | undefined): Steps<MakeTask> {
  const { user, fieldValidation, fieldManager, userAgent, duplicateFields, sentText, overflow, json } = context
  const said = { user, fieldValidation, fieldManager, userAgent, duplicateFields, overflow, warnings: [] } as Wish['context']
  return {
    act: 'make', ...(yield* about(kind)), wish: { ref, subresource, now, context: said }, sent, uid,
    body: json ?? (yield* jsonInSteps(body)), isRepetitive: sentText !== undefined,
    ...(old ? { old } : {}),
  }
}

function replyOf(worker: Worker, task: LargeTask): Promise<LargeReply> {
  worker.ref()
  worker.postMessage(task)
  const { promise, resolve, reject } = Promise.withResolvers<LargeReply>()
  const exited = (): void => reject(new Error('the thread for large objects ended early'))
  const timer = setTimeout(() => reject(new Error(`the object takes longer than ${patienceMs / 1000} s`)), patienceMs)
  worker.once('message', resolve).once('error', reject).once('exit', exited)
  return promise.finally(() => {
    clearTimeout(timer)
    worker.off('message', resolve).off('error', reject).off('exit', exited).unref()
  })
}

/** Beside this file; once bundled, above the folder of the chunks. */
function workerUrl(): URL {
  const here = import.meta.url
  const name = here.endsWith('.ts') ? './large-worker.ts' : here.includes('/chunks/') ? '../large-worker.js' : './large-worker.js'
  return new URL(name, here)
}
