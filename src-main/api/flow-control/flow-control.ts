import { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Clock } from '../../base/clock.ts'
import type { Family } from '../../base/metric-families.ts'
import { flowSchema, type FlowSchema } from '../../kinds/flowcontrol/flow-schema.ts'
import { mandatoryFlowSchemas, mandatoryPriorityLevels } from '../../kinds/flowcontrol/mandatory.ts'
import { priorityLevelConfiguration, type PriorityLevelConfiguration } from '../../kinds/flowcontrol/priority-level-configuration.ts'
import type { Store } from '../../store/store.ts'
import { follow } from '../auth/follow.ts'
import { isReadOnly } from '../request-facts.ts'
import type { PathRoute, ResourceRoute } from '../route.ts'
import type { User } from '../verbs.ts'
import { type Digest, digestOf, flowOf, inOrder, matchesSchema } from './classify.ts'
import { FlowMetrics, type RequestKind, type SchemaSeries } from './flow-metrics.ts'
import { divide, Level, type Refusal } from './level.ts'
import { Shed } from './shed.ts'

export interface FlowControlOptions {
  readonly store: Store
  readonly clock: Clock
  /** How many requests are answered at once, besides exempt ones: kube-apiserver's --max-requests-inflight and --max-mutating-requests-inflight together. */
  readonly seats?: number
}

/** Gives the seat of a request back; once, however often it is called. */
export type Leave = () => void

/** Kubernetes' API priority and fairness: who is answered now, who waits, who is refused. */
export interface FlowControl {
  /**
   * Classifies a request, says so in its answer's headers, and takes a seat for it until the answer (of an upgrade, its
   * socket) is closed or the returned function is called. A promise when it has to wait for its turn.
   *
   * @param patienceMs  for which it waits at most
   * @throws Shed (or rejects with it) when there is no seat and none to wait for
   */
  admit(route: ResourceRoute | PathRoute, method: string, user: User, until: ServerResponse | Duplex, patienceMs?: number): Leave | Promise<Leave>
  families(): Family[]
  close(): void
}

/** 400 that read and 200 that write. */
const defaultSeats = 600
/** A quarter of the minute that a request may take. */
const mostPatienceMs = 15_000
const catchAll = 'catch-all'
/** The classes of that many different requests are remembered. */
const rememberedClasses = 4096

/** What a request is found to be. */
interface Class {
  readonly schemaUid: string
  readonly levelUid: string
  readonly level: Level
  readonly flow: string
  readonly series: SchemaSeries
  readonly kind: RequestKind
  readonly type: 'regular' | 'watch'
}

