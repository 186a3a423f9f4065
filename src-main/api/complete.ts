import { knownJson } from '../base/known-json.ts'
import { orderMembers } from '../base/ordered.ts'
import { turns } from '../base/turns.ts'
import { type AnyKind, keptKind } from '../kinds/kind.ts'
import type { KubeObject } from '../kinds/meta.ts'
import { invalid } from '../kinds/status-error.ts'
import type { AdmissionRequest } from './admission/chain.ts'
import { nameFor } from './generate-name.ts'
import { judgeCreation, judgeUpdate, type Verdict } from './judge.ts'
import { keyFor } from './keys.ts'
import type { Facts, Ready } from './ready.ts'
import type { Encoded, RequestContext } from './verbs.ts'
import type { Core, Target } from './write.ts'

type Named = AdmissionRequest & { readonly name: string }

/** An admitted object with its name and all that goes with its creation; may be done again. @throws StatusError 422, or Later */
export function completeCreation(core: Pick<Core, 'random'>, request: AdmissionRequest): Named {
  const named = nameCreation(core, request)
  accept(request.kind, request.object, judgeCreation(request.kind, request.object), request.context)
  return named
}

/** The same for a large object, which keeps nobody waiting; with what its commit has to know. */
export async function completeLargeCreation(core: Pick<Core, 'random' | 'thread'>, request: AdmissionRequest): Promise<{ named: Named; facts: Facts }> {
  const { kind, object, context } = request
  const named = nameCreation(core, request)
  const { verdict, facts } = await core.thread.judgeCreation(kind, object)
  accept(kind, object, verdict, context)
  return { named, facts }
}

function nameCreation({ random }: Pick<Core, 'random'>, request: AdmissionRequest): Named {
  const { kind, object, namespace, read } = request
  const generated = !object.metadata.name
  const isTaken = (name: string): boolean => read.get(keyFor(kind, { namespace, name })) !== undefined
  const name = (object.metadata.name = nameFor(kind, object, isTaken, random))
  // some defaults are made of the name
  if (generated) kind.default?.(object)
  return { ...request, name }
}

/** An admitted object with all that goes with its change; may be done again. @throws StatusError 422, or Later */
export function completeUpdate({ kind, subresource, context, internal = false }: Target, object: KubeObject, old: Readonly<KubeObject>, now: number): void {
  kind.prepareUpdate?.(object, old, now)
  accept(kind, object, judgeUpdate(kind, subresource, internal, object, old), context)
}

/** The same for a large object, which keeps nobody waiting, and is not changed from here on but for its generation; with what its commit has to know. */
export async function completeLargeUpdate({ thread }: Pick<Core, 'thread'>, { kind, subresource, context, internal = false }: Target, object: KubeObject, old: Encoded, now: number): Promise<Ready> {
  kind.prepareUpdate?.(object, old.object, now)
  if (kind.custom) await turns.finish(orderMembers(object))
  const json = await turns.finish(knownJson(object))
  const { verdict, facts } = await thread.judgeUpdate(kind, { subresource, internal }, { object, bytes: json.of(object) }, old)
  accept(kind, object, verdict, context)
  return { ...facts, json }
}

function accept(kind: AnyKind, { metadata }: KubeObject, { errors, warnings }: Verdict, context: Pick<RequestContext, 'warnings'>): void {
  if (errors.length > 0) {
    for (const { isWarning, field, message } of errors) if (isWarning) context.warnings.push(`${field}: ${message}`)
    const mistakes = errors.filter(({ isWarning }) => !isWarning)
    if (mistakes.length > 0) throw invalid(keptKind(kind), metadata.name ?? '', mistakes)
  }
  context.warnings.push(...warnings)
}
