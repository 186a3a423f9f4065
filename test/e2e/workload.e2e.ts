import { execFileSync } from 'node:child_process'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { redirected, type ServedCluster, startServed } from '../fixtures/served-cluster.ts'
import { eventually } from '../fixtures/eventually.ts'
import { describeWith, kubectls, testImage } from '../parts.ts'
import { launch, open, seriousViolations, shoot, visit } from './browser.ts'

const run = (command: string, ...args: string[]): string => execFileSync(command, args, { encoding: 'utf8', timeout: 60_000 })

describeWith(['docker', 'image', 'chromium', 'kubectl', 'iptables'], 'a person with a mouse', () => {
  let cluster: ServedCluster
  let browser: Browser
  let page: Page
  const complaints: string[] = []
  const kubectl = (...args: string[]) => run(kubectls()[0].command, '--kubeconfig', cluster.kubeconfig, ...args)
  const containers = () => run('docker', 'ps', '--format', '{{.Names}}').split('\n').filter((name) => /^k8s_hello_hello-/.test(name))
  const drawer = () => page.getByRole('complementary', { name: 'deployment hello' })
  const service = () => page.getByRole('complementary', { name: 'service hello' })

  beforeAll(async () => {
    cluster = await startServed(['--runtime', 'docker', '--ephemeral'])
    browser = await launch()
    page = await open(browser, cluster.dashboard, complaints)
  })
  afterAll(async () => {
    await browser?.close()
    await cluster?.stop()
  })

  it('meets an empty cluster that says what to do', async () => {
    await page.getByText('Ready for your first workload').waitFor()
    await shoot(page, 'overview-empty')
    await page.getByRole('link', { name: 'Workloads' }).click()
    await page.getByRole('button', { name: 'Create workload' }).first().waitFor()
    await shoot(page, 'workloads-empty')
  })

  it('creates a workload with a form and sees its pods start', async () => {
    await page.getByRole('button', { name: 'Create workload' }).first().click()
    const fill = (name: string, text: string) => page.getByRole('textbox', { name, exact: true }).fill(text)
    await fill('Name', 'hello')
    await fill('Image', testImage)
    await fill('Command', `sh -c 'mkdir /www; echo "$GREETING from $(hostname)" > /www/index.html; echo serving; httpd -f -p 8080 -h /www & trap exit TERM; wait'`)
    await fill('Port', '8080')
    await page.getByRole('button', { name: 'More replicas' }).click()
    await page.getByRole('button', { name: 'Add variable' }).click()
    await fill('Variable 1 name', 'GREETING')
    await fill('Variable 1 value', 'ahoy')
    await fill('CPU request', '50m')
    await fill('CPU limit', '500m')
    await fill('Memory limit', '64Mi')
    await page.getByRole('textbox', { name: 'Manifest as YAML' }).getByText('GREETING').first().waitFor()
    await shoot(page, 'create')
    await page.getByRole('button', { name: 'Create deployment hello' }).click()
    await drawer().waitFor()
    await shoot(page, 'deployment-starting')
    await drawer().getByText('2 of 2 pods ready').waitFor()
    await shoot(page, 'deployment')

    expect(containers()).toHaveLength(2)
    expect(kubectl('get', 'deployment', 'hello', '-o', 'jsonpath={.status.readyReplicas}')).toBe('2')
    expect(kubectl('get', 'deployment', 'hello', '-o', 'jsonpath={.spec.template.spec.containers[0].env[0].value} {.spec.template.spec.containers[0].resources.limits.memory}')).toBe('ahoy 64Mi')
  })

  it('scales it with the stepper', async () => {
    await drawer().getByRole('button', { name: 'More replicas' }).click()
    await drawer().getByText('3 of 3 pods ready').waitFor()
    expect(containers()).toHaveLength(3)
    expect(kubectl('get', 'pods', '-o', 'jsonpath={.items[*].status.phase}')).toBe('Running Running Running')
  })

  it('exposes it as a NodePort that the machine itself reaches', async () => {
    await drawer().getByRole('button', { name: 'Expose' }).click()
    const dialog = page.getByRole('dialog', { name: 'Expose hello' })
    await dialog.getByRole('combobox', { name: 'Type' }).click()
    await page.getByRole('option', { name: /NodePort/ }).click()
    await shoot(page, 'expose')
    await dialog.getByRole('button', { name: 'Create service hello' }).click()
    await service().getByText('over 3 ready pods').waitFor()

    const [ip = '', port = '', nodePort = ''] = kubectl('get', 'service', 'hello', '-o', 'jsonpath={.spec.clusterIP} {.spec.ports[0].port} {.spec.ports[0].nodePort}').split(' ')
    const answers = (address: string) => Array.from({ length: 3 }, () => run('curl', '-sS', '--max-time', '5', `http://${address}/`))
    await redirected(ip)
    // in turn: three requests reach the three pods
    expect(new Set(answers(`${ip}:${port}`)).size).toBe(3)
    expect(new Set(answers(`127.0.0.1:${nodePort}`)).size).toBe(3)
    expect(answers(`127.0.0.1:${nodePort}`)[0]).toMatch(/^ahoy from hello-/)
  })

  it('sends requests from the window and sees how they spread', async () => {
    await service().getByRole('button', { name: /^Send \d+ requests/ }).click()
    const result = service().getByRole('status', { name: 'Result' })
    await result.getByText('20 of 20').waitFor()
    await shoot(page, 'requests')
    const shown = async () => {
      const labels = await service().getByRole('list', { name: /Endpoints of/ }).getByRole('listitem').evaluateAll((items) => items.map((item) => item.getAttribute('aria-label') ?? ''))
      return labels.map((label) => Number(/: (\d+) connections?/.exec(label)?.[1])).toSorted((a, b) => a - b)
    }
    const traffic = JSON.parse(kubectl('get', '--raw', '/apis/traffic.wheelhouse.dev/v1/namespaces/default/servicetraffics/hello')) as { status: { ports: Array<{ endpoints: Array<{ connections: number }> }> } }
    const truth = traffic.status.ports[0]?.endpoints.map((e) => e.connections).toSorted((a, b) => a - b) ?? []
    expect(truth).toHaveLength(3)
    expect(truth[2]! - truth[0]!).toBeLessThanOrEqual(1)
    expect(truth.reduce((sum, n) => sum + n, 0)).toBeGreaterThanOrEqual(20)
    // the window shows this run alone, the proxy counts since it started
    await expect.poll(async () => (await shown()).reduce((sum, n) => sum + n, 0), { timeout: 15_000 }).toBe(20)
    expect(await shown()).toEqual([6, 7, 7])
    await page.getByRole('link', { name: 'Traffic' }).click()
    await page.getByText('round robin').first().waitFor()
    await shoot(page, 'traffic')
  })

  it('chooses random balancing and session affinity for a second Service', async () => {
    await page.getByRole('link', { name: 'Workloads' }).click()
    await page.getByRole('row', { name: /hello/ }).getByRole('button', { name: 'hello' }).click()
    await drawer().getByRole('button', { name: 'Expose' }).click()
    const dialog = page.getByRole('dialog', { name: 'Expose hello' })
    await dialog.getByRole('textbox', { name: 'Service name' }).fill('sticky')
    await dialog.getByRole('combobox', { name: 'Balance' }).click()
    await page.getByRole('option', { name: /Random/ }).click()
    await dialog.getByRole('combobox', { name: 'Session affinity' }).click()
    await page.getByRole('option', { name: /ClientIP/ }).click()
    await dialog.getByRole('button', { name: 'Create service sticky' }).click()
    await page.getByRole('complementary', { name: 'service sticky' }).getByText('over 3 ready pods').waitFor()
    const made = JSON.parse(kubectl('get', 'service', 'sticky', '-o', 'json')) as { metadata: { annotations: Record<string, string> }; spec: { sessionAffinity: string; clusterIP: string; ports: Array<{ port: number }> } }
    expect([made.metadata.annotations['wheelhouse.dev/balance'], made.spec.sessionAffinity]).toEqual(['random', 'ClientIP'])
    const address = `http://${made.spec.clusterIP}:${made.spec.ports[0]?.port}/`
    await redirected(made.spec.clusterIP)
    expect(new Set(Array.from({ length: 6 }, () => run('curl', '-sS', '--max-time', '5', address))).size).toBe(1)
  })

  it('follows the log of a pod and opens a shell in it', async () => {
    await page.getByRole('link', { name: 'Workloads' }).click()
    await page.getByRole('row', { name: /hello/ }).getByRole('button', { name: 'hello' }).click()
    await drawer().getByRole('list', { name: 'Pods' }).getByRole('link', { name: /^hello-/ }).first().click()
    const pod = page.getByRole('complementary', { name: /^pod hello-/ })
    await pod.getByRole('list', { name: 'Steps of the pod' }).waitFor()
    await pod.getByRole('button', { name: 'Logs', exact: true }).click()
    await page.getByRole('log').getByText('serving').waitFor()
    const name = /pod (\S+)/.exec((await pod.getAttribute('aria-label')) ?? '')?.[1] ?? ''
    kubectl('exec', name, '--', 'sh', '-c', 'echo written later > /proc/1/fd/1')
    await page.getByRole('log').getByText('written later').waitFor()
    await shoot(page, 'logs')
    await pod.getByRole('button', { name: 'Shell', exact: true }).click()
    const terminal = page.locator('.xterm-helper-textarea')
    await terminal.waitFor({ state: 'attached' })
    await eventually('a prompt', async () => ((await page.locator('.xterm-rows').textContent())?.includes('#') ? true : undefined))
    await terminal.focus()
    await page.keyboard.type('echo $GREETING-$((40+2))\n')
    await eventually('the shell to answer', async () => ((await page.locator('.xterm-rows').textContent())?.includes('ahoy-42') ? true : undefined))
    await shoot(page, 'shell')
  })

  it('watches CPU and memory of the pod and of the node', async () => {
    const pod = page.getByRole('complementary', { name: /^pod hello-/ })
    await pod.getByRole('img', { name: /CPU of/ }).first().waitFor()
    await pod.getByRole('img', { name: /Memory of/ }).first().waitFor()
    expect(kubectl('top', 'pods')).toMatch(/hello-\S+ +\d+m +\d+Mi/)
    await page.getByRole('link', { name: 'Overview' }).click()
    await page.getByRole('img', { name: 'CPU of the nodes' }).waitFor()
    await shoot(page, 'overview')
  })

  it('sees a change that kubectl made without touching anything', async () => {
    await page.getByRole('link', { name: 'Workloads' }).click()
    kubectl('scale', 'deployment/hello', '--replicas=1')
    await page.getByRole('row', { name: /hello/ }).getByText('1/1').waitFor()
  })

  it('shows every page in both themes without serious accessibility faults', async () => {
    // the sign-in link worked once; the second page brings the cookie of the first
    const context = await browser.newContext({ colorScheme: 'light', viewport: { width: 1440, height: 900 } })
    await context.addCookies(await page.context().cookies())
    const light = await context.newPage()
    const faults: string[] = []
    for (const [title, path] of [['overview', '/'], ['workloads', '/workloads/deployments'], ['pods', '/workloads/pods'], ['services', '/services'], ['traffic', '/traffic'], ['config', '/config/configmaps'], ['nodes', '/nodes'], ['events', '/events'], ['create', '/create']] as const) {
      for (const [theme, at] of [['dark', page], ['light', light]] as const) {
        await visit(at, new URL(path, cluster.dashboard).href)
        await shoot(at, `${title}-${theme}`)
        for (const fault of await seriousViolations(at)) faults.push(`${title}, ${theme}: ${fault}`)
      }
    }
    await context.close()
    expect(faults).toEqual([])
  })

  it('deletes it, and the containers go', async () => {
    await visit(page, new URL('/workloads/deployments', cluster.dashboard).href)
    await page.getByRole('row', { name: /hello/ }).getByRole('button', { name: 'hello' }).click()
    await drawer().getByRole('button', { name: 'Delete' }).click()
    const dialog = page.getByRole('dialog', { name: 'Delete deployment hello?' })
    await shoot(page, 'delete')
    await dialog.getByRole('button', { name: 'Delete deployment hello' }).click()
    await page.getByRole('row', { name: /hello/ }).waitFor({ state: 'detached' })
    await eventually('the containers to go', () => (containers().length === 0 ? true : undefined), 60_000)
    await eventually('the pods to go', () => (kubectl('get', 'pods', '-o', 'name') === '' ? true : undefined))
  })

  it('had nothing to complain about on the way', () => {
    expect(complaints).toEqual([])
  })
})
