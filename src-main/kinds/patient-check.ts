import { Judgements } from '../base/long-work.ts'
import type { Steps } from '../base/turns.ts'
import { type FieldError, FieldPath, TooManyMistakes } from './field-error.ts'
import type { KubeObject } from './meta.ts'

/**
 * A kind's `validate` made of a check that takes long for large objects. It may look at everything but what the server says
 * of an object, and `old`.
 */
export function patientCheck<T extends KubeObject>(check: (object: T, root: FieldPath, old: T | undefined) => Steps<FieldError[]>): (object: T, at: FieldPath, old?: T) => FieldError[] {
  const known = new Judgements<readonly FieldError[]>()
  return (object, _at, old) => [...known.on(() => [withoutServer(object), old && withoutServer(old)], () => told(check, object, old))]
}

const withoutServer = (object: KubeObject): object => ({ ...object, metadata: { name: object.metadata.name }, status: undefined })

/** Of very much the beginning. */
function* told<T extends KubeObject>(check: (object: T, root: FieldPath, old: T | undefined) => Steps<FieldError[]>, object: T, old: T | undefined): Steps<readonly FieldError[]> {
  try {
    return yield* check(object, FieldPath.bounded(), old)
  } catch (error) {
    if (error instanceof TooManyMistakes) return error.told
    throw error
  }
}
