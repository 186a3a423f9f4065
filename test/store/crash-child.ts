/** `node crash-child.ts FILE RUN`: after a line on stdin, 32 writers commit until killed and print what was acknowledged. */
import { once } from 'node:events'
import { silent } from '../../src-main/base/log.ts'
import { openStore } from '../../src-main/store/log.ts'
import type { Revision } from '../../src-main/store/store.ts'

/** Compaction stays this far behind, so that the parent has seen every change before it may be forgotten. */
const keptRevisions = 2000

const [file = '', run = ''] = process.argv.slice(2)
await once(process.stdin, 'data')
const store = await openStore({ file, log: silent })

async function write(writer: number): Promise<void> {
  for (let i = 0; ; i++) {
    const key = `/pods/ns-${writer % 4}/pod-${Math.floor(Math.random() * 20)}`
    const nonce = `${run}.${writer}.${i}`
    const size = Math.random() < 0.05 ? 20_000 : 200
    const deleting = Math.random() < 0.2
    const stored = await store.commit((tx) =>
      deleting
        ? tx.delete(key, { metadata: {}, nonce } as object as { metadata: object })
        : tx.put(key, { metadata: {}, nonce, filler: 'x'.repeat(Math.random() * size) } as object as {
            metadata: object
          }),
    )
    if (stored) process.stdout.write(`${stored.revision} ${deleting ? 'delete' : 'put'} ${key} ${nonce}\n`)
  }
}

async function compact(): Promise<void> {
  for (;;) {
    await store.compact(Math.max(0, store.revision - keptRevisions) as Revision)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

await Promise.all([compact(), ...Array.from({ length: 32 }, (_, writer) => write(writer))])
