import { pathOf, services } from './kinds.ts'
import type { Ref } from './resources.ts'

export interface ServiceResponse {
  index: number
  /** HTTP status; 0 when no answer came. */
  status: number
  ms: number
  /** First line of the answer, or why there was none. */
  text: string
}

export interface RequestPlan {
  service: Ref
  port: string | number
  path: string
  method: 'GET' | 'POST'
  count: number
  /** At most this many under way at once. */
  concurrency: number
}

export const requestPath = ({ service, port, path }: Pick<RequestPlan, 'service' | 'port' | 'path'>): string =>
  `${pathOf(services, service)}:${port}/proxy/${path.replace(/^\/+/, '')}`

/** Sends requests to a service through the API server, and says of each how it ended. Resolves when all have, or at abort. */
export async function sendRequests(plan: RequestPlan, answered: (response: ServiceResponse) => void, signal: AbortSignal): Promise<void> {
  let next = 0
  const worker = async () => {
    while (next < plan.count && !signal.aborted) answered(await sendOne(plan, next++, signal))
  }
  await Promise.all(Array.from({ length: Math.min(plan.concurrency, plan.count) }, worker))
}

async function sendOne(plan: RequestPlan, index: number, signal: AbortSignal): Promise<ServiceResponse> {
  const started = performance.now()
  const took = () => performance.now() - started
  try {
    const response = await fetch(requestPath(plan), { method: plan.method, signal, cache: 'no-store', credentials: 'same-origin' })
    const text = await response.text()
    return { index, status: response.status, ms: took(), text: firstLine(text) }
  } catch (error) {
    return { index, status: 0, ms: took(), text: error instanceof Error ? error.message : String(error) }
  }
}

const firstLine = (text: string): string => text.trimStart().split('\n', 1)[0]?.slice(0, 120) ?? ''
