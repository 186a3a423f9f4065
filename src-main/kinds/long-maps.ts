import { setOwn } from '../base/json.ts'
import type { Steps } from '../base/turns.ts'

type TextMap = Readonly<Record<string, string>>

/** So many entries are put into a map in one step. */
const mostAtOnce = 4096

/** The entries of several maps in a new one, made of each as `make` says; of a key that stands in several the last counts. Rests now and then. */
export function* together(maps: ReadonlyArray<TextMap | undefined>, make: (text: string) => string = (text) => text): Steps<Record<string, string>> {
  const made: Record<string, string> = {}
  let done = 0
  for (const map of maps) {
    for (const key of Object.keys(map ?? {})) {
      setOwn(made, key, make(map![key]!))
      if (++done % mostAtOnce === 0) yield
    }
  }
  return made
}
