import type { AnyKind, Verb } from '../kinds/kind.ts'
import { isAnsweredWithItself } from './deleted.ts'
import { mediaTypes } from './negotiate.ts'
import { type Dialect, type Json, listSchema, refTo } from './openapi-schema.ts'
import { isConnection, sentType, type Subresource, subresourcesOf } from './subresource-list.ts'

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
  parameter('shardSelector', 'string', 'Restricts the returned objects to one shard of them.'),
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
  parameter('ignoreStoreReadErrorWithClusterBreakingPotential', 'boolean', 'Deletes also an object that cannot be read.'),
  parameter('orphanDependents', 'boolean', 'Whether dependents are left behind.'),
  parameter('propagationPolicy', 'string', 'Orphan, Background or Foreground.'),
]

const pretty = parameter('pretty', 'string', "If 'true', then the output is pretty printed. Defaults to 'false' unless the user-agent indicates a browser or command-line HTTP tool (curl and wget).")
const namespaceWords = 'object name and auth scope, such as for teams and projects'

interface Operation {
  readonly method: string
  readonly action: string
  /** What the operation's name begins with. */
  readonly verb: string
  readonly parameters: readonly Parameter[]
  readonly codes: readonly number[]
  /** In Kubernetes' words; `of` is a subresource and the object that has it. */
  readonly says: (kind: string, of: string) => string
}

const reasons: Readonly<Record<number, string>> = { 200: 'OK', 201: 'Created', 202: 'Accepted' }

const operations: Readonly<Partial<Record<Verb, Operation>>> = {
  list: { method: 'get', action: 'list', verb: 'list', parameters: listing, codes: [200], says: (kind) => `list or watch objects of kind ${kind}` },
  create: {
    method: 'post', action: 'post', verb: 'create', parameters: writing, codes: [200, 201, 202],
    says: (kind, of) => (of ? `create ${of} of ${withArticle(kind)}` : `create ${withArticle(kind)}`),
  },
  deletecollection: {
    method: 'delete', action: 'deletecollection', verb: 'delete', parameters: [...listing.filter(({ name }) => name !== 'allowWatchBookmarks' && name !== 'watch'), ...deleting], codes: [200],
    says: (kind) => `delete collection of ${kind}`,
  },
  get: { method: 'get', action: 'get', verb: 'read', parameters: [], codes: [200], says: (kind, of) => `read ${of && `${of} of `}the specified ${kind}` },
  update: { method: 'put', action: 'put', verb: 'replace', parameters: writing, codes: [200, 201], says: (kind, of) => `replace ${of && `${of} of `}the specified ${kind}` },
  patch: { method: 'patch', action: 'patch', verb: 'patch', parameters: patching, codes: [200, 201], says: (kind, of) => `partially update ${of && `${of} of `}the specified ${kind}` },
  delete: { method: 'delete', action: 'delete', verb: 'delete', parameters: deleting, codes: [200, 202], says: (kind) => `delete ${withArticle(kind)}` },
}

/** Where the API server of custom resources says something else. */
const ofCustom: Readonly<Partial<Record<Verb, Operation>>> = {
  list: { ...operations.list!, says: (kind) => `list objects of kind ${kind}` },
  deletecollection: { ...operations.deletecollection!, parameters: listing },
  get: { ...operations.get!, parameters: [parameter('resourceVersion', 'string', 'The version of the state that is asked for.')] },
  patch: { ...operations.patch!, codes: [200] },
}

/** As Kubernetes puts it: a plural has none. */
function withArticle(noun: string): string {
  if (noun.endsWith('s') && !noun.endsWith('ss')) return noun
  return `${/^[aeiou]/i.test(noun) ? 'an' : 'a'} ${noun}`
}

/** The paths of one group and version, with what each takes and answers. */
export function pathsOf(kinds: readonly AnyKind[], dialect: Dialect): Record<string, Json> {
  const paths: Record<string, Json> = {}
  for (const kind of kinds) {
    const root = kind.group ? `/apis/${kind.apiVersion}` : `/api/${kind.version}`
    const everywhere = `${root}/${kind.plural}`
    const collection = kind.namespaced ? `${root}/namespaces/{namespace}/${kind.plural}` : everywhere
    if (kind.namespaced) add(paths, everywhere, kind, undefined, ['list'], dialect)
    add(paths, collection, kind, undefined, ['list', 'create', 'deletecollection'], dialect)
    add(paths, `${collection}/{name}`, kind, undefined, ['get', 'update', 'patch', 'delete'], dialect)
    for (const subresource of subresourcesOf(kind)) {
      if (!isConnection(subresource)) add(paths, `${collection}/{name}/${subresource.name}`, kind, subresource, subresource.verbs, dialect)
    }
  }
  return paths
}

