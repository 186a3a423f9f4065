import { parseFieldSelector } from '../../base/selector.ts'
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
import type { Kind } from '../../kinds/kind.ts'
import type { KubeObject } from '../../kinds/meta.ts'
import { badRequest, invalid } from '../../kinds/status-error.ts'
import type { Attributes } from '../authz.ts'
import type { User } from '../verbs.ts'
import type { VirtualProvider } from '../virtual.ts'
import type { Authorizer, UserRules } from './authorizer.ts'
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
  provider(subjectAccessReview, (review) => reviewAccess(deps, subjectAccessReview, review)),
  provider(localSubjectAccessReview, (review) => {
    const { namespace } = review.metadata
    if (review.spec.resourceAttributes && review.spec.resourceAttributes.namespace !== namespace) {
      const at = field('spec', 'resourceAttributes', 'namespace')
      throw invalid(localSubjectAccessReview, '', [
        at.invalid(review.spec.resourceAttributes.namespace ?? '', 'must match metadata.namespace'),
      ])
    }
    if (review.spec.nonResourceAttributes) {
      const at = field('spec', 'nonResourceAttributes')
      throw invalid(localSubjectAccessReview, '', [
        at.invalid(review.spec.nonResourceAttributes, 'disallowed on this kind of request'),
      ])
    }
    return reviewAccess(deps, localSubjectAccessReview, review)
  }),
  provider(selfSubjectAccessReview, (review, user) => {
    const errors = targetErrors(review)
    if (errors.length > 0) throw invalid(selfSubjectAccessReview, '', errors)
    return { ...review, status: statusOf(deps.authorizer, user, review.spec) }
  }),
  provider(selfSubjectRulesReview, (review, user) => {
    if (!review.spec.namespace) throw badRequest('no namespace on request')
    return { ...review, spec: {}, status: rulesStatus(deps.authorizer.rulesOf(user, review.spec.namespace)) }
  }),
]

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
  const errors = targetErrors(review)
  if (!spec.user && !spec.groups?.length)
    errors.push(field('spec', 'user').invalid(spec.user ?? '', 'at least one of user or group must be specified'))
  // Kubernetes names no kind here
  if (errors.length > 0) throw invalid({ group: kind.group, plural: '', kind: '' }, '', errors)
  const user = {
    name: spec.user ?? '',
    groups: spec.groups ?? [],
    ...(spec.uid ? { uid: spec.uid } : {}),
    ...(spec.extra ? { extra: spec.extra } : {}),
  }
  return { ...review, status: statusOf(authorizer, user, spec) }
}

type Target = SelfSubjectAccessReview['spec']

function targetErrors({ spec, metadata }: { spec: Target; metadata: { name?: string } }): FieldError[] {
  const { resourceAttributes, nonResourceAttributes } = spec
  const errors: FieldError[] = []
  if (resourceAttributes && nonResourceAttributes) {
    errors.push(
      field('spec', 'nonResourceAttributes').invalid(
        nonResourceAttributes,
        'cannot be specified in combination with resourceAttributes',
      ),
    )
  }
  if (!resourceAttributes && !nonResourceAttributes) {
    errors.push(
      field('spec', 'resourceAttributes').invalid(
        'null',
        'exactly one of nonResourceAttributes or resourceAttributes must be specified',
      ),
    )
  }
  if (metadata.name) errors.push(field('metadata').invalid(metadata, 'must be empty'))
  return errors
}

function statusOf(
  { authorize }: Authorizer,
  user: User,
  { resourceAttributes, nonResourceAttributes }: Target,
): SubjectAccessReviewStatus {
  const asked = resourceAttributes
    ? ofResource(resourceAttributes)
    : { verb: nonResourceAttributes?.verb ?? '', path: nonResourceAttributes?.path ?? '' }
  const { allowed, reason } = authorize(user, asked)
  return { allowed, ...(reason ? { reason } : {}) }
}

function ofResource({
  verb = '',
  group = '',
  version = '',
  resource = '',
  subresource,
  namespace,
  name,
  fieldSelector,
}: ResourceAttributes): Attributes {
  const selector = fieldSelector?.rawSelector
  return {
    verb,
    group,
    version,
    resource,
    subresource,
    namespace,
    name,
    ...(selector ? { fieldSelector: parsed(selector) } : {}),
  }
}

/** A selector that cannot be read narrows nothing, as in Kubernetes: the question is then about more, not about less. */
function parsed(text: string): ReturnType<typeof parseFieldSelector> {
  try {
    return parseFieldSelector(text)
  } catch {
    return []
  }
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
