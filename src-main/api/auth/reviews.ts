import { localSubjectAccessReview } from '../../kinds/authorization/local-subject-access-review.ts'
import { selfSubjectAccessReview } from '../../kinds/authorization/self-subject-access-review.ts'
import { selfSubjectRulesReview } from '../../kinds/authorization/self-subject-rules-review.ts'
import { subjectAccessReview } from '../../kinds/authorization/subject-access-review.ts'
import { selfSubjectReview } from '../../kinds/authentication/self-subject-review.ts'
import { tokenReview } from '../../kinds/authentication/token-review.ts'
import { field, type FieldError } from '../../kinds/field-error.ts'
import type {
  ResourceAttributes,
  SelfSubjectAccessReview,
  SelfSubjectRulesReview,
  SubjectAccessReview,
  SubjectAccessReviewStatus,
  TokenReview,
  UserInfo,
} from '../../kinds/generated/types.ts'
import type { AnyKind, Kind } from '../../kinds/kind.ts'
import type { KubeObject } from '../../kinds/meta.ts'
import { sameValue } from '../../kinds/same-value.ts'
import { badRequest, invalid } from '../../kinds/status-error.ts'
import type { Attributes } from '../authz.ts'
import type { User } from '../verbs.ts'
import type { VirtualProvider } from '../virtual.ts'
import type { Authorizer, UserRules } from './authorizer.ts'
import { checkReviewSelectors, readReviewSelectors, type ReadSelectors } from './review-selectors.ts'
import type { Proof } from './service-account-tokens.ts'

export interface ReviewDependencies {
  readonly authorizer: Authorizer
  /** Whom a bearer token belongs to, for the audiences asked. */
  readonly prove: (token: string, audiences: readonly string[]) => Proof
  /** Of tokens for the API server itself. */
  readonly audiences: readonly string[]
}

/** The kinds whose creation is a question, answered in their status and stored nowhere. */
export const reviewProviders = (deps: ReviewDependencies): VirtualProvider[] => [
  provider(selfSubjectReview, (review, user) => ({ ...review, status: { userInfo: userInfo(user) } })),
  provider(tokenReview, (review) => reviewToken(deps, review)),
  provider(subjectAccessReview, (review) => reviewAccess(deps, subjectAccessReview, asked(review))),
  provider(localSubjectAccessReview, (review) => reviewAccess(deps, localSubjectAccessReview, asked(review))),
  provider(selfSubjectAccessReview, (given, user) => {
    const review = asked(given)
    refuse(selfSubjectAccessReview, [...targetErrors(review.spec), ...metadataErrors(selfSubjectAccessReview, review)])
    return { ...review, status: statusOf(deps.authorizer, user, review.spec) }
  }),
  provider(selfSubjectRulesReview, (review, user) => {
    const { namespace } = asked(review).spec
    if (!namespace) throw badRequest('no namespace on request')
    return { ...review, spec: {}, status: rulesStatus(deps.authorizer.rulesOf(user, namespace)) }
  }),
]

/** A question that says nothing at all is one about nothing. */
const asked = <T extends { spec: object }>(review: T): T => ({ ...review, spec: (review.spec as T['spec'] | undefined) ?? {} })

function provider<T extends KubeObject>(kind: Kind<T>, answer: (review: T, user: User) => T): VirtualProvider<T> {
  return {
    kind,
    create: async (review, { user }) => answer(review, user),
    get: async () => undefined,
    list: async () => [],
  }
}

export const userInfo = ({ name, uid, groups, extra }: User): UserInfo => ({
  username: name,
  ...(uid ? { uid } : {}),
  ...(groups.length > 0 ? { groups: [...groups] } : {}),
  ...(extra ? { extra: Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, [...values]])) } : {}),
})

function reviewToken({ prove, audiences }: ReviewDependencies, review: TokenReview): TokenReview {
  const { token = '', audiences: asked } = review.spec ?? {}
  if (!token) throw badRequest('token is required for TokenReview in authentication')
  const proof = prove(token, asked?.length ? asked : audiences)
  if ('error' in proof) return { ...review, status: { user: {}, error: proof.error } }
  const { user } = proof
  return {
    ...review,
    status: {
      authenticated: true,
      user: userInfo(user),
      audiences: [...proof.audiences],
    },
  }
}

