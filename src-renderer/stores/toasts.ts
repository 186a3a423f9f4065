import { defineStore } from 'pinia'
import { ref } from 'vue'
import { explain, type Explanation } from '../api/errors.ts'

export interface Toast extends Partial<Explanation> {
  id: number
  tone: 'done' | 'failed'
  what: string
}

const stayMs = 4000

/** What happened after an action. Good news leaves by itself; a failure stays until it is read. */
export const useToasts = defineStore('toasts', () => {
  const toasts = ref<Toast[]>([])
  let last = 0
  const dismiss = (id: number) => (toasts.value = toasts.value.filter((t) => t.id !== id))
  function add(toast: Omit<Toast, 'id'>): void {
    const id = ++last
    // good news replaces older good news, a failure waits to be read
    toasts.value = [...toasts.value.filter((t) => t.tone === 'failed' || toast.tone === 'failed').slice(-4), { ...toast, id }]
    if (toast.tone === 'done') setTimeout(() => dismiss(id), stayMs)
  }
  const done = (what: string) => add({ tone: 'done', what })
  const failed = (error: unknown, doing: string) => add({ tone: 'failed', ...explain(error, doing) })
  /** Runs an action and says what became of it; true when it succeeded. */
  async function attempt(doing: string, action: () => Promise<unknown>, success: string): Promise<boolean> {
    try {
      await action()
      if (success) done(success)
      return true
    } catch (error) {
      failed(error, doing)
      return false
    }
  }
  return { toasts, dismiss, done, failed, attempt }
})
