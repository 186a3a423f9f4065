import type { ServerResponse } from 'node:http'
import type { Clock } from '../../base/clock.ts'
import { flowSchema, type FlowSchema } from '../../kinds/flowcontrol/flow-schema.ts'
import { mandatoryFlowSchemas, mandatoryPriorityLevels } from '../../kinds/flowcontrol/mandatory.ts'
import { priorityLevelConfiguration, type PriorityLevelConfiguration } from '../../kinds/flowcontrol/priority-level-configuration.ts'
import { tooManyRequests } from '../../kinds/status-error.ts'
import type { Store } from '../../store/store.ts'
import { follow } from '../auth/follow.ts'
import type { Family } from '../exposition.ts'
import { defaultInFlightLimits } from '../in-flight.ts'
import type { PathRoute, ResourceRoute } from '../route.ts'
import type { User } from '../verbs.ts'
import { type Digest, digestOf, flowOf, inOrder, matchesSchema } from './classify.ts'
import { FlowMetrics, type SchemaSeries } from './flow-metrics.ts'
import { divide, Level, type Refusal } from './level.ts'

export interface FlowControlOptions {
  readonly store: Store
  readonly clock: Clock
  /** How many requests are answered at once, besides exempt ones; the sum of Kubernetes' two limits unless said. */
  readonly serverLimit?: number
}

/** Kubernetes' API priority and fairness: who is answered now, who waits, who is refused. */
export interface FlowControl {
  /**
   * Classifies a request, says so in the answer's headers, and takes a place for it until the answer is closed. Undefined
   * when it may go on at once; a promise when it has to wait for its turn.
   *
   * @throws StatusError 429 (or rejects with it) when there is no place and none to wait in
   */
  admit(route: ResourceRoute | PathRoute, method: string, user: User, res: ServerResponse): Promise<void> | undefined
  /** Only says in the answer's headers what the request was found to be. */
  mark(route: ResourceRoute | PathRoute, method: string, user: User, res: ServerResponse): void
  families(): Family[]
  close(): void
}

/** A quarter of the time that a request may take is the most it waits, as in Kubernetes. */
const patienceMs = 15_000
const retryAfterSeconds = 1
/** The classes of that many different requests are remembered. */
const rememberedClasses = 4096

/** What a request is found to be. */
interface Class {
  readonly schemaUid: string
  readonly levelUid: string
  readonly level: Level
  readonly flow: string
  readonly series: SchemaSeries
}

