import type { AnyKind } from '../../../kinds/kind.ts'
import type { KubeObject } from '../../../kinds/meta.ts'
import type { User } from '../../verbs.ts'
import type { AdmissionRequest } from '../chain.ts'
import { isNamespace } from '../match-rules.ts'

export type ReviewVersion = 'v1' | 'v1beta1'

/** The first version of AdmissionReview in the webhook's list that is spoken here. */
export const reviewVersion = (versions: readonly string[]): ReviewVersion | undefined =>
  versions.find((version): version is ReviewVersion => version === 'v1' || version === 'v1beta1')

/** What a webhook is shown of the objects, in the version of its rules. */
export interface ShownObjects {
  readonly kind: AnyKind
  readonly object: Readonly<KubeObject> | null
  readonly old: Readonly<KubeObject> | null
}

/** The question to a webhook. Pure. */
export function admissionReview(request: AdmissionRequest, { kind: matched, object, old }: ShownObjects, version: ReviewVersion, uid: string): object {
  const { kind, operation, subresource, context, type } = request
  // as in Kubernetes, each of many that are deleted together is known by its object alone
  const name = context.verb === 'deletecollection' ? '' : request.name
  const namespace = isNamespace(kind) ? name : request.namespace
  return {
    kind: 'AdmissionReview',
    apiVersion: `admission.k8s.io/${version}`,
    request: {
      uid,
      kind: kindWords(type ?? matched),
      resource: resourceWords(matched),
      ...(subresource ? { subResource: subresource } : {}),
      requestKind: kindWords(type ?? kind),
      requestResource: resourceWords(kind),
      ...(subresource ? { requestSubResource: subresource } : {}),
      ...(name ? { name } : {}),
      ...(namespace ? { namespace } : {}),
      operation,
      userInfo: userInfo(context.user),
      object,
      oldObject: old,
      dryRun: context.dryRun ?? false,
      options: optionsOf(request),
    },
  }
}

function kindWords({ apiVersion, kind }: { readonly apiVersion: string; readonly kind: string }): object {
  const slash = apiVersion.indexOf('/')
  return { group: slash < 0 ? '' : apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1), kind }
}

const resourceWords = ({ group, version, plural }: AnyKind): object => ({ group, version, resource: plural })

const userInfo = ({ name, uid, groups, extra }: User): object => ({
  username: name,
  ...(uid ? { uid } : {}),
  ...(groups.length > 0 ? { groups } : {}),
  ...(extra && Object.keys(extra).length > 0 ? { extra } : {}),
})

/** A patch is told as the creation or the update that it is. */
function optionsOf({ operation, context, options }: AdmissionRequest): object | null {
  if (operation === 'CONNECT') return null
  if (operation === 'DELETE') return options ?? null
  const { dryRun, fieldManager, fieldValidation } = context
  return {
    kind: operation === 'CREATE' ? 'CreateOptions' : 'UpdateOptions',
    apiVersion: 'meta.k8s.io/v1',
    ...(dryRun ? { dryRun: ['All'] } : {}),
    ...(fieldManager ? { fieldManager } : {}),
    ...(fieldValidation ? { fieldValidation } : {}),
  }
}
