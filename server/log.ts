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
  const logger = pino({ level, base: null, timestamp: timeText, serializers: { err: errorOut } }, target)
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

let knownSecond = 0
let secondText = ''

/** Now in RFC 3339, as pino wants it; the part up to the second is made once a second. */
function timeText(): string {
  const now = Date.now()
  const second = Math.floor(now / 1000)
  if (second !== knownSecond) {
    knownSecond = second
    secondText = new Date(now).toISOString().slice(0, 20)
  }
  return `,"time":"${secondText}${String(now % 1000).padStart(3, '0')}Z"`
}

/** A log that tells nothing. */
export const SILENT_LOG: Log = Object.freeze({
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
})
