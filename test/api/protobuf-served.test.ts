import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { kinds } from '../../src-main/kinds/index.ts'
import { type Served, served } from './served-fixture.ts'

interface Case { command: string; protobuf: string; json: { apiVersion: string; kind: string } }
interface Result { code: number; body: object }

const { cases } = JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures/protobuf/kubectl.json'), 'utf8')) as { cases: Case[] }

const posts = cases.flatMap((each) => {
  const kind = kinds.find((known) => known.kind === each.json.kind && each.json.apiVersion === [known.group, known.version].filter(Boolean).join('/'))
  // the jobs from a CronJob have every field set, which no object may have
  if (!kind || !/ (create|autoscale) (?!token|.*--from=)/.test(each.command)) return []
  const root = kind.group === '' ? '/api/v1' : `/apis/${each.json.apiVersion}`
  return [{ ...each, path: `${root}${kind.namespaced ? '/namespaces/default' : ''}/${kind.plural}?dryRun=All&fieldValidation=Strict` }]
})

/** Uids, which a Job has in labels too, and cluster IPs are drawn by lot. */
function withoutChance(text: string): object {
  const { metadata } = JSON.parse(text) as { metadata?: { uid?: string } }
  const same = metadata?.uid ? text.replaceAll(metadata.uid, 'the-uid') : text
  return JSON.parse(same.replaceAll(/10\.96\.\d+\.\d+/g, '10.96.x.x')) as object
}

function post({ port, ca, token }: Served, path: string, type: string, body: Buffer): Promise<Result> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`, 'content-type': type, 'content-length': body.length,
      accept: 'application/json',
    }
    const req = request({ agent: new Agent({ ca: ca.cert }), host: '127.0.0.1', port, path, method: 'POST', headers }, (res) => {
      const chunks: Buffer[] = []
      res.on('data', (chunk: Buffer) => chunks.push(chunk))
      res.on('end', () => resolve({ code: res.statusCode ?? 0, body: withoutChance(Buffer.concat(chunks).toString()) }))
    })
    req.on('error', reject).end(body)
  })
}

it('creates from protobuf what it creates from the JSON of the same command', async () => {
  const server = await served()
  const created: string[] = []
  for (const { command, path, protobuf, json } of posts) {
    const fromProtobuf = await post(server, path, 'application/vnd.kubernetes.protobuf', Buffer.from(protobuf, 'base64'))
    const fromJson = await post(server, path, 'application/json', Buffer.from(JSON.stringify(json)))
    expect(fromProtobuf, command).toEqual(fromJson)
    if (fromProtobuf.code === 201) created.push(json.kind)
  }
  expect(new Set(created)).toEqual(new Set([
    'ClusterRole', 'ClusterRoleBinding', 'ConfigMap', 'CronJob', 'Deployment', 'HorizontalPodAutoscaler', 'Ingress', 'Job', 'Namespace', 'PodDisruptionBudget',
    'PriorityClass', 'ResourceQuota', 'Role', 'RoleBinding', 'Secret', 'Service', 'ServiceAccount',
  ]))
})
