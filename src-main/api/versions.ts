import { kinds } from '../kinds/index.ts'
import type { AnyKind } from '../kinds/kind.ts'
import type { KubeObject } from '../kinds/meta.ts'
import { kindPrefix } from './keys.ts'

const builtIn: ReadonlyMap<string, readonly AnyKind[]> = Map.groupBy(kinds, kindPrefix)

/** Every version that the same objects are known in, this one among them. */
export const versionsOf = (kind: AnyKind): readonly AnyKind[] => kind.custom?.versions() ?? builtIn.get(kindPrefix(kind)) ?? [kind]

export const versionOf = (kind: AnyKind, apiVersion: string): AnyKind | undefined => versionsOf(kind).find((known) => known.apiVersion === apiVersion)

/** An object as another version of its kind shows it. Changes nothing. @throws Unconverted */
export function inVersion(from: AnyKind, to: AnyKind, object: Readonly<KubeObject>): Readonly<KubeObject> {
  if (from === to || from.apiVersion === to.apiVersion) return object
  // a definition's versions are converted to each other, without the one in between
  const stored = from.custom ? object : (from.stored?.toStored(object) ?? object)
  return to.stored?.fromStored(stored) ?? stored
}