/** Follows the objects in the store: a change of them counts for the next request. */
export async function createFlowControl({ store, clock, seats = defaultSeats }: FlowControlOptions): Promise<FlowControl> {
  const virtualSchemas = new Map(Object.entries(mandatoryFlowSchemas).map(([name, spec]) => [name, virtualSchema(name, spec)]))
  const virtualLevels = new Map(Object.entries(mandatoryPriorityLevels).map(([name, spec]) => [name, virtualLevel(name, spec)]))
  const schemas = new Map<string, Readonly<FlowSchema>>(virtualSchemas)
  const configurations = new Map<string, Readonly<PriorityLevelConfiguration>>(virtualLevels)
  const levels = new Map<string, Level>()
  const classes = new Map<string, Class>()
  const metrics = new FlowMetrics()
  let order: Array<Readonly<FlowSchema>> = []
  let stale = true

  const subscriptions = [
    await follow<FlowSchema>(store, flowSchema, (schema, old) => {
      if (schema) schemas.set(schema.metadata.name ?? '', schema)
      else forget(schemas, old?.metadata.name, virtualSchemas)
      stale = true
    }),
    await follow<PriorityLevelConfiguration>(store, priorityLevelConfiguration, (level, old) => {
      if (level) configurations.set(level.metadata.name ?? '', level)
      else forget(configurations, old?.metadata.name, virtualLevels)
      stale = true
    }),
  ]

  function refresh(): void {
    stale = false
    classes.clear()
    for (const [name, { spec = { type: 'Exempt' } }] of configurations) {
      const known = levels.get(name)
      if (known) known.spec = spec
      else levels.set(name, new Level(name, spec))
    }
    divide(levels.values(), seats)
    order = inOrder(schemas.values()).filter(({ spec }) => configurations.has(spec?.priorityLevelConfiguration.name ?? ''))
    // whoever waits in a level that is no more has waited long enough
    for (const [name, level] of levels) {
      if (configurations.has(name)) continue
      levels.delete(name)
      while (level.waiting > 0) level.dispatch()
    }
  }

  function classOf(route: ResourceRoute | PathRoute, method: string, user: User): Class {
    if (stale) refresh()
    const digest = digestOf(route, method, user)
    const key = keyOf(digest)
    let found = classes.get(key)
    if (found) return found
    const schema = order.find((each) => matchesSchema(each, digest)) ?? schemas.get(catchAll)!
    const name = schema.spec?.priorityLevelConfiguration.name ?? ''
    const series = metrics.seriesOf(schema.metadata.name ?? '', name)
    found = {
      schemaUid: schema.metadata.uid ?? '', levelUid: configurations.get(name)?.metadata.uid ?? '', level: levels.get(name)!, series,
      flow: `${schema.metadata.name}\n${flowOf(schema, digest)}`,
      kind: isReadOnly(route, method) ? 'readOnly' : 'mutating', type: digest.verb === 'watch' ? 'watch' : 'regular',
    }
    if (classes.size >= rememberedClasses) classes.clear()
    classes.set(key, found)
    return found
  }

  function hasRoom(level: Level): boolean {
    if (level.exempt || level.executing < level.seats.kept) return true
    if (level.executing >= level.seats.most) return false
    // its own share is not kept for others, however small the server is
    const borrows = level.executing >= level.seats.nominal
    let used = level.executing + 1
    for (const other of levels.values()) if (other !== level && !other.exempt) used += borrows ? Math.max(other.executing, other.seats.kept) : other.executing
    return used <= seats
  }

  function begin({ level, series, kind, type }: Class, until: ServerResponse | Duplex): Leave {
    const began = performance.now()
    level.executing++
    series.executing++
    series.dispatched++
    metrics.executing[kind]++
    let seated = true
    const leave = (): void => {
      if (!seated) return
      seated = false
      level.executing--
      series.executing--
      metrics.executing[kind]--
      series.execution[type].observe((performance.now() - began) / 1000)
      for (const each of levels.values()) while (each.waiting > 0 && hasRoom(each)) each.dispatch()
    }
    until.on('close', leave)
    return leave
  }

  function refuse({ series }: Class, why: Refusal): Error {
    series.rejected.set(why, (series.rejected.get(why) ?? 0) + 1)
    return new Shed()
  }

  function wait(found: Class, until: ServerResponse | Duplex, patienceMs: number): Promise<Leave> {
    const { level, series, flow, kind } = found
    const began = performance.now()
    let cancelTimer = (): void => undefined
    return new Promise((resolve, reject) => {
      const give = level.enqueue(flow, (why) => {
        cancelTimer()
        series.waiting--
        metrics.waiting[kind]--
        series.waited[why ? 'false' : 'true'].observe((performance.now() - began) / 1000)
        if (why) return reject(refuse(found, why))
        resolve(begin(found, until))
      })
      if (typeof give === 'string') return reject(refuse(found, give))
      series.waiting++
      metrics.waiting[kind]++
      cancelTimer = clock.after(Math.min(patienceMs, mostPatienceMs), () => give('time-out'))
      until.on('close', () => give('cancelled'))
    })
  }

  return {
    admit(route, method, user, until, patienceMs = mostPatienceMs) {
      const found = classOf(route, method, user)
      if (until instanceof ServerResponse && !until.headersSent) until.setHeader('X-Kubernetes-PF-FlowSchema-UID', found.schemaUid).setHeader('X-Kubernetes-PF-PriorityLevel-UID', found.levelUid)
      if (found.level.waiting > 0 || !hasRoom(found.level)) return wait(found, until, patienceMs)
      found.series.waited.true.observe(0)
      return begin(found, until)
    },
    families: () => {
      if (stale) refresh()
      return metrics.families(levels.values())
    },
    close: () => subscriptions.forEach((subscription) => subscription.close()),
  }
}

/** The mandatory ones count even while they are not stored. */
function forget<T>(known: Map<string, T>, name = '', mandatory: ReadonlyMap<string, T>): void {
  const instead = mandatory.get(name)
  if (instead) known.set(name, instead)
  else known.delete(name)
}

const virtualSchema = (name: string, spec: NonNullable<FlowSchema['spec']>): FlowSchema => ({ apiVersion: flowSchema.apiVersion, kind: flowSchema.kind, metadata: { name }, spec })
const virtualLevel = (name: string, spec: NonNullable<PriorityLevelConfiguration['spec']>): PriorityLevelConfiguration => ({
  apiVersion: priorityLevelConfiguration.apiVersion, kind: priorityLevelConfiguration.kind, metadata: { name }, spec,
})

const keyOf = ({ user, verb, target, path }: Digest): string =>
  `${user.name}\n${user.groups.join(',')}\n${verb}\n${target ? `${target.group}/${target.resource}\n${target.namespace}` : path}`
