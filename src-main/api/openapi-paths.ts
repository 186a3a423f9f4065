import type { Steps } from '../base/turns.ts'
import type { AnyKind, Verb } from '../kinds/kind.ts'
import { isAnsweredWithItself } from './deleted.ts'
import { mediaTypes, streamTypes } from './negotiate.ts'
import { connectPaths, documentPaths, logPath, watchPaths } from './openapi-other-paths.ts'
import { ParameterMaker, type Parameters, pathItem } from './openapi-parameters.ts'
import { type Dialect, type Json, listSchema, refTo } from './openapi-schema.ts'
import { contentOf, groupTag, operationId, placesOf, reasons, type Saying } from './openapi-words.ts'
import { isConnection, sentType, type Subresource, subresourcesOf } from './subresource-list.ts'

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1'

interface Operation {
  readonly method: string
  readonly action: string
  /** What the operation's name begins with. */
  readonly verb: string
  readonly codes: readonly number[]
  /** In Kubernetes' words; `of` is a subresource and the object that has it. */
  readonly says: (kind: string, of: string) => string
}

const operations: Readonly<Partial<Record<Verb, Operation>>> = {
  list: { method: 'get', action: 'list', verb: 'list', codes: [200], says: (kind) => `list or watch objects of kind ${kind}` },
  create: {
    method: 'post', action: 'post', verb: 'create', codes: [200, 201, 202],
    says: (kind, of) => (of ? `create ${of} of ${withArticle(kind)}` : `create ${withArticle(kind)}`),
  },
  deletecollection: {
    method: 'delete', action: 'deletecollection', verb: 'delete', codes: [200],
    says: (kind) => `delete collection of ${kind}`,
  },
  get: { method: 'get', action: 'get', verb: 'read', codes: [200], says: (kind, of) => `read ${of && `${of} of `}the specified ${kind}` },
  update: { method: 'put', action: 'put', verb: 'replace', codes: [200, 201], says: (kind, of) => `replace ${of && `${of} of `}the specified ${kind}` },
  patch: { method: 'patch', action: 'patch', verb: 'patch', codes: [200, 201], says: (kind, of) => `partially update ${of && `${of} of `}the specified ${kind}` },
  delete: { method: 'delete', action: 'delete', verb: 'delete', codes: [200, 202], says: (kind) => `delete ${withArticle(kind)}` },
}

/** Where the API server of custom resources says something else. */
const ofCustom: Readonly<Partial<Record<Verb, Operation>>> = {
  list: { ...operations.list!, says: (kind) => `list objects of kind ${kind}` },
  patch: { ...operations.patch!, codes: [200] },
}

/** As Kubernetes puts it: a plural has none. */
function withArticle(noun: string): string {
  if (noun.endsWith('s') && !noun.endsWith('ss')) return noun
  return `${/^[aeiou]/i.test(noun) ? 'an' : 'a'} ${noun}`
}

