import type { Requirement } from '../../base/selector.ts'
import type { PersistentVolume, Pod, VolumeAttachment } from '../../kinds/generated/types.ts'
import { persistentVolume } from '../../kinds/core/persistent-volume.ts'
import { pod } from '../../kinds/core/pod.ts'
import { keyOf } from '../../kinds/meta.ts'
import { volumeAttachment } from '../../kinds/storage/volume-attachment.ts'
import type { Store } from '../../store/store.ts'
import type { Attributes, Authorize, Decision } from '../authz.ts'
import { keyFor, kindPrefix } from '../keys.ts'
import { objectOf } from '../read.ts'
import { nodeRules } from './default-roles.ts'
import { follow } from './follow.ts'
import { mirror } from './node-mirror-pods.ts'
import { nodeNameOf } from './node-rules.ts'
import { podReferences } from './pod-references.ts'
import { ruleAllows } from './rules.ts'
import { volumeSecrets } from './volume-secrets.ts'

type ResourceAttributes = Exclude<Attributes, { path: string }>
type Related = (resource: string, namespace: string | undefined, name: string) => boolean

export interface NodeAuthorizer {
  readonly authorize: Authorize
  close(): void
}

/** Lets a kubelet at its own node and its own pods, and at what those pods refer to: Kubernetes' Node authorizer. */
export async function createNodeAuthorizer(store: Store): Promise<NodeAuthorizer> {
  const references = new References()
  const subscription = await follow<Pod>(store, pod, (object, old) => {
    if (old) references.remove(old)
    if (object) references.add(object)
  })
  return {
    authorize(user, attributes) {
      const nodeName = nodeNameOf(user)
      if (nodeName === undefined) return no('')
      if (nodeName === '') return no(`unknown node for user ${JSON.stringify(user.name)}`)
      const claims = ({ spec }: PersistentVolume): boolean =>
        !!spec?.claimRef && references.has(nodeName, `persistentvolumeclaims/${spec.claimRef.namespace}/${spec.claimRef.name}`)
      const mounts = (secret: string): boolean =>
        store.list(kindPrefix(persistentVolume)).items.some((item) => {
          const volume = objectOf(item) as PersistentVolume
          return claims(volume) && volumeSecrets(volume).includes(secret)
        })
      const related: Related = (resource, namespace, name) => {
        if (resource === 'persistentvolumes') {
          const stored = store.get(keyFor(persistentVolume, { name }))
          return !!stored && claims(objectOf(stored) as PersistentVolume)
        }
        if (resource === 'volumeattachments') {
          const stored = store.get(keyFor(volumeAttachment, { name }))
          return !!stored && (objectOf(stored) as VolumeAttachment).spec?.nodeName === nodeName
        }
        return references.has(nodeName, `${resource}/${namespace}/${name}`) || (resource === 'secrets' && mounts(`${namespace}/${name}`))
      }
      return decide(nodeName, attributes, related)
    },
    close: () => subscription.close(),
  }
}

/** What the pods of each node refer to, counted: several pods may share a secret. */
class References {
  readonly #byNode = new Map<string, Map<string, number>>()

  add(object: Readonly<Pod>): void {
    const nodeName = object.spec?.nodeName
    if (!nodeName) return
    const counts = this.#byNode.get(nodeName) ?? new Map<string, number>()
    this.#byNode.set(nodeName, counts)
    for (const reference of all(object)) counts.set(reference, (counts.get(reference) ?? 0) + 1)
  }

  remove(object: Readonly<Pod>): void {
    const nodeName = object.spec?.nodeName
    const counts = nodeName ? this.#byNode.get(nodeName) : undefined
    if (!counts || !nodeName) return
    for (const reference of all(object)) {
      const left = (counts.get(reference) ?? 0) - 1
      if (left > 0) counts.set(reference, left)
      else counts.delete(reference)
    }
    if (counts.size === 0) this.#byNode.delete(nodeName)
  }

  has(nodeName: string, reference: string): boolean {
    return this.#byNode.get(nodeName)?.has(reference) ?? false
  }
}

/** A node could make itself mirror pods that refer to whatever it wants to read. */
const all = (object: Readonly<Pod>): string[] => [`pods/${keyOf(object)}`, ...(object.metadata.annotations?.[mirror] === undefined ? podReferences(object) : [])]

const yes: Decision = { allowed: true, reason: '' }
const no = (reason: string): Decision => ({ allowed: false, reason })

type Rule = (nodeName: string, attributes: ResourceAttributes, related: Related) => Decision

