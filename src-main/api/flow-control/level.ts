import type { PriorityLevelConfigurationSpec } from '../../kinds/generated/types.ts'
import { handOf } from './hand.ts'

/** Why a request was not let in: the labels of apiserver_flowcontrol_rejected_requests_total. */
export type Refusal = 'cancelled' | 'concurrency-limit' | 'queue-full' | 'time-out'

interface Waiting {
  readonly queue: number
  /** Undefined when its turn has come. */
  leave(why: Refusal | undefined): void
}

/** What a level may use, in requests that are answered at once. */
export interface Seats {
  readonly nominal: number
  /** Of the nominal ones, those that no other level borrows. */
  readonly kept: number
  /** With what it may borrow when others do not use theirs. */
  readonly most: number
}

/** One priority level at work: who is being answered, and who waits in which queue. */
export class Level {
  readonly name: string
  executing = 0
  waiting = 0
  seats: Seats = { nominal: 0, kept: 0, most: 0 }
  spec: PriorityLevelConfigurationSpec
  readonly #queues = new Map<number, Waiting[]>()

  constructor(name: string, spec: PriorityLevelConfigurationSpec) {
    this.name = name
    this.spec = spec
  }

  get exempt(): boolean {
    return this.spec.type === 'Exempt'
  }

  /**
   * Waits in the shortest of the flow's queues; `leave` is called once, with the reason when it is not its turn that ended
   * the waiting. Returns how to give up, or the reason why there is nowhere to wait.
   */
  enqueue(flow: string, leave: (why: Refusal | undefined) => void): ((why: Refusal) => void) | Refusal {
    const { queuing, type } = this.spec.limited?.limitResponse ?? { type: 'Reject' }
    if (type !== 'Queue' || !queuing) return 'concurrency-limit'
    const { queues = 64, handSize = 8, queueLengthLimit = 50 } = queuing
    const hand = handOf(flow, queues, handSize)
    const length = (queue: number): number => this.#queues.get(queue)?.length ?? 0
    const queue = hand.reduce((best, each) => (length(each) < length(best) ? each : best))
    if (length(queue) >= queueLengthLimit) return 'queue-full'
    const entry: Waiting = { queue, leave }
    const line = this.#queues.get(queue)
    if (line) line.push(entry)
    else this.#queues.set(queue, [entry])
    this.waiting++
    return (why) => this.#remove(entry, why)
  }

  /** Lets in the first of the queue whose turn it is: each queue in its turn, however long it is. */
  dispatch(): void {
    const next = this.#queues.entries().next()
    if (next.done) return
    const [queue, line] = next.value
    const entry = line.shift()
    this.#queues.delete(queue)
    if (line.length > 0) this.#queues.set(queue, line)
    if (!entry) return
    this.waiting--
    entry.leave(undefined)
  }

  #remove(entry: Waiting, why: Refusal): void {
    const line = this.#queues.get(entry.queue)
    const at = line?.indexOf(entry) ?? -1
    if (!line || at < 0) return
    line.splice(at, 1)
    if (line.length === 0) this.#queues.delete(entry.queue)
    this.waiting--
    entry.leave(why)
  }
}

/** Divides the server's concurrency by the levels' shares, as Kubernetes does. Pure but for `seats`, which it sets. */
export function divide(levels: Iterable<Level>, serverLimit: number): void {
  const all = [...levels]
  const sharesOf = ({ spec }: Level): number => (spec.limited ?? spec.exempt)?.nominalConcurrencyShares ?? 0
  const sum = all.reduce((total, level) => total + sharesOf(level), 0)
  for (const level of all) {
    const { lendablePercent = 0 } = level.spec.limited ?? level.spec.exempt ?? {}
    const borrowingLimitPercent = level.spec.limited?.borrowingLimitPercent
    const nominal = sum === 0 ? 0 : Math.ceil((serverLimit * sharesOf(level)) / sum)
    const borrowed = borrowingLimitPercent === undefined ? Infinity : Math.round((nominal * borrowingLimitPercent) / 100)
    level.seats = { nominal, kept: nominal - Math.round((nominal * lendablePercent) / 100), most: nominal + borrowed }
  }
}
