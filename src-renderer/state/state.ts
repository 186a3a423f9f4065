/** How something is, drawn as a shape beside a colour. */
export type Mark = 'ready' | 'working' | 'attention' | 'failed' | 'ended' | 'unknown'

export interface State {
  mark: Mark
  /** kubectl's word: `Running`, `CrashLoopBackOff`. */
  word: string
}

/** Something a person should know about an object, in plain words. */
export interface Attention {
  mark: Mark
  what: string
  todo?: string
  /** The message as Kubernetes wrote it. */
  raw?: string
}

/** From most to least urgent. */
export const urgency: readonly Mark[] = ['failed', 'attention', 'working', 'unknown', 'ready', 'ended']
export const byUrgency = (a: { mark: Mark }, b: { mark: Mark }): number => urgency.indexOf(a.mark) - urgency.indexOf(b.mark)
