import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { kinds } from '../../src-main/kinds/index.ts'
import type { KubeObject } from '../../src-main/kinds/meta.ts'
import type { Answer, Caller, Watching } from './caller.ts'
import { check } from './check.ts'
import { callerNames, openPlane, type Plane } from './plane.ts'
import { type Ask, filled, patchTypes, type Row, type Sees, type Step, urlOf } from './row.ts'

/**
 * Runs a table against a complete control plane, in-process and over HTTPS, every row in a namespace of its own.
 *
 * The same tables can be asked of any API server, for instance to check them with a real one:
 *
 *     CONFORMANCE_SERVER=https://127.0.0.1:6443 CONFORMANCE_TOKEN=... CONFORMANCE_CA=ca.crt npx vitest run --project unit test/conformance
 *
 * The token must be an administrator's. CONFORMANCE_HAS=controllers says that a controller manager runs beside it;
 * CONFORMANCE_MINOR is its version where it does not tell it, such as 20.
 */
export function describeSection(section: string, rows: readonly Row[]): void {
  describe(section, () => {
    let plane: Plane
    beforeAll(async () => {
      plane = await openPlane()
    }, 30_000)
    afterAll(() => plane.close())

    describe.each(callerNames)('%s', (name) => {
      rows.forEach((row, index) => {
        // there is nothing of it in a process
        if (row.needs === 'wire' && name === 'in-process') return
        test(row.title, async ({ skip }) => {
          if (row.since !== undefined && plane.minor < row.since) skip(`Kubernetes 1.${row.since} began it`)
          if (row.needs && row.needs !== 'wire' && !plane.has.has(row.needs)) skip(`needs ${row.needs}`)
          const caller = plane.callers.get(name)!
          const namespace = await newNamespace(caller, `${section}-${index}`)
          await runRow(row, { caller, namespace, plane, saved: new Map<string, unknown>([['ns', namespace]]), watches: new Map() })
          await caller.call({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}` })
        }, 20_000)
      })
    })
  })
}

let serial = 0

async function newNamespace(caller: Caller, prefix: string): Promise<string> {
  const namespace = `${prefix}-${Date.now().toString(36)}${(serial++).toString(36)}`
  await post(caller, '/api/v1/namespaces', { metadata: { name: namespace } })
  // its controller makes it a moment later; pods need it
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } }
  await post(caller, `/api/v1/namespaces/${namespace}/serviceaccounts`, account, [201, 409])
  return namespace
}

async function post(caller: Caller, path: string, object: object, fine: readonly number[] = [201]): Promise<Answer> {
  const answer = await caller.call({ method: 'POST', path, headers: { 'content-type': 'application/json' }, body: JSON.stringify(object) })
  expect(fine, `POST ${path}: ${answer.text}`).toContain(answer.code)
  return answer
}

interface Run {
  readonly caller: Caller
  readonly namespace: string
  readonly plane: Plane
  readonly saved: Map<string, unknown>
  readonly watches: Map<string, { watching: Watching; seen: number }>
}

async function runRow(row: Row, run: Run): Promise<void> {
  try {
    for (const object of row.given ?? []) await give(object as KubeObject, run)
    for (const step of row.steps) await runStep(step, run)
  } finally {
    for (const { watching } of run.watches.values()) watching.close()
  }
}

async function give(object: KubeObject, { caller, namespace, saved }: Run): Promise<void> {
  const full = filled(object, saved) as KubeObject
  const kind = kinds.find(({ apiVersion, kind }) => apiVersion === full.apiVersion && kind === full.kind)
  if (!kind) throw new Error(`a row gives a ${full.apiVersion} ${full.kind}, which is no kind`)
  const root = kind.group ? `/apis/${kind.apiVersion}` : `/api/${kind.version}`
  const { body } = await post(caller, `${root}/${kind.namespaced ? `namespaces/${namespace}/` : ''}${kind.plural}`, full)
  saved.set(object.metadata.name ?? '', body)
}

async function runStep(step: Step, run: Run): Promise<void> {
  if ('forgets' in step) return run.plane.forget()
  return 'sees' in step ? see(step, run) : ask(step, run)
}

async function ask(step: Ask, run: Run): Promise<void> {
  const { caller, saved, namespace } = run
  const [method = '', ...words] = String(filled(step.do, saved)).split(' ')
  const path = urlOf(words.join(' '), namespace)
  const body = step.body === undefined ? undefined : bodyOf(filled(step.body, saved))
  const type = (patchTypes as Readonly<Record<string, string>>)[step.type ?? ''] ?? step.type ?? 'application/json'
  const headers = { ...(body === undefined ? {} : { 'content-type': type }), ...(filled(step.headers ?? {}, saved) as object) }
  const call = { method, path, headers, body, as: filled(step.as, saved) as Ask['as'], cert: filled(step.cert, saved) as Ask['cert'] }
  if (method === 'WATCH') {
    const watching = await caller.watch({ ...call, method: 'GET', path: `${path}${path.includes('?') ? '&' : '?'}watch=true` })
    if (!('events' in watching)) return check(step, watching, saved)
    run.watches.set(step.save ?? '', { watching, seen: 0 })
    expect(200, `${step.do} began`).toBe(step.code ?? 200)
    return
  }
  const answer = step.until ? await untilItIs(step, () => caller.call(call), saved) : await caller.call(call)
  check(step, answer, saved)
  if (step.save) saved.set(step.save, answer.body)
}

const bodyOf = (body: unknown): string | Buffer => (typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body))

const deadlineMs = 10_000

async function untilItIs(step: Ask, look: () => Promise<Answer>, saved: Run['saved']): Promise<Answer> {
  for (const end = Date.now() + deadlineMs; ; await new Promise((resolve) => setTimeout(resolve, 10))) {
    const answer = await look()
    if (Date.now() > end) return answer
    try {
      check(step, answer, saved)
      return answer
    } catch {
      continue
    }
  }
}

async function see({ sees, events, ends = false }: Sees, { watches, saved }: Run): Promise<void> {
  const watch = watches.get(sees)
  if (!watch) throw new Error(`no watch was saved as ${sees}`)
  const { watching } = watch
  const wanted = watch.seen + events.length
  for (const end = Date.now() + deadlineMs; watching.events.length < wanted || (ends && !watching.ended); ) {
    if (Date.now() > end || (watching.ended && watching.events.length < wanted)) break
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  const seen = watching.events.slice(watch.seen, wanted)
  watch.seen = wanted
  expect(seen.map(({ type }) => type), `events of ${sees}: ${JSON.stringify(seen)}`).toEqual(events.map(([type]) => type))
  events.forEach(([, object], index) => {
    if (object !== undefined) check({ do: `event ${index} of ${sees}`, answer: object }, { body: seen[index]!.object }, saved)
  })
  if (ends) expect(watching.ended, `${sees} has ended`).toBe(true)
}
