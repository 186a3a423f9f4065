import type { KubeObject } from '../../kinds/meta.ts'
import { checkApplied, toldTogether } from './check-applied.ts'
import type { Owner, Owners } from './entries.ts'
import type { FormIn } from './other-forms.ts'
import type { Shapes } from './shapes.ts'
import { comparable } from './track.ts'

/** An object has what a version's types do not know, so that nobody can say who owns its fields; Kubernetes' sentence. */
export class Unfitting extends Error {
  override readonly name = 'Unfitting'
}

export interface Fitted {
  readonly schema: string
  readonly apiVersion: string
  readonly shapes?: Shapes | undefined
  readonly formIn?: FormIn | undefined
}

/** The versions of a custom resource, besides the request's, that owners wrote in. */
export const otherVersions = ({ apiVersion, shapes, formIn }: Fitted, owners: Owners): ReadonlySet<string> =>
  new Set(shapes && formIn ? [...owners.values()].map((owner) => versionOf(owner, apiVersion)).filter((version) => version !== apiVersion) : [])

export const versionOf = ({ entry }: Owner, otherwise: string): string => entry.apiVersion ?? otherwise

/** A version that is gone fits anything: what was owned in it is let go elsewhere. @throws Unfitting */
export function mustFit({ schema, apiVersion, shapes, formIn }: Fitted, object: Readonly<KubeObject>, version: string, where = ''): void {
  const form = version === apiVersion ? { schema, shapes, of: () => object } : formIn?.(version)
  if (!form?.shapes) return
  const mistakes = checkApplied(form.schema, comparable(form.of(object)), form.shapes, { duplicates: true })
  if (mistakes.length > 0) throw new Unfitting(`${where}${toldTogether(mistakes)}`)
}
