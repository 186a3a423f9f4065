import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRegistry } from '../../src-main/api/registry.ts'
import type { Verbs } from '../../src-main/api/verbs.ts'
import { systemClock } from '../../src-main/base/clock.ts'
import { silent } from '../../src-main/base/log.ts'
import { localClient } from '../../src-main/client/local.ts'
import { namespace } from '../../src-main/kinds/core/namespace.ts'
import { openStore } from '../../src-main/store/log.ts'
import type { Store } from '../../src-main/store/store.ts'

/** A registry over a store on disk, with the namespace `default`. */
export async function openRegistry(): Promise<{ verbs: Verbs; store: Store; close(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'client-'))
  const store = await openStore({ file: join(directory, 'store.db'), log: silent })
  const verbs = createRegistry({ store, clock: systemClock })
  await localClient(verbs, { name: 'test', groups: ['system:masters'] }).create(namespace, { metadata: { name: 'default' } })
  return {
    verbs, store,
    async close() {
      await store.close()
      await rm(directory, { recursive: true })
    },
  }
}
