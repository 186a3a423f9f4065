import { type Clock } from '../base/clock.ts'
import type { Container, Pod, Probe } from '../kinds/generated/types.ts'
import type { ContainerMemory } from './plan.ts'

export type ProbeKind = 'readiness' | 'liveness' | 'startup'
export interface ProbeResult {
  readonly ok: boolean
  /** What the check said, for the Unhealthy event. */
  readonly output: string
}

/** Asks one container once; never rejects. */
export type RunProbe = (probe: Probe, timeoutMs: number) => Promise<ProbeResult>

export interface Tally {
  readonly ok: boolean
  /** Results like the last one, in a row. */
  readonly run: number
}

/** The verdict after one more result: it turns only after as many equal results in a row as the threshold says. */
export function judge(probe: Probe, verdict: boolean | undefined, tally: Tally | undefined, ok: boolean): { verdict: boolean | undefined; tally: Tally } {
  const run = tally?.ok === ok ? tally.run + 1 : 1
  const threshold = ok ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3)
  return { verdict: run >= threshold ? ok : verdict, tally: { ok, run } }
}

export interface ProberDependencies {
  readonly clock: Clock
  /** When the container started, in ms. */
  readonly startedAt: number
  readonly containerId: string
  run: RunProbe
  /** Something that the plan or the status sees has changed. */
  changed(probes: NonNullable<ContainerMemory['probes']>): void
  unhealthy(kind: ProbeKind, output: string): void
}

/** Probes one run of one container, from its start until `stop`. */
export class Prober {
  readonly #deps: ProberDependencies
  readonly #name: string
  readonly #cancels = new Set<() => void>()
  #stopped = false
  #state: NonNullable<ContainerMemory['probes']>

  constructor(container: Container, deps: ProberDependencies) {
    this.#deps = deps
    this.#name = container.name
    this.#state = { containerId: deps.containerId, ready: !container.readinessProbe, started: !container.startupProbe }
    if (container.startupProbe) this.#begin('startup', container.startupProbe, () => this.#beginRest(container))
    else this.#beginRest(container)
  }

  get state(): NonNullable<ContainerMemory['probes']> {
    return this.#state
  }

  stop(): void {
    this.#stopped = true
    for (const cancel of this.#cancels) cancel()
  }

  #beginRest(container: Container): void {
    if (container.readinessProbe) this.#begin('readiness', container.readinessProbe)
    if (container.livenessProbe) this.#begin('liveness', container.livenessProbe)
  }

  #begin(kind: ProbeKind, probe: Probe, succeeded?: () => void): void {
    const { clock, startedAt } = this.#deps
    const due = startedAt + (probe.initialDelaySeconds ?? 0) * 1000
    let verdict: boolean | undefined
    let tally: Tally | undefined
    const again = (ms: number): void => {
      const cancel = clock.after(ms, () => {
        this.#cancels.delete(cancel)
        void once()
      })
      this.#cancels.add(cancel)
    }
    const once = async (): Promise<void> => {
      const result = await this.#deps.run(probe, (probe.timeoutSeconds ?? 1) * 1000)
      if (this.#stopped) return
      if (!result.ok) this.#deps.unhealthy(kind, result.output)
      const next = judge(probe, verdict, tally, result.ok)
      const turned = next.verdict !== verdict
      ;({ verdict, tally } = next)
      if (turned && verdict !== undefined) this.#tell(kind, verdict)
      if (kind === 'startup' && verdict === true) return succeeded?.()
      if (kind !== 'readiness' && verdict === false) return
      again((probe.periodSeconds ?? 10) * 1000)
    }
    again(Math.max(0, due - clock.now()))
  }

  #tell(kind: ProbeKind, ok: boolean): void {
    if (kind === 'readiness') this.#state = { ...this.#state, ready: ok }
    if (kind === 'startup' && ok) this.#state = { ...this.#state, started: true }
    if (kind !== 'readiness' && !ok) {
      this.#state = { ...this.#state, unhealthy: `Container ${this.#name} failed ${kind} probe, will be restarted` }
    }
    this.#deps.changed(this.#state)
  }
}

/** The number of a port that may be given by a container port's name. */
export function portNumber(port: number | string, container: Container): number | undefined {
  if (typeof port === 'number') return port
  return container.ports?.find((p) => p.name === port)?.containerPort ?? (/^\d+$/.test(port) ? Number(port) : undefined)
}

export const hasProbes = (container: Container): boolean =>
  Boolean(container.readinessProbe ?? container.livenessProbe ?? container.startupProbe)

/** The address a network probe asks: its own host, else the pod. */
export const probeHost = (pod: Pod, host: string | undefined, podIp: string | undefined): string =>
  host ?? (pod.spec?.hostNetwork ? '127.0.0.1' : (podIp ?? ''))
