import { randomInt } from 'node:crypto'
import type { Clock } from '../base/clock.ts'
import { jsonInSteps } from '../base/json-steps.ts'
import { turns } from '../base/turns.ts'
import type { AnyKind, Verb } from '../kinds/kind.ts'
import { lookup } from '../kinds/lookup.ts'
import type { KubeObject, ObjectRef } from '../kinds/meta.ts'
import { methodNotAllowed, pathNotFound } from '../kinds/status-error.ts'
import type { Store } from '../store/store.ts'
import { defaultServiceCidr, serviceRange } from './admission/address-range.ts'
import type { AdmissionChain, AdmissionPlugin, Reviewer } from './admission/chain.ts'
import type { StepMetrics } from './admission/step-metrics.ts'
import { claimResize } from './admission/claim-resize.ts'
import { defaultIngressClass } from './admission/default-ingress-class.ts'
import { defaultStorageClass } from './admission/default-storage-class.ts'
import { defaultTolerations } from './admission/default-tolerations.ts'
import { limitRanger } from './admission/limit-ranger.ts'
import { namespaceLifecycle } from './admission/namespace-lifecycle.ts'
import { nodeDeclaredFeatures } from './admission/node-declared-features.ts'
import { nodeTaint } from './admission/node-taint.ts'
import { podResize } from './admission/pod-resize.ts'
import type { PodSecurityMetrics } from './admission/pod-security/pod-security-metrics.ts'
import { podSecurity } from './admission/pod-security/pod-security.ts'
import { priority } from './admission/priority.ts'
import { resourceQuotaAdmission } from './admission/resource-quota.ts'
import { runtimeClassAdmission } from './admission/runtime-class.ts'
import { serviceAccountAdmission } from './admission/service-account.ts'
import { serviceAddress } from './admission/service-address.ts'
import { storageProtection } from './admission/storage-protection.ts'
import { podTopologyLabels } from './admission/topology-labels.ts'
import { rulesReadable } from './custom/load-rules.ts'
import { shownAnew, shownLater } from './converting.ts'
import { decodeSent } from './decode.ts'
import { deleteCollection, deleteObject } from './delete.ts'
import { reached, revisionOf } from './fresh.ts'
import { kindPrefix } from './keys.ts'
import { LargeRequests } from './large-requests.ts'
import { LargeThread } from './large-thread.ts'
import { Lines } from './lines.ts'
import { placeInNamespace } from './lifecycle.ts'
import { Creations } from './managed-fields/creations.ts'
import { getStored, listStored } from './read.ts'
import { review } from './reviewed.ts'
import { sentType } from './subresource-list.ts'
import { createBinding, createSubresource } from './subresources/create.ts'
import { isPodPart } from './subresources/pod-parts.ts'
import { readScale } from './subresources/scale.ts'
import { patch, replace } from './update.ts'
import { VirtualVerbs } from './virtual-verbs.ts'
import type { VirtualProvider } from './virtual.ts'
import { Bookmarks, watchStored } from './watch.ts'
import { type Core, create, unwritten } from './write.ts'
import type { RequestContext, Verbs } from './verbs.ts'

export interface RegistryDependencies {
  readonly store: Store
  readonly clock: Clock
  /** Who answers the kinds that are computed and not stored. */
  readonly virtual?: readonly VirtualProvider[]
  /** CIDR of ClusterIPs as long as there is no ServiceCIDR; 10.96.0.0/16 unless said. */
  readonly serviceCidr?: string
  /** Both ends included; 30000 to 32767 unless said. */
  readonly nodePorts?: { readonly low: number; readonly high: number }
  /** Further admission, after the built-in plugins. */
  readonly plugins?: readonly AdmissionPlugin[]
  readonly reviewers?: readonly Reviewer[]
  /** Where it is counted how long admission takes. */
  readonly steps?: StepMetrics
  readonly podSecurity?: PodSecurityMetrics
  /** POST to subresources that others answer, by `<group>/<plural>/<subresource>`. */
  readonly subresources?: Readonly<Record<string, SubresourceAnswer>>
  /** 0 <= random() < 1: names, addresses and ports are chosen by it. */
  random?(): number
}

/** Rejects with a StatusError. */
export type SubresourceAnswer = (ref: ObjectRef, body: unknown, context: RequestContext) => Promise<KubeObject>

const secureRandom = (): number => randomInt(2 ** 32) / 2 ** 32

