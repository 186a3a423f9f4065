import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { type ServedCluster, startServed } from '../fixtures/served-cluster.ts'
import { eventually } from '../fixtures/eventually.ts'
import { describeWith, kubectls, testImage } from '../parts.ts'
import { check, type Kubectl, kubectlIn, type Row } from './command.ts'

const script = 'mkdir /www; echo served > /www/index.html; httpd -p 8080 -h /www; echo started; while read -r line; do echo "read $line"; done; sleep 3600'
const pod = `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web","labels":{"app":"web"}},"spec":{"terminationGracePeriodSeconds":0,"containers":[
  {"name":"main","image":"${testImage}","stdin":true,"command":["sh","-c",${JSON.stringify(script)}],"ports":[{"containerPort":8080}]},
  {"name":"side","image":"${testImage}","command":["sleep","3600"]}]}}`

const sized = `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"sized"},"spec":{"terminationGracePeriodSeconds":0,"containers":[
  {"name":"main","image":"${testImage}","command":["sleep","3600"],"resources":{"limits":{"cpu":"100m","memory":"64Mi"}}}]}}`
const toCpu = (cpu: string) => `patch pod sized --subresource=resize -p '{"spec":{"containers":[{"name":"main","resources":{"requests":{"cpu":"${cpu}"},"limits":{"cpu":"${cpu}"}}}]}}'`

const rows: Readonly<Record<string, readonly Row[]>> = {
  'executes in either container, with input, and tells the exit code': [
    { run: 'exec web -c main -- cat /www/index.html', says: 'served' },
    { run: 'exec web -c side -- hostname', says: 'web' },
    { run: 'exec pod/web -i -c main -- cat', input: 'from here', says: 'from here' },
    { run: "exec web -c main -- sh -c 'echo out; echo err >&2; exit 3'", fails: true, says: ['out', 'err', 'exit code 3'] },
    { run: 'exec web -c none -- true', fails: true, says: 'none' },
  ],
  'attaches to what runs, and reads what it wrote': [
    { run: 'attach web -c main -i --pod-running-timeout=10s', input: 'hello\n', says: '' },
    { run: 'logs web -c main', waits: true, says: ['started', 'read hello'] },
    { run: 'logs web --all-containers --prefix --timestamps', says: /\[pod\/web\/main\] \d{4}-\d\d-\d\dT\S+Z started/ },
    { run: 'logs web -c main --tail=1 --since=1h', says: 'read hello', never: 'started' },
    { run: 'logs web -c main --previous', fails: true, says: 'previous terminated container "main" in pod "web" not found' },
  ],
  'copies there and back': [
    { run: 'cp letter.keep.yaml web:/tmp/letter -c main', files: { 'letter.keep.yaml': 'dear pod' }, never: 'error' },
    { run: 'exec web -c main -- cat /tmp/letter', says: 'dear pod' },
    { run: 'cp default/web:/www/index.html -c main page.html', never: 'error' },
  ],
  'resizes a container while it runs, and hears when that can never be': [
    { run: 'create -f -', input: sized, since: 32, says: 'pod/sized created' },
    { run: 'wait pod/sized --for=condition=Ready --timeout=60s', since: 32, says: 'condition met' },
    { run: toCpu('200m'), since: 32, says: 'pod/sized patched' },
    { run: "get pod sized -o 'jsonpath={.status.containerStatuses[0].resources.limits.cpu} {.status.containerStatuses[0].restartCount}'", since: 32, waits: true, says: '200m 0' },
    { run: "exec sized -- sh -c 'cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us 2>/dev/null || cat /sys/fs/cgroup/cpu.max'", since: 32, says: '20000' },
    { run: toCpu('1k'), since: 32, fails: true, says: "node didn't have enough allocatable resources: cpu, requested: 1000000, allocatable:" },
    { run: 'describe pod sized', since: 32, says: ['ResizeStarted', 'ResizeCompleted', 'Pod resize completed: {"containers":[{"name":"main"'] },
  ],
  'debugs with an ephemeral container and with a copy': [
    { run: `debug web --image=${testImage} --container=doctor --image-pull-policy=IfNotPresent -- sleep 3600`, since: 23, never: 'error' },
    { run: "get pod web -o 'jsonpath={.spec.ephemeralContainers[*].name}'", since: 23, says: 'doctor' },
    { run: `debug web --copy-to=copy --container=main --set-image=side=${testImage} -- sleep 3600`, since: 23, never: 'error' },
    { run: 'get pod copy', since: 23, says: 'copy' },
  ],
}

for (const { command: program, title } of kubectls()) {
  describeWith(['kubectl', 'docker', 'image'], `${title} with containers`, () => {
    let cluster: ServedCluster
    let kubectl: Kubectl
    let minor = 0
    const folder = mkdtempSync(join(tmpdir(), 'wheelhouse-containers-'))

    /** Runs until the test ends; gives the port that the first line names. */
    const serving = (...args: string[]): Promise<number> => {
      const child = spawn(program, args, { env: { ...process.env, KUBECONFIG: cluster.kubeconfig, HOME: folder }, stdio: ['ignore', 'pipe', 'ignore'] })
      onTestFinished(() => void child.kill())
      return new Promise((resolve, reject) => {
        createInterface(child.stdout).on('line', (line) => {
          const port = /127\.0\.0\.1:(\d+)/.exec(line)?.[1]
          if (port) resolve(Number(port))
        })
        child.once('exit', () => reject(new Error(`kubectl ${args.join(' ')} ended`)))
      })
    }
    const get = (port: number, path: string): Promise<string> => new Promise((resolve, reject) => {
      request({ port, path, agent: false }, (res) => {
        let text = ''
        res.on('data', (chunk: Buffer) => (text += chunk.toString())).on('end', () => resolve(text))
      }).on('error', reject).end()
    })

    beforeAll(async () => {
      cluster = await startServed(['--runtime', 'docker', '--ephemeral'])
      kubectl = kubectlIn(program, folder, cluster.kubeconfig)
      minor = Number(/"minor": "(\d+)/.exec((await kubectl(['version', '--client', '-o', 'json'])).text)?.[1])
      await eventually('the service account', async () => ((await kubectl(['get', 'serviceaccount', 'default'])).code === 0 ? true : undefined))
      await check(kubectl, { run: 'create -f -', input: pod, says: 'pod/web created' }, folder)
      await check(kubectl, { run: 'expose pod web --port=80 --target-port=8080', says: 'exposed' }, folder)
      await check(kubectl, { run: 'wait pod/web --for=condition=Ready --timeout=60s', says: 'condition met' }, folder)
    })
    afterAll(async () => {
      await cluster?.stop()
      rmSync(folder, { recursive: true, force: true })
    })

    for (const [title, table] of Object.entries(rows)) {
      it(title, async () => {
        for (const row of table) if ((row.since ?? 0) <= minor) await check(kubectl, row, folder)
      })
    }

    it('forwards a port of a pod and of a service', async () => {
      expect(await get(await serving('port-forward', 'pod/web', ':8080'), '/index.html')).toBe('served\n')
      expect(await get(await serving('port-forward', 'service/web', ':80'), '/index.html')).toBe('served\n')
    })

    it('proxies the API, and through it pods and services', async () => {
      const port = await serving('proxy', '--port=0')
      expect(await get(port, '/version')).toContain('wheelhouse')
      expect(await get(port, '/api/v1/namespaces/default/pods/web:8080/proxy/index.html')).toBe('served\n')
      expect(await get(port, '/api/v1/namespaces/default/services/web:80/proxy/index.html')).toBe('served\n')
    })
  })
}
