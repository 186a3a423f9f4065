import type { AnyKind, Verb } from '../kinds/kind.ts'
import { mediaTypes } from './negotiate.ts'
import { type Dialect, type Json, listSchema, refTo } from './openapi-schema.ts'
import { subresourcesOf } from './subresource-list.ts'

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1'

interface Parameter {
  readonly name: string
  readonly type: 'string' | 'integer' | 'boolean'
  readonly description: string
}

const parameter = (name: string, type: Parameter['type'], description: string): Parameter => ({ name, type, description })

const listing = [
  parameter('allowWatchBookmarks', 'boolean', 'Requests watch events of type BOOKMARK.'),
  parameter('continue', 'string', 'Goes on where an earlier list with a limit stopped.'),
  parameter('fieldSelector', 'string', 'Restricts the returned objects by their fields. Defaults to everything.'),
  parameter('labelSelector', 'string', 'Restricts the returned objects by their labels. Defaults to everything.'),
  parameter('limit', 'integer', 'The most objects to return at once.'),
  parameter('resourceVersion', 'string', 'The version of the state that is asked for.'),
  parameter('resourceVersionMatch', 'string', 'How resourceVersion is to be applied: Exact or NotOlderThan.'),
  parameter('sendInitialEvents', 'boolean', 'Begins a watch with the present state.'),
  parameter('timeoutSeconds', 'integer', 'How long a list or watch may take.'),
  parameter('watch', 'boolean', 'Watches for changes instead of listing.'),
]
const writing = [
  parameter('dryRun', 'string', 'All: processes the request without storing anything.'),
  parameter('fieldManager', 'string', 'Who makes these changes.'),
  parameter('fieldValidation', 'string', 'What happens to unknown and duplicate fields: Ignore, Warn or Strict.'),
]
const patching = [...writing, parameter('force', 'boolean', 'Takes over fields that others manage; only for apply.')]
const deleting = [
  parameter('dryRun', 'string', 'All: processes the request without storing anything.'),
  parameter('gracePeriodSeconds', 'integer', 'How long the object has to end; zero deletes at once.'),
  parameter('orphanDependents', 'boolean', 'Whether dependents are left behind.'),
  parameter('propagationPolicy', 'string', 'Orphan, Background or Foreground.'),
]

const operations: Readonly<Partial<Record<Verb, { method: string; action: string; parameters: readonly Parameter[] }>>> = {
  list: { method: 'get', action: 'list', parameters: listing },
  create: { method: 'post', action: 'post', parameters: writing },
  deletecollection: { method: 'delete', action: 'deletecollection', parameters: [...listing, ...deleting] },
  get: { method: 'get', action: 'get', parameters: [] },
  update: { method: 'put', action: 'put', parameters: writing },
  patch: { method: 'patch', action: 'patch', parameters: patching },
  delete: { method: 'delete', action: 'delete', parameters: deleting },
}

/** The paths of one group and version, with what each takes and answers. */
export function pathsOf(kinds: readonly AnyKind[], dialect: Dialect): Record<string, Json> {
  const paths: Record<string, Json> = {}
  for (const kind of kinds) {
    const root = kind.group ? `/apis/${kind.apiVersion}` : `/api/${kind.version}`
    const everywhere = `${root}/${kind.plural}`
    const collection = kind.namespaced ? `${root}/namespaces/{namespace}/${kind.plural}` : everywhere
    if (kind.namespaced) add(paths, everywhere, kind, '', ['list'], dialect)
    add(paths, collection, kind, '', ['list', 'create', 'deletecollection'], dialect)
    add(paths, `${collection}/{name}`, kind, '', ['get', 'update', 'patch', 'delete'], dialect)
    for (const { name, verbs, sends } of subresourcesOf(kind)) {
      // connections have no body that a schema could describe
      if (!sends || sends.kind === 'Scale') add(paths, `${collection}/{name}/${name}`, kind, name, verbs, dialect)
    }
  }
  return paths
}

