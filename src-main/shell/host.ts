import { errorMessage } from '../base/log.ts'
import { createLogger } from '../cli/logger.ts'
import { type Cluster, startCluster } from '../cluster.ts'
import type { HostOptions, HostReply, HostRequest } from './contract.ts'

/** Runs the cluster in Electron's utility process, so that windows never stutter and a crash takes no window along. */
const port = process.parentPort
const reply = (message: HostReply) => port.postMessage(message)
let cluster: Cluster | undefined

port.on('message', ({ data }: { data: HostRequest }) => {
  if (data.type === 'start') void start(data.options)
  else void stop()
})

async function start(options: HostOptions): Promise<void> {
  try {
    const log = createLogger({ dataDir: options.dataDir, json: false, verbose: false })
    cluster = await startCluster({ ...options, log })
    const { apiUrl, kubeconfig, dashboardUrl, notices } = cluster
    reply({ type: 'ready', api: apiUrl, kubeconfig, dashboard: dashboardUrl, notices })
  } catch (error) {
    reply({ type: 'failed', message: errorMessage(error) })
  }
}

async function stop(): Promise<void> {
  await cluster?.stop()
  reply({ type: 'stopped' })
  process.exit(0)
}
