import { pino } from 'pino'
import type { Log } from '../engine/index.ts'

/** The structured log on standard error: JSON lines, without bodies, secrets or values of query strings. */
export function createLog(level: string): Log {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ fd: 2, sync: true }))
}

/** A log that tells nothing, for tools that print by themselves. */
export const SILENT_LOG: Log = Object.freeze({
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
})
