import { expect, test } from 'vitest'
import { iptablesRedirector, planRestore, type RunIptables } from '../../src-main/proxy/iptables.ts'
import type { Redirect } from '../../src-main/proxy/rules.ts'

const empty = '*nat\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER\nCOMMIT\n'
const web: Redirect = {
  from: 'host', protocol: 'tcp', destination: { address: '10.96.0.5' }, port: 80, to: { address: '127.0.0.1', port: 4000 }, comment: 'shop/web:80/TCP',
}
const fromPods: Redirect = { ...web, from: 'pods', destination: 'this machine', port: 30080, to: { address: '172.18.0.1', port: 4001 } }
const rule = '-A WHEELHOUSE-c1-HOST -d 10.96.0.5/32 -p tcp -m tcp --dport 80 -m comment --comment "shop/web:80/TCP" -j DNAT --to-destination 127.0.0.1:4000'
const jump = '-m comment --comment "wheelhouse c1" -j WHEELHOUSE-c1-HOST'

test('fills an own chain and links it, in one transaction that leaves the rest alone', () => {
  expect(planRestore(empty, 'c1', { redirects: [web] })?.split('\n')).toEqual([
    '*nat', ':WHEELHOUSE-c1-HOST - [0:0]', rule, `-I OUTPUT 1 ${jump}`, 'COMMIT', '',
  ])
})

test('asks for nothing when everything is as wanted', () => {
  const saved = `*nat\n:WHEELHOUSE-c1-HOST - [0:0]\n-A OUTPUT ${jump}\n${rule}\nCOMMIT\n`
  expect(planRestore(saved, 'c1', { redirects: [web] })).toBeUndefined()
  expect(planRestore(empty, 'c1', { redirects: [] })).toBeUndefined()
  expect(planRestore(empty, 'c1', undefined)).toBeUndefined()
})

test('repairs what somebody else flushed', () => {
  const saved = `*nat\n:WHEELHOUSE-c1-HOST - [0:0]\n${rule}\nCOMMIT\n`
  expect(planRestore(saved, 'c1', { redirects: [web] })).toContain(`-I OUTPUT 1 ${jump}`)
})

test('removes what a crashed run left, and no other cluster\'s chains', () => {
  const saved = `*nat\n:WHEELHOUSE-c1-HOST - [0:0]\n:WHEELHOUSE-c2-HOST - [0:0]\n-A OUTPUT ${jump}\n-A OUTPUT ${jump.replaceAll('c1', 'c2')}\n${rule}\nCOMMIT\n`
  expect(planRestore(saved, 'c1', undefined)?.split('\n')).toEqual([
    '*nat', ':WHEELHOUSE-c1-HOST - [0:0]', `-D OUTPUT ${jump}`, '-X WHEELHOUSE-c1-HOST', 'COMMIT', '',
  ])
})

test('lets pods in by their own interface only, and follows it when it changes', () => {
  const first = planRestore(empty, 'c1', { redirects: [fromPods], podInterface: 'br-1' })
  expect(first).toContain('-A WHEELHOUSE-c1-PODS -p tcp -m tcp --dport 30080 -m addrtype --dst-type LOCAL -m comment')
  expect(first).toContain('-I PREROUTING 1 -i br-1 -m comment')
  expect(first).toContain('*filter\n:WHEELHOUSE-c1-IN - [0:0]\n-A WHEELHOUSE-c1-IN -m conntrack --ctstate DNAT -j ACCEPT\n-I INPUT 1 -i br-1 -m comment')
  const old = '-A PREROUTING -i br-1 -m comment --comment "wheelhouse c1" -j WHEELHOUSE-c1-PODS'
  const second = planRestore(`*nat\n:WHEELHOUSE-c1-PODS - [0:0]\n${old}\nCOMMIT\n`, 'c1', { redirects: [fromPods], podInterface: 'br-2' })
  expect(second).toContain(old.replace('-A', '-D'))
  expect(second).toContain('-I PREROUTING 1 -i br-2 -m comment')
  expect(planRestore(empty, 'c1', { redirects: [fromPods] })).toBeUndefined()
})

test('refuses what goes to a ClusterIP that is not redirected, so that it leaves by no other way', () => {
  const refuse = '-d 10.96.0.0/16 -j REJECT --reject-with icmp-port-unreachable'
  const table = { redirects: [], podInterface: 'br-1', serviceRanges: ['10.96.0.0/16'] }
  expect(planRestore(empty, 'c1', table)?.split('\n')).toEqual([
    '*filter', ':WHEELHOUSE-c1-OUT - [0:0]', ':WHEELHOUSE-c1-FWD - [0:0]',
    `-A WHEELHOUSE-c1-OUT ${refuse}`, '-I OUTPUT 1 -m comment --comment "wheelhouse c1" -j WHEELHOUSE-c1-OUT',
    `-A WHEELHOUSE-c1-FWD ${refuse}`, '-I FORWARD 1 -i br-1 -m comment --comment "wheelhouse c1" -j WHEELHOUSE-c1-FWD', 'COMMIT', '',
  ])
  expect(planRestore(empty, 'c1', { ...table, podInterface: undefined })).not.toContain('FORWARD')
})

test('says in a sentence why ClusterIPs do not work', async () => {
  const refuse: RunIptables = () => Promise.reject(new Error('Command failed\nyou must be root'))
  const missing: RunIptables = () => Promise.reject(Object.assign(new Error('spawn'), { code: 'ENOENT' }))
  expect(await iptablesRedirector('c1', refuse).canRedirect()).toEqual({
    ok: false, reason: "This process may not change iptables (you must be root), so ClusterIPs do not work; the proxy's own sockets and NodePorts do.",
  })
  expect(await iptablesRedirector('c1', missing).canRedirect()).toMatchObject({ reason: expect.stringContaining('iptables is not installed') })
})
