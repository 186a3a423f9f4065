import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { ImpersonationMetrics } from '../../src-main/api/auth/impersonation-metrics.ts'
import { Impersonation } from '../../src-main/api/auth/impersonation.ts'
import type { Attributes, Authorize } from '../../src-main/api/authz.ts'
import { exposition } from '../../src-main/api/exposition.ts'
import type { User } from '../../src-main/api/verbs.ts'
import { StatusError } from '../../src-main/kinds/status-error.ts'

const ann: User = { name: 'ann', groups: ['team'] }
const listPods: Attributes = { verb: 'list', group: '', version: 'v1', resource: 'pods', namespace: 'dev' }

const textOf = (attributes: Attributes): string => {
  if ('path' in attributes) return `${attributes.verb} ${attributes.path}`
  const { verb, group, resource, subresource, namespace, name } = attributes
  return `${verb} ${group}/${resource}${subresource ? `/${subresource}` : ''}${namespace ? ` in ${namespace}` : ''}${name ? ` ${name}` : ''}`
}

/** Allows what is listed; notes what was asked. */
function judge(...allowed: string[]): Authorize & { readonly asked: string[] } {
  const asked: string[] = []
  const authorize: Authorize = (_user, attributes) => {
    asked.push(textOf(attributes))
    return { allowed: allowed.includes(textOf(attributes)), reason: '' }
  }
  return Object.assign(authorize, { asked })
}

const request = (headers: Record<string, string[]>): IncomingMessage => {
  const named = Object.fromEntries(Object.entries(headers).map(([name, values]) => [`impersonate-${name}`, values]))
  return { headers: named, headersDistinct: named } as unknown as IncomingMessage
}

const act = (authorize: Authorize, headers: Record<string, string[]>, user = ann, asked: Attributes = listPods) => new Impersonation(authorize).of(request(headers), user, () => asked)

function refusal(...args: Parameters<typeof act>): { code?: number | undefined; message: string } {
  try {
    act(...args)
  } catch (error) {
    if (error instanceof StatusError) return { code: error.status.code, message: error.message }
    throw error
  }
  throw new Error('it was allowed')
}

describe('impersonation', () => {
  it('is counted by the mode that let somebody, with every question that was asked in it', () => {
    const metrics = new ImpersonationMetrics()
    const authorize = judge('impersonate-on:user-info:list /pods in dev', 'impersonate:user-info authentication.k8s.io/users bob', 'impersonate /users carol')
    const impersonation = new Impersonation(authorize, metrics)
    for (const name of ['bob', 'carol']) impersonation.of(request({ user: [name] }), ann, () => listPods)
    expect(() => impersonation.of(request({ user: ['dave'] }), ann, () => listPods)).toThrow('cannot impersonate')
    expect(impersonation.of(request({}), ann, () => listPods)).toBeUndefined()
    const counted = exposition(metrics.families()).match(/^apiserver_impersonation_(authorization_)?attempts_total.*$/gm)
    expect(counted).toEqual([
      'apiserver_impersonation_attempts_total{mode="user-info",decision="allowed"} 1',
      'apiserver_impersonation_attempts_total{mode="legacy",decision="allowed"} 1',
      'apiserver_impersonation_attempts_total{mode="",decision="denied"} 1',
      'apiserver_impersonation_authorization_attempts_total{mode="user-info",decision="allowed"} 4',
      'apiserver_impersonation_authorization_attempts_total{mode="user-info",decision="denied"} 2',
      'apiserver_impersonation_authorization_attempts_total{mode="legacy",decision="allowed"} 1',
      'apiserver_impersonation_authorization_attempts_total{mode="legacy",decision="denied"} 1',
    ])
  })
})

