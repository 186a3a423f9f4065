import { type AnyKind, keptKind } from '../kinds/kind.ts'
import type { KubeObject } from '../kinds/meta.ts'
import { invalid } from '../kinds/status-error.ts'
import type { AdmissionRequest } from './admission/chain.ts'
import { nameFor } from './generate-name.ts'
import { judgeCreation, judgeUpdate, type Verdict } from './judge.ts'
import { keyFor } from './keys.ts'
import type { RequestContext } from './verbs.ts'
import type { Core, Target } from './write.ts'

type Named = AdmissionRequest & { readonly name: string }

/** An admitted object with its name and all that goes with its creation; may be done again. @throws StatusError 422, or Later */
export function completeCreation(core: Pick<Core, 'random'>, request: AdmissionRequest): Named {
  const named = nameCreation(core, request)
  accept(request.kind, request.object, judgeCreation(request.kind, request.object), request.context)
  return named
}

/** The same for a large object, which keeps nobody waiting. */
export async function completeLargeCreation(core: Pick<Core, 'random' | 'judges'>, request: AdmissionRequest): Promise<Named> {
  const { kind, object, context } = request
  const named = nameCreation(core, request)
  accept(kind, object, await core.judges.creation(kind, object), context)
  return named
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

/** The same for a large object, which keeps nobody waiting. */
export async function completeLargeUpdate({ judges }: Pick<Core, 'judges'>, { kind, subresource, context }: Target, object: KubeObject, old: Readonly<KubeObject>, now: number): Promise<void> {
  kind.prepareUpdate?.(object, old, now)
  accept(kind, object, await judges.update(kind, subresource, object, old), context)
}

function accept(kind: AnyKind, { metadata }: KubeObject, { errors, warnings }: Verdict, context: Pick<RequestContext, 'warnings'>): void {
  if (errors.length > 0) {
    for (const { isWarning, field, message } of errors) if (isWarning) context.warnings.push(`${field}: ${message}`)
    const mistakes = errors.filter(({ isWarning }) => !isWarning)
    if (mistakes.length > 0) throw invalid(keptKind(kind), metadata.name ?? '', mistakes)
  }
  context.warnings.push(...warnings)
}
