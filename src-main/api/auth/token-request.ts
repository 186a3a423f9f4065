import { timestamp } from '../../base/clock.ts'
import { node } from '../../kinds/core/node.ts'
import { pod, type Pod } from '../../kinds/core/pod.ts'
import { secret } from '../../kinds/core/secret.ts'
import { serviceAccount } from '../../kinds/core/service-account.ts'
import { field } from '../../kinds/field-error.ts'
import type { BoundObjectReference, TokenRequestAuthenticationV1 as TokenRequest } from '../../kinds/generated/types.ts'
import type { AnyKind } from '../../kinds/kind.ts'
import type { KubeObject, ObjectRef } from '../../kinds/meta.ts'
import { badRequest, conflict, invalid, notFound } from '../../kinds/status-error.ts'
import { injectedTokenSeconds } from '../admission/service-account-token.ts'
import { decodeBody, type Expected } from '../decode.ts'
import { keyFor } from '../keys.ts'
import { placeInNamespace } from '../lifecycle.ts'
import { objectOf } from '../read.ts'
import type { RequestContext } from '../verbs.ts'
import { type Bound, type Named, sealToken, type TokenOptions } from './service-account-tokens.ts'

const requestType: Expected = {
  apiVersion: 'authentication.k8s.io/v1',
  version: 'v1',
  kind: 'TokenRequest',
  schema: 'io.k8s.api.authentication.v1.TokenRequest',
}
const subject = { group: 'authentication.k8s.io', plural: 'tokenrequests', kind: 'TokenRequest' }
const shortestSeconds = 600
const longestSeconds = 2 ** 32
const defaultSeconds = 3600
const yearSeconds = 365 * 86_400

/** POST to `serviceaccounts/<name>/token`: a token for the account, good as long as what it is bound to exists. */
export function requestToken(
  options: TokenOptions,
  ref: ObjectRef,
  body: unknown,
  context: RequestContext,
): TokenRequest {
  const request = decodeBody(requestType, body, context) as TokenRequest
  placeInNamespace(request, ref.namespace)
  checkName(request, ref)
  const spec = request.spec ?? {}
  const account = existing(options, serviceAccount, ref)
  checkUid(request, account)
  const seconds = spec.expirationSeconds ?? defaultSeconds
  checkSeconds(seconds)
  const boundObjectRef = spec.boundObjectRef ?? null
  const bound = boundObjectRef ? boundTo(options, ref, boundObjectRef) : {}
  const audiences = spec.audiences?.length ? spec.audiences : [...options.audiences]
  // a pod's program that reads its token once goes on after the hour in which others read it again
  const isInjected = bound.pod !== undefined && seconds === injectedTokenSeconds && audiences.every((each) => options.audiences.includes(each))
  const lasting = isInjected ? { seconds: yearSeconds, warnAfterSeconds: seconds } : { seconds }
  const { name = '', namespace = '', uid = '' } = account.metadata
  return {
    ...request,
    metadata: { ...request.metadata, name, namespace, uid, creationTimestamp: timestamp(options.clock.now()) },
    spec: { audiences, expirationSeconds: seconds, boundObjectRef },
    status: {
      token: sealToken(options, { account, audiences, bound, ...lasting }),
      expirationTimestamp: timestamp(options.clock.now() + seconds * 1000),
    },
  }
}

/** @throws StatusError 422 */
function checkName({ metadata: { name } }: TokenRequest, ref: ObjectRef): void {
  if (name && name !== ref.name) throw invalid(subject, ref.name, [field('metadata', 'name').invalid(name, 'must match the service account name if specified')])
}

/** @throws StatusError 409 */
function checkUid({ metadata: { uid } }: TokenRequest, { metadata }: Readonly<KubeObject>): void {
  if (!uid || uid === metadata.uid) return
  // Kubernetes names the kind here, where it names the resource elsewhere
  throw conflict({ ...subject, plural: subject.kind }, metadata.name ?? '', `the UID in the token request (${uid}) does not match the UID of the service account (${metadata.uid})`)
}

function checkSeconds(seconds: number): void {
  const at = field('spec', 'expirationSeconds')
  const sentence =
    seconds < shortestSeconds
      ? 'may not specify a duration less than 10 minutes'
      : seconds > longestSeconds
        ? 'may not specify a duration larger than 2^32 seconds'
        : undefined
  if (sentence) throw invalid(subject, '', [at.invalid(seconds, sentence)])
}

/** @throws StatusError 404 */
function existing({ read }: TokenOptions, kind: AnyKind, ref: ObjectRef): Readonly<KubeObject> {
  const stored = read.get(keyFor(kind, ref))
  if (!stored) throw notFound(kind, ref.name)
  return objectOf(stored)
}

const bindable: Readonly<Record<string, AnyKind>> = { Pod: pod, Secret: secret, Node: node }

function boundTo(options: TokenOptions, account: ObjectRef, wish: BoundObjectReference): Bound {
  const { kind: kindName = '', apiVersion = '', name = '', uid } = wish
  const kind = apiVersion === 'v1' && Object.hasOwn(bindable, kindName) ? bindable[kindName] : undefined
  if (!kind) {
    const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion]
    throw badRequest(`cannot bind token to object of type ${group}/${version}, Kind=${kindName}`)
  }
  const object = existing(options, kind, kind.namespaced ? { namespace: account.namespace, name } : { name })
  if (kind === pod && (object as Pod).spec?.serviceAccountName !== account.name) {
    throw badRequest(
      `cannot bind token for serviceaccount ${JSON.stringify(account.name)} to pod running with different serviceaccount name.`,
    )
  }
  if (uid && uid !== object.metadata.uid) {
    throw conflict(
      { ...kind, plural: kind.kind },
      name,
      `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    )
  }
  const named: Named = { name, uid: object.metadata.uid ?? '' }
  if (kind === secret) return { secret: named }
  if (kind === node) return { node: named }
  const { nodeName } = (object as Pod).spec ?? {}
  const host = nodeName ? options.read.get(keyFor(node, { name: nodeName })) : undefined
  return {
    pod: named,
    ...(nodeName && host ? { node: { name: nodeName, uid: objectOf(host).metadata.uid ?? '' } } : {}),
  }
}
