import type { CustomResourceDefinition, CustomResourceDefinitionVersion } from './apiextensions/custom-resource-definition.ts'
import { rules } from './custom/cel-rules.ts'
import { columnsOf } from './custom/columns.ts'
import { type Convert, Conversions } from './custom/conversion.ts'
import { defaultCustom } from './custom/defaulting.ts'
import { deprecationOf } from './custom/deprecation.ts'
import { checkEmbedded, readEmbedded } from './custom/embedded.ts'
import { finalizerWarnings } from './custom/finalizer-warnings.ts'
import { jsonPath } from './custom/json-path.ts'
import { anything, hasRules, type JsonSchema } from './custom/json-schema.ts'
import { publishedSchema } from './custom/open-api.ts'
import { pruneCustom, pruneCustomInSteps } from './custom/pruning.ts'
import { checkListItems } from './custom/list-items.ts'
import { checkScale, checkScaleStatus } from './custom/scale.ts'
import { type Stored, storedForm, wholes } from './custom/stored-form.ts'
import { customTypes } from './custom/types.ts'
import { checkCustom, checkStatus } from './custom/values.ts'
import { compareVersions } from './custom/version-order.ts'
import { type FieldError, FieldPath } from './field-error.ts'
import { type CustomContent, defineKind, type Kind, type Verb } from './kind.ts'
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
  const schemas = new Map(crd.spec.versions.map((version) => [`${crd.spec.group}/${version.name}`, schemaOf(version)]))
  const shared = { definition, conversions, schemaOf: (apiVersion: string) => schemas.get(apiVersion), whole: wholes(schemas, conversions) }
  const all: readonly Version[] = crd.spec.versions.map((version) => ({
    served: version.served, storage: version.storage,
    kind: kindOf(crd, version, { ...shared, versions: () => all.map(({ kind }) => kind), storage: () => storageOf(all) }),
  }))
  return all
}

const schemaOf = ({ schema }: CustomResourceDefinitionVersion): JsonSchema => schema?.openAPIV3Schema ?? anything

/** In the order in which apiextensions tells of them. */
const customVerbs: readonly Verb[] = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch']

/** What the versions of one definition share. */
interface Family extends Stored {
  readonly definition: unknown
  versions(): readonly Kind[]
}

function kindOf(crd: CustomResourceDefinition, version: CustomResourceDefinitionVersion, family: Family): Kind {
  const { group, scope, names: wished } = crd.spec
  const accepted = crd.status?.acceptedNames
  const names = accepted?.kind ? accepted : wished
  const schemaName = `${[...group.split('.').reverse(), version.name, names.kind].join('.')}`
  const schema = schemaOf(version)
  const { status, scale } = version.subresources ?? {}
  const ending = conditionOf(crd.status?.conditions, 'Terminating')?.status === 'True'
  return defineKind<KubeObject>({
    group, version: version.name, kind: names.kind, plural: names.plural, singular: names.singular,
    ...(names.listKind ? { listKind: names.listKind } : {}),
    ...(names.shortNames?.length ? { shortNames: names.shortNames } : {}),
    ...(names.categories?.length ? { categories: names.categories } : {}),
    namespaced: scope === 'Namespaced',
    schema: schemaName,
    verbs: customVerbs,
    ...(ending ? { ending } : {}),
    conditionalUpdate: true,
    generation: true,
    ...(status !== undefined && status !== null ? { status: true, statusKeeps: 'all' } : {}),
    ...(scale ? { scale: { replicas: dotted(scale.specReplicasPath), statusReplicas: dotted(scale.statusReplicasPath), selector: dotted(scale.labelSelectorPath ?? '') } } : {}),
    custom: contentOf(schemaName, schema, family),
    stored: storedForm(`${group}/${version.name}`, family),
    ...(version.deprecated ? { deprecation: deprecationOf(crd.spec, version) } : {}),
    default: (object) => defaultCustom(schema, object),
    ownRules: true,
    validate: (object, _at, old) => withRules(schema, object, old, [
      ...checkCustom(schema, object, old), ...(scale ? checkScale(scale, object) : []), ...checkEmbedded(schema, object), ...checkListItems(schema, object, old),
    ]),
    warn: finalizerWarnings,
    validatePart: (_subresource, object, old) => withRules(schema, object, old as KubeObject, [
      ...checkStatus(schema, object, old), ...(scale ? checkScaleStatus(scale, object) : []), ...checkListItems(schema, object, old),
    ]),
    selectableFields: Object.fromEntries((version.selectableFields ?? []).map(({ jsonPath: path }) => [dotted(path), fieldText(path)])),
    columns: columnsOf(version),
  })
}

/** hasBlockingErr of apiextensions' customresource strategy. */
const blocksRules: ReadonlySet<FieldError['reason']> = new Set(['FieldValueNotSupported', 'FieldValueRequired', 'FieldValueTooLong', 'FieldValueTooMany', 'FieldValueTypeInvalid'])
const unchecked = new FieldPath().invalid(null, 'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation')

/** Rules may rely on values being of the type and the size that the schema says. */
function withRules(schema: JsonSchema, object: KubeObject, old: KubeObject | undefined, errors: FieldError[]): FieldError[] {
  if (!hasRules(schema)) return errors
  return errors.some(({ reason }) => blocksRules.has(reason)) ? [...errors, unchecked] : [...errors, ...rules().checkAgainstRules(schema, object, old)]
}

const dotted = (path: string): string => path.replace(/^\./, '')

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
    prune: (object, keepsNulls) => pruneCustom(schema, object, keepsNulls),
    pruneInSteps: (object, keepsNulls) => pruneCustomInSteps(schema, object, keepsNulls),
    readEmbedded: (object) => readEmbedded(schema, object),
    openApi: (dialect) => publishedSchema(schema, dialect),
    definition,
    versions,
  }
}