/** Follows the objects in the store: a change of them counts for the next request. */
export async function createFlowControl({ store, clock, serverLimit = defaultInFlightLimits.mutating + defaultInFlightLimits.readOnly }: FlowControlOptions): Promise<FlowControl> {
  const schemas = new Map<string, Readonly<FlowSchema>>(Object.entries(mandatoryFlowSchemas).map(([name, spec]) => [name, virtualSchema(name, spec)]))
  const configurations = new Map<string, Readonly<PriorityLevelConfiguration>>(Object.entries(mandatoryPriorityLevels).map(([name, spec]) => [name, virtualLevel(name, spec)]))
  const levels = new Map<string, Level>()
  const classes = new Map<string, Class>()
  const metrics = new FlowMetrics()
  let order: Array<Readonly<FlowSchema>> = []
  let stale = true

  const subscriptions = [
    await follow<FlowSchema>(store, flowSchema, (schema, old) => {
      if (schema) schemas.set(schema.metadata.name ?? '', schema)
      else schemas.delete(old?.metadata.name ?? '')
      stale = true
    }),
    await follow<PriorityLevelConfiguration>(store, priorityLevelConfiguration, (level, old) => {
      if (level) configurations.set(level.metadata.name ?? '', level)
      else configurations.delete(old?.metadata.name ?? '')
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
    divide(levels.values(), serverLimit)
    order = inOrder(schemas.values()).filter(({ spec }) => configurations.has(spec?.priorityLevelConfiguration.name ?? ''))
    // whoever waits in a level that is no more has waited long enough
    for (const [name, level] of levels) {
      if (configurations.has(name)) continue
      levels.delete(name)
      while (level.waiting > 0) level.dispatch()
    }
  }

  function classOf(route: ResourceRoute | PathRoute, method: string, user: User): Class | undefined {
    if (stale) refresh()
    const digest = digestOf(route, method, user)
    const key = keyOf(digest)
    let found = classes.get(key)
    if (found) return found
    const schema = order.find((each) => matchesSchema(each, digest)) ?? schemas.get('catch-all')
    const name = schema?.spec?.priorityLevelConfiguration.name ?? ''
    const [level, configuration] = [levels.get(name), configurations.get(name)]
    if (!schema || !level || !configuration) return undefined
    const series = metrics.seriesOf(schema.metadata.name ?? '', name)
    found = { schemaUid: schema.metadata.uid ?? '', levelUid: configuration.metadata.uid ?? '', level, flow: `${schema.metadata.name}\n${flowOf(schema, digest)}`, series }
    if (classes.size >= rememberedClasses) classes.clear()
    classes.set(key, found)
    return found
  }

  function hasRoom(level: Level): boolean {
    if (level.exempt || level.executing < level.seats.kept) return true
    if (level.executing >= level.seats.most) return false
    let used = level.executing + 1
    for (const other of levels.values()) if (other !== level && !other.exempt) used += Math.max(other.executing, other.seats.kept)
    return used <= serverLimit
  }

  function begin({ level, series }: Class, res: ServerResponse): void {
    const began = performance.now()
    level.executing++
    series.executing++
    series.dispatched++
    res.on('close', () => {
      level.executing--
      series.executing--
      series.execution.observe((performance.now() - began) / 1000)
      for (const each of levels.values()) while (each.waiting > 0 && hasRoom(each)) each.dispatch()
    })
  }

  function refuse({ series }: Class, why: Refusal): Error {
    series.rejected.set(why, (series.rejected.get(why) ?? 0) + 1)
    return tooManyRequests('Too many requests, please try again later.', retryAfterSeconds)
  }

  function wait(found: Class, res: ServerResponse): Promise<void> {
    const { level, series, flow } = found
    const began = performance.now()
    let cancelTimer = (): void => undefined
    return new Promise((resolve, reject) => {
      const give = level.enqueue(flow, (why) => {
        cancelTimer()
        series.waiting--
        series.waited.observe((performance.now() - began) / 1000)
        if (why) return reject(refuse(found, why))
        begin(found, res)
        resolve()
      })
      if (typeof give === 'string') return reject(refuse(found, give))
      series.waiting++
      cancelTimer = clock.after(patienceMs, () => give('time-out'))
      res.on('close', () => give('time-out'))
    })
  }

  function marked(route: ResourceRoute | PathRoute, method: string, user: User, res: ServerResponse): Class | undefined {
    const found = classOf(route, method, user)
    if (found && !res.headersSent) res.setHeader('X-Kubernetes-PF-FlowSchema-UID', found.schemaUid).setHeader('X-Kubernetes-PF-PriorityLevel-UID', found.levelUid)
    return found
  }

  return {
    mark: (route, method, user, res) => void marked(route, method, user, res),
    admit(route, method, user, res) {
      const found = marked(route, method, user, res)
      if (!found) return undefined
      if (found.level.waiting > 0 || !hasRoom(found.level)) return wait(found, res)
      found.series.waited.observe(0)
      begin(found, res)
      return undefined
    },
    families: () => {
      if (stale) refresh()
      return metrics.families(levels.values())
    },
    close: () => subscriptions.forEach((subscription) => subscription.close()),
  }
}

const virtualSchema = (name: string, spec: NonNullable<FlowSchema['spec']>): FlowSchema => ({ apiVersion: flowSchema.apiVersion, kind: flowSchema.kind, metadata: { name }, spec })
const virtualLevel = (name: string, spec: NonNullable<PriorityLevelConfiguration['spec']>): PriorityLevelConfiguration => ({
  apiVersion: priorityLevelConfiguration.apiVersion, kind: priorityLevelConfiguration.kind, metadata: { name }, spec,
})

const keyOf = ({ user, verb, target, path }: Digest): string =>
  `${user.name}\n${user.groups.join(',')}\n${verb}\n${target ? `${target.group}/${target.resource}\n${target.namespace}` : path}`
