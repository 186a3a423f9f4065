import type { Clock } from '../base/clock.ts'
import { errorMessage, type Logger } from '../base/log.ts'
import type { WatchHandle } from './verbs.ts'

export interface Chore {
  /** How long after its end it is done again. */
  readonly ms: number
  /** What is told when it fails; it is tried again all the same. */
  readonly failure: string
  act(): Promise<void>
}

/** Does each chore now, and again and again until it is closed. */
export function repeat(chores: readonly Chore[], clock: Clock, log: Logger): WatchHandle {
  let closed = false
  const cancels = new Map<Chore, () => void>()
  const run = async (chore: Chore): Promise<void> => {
    await chore.act().catch((error: unknown) => {
      if (!closed) log.warn(chore.failure, { error: errorMessage(error) })
    })
    if (!closed) cancels.set(chore, clock.after(chore.ms, () => void run(chore)))
  }
  for (const chore of chores) void run(chore)
  return {
    close() {
      closed = true
      for (const cancel of cancels.values()) cancel()
    },
  }
}
