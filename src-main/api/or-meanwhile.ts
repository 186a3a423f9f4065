import { isAlreadyExists, isConflict, isNotFound } from '../kinds/status-error.ts'

/** A write of the server's own that somebody else was quicker with: their change sets off the next look. */
export async function orMeanwhile(write: Promise<unknown>): Promise<void> {
  try {
    await write
  } catch (error) {
    if (!isConflict(error) && !isAlreadyExists(error) && !isNotFound(error)) throw error
  }
}
