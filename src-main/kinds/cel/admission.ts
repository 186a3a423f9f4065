import type { Environment } from '@marcbachmann/cel-js'
import { kubernetesCel } from '../../base/cel/library.ts'
import { BadExpression, compile, type Program } from '../../base/cel/program.ts'
import { celName } from '../../base/cel/errors.ts'
import { formatPart } from './formats.ts'

export { JsonPatchOperation, PatchObject } from '../../base/cel/patches.ts'
export { toJson } from '../../base/cel/values.ts'
export { declareType } from './schema-types.ts'

/** The environment that rules of every sort begin with; callers declare their variables on a clone. */
export const baseEnvironment: Environment = kubernetesCel([formatPart])

const groupVersionKind = { group: 'string', version: 'string', kind: 'string' }
const groupVersionResource = { group: 'string', version: 'string', resource: 'string' }

/** What `request` and `namespaceObject` are made of: BuildRequestType and BuildNamespaceType of k8s.io/apiserver. */
const types: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'kubernetes.GroupVersionKind': groupVersionKind,
  'kubernetes.GroupVersionResource': groupVersionResource,
  'kubernetes.UserInfo': { username: 'string', uid: 'string', groups: 'list<string>', extra: 'map<string, list<string>>' },
  'kubernetes.AdmissionRequest': {
    kind: 'kubernetes.GroupVersionKind', resource: 'kubernetes.GroupVersionResource', subResource: 'string',
    requestKind: 'kubernetes.GroupVersionKind', requestResource: 'kubernetes.GroupVersionResource', requestSubResource: 'string',
    name: 'string', namespace: 'string', operation: 'string', userInfo: 'kubernetes.UserInfo', dryRun: 'bool', options: 'dyn',
  },
  'kubernetes.NamespaceSpec': { finalizers: 'list<string>' },
  'kubernetes.NamespaceStatus': { conditions: 'list<dyn>', phase: 'string' },
  'kubernetes.NamespaceMetadata': {
    name: 'string', generateName: 'string', namespace: 'string', labels: 'map<string, string>', annotations: 'map<string, string>', UID: 'string',
    creationTimestamp: 'google.protobuf.Timestamp', deletionGracePeriodSeconds: 'int', deletionTimestamp: 'google.protobuf.Timestamp',
    generation: 'int', resourceVersion: 'string', finalizers: 'list<string>',
  },
  'kubernetes.Namespace': { metadata: 'kubernetes.NamespaceMetadata', spec: 'kubernetes.NamespaceSpec', status: 'kubernetes.NamespaceStatus' },
}

const admissionBase = baseEnvironment.clone()
for (const [name, fields] of Object.entries(types)) admissionBase.registerType(name, { fields })
admissionBase.registerOperator('kubernetes.Namespace == null', (namespace: unknown) => namespace === null)

/** Values under names, each found out when it is first asked for. */
export class LazyValues extends Map<string, unknown> {
  readonly #find: (name: string) => unknown

  constructor(find: (name: string) => unknown) {
    super()
    this.#find = find
  }

  override get(name: string): unknown {
    if (!super.has(name)) super.set(name, this.#find(name))
    return super.get(name)
  }
}

/** The variables of a policy, in order: a later one may use those before. */
export interface Variables {
  /** Makes `variables`. */
  readonly Values: typeof LazyValues
  readonly types: Readonly<Record<string, string>>
}

export const noVariables = (): Variables => ({ Values: class extends LazyValues {}, types: {} })

export interface Declared {
  /** Whether there are parameters, and what they are made of; anything unless said. */
  readonly params?: boolean | ((env: Environment) => string)
  readonly authorizer?: boolean
  readonly variables?: Variables
  /** What the objects are made of; anything unless said. */
  readonly object?: (env: Environment) => string
  /** A namespace is always there; else `namespaceObject` may be null, and is not looked into before the run. */
  readonly checked?: boolean
}

/** What the expressions of a policy or of a match condition may use. */
export function admissionEnvironment({ params = false, authorizer = false, variables, object, checked = false }: Declared): Environment {
  const env = admissionBase.clone()
  const objectType = object?.(env) ?? 'dyn'
  env.registerVariable('object', objectType).registerVariable('oldObject', objectType)
  env.registerVariable('request', 'kubernetes.AdmissionRequest').registerVariable('namespaceObject', checked ? 'kubernetes.Namespace' : 'dyn')
  if (params) env.registerVariable('params', params === true ? 'dyn' : params(env))
  if (authorizer) env.registerVariable('authorizer', 'kubernetes.authorization.Authorizer')
  if (variables && Object.keys(variables.types).length > 0) {
    env.registerType('kubernetes.variables', { ctor: variables.Values, fields: { ...variables.types } })
    env.registerVariable('variables', 'kubernetes.variables')
  }
  return env
}

/** The type of a variable made by an expression, for those that come after. */
export const fieldType = (type: string): string => (type.startsWith('dyn') || /\b[A-Z]\b/.test(type) ? 'dyn' : type)

/** What an expression must make; any of them. Absent: whatever it likes. */
export type Wanted = readonly string[] | undefined

/**
 * An expression that makes what is wanted of it.
 *
 * @throws BadExpression with what Kubernetes says about it, whole
 */
export function compileWanted(env: Environment, expression: string, wanted: Wanted, patchTypes = false): Program {
  const program = compiled(env, expression, patchTypes)
  if (!wanted || fits(program, wanted)) return program
  const names = wanted.map(typeName)
  const got = typeName(program.type)
  throw new BadExpression(names.length === 1 ? `must evaluate to ${names[0]} but got ${got}` : `must evaluate to one of [${names.join(' ')}] but got ${got}`)
}

function compiled(env: Environment, expression: string, patchTypes: boolean): Program {
  try {
    return compile(env, expression, { patchTypes })
  } catch (error) {
    throw error instanceof BadExpression ? new BadExpression(`compilation failed: ${error.message}`, error.isSure) : error
  }
}

/** Where the library knows less of a type than cel-go would, only what is surely anything is not taken. */
function fits({ type, tree }: Program, wanted: readonly string[]): boolean {
  if (wanted.includes(type)) return true
  if (type === 'list' || /^list<(dyn|T)>$/.test(type)) return wanted.some((each) => each.startsWith('list'))
  return type.startsWith('dyn') && !['id', '.', '[]'].includes(tree.op ?? '')
}

const typeName = (type: string): string => (type === 'null' ? 'null_type' : type === 'list' || type === 'map' ? `${type}(${type === 'map' ? 'dyn, ' : ''}dyn)` : celName(type))
