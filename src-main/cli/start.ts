import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { type ServeArguments, withServeOptions } from './options.ts'
import type * as Serve from './serve.ts'

const root = join(import.meta.dirname, '../..')

const newest = (folder: string): number =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((latest, entry) => Math.max(latest, statSync(join(entry.parentPath, entry.name)).mtimeMs), 0)

/** Builds `out/` when a source is newer than it. */
export function buildIfStale(): void {
  const built = join(root, 'out/main/cli.js')
  const sources = Math.max(newest(join(root, 'src-main')), newest(join(root, 'src-renderer')), statSync(join(root, 'package.json')).mtimeMs)
  if (existsSync(built) && existsSync(join(root, 'out/renderer/index.html')) && statSync(built).mtimeMs >= sources) return
  process.stdout.write('Building the app.\n')
  const build = spawnSync(process.execPath, [join(root, 'node_modules/electron-vite/bin/electron-vite.js'), 'build', '--logLevel', 'warn'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (build.status !== 0) throw new Error('the build failed; its messages are above')
}

/** The path of Electron's runtime, fetched if need be, or the reason why there is none. */
export function electronRuntime(): { path: string } | { reason: string } {
  if (process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) return { reason: 'there is no display' }
  const folder = join(root, 'node_modules/electron')
  const executable = () => {
    const pathFile = join(folder, 'path.txt')
    return existsSync(pathFile) ? join(folder, 'dist', readFileSync(pathFile, 'utf8')) : undefined
  }
  const present = executable()
  if (present && existsSync(present)) return { path: present }
  process.stdout.write("Fetching Electron's runtime.\n")
  const install = spawnSync(process.execPath, [join(folder, 'install.js')], { encoding: 'utf8', timeout: 300_000 })
  const fetched = executable()
  if (install.status === 0 && fetched) return { path: fetched }
  return { reason: "Electron's runtime could not be downloaded" }
}

/** Opens a URL in the person's browser; nothing happens without a display. */
function openInBrowser(url: string): void {
  const command = process.platform === 'darwin' ? 'open' : process.platform === 'win32' ? 'explorer' : 'xdg-open'
  if (process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) return
  const opener = spawn(command, [url], { stdio: 'ignore', detached: true })
  opener.on('error', () => process.stdout.write('No browser could be opened; follow the link above.\n'))
  opener.unref()
}

async function start(args: ServeArguments): Promise<void> {
  buildIfStale()
  const runtime = electronRuntime()
  if ('path' in runtime) {
    // Electron's own switches come first; ours reach the app after the separator
    const child = spawn(runtime.path, [root, ...process.argv.slice(2)], { stdio: 'inherit' })
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
    process.exitCode = await new Promise<number>((resolve) => child.on('exit', (code) => resolve(code ?? 1)))
    return
  }
  process.stdout.write(`No window: ${runtime.reason}. The same dashboard runs in a browser.\n`)
  const since = performance.now()
  const built = (await import(join(root, 'out/main/serve.js'))) as typeof Serve
  await built.serve(args, (cluster) => openInBrowser(cluster.dashboardUrl), since)
}

const program = new Command('npm start --').description('Starts the cluster and opens the app.').showHelpAfterError()
withServeOptions(program)
  .action(start)
  .parseAsync()
  .catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  })
