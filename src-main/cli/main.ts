#!/usr/bin/env node
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import nodeModule from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheDir } from './directories.ts'

/** SQLite's native module needs this Node.js at least; older ones crash instead of saying so. */
const oldestNode = 22

const [major = 0] = process.versions.node.split('.').map(Number)
if (major >= oldestNode) {
  // compiling the bundle is a third of the start, and its result stays the same
  nodeModule.enableCompileCache(cacheDir())
  const { run } = await import('./program.ts')
  await run()
} else {
  const here = fileURLToPath(import.meta.url)
  const newer = join(dirname(here), '../../node_modules/node/bin/node')
  if (existsSync(newer)) {
    const child = spawn(newer, [here, ...process.argv.slice(2)], { stdio: 'inherit' })
    // whoever stops this process means the one that does the work
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
    child.on('exit', (code) => process.exit(code ?? 1))
  } else {
    process.stderr.write(`Wheelhouse needs Node.js ${oldestNode} or newer; this is ${process.version}.\n`)
    process.exitCode = 1
  }
}