describe('impersonation as it always was', () => {
  it('makes somebody another user when each part is allowed', () => {
    const all = judge('impersonate /users bob', 'impersonate /groups a,b', 'impersonate /groups c', 'impersonate authentication.k8s.io/userextras/example.com/x 1', 'impersonate authentication.k8s.io/uids 7')
    const made = act(all, { 'user': ['bob'], 'group': ['a,b', 'c'], 'uid': ['7'], 'extra-example.com%2fx': ['1'] })
    expect(made).toEqual({ user: { name: 'bob', uid: '7', groups: ['a,b', 'c', 'system:authenticated'], extra: { 'example.com/x': ['1'] } } })
    expect(act(all, {})).toBeUndefined()
  })

  it.each([
    ['system:serviceaccount:dev:robot', [], 'impersonate /serviceaccounts in dev robot', ['system:serviceaccounts', 'system:serviceaccounts:dev', 'system:authenticated']],
    ['system:serviceaccount:dev:robot', ['x'], 'impersonate /serviceaccounts in dev robot', ['x', 'system:authenticated']],
    ['system:serviceaccount:Dev:robot', [], 'impersonate /users system:serviceaccount:Dev:robot', ['system:authenticated']],
    ['system:anonymous', [], 'impersonate /users system:anonymous', ['system:unauthenticated']],
    ['system:anonymous', ['system:authenticated'], 'impersonate /users system:anonymous', ['system:authenticated', 'system:unauthenticated']],
    ['bob', ['system:unauthenticated'], 'impersonate /users bob', ['system:unauthenticated']],
    ['system:node:one', [], 'impersonate /users system:node:one', ['system:authenticated']],
  ])('gives %s with %j the groups that follow', (name, groups, allowed, expected) => {
    expect(act(judge(allowed, ...groups.map((group) => `impersonate /groups ${group}`)), { user: [name], group: groups })?.user.groups).toEqual(expected)
  })

  it('is a bad request without a user', () => {
    expect(refusal(judge(), { 'group': ['a'], 'uid': ['u'], 'extra-x': ['1', '2'] })).toEqual({
      code: 400, message: 'requested &user.DefaultInfo{Name:"", UID:"u", Groups:[]string{"a"}, Extra:map[string][]string{"x":[]string{"1", "2"}}} without impersonating a user name',
    })
    expect(refusal(judge(), { group: ['a'] }).message).toContain('UID:"", Groups:[]string{"a"}, Extra:map[string][]string(nil)}')
  })
})

