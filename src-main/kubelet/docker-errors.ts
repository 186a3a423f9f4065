import { errorMessage } from '../base/log.ts'

interface EngineFailure {
  readonly statusCode?: number
  readonly json?: { readonly message?: string }
}

/** Throws what the engine said, without the client library's wrapping. */
export function engineError(error: unknown): never {
  const said = (error as EngineFailure).json?.message
  throw new Error(said ? `Error response from daemon: ${said}` : errorMessage(error), { cause: error })
}

/** Takes an answer with one of these HTTP codes as done. */
export const ignoring = <T = undefined>(codes: number | readonly number[], instead?: T) => (error: unknown): T => {
  const code = (error as EngineFailure).statusCode
  if (code !== undefined && [codes].flat().includes(code)) return instead as T
  throw error
}
