import { copyJson, equalJson } from '../../base/json.ts'
import { errorMessage, type Logger } from '../../base/log.ts'
import { apiService, type APIService } from '../../kinds/apiregistration/api-service.ts'
import type { AnyKind } from '../../kinds/kind.ts'
import type { Kinds } from '../../kinds/kinds.ts'
import { type KubeObject } from '../../kinds/meta.ts'
import { asServer } from '../server-user.ts'
import { orMeanwhile } from '../or-meanwhile.ts'
import type { Verbs } from '../verbs.ts'
import { defaultPriority } from './priorities.ts'

/** Says that the object is the server's: made when it starts, or for as long as the group version is served. */
const automanaged = 'kube-aggregator.kubernetes.io/automanaged'

export interface LocalPlan {
  readonly create: readonly APIService[]
  readonly update: readonly APIService[]
  readonly remove: readonly string[]
}

/** What this server says of the group versions it serves itself. */
function wishes(kinds: readonly AnyKind[]): Map<string, APIService> {
  const found = new Map<string, APIService>()
  for (const { group, version, custom } of kinds) {
    const name = `${version}.${group}`
    // the aggregator's own is not its own to hand on
    if (found.has(name) || group === apiService.group) continue
    const { group: groupPriorityMinimum, version: versionPriority } = defaultPriority(group, version)
    // metrics come back when their extension server is uninstalled
    const lasting = custom !== undefined || group === 'metrics.k8s.io'
    found.set(name, {
      apiVersion: apiService.apiVersion, kind: apiService.kind,
      metadata: { name, labels: { [automanaged]: lasting ? 'true' : 'onstart' } },
      spec: { ...(group ? { group } : {}), version, groupPriorityMinimum, versionPriority },
    })
  }
  return found
}

/**
 * What the APIService objects of this server's own group versions need. One that names a service is somebody else's, whatever
 * its label says: an extension server may take the place of what is built in. Pure.
 *
 * @param starting  what is made at start alone is looked at too
 */
export function planLocal(kinds: readonly AnyKind[], existing: ReadonlyArray<Readonly<APIService>>, starting: boolean): LocalPlan {
  const wanted = wishes(kinds)
  const known = new Map(existing.map((object) => [object.metadata.name ?? '', object]))
  const label = ({ metadata }: Readonly<APIService>): string | undefined => metadata.labels?.[automanaged]
  const due = (object: Readonly<APIService>): boolean => label(object) === 'true' || (starting && label(object) === 'onstart')
  const ours = existing.filter((object) => due(object) && !object.spec?.service)
  return {
    create: [...wanted.values()].filter((object) => due(object) && !known.has(object.metadata.name ?? '')),
    update: ours.flatMap((object) => {
      const wish = wanted.get(object.metadata.name ?? '')
      return wish && !equalJson(wish.spec, object.spec) ? [{ ...object, spec: copyJson(wish.spec!) }] : []
    }),
    remove: ours.flatMap(({ metadata: { name = '' } }) => (wanted.has(name) ? [] : [name])),
  }
}

/** Keeps those objects as they should be; resolves once they are. */
export async function keepLocalServices(verbs: Verbs, kinds: Kinds, log: Logger): Promise<{ close(): void }> {
  let closed = false
  let changed = false
  let running: Promise<void> | undefined

  async function apply(starting: boolean): Promise<void> {
    const { items } = await verbs.list(apiService, {})
    const plan = planLocal(kinds.all, items.map(({ object }) => object as KubeObject as APIService), starting)
    await Promise.all([
      ...plan.create.map((object) => orMeanwhile(verbs.create(apiService, undefined, object, asServer()))),
      ...plan.update.map((object) => orMeanwhile(verbs.update(apiService, { name: object.metadata.name ?? '' }, copyJson(object), asServer()))),
      ...plan.remove.map((name) => orMeanwhile(verbs.delete(apiService, { name }, {}, asServer()))),
    ])
  }
  async function run(): Promise<void> {
    while (changed && !closed) {
      changed = false
      await apply(false).catch((error: unknown) => {
        if (!closed) log.warn('local APIServices not kept', { error: errorMessage(error) })
      })
    }
    running = undefined
  }
  const told = (): void => {
    changed = true
    running ??= Promise.resolve().then(run)
  }
  await apply(true)
  const unsubscribe = kinds.subscribe(told)
  const handle = await verbs.watch(apiService, {}, ({ type }) => {
    if (type === 'DELETED') told()
  })
  return {
    close() {
      closed = true
      unsubscribe()
      handle.close()
    },
  }
}
