import type { FlowSchema, PolicyRulesWithSubjects, SubjectFlowcontrolV1 as Subject } from '../../kinds/generated/types.ts'
import type { PathRoute, ResourceRoute } from '../route.ts'
import type { User } from '../verbs.ts'

/** What of a request decides on its flow schema. */
export interface Digest {
  readonly user: User
  readonly verb: string
  /** Of a request about objects; `resource` is `pods` or `pods/log`. */
  readonly target?: { readonly group: string; readonly resource: string; readonly namespace: string }
  /** Of any other request. */
  readonly path?: string
}

export function digestOf(route: ResourceRoute | PathRoute, method: string, user: User): Digest {
  if (route.type === 'path') return { user, verb: method.toLowerCase(), path: route.path }
  const { kind, subresource, verb, namespace = '', name = '' } = route
  const resource = subresource === undefined ? kind.plural : `${kind.plural}/${subresource}`
  // a Namespace is within itself, as authorization sees it too
  return { user, verb, target: { group: kind.group, resource, namespace: kind.plural === 'namespaces' && kind.group === '' ? name : namespace } }
}

/** The first to match a request has it: lowest precedence first, then by name. Pure. */
export const inOrder = (schemas: Iterable<Readonly<FlowSchema>>): Array<Readonly<FlowSchema>> =>
  [...schemas].sort((a, b) => precedence(a) - precedence(b) || ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1))

const precedence = ({ spec }: FlowSchema): number => spec?.matchingPrecedence ?? 1000

export const matchesSchema = ({ spec }: Readonly<FlowSchema>, digest: Digest): boolean => spec?.rules?.some((rule) => matchesRule(rule, digest)) ?? false

function matchesRule({ subjects, resourceRules = [], nonResourceRules = [] }: PolicyRulesWithSubjects, { user, verb, target, path = '' }: Digest): boolean {
  if (!subjects.some((subject) => matchesSubject(subject, user))) return false
  if (!target) return nonResourceRules.some(({ verbs, nonResourceURLs }) => has(verbs, verb) && nonResourceURLs.some((url) => urlCovers(url, path)))
  return resourceRules.some(({ verbs, apiGroups, resources, namespaces, clusterScope }) =>
    has(verbs, verb) && has(resources, target.resource) && has(apiGroups, target.group) &&
    (target.namespace === '' ? clusterScope === true : has(namespaces ?? [], target.namespace)))
}

const has = (list: readonly string[], wanted: string): boolean => list.includes('*') || list.includes(wanted)

function matchesSubject({ kind, user: one, group, serviceAccount }: Subject, user: User): boolean {
  if (kind === 'User') return one !== undefined && (one.name === '*' || one.name === user.name)
  if (kind === 'Group') return group !== undefined && (group.name === '*' || user.groups.includes(group.name))
  if (kind !== 'ServiceAccount' || !serviceAccount) return false
  const prefix = `system:serviceaccount:${serviceAccount.namespace}:`
  return serviceAccount.name === '*' ? user.name.startsWith(prefix) : user.name === prefix + serviceAccount.name
}

/** A URL covers what is below it too, whether a star says so or not. */
function urlCovers(url: string, path: string): boolean {
  if (url === '*' || url === path) return true
  const prefix = url.replace(/\*$/, '')
  return path.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`)
}

/** Which of the flows of a schema a request belongs to: its user's or its namespace's; all are one otherwise. */
export function flowOf({ spec }: Readonly<FlowSchema>, { user, target }: Digest): string {
  const method = spec?.distinguisherMethod?.type
  return method === 'ByUser' ? user.name : method === 'ByNamespace' ? (target?.namespace ?? '') : ''
}
