import { computed, onScopeDispose, type ComputedRef, type Ref as VueRef } from 'vue'
import type { KubeObject } from '../../src-main/kinds/meta.ts'
import type { KindInfo } from '../api/kinds.ts'
import { usePreferences } from '../stores/preferences.ts'
import { useResources } from '../stores/resources.ts'

export interface ResourceList<T> {
  items: ComputedRef<T[]>
  loaded: Readonly<VueRef<boolean>>
  error: Readonly<VueRef<unknown>>
}

/** All objects of a kind, live, while the calling scope lives. */
export function useResourceList<T extends KubeObject>(kind: KindInfo<T>): ResourceList<T> {
  const { list, release } = useResources().use(kind)
  onScopeDispose(release)
  return { items: computed(() => list.items.value), loaded: list.loaded, error: list.error }
}

/** The same, of the namespace the person chose. */
export function useScopedList<T extends KubeObject>(kind: KindInfo<T>): ResourceList<T> {
  const list = useResourceList(kind)
  const preferences = usePreferences()
  const items = computed(() =>
    kind.namespaced && preferences.namespace ? list.items.value.filter((o) => o.metadata.namespace === preferences.namespace) : list.items.value,
  )
  return { ...list, items }
}
