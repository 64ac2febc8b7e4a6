import { EngineError } from '../engine/index.ts'

const MOST_CAUSES = 5

/**
 * What a log is told of an error: type, code, message, its place in a definition or call, stack and causes. Nothing that
 * hangs on it besides, such as the body that a provider answered or the row that a database refused.
 */
export function errorOut(error: unknown): unknown {
  return written(error, 0)
}

function written(error: unknown, depth: number): unknown {
  if (!(error instanceof Error)) return String(error)
  const { name, message, stack, cause } = error
  const code = 'code' in error ? error.code : undefined
  const where = error instanceof EngineError ? error.details.where : undefined
  // an object that is no error says nothing as a text
  const isTold = cause instanceof Error || (cause !== undefined && typeof cause !== 'object')
  return {
    type: name,
    code,
    message,
    where,
    stack,
    ...(isTold && depth < MOST_CAUSES ? { cause: written(cause, depth + 1) } : {}),
  }
}
