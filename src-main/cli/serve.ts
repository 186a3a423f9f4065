import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { errorMessage } from '../base/log.ts'
import { type Cluster, startCluster } from '../cluster.ts'
import { createLogger } from './logger.ts'
import type { ServeArguments } from './options.ts'

/** The built renderer and the resources, from this file's place in `out/main` or in the sources. */
function assets(): { rendererDir: string; resourcesDir: string } {
  const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
  return { rendererDir: join(root, 'out/renderer'), resourcesDir: join(root, 'resources') }
}

/**
 * Runs the cluster without a window until SIGINT or SIGTERM. Prints one line when it is ready: JSON, or where to go.
 * `opened` is told the sign-in URL.
 */
export async function serve(args: ServeArguments, opened: (cluster: Cluster) => void = () => undefined, since = 0): Promise<void> {
  const { json, ...options } = args
  const log = createLogger({ dataDir: args.dataDir, json, verbose: false })
  const stopping = new AbortController()
  let asked = 0
  const stop = () => {
    // a second Ctrl-C means: now
    if (++asked > 1) process.exit(130)
    stopping.abort()
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)

  let cluster: Cluster
  try {
    cluster = await startCluster({ ...options, ...assets(), since, log })
  } catch (error) {
    log.error('cannot start', { error: errorMessage(error) })
    process.stderr.write(`Wheelhouse cannot start: ${errorMessage(error)}\n`)
    process.exit(1)
  }
  process.stdout.write(json ? `${JSON.stringify(readyLine(cluster))}\n` : readyText(cluster))
  opened(cluster)
  if (!stopping.signal.aborted) await new Promise((resolve) => stopping.signal.addEventListener('abort', resolve))
  if (!json) process.stdout.write(args.ephemeral ? 'Removing containers and data.\n' : 'Stopping; containers keep running and are adopted at the next start.\n')
  await cluster.stop()
  process.exit(0)
}

/** `ms` is the time from the start of the process until the cluster answered. */
const readyLine = (cluster: Cluster) => ({
  ready: true,
  api: cluster.apiUrl,
  kubeconfig: cluster.kubeconfig,
  dashboard: cluster.dashboardUrl,
  ms: cluster.readyMs,
})

function readyText(cluster: Cluster): string {
  const notices = cluster.notices.map((notice) => `  ! ${notice}\n`).join('')
  return `Wheelhouse is ready in ${cluster.readyMs} ms.\n${notices}  Open    ${cluster.dashboardUrl}\n  kubectl --kubeconfig ${cluster.kubeconfig} get all\n`
}
