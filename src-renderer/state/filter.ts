import type { KubeObject } from '../../src-main/kinds/meta.ts'

/** Every word must be in the name, the namespace, `label=value`, or in what `more` says of the object. */
export function matchesFilter<T extends KubeObject>(object: T, text: string, more?: (object: T) => string): boolean {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  if (!words.length) return true
  const labels = Object.entries(object.metadata.labels ?? {}).map(([k, v]) => `${k}=${v}`)
  const hay = [object.metadata.name, object.metadata.namespace, ...labels, more?.(object)].join(' ').toLowerCase()
  return words.every((word) => hay.includes(word))
}
