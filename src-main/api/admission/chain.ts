import type { AnyKind } from '../../kinds/kind.ts'
import type { KubeObject } from '../../kinds/meta.ts'
import type { Store, WriteTx } from '../../store/store.ts'
import type { RequestContext } from '../verbs.ts'

/** The newest state: inside a commit it shows the writes of the same batch, so what is chosen by it stays chosen. */
export type Reader = Pick<WriteTx, 'get' | 'list'>

/** What is durable by now, outside a commit. */
export const committed = (store: Store): Reader => ({
  get: (key) => store.get(key),
  list: (prefix) => store.list(prefix).items,
})

/** A write that wants in. */
export interface AdmissionRequest {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE'
  readonly kind: AnyKind
  readonly namespace: string | undefined
  /** Empty while a name is still to be generated. */
  readonly name: string
  readonly subresource?: string
  /** As it will be; `admit` may change it in place. For a deletion: as it is, and nobody changes it. */
  readonly object: KubeObject
  readonly old?: Readonly<KubeObject>
  readonly context: RequestContext
  readonly read: Reader
}

/**
 * Rules inside this server. They run inside the commit, so they are synchronous and see the newest state. `admit` may run
 * twice on the same object and must then change nothing more. Both refuse by throwing a StatusError.
 */
export interface AdmissionPlugin {
  readonly name: string
  admit?(request: AdmissionRequest): void
  validate?(request: AdmissionRequest): void
}

/**
 * Rules that need waiting (webhooks). They run before the commit on the object as it would be; the write then happens only
 * if the object did not change meanwhile, and is tried again if it did.
 */
export interface Reviewer {
  readonly name: string
  concerns(request: Pick<AdmissionRequest, 'operation' | 'kind' | 'namespace' | 'subresource'>): boolean
  admit?(request: AdmissionRequest): Promise<void>
  validate?(request: AdmissionRequest): Promise<void>
}

export interface AdmissionChain {
  readonly plugins: readonly AdmissionPlugin[]
  readonly reviewers: readonly Reviewer[]
}

export function admit({ plugins }: AdmissionChain, request: AdmissionRequest): void {
  for (const plugin of plugins) plugin.admit?.(request)
}

export function validateAdmission({ plugins }: AdmissionChain, request: AdmissionRequest): void {
  for (const plugin of plugins) plugin.validate?.(request)
}
