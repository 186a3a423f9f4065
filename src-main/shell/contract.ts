import type { ClusterOptions } from '../cluster.ts'

/** Everything that crosses between the window and the main process: names, arguments, results. */
export interface Commands {
  'cluster:state': { args: []; result: ClusterState }
  'cluster:restart': { args: []; result: void }
  'app:show-kubeconfig': { args: []; result: void }
  'app:open-external': { args: [url: string]; result: void }
}

export interface Notifications {
  'cluster:state': ClusterState
}

export type ClusterState =
  | { readonly phase: 'starting' }
  | { readonly phase: 'ready'; readonly api: string; readonly kubeconfig: string; readonly notices: readonly string[] }
  | { readonly phase: 'failed'; readonly message: string }
  | { readonly phase: 'stopped' }

export type CommandName = keyof Commands
export type NotificationName = keyof Notifications

/** What the preload script puts at `window.wheelhouse`; absent in an ordinary browser. */
export interface Bridge {
  invoke<N extends CommandName>(name: N, ...args: Commands[N]['args']): Promise<Commands[N]['result']>
  /** Returns how to stop listening. */
  on<N extends NotificationName>(name: N, listener: (value: Notifications[N]) => void): () => void
}

export const commandNames: readonly CommandName[] = ['cluster:state', 'cluster:restart', 'app:show-kubeconfig', 'app:open-external']
export const notificationNames: readonly NotificationName[] = ['cluster:state']

/** Between the main process and the utility process that runs the cluster. */
export type HostRequest = { readonly type: 'start'; readonly options: HostOptions } | { readonly type: 'stop' }
export type HostReply =
  | { readonly type: 'ready'; readonly api: string; readonly kubeconfig: string; readonly dashboard: string; readonly notices: readonly string[] }
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'stopped' }

/** A logger cannot cross between processes: the host makes its own. */
export type HostOptions = Omit<ClusterOptions, 'log'>
