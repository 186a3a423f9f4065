import type { EnvironmentPart } from './part.ts'

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

class PathCheck {
  readonly ask: (question: Question) => Answer
  readonly path: string

  constructor(ask: PathCheck['ask'], path: string) {
    this.ask = ask
    this.path = path
  }
}

class GroupCheck {
  readonly ask: PathCheck['ask']
  readonly group: string

  constructor(ask: PathCheck['ask'], group: string) {
    this.ask = ask
    this.group = group
  }
}

export class ResourceCheck {
  readonly ask: PathCheck['ask']
  readonly about: ResourceQuestion

  constructor(ask: PathCheck['ask'], about: Pick<ResourceQuestion, 'group' | 'resource'> & Partial<ResourceQuestion>) {
    this.ask = ask
    this.about = { subresource: '', namespace: '', name: '', fieldSelector: '', labelSelector: '', ...about }
  }

  with(more: Partial<ResourceQuestion>): ResourceCheck {
    return new ResourceCheck(this.ask, { ...this.about, ...more })
  }
}

class Decision {
  readonly answer: Answer

  constructor(answer: Answer) {
    this.answer = answer
  }
}

/** The variable `authorizer`. */
export class Authorizer {
  readonly ask: Ask
  readonly requestResource: ResourceCheck

  constructor(ask: Ask, request: ConstructorParameters<typeof ResourceCheck>[1]) {
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

const prefix = 'kubernetes.authorization'

/** Authz and its selectors of k8s.io/apiserver/pkg/cel/library. */
export const authorizerPart: EnvironmentPart = {
  types: {
    [`${prefix}.ResourceCheck`]: { ctor: ResourceCheck, fields: {} },
    [`${prefix}.PathCheck`]: { ctor: PathCheck, fields: {} },
    [`${prefix}.GroupCheck`]: { ctor: GroupCheck, fields: {} },
    [`${prefix}.Decision`]: { ctor: Decision, fields: {} },
    [`${prefix}.Authorizer`]: { ctor: Authorizer, fields: { requestResource: `${prefix}.ResourceCheck` } },
  },
  functions: {
    [`${prefix}.Authorizer.path(string): ${prefix}.PathCheck`]: ({ ask }: Authorizer, path: string) => new PathCheck(ask, filled(path, 'path')),
    [`${prefix}.Authorizer.group(string): ${prefix}.GroupCheck`]: ({ ask }: Authorizer, group: string) => new GroupCheck(ask, group),
    [`${prefix}.Authorizer.serviceAccount(string, string): ${prefix}.Authorizer`]: forAccount,
    [`${prefix}.GroupCheck.resource(string): ${prefix}.ResourceCheck`]: ({ ask, group }: GroupCheck, resource: string) => new ResourceCheck(ask, { group, resource: filled(resource, 'resource') }),
    [`${prefix}.ResourceCheck.subresource(string): ${prefix}.ResourceCheck`]: (check: ResourceCheck, subresource: string) => check.with({ subresource }),
    [`${prefix}.ResourceCheck.namespace(string): ${prefix}.ResourceCheck`]: (check: ResourceCheck, namespace: string) => check.with({ namespace }),
    [`${prefix}.ResourceCheck.name(string): ${prefix}.ResourceCheck`]: (check: ResourceCheck, name: string) => check.with({ name }),
    [`${prefix}.ResourceCheck.fieldSelector(string): ${prefix}.ResourceCheck`]: (check: ResourceCheck, fieldSelector: string) => check.with({ fieldSelector }),
    [`${prefix}.ResourceCheck.labelSelector(string): ${prefix}.ResourceCheck`]: (check: ResourceCheck, labelSelector: string) => check.with({ labelSelector }),
    [`${prefix}.PathCheck.check(string): ${prefix}.Decision`]: ({ ask, path }: PathCheck, verb: string) => new Decision(ask({ path, verb })),
    [`${prefix}.ResourceCheck.check(string): ${prefix}.Decision`]: ({ ask, about }: ResourceCheck, verb: string) => new Decision(ask({ ...about, verb })),
    [`${prefix}.Decision.allowed(): bool`]: ({ answer }: Decision) => answer.allowed,
    [`${prefix}.Decision.reason(): string`]: ({ answer }: Decision) => answer.reason,
    [`${prefix}.Decision.errored(): bool`]: ({ answer }: Decision) => answer.error !== undefined,
    [`${prefix}.Decision.error(): string`]: ({ answer }: Decision) => answer.error ?? '',
  },
}
