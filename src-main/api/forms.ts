import type { AnyKind } from '../kinds/kind.ts'
import { protobufMessages } from '../kinds/protobuf.ts'
import type { Answers } from './negotiate.ts'
import type { Typed } from './protobuf-encode.ts'
import { metaV1, wireMessages } from './protobuf-messages.ts'
import type { ResourceRoute } from './route.ts'
import { sentType, subresourcesOf } from './subresource-list.ts'

/** In which forms a resource can be asked for: custom resources have no protobuf, and what is only ever created no table. */
export function formsOf({ kind, subresource }: Pick<ResourceRoute, 'kind' | 'subresource'>): Answers {
  return ({ format, as, apiVersion = '' }) => {
    if (as === undefined) return format !== 'protobuf' || hasProtobuf(kind)
    if (apiVersion !== 'meta.k8s.io/v1' && apiVersion !== 'meta.k8s.io/v1beta1') return false
    if (as === 'Table') return format !== 'protobuf' && hasTables(kind, subresource)
    return as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList'
  }
}

const hasProtobuf = ({ custom, schema }: AnyKind): boolean => !custom && (protobufMessages.has(schema) || wireMessages.has(schema))

function hasTables(kind: AnyKind, subresource: string | undefined): boolean {
  const verbs = subresource === undefined ? kind.verbs : subresourcesOf(kind).find(({ name }) => name === subresource)?.verbs
  return verbs?.some((verb) => verb !== 'create') ?? false
}

/** The definition of what a request is answered with: the object itself, what a subresource sends, or a Status. */
export function answeredDefinition({ kind, subresource }: Pick<ResourceRoute, 'kind' | 'subresource'>, answer: Typed): string {
  if (answer.kind === 'Status') return statusDefinition
  if (answer.kind === kind.kind) return kind.schema
  return sentType(kind, subresource)?.schema ?? kind.schema
}

export const statusDefinition: string = `${metaV1}.Status`
export const partialDefinition: string = `${metaV1}.PartialObjectMetadata`