describe('impersonation within bounds', () => {
  it('lets somebody do one thing as one user, in a mode that is told', () => {
    const some = judge('impersonate-on:user-info:list /pods in dev', 'impersonate:user-info authentication.k8s.io/users bob', 'impersonate:user-info authentication.k8s.io/groups team')
    expect(act(some, { user: ['bob'], group: ['team'] })).toEqual({ user: { name: 'bob', groups: ['team', 'system:authenticated'] }, constraint: 'impersonate:user-info' })
    expect(refusal(some, { user: ['bob'] }, ann, { ...listPods, verb: 'delete' })).toEqual({
      code: 403, message: 'pods is forbidden: User "ann" cannot impersonate-on:user-info:delete resource "pods" in API group "" in the namespace "dev"',
    })
    expect(refusal(some, { user: ['eve'] }).message).toBe('users.authentication.k8s.io "eve" is forbidden: User "ann" cannot impersonate:user-info resource "users" in API group "authentication.k8s.io" at the cluster scope')
    expect(refusal(judge(), { user: ['bob'] }, ann, { verb: 'get', path: '/metrics' }).message).toBe('forbidden: User "ann" cannot impersonate-on:user-info:get path "/metrics"')
  })

  it('knows nodes and service accounts, whose groups are their own', () => {
    const node = judge('impersonate-on:arbitrary-node:list /pods in dev', 'impersonate:arbitrary-node authentication.k8s.io/nodes one')
    expect(act(node, { user: ['system:node:one'] })).toEqual({ user: { name: 'system:node:one', groups: ['system:nodes', 'system:authenticated'] }, constraint: 'impersonate:arbitrary-node' })
    const account = judge('impersonate-on:serviceaccount:list /pods in dev', 'impersonate:serviceaccount authentication.k8s.io/serviceaccounts in dev robot')
    expect(act(account, { user: ['system:serviceaccount:dev:robot'] })).toEqual({
      user: { name: 'system:serviceaccount:dev:robot', groups: ['system:serviceaccounts', 'system:serviceaccounts:dev', 'system:authenticated'] }, constraint: 'impersonate:serviceaccount',
    })
    // with anything besides the name it is the old way alone
    expect(refusal(account, { user: ['system:serviceaccount:dev:robot'], group: ['x'] }).message).toContain('cannot impersonate resource "serviceaccounts"')
  })

  it('lets a service account be the node that its pod runs on, whichever that is', () => {
    const robot: User = { name: 'system:serviceaccount:dev:robot', groups: [], extra: { 'authentication.kubernetes.io/node-name': ['one'], 'a': ['b'] } }
    const seen: User[] = []
    const allowed = judge('impersonate-on:associated-node:list /pods in dev', 'impersonate:associated-node authentication.k8s.io/nodes *')
    const authorize: Authorize = (user, attributes) => {
      seen.push(user)
      return allowed(user, attributes)
    }
    expect(act(authorize, { user: ['system:node:one'] }, robot)).toEqual({ user: { name: 'system:node:one', groups: ['system:nodes', 'system:authenticated'] }, constraint: 'impersonate:associated-node' })
    expect(seen.map(({ extra }) => extra)).toEqual([1, 2].map(() => ({ 'authentication.kubernetes.io/associated-node-keys': ['a', 'authentication.kubernetes.io/node-name'] })))
    expect(refusal(authorize, { user: ['system:node:two'] }, robot).message).toContain('cannot impersonate-on:arbitrary-node:list')
    expect(refusal(authorize, { user: ['system:node:one'] }).message).toContain('cannot impersonate-on:arbitrary-node:list')
  })

  it('asks about many groups or extras at once first', () => {
    const groups = ['a', 'b', 'c', 'd']
    const base = ['impersonate-on:user-info:list /pods in dev', 'impersonate:user-info authentication.k8s.io/users bob']
    expect(act(judge(...base, 'impersonate:user-info authentication.k8s.io/groups *'), { user: ['bob'], group: groups })?.user.groups).toEqual([...groups, 'system:authenticated'])
    const each = judge(...base, ...groups.map((group) => `impersonate:user-info authentication.k8s.io/groups ${group}`))
    expect(act(each, { user: ['bob'], group: groups })?.constraint).toBe('impersonate:user-info')
    expect(each.asked).toContain('impersonate:user-info authentication.k8s.io/groups *')
    expect(act(judge(...base, 'impersonate:user-info authentication.k8s.io/userextras/* *'), { 'user': ['bob'], 'extra-x.y%2fz': ['1', '2', '3', '4'] })?.constraint).toBe('impersonate:user-info')
  })

  it.each([
    [{ group: [''] }, 'groups.authentication.k8s.io is forbidden: ', 'impersonating the empty string group is not allowed'],
    [{ group: ['system:masters'] }, 'groups.authentication.k8s.io "system:masters" is forbidden: ', 'impersonating the system:masters group is not allowed'],
    [{ 'extra-scopes': ['x'] }, 'userextras.authentication.k8s.io is forbidden: ', 'impersonating an invalid key in extra is not allowed: extra.key: Invalid value: "scopes": must be a domain-prefixed path (such as "acme.io/foo")'],
    [{ 'extra-__proto__': ['x'] }, 'userextras.authentication.k8s.io is forbidden: ', 'extra.key: Invalid value: "__proto__"'],
    [{ 'extra-a.b%2fc': [''] }, 'userextras.authentication.k8s.io is forbidden: ', 'impersonating the empty string value in extra is not allowed'],
  ])('does not allow what was not looked at before: %j', (headers: Record<string, string[]>, head, reason) => {
    const all: Authorize = (_user, attributes) => ({ allowed: attributes.verb.includes(':'), reason: '' })
    const { message } = refusal(all, { user: ['bob'], ...headers })
    expect(message).toContain(head)
    expect(message).toContain(reason)
  })

  it('goes on in the mode that was right last', () => {
    const authorize = judge('impersonate /users bob')
    const impersonation = new Impersonation(authorize)
    const once = (name: string) => impersonation.of(request({ user: [name] }), ann, () => listPods)
    expect(once('bob')?.constraint).toBeUndefined()
    authorize.asked.length = 0
    expect(once('bob')?.user.name).toBe('bob')
    expect(authorize.asked).toEqual(['impersonate /users bob'])
    expect(() => once('eve')).toThrow('users "eve" is forbidden: User "ann" cannot impersonate resource "users" in API group "" at the cluster scope')
  })
})
