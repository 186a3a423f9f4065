import { type AnyKind, type Column, keptKind } from '../kinds/kind.ts'
import type { KubeObject } from '../kinds/meta.ts'
import { fieldOf, typeOf } from '../kinds/schemas.ts'

interface FieldDocs {
  readonly fields?: Readonly<Record<string, string>>
}

const metaType = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'

/** What each column says about itself: its own words, or those of the field it shows, in the version that is kept. Loads the documentation when first needed. */
export async function columnDescriptions(kind: AnyKind, columns: ReadonlyArray<Column<KubeObject>>): Promise<readonly string[]> {
  const docs = (await import('../kinds/generated/docs.json', { with: { type: 'json' } })).default as unknown as Readonly<Record<string, FieldDocs>>
  const { schema } = keptKind(kind)
  return columns.map(({ description, of }) => description ?? (of === undefined ? '' : withoutValues(wordsOf(schema, of.split('.'), docs))))
}

/** What OpenAPI adds to a field's own words stands in no table. */
const withoutValues = (words: string): string => words.split('\n\nPossible enum values:')[0]!

function wordsOf(type: string, [first = '', ...rest]: readonly string[], docs: Readonly<Record<string, FieldDocs>>): string {
  if (rest.length === 0) return docs[type]?.fields?.[first] ?? ''
  const field = fieldOf(typeOf(type) ?? { fields: {} }, first)
  // every kind has it, also one whose structure is not described
  const next = first === 'metadata' ? metaType : (field?.ref ?? field?.items?.ref)
  return next ? wordsOf(next, rest, docs) : ''
}
