import { computed } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { shownKinds, type KindInfo } from '../api/kinds.ts'
import type { Ref } from '../api/resources.ts'

/** `pods/default/web-1`, `nodes/-/worker`: how an address names an object. */
export const showOf = (kind: KindInfo, ref: Ref): string => `${kind.plural}/${ref.namespace ?? '-'}/${ref.name}`

export function parseShow(text: unknown): { kind: KindInfo; ref: Ref } | undefined {
  const [plural = '', namespace = '', name = ''] = typeof text === 'string' ? text.split('/') : []
  const kind = shownKinds[plural]
  return kind && name ? { kind, ref: { namespace: namespace === '-' ? undefined : namespace, name } } : undefined
}

/** The object in the drawer; it stands in the address, so that it can be linked to and Back closes it. */
export function useOpenResource() {
  const route = useRoute()
  const router = useRouter()
  const opened = computed(() => parseShow(route.query.show))
  const open = (kind: KindInfo, ref: Ref) => router.push({ path: route.path === '/create' ? '/workloads' : route.path, query: { show: showOf(kind, ref) } })
  const close = () => router.push({ path: route.path, query: {} })
  const linkTo = (kind: KindInfo, ref: Ref) => ({ path: route.path, query: { show: showOf(kind, ref) } })
  return { opened, open, close, linkTo }
}
