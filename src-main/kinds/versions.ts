import { type AnyKind, type Column, type Kind, type KindDefinition, keptKind } from './kind.ts'
import type { KubeObject } from './meta.ts'

/** What another version of a kind says that the kept one does not. */
export interface OtherVersion<T extends KubeObject, S extends KubeObject> {
  /** The kept kind's own unless said. */
  readonly group?: string
  readonly version: string
  /** Name of its structure; the kept kind's own unless said, for a version of the same shape. */
  readonly schema?: string
  /** Where Kubernetes deprecated and removed this version. */
  readonly deprecated?: { readonly since: string; readonly until: string }
  readonly default?: KindDefinition<T>['default']
  /** Instead of the kept kind's rules. */
  readonly validate?: KindDefinition<S>['validate']
  /** Further rules than those of the kept kind. Paths are the kept kind's, as Kubernetes' are. */
  readonly validateCreate?: (object: S) => ReturnType<NonNullable<KindDefinition<S>['validate']>>
  readonly validateUpdate?: KindDefinition<S>['validateUpdate']
  readonly selectableFields?: KindDefinition<T>['selectableFields']
  /** The content in the kept kind's shape; needed where the shapes differ. Changes nothing. */
  readonly toStored?: (object: Readonly<T>) => S
  readonly fromStored?: (stored: Readonly<S>) => T
}

/** The same objects in another version or group: what the kept kind does with them is done in its shape. */
export function otherVersion<T extends KubeObject, S extends KubeObject>(kept: Kind<S>, other: OtherVersion<T, S>): Kind<T> {
  const { version, group = kept.group, schema = kept.schema } = other
  const apiVersion = group ? `${group}/${version}` : version
  const convert = (object: Readonly<T>): S => ({ ...(other.toStored ? other.toStored(object) : (object as unknown as S)), apiVersion: kept.apiVersion })
  const toStored = remembered(convert)
  const fromStored = (stored: Readonly<S>): T => ({ ...(other.fromStored ? other.fromStored(stored) : (stored as unknown as T)), apiVersion })
  /** For what the kept kind does to an object. */
  const inPlace = (act: ((object: S) => void) | undefined) =>
    act && ((object: T): void => {
      const stored = convert(object)
      act(stored)
      replaceContent(object, fromStored(stored))
    })
  const { prepareUpdate, gracePeriodSeconds, columns, selectableFields, warn, defaultInSteps: _inSteps, ...same } = kept
  const fields = other.selectableFields ?? (selectableFields && Object.fromEntries(
    Object.entries(selectableFields).map(([name, read]) => [name, (object: T) => read(toStored(object))]),
  ))
  return {
    ...(same as unknown as Kind<T>),
    group, version, apiVersion, schema,
    stored: {
      kind: keptKind(kept as unknown as AnyKind),
      toStored: (object) => convert(object as T),
      fromStored: (stored) => fromStored(stored as S),
    },
    ...(other.deprecated ? { deprecation: deprecationOf(kept, apiVersion, other.deprecated), removedRelease: other.deprecated.until } : {}),
    default: other.default ?? inPlace(kept.default),
    prepareCreate: inPlace(kept.prepareCreate),
    prepareUpdate: prepareUpdate && ((object, old, now) => inPlace((stored) => prepareUpdate(stored, convert(old), now))!(object)),
    validate: (object, at, old) => {
      const stored = convert(object)
      const errors = (other.validate ?? kept.validate)?.(stored, at, old && convert(old)) ?? []
      return old || !other.validateCreate ? errors : [...errors, ...other.validateCreate(stored)]
    },
    validateUpdate: (object, old, at) => {
      const [next, before] = [convert(object), convert(old)]
      return [...(kept.validateUpdate?.(next, before, at) ?? []), ...(other.validateUpdate?.(next, before, at) ?? [])]
    },
    warn: warn && ((object, old) => warn(convert(object), old && convert(old))),
    gracePeriodSeconds: gracePeriodSeconds && ((object) => gracePeriodSeconds(convert(object))),
    ...(fields ? { selectableFields: fields } : {}),
    ...(columns ? { columns: columns.map((column): Column<T> => ({ ...column, cell: (object, now) => column.cell(toStored(object), now) })) } : {}),
  }
}

/** As apiserver's deprecation.WarningMessage. */
const deprecationOf = (kept: { apiVersion: string; kind: string }, apiVersion: string, { since, until }: { since: string; until: string }): string =>
  `${apiVersion} ${kept.kind} is deprecated in v${since}+, unavailable in v${until}+; use ${kept.apiVersion} ${kept.kind}`

/** A table asks for the same object once a column. */
function remembered<T extends object, S>(make: (object: T) => S): (object: T) => S {
  const known = new WeakMap<T, S>()
  return (object) => {
    let made = known.get(object)
    if (made === undefined) known.set(object, (made = make(object)))
    return made
  }
}

function replaceContent(object: object, next: object): void {
  for (const name of Object.keys(object)) if (!Object.hasOwn(next, name)) Reflect.deleteProperty(object, name)
  Object.assign(object, next)
}
