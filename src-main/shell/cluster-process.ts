import { utilityProcess, type UtilityProcess } from 'electron'
import type { Logger } from '../base/log.ts'
import type { ClusterState, HostOptions, HostReply, HostRequest } from './contract.ts'

/** The cluster's process as the window sees it. */
export interface ClusterProcess {
  readonly state: ClusterState
  /** One-time sign-in URL of the newest start. */
  readonly dashboard: string | undefined
  onState(listener: (state: ClusterState) => void): void
  restart(): void
  /** Resolves when the cluster has shut down, at the latest after 20 seconds. */
  stop(): Promise<void>
}

const stopDeadlineMs = 20_000
/** A process that lived this long had started well: the next crash begins with the shortest pause again. */
const stableMs = 60_000

/** Starts the host and starts it again when it crashes, after 1, 2, 4, ... at most 30 seconds. */
export function runClusterProcess(hostFile: string, options: HostOptions, log: Logger): ClusterProcess {
  const listeners = new Set<(state: ClusterState) => void>()
  let state: ClusterState = { phase: 'starting' }
  let dashboard: string | undefined
  let child: UtilityProcess | undefined
  let stopping = false
  let crashes = 0

  const set = (next: ClusterState) => {
    state = next
    for (const listener of listeners) listener(next)
  }
  const send = (request: HostRequest) => child?.postMessage(request)

  function receive(message: HostReply): void {
    if (message.type === 'ready') {
      dashboard = message.dashboard
      set({ phase: 'ready', api: message.api, kubeconfig: message.kubeconfig, notices: message.notices })
    } else if (message.type === 'failed') {
      set({ phase: 'failed', message: message.message })
    }
  }

  function launch(): void {
    const started = Date.now()
    set({ phase: 'starting' })
    child = utilityProcess.fork(hostFile, [], { serviceName: 'Wheelhouse cluster', stdio: 'inherit' })
    child.on('message', receive)
    child.once('spawn', () => send({ type: 'start', options }))
    child.once('exit', (code) => {
      if (stopping) return
      crashes = Date.now() - started > stableMs ? 1 : crashes + 1
      const pause = Math.min(1000 * 2 ** (crashes - 1), 30_000)
      log.error('cluster process ended, starting it again', { code, pauseMs: pause })
      setTimeout(() => {
        if (!stopping) launch()
      }, pause)
    })
  }

  launch()
  return {
    get state() {
      return state
    },
    get dashboard() {
      return dashboard
    },
    onState: (listener) => void listeners.add(listener),
    restart: () => void child?.kill(),
    stop: () => {
      stopping = true
      if (!child?.pid) return Promise.resolve()
      return new Promise((resolve) => {
        const deadline = setTimeout(() => child?.kill(), stopDeadlineMs)
        child?.once('exit', () => {
          clearTimeout(deadline)
          set({ phase: 'stopped' })
          resolve()
        })
        send({ type: 'stop' })
      })
    },
  }
}
