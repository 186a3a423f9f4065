import type { AnyKind } from '../kinds/kind.ts'
import { mediaTypes, streamTypes } from './negotiate.ts'
import { pathItem } from './openapi-parameters.ts'
import { type Dialect, type Json, refTo } from './openapi-schema.ts'
import { capital, contentOf, groupTag, groupWord, operationId, placesOf, reasons, type Saying } from './openapi-words.ts'
import type { Subresource } from './subresource-list.ts'

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1'
const text: Json = { type: 'string' }
const connectMethods: Readonly<Record<string, readonly string[]>> = { proxy: ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'] }
const plainMethods = ['get', 'post']

/** What a path takes and answers beside its parameters and its meaning. */
function answering(schema: Json, { dialect }: Pick<Saying, 'dialect'>, produces: readonly string[], consumes: readonly string[] = ['*/*']): Json {
  const answer = dialect === 2 ? { schema } : { content: contentOf(schema, produces) }
  return {
    ...(dialect === 2 ? { consumes, produces, schemes: ['https'] } : {}),
    responses: { 200: { description: reasons[200], ...answer }, 401: { description: reasons[401] } },
  }
}

const about = (action: string, { group, version, kind }: { readonly group: string; readonly version: string; readonly kind: string }): Json => ({
  'x-kubernetes-action': action, 'x-kubernetes-group-version-kind': { group, version, kind },
})

/** `exec` and its like: whatever comes and goes. A proxy has a path below itself. */
export function connectPaths(path: string, kind: AnyKind, { name, sends = kind }: Subresource, saying: Saying): Record<string, Json> {
  const methods = connectMethods[name] ?? plainMethods
  const below = name === 'proxy' ? [[path, ''], [`${path}/{path}`, 'WithPath']] as const : [[path, '']] as const
  const query = (saying.parameters[`${kind.plural}/${name}`] ?? []).map((parameter) => saying.make.query(parameter))
  return Object.fromEntries(below.map(([at, more]) => [at, pathItem(methods.map((method) => [method, {
    description: `connect ${method.toUpperCase()} requests to ${name} of ${kind.kind}`,
    tags: [groupTag(kind)],
    operationId: operationId(`connect${capital(method)}`, 'connect', at, kind, name) + more,
    ...answering(text, saying, ['*/*']),
    ...about('connect', sends),
  }, [...placesOf(at, sends.kind, saying), ...query]]))]))
}

export const logPath = (path: string, kind: AnyKind, saying: Saying): Json =>
  pathItem([['get', {
    description: `read log of the specified ${kind.kind}`,
    tags: [groupTag(kind)],
    operationId: operationId('read', 'get', path, kind, 'log'),
    ...answering(text, saying, ['text/plain', ...mediaTypes]),
    ...about('get', kind),
  }, [...placesOf(path, kind.kind, saying), ...(saying.parameters[`${kind.plural}/log`] ?? []).map((parameter) => saying.make.query(parameter))]]])

/** The watches of old, which have a path of their own. */
export function watchPaths(root: string, kind: AnyKind, saying: Saying): Record<string, Json> {
  const collection = kind.namespaced ? `${root}/watch/namespaces/{namespace}/${kind.plural}` : `${root}/watch/${kind.plural}`
  const query = (saying.parameters['list'] ?? []).map((parameter) => saying.make.query(parameter))
  const watch = (path: string, action: string, description: string): [string, Json] => [path, pathItem([['get', {
    description,
    tags: [groupTag(kind)],
    operationId: operationId('watch', action, path, kind, ''),
    ...answering(refTo(`${meta}.WatchEvent`, saying.dialect), saying, [...mediaTypes, ...streamTypes]),
    ...about(action, kind),
  }, [...placesOf(path, kind.kind, saying), ...query]]])]
  const many = `watch individual changes to a list of ${kind.kind}. deprecated: use the 'watch' parameter with a list operation instead.`
  const one = `watch changes to an object of kind ${kind.kind}. deprecated: use the 'watch' parameter with a list operation instead, filtered to a single item with the 'fieldSelector' parameter.`
  const single = kind.verbs.includes('get') ? [watch(`${collection}/{name}`, 'watch', one)] : []
  return Object.fromEntries([...(kind.namespaced ? [watch(`${root}/watch/${kind.plural}`, 'watchlist', many)] : []), watch(collection, 'watchlist', many), ...single])
}

/** The documents that tell of groups and versions. Those of custom resources are in none. */
export function documentPaths(kinds: readonly AnyKind[], dialect: Dialect): ReadonlyMap<string, Json> {
  const versions = new Map(kinds.filter(({ custom }) => !custom).map((kind) => [kind.group ? `/apis/${kind.apiVersion}/` : `/api/${kind.version}/`, kind]))
  return new Map([...versions].map(([path, kind]) => [path, described(`get${idOf(groupTag(kind))}APIResources`, 'get available resources', groupTag(kind), 'APIResourceList', dialect)]))
}

const idOf = (tag: string): string => tag.split('_').map(capital).join('')

const described = (operationId: string, description: string, tag: string, type: string, dialect: Dialect): Json => ({
  get: { description, tags: [tag], operationId, ...answering(refTo(`${meta}.${type}`, dialect), { dialect }, mediaTypes, mediaTypes) },
})

/** The documents about what is not of one version, by where version 3 describes them. */
export function otherDocuments(kinds: readonly AnyKind[], dialect: Dialect): ReadonlyMap<string, Record<string, Json>> {
  const plain = (operationId: string, description: string, tag: string, schema: Json, produces: readonly string[], consumes?: readonly string[]): Json => {
    const { consumes: taken, ...rest } = answering(schema, { dialect }, produces, consumes)
    return { get: { description, tags: [tag], operationId, ...rest, ...(consumes && taken ? { consumes: taken } : {}) } }
  }
  const json = ['application/json']
  const version = plain('getCodeVersion', 'get the version information for this server', 'version', refTo('io.k8s.apimachinery.pkg.version.Info', dialect), json, json)
  const found = new Map<string, Record<string, Json>>([
    ['.well-known/openid-configuration', { '/.well-known/openid-configuration/': plain('getServiceAccountIssuerOpenIDConfiguration', "get service account issuer OpenID configuration, also known as the 'OIDC discovery doc'", 'WellKnown', text, json) }],
    ['api', { '/api/': described('getCoreAPIVersions', 'get available API versions', 'core', 'APIVersions', dialect) }],
    ['apis', { '/apis/': described('getAPIVersions', 'get available API versions', 'apis', 'APIGroupList', dialect) }],
    ['openid/v1/jwks', { '/openid/v1/jwks/': plain('getServiceAccountIssuerOpenIDKeyset', 'get service account issuer OpenID JSON Web Key Set (contains public token verification keys)', 'openid', text, ['application/jwk-set+json']) }],
    ['version', { '/version/': version }],
  ])
  for (const { group, custom } of kinds) {
    const tag = groupWord(group)
    if (group && !custom) found.set(`apis/${group}`, { [`/apis/${group}/`]: described(`get${idOf(tag)}APIGroup`, 'get information of a group', tag, 'APIGroup', dialect) })
  }
  return found
}
