import type { ServiceResponse } from '../../api/service-request.ts'

export interface ResponseGroup {
  status: number
  text: string
  count: number
  share: number
}

/** Equal answers together, the most frequent first: when pods answer with their name, this is the spread. */
export function groupResponses(responses: readonly ServiceResponse[]): ResponseGroup[] {
  const groups = new Map<string, ResponseGroup>()
  for (const { status, text } of responses) {
    const key = `${status} ${text}`
    const group = groups.get(key) ?? { status, text, count: 0, share: 0 }
    group.count++
    groups.set(key, group)
  }
  return [...groups.values()].map((g) => ({ ...g, share: g.count / responses.length })).sort((a, b) => b.count - a.count || a.text.localeCompare(b.text))
}

export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? 0
}

export const answered = (r: { status: number }): boolean => r.status > 0 && r.status < 400
