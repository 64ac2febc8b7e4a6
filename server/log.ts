import { pino } from 'pino'
import type { Log } from '../engine/index.ts'
import { errorOut } from './log-error.ts'

const BUFFER_BYTES = 4_096
const FLUSH_MS = 250

/**
 * The structured log on standard error: JSON lines, without bodies, secrets or values of query strings. Lines are written
 * in batches, at the latest after a quarter of a second, at every warning or error, and when the process ends.
 */
export function createLog(level: string): Log {
  const target = pino.destination({ fd: 2, sync: true, minLength: BUFFER_BYTES })
  const logger = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, serializers: { err: errorOut } },
    target,
  )
  // flushSync would wait for the disk as well.
  const write = (): void => target.flush()
  setInterval(write, FLUSH_MS).unref()
  process.once('exit', () => target.flushSync())
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => {
      logger.warn(fields, message)
      write()
    },
    error: (fields, message) => {
      logger.error(fields, message)
      write()
    },
  }
}

/** A log that tells nothing. */
export const SILENT_LOG: Log = Object.freeze({
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
})
