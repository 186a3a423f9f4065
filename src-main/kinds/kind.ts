import type { Steps } from '../base/turns.ts'
import type { FieldError, FieldPath } from './field-error.ts'
import type { KubeObject } from './meta.ts'
import type { Schemas } from './schema.ts'
import type { Resource } from './status-error.ts'

/** A column of `kubectl get`; `priority` above 0 shows only with `-o wide`. */
export interface Column<T> {
  readonly name: string
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date'
  readonly format?: string
  readonly description?: string
  /** The field it shows, `spec.replicas`: what the field says about itself is the column's description. */
  readonly of?: string
  readonly priority?: number | undefined
  /** A `date` shown as the time it is, and not as an age. */
  readonly time?: boolean
  /** `now` in ms. A `date` cell returns the RFC 3339 time: the server shows it as an age. A null stays null. */
  cell(object: T, now: number): string | number | bigint | boolean | null | undefined
}

/** Reads one field. A method's type, so that a list may hold kinds of different objects. */
type FieldOf<T> = { read(object: T): string }['read']

type PartOf<T> = { plan(incoming: T, old: Readonly<T>): T }['plan']

/** What a status writer must not touch, in the ways that Kubernetes' kinds differ. */
export const metadataKept = {
  labels: ['labels'],
  owners: ['deletionTimestamp', 'ownerReferences'],
  'all but finalizers': ['labels', 'annotations', 'ownerReferences'],
  all: ['deletionTimestamp', 'labels', 'annotations', 'finalizers', 'ownerReferences'],
} as const

/** What a kind says about itself; everything a generic verb needs, and nothing else. */
export interface KindDefinition<T extends KubeObject> {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly plural: string
  readonly singular?: string
  /** The kind with `List` behind it unless said. */
  readonly listKind?: string
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
  readonly namespaced: boolean
  /** Name of its structure in the schemas, `io.k8s.api.core.v1.Pod`. */
  readonly schema: string
  /** Its definition is being deleted: what is there can still be changed, and nothing is added. */
  readonly ending?: boolean
  /** Verbs it serves; all of them unless said. A virtual kind says `get`, `list` and perhaps `watch`. */
  readonly verbs?: readonly Verb[]
  /** The object has a status that only `/status` writes, and whose writes leave the rest alone. */
  readonly status?: boolean
  /** A creation may bring its status along, as a Node's does; cleared otherwise. */
  readonly statusAtCreation?: boolean
  /** An update must carry the resourceVersion it started from, as a Lease's must; a missing one overwrites otherwise. */
  readonly conditionalUpdate?: boolean
  /** An update of an object that is not there creates it, as with Endpoints. */
  readonly createOnUpdate?: boolean
  /** Subresources that write a part of the object, as `/approval` does, or `/status` in a way of its own: what they make of `old`, metadata aside. They change neither. */
  readonly parts?: Readonly<Record<string, PartOf<T>>>
  /** Paths `/scale` reads and writes; the selector may be a LabelSelector or a plain map. A get of one that is not there tells of `missing`, and of the kind unless said. */
  readonly scale?: { readonly replicas: string; readonly statusReplicas: string; readonly selector: string; readonly missing?: Resource }
  /** Metadata that `/status` does not write; all the other is open to it. */
  readonly statusKeeps?: keyof typeof metadataKept
  /** `metadata.generation` counts changes outside metadata and status, and of annotations or labels where it says so; or it stays 1 (`once`), or comes with the first change (`later`). */
  readonly generation?: true | 'with annotations' | 'with labels' | 'once' | 'later'
  /** A deletion that does not say what becomes of its dependents leaves them behind; a text is the warning of it. */
  readonly orphans?: true | string
  /** Nothing depends on its objects: a deletion waits for no dependents, whatever it says of them. */
  readonly leaf?: true
  /** Further defaults than those of the schema; changes the object it is given. */
  default?(object: T): void
  /** The same of a large object, where that takes long. */
  defaultInSteps?(object: T): Steps<void>
  /** What the server fills in at creation (a phase, a UID that others need); changes the object it is given. */
  prepareCreate?(object: T): void
  /** What goes with a change and the client need not say; changes `object`, before it is validated. `now` in ms. */
  prepareUpdate?(object: T, old: Readonly<T>, now: number): void
  /** `old` is what an update changes: what was wrong before and did not change may stay so. @throws Later */
  validate?(object: T, at: FieldPath, old?: T): FieldError[]
  /** `validate` says everything there is to say: what the schema demands in general is left out. */
  readonly ownRules?: boolean
  /** Rules about the change. `validate` may have found mistakes, which are told first; nothing that must be there need be. */
  validateUpdate?(object: T, old: T, at: FieldPath): FieldError[]
  /** What a client is told of an object that is accepted all the same, in `Warning` headers. `old` is what an update changes. */
  warn?(object: T, old?: Readonly<T>): string[]
  /** The same of what a subresource has changed. */
  warnPart?(subresource: string, object: T): string[]
  /** Rules about a change through a subresource, `status` among them; `validate` has passed already. */
  validatePart?(subresource: string, object: T, old: Readonly<T>, at: FieldPath): FieldError[]
  /** What a deletion that begins adds to the object, such as a finalizer of the server's own; changes `object`. */
  prepareDelete?(object: T, now: number): void
  /** Seconds a deletion waits for whoever finishes the object; absent or 0 deletes at once. */
  gracePeriodSeconds?(object: T): number
  /** How names are checked; DNS subdomain unless said. */
  readonly names?: 'subdomain' | 'label' | 'label1035' | 'path-segment' | 'ip'
  /** Fields that field selectors may use, besides metadata.name and metadata.namespace. */
  readonly selectableFields?: Readonly<Record<string, FieldOf<T>>>
  /** What a CRD says of its objects; absent for built-in kinds. */
  readonly custom?: CustomContent
  /** How its objects are kept where that is not as they are: in another version, in another group, by an older definition. */
  readonly stored?: StoredForm
  /** What clients are told who still ask for this version: `batch/v1beta1 CronJob is deprecated in v1.21+, ...`. */
  readonly deprecation?: string
  /** The release of Kubernetes that no longer has this version: `1.25`. */
  readonly removedRelease?: string
  /** After Name; a kind without columns shows Name and Age. */
  readonly columns?: ReadonlyArray<Column<T>>
  /** How an object that is done is marked in a table. */
  completed?(object: T): { readonly reason: string; readonly message: string } | undefined
}

