import { onScopeDispose, shallowRef, watch, type Ref } from 'vue'

const flashMs = 1200

/** Keys that appeared after the first list, each for a moment. */
export function useFreshRows(keys: () => string[]): Ref<ReadonlySet<string>> {
  const fresh = shallowRef<ReadonlySet<string>>(new Set())
  let known: Set<string> | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(keys, (now) => {
    const before = known
    known = new Set(now)
    if (!before?.size) return
    const added = now.filter((key) => !before.has(key))
    if (!added.length) return
    fresh.value = new Set([...fresh.value, ...added])
    clearTimeout(timer)
    timer = setTimeout(() => (fresh.value = new Set()), flashMs)
  }, { immediate: true })
  onScopeDispose(() => clearTimeout(timer))
  return fresh
}
