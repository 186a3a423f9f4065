import { describe, expect, it } from 'vitest'
import { parseRoute, type ResourceRoute } from '../../src-main/api/route.ts'
import { kinds as builtIn } from '../../src-main/kinds/index.ts'
import { Kinds } from '../../src-main/kinds/kinds.ts'
import { StatusError } from '../../src-main/kinds/status-error.ts'

const kinds = new Kinds(builtIn)
const route = (method: string, url: string) => parseRoute(method, url, kinds) as ResourceRoute

function codeOf(method: string, url: string): number {
  try {
    parseRoute(method, url, kinds)
    return 200
  } catch (error) {
    if (error instanceof StatusError) return error.code
    throw error
  }
}

describe('the route of a request', () => {
  it.each([
    ['GET', '/api/v1/namespaces/a/pods', 'list', 'Pod', 'a', undefined, undefined],
    ['GET', '/api/v1/pods?watch=true', 'watch', 'Pod', undefined, undefined, undefined],
    ['GET', '/api/v1/watch/namespaces/a/pods/p', 'watch', 'Pod', 'a', 'p', undefined],
    ['POST', '/apis/apps/v1/namespaces/a/deployments', 'create', 'Deployment', 'a', undefined, undefined],
    ['PUT', '/apis/apps/v1/namespaces/a/deployments/d/scale', 'update', 'Deployment', 'a', 'd', 'scale'],
    ['GET', '/api/v1/namespaces/a', 'get', 'Namespace', undefined, 'a', undefined],
    ['PUT', '/api/v1/namespaces/a/finalize', 'update', 'Namespace', undefined, 'a', 'finalize'],
    ['DELETE', '/api/v1/namespaces/a/pods', 'deletecollection', 'Pod', 'a', undefined, undefined],
    ['POST', '/api/v1/namespaces/a/pods/p/exec?command=sh', 'create', 'Pod', 'a', 'p', 'exec'],
    ['GET', '/api/v1/namespaces/a/configmaps/a%3Ab', 'get', 'ConfigMap', 'a', 'a:b', undefined],
  ])('%s %s is %s of %s', (method, url, verb, kind, namespace, name, subresource) => {
    const found = route(method, url)
    expect([found.verb, found.kind.kind, found.namespace, found.name, found.subresource]).toEqual([verb, kind, namespace, name, subresource])
  })

  it('leaves out what Go leaves out of a query, and nothing else', () => {
    const { query, options } = route('GET', '/api/v1/pods?limit=2&labelSelector=a%3Db&x=%zz&continue=1;2&b=%&c=1+2%20?&limit=3')
    expect([...query]).toEqual([['limit', '2'], ['labelSelector', 'a=b'], ['c', '1 2 ?'], ['limit', '3']])
    expect(options.limit).toBe(2)
    expect(route('GET', '/api/v1/pods?%67=1').query.get('g')).toBe('1')
  })

  it('keeps what stands behind a proxy as it was sent', () => {
    expect(route('GET', '/api/v1/namespaces/a/services/http:web:80/proxy/x%2fy/../z?q=1')).toMatchObject({ name: 'http:web:80', tail: '/x%2fy/../z' })
    expect(route('GET', '/api/v1/namespaces/a/services/web/proxy').tail).toBe('')
  })

  it.each([
    ['GET', '/api/v1/namespaces/a/pods/..%2f..%2fsecrets', 400],
    ['GET', '/api/v1/namespaces/%2e%2e/pods', 400],
    ['GET', '/api/v1/namespaces/a/pods/%252e', 400],
    ['GET', '/api/v1/namespaces/a/pods/%zz', 400],
    ['GET', '/api/v1/namespaces/a/pods/a%00b', 400],
    ['GET', '/api/v1/namespaces/a/pods/p/nothing', 404],
    ['GET', '/api/v1/namespaces/a/pods/p/log/more', 404],
    ['GET', '/api/v1/namespaces/a/bindings', 405],
    ['GET', '/api/v1/namespaces/a/bindings/b', 404],
    ['POST', '/api/v1/bindings', 404],
    ['DELETE', '/apis/authentication.k8s.io/v1/tokenreviews/t', 404],
    ['GET', '/api/v1/namespaces/a/nodes', 404],
    ['GET', '/api/v1/pods/p', 404],
    ['GET', '/api/v1/constructor', 404],
    ['PATCH', '/api/v1/namespaces/a/pods', 405],
    ['POST', '/api/v1/pods', 405],
    ['DELETE', '/api/v1/pods', 405],
    ['POST', '/api/v1/namespaces/a/pods/p/log', 405],
    ['GET', '/api/v1/pods?limit=many', 400],
    ['GET', '/api/v1/pods?labelSelector=a%3D%3D%3Db', 400],
    ['POST', '/api/v1/namespaces?dryRun=Some', 422],
    ['POST', '/api/v1/namespaces?fieldValidation=Maybe', 422],
    ['DELETE', '/api/v1/namespaces/a?dryRun=Later', 422],
    ['GET', '/api/v1/pods?watch=1&sendInitialEvents=true', 422],
  ])('refuses %s %s with %i', (method, url, code) => {
    expect(codeOf(method, url)).toBe(code)
  })

  it('reads a flag as Kubernetes does: everything but false and 0 is true', () => {
    expect(['watch', 'watch=', 'watch=yes', 'watch=0', 'watch=False'].map((q) => route('GET', `/api/v1/pods?${q}`).verb)).toEqual(['watch', 'watch', 'watch', 'list', 'list'])
  })
})
