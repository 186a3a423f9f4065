/** Closes a union: the compiler refuses a case that was forgotten, and so does the running program. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value: ${JSON.stringify(value)}`)
}

/** A programming error, not an input error: `message` says what must have held. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(message)
}
