import { type Labels, labelSelector, type Selector } from '../base/selector.ts'

/** The selector of a ReplicationController, a plain map; an absent or empty one selects nothing. */
export const mapSelector = (labels: Labels | undefined): Selector | undefined =>
  labels && namesIn(labels).length > 0 ? labelSelector({ matchLabels: labels }) : undefined

const none: readonly string[] = []

/** A Service is asked with every change of a pod, and may look for very many labels. */
const known = new WeakMap<Labels, readonly string[]>()

/** What a plain map that selects looks for; it stays as it is. */
export function namesIn(map: Labels | undefined): readonly string[] {
  if (!map) return none
  const names = known.get(map) ?? Object.keys(map)
  known.set(map, names)
  return names
}

/** Whether a plain map, as a Service has one, selects what has the labels. */
export function mapSelects(map: Labels | undefined, labels: Labels): boolean {
  const names = namesIn(map)
  return names.length > 0 && names.every((name) => Object.hasOwn(labels, name) && labels[name] === map![name])
}
