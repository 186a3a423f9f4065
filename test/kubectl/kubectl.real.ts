import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type ServedCluster, startServed } from '../fixtures/served-cluster.ts'
import { eventually } from '../fixtures/eventually.ts'
import { describeWith, kubectls } from '../parts.ts'

const run = promisify(execFile)

const deployment = (image = 'busybox:1', replicas = 3) => `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: { app: web }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: httpd
          image: ${image}
          ports: [{ containerPort: 8080 }]
`

for (const { command: kubectl, title } of kubectls()) {
  describeWith(['kubectl'], title, () => {
    let cluster: ServedCluster
    const folder = mkdtempSync(join(tmpdir(), 'wheelhouse-kubectl-'))

    const kube = async (...args: string[]): Promise<string> => {
      const { stdout, stderr } = await run(kubectl, ['--kubeconfig', cluster.kubeconfig, '--cache-dir', join(folder, 'cache'), ...args], { timeout: 60_000 })
      return stdout + stderr
    }
    const fails = async (...args: string[]): Promise<string> => {
      const error: unknown = await kube(...args).then(() => undefined, (reason: unknown) => reason)
      if (!error) throw new Error(`kubectl ${args.join(' ')} should have failed`)
      return (error as { stderr: string }).stderr
    }
    const manifest = (name: string, text: string): string => {
      const file = join(folder, name)
      writeFileSync(file, text)
      return file
    }

    beforeAll(async () => {
      cluster = await startServed(['--runtime', 'simulated', '--simulated-nodes', '2'])
      await eventually('ready nodes', async () => ((await kube('get', 'nodes')).match(/ Ready /g)?.length === 2 ? true : undefined))
    })
    afterAll(async () => {
      await cluster?.stop()
      rmSync(folder, { recursive: true, force: true })
    })

    it('learns versions and resources', async () => {
      expect(await kube('version')).toMatch(/Server Version.*v1\.36\.0\+wheelhouse/s)
      const resources = await kube('api-resources')
      for (const line of [/^pods +po +v1 +true +Pod$/m, /^deployments +deploy +apps\/v1 +true +Deployment$/m, /^nodes +no +v1 +false +Node$/m]) expect(resources).toMatch(line)
      expect(await kube('api-versions')).toContain('apps/v1')
      expect(await kube('explain', 'deployment.spec.replicas')).toContain('Number of desired pods')
    })

    it('creates, shows and follows a deployment', async () => {
      expect(await kube('create', 'deployment', 'made', '--image=busybox:1')).toContain('deployment.apps/made created')
      expect(await kube('apply', '-f', manifest('web.yaml', deployment()))).toContain('deployment.apps/web created')
      expect(await kube('rollout', 'status', 'deployment/web', '--timeout=60s')).toContain('successfully rolled out')
      expect(await kube('get', 'deployments')).toMatch(/^NAME +READY +UP-TO-DATE +AVAILABLE +AGE\n/)
      expect(await kube('get', 'deploy', 'web', '-o', 'wide')).toMatch(/CONTAINERS +IMAGES +SELECTOR\nweb +3\/3 +3 +3 .* httpd +busybox:1 +app=web/)
      expect(await kube('get', 'pods', '-l', 'app=web', '-o', 'wide')).toMatch(/^NAME +READY +STATUS +RESTARTS +AGE +IP +NODE +NOMINATED NODE +READINESS GATES\nweb-\w+-\w+ +1\/1 +Running +0 /)
      expect(await kube('get', 'pods', '-l', 'app in (none)')).toContain('No resources found')
      const all = await kube('get', 'all')
      for (const part of ['pod/web-', 'deployment.apps/web', 'replicaset.apps/web-', 'service/kubernetes']) expect(all).toContain(part)
    })

    it('prints yaml, json and jsonpath', async () => {
      expect(await kube('get', 'deploy', 'web', '-o', 'yaml')).toContain('replicas: 3')
      expect((JSON.parse(await kube('get', 'deploy', 'web', '-o', 'json')) as { kind: string }).kind).toBe('Deployment')
      expect(await kube('get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[*].status.phase}')).toBe('Running Running Running')
      expect(await kube('get', 'pods', '--field-selector', 'status.phase!=Running')).toContain('No resources found')
      expect(await kube('get', 'pods', '-A', '-o', 'name')).toMatch(/^pod\/web-/m)
      expect(await kube('get', 'pods', '-l', 'app=web', '--sort-by=.metadata.name', '-o', 'custom-columns=N:.metadata.name', '--no-headers')).toMatch(/^web-/)
    })

    it('describes what it shows', async () => {
      const described = await kube('describe', 'deployment', 'web')
      for (const part of ['Replicas:               3 desired', 'StrategyType:           RollingUpdate', 'ScalingReplicaSet']) expect(described).toContain(part)
      const pod = (await kube('get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[0].metadata.name}')).trim()
      const podText = await kube('describe', 'pod', pod)
      for (const part of ['Status:', 'Running', 'QoS Class:', 'Successfully assigned default/']) expect(podText).toContain(part)
      expect(await kube('describe', 'node')).toContain('Allocatable:')
    })

    it('scales, labels and annotates', async () => {
      expect(await kube('scale', 'deployment/web', '--replicas=5')).toContain('scaled')
      await kube('rollout', 'status', 'deployment/web', '--timeout=60s')
      expect(await kube('get', 'deploy', 'web', '-o', 'jsonpath={.status.readyReplicas}')).toBe('5')
      expect(await kube('label', 'deployment/web', 'tier=front')).toContain('labeled')
      expect(await kube('get', 'deploy', '-l', 'tier=front', '-o', 'name')).toBe('deployment.apps/web\n')
      await kube('annotate', 'deployment/web', 'note=seen')
      expect(await kube('get', 'deploy', 'web', '-o', 'jsonpath={.metadata.annotations.note}')).toBe('seen')
    })

    it('exposes a deployment, and the endpoints follow', async () => {
      expect(await kube('expose', 'deployment', 'web', '--port=80', '--target-port=8080')).toContain('service/web exposed')
      expect(await kube('get', 'service', 'web')).toMatch(/web +ClusterIP +10\.96\.\d+\.\d+ +<none> +80\/TCP/)
      const addresses = await eventually('five endpoints', async () => {
        const told = await kube('get', 'endpoints', 'web', '-o', 'jsonpath={.subsets[0].addresses[*].ip}')
        expect(told).toContain('Warning: v1 Endpoints is deprecated in v1.33+')
        const ips = told.match(/10\.\d+\.\d+\.\d+/g)
        return ips?.length === 5 ? ips : undefined
      })
      expect(new Set(addresses).size).toBe(5)
      expect(await kube('get', 'endpointslices', '-l', 'kubernetes.io/service-name=web')).toMatch(/IPv4 +8080/)
      expect(await kube('describe', 'service', 'web')).toContain('Selector:')
    })

    it('rolls a new image out, and applies without change', async () => {
      expect(await kube('apply', '-f', manifest('web.yaml', deployment('busybox:2', 5)))).toContain('configured')
      expect(await kube('rollout', 'status', 'deployment/web', '--timeout=60s')).toContain('successfully rolled out')
      expect(await kube('get', 'pods', '-l', 'app=web', '--field-selector', 'status.phase=Running', '-o', 'jsonpath={.items[*].spec.containers[0].image}')).not.toContain('busybox:1')
      expect(await kube('apply', '-f', join(folder, 'web.yaml'))).toContain('unchanged')
      expect(await kube('rollout', 'history', 'deployment/web')).toMatch(/REVISION.*\n1 .*\n2 /s)
      expect(await kube('rollout', 'undo', 'deployment/web')).toContain('rolled back')
      await kube('rollout', 'status', 'deployment/web', '--timeout=60s')
      expect(await kube('get', 'deploy', 'web', '-o', 'jsonpath={.spec.template.spec.containers[0].image}')).toBe('busybox:1')
    })

    it('watches', async () => {
      const watch = spawn(kubectl, ['--kubeconfig', cluster.kubeconfig, 'get', 'configmaps', '-w', '-o', 'name'], { stdio: ['ignore', 'pipe', 'ignore'] })
      let seen = ''
      watch.stdout.on('data', (chunk: Buffer) => (seen += chunk.toString()))
      await kube('create', 'configmap', 'watched', '--from-literal=a=b')
      await eventually('the event', () => (seen.includes('configmap/watched') ? true : undefined))
      watch.kill()
    })

    it('reads logs and usage', async () => {
      const pod = (await kube('get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[0].metadata.name}')).trim()
      expect(await kube('logs', pod)).toContain('simulated')
      expect((await kube('logs', pod, '--tail=1')).trimEnd().split('\n')).toHaveLength(1)
      await eventually('usage of nodes', async () => /CPU\(cores\)/.test(await kube('top', 'nodes').catch(() => '')) || undefined, 60_000)
      expect(await kube('top', 'pods')).toMatch(/web-\S+ +\d+m +\d+Mi/)
    })

    it('creates namespaces, secrets and config, and deletes a namespace with all in it', async () => {
      await kube('create', 'namespace', 'team')
      await kube('-n', 'team', 'create', 'secret', 'generic', 'key', '--from-literal=password=hunter2')
      expect(await kube('-n', 'team', 'get', 'secret', 'key', '-o', 'jsonpath={.data.password}')).toBe(Buffer.from('hunter2').toString('base64'))
      await kube('-n', 'team', 'create', 'deployment', 'app', '--image=busybox:1')
      await eventually('a service account', async () => ((await kube('-n', 'team', 'get', 'serviceaccounts', '-o', 'name')).includes('serviceaccount/default') ? true : undefined))
      expect(await kube('delete', 'namespace', 'team', '--timeout=60s')).toContain('deleted')
      expect(await fails('-n', 'team', 'get', 'secret', 'key')).toContain('NotFound')
    })

    it('is told what is wrong, with the path', async () => {
      expect(await fails('get', 'pods', 'none')).toContain('Error from server (NotFound): pods "none" not found')
      expect(await fails('create', 'deployment', 'web', '--image=x')).toContain('already exists')
      const broken = manifest('broken.yaml', deployment().replace('replicas: 3', 'replicas: -1').replace('name: web\n', 'name: broken\n'))
      expect(await fails('create', '--validate=false', '-f', broken)).toMatch(/spec\.replicas: Invalid value: -1: must be greater than or equal to 0/)
      const port = manifest('port.yaml', deployment().replace('8080', '70000').replace('name: web\n', 'name: port\n'))
      expect(await fails('create', '--validate=false', '-f', port)).toMatch(/spec\.template\.spec\.containers\[0\]\.ports\[0\]\.containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive/)
      const unknown = manifest('unknown.yaml', deployment().replace('replicas: 3', 'replcas: 3').replace('name: web\n', 'name: unknown\n'))
      expect(await fails('create', '-f', unknown)).toMatch(/unknown field "(spec\.)?replcas"/)
      expect(await fails('get', 'deploy', 'broken')).toContain('NotFound')
    })

    it('deletes, and the pods go too', async () => {
      expect(await kube('delete', 'deployment', 'web', 'made')).toContain('deployment.apps "web" deleted')
      expect(await kube('delete', 'service', 'web')).toContain('deleted')
      await eventually('no pods', async () => ((await kube('get', 'pods', '-o', 'name')) === '' || (await kube('get', 'pods')).includes('No resources found') ? true : undefined), 60_000)
    })
  })
}
