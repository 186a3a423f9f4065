import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { expect, onTestFinished, test, vi } from 'vitest'
import { iptablesRedirector } from '../../src-main/proxy/iptables.ts'
import { describeWith } from '../parts.ts'
import { ask, closedPort, fetchMany, fetchText, httpServer, startTestProxy, udpEcho } from './parts.ts'

const deadline = { timeout: 10_000, interval: 20 }
const allRules = () => execFileSync('iptables-save', [], { encoding: 'utf8' })

/** Addresses of documentation (RFC 5737), so that no cluster on this machine is in the way. */
const clusterIP = '198.51.100.77'
const spec = { clusterIP, ports: [{ name: 'http', port: 80, protocol: 'TCP' as const }] }

async function start(more: { listenHost?: string; serviceRange?: string } = {}) {
  const cluster = randomBytes(3).toString('hex')
  const redirector = iptablesRedirector(cluster)
  onTestFinished(() => redirector.clear())
  const started = await startTestProxy({ redirector, ...more })
  return { ...started, cluster, rules: () => allRules().split('\n').filter((line) => line.includes(cluster)) }
}

/** A network of its own, as a container's: a namespace at the other end of a pair of cables. */
function podNetwork() {
  const name = `wh${randomBytes(2).toString('hex')}`
  const ip = (...args: string[]) => execFileSync('ip', args)
  onTestFinished(() => {
    execFileSync('ip', ['netns', 'del', name])
  })
  ip('netns', 'add', name)
  ip('link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name)
  ip('addr', 'add', '203.0.113.1/24', 'dev', name)
  ip('link', 'set', name, 'up')
  ip('-n', name, 'addr', 'add', '203.0.113.2/24', 'dev', 'eth0')
  ip('-n', name, 'link', 'set', 'eth0', 'up')
  ip('-n', name, 'link', 'set', 'lo', 'up')
  ip('-n', name, 'route', 'add', 'default', 'via', '203.0.113.1')
  const script = `require('http').get(process.argv[1], { agent: false, timeout: 5000 }, (r) => r.setEncoding('utf8').pipe(process.stdout)).on('error', (e) => { process.stdout.write(e.code) })`
  return {
    gateway: '203.0.113.1',
    interface: name,
    /** As the test's own servers run in this process, the request must not block it. */
    fetch: async (address: string) => {
      const { execFile } = await import('node:child_process')
      const { promisify } = await import('node:util')
      const args = ['netns', 'exec', name, process.execPath, '-e', script, `http://${address}/`]
      return (await promisify(execFile)('ip', args)).stdout
    },
  }
}

describeWith(['iptables'], 'ClusterIPs by iptables', () => {
  test('reach the endpoints in turn from this machine', async () => {
    const { serve, port, rules } = await start()
    await serve(spec, await Promise.all(['a', 'b', 'c'].map(httpServer)))
    await vi.waitFor(() => expect(rules().join()).toContain('--dport 80'), deadline)
    expect(await fetchMany(`${clusterIP}:80`, 9)).toEqual({ a: 3, b: 3, c: 3 })
    expect((await port())!.endpoints.map((e) => e.connections)).toEqual([3, 3, 3])
    expect((await port())!.access).toEqual([{ type: 'ClusterIP', address: `${clusterIP}:80`, available: true }])
  })

  test('forward datagrams', async () => {
    const { serve, rules } = await start()
    await serve({ clusterIP, ports: [{ port: 5300, protocol: 'UDP' }] }, [await udpEcho('echo:')])
    await vi.waitFor(() => expect(rules().join()).toContain('--dport 5300'), deadline)
    expect(await ask(`${clusterIP}:5300`, ['1', '2'])).toEqual(['echo:1', 'echo:2'])
  })

  test('and NodePorts reach them from a container\'s network, which sees no other door', async () => {
    const pods = podNetwork()
    const { serve, rules, port } = await start({ listenHost: pods.gateway })
    const nodePort = await closedPort()
    await serve({ ...spec, ports: [{ ...spec.ports[0]!, nodePort }] }, [await httpServer('hello')])
    await vi.waitFor(() => expect(rules().some((line) => line.startsWith(`-A PREROUTING -i ${pods.interface} `))).toBe(true), deadline)
    expect(await pods.fetch(`${clusterIP}:80`)).toBe('hello')
    expect(await pods.fetch(`${pods.gateway}:${nodePort}`)).toBe('hello')
    const [own] = execFileSync('hostname', ['-I'], { encoding: 'utf8' }).split(' ')
    if (own && own !== pods.gateway) expect(await pods.fetch(`${own}:${nodePort}`)).toBe('hello')
    expect(await fetchText(`${clusterIP}:80`)).toBe('hello')
    expect(await fetchText(`127.0.0.1:${nodePort}`)).toBe('hello')
    const loopback = (await port())!.listen.split(':')[1]
    expect(await pods.fetch(`${pods.gateway}:${loopback}`)).toBe('ECONNREFUSED')
  })

  test('reach them from a container also behind a firewall that lets nothing in', async () => {
    const pods = podNetwork()
    const drop = ['INPUT', '-i', pods.interface, '-j', 'DROP']
    execFileSync('iptables', ['-w', '-A', ...drop])
    onTestFinished(() => {
      execFileSync('iptables', ['-w', '-D', ...drop])
    })
    const { serve, rules } = await start({ listenHost: pods.gateway })
    const backend = await httpServer('hello')
    await serve(spec, [backend])
    await vi.waitFor(() => expect(rules().join()).toContain('--ctstate DNAT'), deadline)
    expect(await pods.fetch(`${clusterIP}:80`)).toBe('hello')
  })

  test('are refused at once as long as no Service has them, here and in a container\'s network', async () => {
    const pods = podNetwork()
    const { rules } = await start({ listenHost: pods.gateway, serviceRange: '198.51.100.0/24' })
    await vi.waitFor(() => expect(rules().join()).toContain('REJECT'), deadline)
    expect(await fetchText(`${clusterIP}:80`).catch((error: NodeJS.ErrnoException) => error.code)).toBe('ECONNREFUSED')
    expect(await pods.fetch(`${clusterIP}:80`)).toBe('ECONNREFUSED')
  })

  test('leave no rule behind, neither at the stop nor after a crash', async () => {
    const { serve, rules, proxy, cluster } = await start()
    await serve(spec, [await httpServer('x')])
    await vi.waitFor(() => expect(rules()).toHaveLength(3), deadline)
    await proxy.stop()
    expect(rules()).toEqual([])

    // a crash: rules that nobody removed, found by the next start of the same cluster
    const redirect = { from: 'host', protocol: 'tcp', destination: { address: clusterIP }, port: 81, to: { address: '127.0.0.1', port: 9 }, comment: 'stale' } as const
    await iptablesRedirector(cluster).apply({ redirects: [redirect] })
    expect(rules().join()).toContain('stale')
    const next = await startTestProxy({ redirector: iptablesRedirector(cluster) })
    expect(rules()).toEqual([])
    await next.proxy.stop()
  })
})
