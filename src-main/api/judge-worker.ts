import { parentPort } from 'node:worker_threads'
import { parseJson } from '../base/json.ts'
import { errorMessage } from '../base/log.ts'
import { patiently } from '../base/turns.ts'
import type { CustomResourceDefinition } from '../kinds/apiextensions/custom-resource-definition.ts'
import { loadRules } from '../kinds/custom/cel-rules.ts'
import { storedKind } from '../kinds/custom.ts'
import { kinds } from '../kinds/index.ts'
import type { AnyKind } from '../kinds/kind.ts'
import type { KubeObject } from '../kinds/meta.ts'
import { mayHaveRules } from './custom/load-rules.ts'
import { judgeCreation, judgeUpdate, type Verdict } from './judge.ts'
import type { JudgeReply, JudgeTask } from './judge-thread.ts'

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

const objectOf = (json: string): KubeObject => parseJson(json) as KubeObject

async function verdictOn(task: JudgeTask): Promise<Verdict> {
  const { definition, subresource, old } = task
  const kind = (definition === undefined ? kinds : kindsOf(definition)).find(({ apiVersion, kind }) => apiVersion === task.apiVersion && kind === task.kind)
  if (!kind) throw new Error(`no rules for ${task.kind} of ${task.apiVersion}`)
  if (mayHaveRules(kind) || definition?.includes('x-kubernetes-validations')) await loadRules()
  const object = objectOf(task.object)
  const before = old === undefined ? undefined : objectOf(old)
  const { errors, warnings } = await patiently(() => (before ? judgeUpdate(kind, subresource, false, object, before) : judgeCreation(kind, object)))
  return { errors, warnings: [...new Set(warnings)].slice(0, mostWarnings) }
}

const replyTo = (task: JudgeTask): Promise<JudgeReply> =>
  verdictOn(task).then((verdict) => ({ verdict }), (error: unknown) => ({ error: errorMessage(error) }))

parentPort?.on('message', (task: JudgeTask) => void replyTo(task).then((reply) => parentPort?.postMessage(reply)))
