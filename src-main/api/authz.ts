import type { Selector } from '../base/selector.ts'
import { forbidden, StatusError } from '../kinds/status-error.ts'
import type { PathRoute, ResourceRoute } from './route.ts'
import type { User } from './verbs.ts'

/** What is to be allowed: authorization.k8s.io ResourceAttributes or NonResourceAttributes. */
export type Attributes =
  | {
      readonly verb: string
      readonly group: string
      readonly version: string
      readonly resource: string
      readonly subresource?: string
      readonly namespace?: string
      readonly name?: string
      /** Of a list, a watch or a deletion of many. */
      readonly fieldSelector?: Selector
      readonly labelSelector?: Selector
    }
  | { readonly verb: string; readonly path: string }

export interface Decision {
  readonly allowed: boolean
  readonly reason: string
}

export type Authorize = (user: User, attributes: Attributes) => Decision

export function attributesOf(route: ResourceRoute | PathRoute, method: string): Attributes {
  if (route.type === 'path') return { verb: method.toLowerCase(), path: route.path }
  const { verb, kind, subresource, namespace } = route
  const { fieldSelector, labelSelector } = route.options
  // a list of the one object with a name is allowed to whom that name is
  const name = route.name ?? fieldSelector?.find(({ key, operator }) => key === 'metadata.name' && operator === '=')?.values[0]
  const namespaced = namespace ?? (kind.group === '' && kind.plural === 'namespaces' ? route.name : undefined)
  return { verb, group: kind.group, version: kind.version, resource: kind.plural, subresource, namespace: namespaced, name, fieldSelector, labelSelector }
}

/** The 403 in Kubernetes' words. */
export function denied(user: User, attributes: Attributes, reason: string): StatusError {
  const because = reason ? `: ${reason}` : ''
  if ('path' in attributes) {
    const message = `forbidden: User ${JSON.stringify(user.name)} cannot ${attributes.verb} path ${JSON.stringify(attributes.path)}${because}`
    return new StatusError({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason: 'Forbidden', details: {}, code: 403 })
  }
  const { verb, group, resource, subresource, namespace, name = '' } = attributes
  const what = subresource ? `${resource}/${subresource}` : resource
  const where = namespace ? `in the namespace ${JSON.stringify(namespace)}` : 'at the cluster scope'
  const sentence = `User ${JSON.stringify(user.name)} cannot ${verb} resource ${JSON.stringify(what)} in API group ${JSON.stringify(group)} ${where}${because}`
  return forbidden({ group, plural: resource, kind: resource }, name, sentence)
}
