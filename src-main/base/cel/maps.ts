import { call, type Library } from './declarations.ts'
import { map, param } from './types.ts'
import { type AnyMap, Failure, find } from './values.ts'
import { goText } from './value-text.ts'

const [k, v] = [param('K'), param('V')]
const mapKV = map(k, v)

/** Nobody else has the map yet, so it may grow as it is. */
function insert(made: Map<unknown, unknown>, key: unknown, value: unknown): unknown {
  if (find(made, key) !== undefined) return new Failure(`insert failed: key ${goText(key)} already exists`)
  return made.set(key, value)
}

function insertAll(made: Map<unknown, unknown>, more: AnyMap): unknown {
  for (const key of more.keys()) {
    const done = insert(made, key, find(more, key))
    if (done instanceof Failure) return done
  }
  return made
}

/** What macros with two variables make maps with. */
export const mapLibrary: Library = {
  functions: { 'cel.@mapInsert': [call([mapKV, k, v], mapKV, insert), call([mapKV, mapKV], mapKV, insertAll)] },
}
