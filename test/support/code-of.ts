import { EngineError } from '../../engine/errors.ts'

/** The code of the EngineError that work throws or rejects with; other errors pass, and so does success as text. */
export function codeOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof EngineError) return error.code
    throw error
  }
  return 'nothing thrown'
}

/** The EngineError that a promise rejects with. */
export async function failureOf(promise: Promise<unknown>): Promise<EngineError> {
  try {
    await promise
  } catch (error) {
    if (error instanceof EngineError) return error
    throw error
  }
  throw new Error('nothing thrown')
}
