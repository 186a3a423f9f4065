import { errorMessage } from '../base/log.ts'
import { serviceAccount } from '../kinds/core/service-account.ts'
import type { Pod, ServiceAccountTokenProjection, TokenRequestAuthenticationV1 as TokenRequest } from '../kinds/generated/types.ts'
import { VolumeError } from './volume-files.ts'
import type { WorkerContext } from './worker.ts'

interface HeldToken {
  readonly token: string
  readonly expiresAt: number
  refreshAt: number
}

/** As the kubelet's token manager: a new token after 80 % of the old one's life, at the latest after a day. */
const refreshShare = 0.8
const longestMs = 24 * 3600 * 1000
/** Between two attempts to replace a token that is still good. */
export const retryMs = 10_000
const defaultSeconds = 3600

/** The tokens of one pod's account, one for each audience and life asked for; each is good only while the pod is there. */
export class PodTokens {
  readonly #context: Pick<WorkerContext, 'client' | 'clock' | 'log'>
  readonly #held = new Map<string, HeldToken>()

  constructor(context: Pick<WorkerContext, 'client' | 'clock' | 'log'>) {
    this.#context = context
  }

  /** When the first of them is to be replaced, in ms; undefined while there is none. */
  get refreshAt(): number | undefined {
    const times = [...this.#held.values()].map(({ refreshAt }) => refreshAt)
    return times.length > 0 ? Math.min(...times) : undefined
  }

  /** One that was asked for before, or a new one when that is old. @throws VolumeError when there is no good one */
  async get(pod: Pod, { audience = '', expirationSeconds = defaultSeconds }: ServiceAccountTokenProjection): Promise<string> {
    const { clock, log } = this.#context
    const key = `${audience} ${expirationSeconds}`
    const held = this.#held.get(key)
    if (held && clock.now() < held.refreshAt) return held.token
    try {
      const fresh = await this.#request(pod, audience, expirationSeconds)
      this.#held.set(key, fresh)
      return fresh.token
    } catch (error) {
      if (!held || clock.now() >= held.expiresAt) throw new VolumeError(`failed to fetch token: ${errorMessage(error)}`)
      log.warn('token not replaced, the old one is kept', { pod: pod.metadata.name, error: errorMessage(error) })
      held.refreshAt = clock.now() + retryMs
      return held.token
    }
  }

  async #request({ metadata, spec }: Pod, audience: string, expirationSeconds: number): Promise<HeldToken> {
    const { client, clock } = this.#context
    const { namespace, name = '', uid } = metadata
    const request: TokenRequest = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: {},
      spec: {
        audiences: audience ? [audience] : [],
        expirationSeconds,
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, ...(uid ? { uid } : {}) },
      },
    }
    const ref = { namespace, name: spec?.serviceAccountName || 'default' }
    const { status } = (await client.createSubresource(serviceAccount, ref, 'token', request)) as TokenRequest
    if (!status?.token || !status.expirationTimestamp) throw new Error('the answer has no token')
    const now = clock.now()
    const expiresAt = Date.parse(status.expirationTimestamp)
    return { token: status.token, expiresAt, refreshAt: now + Math.min((expiresAt - now) * refreshShare, longestMs) }
  }
}
