import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { silent } from '../../src-main/base/log.ts'
import { openStore, type StoreOptions } from '../../src-main/store/log.ts'
import type { Change, Revision, StorableObject, Store, StoredObject } from '../../src-main/store/store.ts'

const leftovers: Array<() => unknown> = []

afterEach(async () => {
  for (const remove of leftovers.splice(0).reverse()) await remove()
})

export function afterTest(undo: () => unknown): void {
  leftovers.push(undo)
}

/** A folder of the test's own, removed after it. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'wheelhouse-store-'))
  leftovers.push(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export const temporaryFile = (): string => join(temporaryFolder(), 'store.db')

/** A store that is closed after the test. */
export async function opened(options: Partial<StoreOptions> = {}): Promise<Store> {
  const store = await openStore({ file: temporaryFile(), log: silent, ...options })
  leftovers.push(() => store.close())
  return store
}

export interface Thing extends StorableObject {
  value: unknown
}

export const thing = (value: unknown): Thing => ({ metadata: {}, value })

export const put = (store: Store, key: string, value: unknown = 'x'): Promise<StoredObject> =>
  store.commit((tx) => tx.put(key, thing(value)))

export const remove = (store: Store, key: string): Promise<StoredObject | undefined> =>
  store.commit((tx) => tx.delete(key))

export const valueOf = (item: StoredObject | undefined): unknown => (item?.object as Thing | undefined)?.value

export const revision = (number: number): Revision => number as Revision

/** A change as one line: `3 put /a x (was 1 w)`. */
export function line({ type, current, previous }: Change): string {
  const was = previous ? ` (was ${previous.revision} ${String(valueOf(previous))})` : ''
  return `${current.revision} ${type} ${current.key} ${String(valueOf(current))}${was}`
}

export const contents = (items: readonly StoredObject[]): Array<[string, unknown]> =>
  items.map((item) => [item.key, valueOf(item)])
