import { errorMessage, type Logger } from '../../base/log.ts'
import { customResourceDefinition, type CustomResourceDefinition, isTrue } from '../../kinds/apiextensions/custom-resource-definition.ts'
import { loadRules } from '../../kinds/custom/cel-rules.ts'
import { customKinds } from '../../kinds/custom.ts'
import type { Kinds } from '../../kinds/kinds.ts'
import { keyOf, type KubeObject } from '../../kinds/meta.ts'
import type { WebhookCaller } from '../webhooks/call.ts'
import type { ConversionMetrics } from './conversion-metrics.ts'
import { conversionWebhook } from './conversion-webhook.ts'
import { convertAhead } from './convert-ahead.ts'
import { hasRules } from './load-rules.ts'
import type { Told, Verbs, WatchHandle } from '../verbs.ts'

/**
 * Serves what the established definitions describe: those that are there when this resolves, and every change from then on,
 * in the same tick as the watchers are told.
 */
export async function serveDefinitions(verbs: Verbs, kinds: Kinds, log: Logger, webhooks?: WebhookCaller, conversions?: ConversionMetrics): Promise<WatchHandle> {
  const { items } = await verbs.list(customResourceDefinition, {})
  if (items.some(({ object }) => hasRules(object))) await loadRules()
  const served = new Map<string, CustomResourceDefinition>()
  const ahead = new Map<string, Promise<WatchHandle | undefined>>()
  const stop = (name: string): void => {
    void ahead.get(name)?.then((handle) => handle?.close())
    ahead.delete(name)
  }
  return verbs.watch(customResourceDefinition, {}, (told: Told) => {
    if (told.type === 'BOOKMARK') return
    const crd = told.item.object as KubeObject as CustomResourceDefinition
    const name = keyOf(crd)
    if (told.type === 'DELETED' || !isTrue(crd, 'Established')) {
      served.delete(name)
      stop(name)
      return kinds.set(name, [])
    }
    const before = served.get(name)
    served.set(name, crd)
    if (before && !isNew(crd, before)) return
    try {
      const made = customKinds(crd, webhooks && asksWebhook(crd) ? conversionWebhook(crd, webhooks, conversions) : undefined)
      kinds.set(name, made)
      stop(name)
      if (webhooks && made.length > 0 && asksWebhook(crd)) {
        ahead.set(name, convertAhead(verbs, made).catch((error: unknown) => {
          log.error('custom resources not converted ahead', { name, error: errorMessage(error) })
          return undefined
        }))
      }
    } catch (error) {
      // one definition that cannot be read must not keep the others from being served
      log.error('custom resource definition not served', { name, error: errorMessage(error) })
    }
  })
}

const asksWebhook = ({ spec }: CustomResourceDefinition): boolean => spec.conversion?.strategy === 'Webhook' && spec.versions.length > 1

/** Whether another thing is to be served than before: most changes of a definition are its conditions'. */
function isNew(crd: CustomResourceDefinition, before: CustomResourceDefinition): boolean {
  const names = (of: CustomResourceDefinition): string => JSON.stringify(of.status?.acceptedNames)
  return (
    crd.metadata.generation !== before.metadata.generation || crd.metadata.uid !== before.metadata.uid ||
    names(crd) !== names(before) || isTrue(crd, 'Terminating') !== isTrue(before, 'Terminating')
  )
}
