/** One structured log line: a constant message, the facts as fields. */
export interface Logger {
  debug(message: string, fields?: object): void
  info(message: string, fields?: object): void
  warn(message: string, fields?: object): void
  error(message: string, fields?: object): void
  /** A logger that adds `fields` to every line. */
  with(fields: object): Logger
}

/** An error's message for a log field or a condition, without its stack. */
export const errorMessage = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)

export const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  with: () => silent,
}
