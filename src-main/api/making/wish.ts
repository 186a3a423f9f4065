import type { AnyKind } from '../../kinds/kind.ts'
import type { ObjectRef } from '../../kinds/meta.ts'
import type { PatchBody, RequestContext } from '../verbs.ts'

/** What a request sent: a whole object to be created or to take another's place, or a patch. It may be changed by who reads it. */
export type Sent = { readonly type: 'create'; readonly body: unknown } | { readonly type: 'replace'; readonly body: unknown } | PatchBody

/** A write as it was asked for: nothing but data, of which anybody can make the object, a thread too. */
export interface Wish {
  readonly kind: AnyKind
  /** Without a name for what is created. */
  readonly ref: ObjectRef
  readonly subresource?: string | undefined
  readonly context: RequestContext
  /** Milliseconds. */
  readonly now: number
  readonly sent: Sent
}

/** Whether the request is about the Scale of an object. */
export const isScaling = ({ kind, subresource }: Pick<Wish, 'kind' | 'subresource'>): boolean => subresource === 'scale' && kind.scale !== undefined
