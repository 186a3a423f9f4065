import { computed, onScopeDispose, ref, shallowRef, watch, type ComputedRef } from 'vue'
import type { Pod } from '../../src-main/kinds/generated/types.ts'
import { ApiError } from '../api/errors.ts'
import { followLogs } from '../api/logs.ts'
import type { Ref } from '../api/resources.ts'

/** Lines kept; older ones leave at the top. */
const kept = 10_000
const againMs = 1000

/** Follows a container's log; a restarted container is followed from its start. Stops with the calling scope. */
export function useLogs(target: Ref, container: string, pod: ComputedRef<Pod | undefined>) {
  const lines = shallowRef<string[]>([])
  const following = ref(false)
  const error = shallowRef<unknown>()
  let abort: AbortController | undefined
  let again: ReturnType<typeof setTimeout> | undefined
  let pending: string[] = []

  const flush = () => {
    if (!pending.length) return
    lines.value = [...lines.value, ...pending].slice(-kept)
    pending = []
  }

  async function follow(): Promise<void> {
    abort?.abort()
    clearTimeout(again)
    const mine = new AbortController()
    abort = mine
    lines.value = []
    error.value = undefined
    following.value = true
    const timer = setInterval(flush, 80)
    try {
      await followLogs(target, { container, tailLines: 500, signal: mine.signal }, (more) => pending.push(...more))
    } catch (problem) {
      if (mine.signal.aborted) return
      // a stream that broke is not the cluster's answer: follow again
      if (problem instanceof ApiError && problem.code !== 0) error.value = problem
      else again = setTimeout(follow, againMs)
    } finally {
      clearInterval(timer)
      if (!mine.signal.aborted) {
        flush()
        following.value = false
      }
    }
  }

  const running = computed(() => {
    const status = pod.value?.status?.containerStatuses?.find((s) => s.name === container)
    return status?.state?.running || status?.state?.terminated ? status.containerID : undefined
  })
  watch(running, (id) => id && void follow(), { immediate: true })
  onScopeDispose(() => {
    abort?.abort()
    clearTimeout(again)
  })
  return { lines, following, error, follow, clear: () => (lines.value = []) }
}
