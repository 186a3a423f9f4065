import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { bootstrap } from '../../src-main/api/bootstrap.ts'
import { createRegistry, type RegistryDependencies } from '../../src-main/api/registry.ts'
import type { RequestContext, Told, Verbs } from '../../src-main/api/verbs.ts'
import type { Clock } from '../../src-main/base/clock.ts'
import { silent } from '../../src-main/base/log.ts'
import { StatusError } from '../../src-main/kinds/status-error.ts'
import { openStore } from '../../src-main/store/log.ts'
import type { Store } from '../../src-main/store/store.ts'

/** Time that moves only when told to. */
export class TestClock implements Clock {
  #now = Date.parse('2026-01-01T00:00:00Z')
  readonly #timers = new Set<{ at: number; fn: () => void }>()

  now(): number {
    return this.#now
  }

  after(ms: number, fn: () => void): () => void {
    const timer = { at: this.#now + ms, fn }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** Timers that wait. */
  get pending(): number {
    return this.#timers.size
  }

  advance(ms: number): void {
    this.#now += ms
    for (const timer of [...this.#timers]) {
      if (timer.at > this.#now) continue
      this.#timers.delete(timer)
      timer.fn()
    }
  }
}

export interface Fixture {
  readonly verbs: Verbs
  readonly store: Store
  readonly clock: TestClock
}

/** A registry over a real store in a file of its own, with the system's namespaces. */
export async function registry(more: Partial<RegistryDependencies> = {}): Promise<Fixture> {
  const dir = mkdtempSync(join(tmpdir(), 'wheelhouse-registry-'))
  const store = await openStore({ file: join(dir, 'store.db'), log: silent })
  onTestFinished(async () => {
    await store.close()
    rmSync(dir, { recursive: true, force: true })
  })
  const clock = new TestClock()
  const verbs = createRegistry({ store, clock, ...more })
  await bootstrap(verbs, more.serviceCidr)
  return { verbs, store, clock }
}

export const context = (more: Partial<RequestContext> = {}): RequestContext => ({
  user: { name: 'tester', groups: ['system:masters'] },
  warnings: [],
  ...more,
})

/** What the verb refused with; fails when it did not refuse. */
export async function refusal(work: Promise<unknown>): Promise<StatusError> {
  try {
    await work
  } catch (error) {
    if (error instanceof StatusError) return error
    throw error
  }
  throw new Error('expected a StatusError, and the request succeeded')
}

/** Notes what a watch tells, in short: `ADDED web`. */
export function listener(): { readonly told: Told[]; readonly seen: string[]; tell(told: Told): void } {
  const told: Told[] = []
  const seen: string[] = []
  return {
    told,
    seen,
    tell(event) {
      told.push(event)
      seen.push(event.type === 'BOOKMARK' ? 'BOOKMARK' : `${event.type} ${event.item.object.metadata.name}`)
    },
  }
}

export const configMapNamed = (name: string, more: object = {}): object => ({
  metadata: { name, ...more },
  data: { key: 'value' },
})

export const podNamed = (name: string, spec: object = {}, metadata: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, ...metadata },
  spec: { containers: [{ name: 'main', image: 'busybox' }], ...spec },
})
