import type { EngineError } from '../../../engine/index.ts'
import type { Settings } from '../../config.ts'

/** What one look at the installation found. */
export interface Finding {
  readonly name: string
  readonly status: 'ok' | 'warn' | 'fail'
  readonly message: string
  /** What to do about it; wanted unless all is well. */
  readonly repair?: string | undefined
}

/** What a look works with. */
export interface Patient {
  readonly settings: Settings
  /** The present, in milliseconds since 1970. */
  readonly now: () => number
  /** Whether hosts beyond this machine may be asked. */
  readonly isOnline: boolean
}

/** Looks at one thing. */
export type Look = (patient: Patient) => readonly Finding[] | Promise<readonly Finding[]>

/** All is well. */
export const ok = (name: string, message: string): Finding => ({ name, status: 'ok', message })

/** It works, and something is to be known. */
export const warn = (name: string, message: string, repair: string): Finding => ({
  name,
  status: 'warn',
  message,
  repair,
})

/** It does not work. */
export const fail = (name: string, message: string, repair: string): Finding => ({
  name,
  status: 'fail',
  message,
  repair,
})

/** A failure as it is told: its message, and its hint as what to do. */
export const failed = (name: string, { message, details }: EngineError, repair = ''): Finding =>
  fail(name, message, details.hint ?? repair)