/** Objects whose structure a CRD describes. */
export interface CustomContent {
  /** Their types as apply sees them, with the kind's `schema` among them. */
  readonly types: Schemas
  /** Drops what the CRD does not describe, and returns the paths of what it dropped. Changes `object`. */
  prune(object: KubeObject, keepsNulls?: boolean): string[]
  /** The same of an object that may be long. */
  pruneInSteps(object: KubeObject, keepsNulls?: boolean): Steps<string[]>
  /** Looks at the metadata of whole objects inside: the first that nobody could read, and what none of them has. */
  readEmbedded(object: KubeObject): { readonly mistake?: FieldError | undefined; readonly unknown: readonly string[] }
  /** The type's OpenAPI definition; `dialect` 2 leaves out what Swagger cannot say. */
  openApi(dialect: 2 | 3): Readonly<Record<string, unknown>>
  /** What the CRD says; kinds of which it says the same show objects alike. */
  readonly definition: unknown
  /** Every version of the same objects, this one among them, served or not. */
  versions(): readonly AnyKind[]
}

/**
 * Between an object as its kind shows it and as the store keeps it. Neither function changes what it is given, and both
 * answer with the same object when there is no difference.
 */
export interface StoredForm {
  /** The kind whose objects they are; absent for the one that they are kept as. */
  readonly kind?: AnyKind
  /** @throws Unconverted */
  toStored(object: Readonly<KubeObject>): Readonly<KubeObject>
  /** Of an object in any version that was stored before. @throws Unconverted */
  fromStored(stored: Readonly<KubeObject>): Readonly<KubeObject>
  /**
   * Asks who alone can convert these objects: afterwards the functions above have the answers at hand. Absent where they
   * never throw. `apiVersion` is the version wished for; without it the objects are stored ones, wished for as this kind shows them.
   */
  ask?(objects: ReadonlyArray<Readonly<KubeObject>>, apiVersion?: string): Promise<void>
  /**
   * What `fromStored` returns, of the answer that they give now: it may be another one than before, and is not kept.
   * Undefined where nobody needs to be asked; absent as `ask` is.
   */
  fromStoredAnew?(stored: Readonly<KubeObject>): Promise<Readonly<KubeObject>> | undefined
  /** The same of `toStored`. */
  toStoredAnew?(object: Readonly<KubeObject>): Promise<Readonly<KubeObject>> | undefined
}

/** An object's other form is not at hand: somebody has to be asked first, and then the work can be done again. */
export class Unconverted extends Error {
  override readonly name = 'Unconverted'
  readonly object: Readonly<KubeObject>
  readonly apiVersion: string

  constructor(object: Readonly<KubeObject>, apiVersion: string) {
    super(`not converted to ${apiVersion} yet`)
    this.object = object
    this.apiVersion = apiVersion
  }
}

export type Verb = 'create' | 'get' | 'list' | 'watch' | 'update' | 'patch' | 'delete' | 'deletecollection'
export const allVerbs: readonly Verb[] = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']

export interface Kind<T extends KubeObject = KubeObject> extends KindDefinition<T> {
  /** `v1`, `apps/v1` */
  readonly apiVersion: string
  readonly listKind: string
  readonly singular: string
  readonly verbs: readonly Verb[]
}

export function defineKind<T extends KubeObject>(definition: KindDefinition<T>): Kind<T> {
  return {
    ...definition,
    apiVersion: definition.group ? `${definition.group}/${definition.version}` : definition.version,
    listKind: definition.listKind ?? `${definition.kind}List`,
    singular: definition.singular ?? definition.kind.toLowerCase(),
    verbs: definition.verbs ?? allVerbs,
  }
}

/** The kind that the same objects are kept as, and are known by in messages. */
export const keptKind = (kind: AnyKind): AnyKind => kind.stored?.kind ?? kind

/** A kind whose objects the caller does not look into; the registry gives each of its functions only objects of its own kind. */
export type AnyKind = Kind
