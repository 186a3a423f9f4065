import { authorizerType, resourceType } from '../../base/cel/authorizer.ts'
import type { Environment } from '../../base/cel/declarations.ts'
import { kubernetesCel } from '../../base/cel/library.ts'
import { patchLibrary, patchMessage } from '../../base/cel/patches.ts'
import { BadExpression, compile, type Program } from '../../base/cel/program.ts'
import { bool, dyn, int, list, map, string, struct, timestamp, type Type, typeName } from '../../base/cel/types.ts'
import { LazyMap } from '../../base/cel/values.ts'
import type { Steps } from '../../base/turns.ts'
import { formatLibrary } from './formats.ts'

export { JsonPatchOperation, PatchObject } from '../../base/cel/patches.ts'
export { goToJson, objectToGo } from '../../base/cel/go-values.ts'
export { toJson } from '../../base/cel/json.ts'
export { declareType } from './schema-types.ts'

/** The environment that rules of every sort begin with. */
export const baseEnvironment: Environment = kubernetesCel([formatLibrary])

const object = (name: string, fields: Readonly<Record<string, Type>>): Type => struct(`kubernetes.${name}`, (field) => (Object.hasOwn(fields, field) ? fields[field] : undefined))

/** What `request` and `namespaceObject` are made of: BuildRequestType and BuildNamespaceType of k8s.io/apiserver. */
const groupVersionKind = object('GroupVersionKind', { group: string, version: string, kind: string })
const groupVersionResource = object('GroupVersionResource', { group: string, version: string, resource: string })
const userInfo = object('UserInfo', { username: string, uid: string, groups: list(string), extra: map(string, list(string)) })
const requestType = object('AdmissionRequest', {
  kind: groupVersionKind, resource: groupVersionResource, subResource: string, requestKind: groupVersionKind, requestResource: groupVersionResource,
  requestSubResource: string, name: string, namespace: string, operation: string, userInfo, dryRun: bool, options: dyn,
})
const namespaceType = object('Namespace', {
  metadata: object('NamespaceMetadata', {
    name: string, generateName: string, namespace: string, labels: map(string, string), annotations: map(string, string), UID: string,
    creationTimestamp: timestamp, deletionGracePeriodSeconds: int, deletionTimestamp: timestamp, generation: int, resourceVersion: string, finalizers: list(string),
  }),
  spec: object('NamespaceSpec', { finalizers: list(string) }),
  status: object('NamespaceStatus', { conditions: list(dyn), phase: string }),
})

/** Values under names, each found out when it is first asked for. */
class LazyValues extends LazyMap {
  readonly #find: (name: string) => unknown
  readonly #found = new Map<string, unknown>()

  constructor(find: (name: string) => unknown) {
    super()
    this.#find = find
  }

  get size(): number {
    return this.#found.size
  }

  get(key: unknown): unknown {
    if (typeof key !== 'string') return undefined
    if (!this.#found.has(key)) this.#found.set(key, this.#find(key))
    return this.#found.get(key)
  }

  keys(): Iterable<unknown> {
    return this.#found.keys()
  }
}

export interface Declared {
  /** Whether there are parameters, and what they are made of; anything unless said. */
  readonly params?: boolean | Type
  readonly authorizer?: boolean
  /** What the objects are made of; anything unless said. */
  readonly object?: Type
}

/** What the expressions of a policy or of a match condition may use besides variables. */
export function admissionEnvironment({ params = false, authorizer = false, object: objectType = dyn }: Declared): Environment {
  return baseEnvironment.with({
    object: objectType, oldObject: objectType, request: requestType, namespaceObject: namespaceType,
    ...(params ? { params: params === true ? dyn : params } : {}),
    ...(authorizer ? { 'authorizer': authorizerType, 'authorizer.requestResource': resourceType } : {}),
  })
}

/** Whether an expression may ask `authorizer`. */
export interface Asking {
  readonly authorizer: boolean
}

/** What the expressions of one policy share: its variables in order, of which a later one may use those before. */
export class Scope {
  readonly #declared: Declared
  readonly #always: boolean
  readonly #types = new Map<string, Type>()
  readonly #environments = new Map<boolean, Environment>()

  /** `always`: there is `variables` even when nothing is in it. */
  constructor(declared: Declared, { always = false }: { readonly always?: boolean } = {}) {
    this.#declared = declared
    this.#always = always
  }

  /** `type`: what the expression of a variable makes; absent where it is none. */
  declare(name: string, type: Type | undefined): void {
    this.#types.set(name, type ?? dyn)
  }

  /** For the expressions that come next. */
  for({ authorizer }: Asking): Environment {
    let env = this.#environments.get(authorizer)
    if (!env) this.#environments.set(authorizer, (env = admissionEnvironment({ ...this.#declared, authorizer })))
    if (this.#types.size === 0 && !this.#always) return env
    return env.with({ variables: struct('kubernetes.variables', (name) => this.#types.get(name)) })
  }

  /** `variables` of one run. */
  values(find: (name: string) => unknown): LazyMap {
    return new LazyValues(find)
  }
}

/** What an expression must make; any of them, as CEL writes types. Absent: whatever it likes. */
export type Wanted = readonly string[] | undefined

/**
 * An expression that makes what is wanted of it.
 *
 * @throws BadExpression with what Kubernetes says about it, whole
 */
export function* compileWanted(env: Environment, expression: string, wanted: Wanted, patchTypes = false): Steps<Program> {
  const program = yield* compiled(patchTypes ? env.with({}, patchMessage, [patchLibrary]) : env, expression)
  const got = typeName(program.type)
  if (!wanted || wanted.includes(got)) return program
  throw new BadExpression(wanted.length === 1 ? `must evaluate to ${wanted[0]} but got ${got}` : `must evaluate to one of [${wanted.join(' ')}] but got ${got}`)
}

function* compiled(env: Environment, expression: string): Steps<Program> {
  try {
    return yield* compile(env, expression)
  } catch (error) {
    if (!(error instanceof BadExpression)) throw error
    throw new BadExpression(`${error.stage === 'compilation' ? 'compilation' : 'program instantiation'} failed: ${error.message}`, error.stage)
  }
}
