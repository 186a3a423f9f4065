import { patiently, type Steps, turns } from '../../base/turns.ts'
import type { AnyKind } from '../../kinds/kind.ts'
import type { KubeObject } from '../../kinds/meta.ts'
import type { Store, WriteTx } from '../../store/store.ts'
import type { Expected } from '../decode.ts'
import type { RequestContext } from '../verbs.ts'
import type { Laps, StepMetrics } from './step-metrics.ts'

/** The newest state: inside a commit it shows the writes of the same batch, so what is chosen by it stays chosen. */
export type Reader = Pick<WriteTx, 'get' | 'list'>

/** What is durable by now, outside a commit. */
export const committed = (store: Store): Reader => ({
  get: (key) => store.get(key),
  list: (prefix) => store.list(prefix).items,
})

/** A write that wants in, or a connection. */
export interface AdmissionRequest {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT'
  readonly kind: AnyKind
  readonly namespace: string | undefined
  /** Empty while a name is still to be generated. */
  readonly name: string
  readonly subresource?: string
  /** As it will be; `admit` may change it in place. For a deletion: as it is, and nobody changes it. */
  readonly object: KubeObject
  readonly old?: Readonly<KubeObject>
  /** What the objects are where they are not the kind's own: a Scale, an Eviction, the options of a connection. */
  readonly type?: Expected
  /** DeleteOptions. */
  readonly options?: object
  readonly context: RequestContext
  readonly read: Reader
}

/**
 * Rules inside this server. They run inside the commit, so they are synchronous and see the newest state. `admit` may run
 * twice on the same object and must then change nothing more. Both refuse by throwing a StatusError, and by throwing Later put
 * off until they can say.
 */
export interface AdmissionPlugin {
  readonly name: string
  /** Judges only what everybody else has let pass: `validate` waits for the commit, also where reviewers are asked before. */
  readonly last?: boolean
  /** What it said of a large object before the commit holds there too: others have that from it once, and it may look at all of the object. */
  readonly early?: true
  /** Judges also what is not stored: connections, evictions, bindings, tokens, questions. */
  readonly everywhere?: boolean
  admit?(request: AdmissionRequest): void
  /** The same for a large object, where it takes long. */
  admitInSteps?(request: AdmissionRequest): Steps<void>
  /** Whether the last `admit` changed the object so that all should look at it again; asked once. */
  changed?(request: AdmissionRequest): boolean
  validate?(request: AdmissionRequest): void
  /** The same for a large object, where it takes long. */
  validateInSteps?(request: AdmissionRequest): Steps<void>
}

/** What a reviewer is asked about before there is an object. */
export type Concern = Pick<AdmissionRequest, 'operation' | 'kind' | 'namespace' | 'subresource'>

/** What a reviewer made of an object. */
export interface Admitted {
  readonly changed: boolean
  /** Looks at the object once more, after somebody changed it: Kubernetes' reinvocation. */
  again?(): Promise<void>
}

/**
 * Rules that need waiting (webhooks). They run before the commit on the object as it would be; the write then happens only
 * if the object did not change meanwhile, and is tried again if it did. `validate` comes after all other checks of the
 * object; several reviewers are asked in their order.
 */
export interface Reviewer {
  readonly name: string
  concerns(request: Concern): boolean
  admit?(request: AdmissionRequest): Promise<Admitted | undefined>
  validate?(request: AdmissionRequest): Promise<void>
}

export interface AdmissionChain {
  readonly plugins: readonly AdmissionPlugin[]
  readonly reviewers: readonly Reviewer[]
  readonly steps?: StepMetrics | undefined
}

/** Who is still to be asked in the commit of a large object, of whom most have been asked before. */
export const leftForCommit = ({ plugins, reviewers }: AdmissionChain): AdmissionChain => ({ plugins: plugins.filter(({ early }) => !early), reviewers })

export function admit(chain: AdmissionChain, request: AdmissionRequest): void {
  if (chain.steps) chain.steps.run('admit', request, (laps) => admitByAll(chain, request, laps))
  else admitByAll(chain, request)
}

