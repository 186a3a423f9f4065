import { copyJson } from '../../base/json.ts'
import type { Clock } from '../../base/clock.ts'
import { errorMessage, type Logger } from '../../base/log.ts'
import { conditionsOf, flowSchema, type FlowSchema } from '../../kinds/flowcontrol/flow-schema.ts'
import { mandatoryFlowSchemas, mandatoryPriorityLevels } from '../../kinds/flowcontrol/mandatory.ts'
import { priorityLevelConfiguration } from '../../kinds/flowcontrol/priority-level-configuration.ts'
import type { AnyKind } from '../../kinds/kind.ts'
import { type KubeObject, withCondition } from '../../kinds/meta.ts'
import { sameValue } from '../../kinds/same-value.ts'
import { asServer } from '../server-user.ts'
import { orMeanwhile } from '../or-meanwhile.ts'
import type { Verbs, WatchHandle } from '../verbs.ts'
import { suggestedFlowSchemas, suggestedPriorityLevels } from './suggested.ts'

/** Says `true` on what the server keeps as it thinks best, until somebody says `false`. */
const autoupdate = 'apf.kubernetes.io/autoupdate-spec'

type Specced = KubeObject & { spec?: object }

const wishes: ReadonlyArray<{ kind: AnyKind; specs: Readonly<Record<string, object>> }> = [
  { kind: priorityLevelConfiguration, specs: { ...mandatoryPriorityLevels, ...suggestedPriorityLevels } },
  { kind: flowSchema, specs: { ...mandatoryFlowSchemas, ...suggestedFlowSchemas } },
]

/** What is to become of an object that the server suggests: undefined when it is to stay as it is. */
export function planObject(name: string, spec: object, existing: Readonly<Specced> | undefined): { spec: object; metadata: KubeObject['metadata'] } | undefined {
  if (!existing) return { metadata: { name, annotations: { [autoupdate]: 'true' } }, spec: copyJson(spec) }
  if (existing.metadata.annotations?.[autoupdate] !== 'true' || sameValue(existing.spec, spec)) return undefined
  return { ...existing, spec: copyJson(spec) }
}

/** The condition that tells whether a schema's level is there; undefined when it tells already. */
export function planDangling(schema: Readonly<FlowSchema>, levels: ReadonlySet<string>, now: number): FlowSchema | undefined {
  const level = schema.spec?.priorityLevelConfiguration.name ?? ''
  const found = levels.has(level)
  const wish = {
    type: 'Dangling', status: found ? 'False' : 'True', reason: found ? 'Found' : 'NotFound',
    message: `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(level)} ${found ? 'and it exists' : 'but there is no such object'}`,
  }
  const conditions = withCondition(conditionsOf(schema.status), wish, now)
  return sameValue(conditions, schema.status?.conditions) ? undefined : { ...schema, status: { ...schema.status, conditions } }
}

/**
 * Writes Kubernetes' mandatory and suggested objects, and from then on puts back what is deleted or changed of them and
 * tells of every schema whether its priority level is there. Resolves once the objects are.
 */
export async function maintainFlowControl(verbs: Verbs, clock: Clock, log: Logger): Promise<WatchHandle> {
  let closed = false
  let changed = false
  let running: Promise<void> | undefined

  await keepObjects(verbs)
  async function run(): Promise<void> {
    while (changed && !closed) {
      changed = false
      try {
        await keepObjects(verbs)
        await tellDangling(verbs, clock.now())
      } catch (error) {
        if (!closed) log.warn('flow control objects not maintained', { error: errorMessage(error) })
      }
    }
    running = undefined
  }
  const told = (): void => {
    changed = true
    running ??= Promise.resolve().then(run)
  }
  const handles = await Promise.all([verbs.watch(flowSchema, {}, told), verbs.watch(priorityLevelConfiguration, {}, told)])
  return {
    close() {
      closed = true
      for (const handle of handles) handle.close()
    },
  }
}

async function keepObjects(verbs: Verbs): Promise<void> {
  for (const { kind, specs } of wishes) {
    const { items } = await verbs.list(kind, {})
    const existing = new Map(items.map(({ object }) => [object.metadata.name, object as Specced]))
    await Promise.all(Object.entries(specs).map(async ([name, spec]) => {
      const found = existing.get(name)
      const plan = planObject(name, spec, found)
      if (!plan) return
      await orMeanwhile(found ? verbs.update(kind, { name }, copyJson(plan), asServer()) : verbs.create(kind, undefined, plan, asServer()))
    }))
  }
}

async function tellDangling(verbs: Verbs, now: number): Promise<void> {
  const [schemas, levels] = await Promise.all([verbs.list(flowSchema, {}), verbs.list(priorityLevelConfiguration, {})])
  const names = new Set(levels.items.map(({ object }) => object.metadata.name ?? ''))
  await Promise.all(schemas.items.map(async ({ object }) => {
    const plan = planDangling(object as KubeObject as FlowSchema, names, now)
    if (plan) await orMeanwhile(verbs.update(flowSchema, { name: object.metadata.name ?? '' }, copyJson(plan), asServer(), 'status'))
  }))
}
