import { type Labels, labelSelector, type Selector } from '../base/selector.ts'

/** The selector of a Service or ReplicationController, a plain map; an absent or empty one selects nothing. */
export const mapSelector = (labels: Labels | undefined): Selector | undefined =>
  labels && Object.keys(labels).length > 0 ? labelSelector({ matchLabels: { ...labels } }) : undefined
