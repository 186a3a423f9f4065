import { each, present, say } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { NonResourcePolicyRule, PolicyRulesWithSubjects, ResourcePolicyRule, SubjectFlowcontrolV1 as Subject } from '../generated/types.ts'
import { isDNS1123Label, isDNS1123Subdomain } from '../validation.ts'

const supportedVerbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch']
const subjectKinds = ['Group', 'ServiceAccount', 'User']
/** The field that each kind of subject is told by. */
const subjectFields = { User: 'user', Group: 'group', ServiceAccount: 'serviceAccount' } as const

/** Who, and what of theirs, a flow schema is about. */
export function checkFlowRules({ subjects = [], resourceRules = [], nonResourceRules = [] }: PolicyRulesWithSubjects, at: FieldPath): FieldError[] {
  return [
    ...(subjects.length === 0 ? [at.child('subjects').required('subjects must contain at least one value')] : []),
    ...each(subjects, at.child('subjects'), checkSubject),
    ...(resourceRules.length + nonResourceRules.length === 0 ? [at.required('at least one of resourceRules and nonResourceRules has to be non-empty')] : []),
    ...each(resourceRules, at.child('resourceRules'), checkResourceRule),
    ...each(nonResourceRules, at.child('nonResourceRules'), checkNonResourceRule),
  ]
}

function checkSubject(subject: Subject, at: FieldPath): FieldError[] {
  const { kind } = subject
  if (kind !== 'User' && kind !== 'Group' && kind !== 'ServiceAccount') return [at.child('kind').notSupported(kind ?? '', subjectKinds)]
  const own = subjectFields[kind]
  const others = Object.entries(subjectFields).filter(([, field]) => field !== own && subject[field])
  return [
    ...checkSubjectField(subject, own, kind, at.child(own)),
    ...others.map(([other, field]) => at.child(field).forbidden(`${field} is forbidden when subject kind is not '${other}'`)),
  ]
}

function checkSubjectField(subject: Subject, field: 'user' | 'group' | 'serviceAccount', kind: string, at: FieldPath): FieldError[] {
  const value = subject[field]
  if (!value) return [at.required(`${field} is required when subject kind is '${kind}'`)]
  if (!subject.serviceAccount || field !== 'serviceAccount') return present(value.name, at.child('name'))
  const { name, namespace } = subject.serviceAccount
  return [
    ...present(name, at.child('name')),
    ...(name && name !== '*' ? say(at.child('name'), name, isDNS1123Subdomain(name)) : []),
    ...(namespace ? say(at.child('namespace'), namespace, isDNS1123Label(namespace)) : [at.child('namespace').required('must specify namespace for service account')]),
  ]
}

function checkVerbs(verbs: readonly string[], at: FieldPath): FieldError[] {
  if (verbs.length === 0) return [at.required('verbs must contain at least one value')]
  if (verbs.includes('*')) return verbs.length > 1 ? [at.invalid(verbs, "if '*' is present, must not specify other verbs")] : []
  return verbs.every((verb) => supportedVerbs.includes(verb)) ? [] : [at.notSupported(verbs, supportedVerbs)]
}

function checkResourceRule({ verbs = [], apiGroups = [], resources = [], namespaces, clusterScope = false }: ResourcePolicyRule, at: FieldPath): FieldError[] {
  const list = (field: string, values: readonly string[], one: string, others: string): FieldError[] => {
    if (values.length === 0) return [at.child(field).required(`resource rules must supply at least one ${one}`)]
    return values.length > 1 && values.includes('*') ? [at.child(field).invalid(values, `if '*' is present, must not specify other ${others}`)] : []
  }
  return [
    ...checkVerbs(verbs, at.child('verbs')),
    ...list('apiGroups', apiGroups, 'api group', 'api groups'),
    ...list('resources', resources, 'resource', 'resources'),
    ...checkNamespaces(namespaces ?? [], clusterScope, at.child('namespaces')),
  ]
}

function checkNamespaces(namespaces: readonly string[], clusterScope: boolean, at: FieldPath): FieldError[] {
  if (namespaces.length === 0 && !clusterScope) return [at.required('resource rules that are not cluster scoped must supply at least one namespace')]
  if (namespaces.includes('*')) return namespaces.length > 1 ? [at.invalid(namespaces, "if '*' is present, must not specify other namespaces")] : []
  const intro = "each member of this list must be '*' or a DNS-1123 label; "
  return each(namespaces, at, (namespace, here) => say(here, namespace, isDNS1123Label(namespace).map((sentence) => `${intro}${sentence}`)))
}

function checkNonResourceRule({ verbs = [], nonResourceURLs: urls = [] }: NonResourcePolicyRule, at: FieldPath): FieldError[] {
  const here = at.child('nonResourceURLs')
  const errors = checkVerbs(verbs, at.child('verbs'))
  if (urls.length === 0) return [...errors, here.required('nonResourceURLs must contain at least one value')]
  if (!urls.includes('*')) return [...errors, ...each(urls, here, checkUrl)]
  return urls.length > 1 ? [...errors, here.invalid(urls, "if '*' is present, must not specify other non-resource URLs")] : errors
}

function checkUrl(path: string, at: FieldPath): FieldError[] {
  if (path === '/') return []
  if (path === '') return [at.invalid(path, 'must not be empty')]
  if (!path.startsWith('/')) return [at.invalid(path, 'must start with slash')]
  if (path.includes(' ')) return [at.invalid(path, 'must not contain white-space')]
  if (path.includes('//')) return [at.invalid(path, 'must not contain double slash')]
  const star = path.indexOf('*')
  return star < 0 || (star === path.length - 1 && path.endsWith('/*')) ? [] : [at.invalid(path, 'wildcard can only do suffix matching')]
}
