import type { AnyKind } from '../kind.ts'

const protectedKinds: ReadonlyMap<string, { readonly group: string; readonly finalizer: string }> = new Map([
  ['PersistentVolumeClaim', { group: '', finalizer: 'kubernetes.io/pvc-protection' }],
  ['PersistentVolume', { group: '', finalizer: 'kubernetes.io/pv-protection' }],
  ['VolumeAttributesClass', { group: 'storage.k8s.io', finalizer: 'kubernetes.io/vac-protection' }],
])

/** What keeps an object of storage while something uses it; undefined for kinds that nothing protects so. */
export function protectionOf({ kind, group }: Pick<AnyKind, 'kind' | 'group'>): string | undefined {
  const found = protectedKinds.get(kind)
  return found?.group === group ? found.finalizer : undefined
}
