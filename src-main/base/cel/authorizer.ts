import { randomUUID } from 'node:crypto'
import { type Library, member } from './declarations.ts'
import { bool, string, struct, type Type } from './types.ts'
import { OpaqueValue } from './values.ts'

const named = (name: string): Type => struct(`kubernetes.authorization.${name}`)
/** The type of the variable `authorizer.requestResource`. */
export const resourceType = named('ResourceCheck')
const [pathType, groupType, decisionType] = [named('PathCheck'), named('GroupCheck'), named('Decision')]
/** The type of the variable `authorizer`. */
export const authorizerType = named('Authorizer')

/** What is asked: a path, or a resource. */
export type Question =
  | { readonly verb: string; readonly path: string }
  | { readonly verb: string; readonly group: string; readonly resource: string; readonly subresource: string; readonly namespace: string; readonly name: string; readonly fieldSelector: string; readonly labelSelector: string }

export interface Answer {
  readonly allowed: boolean
  readonly reason: string
  readonly error?: string
}

/** May they? Asked for who makes the request, or for a service account. */
export type Ask = (question: Question, serviceAccount?: { readonly namespace: string; readonly name: string }) => Answer

type ResourceQuestion = Omit<Extract<Question, { group: string }>, 'verb'>

/** One is the same as itself alone. */
abstract class Handle extends OpaqueValue {
  readonly key = randomUUID()
}

class PathCheck extends Handle {
  readonly type = pathType
  readonly ask: (question: Question) => Answer
  readonly path: string

  constructor(ask: PathCheck['ask'], path: string) {
    super()
    this.ask = ask
    this.path = path
  }
}

class GroupCheck extends Handle {
  readonly type = groupType
  readonly ask: PathCheck['ask']
  readonly group: string

  constructor(ask: PathCheck['ask'], group: string) {
    super()
    this.ask = ask
    this.group = group
  }
}

export class ResourceCheck extends Handle {
  readonly type = resourceType
  readonly ask: PathCheck['ask']
  readonly about: ResourceQuestion

  constructor(ask: PathCheck['ask'], about: Pick<ResourceQuestion, 'group' | 'resource'> & Partial<ResourceQuestion>) {
    super()
    this.ask = ask
    this.about = { subresource: '', namespace: '', name: '', fieldSelector: '', labelSelector: '', ...about }
  }

  with(more: Partial<ResourceQuestion>): ResourceCheck {
    return new ResourceCheck(this.ask, { ...this.about, ...more })
  }
}

class Decision extends Handle {
  readonly type = decisionType
  readonly answer: Answer

  constructor(answer: Answer) {
    super()
    this.answer = answer
  }
}

/** The variable `authorizer`. */
export class Authorizer extends Handle {
  readonly type = authorizerType
  readonly ask: Ask
  readonly requestResource: ResourceCheck

  constructor(ask: Ask, request: ConstructorParameters<typeof ResourceCheck>[1]) {
    super()
    this.ask = ask
    this.requestResource = new ResourceCheck(ask, request)
  }
}

const filled = (value: string, what: string): string => {
  if (value.trim() === '') throw new Error(`${what} must not be empty`)
  return value
}

const label = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/

function forAccount(authorizer: Authorizer, namespace: string, name: string): Authorizer {
  if (name.length > 253 || !subdomain.test(name)) throw new Error('Invalid service account name')
  if (!label.test(namespace)) throw new Error('Invalid service account namespace')
  return new Authorizer((question) => authorizer.ask(question, { namespace, name }), authorizer.requestResource.about)
}

const narrows = (name: 'subresource' | 'namespace' | 'name' | 'fieldSelector' | 'labelSelector') =>
  [member([resourceType, string], resourceType, (check: ResourceCheck, value: string) => check.with({ [name]: value }))]
const tells = <T>(result: Type, tell: (answer: Answer) => T) => [member([decisionType], result, ({ answer }: Decision) => tell(answer))]

/** Authz and its selectors of k8s.io/apiserver/pkg/cel/library. */
export const authorizerLibrary: Library = {
  functions: {
    path: [member([authorizerType, string], pathType, ({ ask }: Authorizer, path: string) => new PathCheck(ask, filled(path, 'path')))],
    group: [member([authorizerType, string], groupType, ({ ask }: Authorizer, group: string) => new GroupCheck(ask, group))],
    serviceAccount: [member([authorizerType, string, string], authorizerType, forAccount)],
    resource: [member([groupType, string], resourceType, ({ ask, group }: GroupCheck, resource: string) => new ResourceCheck(ask, { group, resource: filled(resource, 'resource') }))],
    subresource: narrows('subresource'),
    namespace: narrows('namespace'),
    name: narrows('name'),
    fieldSelector: narrows('fieldSelector'),
    labelSelector: narrows('labelSelector'),
    check: [
      member([pathType, string], decisionType, ({ ask, path }: PathCheck, verb: string) => new Decision(ask({ path, verb }))),
      member([resourceType, string], decisionType, ({ ask, about }: ResourceCheck, verb: string) => new Decision(ask({ ...about, verb }))),
    ],
    allowed: tells(bool, ({ allowed }) => allowed),
    reason: tells(string, ({ reason }) => reason),
    errored: tells(bool, ({ error }) => error !== undefined),
    error: tells(string, ({ error }) => error ?? ''),
  },
}
