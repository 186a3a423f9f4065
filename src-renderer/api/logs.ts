import { pathOf, pods } from './kinds.ts'
import { request, type Ref } from './resources.ts'

export interface LogOptions {
  container: string
  tailLines: number
  previous?: boolean
  signal: AbortSignal
}

/** Calls `lines` with every whole line of a container's log until it ends or `signal` aborts. Rejects with ApiError. */
export async function followLogs(pod: Ref, options: LogOptions, lines: (lines: string[]) => void): Promise<void> {
  const query = new URLSearchParams({ container: options.container, tailLines: String(options.tailLines), follow: String(!options.previous), ...(options.previous ? { previous: 'true' } : {}) })
  const response = await request(`${pathOf(pods, pod)}/log?${query}`, { signal: options.signal })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  while (reader) {
    const { done, value } = await reader.read()
    if (done) break
    const parts = (rest + value).split('\n')
    rest = parts.pop() ?? ''
    if (parts.length) lines(parts)
  }
  if (rest) lines([rest])
}