/** The paths of some kinds, with what each takes and answers. */
export function* pathsOf(kinds: readonly AnyKind[], parameters: Parameters, dialect: Dialect): Steps<Record<string, Json>> {
  const paths: Record<string, Json> = {}
  const saying: Saying = { dialect, parameters, make: new ParameterMaker(dialect) }
  for (const kind of kinds) {
    yield
    const root = kind.group ? `/apis/${kind.apiVersion}` : `/api/${kind.version}`
    const everywhere = `${root}/${kind.plural}`
    const collection = kind.namespaced ? `${root}/namespaces/{namespace}/${kind.plural}` : everywhere
    if (kind.namespaced) add(paths, everywhere, kind, undefined, ['list'], saying)
    add(paths, collection, kind, undefined, ['list', 'create', 'deletecollection'], saying)
    add(paths, `${collection}/{name}`, kind, undefined, ['get', 'update', 'patch', 'delete'], saying)
    for (const subresource of subresourcesOf(kind)) {
      const below = `${collection}/{name}/${subresource.name}`
      if (isConnection(subresource)) Object.assign(paths, connectPaths(below, kind, subresource, saying))
      else if (subresource.name === 'log') paths[below] = logPath(below, kind, saying)
      else add(paths, below, kind, subresource, subresource.verbs, saying)
    }
    if (kind.verbs.includes('watch') && !kind.custom) Object.assign(paths, watchPaths(root, kind, saying))
  }
  for (const [path, item] of documentPaths(kinds, dialect)) paths[path] = item
  return Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function add(paths: Record<string, Json>, path: string, kind: AnyKind, subresource: Subresource | undefined, verbs: readonly Verb[], saying: Saying): void {
  const served = verbs.filter((verb) => subresource !== undefined || kind.verbs.includes(verb))
  const sends = kind.custom ? undefined : subresource?.sends
  const places = placesOf(path, sends?.kind ?? kind.kind, saying)
  const entries = served.flatMap((verb) => {
    const known = (kind.custom && ofCustom[verb]) ?? operations[verb]
    return known ? [operation(known, verb, path, kind, subresource, saying, places)] : []
  })
  if (entries.length > 0) paths[path] = pathItem(entries)
}

function operation({ method, action, codes, says, verb: beginning }: Operation, verb: Verb, path: string, kind: AnyKind, subresource: Subresource | undefined, { dialect, parameters, make }: Saying, places: readonly Json[]): readonly [string, Json, Json[]] {
  const below = subresource?.name ?? ''
  const { group, version, kind: sent } = (!kind.custom && subresource?.sends) || kind
  const own = sentType(kind, subresource?.name)?.schema ?? kind.schema
  const body = verb === 'create' || verb === 'update' ? own : verb === 'patch' ? `${meta}.Patch` : verb.startsWith('delete') && !(kind.custom && verb === 'deletecollection') ? `${meta}.DeleteOptions` : undefined
  const answers = verb === 'list' ? listSchema(kind) : verb.startsWith('delete') && !(verb === 'delete' && saysItself(kind)) ? `${meta}.Status` : own
  const required = !verb.startsWith('delete')
  const taken = verb === 'patch'
    // kubectl reads from this how it may patch: nobody can say how the lists of a custom kind merge
    ? ['application/json-patch+json', 'application/merge-patch+json', ...(kind.custom ? [] : ['application/strategic-merge-patch+json']), 'application/apply-patch+yaml']
    : kind.custom ? answerTypes(kind) : ['*/*']
  const answered = [...answerTypes(kind), ...(verb === 'list' && !kind.custom ? streamTypes : [])]
  const answer = dialect === 2 ? { schema: refTo(answers, 2) } : { content: contentOf(refTo(answers, 3), answered) }
  return [method, {
    description: kind.verbs.includes('watch') || verb !== 'list' ? says(kind.kind, below) : `list objects of kind ${kind.kind}`,
    ...(dialect === 2 ? { consumes: taken, produces: answered, schemes: ['https'] } : {}),
    tags: [groupTag(kind)],
    operationId: operationId(beginning, action, path, kind, below),
    ...(body && dialect === 3 ? { requestBody: { content: contentOf(refTo(body, 3), taken), ...(required ? { required } : {}) } } : {}),
    responses: { ...Object.fromEntries(codes.map((code) => [code, { description: reasons[code], ...answer }])), 401: { description: reasons[401] } },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group, version, kind: sent },
  }, [
    ...places,
    ...(body && dialect === 2 ? [make.body(refTo(body, 2), required)] : []),
    ...(parameters[parametersAs(verb, kind)] ?? []).map((parameter) => make.query(parameter)),
    ...(kind.custom && verb === 'get' ? (parameters['list'] ?? []).filter(({ name }) => name === 'resourceVersion').map((parameter) => make.query(parameter)) : []),
  ]]
}

/** Namespaces are answered with themselves, and described otherwise. */
const saysItself = (kind: AnyKind): boolean => isAnsweredWithItself(kind) && kind.plural !== 'namespaces'

/** Whose parameters an operation has: the deletion of many custom resources takes those of a list. */
const parametersAs = (verb: Verb, kind: AnyKind): string => (kind.custom && verb === 'deletecollection' ? 'list' : verb)

/** Custom resources have no protobuf. */
const answerTypes = ({ custom }: AnyKind): readonly string[] => (custom ? mediaTypes.slice(0, 2) : mediaTypes)