function add(paths: Record<string, Json>, path: string, kind: AnyKind, subresource: string, verbs: readonly Verb[], dialect: Dialect): void {
  const served = verbs.filter((verb) => subresource !== '' || kind.verbs.includes(verb))
  const entries = served.flatMap((verb) => {
    const known = operations[verb]
    return known ? [[known.method, operation(verb, path, kind, subresource, dialect)] as const] : []
  })
  if (entries.length === 0) return
  const placed = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => pathParameter(name!, dialect))
  paths[path] = { ...(paths[path] ?? {}), ...Object.fromEntries(entries), ...(placed.length > 0 ? { parameters: placed } : {}) }
}

function operation(verb: Verb, path: string, kind: AnyKind, subresource: string, dialect: Dialect): Json {
  const { action, parameters } = operations[verb]!
  const own = kind.schema
  const body = verb === 'create' || verb === 'update' ? own : verb === 'patch' ? `${meta}.Patch` : verb.startsWith('delete') ? `${meta}.DeleteOptions` : undefined
  const answers = verb === 'list' ? listSchema(kind) : verb.startsWith('delete') ? `${meta}.Status` : own
  const required = !verb.startsWith('delete')
  const query = parameters.map((each) => queryParameter(each, dialect))
  const bodyParameter = body && dialect === 2 ? [{ name: 'body', in: 'body', required, schema: refTo(body, 2) }] : []
  const types = verb === 'patch'
    // kubectl reads from this how it may patch: nobody can say how the lists of a custom kind merge
    ? ['application/json-patch+json', 'application/merge-patch+json', ...(kind.custom ? [] : ['application/strategic-merge-patch+json']), 'application/apply-patch+yaml']
    : answerTypes(kind)
  const answered = [...answerTypes(kind), ...(verb === 'list' ? answerTypes(kind).filter((type) => type !== 'application/yaml').map((type) => `${type};stream=watch`) : [])]
  const shape = (name: string, media: readonly string[]) => Object.fromEntries(media.map((type) => [type, { schema: refTo(name, 3) }]))
  return {
    description: `${verb} ${kind.kind}${subresource ? ` ${subresource}` : ''}`,
    operationId: operationId(action, path, kind, subresource),
    ...(dialect === 2 ? { consumes: verb === 'patch' || kind.custom ? types : ['*/*'], produces: answered, schemes: ['https'] } : {}),
    parameters: [...bodyParameter, ...query],
    ...(body && dialect === 3 ? { requestBody: { content: shape(body, types), ...(required ? { required } : {}) } } : {}),
    responses: {
      200: { description: 'OK', ...(dialect === 2 ? { schema: refTo(answers, 2) } : { content: shape(answers, answered) }) },
      401: { description: 'Unauthorized' },
    },
    tags: [groupTag(kind)],
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group: kind.group, kind: kind.kind, version: kind.version },
  }
}

/** Custom resources have no protobuf. */
const answerTypes = ({ custom }: AnyKind): readonly string[] => (custom ? mediaTypes.slice(0, 2) : mediaTypes)

const queryParameter = ({ name, type, description }: Parameter, dialect: Dialect): Json => ({
  name, in: 'query', description,
  ...(dialect === 2 ? { type, uniqueItems: true } : { schema: { type, uniqueItems: true } }),
})

const pathParameter = (name: string, dialect: Dialect): Json => ({
  name, in: 'path', required: true,
  ...(dialect === 2 ? { type: 'string', uniqueItems: true } : { schema: { type: 'string', uniqueItems: true } }),
})

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
/** Of a custom resource's group every part counts. */
const groupTag = ({ group, version, custom }: AnyKind): string => {
  const [first = '', ...others] = group.split('.')
  return `${group ? [first, ...(custom ? others.map(capital) : [])].join('') : 'core'}_${version}`
}

function operationId(action: string, path: string, kind: AnyKind, subresource: string): string {
  const group = groupTag(kind).split('_').map(capital).join('')
  const verb = { post: 'create', get: 'read', put: 'replace', deletecollection: 'deleteCollection' }[action] ?? action
  const scope = path.includes('{namespace}') ? 'Namespaced' : ''
  const everywhere = kind.namespaced && scope === '' ? 'ForAllNamespaces' : ''
  return `${verb}${group}${scope}${kind.kind}${capital(subresource)}${everywhere}`
}
