/** What a line of the log may be, and `silent` for no line at all; the numbers are those of bunyan and pino. */
export const LEVELS = { debug: 20, info: 30, warn: 40, error: 50, silent: Number.POSITIVE_INFINITY } as const

/** Name of a level. */
export type LogLevel = keyof typeof LEVELS

/** The names of all levels. */
export const LOG_LEVELS = Object.keys(LEVELS) as readonly LogLevel[]

/** Whether a text names a level. */
export const isLogLevel = (text: string): text is LogLevel => Object.hasOwn(LEVELS, text)
