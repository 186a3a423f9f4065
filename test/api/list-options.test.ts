import { describe, expect, it } from 'vitest'
import { served } from './served-fixture.ts'

const maps = '/api/v1/namespaces/default/configmaps'

describe('the options of a list and of a watch', () => {
  it.each([
    ['watch=1&resourceVersionMatch=NotOlderThan&sendInitialEvents=true&continue=x', ['resourceVersionMatch is forbidden when continue is provided']],
    ['watch=1&continue=x', ['resourceVersionMatch is forbidden when continue is provided']],
    ['watch=1&resourceVersionMatch=NotOlderThan', ['resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided']],
    ['sendInitialEvents=true&resourceVersionMatch=Exact', ['resourceVersionMatch is forbidden unless resourceVersion is provided', 'sendInitialEvents is forbidden for list']],
    ['sendInitialEvents=false&resourceVersionMatch=Exact&resourceVersion=0', ['resourceVersionMatch "exact" is forbidden for resourceVersion "0"', 'sendInitialEvents is forbidden for list']],
  ])('?%s is told all its mistakes', async (query, mistakes) => {
    const server = await served()
    const answer = await server.call(`${maps}?${query}`)
    expect(answer.code).toBe(422)
    const { details } = answer.json<{ details: { causes: Array<{ message: string }> } }>()
    expect(details.causes.map(({ message }) => message)).toEqual(mistakes.map((each) => `Forbidden: ${each}`))
  })

  it('may be said of a read that is no list', async () => {
    const server = await served()
    expect((await server.call(`${maps}/none?sendInitialEvents=true&resourceVersionMatch=Exact`)).code).toBe(404)
  })

  it.each(['watch=1&resourceVersion=abc', 'watch=1&resourceVersion=-1'])('?%s is a failure without a reason, as in Kubernetes', async (query) => {
    const server = await served()
    const version = query.split('=').at(-1)
    const answer = await server.call(`${maps}?${query}`)
    expect(answer.json()).toEqual({
      kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code: 500,
      message: `resourceVersion: Invalid value: "${version}": strconv.ParseUint: parsing "${version}": invalid syntax`,
    })
  })
})

describe('an error', () => {
  const isPretty = (text: string): boolean => text.startsWith('{\n  "kind": "Status",\n  "apiVersion": "v1",')

  it.each([
    ['', { 'User-Agent': 'curl/8.0' }, true], ['', { 'User-Agent': 'Mozilla/5.0 (X11)' }, true], ['', { 'User-Agent': 'kubectl/v1.36.4' }, false],
    ['?pretty=true', { 'User-Agent': 'kubectl/v1.36.4' }, true], ['?pretty=false', { 'User-Agent': 'curl/8.0' }, false], ['?pretty=x', { 'User-Agent': 'curl/8.0' }, false],
    ['', { Accept: 'application/json;pretty=1' }, true], ['', { Accept: 'text/html' }, true],
  ])('is indented for who reads it as text: %j with %j', async (query, headers, pretty) => {
    const server = await served()
    expect(isPretty((await server.call(`${maps}/none${query}`, { headers: headers as Record<string, string> })).text)).toBe(pretty)
  })
})