function reviewAccess<T extends SubjectAccessReview>({ authorizer }: ReviewDependencies, kind: Kind<T>, review: T): T {
  const { spec } = review
  const nobody = !spec.user && !spec.groups?.length
  refuse(kind, [
    ...targetErrors(spec, nobody ? [field('spec', 'user').invalid('', 'at least one of user or group must be specified')] : []),
    ...metadataErrors(kind, review),
    ...(kind.namespaced ? placeErrors(review) : []),
  ])
  const user = {
    name: spec.user ?? '',
    groups: spec.groups ?? [],
    ...(spec.uid ? { uid: spec.uid } : {}),
    ...(spec.extra ? { extra: spec.extra } : {}),
  }
  return { ...review, status: statusOf(authorizer, user, spec) }
}

/** Kubernetes names no kind here. */
function refuse({ group }: AnyKind, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid({ group, plural: '', kind: '' }, '', errors)
}

type Target = SelfSubjectAccessReview['spec']

/** `who`: what is wrong with whom the question is about. */
function targetErrors({ resourceAttributes, nonResourceAttributes }: Target, who: readonly FieldError[] = []): FieldError[] {
  const errors: FieldError[] = []
  if (resourceAttributes && nonResourceAttributes) {
    const { path = '', verb = '' } = nonResourceAttributes
    errors.push(field('spec', 'nonResourceAttributes').invalid({ Path: path, Verb: verb }, 'cannot be specified in combination with resourceAttributes'))
  }
  const at = field('spec', 'resourceAttributes')
  if (!resourceAttributes && !nonResourceAttributes) errors.push(at.invalid(null, 'exactly one of nonResourceAttributes or resourceAttributes must be specified'))
  return [...errors, ...who, ...(resourceAttributes ? checkReviewSelectors(resourceAttributes, at) : [])]
}

/** A question has no name, nor anything else of an object. */
function metadataErrors({ namespaced }: AnyKind, { metadata }: KubeObject): FieldError[] {
  const { namespace, managedFields: _managed, ...rest } = metadata
  const isEmpty = sameValue(namespaced ? rest : { ...rest, namespace }, {})
  return isEmpty ? [] : [field('metadata').invalid(metadata, namespaced ? 'must be empty except for namespace' : 'must be empty')]
}

function placeErrors({ metadata: { namespace = '' }, spec: { resourceAttributes, nonResourceAttributes } }: SubjectAccessReview): FieldError[] {
  const asked = resourceAttributes?.namespace ?? ''
  const { path = '', verb = '' } = nonResourceAttributes ?? {}
  return [
    ...(resourceAttributes && asked !== namespace ? [field('spec', 'resourceAttributes', 'namespace').invalid(asked, 'must match metadata.namespace')] : []),
    ...(nonResourceAttributes ? [field('spec', 'nonResourceAttributes').invalid({ Path: path, Verb: verb }, 'disallowed on this kind of request')] : []),
  ]
}

function statusOf({ authorize }: Authorizer, user: User, { resourceAttributes, nonResourceAttributes }: Target): SubjectAccessReviewStatus {
  const selectors = readReviewSelectors(resourceAttributes ?? {})
  const asked = resourceAttributes ? ofResource(resourceAttributes, selectors) : { verb: nonResourceAttributes?.verb ?? '', path: nonResourceAttributes?.path ?? '' }
  const { allowed, reason } = authorize(user, asked)
  const { ignored } = selectors
  return { allowed, ...(reason ? { reason } : {}), ...(ignored.length > 0 ? { evaluationError: ignored.join('; ') } : {}) }
}

function ofResource({ verb = '', group = '', version, resource = '', subresource, namespace, name }: ResourceAttributes, { ignored: _ignored, ...selectors }: ReadSelectors): Attributes {
  return { verb, group, version: version || '*', resource, subresource, namespace, name, ...selectors }
}

function rulesStatus({ rules, incomplete, errors }: UserRules): SelfSubjectRulesReview['status'] {
  return {
    resourceRules: rules
      .filter(({ resources }) => resources?.length)
      .map(({ verbs, apiGroups, resources, resourceNames }) => ({
        verbs,
        apiGroups,
        resources,
        ...(resourceNames?.length ? { resourceNames } : {}),
      })),
    nonResourceRules: rules
      .filter(({ nonResourceURLs }) => nonResourceURLs?.length)
      .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
    incomplete,
    ...(errors.length > 0 ? { evaluationError: errors.join(', ') } : {}),
  }
}
