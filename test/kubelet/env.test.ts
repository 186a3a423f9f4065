import { describe, expect, it } from 'vitest'
import type { Container, Pod, Service } from '../../src-main/kinds/generated/types.ts'
import { containerEnv, type EnvSources, expand } from '../../src-main/kubelet/env.ts'
import { hostsFile, podDns } from '../../src-main/kubelet/network.ts'

const main: Container = { name: 'main', image: 'a', resources: { limits: { cpu: '1500m' }, requests: { memory: '64Mi' } } }
const pod: Pod = {
  apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web-1', namespace: 'shop', uid: 'u', labels: { app: 'web', 'a/b': 'c"d' } },
  spec: { nodeName: 'n1', containers: [main] },
}
const service = (name: string, clusterIP: string, namespace = 'shop'): Service => ({
  apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec: { clusterIP, ports: [{ name: 'http', port: 80, protocol: 'TCP' }, { name: 'dns-udp', port: 53, protocol: 'UDP' }] },
})
const sources = (more: Partial<EnvSources> = {}): EnvSources => ({
  pod, services: [], facts: { hostIp: '10.1.1.1', podIp: '10.0.0.9', cpus: 2, memoryBytes: 1024 },
  configMap: async (name) => (name === 'conf' ? { apiVersion: 'v1', kind: 'ConfigMap', metadata: {}, data: { color: 'green', size: 'xl' } } : undefined),
  secret: async (name) => (name === 'keys' ? { apiVersion: 'v1', kind: 'Secret', metadata: {}, data: { token: Buffer.from('s3cret').toString('base64') } } : undefined),
  ...more,
})
const envOf = async (container: Partial<Container>, more: Partial<EnvSources> = {}) =>
  Object.fromEntries((await containerEnv({ ...main, ...container }, sources(more))).map((e) => [e.name, e.value]))

describe('a container\'s variables', () => {
  it('come from services, then envFrom, then env, the later one winning', async () => {
    const env = await envOf({
      envFrom: [{ configMapRef: { name: 'conf' } }, { prefix: 'K_', secretRef: { name: 'keys' } }],
      env: [{ name: 'size', value: 's' }, { name: 'WEB_SERVICE_HOST', value: 'mine' }],
    }, { services: [service('web', '10.96.0.7')] })
    expect(env).toMatchObject({ color: 'green', size: 's', K_token: 's3cret', WEB_SERVICE_HOST: 'mine', WEB_SERVICE_PORT: '80' })
  })

  it('name every port of a service, as links did, and leave out headless ones', async () => {
    expect(await envOf({}, { services: [service('my-db', '10.96.0.7'), service('headless', 'None')] })).toEqual({
      MY_DB_SERVICE_HOST: '10.96.0.7', MY_DB_SERVICE_PORT: '80', MY_DB_SERVICE_PORT_HTTP: '80', MY_DB_SERVICE_PORT_DNS_UDP: '53',
      MY_DB_PORT: 'tcp://10.96.0.7:80', MY_DB_PORT_80_TCP: 'tcp://10.96.0.7:80', MY_DB_PORT_80_TCP_PROTO: 'tcp', MY_DB_PORT_80_TCP_PORT: '80',
      MY_DB_PORT_80_TCP_ADDR: '10.96.0.7', MY_DB_PORT_53_UDP: 'udp://10.96.0.7:53', MY_DB_PORT_53_UDP_PROTO: 'udp', MY_DB_PORT_53_UDP_PORT: '53', MY_DB_PORT_53_UDP_ADDR: '10.96.0.7',
    })
  })

  it('leave services out where the pod asks so, except the API server', async () => {
    const quiet = { ...pod, spec: { ...pod.spec!, enableServiceLinks: false } }
    const env = await envOf({}, { pod: quiet, services: [service('web', '10.96.0.7'), service('kubernetes', '10.96.0.1', 'default')] })
    expect(env).toMatchObject({ KUBERNETES_SERVICE_HOST: '10.96.0.1' })
    expect(env).not.toHaveProperty('WEB_SERVICE_HOST')
  })

  it('take fields and resources of the pod', async () => {
    const field = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } })
    expect(await envOf({
      env: [
        field('NAME', 'metadata.name'), field('NODE', 'spec.nodeName'), field('IP', 'status.podIP'), field('LABEL', "metadata.labels['a/b']"), field('LABELS', 'metadata.labels'),
        { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
        { name: 'CPU_M', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1m' } } },
        { name: 'MEM', valueFrom: { resourceFieldRef: { resource: 'requests.memory', divisor: '1Mi' } } },
        { name: 'ALL', valueFrom: { resourceFieldRef: { resource: 'limits.memory' } } },
      ],
    })).toEqual({ NAME: 'web-1', NODE: 'n1', IP: '10.0.0.9', LABEL: 'c"d', LABELS: 'a/b="c\\"d"\napp="web"', CPU: '2', CPU_M: '1500', MEM: '64', ALL: '1024' })
  })

  it('are refused with the missing thing\'s name, unless it is optional', async () => {
    await expect(envOf({ envFrom: [{ configMapRef: { name: 'none' } }] })).rejects.toThrow('configmap "none" not found')
    await expect(envOf({ env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'keys', key: 'x' } } }] })).rejects.toThrow("couldn't find key x in Secret shop/keys")
    expect(await envOf({ envFrom: [{ secretRef: { name: 'none', optional: true } }], env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'conf', key: 'x', optional: true } } }] })).toEqual({})
  })

  it('expand earlier variables, and keep what they do not know', () => {
    const values = new Map([['A', '1'], ['B', '$(A)']])
    expect(['$(A)', '$$(A)', '$(C)', '$(A', '$(B)', '$A', 'x$(A)y$(A)'].map((text) => expand(text, values))).toEqual(['1', '$(A)', '$(C)', '$(A', '$(A)', '$A', 'x1y1'])
  })
})

describe('a pod\'s network files', () => {
  const cluster = { clusterDns: '10.96.0.10', clusterDomain: 'cluster.local' }
  const withSpec = (spec: object): Pod => ({ ...pod, spec: { ...pod.spec!, ...spec } })

  it('point to the cluster\'s DNS, the node\'s, or the pod\'s own', () => {
    const searches = ['shop.svc.cluster.local', 'svc.cluster.local', 'cluster.local']
    expect(podDns(pod, cluster)).toEqual({ nameservers: ['10.96.0.10'], searches, options: ['ndots:5'] })
    expect(podDns(pod, { clusterDomain: 'cluster.local' })).toBeUndefined()
    expect(podDns(withSpec({ dnsPolicy: 'Default' }), cluster)).toBeUndefined()
    expect(podDns(withSpec({ hostNetwork: true }), cluster)).toBeUndefined()
    expect(podDns(withSpec({ dnsPolicy: 'None', dnsConfig: { nameservers: ['1.2.3.4'] } }), cluster)).toEqual({ nameservers: ['1.2.3.4'], searches: [], options: [] })
    expect(podDns(withSpec({ dnsConfig: { options: [{ name: 'ndots', value: '2' }] } }), cluster)).toEqual({ nameservers: ['10.96.0.10'], searches, options: ['ndots:2'] })
  })

  it('name the pod, its subdomain and its aliases', () => {
    const file = hostsFile(withSpec({ hostname: 'db-0', subdomain: 'db', hostAliases: [{ ip: '1.2.3.4', hostnames: ['a', 'b'] }] }), '10.0.0.9', 'cluster.local')
    expect(file).toContain('10.0.0.9\tdb-0.db.shop.svc.cluster.local\tdb-0\n')
    expect(file).toContain('1.2.3.4\ta\tb\n')
  })
})
