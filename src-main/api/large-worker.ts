import { parentPort } from 'node:worker_threads'
import { equalJson, type JsonObject, ownValue, parseJson, setOwn } from '../base/json.ts'
import { knownFrom } from '../base/known-json.ts'
import { errorMessage } from '../base/log.ts'
import { patiently } from '../base/turns.ts'
import type { CustomResourceDefinition } from '../kinds/apiextensions/custom-resource-definition.ts'
import { loadRules } from '../kinds/custom/cel-rules.ts'
import { storedKind } from '../kinds/custom.ts'
import { kinds } from '../kinds/index.ts'
import type { AnyKind } from '../kinds/kind.ts'
import type { KubeObject } from '../kinds/meta.ts'
import { StatusError } from '../kinds/status-error.ts'
import { mayHaveRules } from './custom/load-rules.ts'
import { judgeCreation, judgeUpdate } from './judge.ts'
import type { Judged, JudgeTask, LargeReply, LargeTask, MakeTask } from './large-thread.ts'
import { made, madeAnew } from './making/made.ts'
import type { Sent, Wish } from './making/wish.ts'
import { factsOf } from './ready.ts'

/** An answer has room for fewer. */
const mostWarnings = 1000
/** Whoever has a large object often has several of its kind. */
const mostDefinitions = 4

/** What CRDs say, and the kinds that they bring. */
const definitions = new Map<string, readonly AnyKind[]>()

function kindsOf(definition: string): readonly AnyKind[] {
  const known = definitions.get(definition)
  if (known) return known
  const { spec, names } = parseJson(definition) as { spec: CustomResourceDefinition['spec']; names?: object }
  // what else a definition has says nothing about its objects
  const brought = storedKind({ spec, ...(names ? { status: { acceptedNames: names } } : {}) } as CustomResourceDefinition).custom!.versions()
  definitions.set(definition, brought)
  if (definitions.size > mostDefinitions) definitions.delete([...definitions.keys()][0]!)
  return brought
}

function kindOf({ apiVersion, kind: name, definition }: LargeTask): AnyKind {
  const kind = (definition === undefined ? kinds : kindsOf(definition)).find((each) => each.apiVersion === apiVersion && each.kind === name)
  if (!kind) throw new Error(`no rules for ${name} of ${apiVersion}`)
  return kind
}

const few = (warnings: readonly string[]): string[] => [...new Set(warnings)].slice(0, mostWarnings)

const bufferOf = ({ buffer, byteOffset, length }: Uint8Array): Buffer => Buffer.from(buffer, byteOffset, length)
const read = (json: Uint8Array): KubeObject => parseJson(bufferOf(json).toString()) as KubeObject

/** What was read and made last, which nobody changes: who has an object made has it judged next. */
const recent: Array<{ readonly json: Buffer; readonly object: KubeObject }> = []
const mostRecent = 4

function remembered(json: Uint8Array): KubeObject {
  const buffer = bufferOf(json)
  return recent.find((known) => known.json.equals(buffer))?.object ?? remember(buffer, read(buffer))
}

function remember(json: Buffer, object: KubeObject): KubeObject {
  recent.push({ json, object })
  if (recent.length > mostRecent) recent.shift()
  return object
}

async function judged(task: JudgeTask): Promise<Judged> {
  const { definition, subresource, internal, old } = task
  const kind = kindOf(task)
  if (mayHaveRules(kind) || definition?.includes('x-kubernetes-validations')) await loadRules()
  const before = old && remembered(old)
  const object = before ? remembered(task.object) : read(task.object)
  const { errors, warnings } = await patiently(() => (before ? judgeUpdate(kind, subresource, internal, object, before) : judgeCreation(kind, object)))
  return { verdict: { errors, warnings: few(warnings) }, facts: factsOf(kind, object, task.object.length, before, subresource) }
}

function makes(task: MakeTask): LargeReply {
  const { wish, sent, body, isRepetitive, old, uid } = task
  // who read the body before has judged its numbers
  const said = parseJson(body, () => undefined)
  const { context } = wish
  const whole = { ...wish, kind: kindOf(task), context: { ...context, sentText: isRepetitive ? body : undefined }, sent: { ...sent, body: said } as Sent }
  try {
    return { ...(old ? changedBy(whole, old) : replyWith(madeAnew(whole, uid))), warnings: few(context.warnings) }
  } catch (error) {
    if (error instanceof StatusError) return { status: error.status, warnings: few(context.warnings) }
    throw error
  }
}

const replyWith = (object: KubeObject) => ({ changed: JSON.stringify(object), members: Object.keys(object) })

function changedBy(wish: Wish, old: Uint8Array) {
  const before = remembered(old)
  const object = made(wish, before) as unknown as JsonObject
  const texts = new Map<string, string>()
  for (const [name, value] of Object.entries(object)) {
    const known = ownValue(before as unknown as JsonObject, name)
    if (value === undefined) delete object[name]
    else if (equalJson(value, known)) setOwn(object, name, known)
    else texts.set(name, JSON.stringify(value))
  }
  // as it will be when nobody else changes it
  remember(knownFrom(before, bufferOf(old)).with(object, texts).of(object), object as unknown as KubeObject)
  return { changed: `{${[...texts].map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`, members: Object.keys(object) }
}

async function replyTo(task: LargeTask): Promise<LargeReply> {
  try {
    return task.act === 'judge' ? await judged(task) : makes(task)
  } catch (error) {
    return { error: errorMessage(error) }
  }
}

parentPort?.on('message', (task: LargeTask) => void replyTo(task).then((reply) => parentPort?.postMessage(reply)))