function admitByAll({ plugins }: AdmissionChain, request: AdmissionRequest, laps?: Laps): void {
  for (const plugin of plugins) ask('admit', plugin, request, laps)
  if (plugins.some((plugin) => plugin.changed?.(request))) for (const plugin of plugins) ask('admit', plugin, request, laps)
}

function ask(step: 'admit' | 'validate', plugin: AdmissionPlugin, request: AdmissionRequest, laps: Laps | undefined): void {
  if (!plugin[step]) return
  try {
    plugin[step](request)
  } catch (error) {
    laps?.rejected(plugin.name, error)
    throw error
  }
  laps?.passed(plugin.name)
}

function* timed(laps: Laps | undefined, name: string, steps: Steps<void>): Steps<void> {
  try {
    yield* steps
  } catch (error) {
    laps?.rejected(name, error)
    throw error
  }
  laps?.passed(name)
}

function* admitInSteps({ plugins }: AdmissionChain, request: AdmissionRequest, laps?: Laps): Steps<void> {
  function* each(): Steps<void> {
    for (const plugin of plugins) {
      yield
      if (plugin.admitInSteps) yield* timed(laps, plugin.name, plugin.admitInSteps(request))
      else ask('admit', plugin, request, laps)
    }
  }
  yield* each()
  if (plugins.some((plugin) => plugin.changed?.(request))) yield* each()
}

export function validateAdmission(chain: AdmissionChain, request: AdmissionRequest): void {
  if (chain.steps) chain.steps.run('validate', request, (laps) => validateByAll(chain, request, laps))
  else validateByAll(chain, request)
}

function validateByAll({ plugins }: AdmissionChain, request: AdmissionRequest, laps?: Laps): void {
  for (const plugin of plugins) ask('validate', plugin, request, laps)
}

export const reviewersOf = ({ reviewers }: AdmissionChain, concern: Concern): readonly Reviewer[] =>
  reviewers.filter((reviewer) => reviewer.concerns(concern))

/** The part of admission that may change the object, and waits. Whether a reviewer changed it. */
export function admitReviewed(chain: AdmissionChain, reviewers: readonly Reviewer[], request: AdmissionRequest): Promise<boolean> {
  const act = (laps?: Laps) => admitByReviewers(chain, reviewers, request, laps)
  return chain.steps ? chain.steps.review('admit', request, act) : act()
}

async function admitByReviewers(chain: AdmissionChain, reviewers: readonly Reviewer[], request: AdmissionRequest, laps?: Laps): Promise<boolean> {
  const built = (): Promise<void> => patiently(() => (request.context.large ? turns.finish(admitInSteps(chain, request, laps)) : admitByAll(chain, request, laps)))
  await built()
  const rounds: Array<Admitted | undefined> = []
  for (const reviewer of reviewers) rounds.push(await (reviewer.admit && waited(laps, reviewer.name, reviewer.admit(request))))
  if (!rounds.some((round) => round?.changed)) return false
  await built()
  for (const round of rounds) await round?.again?.()
  return true
}

async function waited<T>(laps: Laps | undefined, name: string, answer: Promise<T>): Promise<T> {
  try {
    const result = await answer
    laps?.passed(name)
    return result
  } catch (error) {
    laps?.rejected(name, error)
    throw error
  }
}

/** The part that only judges, and waits; whoever is `last` judges in the commit. */
export function validateReviewed(chain: AdmissionChain, reviewers: readonly Reviewer[], request: AdmissionRequest): Promise<void> {
  const act = (laps?: Laps) => validateByReviewers(chain, reviewers, request, laps)
  return chain.steps ? chain.steps.review('validate', request, act) : act()
}

async function validateByReviewers({ plugins }: AdmissionChain, reviewers: readonly Reviewer[], request: AdmissionRequest, laps?: Laps): Promise<void> {
  for (const plugin of plugins) {
    if (plugin.last || !plugin.validate) continue
    const { large } = request.context
    if (large) await turns.next()
    await patiently(() => (large && plugin.validateInSteps ? turns.finish(timed(laps, plugin.name, plugin.validateInSteps(request))) : ask('validate', plugin, request, laps)))
  }
  for (const reviewer of reviewers) await (reviewer.validate && waited(laps, reviewer.name, reviewer.validate(request)))
}