/** Resources whose access depends on which one it is; by group and plural. */
const rules: Readonly<Record<string, Rule>> = {
  '/secrets': readRelated,
  '/configmaps': readRelated,
  '/persistentvolumeclaims': (nodeName, attributes, related) => {
    if (attributes.subresource !== 'status') return getRelated(nodeName, attributes, related)
    if (!['update', 'patch'].includes(attributes.verb)) return no('can only get/update/patch this type')
    return relatedTo(nodeName, attributes, related)
  },
  '/persistentvolumes': getRelated,
  'storage.k8s.io/volumeattachments': getRelated,
  '/serviceaccounts': (nodeName, attributes, related) => {
    if (attributes.verb !== 'create' || !attributes.name)
      return no('can only create tokens for individual service accounts')
    if (attributes.subresource !== 'token') return no('can only create token subresource of serviceaccount')
    return relatedTo(nodeName, attributes, related)
  },
  'coordination.k8s.io/leases': (nodeName, { verb, namespace, name }) => {
    if (!own.includes(verb)) return no('can only get, create, update, patch, or delete a node lease')
    if (namespace !== 'kube-node-lease') return no('can only access leases in the "kube-node-lease" system namespace')
    if (verb !== 'create' && name !== nodeName)
      return no('can only access node lease with the same name as the requesting node')
    return yes
  },
  'storage.k8s.io/csinodes': (nodeName, { verb, subresource, name }) => {
    if (!own.includes(verb)) return no('can only get, create, update, patch, or delete a CSINode')
    if (subresource) return no('cannot authorize CSINode subresources')
    if (verb !== 'create' && name !== nodeName)
      return no('can only access CSINode with the same name as the requesting node')
    return yes
  },
  '/nodes': (nodeName, { verb, subresource = '', name = '' }) => {
    if (subresource === 'status') return ['update', 'patch'].includes(verb) ? yes : no('')
    if (subresource !== '') return no('')
    // which node it is, NodeRestriction sees
    if (['create', 'update', 'patch'].includes(verb)) return yes
    if (!['get', 'list', 'watch'].includes(verb)) return no('')
    if (name === nodeName) return yes
    return no(
      name === ''
        ? `node '${nodeName}' cannot read all nodes, only its own Node object`
        : `node '${nodeName}' cannot read '${name}', only its own Node object`,
    )
  },
  '/pods': podRule,
}
const own = ['get', 'create', 'update', 'patch', 'delete']

function decide(nodeName: string, attributes: Attributes, related: Related): Decision {
  if (!('path' in attributes)) {
    const key = `${attributes.group}/${attributes.resource}`
    const rule = Object.hasOwn(rules, key) ? rules[key] : undefined
    if (rule) return rule(nodeName, attributes, related)
  }
  return nodeRules.some((rule) => ruleAllows(rule, attributes)) ? yes : no('')
}

function podRule(nodeName: string, attributes: ResourceAttributes, related: Related): Decision {
  const { verb, subresource = '', name = '', fieldSelector = [] } = attributes
  if (subresource === 'status') return ['update', 'patch'].includes(verb) ? yes : no('')
  if (subresource === 'eviction') return verb === 'create' ? yes : no('')
  if (subresource !== '') return no('')
  if (verb === 'create' || verb === 'delete') return yes
  if (verb === 'get') return getRelated(nodeName, attributes, related)
  if (verb !== 'list' && verb !== 'watch') return no('')
  const itsOwn = ({ key, operator, values }: Requirement) =>
    key === 'spec.nodeName' && operator === '=' && values[0] === nodeName
  if (fieldSelector.some(itsOwn)) return yes
  return name === ''
    ? no('can only list/watch pods with spec.nodeName field selector')
    : relatedTo(nodeName, attributes, related)
}

function readRelated(nodeName: string, attributes: ResourceAttributes, related: Related): Decision {
  if (!['get', 'list', 'watch'].includes(attributes.verb)) return no('can only read resources of this type')
  if (attributes.subresource) return no('cannot read subresource')
  if (!attributes.namespace) return no('can only read namespaced object of this type')
  return relatedTo(nodeName, attributes, related)
}

function getRelated(nodeName: string, attributes: ResourceAttributes, related: Related): Decision {
  if (attributes.verb !== 'get') return no('can only get individual resources of this type')
  if (attributes.subresource) return no('cannot get subresource')
  return relatedTo(nodeName, attributes, related)
}

function relatedTo(nodeName: string, { resource, namespace, name }: ResourceAttributes, related: Related): Decision {
  if (!name) return no('No Object name found')
  return related(resource, namespace, name)
    ? yes
    : no(`no relationship found between node '${nodeName}' and this object`)
}
