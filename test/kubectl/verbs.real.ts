import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, it } from 'vitest'
import { type ServedCluster, startServed } from '../fixtures/served-cluster.ts'
import { eventually } from '../fixtures/eventually.ts'
import { describeWith, kubectls } from '../parts.ts'
import { check, type Kubectl, kubectlIn, type Row } from './command.ts'
import { changing } from './verbs-change.ts'
import { creating } from './verbs-create.ts'
import { reading } from './verbs-read.ts'

const knows = ({ since = 0, until = Infinity }: Row, minor: number): boolean => since <= minor && minor <= until

for (const { command: program, title } of kubectls()) {
  for (const [what, table] of Object.entries({ creates: creating, changes: changing, reads: reading })) {
    describeWith(['kubectl'], `${title} ${what}`, () => {
      let cluster: ServedCluster
      let kubectl: Kubectl
      let minor = 0
      const folder = mkdtempSync(join(tmpdir(), 'wheelhouse-verbs-'))

      beforeAll(async () => {
        cluster = await startServed(['--runtime', 'simulated', '--simulated-nodes', '1'])
        kubectl = kubectlIn(program, folder, cluster.kubeconfig)
        minor = Number(/"minor": "(\d+)/.exec((await kubectl(['version', '--client', '-o', 'json'])).text)?.[1])
        await eventually('a ready node', async () => ((await kubectl(['get', 'nodes'])).text.includes(' Ready ') ? true : undefined))
        await eventually('the service account', async () => ((await kubectl(['get', 'serviceaccount', 'default'])).code === 0 ? true : undefined))
      })
      afterAll(async () => {
        await cluster?.stop()
        rmSync(folder, { recursive: true, force: true })
      })

      for (const [title, rows] of Object.entries(table)) {
        it(title, async () => {
          for (const row of rows) if (knows(row, minor)) await check(kubectl, row, folder)
        })
      }
    })
  }
}
