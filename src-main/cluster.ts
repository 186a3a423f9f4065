import type { Logger } from './base/log.ts'

export interface ClusterOptions {
  /** Holds everything of this cluster; created 0700. */
  readonly dataDir: string
  /** 0 takes a free one; a busy one is replaced by the next free one, with a warning. */
  readonly apiPort: number
  readonly dashboardPort: number
  /** `auto` uses Docker when an engine answers, else simulated nodes. */
  readonly runtime: 'auto' | 'docker' | 'simulated'
  /** Nodes on the Docker engine. */
  readonly nodes: number
  /** Nodes whose pods are only pretended. With `auto` and no engine there is at least one. */
  readonly simulatedNodes: number
  /** At stop, removes the containers and the data directory. */
  readonly ephemeral: boolean
  /** Folder of the built renderer, which the dashboard serves. */
  readonly rendererDir: string
  readonly log: Logger
}

export interface Cluster {
  readonly apiUrl: string
  readonly kubeconfig: string
  /** With a one-time sign-in token. */
  readonly dashboardUrl: string
  /** From the start of the process until the API answered ready, in milliseconds. */
  readonly readyMs: number
  /** Plain sentences a person must see: no engine, another port, no privilege. */
  readonly notices: readonly string[]
  /** A new one-time sign-in URL for one more window or browser. */
  signInUrl(): string
  /** Containers keep running unless the cluster is ephemeral. */
  stop(): Promise<void>
}
