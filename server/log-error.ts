const MOST_CAUSES = 5

/**
 * What a log is told of an error: type, code, message, stack and causes. Nothing that hangs on it, such as the body that
 * a provider answered or the row that a database refused.
 */
export function errorOut(error: unknown): unknown {
  return written(error, 0)
}

function written(error: unknown, depth: number): unknown {
  if (!(error instanceof Error)) return String(error)
  const { name, message, stack, cause } = error
  const code = 'code' in error ? error.code : undefined
  const isEnd = cause === undefined || depth === MOST_CAUSES
  return { type: name, code, message, stack, ...(isEnd ? {} : { cause: written(cause, depth + 1) }) }
}
