import type { Redirect } from './rules.ts'

export type Allowed = { readonly ok: true } | { readonly ok: false; readonly reason: string }

/** All redirects of this cluster at once. */
export interface RedirectTable {
  readonly redirects: readonly Redirect[]
  /** The CIDRs of ClusterIPs: what is sent into them and not redirected is refused, so that it never leaves this machine. */
  readonly serviceRanges?: readonly string[]
  /** The network interface that pods' packets come in by; without one, redirects from pods do not apply. */
  readonly podInterface?: string
}

/** The privilege to redirect packets: whoever has it (root's iptables, a helper container) stands behind this. */
export interface Redirector {
  /** The reason is a sentence for the person at the screen. */
  canRedirect(): Promise<Allowed>
  /** Replaces what was there in one step; also what an earlier run left behind. Rejects when the system refuses. */
  apply(table: RedirectTable): Promise<void>
  /** Removes every trace of this cluster. */
  clear(): Promise<void>
}

/** For a process without any such privilege. */
export const noRedirector = (reason: string): Redirector => ({
  canRedirect: () => Promise.resolve({ ok: false, reason }),
  apply: () => Promise.resolve(),
  clear: () => Promise.resolve(),
})
