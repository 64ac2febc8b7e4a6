import sonicBoom from 'sonic-boom'
import type { Log } from '../engine/index.ts'
import { errorOut } from './log-error.ts'
import { LEVELS, type LogLevel } from './log-level.ts'

const BUFFER_BYTES = 8_192
const FLUSH_MS = 250

type Fields = Readonly<Record<string, unknown>>

/**
 * The structured log on standard error: JSON lines, without bodies, secrets or values of query strings. Lines are written
 * in batches, at the latest after a quarter of a second, at every warning or error, and when the process ends.
 */
export function createLog(level: LogLevel): Log {
  const target = new sonicBoom.SonicBoom({ fd: 2, sync: true, minLength: BUFFER_BYTES })
  // Whoever read it has gone: there is nobody left to tell, and what comes would wait in memory for ever.
  let isBroken = false
  target.on('error', () => {
    isBroken = true
  })
  // flushSync would wait for the disk as well.
  const write = (): void => {
    if (!isBroken) target.flush()
  }
  setInterval(write, FLUSH_MS).unref()
  process.once('exit', () => {
    if (!isBroken) target.flushSync()
  })
  const least = LEVELS[level]
  const told = (name: LogLevel, isUrgent: boolean) => (fields: Fields, message: string) => {
    if (LEVELS[name] < least || isBroken) return
    target.write(lineOf(name, fields, message))
    if (isUrgent) write()
  }
  return {
    debug: told('debug', false),
    info: told('info', false),
    warn: told('warn', true),
    error: told('error', true),
  }
}

/** A line of the log. Of an error in `err` it has what `errorOut` tells; what cannot be written is said so. */
export function lineOf(level: LogLevel, fields: Fields, message: string): string {
  return `{"level":${LEVELS[level]},"time":"${timeText()}",${fieldsText(fields)}"msg":${JSON.stringify(message)}}\n`
}

function fieldsText(fields: Fields): string {
  try {
    const text = JSON.stringify('err' in fields ? { ...fields, err: errorOut(fields.err) } : fields)
    return text === '{}' ? '' : `${text.slice(1, -1)},`
  } catch {
    return '"fields":"cannot be written",'
  }
}

let knownSecond = 0
let secondText = ''

/** Now in RFC 3339; the part up to the second is made once a second. */
function timeText(): string {
  const now = Date.now()
  const second = Math.floor(now / 1000)
  if (second !== knownSecond) {
    knownSecond = second
    secondText = new Date(now).toISOString().slice(0, 20)
  }
  return `${secondText}${String(now % 1000).padStart(3, '0')}Z`
}

/** A log that tells nothing. */
export const SILENT_LOG: Log = Object.freeze({
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
})
