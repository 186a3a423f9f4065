import type { WantedEndpoint, WantedPort } from './rules.ts'

/** An endpoint that refused a connection is passed over for this long while there are others. */
const avoidMs = 5_000
/** Clients remembered for affinity before the expired ones are forgotten. */
const clientsBound = 10_000

/** What balancing remembers between picks, one per Service port. */
export interface BalanceState {
  turn: number
  /** By client address. */
  readonly affinity: Map<string, { endpoint: string; usedAt: number }>
  /** By endpoint: when it last failed. */
  readonly failedAt: Map<string, number>
}

export const newBalanceState = (): BalanceState => ({ turn: 0, affinity: new Map(), failedAt: new Map() })

export interface PickRequest {
  /** The client's address, without its port. */
  readonly client: string
  /** Endpoints this connection has tried already. */
  readonly tried: ReadonlySet<string>
  /** Milliseconds. */
  readonly now: number
  /** In [0, 1), as Math.random. */
  readonly random: () => number
}

/** The endpoint for one more connection, or undefined when there is none left to try. Keeps its memory in `state`. */
export function pick(wanted: WantedPort, state: BalanceState, request: PickRequest): WantedEndpoint | undefined {
  const { client, tried, now } = request
  const candidates = wanted.endpoints.filter((endpoint) => endpoint.usable && !tried.has(endpoint.id))
  const healthy = candidates.filter((endpoint) => now - (state.failedAt.get(endpoint.id) ?? -Infinity) >= avoidMs)
  const choice = healthy.length > 0 ? healthy : candidates
  if (wanted.affinitySeconds === undefined) return next(wanted, state, choice, request)

  const old = state.affinity.get(client)
  const sticky = old && now - old.usedAt < wanted.affinitySeconds * 1000 ? choice.find((e) => e.id === old.endpoint) : undefined
  const chosen = sticky ?? next(wanted, state, choice, request)
  if (chosen) remember(state, client, chosen.id, now, wanted.affinitySeconds)
  return chosen
}

function next(wanted: WantedPort, state: BalanceState, choice: readonly WantedEndpoint[], { random }: PickRequest): WantedEndpoint | undefined {
  if (wanted.balance === 'random') return choice[Math.floor(random() * choice.length)]
  // turns are counted over all endpoints, so that one that is passed over does not shift everybody else's turn
  const all = wanted.endpoints.filter((endpoint) => endpoint.usable)
  for (let step = 0; step < all.length; step++) {
    const endpoint = all[(state.turn + step) % all.length]
    if (!endpoint || !choice.includes(endpoint)) continue
    state.turn = (state.turn + step + 1) % all.length
    return endpoint
  }
  return undefined
}

function remember(state: BalanceState, client: string, endpoint: string, usedAt: number, affinitySeconds: number): void {
  state.affinity.delete(client)
  state.affinity.set(client, { endpoint, usedAt })
  if (state.affinity.size <= clientsBound) return
  // in order of last use: what expired is in front
  for (const [address, entry] of state.affinity) {
    if (usedAt - entry.usedAt < affinitySeconds * 1000 && state.affinity.size <= clientsBound) return
    state.affinity.delete(address)
  }
}

export function noteFailure(state: BalanceState, endpoint: string, now: number): void {
  state.failedAt.set(endpoint, now)
}

export function noteSuccess(state: BalanceState, endpoint: string): void {
  state.failedAt.delete(endpoint)
}