function add(paths: Record<string, Json>, path: string, kind: AnyKind, subresource: Subresource | undefined, verbs: readonly Verb[], dialect: Dialect): void {
  const served = verbs.filter((verb) => subresource !== undefined || kind.verbs.includes(verb))
  const entries = served.flatMap((verb) => {
    const known = (kind.custom && ofCustom[verb]) ?? operations[verb]
    return known ? [[known.method, operation(known, verb, path, kind, subresource, dialect)] as const] : []
  })
  if (entries.length === 0) return
  const placed = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => pathParameter(name!, name === 'name' ? `name of the ${kind.kind}` : namespaceWords, dialect))
  paths[path] = { ...(paths[path] ?? {}), ...Object.fromEntries(entries), parameters: [...placed, queryParameter(pretty, dialect)] }
}

function operation({ action, parameters, codes, says, verb: beginning }: Operation, verb: Verb, path: string, kind: AnyKind, subresource: Subresource | undefined, dialect: Dialect): Json {
  const below = subresource?.name ?? ''
  const { group, version, kind: sent } = (!kind.custom && subresource?.sends) || kind
  const own = sentType(kind, subresource?.name)?.schema ?? kind.schema
  const body = verb === 'create' || verb === 'update' ? own : verb === 'patch' ? `${meta}.Patch` : verb.startsWith('delete') && !(kind.custom && verb === 'deletecollection') ? `${meta}.DeleteOptions` : undefined
  const answers = verb === 'list' ? listSchema(kind) : verb.startsWith('delete') && !(verb === 'delete' && isAnsweredWithItself(kind)) ? `${meta}.Status` : own
  const required = !verb.startsWith('delete')
  const query = parameters.map((each) => queryParameter(each, dialect))
  const bodyParameter = body && dialect === 2 ? [{ name: 'body', in: 'body', ...(required ? { required } : {}), schema: refTo(body, 2) }] : []
  const taken = verb === 'patch'
    // kubectl reads from this how it may patch: nobody can say how the lists of a custom kind merge
    ? ['application/json-patch+json', 'application/merge-patch+json', ...(kind.custom ? [] : ['application/strategic-merge-patch+json']), 'application/apply-patch+yaml']
    : kind.custom ? answerTypes(kind) : ['*/*']
  const answered = [...answerTypes(kind), ...(verb === 'list' && !kind.custom ? answerTypes(kind).filter((type) => type !== 'application/yaml').map((type) => `${type};stream=watch`) : [])]
  const shape = (name: string, media: readonly string[]) => Object.fromEntries(media.map((type) => [type, { schema: refTo(name, 3) }]))
  const answer = dialect === 2 ? { schema: refTo(answers, 2) } : { content: shape(answers, answered) }
  return {
    description: says(kind.kind, below),
    operationId: operationId(beginning, action, path, kind, below),
    ...(dialect === 2 ? { consumes: taken, produces: answered, schemes: ['https'] } : {}),
    parameters: [...bodyParameter, ...query],
    ...(body && dialect === 3 ? { requestBody: { content: shape(body, taken), ...(required ? { required } : {}) } } : {}),
    responses: { ...Object.fromEntries(codes.map((code) => [code, { description: reasons[code], ...answer }])), 401: { description: 'Unauthorized' } },
    tags: [groupTag(kind)],
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group, kind: sent, version },
  }
}

/** Custom resources have no protobuf. */
const answerTypes = ({ custom }: AnyKind): readonly string[] => (custom ? mediaTypes.slice(0, 2) : mediaTypes)

const queryParameter = ({ name, type, description }: Parameter, dialect: Dialect): Json => ({
  name, in: 'query', description,
  ...(dialect === 2 ? { type, uniqueItems: true } : { schema: { type, uniqueItems: true } }),
})

const pathParameter = (name: string, description: string, dialect: Dialect): Json => ({
  name, in: 'path', description, required: true,
  ...(dialect === 2 ? { type: 'string', uniqueItems: true } : { schema: { type: 'string', uniqueItems: true } }),
})

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
/** Of a custom resource's group every part counts. */
const groupTag = ({ group, version, custom }: AnyKind): string => {
  const [first = '', ...others] = group.split('.')
  return `${group ? [first, ...(custom ? others.map(capital) : [])].join('') : 'core'}_${version}`
}

function operationId(verb: string, action: string, path: string, kind: AnyKind, subresource: string): string {
  const group = groupTag(kind).split('_').map(capital).join('')
  const scope = path.includes('{namespace}') ? 'Namespaced' : ''
  const everywhere = kind.namespaced && scope === '' ? 'ForAllNamespaces' : ''
  return `${verb}${group}${action === 'deletecollection' ? 'Collection' : ''}${scope}${kind.kind}${capital(subresource)}${everywhere}`
}
