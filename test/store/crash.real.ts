import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import { afterTest, opened, temporaryFile } from './fixture.ts'

const kills = 100

interface Row {
  revision: number
  key: string
  type: 'put' | 'delete'
  nonce: string
}

/** What was promised so far: everything acknowledged, and everything once seen in the log. */
class Ledger {
  readonly #known: Row[] = []
  readonly #compactedState = new Map<string, Row>()
  #compacted = 0

  /** The same revision with anything else is a revision used twice. */
  note(row: Row): void {
    const known = (this.#known[row.revision] ??= row)
    if (JSON.stringify(known) !== JSON.stringify(row)) {
      throw new Error(`revision ${row.revision} was ${JSON.stringify(known)} and is ${JSON.stringify(row)}`)
    }
  }

  /** The rows that the log must have, no more and no less. */
  rows(compacted: number): Row[] {
    for (; this.#compacted < compacted; this.#compacted++) {
      const row = this.#known[this.#compacted + 1]!
      if (row.type === 'put') this.#compactedState.set(row.key, row)
      else this.#compactedState.delete(row.key)
    }
    const old = [...this.#compactedState.values()].sort((a, b) => a.revision - b.revision)
    return [...old, ...this.#known.slice(compacted + 1)]
  }

  get newest(): number {
    return this.#known.length - 1
  }
}

type Child = ChildProcessByStdio<Writable, Readable, null>

function start(file: string, run: number): Child {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'crash-child.ts'), file, String(run)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  afterTest(() => child.kill('SIGKILL'))
  return child
}

/** Lets the child write, kills it `ms` after its first acknowledgement, and returns what it acknowledged. */
async function killAfter(child: Child, ms: number): Promise<Row[]> {
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const closed = once(child, 'close')
  child.stdin.write('go\n')
  await Promise.race([once(child.stdout, 'data'), closed.then(() => expect.unreachable('the child ended by itself'))])
  setTimeout(() => child.kill('SIGKILL'), ms)
  await closed
  return output
    .split('\n')
    .slice(0, -1)
    .map((text) => {
      const [number, type, key = '', nonce = ''] = text.split(' ')
      return { revision: Number(number), key, type: type === 'put' ? 'put' : 'delete', nonce }
    })
}

function readLog(file: string): { compacted: number; integrity: unknown; rows: Row[] } {
  const db = new Database(file)
  try {
    return {
      integrity: db.pragma('integrity_check', { simple: true }),
      compacted: Number(db.prepare(`SELECT value FROM meta WHERE name = 'compacted'`).pluck().get()),
      rows: db
        .prepare<[], Row>(
          `SELECT revision, key, iif(deleted, 'delete', 'put') AS type, value ->> 'nonce' AS nonce
         FROM (SELECT revision, key, deleted, CAST(value AS TEXT) AS value FROM log) ORDER BY revision`,
        )
        .all(),
    }
  } finally {
    db.close()
  }
}

/** A small generator with a seed, for moments that can be repeated. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

it(
  `keeps every acknowledged write and reuses no revision through ${kills} kills under concurrent writers`,
  { timeout: 240_000 },
  async () => {
    const seed = Number(process.env['CRASH_SEED'] ?? Date.now() % 1_000_000)
    const next = random(seed)
    const file = temporaryFile()
    const ledger = new Ledger()
    let acknowledged = 0
    let child = start(file, 0)
    for (let run = 1; run <= kills; run++) {
      const following = start(file, run) // starts up while this one writes
      const acks = await killAfter(child, 30 + next() * 120)
      child = following
      for (const ack of acks) ledger.note(ack)
      acknowledged += acks.length
      const { compacted, integrity, rows } = readLog(file)
      expect(integrity).toBe('ok')
      for (const row of rows) ledger.note(row)
      expect(rows.length, `seed ${seed}, run ${run}`).toBeGreaterThan(0)
      expect(rows, `seed ${seed}, run ${run}`).toEqual(ledger.rows(compacted))
    }
    child.kill('SIGKILL')
    await once(child, 'close')
    console.log(
      `crash test: seed ${seed}, ${kills} kills, ${acknowledged} acknowledged writes, ${ledger.newest} revisions`,
    )

    const store = await opened({ file })
    expect(store.revision).toBe(ledger.newest)
    const state = new Map(ledger.rows(store.revision).map((row) => [row.key, row.nonce]))
    const found = store.list('/').items.map((item) => [item.key, (item.object as { nonce?: string }).nonce])
    expect(new Map(found as Array<[string, string]>)).toEqual(state)
  },
)
