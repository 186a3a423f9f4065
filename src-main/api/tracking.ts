import { equalJson } from '../base/json.ts'
import type { ManagedFieldsEntry } from '../kinds/generated/types.ts'
import type { AnyKind } from '../kinds/kind.ts'
import type { KubeObject } from '../kinds/meta.ts'
import type { FieldSet } from './managed-fields/field-set.ts'
import { resetFields } from './managed-fields/reset-fields.ts'
import { sameButTimes } from './managed-fields/entries.ts'
import type { FormIn } from './managed-fields/other-forms.ts'
import type { Shapes } from './managed-fields/shapes.ts'
import { comparable, managerOf, trackUpdate } from './managed-fields/track.ts'
import type { RequestContext } from './verbs.ts'
import { inVersion, versionOf } from './versions.ts'

/** What managedFields notes of a write, besides the objects. */
export interface Write {
  readonly schema: string
  readonly apiVersion: string
  readonly manager: string
  readonly subresource?: string | undefined
  /** Milliseconds. */
  readonly now: number
  readonly ignored: FieldSet
  readonly shapes?: Shapes
  readonly formIn?: FormIn
}

export function writeOf(kind: AnyKind, context: RequestContext, now: number, subresource?: string): Write {
  return {
    schema: kind.schema,
    apiVersion: kind.apiVersion,
    manager: managerFor(context),
    subresource,
    now,
    ignored: resetFields(kind.status === true, subresource, kind.statusKeeps),
    ...shapesOf(kind),
    formIn: (apiVersion) => {
      const other = versionOf(kind, apiVersion)
      if (!other) return undefined
      return {
        schema: other.schema, ...shapesOf(other),
        // to its owners an object is whole, also where the other version shows less of it
        of: (object) => (kind.custom && !other.stored?.ask ? { ...object, apiVersion } : inVersion(kind, other, object)),
        back: (object) => inVersion(other, kind, object),
      }
    },
  }
}

const shapesOf = (kind: AnyKind): { shapes?: Shapes } => (kind.custom ? { shapes: { types: kind.custom.types } } : {})

/** Who writes; a component in this process, which says neither manager nor User-Agent, by the user it acts as. */
export function managerFor({ fieldManager, userAgent, user }: RequestContext): string {
  return fieldManager || userAgent !== undefined ? managerOf(fieldManager, userAgent) : componentOf(user.name)
}

function componentOf(user: string): string {
  if (user.startsWith('system:node:')) return 'kubelet'
  if (user.startsWith('system:serviceaccount:kube-system:')) return 'kube-controller-manager'
  return user === 'system:apiserver' ? 'kube-apiserver' : user.replace(/^system:/, '')
}

/** What an update stores: `next` with its owners. `sent` is what the request said about them. Changes nothing. */
export function tracked(write: Write, old: Readonly<KubeObject>, next: KubeObject, sent: unknown): KubeObject {
  const { managedFields: managed } = old.metadata
  return withManagedFields(next, trackUpdate({ ...write, old, updated: next, managed, sent }))
}

export function withManagedFields(object: Readonly<KubeObject>, managedFields: ManagedFieldsEntry[] | undefined): KubeObject {
  const { managedFields: _managedFields, ...metadata } = object.metadata
  return { ...object, metadata: managedFields ? { ...metadata, managedFields } : metadata }
}

/** Whether a write changes nothing: an entry that only got a new time is no change. */
export const changesNothing = (object: Readonly<KubeObject>, old: Readonly<KubeObject>): boolean =>
  equalJson(comparable(object), comparable(old)) &&
  sameButTimes(object.metadata.managedFields, old.metadata.managedFields)
