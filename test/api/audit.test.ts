import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { AuditLog, type AuditOptions } from '../../src-main/api/audit.ts'
import { silent } from '../../src-main/base/log.ts'
import { eventually } from '../fixtures/eventually.ts'
import { configMap, served } from './served-fixture.ts'

interface Event {
  auditID: string
  stage: string
  verb: string
  requestURI: string
  user: { username?: string; groups?: string[] }
  impersonatedUser?: { username: string }
  objectRef?: object
  responseStatus?: { code: number; reason?: string; message?: string }
  sourceIPs: string[]
  userAgent?: string
  requestReceivedTimestamp: string
  stageTimestamp: string
  annotations?: Record<string, string>
}

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'wheelhouse-audit-'))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  return made
}

function auditLog(options: Partial<AuditOptions> = {}) {
  const file = join(folder(), 'audit.log')
  const audit = new AuditLog({ file, log: silent, ...options })
  onTestFinished(() => audit.close())
  const events = (): Event[] => readFileSync(file, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line) as Event)
  return { file, audit, events }
}

const maps = '/api/v1/namespaces/default/configmaps'

/** The log, or nothing in the moment between an old one and a new one. */
function newest(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

describe('the audit log', () => {
  it('says that a request was about a version that Kubernetes gave up', async () => {
    const { audit, events } = auditLog()
    const { call } = await served({ audit })
    await call('/apis/batch/v1beta1/cronjobs')
    await call('/apis/batch/v1/cronjobs')
    await eventually('the events', () => events().length === 2)
    const [deprecated, current] = events()
    expect(deprecated?.annotations).toMatchObject({ 'k8s.io/deprecated': 'true', 'k8s.io/removed-release': '1.25' })
    expect(current?.annotations).not.toHaveProperty(['k8s.io/deprecated'])
  })

  it('says who did what, when, from where and with which outcome, and nothing of the bodies', async () => {
    const { audit, events, file } = auditLog()
    const { call, clock } = await served({ audit })
    const headers = { 'user-agent': 'tester/1.0' }
    const made = await call(maps, { method: 'POST', headers, body: configMap('a', { password: 'not-for-the-log' }) })
    await call(`${maps}/missing`, { headers })
    await call(maps, { token: 'wrong' })
    await eventually('the events', () => events().length === 3)
    const [created, missed, unknown] = events()
    expect(created).toMatchObject({
      kind: 'Event', apiVersion: 'audit.k8s.io/v1', level: 'Metadata', stage: 'ResponseComplete', verb: 'create', requestURI: maps,
      user: { username: 'admin', groups: ['system:masters', 'system:authenticated'] }, userAgent: 'tester/1.0', sourceIPs: ['127.0.0.1'],
      objectRef: { resource: 'configmaps', namespace: 'default', name: 'a', apiVersion: 'v1' },
      responseStatus: { metadata: {}, code: 201 }, annotations: { 'authorization.k8s.io/decision': 'allow' },
    })
    expect(created!.auditID).toBe(made.headers['audit-id'])
    expect(created!.stageTimestamp).toBe(new Date(clock.now()).toISOString().replace('Z', '000Z'))
    expect(missed).toMatchObject({ verb: 'get', objectRef: { name: 'missing' }, responseStatus: { status: 'Failure', reason: 'NotFound', code: 404, message: 'configmaps "missing" not found' } })
    // of who cannot be told Kubernetes tells at once, and how they tried
    expect(unknown).toMatchObject({ stage: 'ResponseStarted', user: {}, verb: 'list', objectRef: { resource: 'configmaps', namespace: 'default', apiVersion: 'v1' } })
    expect(unknown?.responseStatus).toEqual({ metadata: {}, message: 'Authentication failed, attempted: bearer', code: 401 })
    expect(readFileSync(file, 'utf8')).not.toContain('not-for-the-log')
  })

  it('knows where a request came from that ended with its connection, and calls it as its sender does', async () => {
    const { audit, events } = auditLog()
    const { call } = await served({ audit })
    const name = `${'x'.repeat(300)} {of mine}`
    const answer = await call(maps, { headers: { connection: 'close', 'audit-id': name } })
    await call('/apis/nobody.example.com/v1/things/one', { headers: { connection: 'close' } })
    await eventually('the events', () => events().length === 2)
    expect(answer.headers['audit-id']).toBe(name)
    expect(events()[0]).toMatchObject({ auditID: name, sourceIPs: ['127.0.0.1'] })
    expect(events()[1]).toMatchObject({ sourceIPs: ['127.0.0.1'], verb: 'get', objectRef: { resource: 'things', name: 'one', apiGroup: 'nobody.example.com', apiVersion: 'v1' } })
  })

  it('keeps what admission says of a request: the Pod Security Standards that a pod would violate', async () => {
    const { audit, events } = auditLog()
    const { call } = await served({ audit })
    const labels = { 'pod-security.kubernetes.io/audit': 'restricted', 'pod-security.kubernetes.io/enforce': 'baseline' }
    await call('/api/v1/namespaces', { method: 'POST', body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'held', labels } } })
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } }
    await call('/api/v1/namespaces/held/pods', { method: 'POST', body: pod })
    await eventually('the events', () => events().length === 2)
    expect(events()[1]?.annotations).toMatchObject({
      'authorization.k8s.io/decision': 'allow',
      'pod-security.kubernetes.io/enforce-policy': 'baseline:latest',
      'pod-security.kubernetes.io/audit-violations': expect.stringMatching(/^would violate PodSecurity "restricted:latest": allowPrivilegeEscalation != false/) as string,
    })
  })

  it('names the one who acts and the one they act as, and refusals', async () => {
    const { audit, events } = auditLog()
    const { call } = await served({ audit })
    await call(maps, { headers: { 'impersonate-user': 'jane', 'impersonate-group': 'dev' } })
    await eventually('the event', () => events().length === 1)
    expect(events()[0]).toMatchObject({
      user: { username: 'admin' }, impersonatedUser: { username: 'jane', groups: ['dev', 'system:authenticated'] },
      responseStatus: { code: 403 }, annotations: { 'authorization.k8s.io/decision': 'forbid' },
    })
  })

  it('tells of a watch when it begins and when it ends', async () => {
    const { audit, events } = auditLog()
    const { call, clock } = await served({ audit })
    const watching = call(`${maps}?watch=1&timeoutSeconds=1`)
    await eventually('the first events', () => events().length === 2)
    expect(events()[0]).toMatchObject({ stage: 'RequestReceived', verb: 'watch' })
    expect(events()[0]).not.toHaveProperty('responseStatus')
    expect(events()[0]).not.toHaveProperty('annotations')
    expect(events()[1]).toMatchObject({ stage: 'ResponseStarted', verb: 'watch', responseStatus: { metadata: {}, code: 200 } })
    clock.advance(1000)
    await watching
    await eventually('the last event', () => events().length === 3)
    expect(events()[2]).toMatchObject({ stage: 'ResponseComplete', auditID: events()[0]!.auditID, responseStatus: { code: 200 } })
  })

  it('is its owner\'s alone, is appended to, and begins anew when it is full', async () => {
    const { file, audit } = auditLog({ maxBytes: 1000, backups: 2 })
    expect(statSync(file).mode & 0o777).toBe(0o600)
    for (let n = 0; n < 40; n++) {
      audit.write({ n, filler: 'x'.repeat(200) })
      // what waits is written in one piece, and a log that is full is looked at between pieces; a new line is in the newest file
      await eventually(`line ${n}`, () => newest(file).includes(`{"n":${n},`))
    }
    await audit.close()
    const names = readdirSync(join(file, '..')).sort()
    expect(names).toEqual(['audit.log', 'audit.log.1', 'audit.log.2'])
    for (const name of names) expect(statSync(join(file, '..', name)).mode & 0o777).toBe(0o600)
    const kept = [...names].reverse().flatMap((name) => readFileSync(join(file, '..', name), 'utf8').split('\n').filter(Boolean)).map((line) => (JSON.parse(line) as { n: number }).n)
    expect(kept).toEqual(kept.map((_, at) => 40 - kept.length + at))
    const again = new AuditLog({ file, log: silent })
    again.write({ n: 40 })
    await again.close()
    expect(readFileSync(file, 'utf8').trimEnd().split('\n').at(-1)).toBe('{"n":40}')
  })

  it('refuses a file that cannot be written, with a sentence', () => {
    const notAFolder = join(folder(), 'file')
    writeFileSync(notAFolder, '')
    expect(() => new AuditLog({ file: join(notAFolder, 'audit.log'), log: silent })).toThrow(/^The audit log .* cannot be written: ENOTDIR.*--audit-log/)
  })
})
