import { copyJson, equalJson } from '../base/json.ts'
import type { CustomResourceDefinition, CustomResourceDefinitionVersion } from './apiextensions/custom-resource-definition.ts'
import { rules } from './custom/cel-rules.ts'
import { columnsOf } from './custom/columns.ts'
import { type Convert, Conversions } from './custom/conversion.ts'
import { defaultCustom } from './custom/defaulting.ts'
import { jsonPath, simplePath } from './custom/json-path.ts'
import { hasRules, type JsonSchema } from './custom/json-schema.ts'
import { publishedSchema } from './custom/open-api.ts'
import { pruneCustom } from './custom/pruning.ts'
import { customTypes } from './custom/types.ts'
import { checkCustom } from './custom/values.ts'
import { allVerbs, type CustomContent, defineKind, type Kind, type StoredForm } from './kind.ts'
import { conditionOf, type KubeObject } from './meta.ts'
import type { Schemas } from './schema.ts'

/**
 * The kinds that a definition brings: one for each version it serves, the preferred one first.
 *
 * @param convert  asks the definition's webhook; the apiVersion alone is changed without it
 */
export const customKinds = (crd: CustomResourceDefinition, convert?: Convert): Kind[] =>
  allVersions(crd, convert).filter(({ served }) => served).sort((a, b) => compareVersions(a.kind.version, b.kind.version)).map(({ kind }) => kind)

/** The kind under which the objects are kept, whether it is served or not: enough to find and delete them all. */
export const storedKind = (crd: CustomResourceDefinition): Kind => storageOf(allVersions(crd))

interface Version {
  readonly served: boolean
  readonly storage: boolean
  readonly kind: Kind
}

const storageOf = (versions: readonly Version[]): Kind => (versions.find(({ storage }) => storage) ?? versions[0]!).kind

function allVersions(crd: CustomResourceDefinition, convert?: Convert): readonly Version[] {
  const definition = { spec: crd.spec, names: crd.status?.acceptedNames }
  const conversions = convert && new Conversions(convert)
  const all: readonly Version[] = crd.spec.versions.map((version) => ({
    served: version.served, storage: version.storage,
    kind: kindOf(crd, version, { definition, conversions, versions: () => all.map(({ kind }) => kind), storage: () => storageOf(all) }),
  }))
  return all
}

/** What the versions of one definition share. */
interface Family {
  readonly definition: unknown
  readonly conversions?: Conversions | undefined
  versions(): readonly Kind[]
  storage(): Kind
}

function kindOf(crd: CustomResourceDefinition, version: CustomResourceDefinitionVersion, family: Family): Kind {
  const { group, scope, names: wished } = crd.spec
  const accepted = crd.status?.acceptedNames
  const names = accepted?.kind ? accepted : wished
  const schemaName = `${[...group.split('.').reverse(), version.name, names.kind].join('.')}`
  const schema = version.schema?.openAPIV3Schema ?? { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
  const { status, scale } = version.subresources ?? {}
  const ending = conditionOf(crd.status?.conditions, 'Terminating')?.status === 'True'
  return defineKind<KubeObject>({
    group, version: version.name, kind: names.kind, plural: names.plural, singular: names.singular,
    ...(names.shortNames?.length ? { shortNames: names.shortNames } : {}),
    ...(names.categories?.length ? { categories: names.categories } : {}),
    namespaced: scope === 'Namespaced',
    schema: schemaName,
    verbs: ending ? allVerbs.filter((verb) => verb !== 'create') : allVerbs,
    generation: true,
    ...(status !== undefined && status !== null ? { status: true } : {}),
    ...(scale ? { scale: { replicas: dotted(scale.specReplicasPath), statusReplicas: dotted(scale.statusReplicasPath), selector: dotted(scale.labelSelectorPath ?? '') } } : {}),
    custom: contentOf(schemaName, schema, family),
    stored: storedForm(`${group}/${version.name}`, schema, family),
    ...(version.deprecated ? { deprecation: version.deprecationWarning ?? `${group}/${version.name} ${names.kind} is deprecated` } : {}),
    default: (object) => defaultCustom(schema, object),
    validate: (object, _at, old) => {
      const errors = checkCustom(schema, object, old)
      // rules may rely on values being what the schema says
      return errors.length > 0 || !hasRules(schema) ? errors : rules().checkAgainstRules(schema, object, old)
    },
    selectableFields: Object.fromEntries((version.selectableFields ?? []).map(({ jsonPath: path }) => [dotted(path), fieldText(path)])),
    columns: columnsOf(version),
  })
}

const dotted = (path: string): string => (simplePath(path) ?? []).join('.')

function fieldText(path: string): (object: KubeObject) => string {
  const find = jsonPath(path)
  return (object) => {
    const [value] = find(object)
    return value === undefined || value === null ? '' : String(value)
  }
}

function contentOf(schemaName: string, schema: JsonSchema, { definition, versions }: Family): CustomContent {
  let types: Schemas | undefined
  return {
    get types() {
      return (types ??= customTypes(schemaName, schema))
    },
    prune: (object) => pruneCustom(schema, object),
    openApi: (dialect) => publishedSchema(schema, dialect),
    definition,
    versions,
  }
}

/** Objects are kept in the storage version, and those from before it became that as they were. */
function storedForm(apiVersion: string, schema: JsonSchema, { conversions, storage }: Family): StoredForm {
  const inVersion = (object: Readonly<KubeObject>, wished: string): Readonly<KubeObject> =>
    object.apiVersion === wished ? object : (conversions?.get(object, wished) ?? { ...object, apiVersion: wished })
  return {
    get kind() {
      const kept = storage()
      return kept.apiVersion === apiVersion ? undefined : kept
    },
    toStored: (object) => inVersion(object, storage().apiVersion),
    fromStored(stored) {
      const object = copyJson(inVersion(stored, apiVersion)) as KubeObject
      pruneCustom(schema, object)
      defaultCustom(schema, object)
      return equalJson(object, stored) ? stored : object
    },
    ...(conversions ? { ask: (objects, wished = apiVersion) => conversions.ask(objects, wished) } : {}),
  }
}

const stages = ['alpha', 'beta', '']

/** Kubernetes' order of versions: v2, v1, v1beta2, v1alpha1, then names that are no versions. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [rankOf(a), rankOf(b)]
  if (!left || !right) return left ? -1 : right ? 1 : a < b ? -1 : a > b ? 1 : 0
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return right[i]! - left[i]!
  return 0
}

function rankOf(version: string): number[] | undefined {
  const [, major, stage = '', minor = '0'] = /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?$/.exec(version) ?? []
  return major === undefined ? undefined : [stages.indexOf(stage), Number(major), Number(minor)]
}
