import { errorMessage, type Logger } from '../base/log.ts'
import type { Change, Revision, Subscription } from './store.ts'

/** Recent changes that are replayed from memory; older ones come from the log. A busy second or two, a few MB. */
const windowChanges = 4096
const windowBytes = 16 * 1024 * 1024

interface Watcher {
  /** The newest change it was told of. */
  position: number
  readonly onChange: (change: Change) => void
}

/** The window of recent changes and everybody who watches. One order for all of them: that of the revisions. */
export class Watches {
  readonly #log: Logger
  /** Without gaps, up to the newest revision. */
  readonly #window: Change[] = []
  #bytes = 0
  #revision: Revision
  readonly #byPrefix = new Map<string, Set<Watcher>>()

  constructor(log: Logger, revision: Revision) {
    this.#log = log
    this.#revision = revision
  }

  /** Replays from memory and goes live in the same tick. Undefined when `after` is older than the window. */
  subscribe(prefix: string, after: Revision, onChange: (change: Change) => void): Subscription | undefined {
    const oldest = this.#revision - this.#window.length
    if (after < oldest) return undefined
    const watcher: Watcher = { position: after, onChange }
    for (const change of this.#window.slice(after - oldest)) {
      if (change.current.key.startsWith(prefix)) this.#tell(watcher, change)
    }
    watcher.position = Math.max(after, this.#revision)
    return this.#join(prefix, watcher)
  }

  /** Tells everybody, change by change. The state must show all of `changes` already. */
  publish(changes: readonly Change[]): void {
    for (const change of changes) {
      this.#window.push(change)
      this.#bytes += change.current.bytes.length
    }
    this.#revision = changes.at(-1)?.current.revision ?? this.#revision
    this.#trim()
    for (const change of changes) {
      // of dozens of prefixes: a pair for each would be most of what a change allocates here
      this.#byPrefix.forEach((watchers, prefix) => {
        if (!change.current.key.startsWith(prefix)) return
        for (const watcher of watchers) this.#tell(watcher, change)
      })
    }
  }

  close(): void {
    this.#byPrefix.clear()
  }

  #join(prefix: string, watcher: Watcher): Subscription {
    const watchers = this.#byPrefix.get(prefix) ?? new Set()
    this.#byPrefix.set(prefix, watchers.add(watcher))
    return {
      close: () => {
        watchers.delete(watcher)
        if (watchers.size === 0 && this.#byPrefix.get(prefix) === watchers) this.#byPrefix.delete(prefix)
      },
    }
  }

  #tell(watcher: Watcher, change: Change): void {
    // one that joined from inside somebody's callback has replayed the rest of this batch already
    if (change.current.revision <= watcher.position) return
    watcher.position = change.current.revision
    try {
      watcher.onChange(change)
    } catch (error) {
      this.#log.error('a watch callback threw; the others go on', {
        key: change.current.key,
        error: errorMessage(error),
      })
    }
  }

  /** In steps of a quarter, so that moving the array costs little per change. */
  #trim(): void {
    while (this.#window.length > windowChanges || (this.#bytes > windowBytes && this.#window.length > 1)) {
      const dropped = this.#window.splice(0, Math.max(1, this.#window.length >>> 2))
      for (const { current } of dropped) this.#bytes -= current.bytes.length
    }
  }
}
