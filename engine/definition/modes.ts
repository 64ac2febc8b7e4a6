import type { Mode } from './catalog.ts'

/** The first mode that fits the credentials and settings of an account; undefined when none does. */
export const modeOf = (modes: readonly Mode[], fields: Readonly<Record<string, string>>): Mode | undefined =>
  modes.find(
    ({ match }) => match === undefined || match.some(({ field, pattern }) => pattern.test(fields[field] ?? '')),
  )
