/** What is true of one kind, whichever server keeps it. */
export interface KindCase {
  /** `v1/pods`, `apps/v1/deployments` */
  readonly resource: string
  readonly kind: string
  /** The first minor version that serves it. */
  readonly since?: number
  readonly namespaced?: false
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
  /** All eight unless said. */
  readonly verbs?: readonly string[]
  readonly subresources?: readonly string[]
  /** Titles of `kubectl get`; after the bar those of `-o wide`. None for what nobody lists. */
  readonly columns?: string
  /** The first minor version that shows these columns. */
  readonly columnsSince?: number
  /** The least that it can be created from, without its type. Its name is `{name}` unless it says another. */
  readonly least: { readonly metadata?: { readonly name?: string; readonly labels?: object }; readonly [field: string]: unknown }
  /** What is in it then, at least. */
  readonly filled?: object
  readonly filledSince?: number
  /** Merged into the least. */
  readonly mistake?: Mistake
  /** Merged into what was created. */
  readonly fixed?: Mistake
  /** Merged through `/status`, and only there. */
  readonly status?: object
  /** A write of the status leaves labels and annotations alone; others take them along. */
  readonly metadataInStatus?: false
  /** Merged, it counts the generation on. A kind without it has no generation. */
  readonly change?: object
  readonly generationSince?: number
  /** Labels count as a change. */
  readonly labelsCount?: true
  /** The generation that a change leads to; the next unless said. */
  readonly changed?: number
}

export interface Mistake {
  readonly merge: object
  readonly since?: number
  /** The causes: field, reason, beginning of the message. */
  readonly causes: ReadonlyArray<readonly [field: string, reason: 'FieldValueInvalid' | 'FieldValueRequired' | 'FieldValueForbidden' | 'FieldValueNotSupported' | 'FieldValueDuplicate' | 'FieldValueTooLong', message: RegExp]>
}

const container = { name: 'main', image: 'busybox:1' }
export const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [container] } }
export const selector = { matchLabels: { app: 'a' } }
export const filledTemplate = {
  spec: {
    restartPolicy: 'Always', dnsPolicy: 'ClusterFirst', schedulerName: 'default-scheduler', terminationGracePeriodSeconds: 30, securityContext: {},
    containers: [{ ...container, imagePullPolicy: 'IfNotPresent', terminationMessagePath: '/dev/termination-log', terminationMessagePolicy: 'File', resources: {} }],
  },
}
export const immutable = /field is immutable$/
