/** `npm run bench [-- name ...]`: prints a table of each benchmark and writes test/.cache/bench.json. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { benchApi } from './api.ts'
import { benchHostile } from './hostile.ts'
import type { Measurement } from './measure.ts'
import { benchMemory } from './memory.ts'
import { benchPods } from './pods.ts'
import { benchStartup } from './startup.ts'
import { benchStore } from './store.ts'

const benches: Readonly<Record<string, () => Promise<Measurement[]>>> = {
  startup: benchStartup,
  store: benchStore,
  api: benchApi,
  memory: benchMemory,
  pods: benchPods,
  hostile: benchHostile,
}

const chosen = process.argv.slice(2)
const unknown = chosen.filter((name) => !(name in benches))
if (unknown.length > 0) throw new Error(`no benchmark ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}`)

const show = (value: number) => (value >= 100 ? value.toFixed(0) : value.toFixed(1))
const results: Record<string, Measurement[]> = {}
for (const name of chosen.length > 0 ? chosen : Object.keys(benches)) {
  process.stdout.write(`\n${name}\n`)
  results[name] = (await benches[name]?.()) ?? []
  for (const m of results[name]) {
    const peer = m.peer ? `   ${m.peer.name} ${show(m.peer.value)} ${m.unit}, ratio ${(m.value / m.peer.value).toFixed(2)}` : ''
    const beside = m.beside ? `   ${m.beside.name} ${show(m.beside.value).padStart(5)} ${m.unit}` : ''
    process.stdout.write(`  ${m.name.padEnd(52)} ${show(m.value).padStart(9)} ${m.unit}${beside}${peer}\n`)
  }
}
const folder = join(import.meta.dirname, '../.cache')
mkdirSync(folder, { recursive: true })
const machine = { cpus: cpus().length, model: cpus()[0]?.model, memoryMiB: Math.round(totalmem() / 2 ** 20), kernel: release(), node: process.version }
writeFileSync(join(folder, 'bench.json'), `${JSON.stringify({ at: new Date().toISOString(), machine, results }, undefined, 2)}\n`)