/** The verbs over a store: the only way to it. */
export function createRegistry(deps: RegistryDependencies): Verbs {
  const { store, clock, random = secureRandom } = deps
  const core: Core = { store, clock, random, chain: chainOf(deps, random), creations: new Creations(), largeObjects: new LargeRequests(), changing: new Lines(), thread: new LargeThread() }
  const virtual = new Map((deps.virtual ?? []).map((provider) => [kindPrefix(provider.kind), provider]))
  const computed = new VirtualVerbs(clock.now())
  const bookmarks = new Bookmarks(clock)

  /** @throws StatusError 405 */
  const provider = (kind: AnyKind, verb: Verb): VirtualProvider | undefined => {
    if (!kind.verbs.includes(verb)) throw methodNotAllowed()
    return virtual.get(kindPrefix(kind))
  }

  return {
    async get(kind, ref, resourceVersion, subresource) {
      const computes = provider(kind, 'get')
      if (computes) return computed.get(computes, ref)
      if (resourceVersion) await reached(store, clock, revisionOf(resourceVersion))
      const found = await (resourceVersion ? shownLater : shownAnew)(kind, getStored(store, kind, ref, subresource === 'scale' ? kind.scale?.missing : undefined))
      if (!subresource || (subresource === 'status' && kind.status) || isPodPart(kind, subresource) || lookup(kind.parts, subresource)) return found
      if (subresource === 'scale' && kind.scale) return unwritten(readScale(kind, found.object))
      throw pathNotFound()
    },
    async list(kind, request) {
      const computes = provider(kind, 'list')
      return computes ? computed.list(computes, request) : listStored(store, clock, kind, request)
    },
    async watch(kind, request, tell, ended) {
      const computes = provider(kind, 'watch')
      return computes ? computed.watch(computes, request, tell) : watchStored(store, clock, bookmarks, kind, request, tell, ended)
    },
    async create(kind, namespace, body, context) {
      const answers = provider(kind, 'create')
      if (answers?.create) {
        const object = await decodeSent(kind, body, context)
        placeInNamespace(object, namespace)
        await review(core, { operation: 'CREATE', kind, namespace, name: object.metadata.name ?? '', object, context })
        const made = await answers.create(object, context)
        return context.large ? { object: made, bytes: Buffer.from(await turns.finish(jsonInSteps(made))) } : unwritten(made)
      }
      if (kind.kind === 'Binding' && kind.group === '')
        return unwritten(await createBinding(core, namespace, body, context))
      return create(core, kind, namespace, body, context)
    },
    async update(kind, ref, body, context, subresource) {
      provider(kind, 'update')
      return replace(core, kind, ref, body, context, subresource)
    },
    async patch(kind, ref, request, context, subresource) {
      provider(kind, 'patch')
      return patch(core, kind, ref, request, context, subresource)
    },
    async delete(kind, ref, request, context) {
      provider(kind, 'delete')
      return deleteObject(core, kind, ref, request, context)
    },
    async deleteCollection(kind, list, request, context) {
      provider(kind, 'deletecollection')
      return deleteCollection(core, kind, list, request, context)
    },
    async createSubresource(kind, ref, subresource, body, context) {
      const key = `${kind.group}/${kind.plural}/${subresource}`
      const answer = deps.subresources && Object.hasOwn(deps.subresources, key) ? deps.subresources[key] : undefined
      if (!answer) return createSubresource(core, kind, ref, subresource, body, context)
      const type = sentType(kind, subresource)
      if (!type) return answer(ref, body, context)
      const object = await decodeSent(type, body, context)
      await review(core, { operation: 'CREATE', kind, ...about(ref), subresource, object, type, context })
      return answer(ref, object, context)
    },
    async connect(kind, ref, subresource, options, context) {
      const type = sentType(kind, subresource)
      if (type) await review(core, { operation: 'CONNECT', kind, ...about(ref), subresource, object: options, type, context })
    },
  }
}

const about = ({ namespace, name }: ObjectRef): { namespace: string | undefined; name: string } => ({ namespace, name })

function chainOf(deps: RegistryDependencies, random: () => number): AdmissionChain {
  const addresses = serviceRange(deps.serviceCidr ?? defaultServiceCidr)
  const nodePorts = deps.nodePorts ?? { low: 30000, high: 32767 }
  const builtIn = [
    namespaceLifecycle,
    limitRanger,
    serviceAccountAdmission,
    nodeTaint,
    podSecurity(deps.podSecurity),
    priority,
    defaultTolerations,
    defaultStorageClass,
    claimResize,
    defaultIngressClass,
    storageProtection,
    runtimeClassAdmission,
    podTopologyLabels,
    nodeDeclaredFeatures,
    podResize,
    serviceAddress({ addresses, nodePorts, random }),
  ]
  // what is charged for is what everybody else has let pass
  const last = [resourceQuotaAdmission(deps.clock)]
  return { plugins: [...builtIn, ...(deps.plugins ?? []), ...last], reviewers: [rulesReadable, ...(deps.reviewers ?? [])], steps: deps.steps }
}
