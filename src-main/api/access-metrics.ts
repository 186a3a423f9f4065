import type { IncomingMessage } from 'node:http'
import { exponentialBuckets, type Family, Histogram } from '../base/metric-families.ts'
import type { Authenticate } from './authn.ts'
import type { Authorize } from './authz.ts'
import type { FilterMetrics } from './filter-metrics.ts'
import type { User } from './verbs.ts'

/** Seconds; as in k8s.io/apiserver/pkg/endpoints/filters. */
const buckets = exponentialBuckets(0.001, 2, 15)

/** Names that are told apart; a series for every name would tell who there is, and have no bound. */
const known = new Set(['admin', 'client', 'kube_proxy', 'kubelet', 'system:serviceaccount:kube-system:default'])
const categoryOf = (name: string): string => (known.has(name) ? name : name.includes('@') ? 'email_id' : 'other')

/** Asks who somebody is and what they may, and counts the answers with the time they took. */
export class AccessMetrics {
  readonly #authenticate: Authenticate
  readonly #authorize: Authorize
  readonly #filters: FilterMetrics
  readonly #users = new Map<string, number>()
  readonly #success = new Histogram(buckets)
  readonly #failure = new Histogram(buckets)
  readonly #allowed = new Histogram(buckets)
  readonly #noOpinion = new Histogram(buckets)

  constructor({ authenticate, authorize }: { readonly authenticate: Authenticate; readonly authorize: Authorize }, filters: FilterMetrics) {
    this.#filters = filters
    this.#authenticate = authenticate
    this.#authorize = authorize
  }

  authenticate(req: IncomingMessage): User | undefined {
    const began = performance.now()
    const user = this.#authenticate(req)
    const seconds = (performance.now() - began) / 1000
    this.#filters.observe('authentication', seconds)
    if (!user) this.#failure.observe(seconds)
    else {
      this.#success.observe(seconds)
      const category = categoryOf(user.name)
      this.#users.set(category, (this.#users.get(category) ?? 0) + 1)
    }
    return user
  }

  readonly authorize: Authorize = (user, attributes) => {
    const began = performance.now()
    const decision = this.#authorize(user, attributes)
    // nobody here forbids: what no rule allows, nobody has an opinion about
    const seconds = (performance.now() - began) / 1000
    this.#filters.observe('authorization', seconds)
    ;(decision.allowed ? this.#allowed : this.#noOpinion).observe(seconds)
    return decision
  }

  families(): Family[] {
    const authentications = { success: this.#success, failure: this.#failure }
    const authorizations = { allowed: this.#allowed, 'no-opinion': this.#noOpinion }
    return [
      {
        name: 'authenticated_user_requests', type: 'counter', help: 'Counter of authenticated requests broken out by username.',
        samples: [...this.#users].map(([username, value]) => ({ labels: { username }, value })),
      },
      attempts('authentication_attempts', 'Counter of authenticated attempts.', authentications),
      durations('authentication_duration_seconds', 'Authentication duration in seconds broken out by result.', authentications),
      attempts('authorization_attempts_total', "Counter of authorization attempts broken down by result. It can be either 'allowed', 'denied', 'no-opinion' or 'error'.", authorizations),
      durations('authorization_duration_seconds', 'Authorization duration in seconds broken out by result.', authorizations),
    ]
  }
}

const attempts = (name: string, help: string, results: Readonly<Record<string, Histogram>>): Family => ({
  name, help, type: 'counter', samples: Object.entries(results).flatMap(([result, { count }]) => (count > 0 ? [{ labels: { result }, value: count }] : [])),
})

const durations = (name: string, help: string, results: Readonly<Record<string, Histogram>>): Family => ({
  name, help, type: 'histogram', samples: Object.entries(results).flatMap(([result, each]) => (each.isEmpty ? [] : each.samples({ result }))),
})
