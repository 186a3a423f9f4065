import { binding as bindingKind, type Binding } from '../../kinds/core/binding.ts'
import { pod as podKind, type Pod } from '../../kinds/core/pod.ts'
import type { Eviction } from '../../kinds/generated/types.ts'
import type { AnyKind } from '../../kinds/kind.ts'
import type { KubeObject, ObjectRef } from '../../kinds/meta.ts'
import { badRequest, pathNotFound } from '../../kinds/status-error.ts'
import type { AdmissionRequest } from '../admission/chain.ts'
import { decodeSent } from '../decode.ts'
import { deleteObject } from '../delete.ts'
import { placeInNamespace } from '../lifecycle.ts'
import { review } from '../reviewed.ts'
import { type Core, update } from '../write.ts'
import type { RequestContext } from '../verbs.ts'
import { checkBinding, planBinding } from './binding.ts'
import { asEviction, evictionRequest, evictionType, evictPod } from './eviction.ts'

/** POST to a subresource of an object. */
export async function createSubresource(
  core: Core,
  kind: AnyKind,
  ref: ObjectRef,
  subresource: string,
  body: unknown,
  context: RequestContext,
): Promise<KubeObject> {
  const isPod = kind.kind === 'Pod' && kind.group === ''
  if (isPod && subresource === 'binding') return bind(core, ref, body, context)
  if (isPod && subresource === 'eviction') return evict(core, ref, body, context)
  throw pathNotFound()
}

/** POST to /bindings: the pod is the one the binding is named after. */
export async function createBinding(
  core: Core,
  namespace: string | undefined,
  body: unknown,
  context: RequestContext,
): Promise<KubeObject> {
  const binding = await decodeSent(bindingKind, body, context)
  return bind(core, { ...(namespace ? { namespace } : {}), name: binding.metadata.name ?? '' }, binding, context, { kind: bindingKind })
}

async function bind(core: Core, ref: ObjectRef, body: unknown, context: RequestContext, about: Pick<AdmissionRequest, 'kind' | 'subresource'> = { kind: podKind, subresource: 'binding' }): Promise<KubeObject> {
  const binding = (await decodeSent(bindingKind, body, context)) as Binding
  placeInNamespace(binding, ref.namespace)
  if ((binding.metadata.name ?? '') !== ref.name) throw badRequest('name in URL does not match name in Binding object')
  await review(core, { ...about, operation: 'CREATE', namespace: ref.namespace, name: ref.name, object: binding, type: bindingKind, context })
  checkBinding(binding)
  await update(core, { kind: podKind, ref, subresource: 'binding', context, internal: true }, (pod) => planBinding(pod as Pod, binding, core.clock.now()))
  return success()
}

async function evict(core: Core, ref: ObjectRef, body: unknown, context: RequestContext): Promise<KubeObject> {
  const eviction = (await decodeSent(evictionType, asEviction(body), context)) as Eviction & KubeObject
  placeInNamespace(eviction, ref.namespace)
  await review(core, { operation: 'CREATE', kind: podKind, namespace: ref.namespace, name: ref.name, subresource: 'eviction', object: eviction, type: evictionType, context })
  const { request, dryRun } = evictionRequest(eviction, ref)
  const asked = { ...context, dryRun: context.dryRun || dryRun }
  await deleteObject(core, podKind, ref, request, asked, (tx, pod) => evictPod(tx, pod as Pod, asked.dryRun, core.clock.now()))
  return success()
}

const success = (): KubeObject =>
  ({ apiVersion: 'v1', kind: 'Status', metadata: {}, status: 'Success', code: 201 }) as KubeObject
